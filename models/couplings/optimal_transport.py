"""The cheapest way to join a batch of noise with a batch of data."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from models.couplings._base import COUPLINGS, Coupling, Pairs, costs


@COUPLINGS.register
class OptimalTransport(Coupling):
    """Of all ways to join two batches one to one, that with the shortest ways: Σ ‖z − u₀‖² is as small as can be.

    Such paths do not cross, so the mean velocity hardly bends, and a few steps of a sampler suffice. The plan of a
    batch is exact, by the network simplex; it tends to that of the two laws as batches grow. A step takes longer by
    about 1.5 ms with a batch of 128, 5 ms with 256 and 130 ms with 1,000.

    Source: Tong et al. 2024, arXiv:2302.00482, section 3.2.3; Pooladian et al. 2023, arXiv:2304.14772.
    """

    title: ClassVar[str] = "Optimal transport"
    source: ClassVar[str] = "Tong et al. 2024, arXiv:2302.00482, section 3.2.3"
    formula: ClassVar[str] = r"\min_{\pi \in \Pi(P_Z, P_X)} E_\pi\, \Vert z - u_0 \Vert^2"
    most: ClassVar[int] = 2048

    def pair(self, source: Tensor, data: Tensor, chance: torch.Generator) -> Pairs:
        """Each datum with the place at the source that the plan gives it."""
        index = torch.arange(len(data), device=data.device)
        return Pairs(source[_partners(costs(data, source)).to(data.device)], data, index)


def _partners(cost: Tensor) -> Tensor:
    """The column of each row in the cheapest assignment of a square matrix, shape (N, N) to (N,)."""
    import ot  # two seconds of imports, needed by few recipes

    weights = np.full(len(cost), 1 / len(cost))
    plan = ot.emd(weights, weights, cost.cpu().double().numpy(), numItermax=10_000_000)
    return torch.from_numpy(plan.argmax(1))
