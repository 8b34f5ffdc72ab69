"""Encoded data and the likelihood of single samples, as arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm

from models.experiment import Experiment
from models.observations._direction import hue
from models.training.witness import Witness

SMALL = {"key": "spline_flow", "count": 1, "width": 8, "depth": 1}


def witness(**recipe) -> Witness:
    return Witness(Experiment.from_dict({"data": "moons", "family": SMALL, "batch_size": 16, **recipe}), points=300)


def seen(looker: Witness, key: str) -> dict[str, np.ndarray]:
    pictures, missing = looker.observe([key])
    assert not missing
    return dict(pictures[key])


def test_pushing_what_was_encoded_gives_the_data_back():
    looker = witness()
    arrays = seen(looker, "encoded")
    x = torch.from_numpy(looker.scene()["real"][: len(arrays["z"])])
    torch.testing.assert_close(looker.game.model.push(torch.from_numpy(arrays["z"])), x, atol=1e-3, rtol=1e-3)


def test_encoded_data_have_the_hue_of_where_they_came_from():
    looker = witness()
    arrays = seen(looker, "encoded")
    x = looker.subject.real[: len(arrays["hue"])]
    offset = (x - looker.subject.real.mean(0)).numpy().astype(float)
    expected = np.arctan2(offset[:, 1], offset[:, 0]) / (2 * math.pi) % 1.0
    apart = np.abs(arrays["hue"] - expected)
    assert np.minimum(apart, 1 - apart).max() < 1e-5
    assert torch.equal(hue(x, looker.subject), torch.from_numpy(arrays["hue"]))


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_law_of_noise_is_drawn_beside_them(k):
    data = {1: "gaussian_mixture_1d", 2: "moons", 5: "digits"}[k]
    latent = {"key": "gaussian", "dimension": k}
    family = {"key": "variational_autoencoder"} if k == 5 else SMALL
    looker = witness(data=data, latent=latent, family=family)
    p, extent = seen(looker, "encoded")["p"], looker.game.model.latent.extent
    line = np.linspace(-extent, extent, len(p))
    if k == 1:
        np.testing.assert_allclose(p, norm.pdf(line), rtol=1e-5)
    else:
        exact = norm.pdf(line)[:, None] * norm.pdf(line)
        np.testing.assert_allclose(p, exact, atol=1e-6 if k == 2 else 0.01)


def test_a_family_without_a_way_back_says_so():
    _, missing = witness(family="pushforward").observe(["encoded", "sample_likelihood"])
    assert missing == {
        "encoded": "Pushforward has no way back from x to z.",
        "sample_likelihood": "Pushforward has no exact density.",
    }


def test_each_sample_has_its_own_likelihood():
    looker = witness()
    arrays = seen(looker, "sample_likelihood")
    x = torch.from_numpy(arrays["x"])
    assert torch.equal(x, looker.subject.real[: len(x)])
    assert arrays["log_q"] == pytest.approx(looker.game.model.log_prob(x).numpy(), abs=1e-5)
    assert arrays["log_p"] == pytest.approx(looker.experiment.data.log_prob(x).numpy(), abs=1e-5)
    # Gibbs: what is not the data's law gives the data less, on average.
    assert arrays["log_q"].mean() < arrays["log_p"].mean()


def test_data_without_a_known_law_have_the_model_s_likelihood_alone(tmp_path):
    numbers = np.random.default_rng(0).normal(size=(300, 2)) * 5 + 3
    np.savetxt(tmp_path / "points.csv", numbers, delimiter=",", header="a,b", comments="")
    looker = witness(data={"key": "table", "path": str(tmp_path / "points.csv")})
    arrays = seen(looker, "sample_likelihood")
    assert set(arrays) == {"x", "log_q"}
    own = looker.game.model.log_prob(torch.from_numpy(arrays["x"]))
    assert arrays["log_q"] == pytest.approx(own.numpy(), abs=1e-5)


def test_there_is_no_best_critic_where_nobody_plays_one():
    _, missing = witness().observe(["optimal_critic"])
    assert missing == {
        "optimal_critic": "“maximum likelihood” has no critic that could be held against the best one.",
    }
