"""MMD, energy: every kernel's slopes, closed forms, and what their witness is."""

from __future__ import annotations

import math

import pytest
import torch

from models.divergences import DIVERGENCES
from models.divergences._base import slopes
from models.divergences._kernels import KERNELS

CHANCE = torch.Generator()
MEMBERS = [DIVERGENCES["mmd"](kernel=kernel, bandwidths=(0.3, 1.0)) for kernel in KERNELS]
MEMBERS += [DIVERGENCES["energy"](power=power) for power in (0.5, 1.0, 1.9)]


def normal(n: int, d: int, seed: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed), dtype=torch.float64) + shift


def name(divergence) -> str:
    return f"{divergence.key}-{getattr(divergence, 'kernel', getattr(divergence, 'power', ''))}"


@pytest.mark.parametrize("d", [2, 5])
@pytest.mark.parametrize("divergence", MEMBERS, ids=name)
def test_slopes(divergence, d):
    real, fake = normal(12, d, 0), normal(9, d, 1, 0.5).requires_grad_(True)
    fake.data[3] = fake.data[4] = real[0]  # coincident samples have no direction
    value, slope = divergence.estimate_slopes(real, fake.detach(), CHANCE)
    reference, gradient = slopes(lambda y: divergence.estimate(real, y, CHANCE), fake)
    assert value == pytest.approx(reference, rel=1e-9)
    torch.testing.assert_close(slope, gradient)
    apart = normal(9, d, 2).requires_grad_(True)
    assert torch.autograd.gradcheck(lambda y: divergence.estimate(real, y, CHANCE), (apart,))


@pytest.mark.parametrize("divergence", MEMBERS, ids=name)
def test_unbiased_between_equals(divergence):
    found = torch.tensor(
        [float(divergence.estimate(normal(80, 2, s), normal(60, 2, 900 + s), CHANCE)) for s in range(60)]
    )
    assert abs(found.mean()) < 4 * found.std() / math.sqrt(60)


@pytest.mark.parametrize("divergence", MEMBERS, ids=name)
def test_the_witness_is_what_samples_climb(divergence):
    """One sample more changes D by its slope in the model's law, which is −2 T*: so ∂D/∂x̂ⱼ = −(2/m) ∇T*."""
    real, fake = normal(30, 2, 0), normal(40, 2, 1, 1.0)
    points = fake.clone().requires_grad_(True)
    (rise,) = torch.autograd.grad(divergence.witness(points, real, fake).sum(), points)
    _, slope = divergence.estimate_slopes(real, fake, CHANCE)
    # The estimate leaves a sample's pair with itself out, which has no slope, and so divides by one less.
    _, alone = divergence.estimate_slopes(normal(2, 2, 5) + 1e9, fake, CHANCE)
    if divergence.key == "mmd":
        torch.testing.assert_close(slope, -2 / 40 * rise + alone / 40, rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(slope / slope.norm(), -rise / rise.norm(), rtol=0.2, atol=0.03)


@pytest.mark.parametrize(("d", "unit"), [(1, 1.0), (2, 1.0), (8, 2.0), (72, 6.0)])
def test_scales_of_mmd_grow_with_the_distances_of_many_dimensions(d, unit):
    ends = torch.zeros(2, d, dtype=torch.float64)
    ends[1, 0] = 1.5 * unit
    found = DIVERGENCES["mmd"](bandwidths=(0.7,)).gram(ends[:1], ends[1:])
    assert float(found) == pytest.approx(math.exp(-(1.5**2) / (2 * 0.7**2)), rel=1e-9)


def test_energy_in_one_dimension_is_twice_cramer():
    """2 ∫ (F_P − F_Q)² for two step functions, with the pairs i = j counted."""
    x, y = normal(40, 1, 0), normal(25, 1, 1, 0.7)
    places = torch.cat([x, y]).flatten().sort().values
    middle = (places[1:] + places[:-1]) / 2
    levels = [(middle[:, None] > sample.flatten()).double().mean(1) for sample in (x, y)]
    cramer = float(((levels[0] - levels[1]).square() * places.diff()).sum())
    found = DIVERGENCES["energy"]().estimate(x, y, CHANCE)
    with_itself = sum(float((s - s.T).abs().sum()) * (1 / (n * (n - 1)) - 1 / n**2) for s, n in ((x, 40), (y, 25)))
    assert float(found) + with_itself == pytest.approx(2 * cramer, rel=1e-9)


def test_small_gaussian_kernels_lose_far_samples_from_sight_and_heavy_tails_do_not():
    real, far = normal(50, 2, 0), normal(50, 2, 1, 40.0)

    def pull(divergence) -> float:
        _, slope = divergence.estimate_slopes(real, far, CHANCE)
        return float(-slope.sum(0) @ (real.mean(0) - far.mean(0)))

    assert pull(DIVERGENCES["mmd"](bandwidths=(0.5,))) == pytest.approx(0.0, abs=1e-9)
    assert pull(DIVERGENCES["mmd"](kernel="inverse_multiquadric", bandwidths=(0.5,))) > 1e-3
    assert pull(DIVERGENCES["energy"]()) > 10
