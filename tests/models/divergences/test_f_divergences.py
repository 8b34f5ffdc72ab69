"""f-divergences: conjugates are suprema, T* attains the bound, exact values agree with closed forms."""

from __future__ import annotations

import math

import pytest
import torch

from models.divergences import DIVERGENCES
from models.divergences._base import CriticDivergence
from models.divergences._f_divergence import FDivergence

ORDERS = (-1.0, 0.0, 0.5, 1.0, 1.5, 2.0)
MEMBERS = [m() for m in DIVERGENCES if issubclass(m, FDivergence)]
MEMBERS += [DIVERGENCES["alpha"](alpha=order) for order in ORDERS]
CLOSED = [m.key for m in MEMBERS if m.key != "alpha"] + ["hinge"]
NAMED = [DIVERGENCES[key]() for key in ("least_squares", "hinge")]


def name(divergence: CriticDivergence) -> str:
    return divergence.key + (f"-{divergence.alpha:g}" if divergence.key == "alpha" else "")


def outputs(end: float = 4.0, n: int = 41) -> torch.Tensor:
    return torch.linspace(-end, end, n, dtype=torch.float64)


@pytest.mark.parametrize("divergence", MEMBERS, ids=name)
def test_conjugate_is_a_supremum(divergence):
    """f*(t) = sup over u > 0 of ut − f(u), here over a grid of ratios that is fine in log u."""
    t = divergence.activation(outputs(2.5, 11))
    u = torch.linspace(-30, 10, 200_001, dtype=torch.float64).exp()
    f = divergence.f(u)
    found = torch.stack([(u * s - f).max() for s in t])
    edge = 1e-4 if divergence.key == "total_variation" else 1e-6
    torch.testing.assert_close(divergence.conjugate(t), found, rtol=1e-6, atol=edge)


@pytest.mark.parametrize("divergence", MEMBERS, ids=name)
def test_conjugate_in_the_raw_output_is_the_conjugate_of_the_statistic(divergence):
    v = outputs()
    torch.testing.assert_close(divergence.conjugate_at(v), divergence.conjugate(divergence.activation(v)))


@pytest.mark.parametrize("divergence", [m for m in MEMBERS if m.key != "total_variation"], ids=name)
def test_best_statistic_is_the_derivative_of_f(divergence):
    log_u = outputs(3.0).requires_grad_(True)
    u = log_u.exp()
    (slope,) = torch.autograd.grad(divergence.f(u).sum(), u)
    torch.testing.assert_close(divergence.optimal(log_u), slope)


@pytest.mark.parametrize("divergence", MEMBERS, ids=name)
def test_confident_critics_give_finite_losses_and_slopes(divergence):
    for v in (torch.full((4, 1), -80.0), torch.full((4, 1), 80.0)):
        values = [*divergence.critic_slopes(v, v), *divergence.minimax_slopes(v), *divergence.non_saturating_slopes(v)]
        assert all(bool(torch.isfinite(torch.as_tensor(value)).all()) for value in values)


def two_gaussians() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, float]:
    x = torch.linspace(-14, 14, 28_001, dtype=torch.float64)
    return x, log_normal(x, 0.0, 1.0), log_normal(x, 0.7, 1.2), 0.001


def log_normal(x: torch.Tensor, mean: float, std: float) -> torch.Tensor:
    return -0.5 * ((x - mean) / std) ** 2 - math.log(std * math.sqrt(2 * math.pi))


def raw(divergence: CriticDivergence, t: torch.Tensor) -> torch.Tensor:
    """The critic's outputs whose statistic is t, by bisection: statistics grow with the output."""
    low, high = torch.full_like(t, -2e4), torch.full_like(t, 2e4)
    for _ in range(100):
        middle = (low + high) / 2
        below = divergence.statistic(middle) < t
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return (low + high) / 2


def bound(divergence: CriticDivergence, v: torch.Tensor, p: torch.Tensor, q: torch.Tensor, cell: float) -> float:
    """The bound by quadrature: the loss of one output after the other, weighed by both densities."""
    least, most = float(v.min()), float(v.max())
    assert math.isfinite(least)
    assert math.isfinite(most)
    zero = torch.zeros(1, 1, dtype=torch.float64)
    base = float(divergence.critic_loss(zero, zero))
    on_real = each(lambda x: divergence.critic_loss(x, zero), v) - base
    on_fake = each(lambda x: divergence.critic_loss(zero, x), v)
    return divergence.bound(cell * float((p * on_real + q * on_fake).sum()))


def each(loss, v: torch.Tensor) -> torch.Tensor:
    return torch.func.vmap(lambda x: loss(x[None, None]))(v)


@pytest.mark.parametrize("divergence", [*MEMBERS, *NAMED], ids=name)
def test_the_best_critic_attains_the_exact_value_and_others_do_not(divergence):
    x, log_p, log_q, cell = two_gaussians()
    keep = (log_p - log_q).abs() < 9.5
    x, log_p, log_q = x[keep], log_p[keep], log_q[keep]
    best = raw(divergence, divergence.optimal(log_p - log_q))
    torch.testing.assert_close(divergence.statistic(best), divergence.optimal(log_p - log_q), rtol=1e-6, atol=1e-6)
    exact = divergence.exact(log_p, log_q, cell)
    p, q = log_p.exp(), log_q.exp()
    assert bound(divergence, best, p, q, cell) == pytest.approx(exact, abs=2e-5)
    threshold = raw(divergence, torch.full_like(x, divergence.threshold))
    for worse in (best + 0.3 * (2 * x).sin(), best * 0.6 + 0.4 * threshold, best.roll(2000), threshold):
        assert bound(divergence, worse, p, q, cell) < exact + 1e-6
    assert bound(divergence, best.roll(2000), p, q, cell) < exact - 1e-3


@pytest.mark.parametrize("divergence", [*MEMBERS, *NAMED], ids=name)
def test_exact_is_zero_between_equals_and_stands_zeros_of_the_densities(divergence):
    x, log_p, log_q, cell = two_gaussians()
    assert divergence.exact(log_p, log_p, cell) == pytest.approx(0.0, abs=1e-12)
    nowhere = torch.full_like(x, -torch.inf)
    cut_p, cut_q = torch.where(x < 0, log_p, nowhere), torch.where(x > 8, nowhere, log_q)
    for pair in ((cut_p, log_q), (log_p, cut_q), (cut_p, cut_q), (log_p - 5000, cut_q)):
        assert not math.isnan(divergence.exact(*pair, cell))


@pytest.mark.parametrize("mean", [0.0, 0.7])
def test_exact_agrees_with_closed_forms_of_gaussians(mean):
    """N(0, 1) and N(μ, σ²): KL, squared Hellinger and χ² have formulas."""
    x = torch.linspace(-30, 30, 60_001, dtype=torch.float64)
    std, cell = 0.9, 0.001
    log_p, log_q = log_normal(x, mean, std), log_normal(x, 0.0, 1.0)
    found = {key: DIVERGENCES[key]().exact(log_p, log_q, cell) for key in CLOSED}
    forward = 0.5 * (std**2 + mean**2 - 1) - math.log(std)
    reverse = 0.5 * ((1 + mean**2) / std**2 - 1) + math.log(std)
    overlap = math.sqrt(2 * std / (1 + std**2)) * math.exp(-(mean**2) / (4 * (1 + std**2)))
    narrow = 2 - std**2
    chi2 = math.exp(mean**2 / narrow) / (std * math.sqrt(narrow)) - 1
    assert found["kl_forward"] == pytest.approx(forward, rel=1e-9)
    assert found["kl_reverse"] == pytest.approx(reverse, rel=1e-9)
    assert found["jeffreys"] == pytest.approx(forward + reverse, rel=1e-9)
    assert found["squared_hellinger"] == pytest.approx(2 - 2 * overlap, rel=1e-9)
    assert found["pearson_chi2"] == pytest.approx(chi2, rel=1e-9)
    assert found["original_gan"] == pytest.approx(2 * found["jensen_shannon"], rel=1e-9)
    assert found["hinge"] == pytest.approx(found["total_variation"], rel=1e-12)


@pytest.mark.parametrize(
    ("order", "key", "factor"),
    [
        (-1.0, "neyman_chi2", 0.5),
        (0.0, "kl_reverse", 1.0),
        (0.5, "squared_hellinger", 2.0),
        (1.0, "kl_forward", 1.0),
        (2.0, "pearson_chi2", 0.5),
        (1e-7, "kl_reverse", 1.0),
        (1 - 1e-7, "kl_forward", 1.0),
    ],
)
def test_the_alpha_family_passes_through_the_others(order, key, factor):
    _, log_p, log_q, cell = two_gaussians()
    found = DIVERGENCES["alpha"](alpha=order).exact(log_p, log_q, cell)
    assert found == pytest.approx(factor * DIVERGENCES[key]().exact(log_p, log_q, cell), rel=1e-5)


PUBLISHED = (
    ("kl_forward", 0.3807, -0.4500, 1.7368),
    ("kl_reverse", 0.3458, -1.4784, 0.6279),
    ("jensen_shannon", 0.1042, -0.3936, 1.7226),
    ("jeffreys", 1.0176, -0.2681, 1.5772),
    ("pearson_chi2", 0.6999, -0.5212, 1.7737),
    ("squared_hellinger", 0.2243, -0.3530, 1.6861),
    ("total_variation", 0.2788, -1.3512, 0.8328),
)
"""The least value over Gaussians, and where, for 0.7 N(−1.5, 0.6²) + 0.3 N(2, 0.8²); found by a search elsewhere."""


@pytest.mark.parametrize(("key", "value", "mean", "std"), PUBLISHED)
def test_the_univariate_mixture(key, value, mean, std):
    x = torch.linspace(-14, 14, 14_001, dtype=torch.float64)
    parts = torch.stack([log_normal(x, -1.5, 0.6) + math.log(0.7), log_normal(x, 2.0, 0.8) + math.log(0.3)])
    log_p = torch.logsumexp(parts, 0)
    assert DIVERGENCES[key]().exact(log_p, log_normal(x, mean, std), 0.002) == pytest.approx(value, abs=6e-5)
    for other in ((mean + 0.05, std), (mean - 0.05, std), (mean, std + 0.05), (mean, std - 0.05)):
        assert DIVERGENCES[key]().exact(log_p, log_normal(x, *other), 0.002) > value - 5e-5


def test_pearson_keeps_ratios_from_turning_negative():
    """Below −2 the supremum is reached at u = 0, where the printed parabola overshoots it."""
    t = torch.tensor([-2.0, -3.0, -10.0], dtype=torch.float64)
    assert DIVERGENCES["pearson_chi2"]().conjugate(t).tolist() == [-1.0, -1.0, -1.0]


def test_relativistic_pairs_only_like_numbers():
    divergence = DIVERGENCES["relativistic"]()
    with pytest.raises(ValueError, match="as many data as samples: 3 samples, 4 data"):
        divergence.critic_loss(torch.zeros(4, 1), torch.zeros(3, 1))
    with pytest.raises(ValueError, match="none data"):
        divergence.minimax_loss(torch.zeros(3, 1))


def test_relativistic_bound_ignores_a_constant_and_reaches_log_two():
    divergence = DIVERGENCES["relativistic"]()
    real, fake = torch.linspace(-2, 2, 50).double()[:, None], torch.linspace(3, -1, 50).double()[:, None]
    torch.testing.assert_close(divergence.critic_loss(real + 7, fake + 7), divergence.critic_loss(real, fake))
    assert divergence.bound(float(divergence.critic_loss(real + 60, fake))) == pytest.approx(math.log(2), abs=1e-9)
