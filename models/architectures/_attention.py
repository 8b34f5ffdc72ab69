"""Self-attention: every place takes from every other what it asks for.

softmax(QKᵀ / √w) V with Q, K, V linear in the places' numbers (Vaswani et al. 2017, arXiv:1706.03762, eq. 1). It is
written out as products: torch's fused one has no second derivative, which penalties on a critic's slope need.
"""

from __future__ import annotations

import math
from typing import Final

from torch import Tensor, nn

from models.architectures._blocks import Normalised, QuietConv2d

HEAD: Final = 16
"""Numbers of each place by which one head compares."""


def attend(mixed: Tensor, heads: int) -> Tensor:
    """What each place takes in.

    Args:
        mixed: Q, K and V of each place, side by side, shape (N, places, 3 · width).
        heads: how many heads attend on their own, each with its share of the width.

    Returns:
        Shape (N, places, width).
    """
    q, k, v = mixed.unflatten(2, (3, heads, -1)).permute(2, 0, 3, 1, 4)
    weights = (q @ (k.transpose(2, 3) / math.sqrt(q.shape[3]))).softmax(3)
    return (weights @ v).transpose(1, 2).flatten(2)


class PlaneAttention(nn.Module):
    """Planes with what each pixel takes from all others added; begins as nothing."""

    def __init__(self, normalisation: str, channels: int) -> None:
        super().__init__()
        self.norm = Normalised(normalisation, channels, 0)
        self.mix = nn.Conv2d(channels, 3 * channels, 1)
        self.out = QuietConv2d(channels, channels, 1)
        self._heads = channels // HEAD if channels % HEAD == 0 else 1

    def forward(self, h: Tensor) -> Tensor:
        """Shape (N, channels, rows, columns) to the same."""
        mixed = self.mix(self.norm(h, None)).flatten(2).transpose(1, 2)
        taken = attend(mixed, self._heads).transpose(1, 2)
        return h + self.out(taken.unflatten(2, h.shape[2:]))
