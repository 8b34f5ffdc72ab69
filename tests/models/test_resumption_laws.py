"""Laws of every family under every objective that fits: a broken-off run goes on bit for bit, and tells what to try."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.divergences import DIVERGENCES
from models.experiment import Experiment
from models.families import FAMILIES
from models.objectives import OBJECTIVES
from models.registry import RecipeError
from models.training.run_folder import RunFolder
from models.training.trainer import Diverged, Trainer
from models.training.witness import Witness

SMALL = {"width": 8, "depth": 1, "count": 2, "bins": 4, "components": 3, "particles": 3}
NET = {"key": "mlp", "width": 8, "depth": 1}
TOLD = {"semi_supervised": {"conditional": True, "untold": 0.0}}
"""What an objective asks of the options of its family."""
HALF = 1


def recipe(family, objective):
    """The first recipe of the two that some divergence allows; None if none does."""
    own = {name: value for name, value in SMALL.items() if name in FAMILIES[family].model_fields}
    own |= TOLD.get(objective, {}) if "conditional" in FAMILIES[family].model_fields else {}
    needed = OBJECTIVES[objective].requires["divergence"]
    critic = {"critic": NET} if "critic" in OBJECTIVES[objective].model_fields else {}
    for divergence in (member.key for member in DIVERGENCES if needed <= member.capabilities):
        try:
            return Experiment.from_dict({
                "data": {"key": "ring", "n": 24}, "architecture": NET, "divergence": divergence,
                "family": {"key": family, **own}, "objective": {"key": objective, **critic},
                "batch_size": 12, "steps": 2 * HALF, "seed": 11,
            })  # fmt: skip
        except RecipeError:
            continue
    return None


PAIRS = [(family.key, objective.key) for family in FAMILIES for objective in OBJECTIVES]
RECIPES = {f"{family}-{objective}": made for family, objective in PAIRS if (made := recipe(family, objective))}
ALL = pytest.mark.parametrize("made", RECIPES.values(), ids=RECIPES)


def train(trainer, steps):
    for _ in range(steps):
        trainer.take_step()
    return trainer


def test_every_family_and_every_objective_is_among_them():
    names = [name.split("-") for name in RECIPES]
    assert {family for family, _ in names} == set(FAMILIES.keys())
    assert {objective for _, objective in names} == set(OBJECTIVES.keys())


@ALL
def test_a_run_that_was_broken_off_is_the_run_that_never_stopped(made, tmp_path):
    straight = train(Trainer(made), 2 * HALF)
    half = train(Trainer(made), HALF)
    folder = RunFolder.create(tmp_path / "run", made)
    folder.save(half.state(), half.values().numpy())
    opened = RunFolder.open(folder.path)
    resumed = Trainer(opened.experiment)
    resumed.restore(opened.state())
    assert train(resumed, HALF).values().numpy().tobytes() == straight.values().numpy().tobytes()
    drawn = opened.model().sample(5, torch.Generator().manual_seed(1))
    assert bool(drawn.isfinite().all())


@pytest.mark.parametrize("family", FAMILIES.keys())
def test_whoever_looks_on_needs_the_weights_and_nothing_else(family):
    """A first place that is taken from data is in the weights, too: the witness takes none of its own."""
    made = next(made for made in RECIPES.values() if made.family.key == family)
    trainer = train(Trainer(made), HALF)
    witness = Witness(made, points=20)
    witness.load(trainer.values().numpy())
    both = (model.sample(20, torch.Generator().manual_seed(1)) for model in (trainer.game.model, witness.game.model))
    assert torch.equal(*both)


@ALL
def test_broken_weights_are_told_with_a_remedy_that_the_recipe_has(made):
    trainer = Trainer(made)
    trainer.game.model.network.theta.detach().fill_(math.nan)
    with pytest.raises(Diverged) as caught:
        trainer.inspect()
    assert ("critic" in caught.value.advice) == (trainer.game.critic is not None)
    assert "learning rate" not in caught.value.advice or "optimizer" not in made.objective.idle


def test_weights_that_start_in_large_units_are_not_taken_for_thrown_away(tmp_path):
    """Raw columns of a table, in units of ten million: EM needs no rate that could throw them there."""
    x = 5e7 + 1e6 * torch.randn(60, 2, generator=torch.Generator().manual_seed(3))
    path = tmp_path / "large.csv"
    path.write_text("\n".join(f"{a:.0f},{b:.0f}" for a, b in x.tolist()))
    table = {"key": "table", "path": str(path), "standardise": False}
    made = {"data": table, "family": {"key": "mixture", "components": 2}, "objective": "em", "batch_size": 20}
    trainer = train(Trainer(Experiment.from_dict(made)), 20)
    trainer.inspect()
    assert float(trainer.game.model.components().means.mean()) == pytest.approx(5e7, rel=0.02)


def test_finite_weights_that_draw_nothing_finite_are_not_worth_keeping():
    trainer = Trainer(RECIPES["mixture-em"])
    trainer.inspect()
    before = trainer.state()["arrays"]
    trainer.inspect()
    assert all(np.array_equal(array, before[name]) for name, array in trainer.state()["arrays"].items())
    trainer.game.model.network.theta.detach()[-9:] = 100.0  # log σ and what ties the covariances
    with pytest.raises(Diverged, match="samples became nan"):
        trainer.inspect()
