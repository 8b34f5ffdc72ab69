"""A table of large numbers: networks train on standardised columns; what is shown or written keeps its units."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.latents.gaussian import Gaussian
from models.training.setting import Batches, Streams
from models.training.trainer import Trainer
from models.training.witness import Witness

CENTRE, SCALE = np.array([300.0, -5000.0]), np.array([20.0, 0.5])


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    """The same points in two files: near the origin, and far from it in other units."""
    x = np.random.default_rng(0).normal(size=(400, 2)).round(3)
    x = (x - x.mean(0)) / x.std(0)
    folder = tmp_path_factory.mktemp("tables")
    np.save(folder / "near.npy", x)
    np.save(folder / "far.npy", CENTRE + SCALE * x)
    return folder


def recipe(path, **data) -> Experiment:
    small = {"key": "mlp", "width": 16, "depth": 2}
    return Experiment.from_dict(
        {
            "data": {"key": "table", "path": str(path), **data},
            "architecture": small,
            "objective": {"key": "adversarial", "critic": small},
            "batch_size": 32,
            "steps": 20,
        }
    )


def test_batches_are_standardised(far):
    batches = Batches(recipe(far / "far.npy"), Gaussian(), Streams.from_seed(0))
    real = torch.cat([batches.real() for _ in range(50)])
    assert real.abs().max() < 6
    assert real.mean(0).tolist() == pytest.approx([0, 0], abs=0.1)


def test_a_run_is_the_same_in_other_units(far):
    """Weights do not know the units; samples, frames, arrows and stretches follow them."""
    witnesses = []
    for name in ("near.npy", "far.npy"):
        trainer = Trainer(recipe(far / name))
        for _ in range(20):
            trainer.take_step()
        witness = Witness(trainer.experiment, points=500)
        witness.load(trainer.values().numpy())
        witnesses.append(witness)
    near, away = (w.observe(["samples", "critic_field", "gradient_arrows", "jacobian"])[0] for w in witnesses)
    moved = CENTRE + SCALE * near["samples"]["x"]
    assert away["samples"]["x"] == pytest.approx(moved, rel=1e-3)
    assert away["gradient_arrows"]["tail"] == pytest.approx(moved[:300], rel=1e-3)
    long = np.linalg.norm(near["gradient_arrows"]["vector"] * SCALE, axis=1).max()
    assert away["gradient_arrows"]["vector"] == pytest.approx(
        near["gradient_arrows"]["vector"] * SCALE, abs=0.01 * long
    )
    assert away["jacobian"]["log_det"] == pytest.approx(near["jacobian"]["log_det"] + np.log(SCALE).sum(), abs=0.05)
    pushed = witnesses[1].answer("push", {"z": np.zeros((1, 2))})["x"]
    assert abs(pushed[0] - CENTRE).max() < 10 * SCALE.max()


def test_the_critic_is_looked_at_where_it_was_trained(far):
    """The middle of the picture is the middle of the data: there the critic of standardised data is asked at 0."""
    witness = Witness(recipe(far / "far.npy"), points=500)
    t = witness.observe(["critic_field"])[0]["critic_field"]["t"]
    left, bottom, right, top = witness.scene()["bounds"]
    grid = torch.tensor([[left, bottom], [right, top]]).float()
    outputs = witness.game.critic.evaluate((grid - torch.tensor(CENTRE)).float() / torch.tensor(SCALE).float())
    corners = witness.game.divergence.statistic(outputs)[:, 0]
    assert [t[0, 0], t[-1, -1]] == pytest.approx(corners.tolist(), rel=1e-3, abs=1e-3)


def test_training_in_raw_units_can_be_had(far):
    assert Batches(recipe(far / "far.npy", standardise=False), Gaussian(), Streams.from_seed(0)).real().mean(0)[0] > 250
