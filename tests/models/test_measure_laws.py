"""What every measure must satisfy, held by being registered."""

from __future__ import annotations

import math

import pytest
import torch

from models.data import DATA
from models.measures import MEASURES, Reference, Samples, floor
from models.measures._f_divergence import FDivergence
from models.measures.report import report

LIVE = {"modes_captured", "high_quality", "mode_kl", "sliced_wasserstein", "energy"}
LIVE |= {"kl_forward", "kl_reverse", "precision", "recall", "coverage", "log_likelihood"}
LIVE_OF_PICTURES = {"frechet_features", "kernel_features", "classes_covered", "memorisation", "bits_per_dimension"}
NEED_MORE = {"classes_covered", "memorisation", "bits_per_dimension"}
SYMMETRIC = {"sliced_wasserstein", "energy", "wasserstein_1", "wasserstein_2"}
SYMMETRIC |= {"jensen_shannon", "total_variation", "hellinger"}
NEED_NO_LAW = {"sliced_wasserstein", "energy", "kl_forward", "kl_reverse", "precision", "recall", "coverage"}
LAWS = ["ring", "gaussian_mixture_1d", "digits"]


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def case(law, n=200, m=200):
    data = DATA.parse(law)
    return data.draw(n, chance(1)), Reference(data.draw(m, chance(2)), data)


def drawn(measure, x, reference, shift=0.0):
    """Samples, with the density that shifted draws of the law have where the measure asks for one."""
    log_prob = reference.log_prob if measure.needs_density else None
    return Samples(x + shift, log_prob and (lambda y: log_prob(y - shift)))


def pairs():
    for law in LAWS:
        for member in MEASURES:
            offered = DATA[law].capabilities
            fits = member.needs <= offered and member.key not in NEED_MORE  # see test_pictures.py
            fits &= not ("images" in offered and issubclass(member, FDivergence))  # no estimate in so many dimensions
            if fits and ("log_prob" in offered or not member.needs_density):
                yield pytest.param(member(), law, id=f"{member.key}-{law}")


each = pytest.mark.parametrize(("measure", "law"), list(pairs()))


def test_the_live_measures_are_the_cheap_ones():
    assert {member.key for member in MEASURES if member.live} == LIVE | LIVE_OF_PICTURES


@each
def test_same_seed_same_number_and_input_unchanged(measure, law):
    x, reference = case(law)
    before = x.clone(), reference.x.clone()
    once, again = (measure.evaluate(drawn(measure, x, reference), reference, chance()) for _ in range(2))
    assert once == again
    assert torch.equal(x, before[0])
    assert torch.equal(reference.x, before[1])


@each
@pytest.mark.parametrize(("n", "m"), [(2, 2), (2, 50), (33, 7), (7, 33)])
def test_finite_and_within_its_bounds_for_any_sizes(measure, law, n, m):
    x, reference = case(law, n, m)
    value = measure.evaluate(drawn(measure, x, reference), reference, chance())
    low, high = measure.bounds(reference)
    assert math.isfinite(value)
    assert low <= value <= high


@each
def test_order_of_the_samples_does_not_matter(measure, law):
    x, reference = case(law)
    shuffled = x[torch.randperm(len(x), generator=chance(5))]
    first, second = (measure.evaluate(drawn(measure, part, reference), reference, chance()) for part in (x, shuffled))
    assert second == pytest.approx(first, rel=1e-4, abs=1e-5)


@each
def test_a_far_shift_is_worse_than_the_floor(measure, law):
    x, reference = case(law)
    found = floor(measure, reference, len(x), chance(), repeats=6)
    shifted = measure.evaluate(drawn(measure, x, reference, shift=20.0), reference, chance())
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
    assert LIVE & set(entries) == NEED_NO_LAW


@pytest.mark.parametrize("d", [1, 3, 64])
@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_any_dimension_and_any_scale(d, scale):
    x, y = (torch.randn(60, d, generator=chance(seed)) for seed in (1, 2))
    here, there = (
        report(x, Reference(y), chance())["measures"],
        report(scale * x, Reference(scale * y), chance())["measures"],
    )
    for key, entry in here.items():
        assert math.isfinite(entry["value"])
        factor = scale if entry["unit"] == "data units" else 1.0
        assert there[key]["value"] == pytest.approx(factor * entry["value"], rel=1e-3, abs=1e-4 * factor), key


@each
def test_shared_work_changes_no_number(measure, law):
    x, reference = case(law)
    shared = drawn(measure, x, reference)
    for other in MEASURES:
        if other.applies(reference, shared) and other.largest >= len(x):
            other().evaluate(shared, reference, chance(4))
    alone = measure.evaluate(drawn(measure, x, reference), reference, chance())
    assert measure.evaluate(shared, reference, chance()) == alone


@pytest.mark.parametrize("key", sorted(set(MEASURES.keys()) - LIVE_OF_PICTURES - {"log_likelihood"}))
def test_a_perfect_sampler_scores_within_the_interval_of_the_floor(key):
    data, measure, n = DATA.parse("ring"), MEASURES[key](), 120
    reference = Reference(data.draw(n, chance(1)), data)
    found = floor(measure, reference, n, chance(2), repeats=30)
    scores = [measure.evaluate(data.draw(n, chance(100 + seed)), reference, chance()) for seed in range(40)]
    # 38 of 40 are expected; fewer than 33 have a probability below 1 % even for the bounds that 30 draws give.
    assert sum(found.low - 1e-9 <= score <= found.high + 1e-9 for score in scores) >= 33
