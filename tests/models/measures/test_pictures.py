"""Measures of pictures against closed forms, and against samplers of which it is known what they do."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from models.data import DATA
from models.measures import MEASURES, Reference, Samples, _features, floor
from models.measures._features import features_of
from models.measures._mass import log_mass_of_density
from models.measures.frechet_features import frechet
from models.measures.report import report


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def value(key, samples, reference):
    return MEASURES[key]().evaluate(samples, reference, chance())


def of_digits(m=800, **options):
    data = DATA.parse({"key": "digits", **options})
    held = data.held_out_sample(10_000, chance(3))
    return data, Reference(data.draw(m, chance(2)), data, data.training_set(chance(4)), held)


def test_frechet_distance_of_gaussians():
    half, other = torch.tensor([[2.0, 0.6], [0.6, 1.0]]).double(), torch.tensor([[1.0, -0.3], [-0.3, 0.5]]).double()
    a, b = torch.tensor([1.0, 2.0]).double(), torch.tensor([0.0, -1.0]).double()
    across = np.trace(np.real(sqrtm((half @ other).numpy())))
    assert frechet(a, half, b, other) == pytest.approx(10 + 3 + 1.5 - 2 * across)
    assert frechet(a, half, a, half) == pytest.approx(0, abs=1e-9)
    line = torch.tensor([[4.0]]).double(), torch.tensor([[9.0]]).double()
    assert frechet(a[:1], line[0], b[:1], line[1]) == pytest.approx(1 + (2 - 3) ** 2)


def test_a_model_of_nothing_but_the_mean_features_is_one_variance_away():
    data, reference = of_digits(1_797)
    look = features_of(data).of
    seen = look(reference.x).double()
    nothing_but_the_mean = seen.mean(0), torch.zeros(64, 64).double()
    assert frechet(*nothing_but_the_mean, seen.mean(0), torch.cov(seen.T)) == pytest.approx(1, abs=0.05)
    assert value("frechet_features", data.draw(500, chance(7)), reference) < 0.05
    assert value("frechet_features", reference.x[:1].repeat(500, 1), reference) > 1


def test_the_kernel_distance_of_equal_laws_is_0_on_average_whatever_the_size():
    data, reference = of_digits(400)
    found = [value("kernel_features", data.draw(20, chance(seed)), reference) for seed in range(60)]
    assert abs(np.mean(found)) < 3 * np.std(found) / math.sqrt(60) + 0.01
    assert min(found) < 0
    ones = data.rows()[data.row_labels() == 1]
    assert value("kernel_features", ones, reference) > 10 * np.std(found)


def test_the_kernel_distance_is_its_definition_over_all_pairs():
    data, reference = of_digits(30)
    x = data.draw(20, chance(8))
    a, b = (features_of(data).of(part).double().numpy() for part in (x, reference.x))
    kernel = lambda p, q: (p @ q.T + 1) ** 3  # noqa: E731
    apart = lambda p: kernel(p, p)[~np.eye(len(p), dtype=bool)].mean()  # noqa: E731
    expected = apart(a) + apart(b) - 2 * kernel(a, b).mean()
    assert value("kernel_features", x, reference) == pytest.approx(expected)


def test_copies_of_the_training_set_are_memorised_and_fresh_data_are_not():
    _, reference = of_digits(held_out=0.4)
    measure = MEASURES["memorisation"]()
    copies = reference.training[torch.randperm(len(reference.training), generator=chance())[:300]]
    assert value("memorisation", copies, reference) == 1
    assert value("memorisation", reference.held_out, reference) == pytest.approx(0.05, abs=0.005)
    assert value("memorisation", torch.rand(300, 64, generator=chance()), reference) == 0
    found = floor(measure, reference, 300, chance(), repeats=20)
    assert found.low <= 0.05 <= found.high
    assert found.high < 0.15


def test_memorisation_needs_data_that_were_held_out():
    data, reference = of_digits()
    assert not MEASURES["memorisation"].applies(reference)
    assert not MEASURES["memorisation"].applies(Reference(reference.x, data))


def test_classes_are_told_by_a_classifier_where_data_name_no_modes(monkeypatch):
    monkeypatch.setattr(_features, "LEARNT_FROM", 600)
    data = DATA.parse({"key": "shapes", "tell": "colour", "resolution": 8, "places": "centre", "colours": 3})
    reference, measure = Reference(data.draw(300, chance(1)), data), MEASURES["classes_covered"]()
    assert measure.applies(reference)
    assert not measure.applies(of_digits()[1])
    x, told = data.draw_told(400, chance(2))
    assert value("classes_covered", x, reference) == 3
    assert value("classes_covered", x[told == 1], reference) == 1


class Uniform:
    """A density that is constant over all cells of the levels −1, …, 1."""

    def __init__(self, levels):
        self.width = 2 / (levels - 1)
        self.reach = 1 + self.width / 2

    def __call__(self, x):
        inside = (x.abs() <= self.reach + 1e-6).all(dim=1)
        return torch.where(inside, -x.shape[1] * math.log(2 * self.reach), -math.inf)


@pytest.mark.parametrize("options", [{}, {"dequantised": True}, {"binary": True}])
def test_a_uniform_law_over_the_levels_needs_their_logarithm(options):
    data, reference = of_digits(200, **options)
    levels = 2 if data.binary else 17
    samples = Samples(reference.x, log_mass=log_mass_of_density(data, Uniform(levels)))
    assert value("bits_per_dimension", samples, reference) == pytest.approx(math.log2(levels), abs=1e-6)


def test_sixteen_equal_levels_are_four_bits():
    samples = Samples(torch.zeros(2, 3), log_mass=lambda y: torch.full((len(y),), -y.shape[1] * math.log(16)))
    assert value("bits_per_dimension", samples, Reference(torch.zeros(5, 3))) == pytest.approx(4, abs=1e-6)


def test_pictures_without_a_data_set_have_no_features():
    x = torch.rand(60, 64, generator=chance())
    entries = report(x, Reference(torch.rand(60, 64, generator=chance(1))), chance())["measures"]
    assert not {"frechet_features", "kernel_features", "memorisation", "bits_per_dimension"} & set(entries)
    assert "precision" in entries


def test_precision_and_recall_of_pictures_are_those_of_their_features():
    data, reference = of_digits(300)
    x = data.draw(200, chance(5)) + 0.8 * torch.randn(200, 64, generator=chance(6))
    look = features_of(data).of
    for key in ("precision", "recall", "density", "coverage"):
        assert value(key, x, reference) == value(key, look(x), Reference(look(reference.x)))


def test_one_real_picture_is_too_few_for_measures():
    data = DATA.parse("digits")
    one = Reference(data.draw(1, chance()), data)
    assert not [measure.key for measure in MEASURES if measure.applies(one)]
