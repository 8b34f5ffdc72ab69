"""One-sided label smoothing: a share ε of the data is called samples.

With the critic's loss L = a(data) + b(samples), it descends (1 − ε) a(data) + ε b(data) + b(samples) instead (Salimans
et al. 2016, arXiv:1606.03498, section 3.4). Of a divergence only L is known; but L(0, x) − L(x, 0) is b − a up to a
constant, which is all that it takes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from models.divergences._base import CriticDivergence


def smoothed_loss(divergence: CriticDivergence, real: Tensor, fake: Tensor, share: float) -> Tensor:
    """L + ε (b − a)(data), with b − a set to 0 at output 0: outputs, shapes (N, 1) and (M, 1), to ()."""
    zero = torch.zeros_like(real)
    wrong = divergence.critic_loss(zero, real) - divergence.critic_loss(real, zero)
    return divergence.critic_loss(real, fake) + share * wrong


def smoothed_slopes(
    divergence: CriticDivergence, real: Tensor, fake: Tensor, share: float
) -> tuple[float, Tensor, Tensor]:
    """L of the labels as they are, and the derivatives of the smoothed loss in ``real`` and in ``fake``."""
    loss, as_real, on_fake = divergence.critic_slopes(real, fake)
    _, _, as_fake = divergence.critic_slopes(real, real)
    return loss, torch.lerp(as_real, as_fake, share), on_fake


def has_labels(divergence: CriticDivergence) -> bool:
    """Whether the loss asks for values of T, and not only for differences, which no label fixes."""
    outputs = torch.tensor([[0.5]]), torch.tensor([[-0.5]])
    shifted = (output + 3 for output in outputs)
    before, after = divergence.critic_loss(*outputs), divergence.critic_loss(*shifted)
    return not divergence.paired and not torch.isclose(before, after)
