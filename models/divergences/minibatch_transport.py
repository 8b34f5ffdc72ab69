"""Exact optimal transport between a batch of data and a batch of samples."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._coupling import costs, coupling
from models.divergences._on_pictures import BLURRED
from models.divergences._potential import kantorovich
from models.divergences._transport import TransportCost


@DIVERGENCES.register
class MinibatchTransport(TransportCost):
    """Each sample is matched with data at the least total cost, and moves straight towards its partner.

    min over couplings π of Σ πᵢⱼ ‖xᵢ − x̂ⱼ‖ᵖ between two batches, solved exactly. No critic, and every datum of a batch
    has its samples, so no mode is forgotten. But two batches of one law are never equal: the cost has a floor above 0
    that falls with the batch size, and the gradient pulls samples to the middle of what a batch shows.

    Source: Fatras et al. 2020, arXiv:1910.04091; gradient by the envelope theorem: Peyré and Cuturi 2019,
    arXiv:1803.00567, section 9.1.
    """

    title: ClassVar[str] = "Exact transport"
    source: ClassVar[str] = "Fatras et al. 2020, arXiv:1910.04091"
    formula: ClassVar[str] = r"\min_\pi \sum_{ij} \pi_{ij} \Vert x_i - \hat x_j \Vert^p"
    on_pictures: ClassVar[str] = BLURRED

    def estimate(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """The cost of the best coupling, which is held constant in the gradient."""
        cost = costs(real, fake, self.power)
        plan, _ = coupling(cost)
        return (plan * cost).sum()

    def witness(self, points: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """The Kantorovich potential of this cost."""
        return kantorovich(points, real, fake, power=self.power)
