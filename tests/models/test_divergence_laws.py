"""Every divergence, present and future: gradients right, zero on equals, positive on others, bounds that are bounds."""

from __future__ import annotations

import math

import pytest
import torch

from models.architectures.mlp import Mlp
from models.catalogue import describe
from models.divergences import DIVERGENCES, Divergence
from models.divergences._base import CriticDivergence, SampleDivergence, slopes

CHANCE = torch.Generator()


def estimate(divergence, real, fake):
    return divergence.estimate(real, fake, CHANCE.manual_seed(0))


CRITICS = [member.key for member in DIVERGENCES if "critic" in member.capabilities]
KERNELS = [member.key for member in DIVERGENCES if "kernel" in member.capabilities]
TRANSPORTS = [member.key for member in DIVERGENCES if "transport" in member.capabilities]
TRUTHFUL = [member.key for member in DIVERGENCES if member.witness is not Divergence.witness]
SAMPLED = [member.key for member in DIVERGENCES if member.capabilities & {"kernel", "transport"}]


def possible(divergence, outputs):
    """Those outputs that the best critic could give for some pair of laws."""
    ends = divergence.optimal(torch.tensor([-30.0, 30.0]))
    if ends is None:
        return outputs
    t = divergence.statistic(outputs)
    return outputs[(t >= ends[0]) & (t <= ends[1])][:, None]


def normal(n: int, d: int, seed: int, shift: float = 0.0) -> torch.Tensor:
    return torch.randn(n, d, generator=torch.Generator().manual_seed(seed)) + shift


@pytest.mark.parametrize("key", DIVERGENCES.keys())
def test_declares_what_it_is(key):
    divergence = DIVERGENCES[key]()
    assert ("critic" in divergence.capabilities) == isinstance(divergence, CriticDivergence)
    assert bool(divergence.capabilities & {"kernel", "transport"}) == isinstance(divergence, SampleDivergence)
    assert divergence.formula
    assert DIVERGENCES.parse(divergence.recipe()) == divergence


@pytest.mark.parametrize("key", CRITICS)
def test_written_out_slopes_equal_autograd(key):
    divergence = DIVERGENCES[key]()
    real, fake = normal(9, 1, 0, 1.0) * 4, normal(9 if divergence.paired else 7, 1, 1) * 4
    for ours, reference in zip(
        divergence.critic_slopes(real, fake), slopes(divergence.critic_loss, real, fake), strict=True
    ):
        torch.testing.assert_close(ours, reference)
    for written, loss in (
        (divergence.minimax_slopes, divergence.minimax_loss),
        (divergence.non_saturating_slopes, divergence.non_saturating_loss),
    ):
        for ours, reference in zip(written(fake, real), slopes(lambda v, to=loss: to(v, real), fake), strict=True):
            torch.testing.assert_close(ours, reference)


@pytest.mark.parametrize("key", CRITICS)
@pytest.mark.parametrize("loss", ["minimax_loss", "non_saturating_loss"])
def test_generator_losses_agree_with_finite_differences(key, loss):
    divergence = DIVERGENCES[key]()
    fake = normal(6, 1, 0).double().requires_grad_(True)
    real = normal(6, 1, 1).double()
    assert torch.autograd.gradcheck(lambda v: getattr(divergence, loss)(v, real), (fake,))


@pytest.mark.parametrize("key", CRITICS)
def test_the_generator_wants_the_critic_to_rise(key):
    divergence = DIVERGENCES[key]()
    outputs, real = possible(divergence, normal(20, 1, 0)), normal(20, 1, 1)
    for loss in (divergence.minimax_slopes, divergence.non_saturating_slopes):
        _, slope = loss(outputs, real[: len(outputs)])
        assert bool((slope <= 0).all())
        assert bool((slope < 0).any())


@pytest.mark.parametrize("key", CRITICS)
def test_a_critic_that_sees_nothing_proves_nothing(key):
    """A constant critic's bound is 0 at the threshold and below 0 elsewhere."""
    divergence = DIVERGENCES[key]()
    constant = torch.linspace(-3, 3, 601).double()[:, None, None].expand(-1, 10, 1)
    bounds = [divergence.bound(float(divergence.critic_loss(v, v))) for v in constant]
    assert max(bounds) == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("key", SAMPLED)
def test_written_out_estimate_equals_autograd(key):
    divergence = DIVERGENCES[key]()
    real, fake = normal(40, 3, 0).double(), normal(30, 3, 1, 0.3).double()
    value, slope = divergence.estimate_slopes(real, fake, CHANCE.manual_seed(0))
    reference, gradient = slopes(lambda x: estimate(divergence, real, x), fake)
    assert value == pytest.approx(reference, rel=1e-9)
    torch.testing.assert_close(slope, gradient)


@pytest.mark.parametrize("key", KERNELS)
def test_kernel_estimates(key):
    divergence = DIVERGENCES[key]()
    same = [float(estimate(divergence, normal(400, 2, s), normal(400, 2, 100 + s))) for s in range(10)]
    apart = float(estimate(divergence, normal(400, 2, 0), normal(400, 2, 1, 0.5)))
    mean, error = sum(same) / 10, torch.tensor(same).std().item() / math.sqrt(10)
    assert abs(mean) < 4 * error + 1e-6
    assert apart > max(same)
    x = normal(5, 2, 0).double()
    y = normal(6, 2, 1).double().requires_grad_(True)
    assert torch.autograd.gradcheck(lambda y: estimate(divergence, x, y), (y,))


@pytest.mark.parametrize("key", TRANSPORTS)
@pytest.mark.parametrize("sizes", [(60, 60), (60, 45)])
def test_transport_costs(key, sizes):
    """Never below 0 but for rounding, less between equals than between others, more the farther they lie apart."""
    divergence, (n, m) = DIVERGENCES[key](), sizes
    for seed in range(3):
        real, fake = normal(n, 2, seed).double(), normal(m, 2, 50 + seed).double()
        same, near, far = (float(estimate(divergence, real, fake + shift)) for shift in (0.0, 1.0, 3.0))
        assert -1e-6 <= same < near < far
        assert far == pytest.approx(float(estimate(divergence, fake + 3.0, real)), rel=1e-6)
        shuffled = real[torch.randperm(n, generator=torch.Generator().manual_seed(seed))]
        assert float(estimate(divergence, real, shuffled)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("key", TRUTHFUL)
def test_a_truth_on_samples_is_high_on_data(key):
    """Where the best critic of two samples has a closed form, it tells data from samples and follows a shift."""
    real, fake = normal(120, 2, 0), normal(90, 2, 1, 2.0)
    points = torch.cat([real, fake])
    truth = DIVERGENCES[key]().witness(points, real, fake)
    assert truth is not None
    assert truth.shape == (210,)
    assert truth[:120].mean() > truth[120:].mean() + 0.1
    moved = DIVERGENCES[key]().witness(points + 5, real + 5, fake + 5)
    torch.testing.assert_close(moved, truth, rtol=1e-3, atol=2e-3)


def test_jensen_shannon_is_reached_by_the_log_ratio():
    """N(0,1) against N(1,1): JSD by quadrature; the best critic is log p/q = ½ − x."""
    grid = torch.linspace(-9, 10, 20_001, dtype=torch.float64)
    p, q = (torch.exp(-((grid - m) ** 2) / 2) / math.sqrt(2 * math.pi) for m in (0.0, 1.0))
    mix = (p + q) / 2
    jsd = float(torch.trapezoid(0.5 * p * (p / mix).log() + 0.5 * q * (q / mix).log(), grid))
    x, y = normal(400_000, 1, 0).double(), normal(400_000, 1, 1, 1.0).double()
    divergence = DIVERGENCES["jensen_shannon"]()
    best = divergence.bound(float(divergence.critic_loss(0.5 - x, 0.5 - y)))
    worse = divergence.bound(float(divergence.critic_loss(0.7 * (0.5 - x), 0.7 * (0.5 - y))))
    assert best == pytest.approx(jsd, abs=1e-3)
    assert worse < best


def test_wasserstein_of_a_shift_is_its_length():
    divergence = DIVERGENCES["wasserstein_1"]()
    x = normal(1000, 1, 0)
    assert divergence.bound(float(divergence.critic_loss(-x, -(x + 3.0)))) == pytest.approx(3.0, rel=1e-5)


def test_gradient_penalty_is_zero_exactly_at_slope_one():
    critic = Mlp(depth=0).build(2, 1, torch.Generator().manual_seed(0))
    divergence = DIVERGENCES["wasserstein_1"](gradient_penalty=10.0)
    x, y, mix = normal(8, 2, 0), normal(8, 2, 1), torch.rand(8, 1, generator=torch.Generator().manual_seed(2))
    critic.theta.copy_(torch.tensor([0.6, 0.8, 0.1]))
    at_one = critic.add_slope_penalty(divergence.penalty(x, y, mix))
    critic.theta.mul_(3)
    at_three = critic.add_slope_penalty(divergence.penalty(x, y, mix))
    assert at_one == pytest.approx(0.0, abs=1e-10)
    assert at_three == pytest.approx(40.0, rel=1e-5)


def test_clipping_keeps_weights_in_the_box():
    theta = torch.tensor([-3.0, 0.005, 3.0])
    DIVERGENCES["wasserstein_1"](gradient_penalty=0.0, clip=0.01).constrain(theta)
    assert theta.tolist() == pytest.approx([-0.01, 0.005, 0.01])


def test_mmd_of_two_gaussians_in_closed_form():
    """E k over Gaussians is Gaussian: with h and unit variances, E k(x, y) = (1 + 2/h²)^(−d/2) exp(−‖δ‖²/2(h²+2))."""
    h, shift, d = 0.7, 1.0, 2
    scale = (1 + 2 / h**2) ** (-d / 2)
    exact = 2 * scale - 2 * scale * math.exp(-d * shift**2 / (2 * (h**2 + 2)))
    divergence = DIVERGENCES["mmd"](bandwidths=(h,))
    found = [float(estimate(divergence, normal(2000, d, s), normal(2000, d, 500 + s, shift))) for s in range(6)]
    assert sum(found) / 6 == pytest.approx(exact, rel=0.03)


@pytest.mark.parametrize("key", SAMPLED)
def test_those_that_compare_pixels_say_so_and_the_catalogue_passes_it_on(key):
    told = describe(DIVERGENCES[key])["explanation"]
    assert told.count(".") == told.endswith(".")  # one sentence, or none
    assert bool(told) == (key != "max_sliced_wasserstein")
