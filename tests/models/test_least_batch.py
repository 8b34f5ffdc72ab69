"""A batch of one is refused where a member needs pairs or a spread, before any step is taken."""

from __future__ import annotations

import pytest

from models.experiment import Experiment
from models.registry import RecipeError
from models.training.trainer import Trainer

NORMED = {"key": "mlp", "width": 4, "normalisation": "batch"}


@pytest.mark.parametrize(
    ("parts", "culprit"),
    [
        ({"architecture": NORMED}, "architecture"),
        ({"objective": {"key": "adversarial", "critic": NORMED}}, "objective"),
        ({"divergence": {"key": "mmd"}}, "divergence"),
    ],
)
def test_what_needs_two_refuses_one_and_takes_two(parts, culprit):
    with pytest.raises(RecipeError, match=f"batch_size = 1 is too small: with the {culprit} .* at least 2"):
        Experiment.from_dict({**parts, "batch_size": 1})
    assert Trainer(Experiment.from_dict({**parts, "batch_size": 2})).take_step()


def test_one_is_enough_for_everybody_else():
    assert Trainer(Experiment.from_dict({"batch_size": 1})).take_step()
