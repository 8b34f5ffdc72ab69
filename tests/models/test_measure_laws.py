"""What every measure must satisfy, held by being registered."""

from __future__ import annotations

import math

import pytest
import torch

from models.data import DATA
from models.measures import MEASURES, Reference, floor
from models.measures.report import report

LIVE = {"modes_captured", "high_quality", "mode_kl", "sliced_wasserstein", "energy"}
SYMMETRIC = {"sliced_wasserstein", "energy", "wasserstein_1", "wasserstein_2"}
LAWS = ["ring", "gaussian_mixture_1d", "digits"]


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def case(law, n=200, m=200):
    data = DATA.parse(law)
    return data.draw(n, chance(1)), Reference(data.draw(m, chance(2)), data)


def pairs():
    for law in LAWS:
        for member in MEASURES:
            if member.needs <= DATA[law].capabilities:
                yield pytest.param(member(), law, id=f"{member.key}-{law}")


each = pytest.mark.parametrize(("measure", "law"), list(pairs()))


def test_the_live_measures_are_the_five_that_are_cheap():
    assert {member.key for member in MEASURES if member.live} == LIVE


@each
def test_same_seed_same_number_and_input_unchanged(measure, law):
    x, reference = case(law)
    before = x.clone(), reference.x.clone()
    assert measure.evaluate(x, reference, chance()) == measure.evaluate(x, reference, chance())
    assert torch.equal(x, before[0])
    assert torch.equal(reference.x, before[1])


@each
@pytest.mark.parametrize(("n", "m"), [(2, 2), (2, 50), (33, 7), (7, 33)])
def test_finite_and_within_its_bounds_for_any_sizes(measure, law, n, m):
    x, reference = case(law, n, m)
    value = measure.evaluate(x, reference, chance())
    low, high = measure.bounds(reference)
    assert math.isfinite(value)
    assert low <= value <= high


@each
def test_order_of_the_samples_does_not_matter(measure, law):
    x, reference = case(law)
    shuffled = x[torch.randperm(len(x), generator=chance(5))]
    first, second = (measure.evaluate(part, reference, chance()) for part in (x, shuffled))
    assert second == pytest.approx(first, rel=1e-4, abs=1e-5)


@each
def test_a_far_shift_is_worse_than_the_floor(measure, law):
    x, reference = case(law)
    found = floor(measure, reference, len(x), chance(), repeats=6)
    shifted = measure.evaluate(x + 20.0, reference, chance())
    assert found.low <= found.mean <= found.high
    assert shifted > found.high if measure.better == "smaller" else shifted < found.low


@pytest.mark.parametrize("key", sorted(SYMMETRIC & set(MEASURES.keys())))
@pytest.mark.parametrize("law", LAWS)
def test_symmetric_measures(key, law):
    x, reference = case(law, 60, 90)
    forth = MEASURES[key]().evaluate(x, reference, chance())
    back = MEASURES[key]().evaluate(reference.x, Reference(x, reference.data), chance())
    assert back == pytest.approx(forth, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("law", LAWS)
def test_the_report_has_the_shape_of_the_contract(law):
    x, reference = case(law, 60, 40)
    entries = report(x, reference, chance())["measures"]
    assert set(entries) == {member.key for member in MEASURES if member.applies(reference)}
    for entry in entries.values():
        assert set(entry) == {"value", "floor", "interval", "n", "unit"}
        assert entry["interval"][0] <= entry["value"] <= entry["interval"][1]
        assert entry["n"] == [60, 40]


def test_without_a_law_only_the_measures_of_two_samples_are_reported():
    x, reference = case("ring", 60, 60)
    entries = report(x, Reference(reference.x), chance())["measures"]
    assert LIVE & set(entries) == {"sliced_wasserstein", "energy"}
