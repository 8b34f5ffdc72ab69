"""The field of a net and the exact one in the data units of pictures: the error is what it was made to be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy.interpolate import RegularGridInterpolator

from models.experiment import Experiment
from models.families._denoising import DenoisingModel
from models.observations._exact_field import exact_field
from models.observations._picture_units import PictureUnits
from models.samplers import Field
from models.training.witness import Witness

SMALL = {"architecture": {"key": "mlp", "width": 8, "depth": 1}, "batch_size": 64}
EXPLODING = {"key": "score_based", "schedule": "variance_exploding", "sampler": {"key": "runge_kutta", "steps": 40}}
FAMILIES = [{"key": "diffusion", "sampler": {"key": "runge_kutta", "steps": 40}}, EXPLODING]


def looker(family: Any, data: Any = "moons", **recipe: Any) -> tuple[Witness, DenoisingModel]:
    d = 1 if data == "gaussian_mixture_1d" else 2
    parts = {"family": family, "data": data, "latent": {"key": "gaussian", "dimension": d}, **SMALL, **recipe}
    made = Witness(Experiment.from_dict(parts), points=500)
    model = made.game.model
    assert isinstance(model, DenoisingModel)
    model.start(made.subject.real, torch.Generator())
    return made, model


def seen(made: Witness) -> dict[str, np.ndarray]:
    pictures, missing = made.observe(["denoising_field"])
    assert not missing
    return dict(pictures["denoising_field"])


class Shifted(Field):
    """The exact field, whose noise is off by the same vector everywhere."""

    def __init__(self, field: Field, by: float) -> None:
        self.process, self._field, self._by = field.process, field, by

    def split(self, u, t):
        clean, noise = self._field.split(u, t)
        return clean, noise + self._by


@pytest.mark.parametrize("family", ["diffusion", EXPLODING], ids=str)
def test_noise_that_is_off_by_a_known_vector_makes_a_known_error(family, monkeypatch):
    made, model = looker(family)
    exact = exact_field(model, made.experiment.data)
    monkeypatch.setattr(model, "field", lambda labels=None: Shifted(exact, 0.1))
    arrays, units, off = seen(made), PictureUnits.of(model), 0.1 * np.sqrt(2)
    for frame, t in enumerate(arrays["time"].tolist()):
        level, c, s = model.process.at(t), units.shrinkage(t), float(units.scale[0])
        np.testing.assert_allclose(arrays["score_error"][frame], off / float(level.sigma) * c / s, rtol=2e-2)
        np.testing.assert_allclose(arrays["velocity_error"][frame], off * float(level.sigma_slope) / c * s, rtol=2e-2)
    difference = np.linalg.norm(arrays["score"] - arrays["score_exact"], axis=2)
    np.testing.assert_allclose(difference[3], arrays["score_error"][3], rtol=1e-2)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family["key"])
def test_the_score_is_the_slope_of_the_density_that_is_seen(family):
    made, _ = looker(family)
    fields = seen(made)
    pictures, _ = made.observe(["marginals"])
    density, (left, bottom, right, _) = pictures["marginals"]["density"], fields["bounds"]
    frame, side = len(density) // 3, density.shape[1]
    middles = (np.arange(side) + 0.5) * (right - left) / side
    height = RegularGridInterpolator((bottom + middles, left + middles), np.log(density[frame]), method="cubic")
    near = np.linalg.norm(fields["grid"] - fields["grid"].mean(0), axis=1) < 0.3 * (right - left)
    places, h = fields["grid"][near][:, ::-1], middles[1] - middles[0]
    slopes = [(height(places + h * axis) - height(places - h * axis)) / (2 * h) for axis in np.eye(2)[::-1]]
    np.testing.assert_allclose(fields["score_exact"][frame][near], np.stack(slopes, 1), atol=0.03)


PATHS = [*FAMILIES, {"key": "flow_matching", "sampler": {"key": "runge_kutta", "steps": 40}}]


@pytest.mark.parametrize("family", PATHS, ids=lambda family: family["key"])
def test_the_velocity_is_that_of_a_point_on_its_way(family):
    made, _ = looker(family)
    arrays = seen(made)
    node, frame = 6 * 24 + 9, len(arrays["time"]) // 2
    t = arrays["time"][frame]
    way = made.answer("path", {"x": arrays["grid"][node][None], "time": t})
    at = int(way["at"])
    assert way["times"][at] == pytest.approx(float(t))
    moved = way["path"][at + 1] - way["path"][at - 1]
    slope = moved / (way["times"][at + 1] - way["times"][at - 1])
    np.testing.assert_allclose(slope, arrays["velocity"][frame, node], rtol=0.03, atol=0.02)


def test_what_is_right_is_worked_out_once_and_left_out_where_it_is_not_known():
    made, _ = looker("flow_matching")
    arrays = seen(made)
    assert "score" not in arrays  # straight paths end without noise
    assert arrays["velocity"].shape == arrays["velocity_exact"].shape == (21, 576, 2)
    held = made.subject.kept["exact fields"]
    made.game.model.network.theta.add_(0.05)
    made.load(torch.cat([made.game.model.network.values] * 2).numpy())
    again = seen(made)
    assert made.subject.kept["exact fields"] is held
    assert np.abs(again["velocity"] - arrays["velocity"]).max() > 0.01
    np.testing.assert_array_equal(again["velocity_exact"], arrays["velocity_exact"])
    for unknown in (
        looker("flow_matching", "checkerboard"),
        looker("flow_matching", latent={"key": "uniform", "dimension": 2}),
        looker("flow_matching", objective={"key": "conditional_flow_matching", "coupling": "optimal_transport"}),
    ):
        arrays = seen(unknown[0])
        assert not [name for name in arrays if name.endswith(("exact", "error"))]
        assert str(arrays["unknown"]).endswith(".")


def test_of_numbers_and_where_data_lie():
    made, _ = looker("diffusion", "gaussian_mixture_1d")
    arrays = seen(made)
    frames = len(arrays["time"])
    assert arrays["grid"].shape == (32, 1)
    assert arrays["score"].shape == (frames, 32, 1)
    assert set(np.unique(arrays["peopled"])) == {0, 1}
    assert arrays["peopled"][0].sum() > arrays["peopled"][-1].sum()  # noise lies in more places than data do
    assert (arrays["score_error"] > 0).all()
