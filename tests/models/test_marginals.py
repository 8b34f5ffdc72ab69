"""p_t of the data: against closed forms, whole at every time, and worked out once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.observations import _marginals, _pairs
from models.observations._picture_units import PictureUnits
from models.samplers import SAMPLERS
from models.training.witness import Witness

GAUSSIAN = {
    "key": "gaussian_mixture",
    "means": [[1.5, -0.5]],
    "covariances": [[[0.5, 0.2], [0.2, 0.3]]],
    "weights": [],
}
SMALL = {"architecture": {"key": "mlp", "width": 8, "depth": 1}, "batch_size": 64}
EXPLODING = {"key": "score_based", "schedule": "variance_exploding"}


def looker(family, data, **recipe) -> Witness:
    recipe = {"latent": {"key": "gaussian", "dimension": 1 if data in LINES else 2}, **SMALL, **recipe}
    made = Witness(Experiment.from_dict({"family": family, "data": data, **recipe}), points=500)
    model = made.game.model
    assert isinstance(model, DenoisingModel)
    model.start(model.inward(made.subject.real), torch.Generator())
    return made


LINES = ("gaussian_mixture_1d", "segment")


def seen(made: Witness) -> dict[str, np.ndarray]:
    pictures, missing = made.observe(["marginals"])
    assert not missing
    return dict(pictures["marginals"])


def middles(arrays, axis: int) -> np.ndarray:
    low, high, side = arrays["bounds"][axis], arrays["bounds"][axis + 2], arrays["density"].shape[1]
    return low + (np.arange(side) + 0.5) * (high - low) / side


@pytest.mark.parametrize("family", ["diffusion", "flow_matching", EXPLODING], ids=str)
def test_a_noised_gaussian_is_the_gaussian_that_it_must_be(family):
    made = looker(family, GAUSSIAN)
    arrays, model = seen(made), made.game.model
    units = PictureUnits.of(model)
    assert float(units.scale[0]) == pytest.approx(np.sqrt(0.4), rel=0.1)  # standardised: not the trivial case
    points = np.stack(np.meshgrid(middles(arrays, 0), middles(arrays, 1)), -1)
    for frame in (0, 3, len(arrays["time"]) // 2):
        assert arrays["exact"][frame]
        t = float(arrays["time"][frame])
        level, c, centre, s = model.process.at(t), units.shrinkage(t), units.centre.numpy(), float(units.scale[0])
        alpha, sigma = float(level.alpha) / c, s * float(level.sigma) / c
        covariance = alpha**2 * np.array(GAUSSIAN["covariances"][0]) + sigma**2 * np.eye(2)
        law = stats.multivariate_normal(centre + alpha * (np.array([1.5, -0.5]) - centre), covariance)
        np.testing.assert_allclose(arrays["density"][frame], law.pdf(points), rtol=2e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("family", "data"),
    [("diffusion", "ring"), ("flow_matching", "checkerboard"), (EXPLODING, "moons"), ("flow_matching", "sine_ring"),
     ("diffusion", "gaussian_mixture_1d")],
    ids=str,
)  # fmt: skip
def test_nothing_is_lost_on_the_way(family, data):
    arrays = seen(looker(family, data))
    d = arrays["density"].ndim - 1
    cells = arrays["bounds"][2 : 2 + d] - arrays["bounds"][:d]
    cell = (cells / arrays["density"].shape[1]).prod()
    np.testing.assert_allclose(arrays["density"].reshape(len(arrays["time"]), -1).sum(1) * cell, 1, atol=0.03)
    assert (arrays["density"] >= 0).all()


@pytest.mark.parametrize("data", ["ring", "gaussian_mixture_1d"])
def test_counted_cells_blurred_by_the_noise_are_the_closed_form(data, monkeypatch):
    made = looker("flow_matching", data)
    exact = seen(made)
    made.subject.kept.clear()
    monkeypatch.setattr(_marginals, "_closed", None)
    monkeypatch.setattr(type(made.experiment.data), "capabilities", frozenset({"sample"}))
    counted = seen(made)
    assert exact["exact"][:-1].all()
    assert not counted["exact"].any()
    for frame in (0, 5, 10, 15):
        top = exact["density"][frame].max()
        np.testing.assert_allclose(counted["density"][frame], exact["density"][frame], atol=0.04 * top)


def test_paths_of_some_width_are_noise_that_is_there_at_all_times():
    made = looker("flow_matching", "gaussian_mixture", objective={"key": "conditional_flow_matching", "width": 0.3})
    arrays = seen(made)
    assert arrays["exact"].all()
    model = made.game.model
    law = made.experiment.data.noised(1.0, 0.3 * float(model.denoiser.scale))
    points = np.stack(np.meshgrid(middles(arrays, 0), middles(arrays, 1)), -1).reshape(-1, 2)
    wide = law.log_prob(torch.from_numpy(points).float()).exp().view(arrays["density"][-1].shape).numpy()
    np.testing.assert_allclose(arrays["density"][-1], wide, atol=1e-3 * wide.max())


def test_pairs_are_counted_where_noise_and_data_belong_together():
    source = {"key": "gaussian_mixture", "dimension": 2}
    made = looker("flow_matching", "moons", latent=source)
    arrays = seen(made)
    assert not arrays["exact"].any()
    units, latent = PictureUnits.of(made.game.model), made.experiment.latent
    points = np.stack(np.meshgrid(middles(arrays, 0), middles(arrays, 1)), -1).reshape(-1, 2)
    z = units.inward(torch.from_numpy(points).float())
    first = (latent.log_prob(z).exp() / units.scale.prod()).view(arrays["density"][0].shape).numpy()
    overlap = np.minimum(first, arrays["density"][0]).sum() / first.sum()
    assert overlap > 0.85  # blurred by a cell and a half, from 10,000 pairs
    straight, short = (
        seen(looker("flow_matching", "moons", objective={"key": "conditional_flow_matching", "coupling": coupling}))
        for coupling in ("independent", "optimal_transport")
    )
    middle = len(short["time"]) // 2
    apart = np.abs(straight["density"][middle] - short["density"][middle]).max()
    assert apart > 0.05 * straight["density"][middle].max()


def test_in_a_later_round_of_reflow_the_pairs_are_the_ends_of_the_teachers_paths():
    made = looker({"key": "flow_matching", "reflows": 1}, "ring")
    model, before = made.game.model, _pairs.paths(made.subject, 64)
    model.denoiser.follow(model.network.theta)
    model.denoiser.begin(1)
    after = _pairs.paths(made.subject, 64)
    assert not torch.equal(before.data, after.data)
    *_, last = model.states(after.source, SAMPLERS.parse({"key": "euler", "steps": 100}))
    assert not torch.allclose(last.u, after.data, atol=1e-3)  # the teacher is the mean, not the present weights
    model.network.theta.copy_(model.denoiser.teacher)
    *_, last = model.states(after.source, SAMPLERS.parse({"key": "euler", "steps": 100}))
    torch.testing.assert_close(last.u, after.data)


def test_it_is_worked_out_once_for_a_run_and_a_sampler():
    made = looker("flow_matching", "ring")
    first, _ = _marginals.marginals(made.subject)
    values = torch.cat([made.game.model.network.values, made.game.model.network.values])
    values[:50] += 0.1
    made.load(values.numpy())
    assert _marginals.marginals(made.subject)[0] is first
    fewer = {"key": "flow_matching", "sampler": {"key": "euler", "steps": 7}}
    made.adopt(Experiment.from_dict({**made.experiment.to_dict(), "family": fewer}))
    other, _ = _marginals.marginals(made.subject)
    assert other.shape == (8, 72, 72)


@pytest.mark.parametrize(("recipe", "reason"), [
    ({"data": "ring"}, "no way from noise to data"),
    ({"data": "digits", "family": "diffusion", "latent": {"key": "gaussian", "dimension": 64}}, "at most 2"),
])  # fmt: skip
def test_what_cannot_be_seen_says_why(recipe, reason):
    _, missing = Witness(Experiment.from_dict({**SMALL, **recipe}), points=50).observe(["marginals", "denoising_field"])
    assert set(missing) == {"marginals", "denoising_field"}
    assert all(reason in text for text in missing.values())
