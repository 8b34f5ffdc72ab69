"""The report: what it refuses, how it copes with sizes, and whether its intervals hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.data import DATA
from models.measures import MEASURES, Reference
from models.measures.report import interval, report


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (torch.zeros(1, 2), "samples must have at least 2 rows, not 1"),
        (torch.zeros(0, 2), "at least 2 rows, not 0"),
        (torch.zeros(5), "one point a row"),
        (torch.zeros(5, 3), "samples have 3 columns, but the reference has 2"),
        (torch.tensor([[0.0, 1.0], [2.0, math.nan], [math.inf, 0.0]]), "row 2 of 3"),
        (torch.tensor([[0.0, 1.0], [2.0, 3.0], [-math.inf, 0.0]]), "row 3 of 3"),
    ],
)
def test_bad_samples_are_refused_in_words(samples, words):
    with pytest.raises(ValueError, match=words):
        report(samples, Reference(torch.zeros(4, 2)), chance())


def test_a_bad_reference_is_called_by_its_name():
    with pytest.raises(ValueError, match="reference must be finite, but row 1 of 2"):
        report(torch.zeros(4, 2), Reference(torch.tensor([[math.nan, 0.0], [0.0, 0.0]])), chance())


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_few_points_and_points_in_one_place_are_measured(n):
    entries = report(torch.zeros(n, 2), Reference(torch.ones(n, 2)), chance())["measures"]
    assert entries["wasserstein_1"]["value"] == pytest.approx(2**0.5)
    assert entries["energy"]["value"] == pytest.approx(2 * 2**0.5)


def test_the_numbers_of_points_that_entered_are_stated():
    x = torch.randn(21_000, 1, generator=chance())
    entries = report(x, Reference(x[:1_200] + 0.1), chance(1))["measures"]
    assert entries["sliced_wasserstein"]["n"] == [20_000, 1_200]
    assert entries["wasserstein_1"]["n"] == [1_000, 1_000]


def test_samples_in_double_precision_are_taken():
    data = DATA.parse("ring")
    x = data.draw(50, chance()).double()
    assert report(x, Reference(data.draw(50, chance(1)), data), chance())["measures"]["high_quality"]["value"] > 0.9


@pytest.mark.parametrize("key", ["energy", "kl_forward", "jensen_shannon", "hellinger", "coverage"])
def test_the_interval_is_as_wide_as_the_scatter_of_independent_runs(key):
    measure = MEASURES[key]()
    runs = [torch.randn(300, 2, generator=chance(seed)) + 0.5 for seed in range(80)]
    data = [torch.randn(300, 2, generator=chance(seed + 1000)) for seed in range(80)]
    scatter = np.std([measure.evaluate(x, Reference(y), chance()) for x, y in zip(runs, data, strict=True)])
    widths = []
    for x, y in list(zip(runs, data, strict=True))[:10]:
        value = measure.evaluate(x, Reference(y), chance())
        low, high = interval(measure, value, x, Reference(y), chance(7))
        widths.append((high - low) / 2)
    assert np.mean(widths) == pytest.approx(1.96 * scatter, rel=0.25)
