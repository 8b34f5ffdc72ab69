"""The sliced Wasserstein distance: transport on many lines at once."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._on_pictures import COARSE
from models.divergences._projections import directions, line_costs
from models.divergences._transport import TransportCost
from models.registry import option


@DIVERGENCES.register
class SlicedWasserstein(TransportCost):
    """Mean transport cost of what is seen from random directions: sorting is all it takes.

    Mean over unit vectors w of Wₚᵖ(wᵀx, wᵀx̂), each found by sorting. Gradients never vanish and no critic is trained.
    In many dimensions most directions show nothing, and thin shapes are learnt slowly, as only few directions see them.
    The p-th power is reported, without a root, so that gradients of batches average.

    Source: Bonneel et al. 2015, J. Math. Imaging Vis. 51; as a generator's loss: Deshpande et al. 2018,
    arXiv:1803.11188, Algorithm 1.
    """

    title: ClassVar[str] = "Sliced Wasserstein"
    source: ClassVar[str] = "Bonneel et al. 2015, J. Math. Imaging Vis. 51; Deshpande et al. 2018, arXiv:1803.11188"
    formula: ClassVar[str] = r"E_w \left[ W_p^p(w^\top x, w^\top \hat x) \right]"
    on_pictures: ClassVar[str] = COARSE

    directions: int = option(
        64, label="directions", symbol="L", low=1, high=4096, log=True, live=True,
        help="How many random directions each step looks from; more give steadier gradients.",
    )  # fmt: skip

    def estimate(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """Mean over fresh directions of Wₚᵖ."""
        return line_costs(real, fake, directions(self.directions, real, chance), self.power).mean()
