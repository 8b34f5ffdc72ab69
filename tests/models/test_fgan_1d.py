"""f-GAN on the line: the exact fits, and one short training that comes near its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from models.presets import find_preset
from models.reproduction import PROTOCOLS
from models.reproduction.fgan_1d import CASES, best, cross_table, exact, experiment, trained

TABLE = {
    "kl_forward": (0.3807, -0.4500, 1.7368),
    "kl_reverse": (0.3458, -1.4784, 0.6279),
    "jensen_shannon": (0.1042, -0.3936, 1.7226),
    "jeffreys": (1.0176, -0.2681, 1.5772),
    "pearson_chi2": (0.6999, -0.5212, 1.7737),
    "squared_hellinger": (0.2243, -0.3530, 1.6861),
}


def p(x):
    return 0.7 * norm.pdf(x, -1.5, 0.6) + 0.3 * norm.pdf(x, 2.0, 0.8)


@pytest.mark.parametrize("key", CASES)
def test_the_exact_fit_is_the_tabled_one(key):
    found, (value, mean, std) = best(key), TABLE[key]
    assert found.value == pytest.approx(value, abs=1e-4)
    assert found.mean == pytest.approx(mean, abs=2e-3)
    assert found.std == pytest.approx(std, abs=2e-3)


def test_the_grid_agrees_with_an_independent_quadrature():
    q = norm(-0.45, 1.7368)
    kl, _ = quad(lambda x: p(x) * (math.log(p(x)) - q.logpdf(x)), -12, 12, points=[-1.5, 2.0], limit=200)
    hellinger, _ = quad(lambda x: (math.sqrt(p(x)) - math.sqrt(q.pdf(x))) ** 2, -12, 12, points=[-1.5, 2.0], limit=200)
    assert exact("kl_forward", -0.45, 1.7368) == pytest.approx(kl, rel=1e-6)
    assert exact("squared_hellinger", -0.45, 1.7368) == pytest.approx(hellinger, rel=1e-6)


def test_forward_kl_takes_the_moments_of_the_data():
    mean = 0.7 * -1.5 + 0.3 * 2.0
    variance = 0.7 * (0.6**2 + 1.5**2) + 0.3 * (0.8**2 + 2.0**2) - mean**2
    assert best("kl_forward").mean == pytest.approx(mean, abs=1e-3)
    assert best("kl_forward").std == pytest.approx(math.sqrt(variance), abs=1e-3)


def test_each_exact_fit_is_the_best_in_its_own_column():
    table = cross_table({key: best(key) for key in CASES})
    assert (np.argmin(table, axis=0) == np.arange(len(CASES))).all()


def test_a_short_training_finds_the_gaussian_and_a_bound_below_its_divergence():
    recipe = experiment(CASES["jensen_shannon"], seed=0, steps=500)
    found, target = trained(recipe), best("jensen_shannon")
    assert found.mean == pytest.approx(target.mean, abs=0.15)
    assert found.std == pytest.approx(target.std, abs=0.15)
    assert 0.8 * target.value < found.value <= exact("jensen_shannon", found.mean, found.std) + 0.002


def test_reverse_kl_stays_at_the_heavy_mode():
    found = trained(experiment(CASES["kl_reverse"], seed=0, steps=200))
    assert found.mean == pytest.approx(-1.478, abs=0.1)
    assert found.std == pytest.approx(0.628, abs=0.1)


@pytest.mark.parametrize("key", ["kl_forward", "kl_reverse", "jensen_shannon"])
def test_the_presets_are_the_protocol_s_recipes(key):
    recipe = experiment(CASES[key])
    assert find_preset(f"fgan_{key}").model_copy(update={"about": recipe.about}) == recipe


def test_the_cross_table_row_is_met_only_where_the_fit_is_the_least_of_its_column():
    protocol = PROTOCOLS["fgan_1d"]()
    found = {
        key: {seed: {"mean": best(key).mean, "std": best(key).std, "bound": best(key).value} for seed in (0, 1)}
        for key in CASES
    }
    assert all(row.met for key in CASES for row in protocol.judge(key, found[key]))
    assert [row.met for row in protocol.close(found)] == [True] * len(CASES)
    found["kl_forward"] = found["squared_hellinger"]
    assert [row.case for row in protocol.close(found) if not row.met] == ["kl_forward", "squared_hellinger"]
    found["kl_forward"] = {0: {}}
    assert protocol.close(found) == []
    assert not any(row.met for row in protocol.judge("kl_forward", found["kl_forward"]))
