"""Laws of the members that stand inside others: likelihoods, schedules, predictions, samplers and couplings."""

from __future__ import annotations

import pytest

from models.couplings import COUPLINGS
from models.likelihoods import LIKELIHOODS
from models.predictions import PREDICTIONS
from models.registry import RecipeError, range_of
from models.samplers import SAMPLERS
from models.schedules import SCHEDULES

REGISTRIES = (LIKELIHOODS, SCHEDULES, PREDICTIONS, SAMPLERS, COUPLINGS)
MEMBERS = {f"{registry.kind}-{member.key}": (registry, member) for registry in REGISTRIES for member in registry}
ALL = pytest.mark.parametrize(("registry", "member"), MEMBERS.values(), ids=MEMBERS)


@ALL
def test_it_comes_back_from_its_recipe(registry, member):
    made = member()
    assert registry.parse(made.recipe(), "part") == made == registry.parse(member.key)
    assert hash(registry.parse(member.key)) == hash(made)


@ALL
def test_options_out_of_range_are_refused_by_path(registry, member):
    for name, field in member.model_fields.items():
        for edge, step in zip(range_of(field), (-1, 1), strict=True):
            if edge is not None:
                with pytest.raises(RecipeError, match=rf"^part\.{name}: .* is not allowed"):
                    registry.parse({"key": member.key, name: edge + step}, "part")


@ALL
def test_it_says_what_it_is(registry, member):
    assert member.formula
    assert member.summary().endswith(".")
    for name, field in member.model_fields.items():
        assert field.description.endswith("."), name
        assert field.json_schema_extra["label"], name


def test_what_can_be_swapped_in_mid_run():
    """Any net takes any sampler and any pairs; a schedule and what the net says are what it was trained for."""
    assert {member.swaps for member in SAMPLERS} == {"sampler"}
    assert {member.swaps for member in COUPLINGS} == {"coupling"}
    assert {member.swaps for registry in (SCHEDULES, PREDICTIONS) for member in registry} == {""}
