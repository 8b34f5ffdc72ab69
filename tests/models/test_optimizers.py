"""Each optimiser moves a flat vector exactly as torch's own does."""

from __future__ import annotations

import pytest
import torch

from models.optimizers import OPTIMIZERS

TORCHS_OWN = {
    "adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.5, 0.9)),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01, betas=(0.5, 0.9), weight_decay=0.3),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.8),
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.7),
}
OPTIONS = {"adamw": {"decay": 0.3}, "rmsprop": {"alpha": 0.8}, "sgd": {"momentum": 0.7}}


@pytest.mark.parametrize("key", OPTIMIZERS.keys())
def test_agrees_with_torch(key):
    chance = torch.Generator().manual_seed(0)
    theta = torch.randn(50, generator=chance)
    reference = theta.clone().requires_grad_(True)
    ours, theirs = OPTIMIZERS[key](lr=0.01, **OPTIONS.get(key, {})), TORCHS_OWN[key]([reference])
    memory = ours.start(theta)
    for _ in range(20):
        gradient = torch.randn(50, generator=chance)
        reference.grad = gradient.clone()
        theirs.step()
        ours.step(theta, gradient, memory, ours.lr)
    torch.testing.assert_close(theta, reference.detach(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("key", OPTIMIZERS.keys())
def test_descends_a_parabola(key):
    theta = torch.full((3,), 2.0)
    optimizer = OPTIMIZERS[key](lr=0.05)
    memory = optimizer.start(theta)
    for _ in range(400):
        optimizer.step(theta, 2 * theta, memory, 0.05)
    assert float(theta.abs().max()) < 0.1


@pytest.mark.parametrize(("key", "options"), [*((member.key, {}) for member in OPTIMIZERS), ("sgd", {"momentum": 0.7})])
def test_plain_is_what_only_follows_the_present_gradient(key, options):
    optimizer = OPTIMIZERS[key](lr=0.05, **options)
    theta = torch.zeros(2)
    memory = optimizer.start(theta)
    moves = []
    for gradient in ([1.0, -2.0], [4.0, 0.0]):
        before = theta.clone()
        optimizer.step(theta, torch.tensor(gradient), memory, 0.05)
        moves.append((theta - before) / -0.05)
    follows = torch.allclose(torch.stack(moves), torch.tensor([[1.0, -2.0], [4.0, 0.0]]))
    assert optimizer.is_plain == follows


@pytest.mark.parametrize(("schedule", "middle"), [("constant", 1.0), ("linear", 0.5), ("cosine", 0.5)])
def test_schedules_hold_then_fall(schedule, middle):
    optimizer = OPTIMIZERS["adam"](schedule=schedule, hold=0.5)
    end = 1.0 if schedule == "constant" else 0.0
    assert [optimizer.factor(t) for t in (0.0, 0.5)] == [1.0, 1.0]
    assert optimizer.factor(0.75) == pytest.approx(middle)
    assert optimizer.factor(1.0) == pytest.approx(end)
    assert optimizer.factor(1.7) == pytest.approx(end)


def test_a_held_schedule_never_falls():
    assert OPTIMIZERS["adam"](schedule="linear", hold=1.0).factor(0.99) == 1.0
