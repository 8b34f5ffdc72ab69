"""A residual block of convolutions, pre-activated, and how planes change size between blocks."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from models.architectures._blocks import Normalised, QuietConv2d, activation
from models.architectures._pictured import Convolved
from models.architectures._planes import Sides


class ResidualBlock(nn.Module):
    """h + F(h): normalise, φ, convolve, normalise and modulate, φ, convolve; the last kernel starts at 0.

    Source: He et al. 2016, arXiv:1603.05027, figure 4e; modulated as in Dhariwal and Nichol 2021, arXiv:2105.05233.
    """

    def __init__(self, spec: Convolved, before: int, after: int, told: int, gap: int = 1) -> None:
        """Fresh layers.

        Args:
            spec: names φ and the normalisation.
            before: planes that come in.
            after: planes that go out.
            told: how many numbers a condition is; 0 for none.
            gap: pixels from weight to weight of the kernels.
        """
        super().__init__()
        self.norm_in = Normalised(spec.normalisation, before, 0)
        self.conv_in = nn.Conv2d(before, after, 3, padding=gap, dilation=gap)
        self.norm_out = Normalised(spec.normalisation, after, told)
        self.conv_out = QuietConv2d(after, after, 3, padding=gap, dilation=gap)
        self.activation = activation(spec.activation)
        self.skip = nn.Identity() if before == after else nn.Conv2d(before, after, 1)

    def forward(self, h: Tensor, told: Tensor | None) -> Tensor:
        """Shape (N, before, rows, columns) to (N, after, rows, columns)."""
        inner = self.conv_in(self.activation(self.norm_in(h, None)))
        return self.skip(h) + self.conv_out(self.activation(self.norm_out(inner, told)))


def pooled(h: Tensor, sides: Sides) -> Tensor:
    """Planes with so many rows and columns, each pixel a mean: shape (N, c, rows, columns) to (N, c, *sides)."""
    return h if h.shape[2:] == sides else functional.adaptive_avg_pool2d(h, sides)


def resized(h: Tensor, sides: Sides) -> Tensor:
    """Planes with so many rows and columns, pixels repeated: shape (N, c, rows, columns) to (N, c, *sides)."""
    return h if h.shape[2:] == sides else functional.interpolate(h, size=sides)
