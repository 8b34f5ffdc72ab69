"""The way through one place: known of a Gaussian, and without chance it leads back to its noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.observations._exact_field import exact_field
from models.observations._picture_units import PictureUnits
from models.samplers import SAMPLERS
from models.training.witness import Witness

GAUSSIAN = {
    "key": "gaussian_mixture",
    "means": [[1.5, -0.5]],
    "covariances": [[[0.36, 0.0], [0.0, 0.36]]],
    "weights": [],
}
SMALL = {"architecture": {"key": "mlp", "width": 16, "depth": 1}, "batch_size": 16}


def looker(family, data=GAUSSIAN, **recipe) -> tuple[Witness, DenoisingModel]:
    d = 1 if data == "gaussian_mixture_1d" else 2
    latent = {"key": "gaussian", "dimension": d}
    made = Witness(
        Experiment.from_dict({"family": family, "data": data, "latent": latent, **SMALL, **recipe}), points=500
    )
    model = made.game.model
    assert isinstance(model, DenoisingModel)
    model.start(torch.randn(500, d, generator=torch.Generator().manual_seed(3)) * 0.7 + 0.4, torch.Generator())
    return made, model


def asked(made, x, time, **more):
    return made.answer("path", {"x": np.array([x], np.float32), "time": np.float32(time), **more})


@pytest.mark.parametrize(
    "family",
    [
        {"key": "diffusion", "levels": 1000, "sampler": {"key": "runge_kutta", "steps": 40}},
        {"key": "score_based", "schedule": "variance_exploding", "sampler": {"key": "runge_kutta", "steps": 60}},
        {"key": "flow_matching", "sampler": {"key": "runge_kutta", "steps": 20}},
    ],
    ids=lambda family: family["key"],
)
def test_with_the_exact_field_of_a_gaussian_the_place_keeps_its_share_of_the_deviation(family, monkeypatch):
    made, model = looker(family)
    monkeypatch.setattr(model, "field", lambda labels=None: exact_field(model, made.experiment.data))
    units, start, mean, std = PictureUnits.of(model), 0.4, np.array([1.5, -0.5]), 0.6
    answer = asked(made, [2.2, 0.3], start)

    def law(t: float) -> tuple[np.ndarray, float]:
        """Mean and deviation of the noised Gaussian at a time in the picture."""
        level, c, s = model.process.at(t), units.shrinkage(t), float(units.scale[0])
        a = float(level.alpha) / c
        centre = units.centre.numpy()
        return centre + a * (mean - centre), np.hypot(a * std, s * float(level.sigma) / c)

    here, spread = law(float(np.float32(start)))
    share = (np.array([2.2, 0.3]) - here) / spread
    noised = answer["times"] > 0
    assert noised.sum() > 15
    known = np.stack([law(float(t))[0] + law(float(t))[1] * share for t in answer["times"][noised]])
    np.testing.assert_allclose(answer["path"][noised], known, atol=2e-3)
    np.testing.assert_allclose(answer["path"][int(answer["at"])], [2.2, 0.3], atol=1e-5)
    end = law(0.0)[0] + law(0.0)[1] * share
    np.testing.assert_allclose(answer["path"][-1], end, atol=0.03)  # without the last of the noise


DETERMINISTIC = [member.key for member in SAMPLERS if "deterministic" in member.capabilities]


@pytest.mark.parametrize("sampler", DETERMINISTIC)
@pytest.mark.parametrize("family", ["diffusion", "flow_matching"])
def test_without_chance_any_place_of_a_way_has_the_whole_way(family, sampler):
    few = {"steps": 12} if "steps" in SAMPLERS[sampler].model_fields else {}
    # Fresh weights that say v go neither to the ends of the world nor stand still.
    said = {"prediction": "v"} if family == "diffusion" else {}
    made, model = looker({"key": family, "sampler": {"key": sampler, **few}, **said}, "ring")
    z = torch.tensor([[0.9, -1.3]])
    states = list(model.states(z))
    units = PictureUnits.of(model)
    whole = asked(made, units.outward(states[0].u)[0].tolist(), 1.0)
    np.testing.assert_allclose(whole["path"][-1], model.push(z)[0], atol=2e-4)
    assert whole["at"] == 0
    assert len(whole["others"]) == 0
    middle = states[len(states) // 2]
    again = asked(made, units.outward(middle.u)[0].tolist(), middle.time)
    np.testing.assert_allclose(again["path"][-1], model.push(z)[0], atol=2e-3)
    # To a tolerance of 1e-3, steps that are chosen otherwise lead elsewhere by a little.
    near = 2e-2 if sampler == "adaptive" else 5e-3
    np.testing.assert_allclose(again["path"][0], units.outward(states[0].u)[0], atol=near)
    assert again["times"][0] == 1.0
    assert (np.diff(again["times"]) <= 0).all()


def test_where_chance_enters_several_ways_begin_at_the_place_and_none_leads_back():
    made, _ = looker({"key": "diffusion", "sampler": "ancestral"}, "ring")
    answer = asked(made, [0.5, 0.2], 0.5)
    ways = np.concatenate([answer["path"][None], answer["others"]])
    assert ways.shape == (8, len(answer["times"]), 2)
    assert answer["at"] == 0
    assert answer["times"][0] == pytest.approx(0.5)
    np.testing.assert_allclose(ways[:, 0], np.tile([0.5, 0.2], (8, 1)), atol=1e-5)
    assert (ways[:, -1].std(0) > 0.05).all()
    np.testing.assert_array_equal(asked(made, [0.5, 0.2], 0.5)["others"], answer["others"])


def test_a_class_leads_elsewhere_and_numbers_have_ways_too():
    made, _ = looker({"key": "diffusion", "sampler": "ddim", "conditional": True}, "ring")
    ends = [asked(made, [0.5, 0.2], 0.9, label=np.int64(label))["path"][-1] for label in (-1, 0, 3)]
    assert len({tuple(end.tolist()) for end in ends}) == 3
    made, _ = looker("flow_matching", "gaussian_mixture_1d")
    assert asked(made, [0.3], 0.5)["path"].shape == (21, 1)


def test_a_family_without_a_way_refuses():
    with pytest.raises(KeyError, match="no way"):
        asked(Witness(Experiment.from_dict({"data": "ring", **SMALL}), points=100), [0.0, 0.0], 0.5)


@pytest.mark.parametrize("sampler", ["euler", "ddim", "ancestral"])
def test_where_the_weights_are_no_numbers_there_is_no_answer(sampler):
    made, model = looker({"key": "diffusion", "sampler": sampler}, "ring")
    model.network.theta.fill_(torch.nan)
    assert asked(made, [0.5, 0.2], 0.5) == {}
