"""Data between two bounds spread over the whole line: for the maps of a flow, which know no bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.data import Data

MARGIN: Final = 1e-3
"""Share of the width that the bounds are moved outwards by on either side: data at a bound have a finite logit."""

CLOSEST: Final = 1e-7
"""Share of the width within which of a bound a sample may lie: single precision tells no nearer ones apart."""


@dataclass(frozen=True)
class Box:
    """The interval [low, high] of every coordinate, and the logit that takes it to the line.

    v = log(s/(1 − s)) with s = (u − low)/(high − low), so that log |dv/du| = −log(s(1 − s)(high − low)): as is common
    for flows of pictures (Dinh et al. 2017, arXiv:1605.08803, section 4.1; Papamakarios et al. 2017, arXiv:1705.07057,
    section 4.3). Without it a map as plain as shift and scale gives a good part of its mass to values beyond black and
    white, where there are none.

    Attributes:
        low: the lower bound, units of training.
        high: the upper one.
    """

    low: float
    high: float

    @classmethod
    def around(cls, data: Data) -> Box | None:
        """A little more than the intervals around the levels of data; None where numbers take any value."""
        cells = data.cells
        if cells is None:
            return None
        low, high = cells.ends
        margin = MARGIN * (high - low)
        return cls(low - margin, high + margin)

    def spread(self, u: Tensor) -> tuple[Tensor, Tensor]:
        """The pair v and Σ log |dv/du|, shapes (N, d) and (N,); beyond the bounds that is −∞, for no mass is there."""
        share = (u - self.low) / (self.high - self.low)
        is_inside = ((share - 0.5).abs() <= 0.5 + 2 * CLOSEST).all(1)  # a bound itself may be rounded outwards
        s = share.clamp(CLOSEST, 1 - CLOSEST)
        up, down = s.log(), torch.log1p(-s)
        stretch = -(up + down).sum(1) - u.shape[1] * math.log(self.high - self.low)
        return up - down, torch.where(is_inside, stretch, -torch.inf)

    def gathered(self, v: Tensor) -> tuple[Tensor, Tensor]:
        """The way back, and Σ log |du/dv|, shapes (N, d) and (N,)."""
        up, down = torch.nn.functional.logsigmoid(v), torch.nn.functional.logsigmoid(-v)
        width = self.high - self.low
        return self.low + width * v.sigmoid(), (up + down).sum(1) + v.shape[1] * math.log(width)
