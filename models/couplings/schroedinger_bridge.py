"""Noise and data joined by the likeliest random ways between them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.couplings._base import COUPLINGS, Coupling, Pairs, costs
from models.registry import option

COOLING: Final = 0.5
"""By what ε falls from sweep to sweep, until it is 2σ²."""

SETTLING: Final = 50
"""Sweeps at the final ε, at most."""

SETTLED: Final = 0.02
"""The relative error of the source's margin at which sweeps end."""


@COUPLINGS.register
class SchroedingerBridge(Coupling):
    """Brownian motion of strength σ that is forced to start as the source and to end as the data.

    Its ends are joined by the entropic plan with ε = 2σ², and between two ends it is a Brownian bridge: paths are
    blurred by σ √(t(1 − t)). A small σ gives optimal transport, a large one joins any noise with any data. With a batch
    of 256 a step takes longer by about 3 ms where σ is the size of the data, and by ten times that where it is a tenth.

    Source: Tong et al. 2024, arXiv:2302.00482, section 3.2.4; sweeps: Cuturi 2013, arXiv:1306.0895; the falling ε:
    Schmitzer 2019, arXiv:1610.06519.
    """

    title: ClassVar[str] = "Schrödinger bridge"
    source: ClassVar[str] = "Tong et al. 2024, arXiv:2302.00482, section 3.2.4"
    formula: ClassVar[str] = r"\min_{\pi \in \Pi(P_Z, P_X)} E_\pi\, \Vert z - u_0 \Vert^2 - 2 \sigma^2 H(\pi)"
    most: ClassVar[int] = 1024

    std: float = option(
        0.5, label="strength", symbol="σ", low=0.1, high=10.0, log=True, live=True,
        help="Standard deviation of the Brownian motion after all of its time, in the units of the net.",
    )  # fmt: skip

    @property
    def bridge(self) -> float:
        """σ."""
        return self.std

    def pair(self, source: Tensor, data: Tensor, chance: torch.Generator) -> Pairs:
        """Each datum with a place at the source that is drawn from the plan."""
        cost = costs(data, source)
        potential = self._potential(cost)
        chosen = torch.multinomial(((potential - cost) / self._blur).softmax(1).cpu(), 1, generator=chance)[:, 0]
        return Pairs(source[chosen.to(source.device)], data, torch.arange(len(data), device=data.device))

    @property
    def _blur(self) -> float:
        return 2 * self.std**2

    def _potential(self, cost: Tensor) -> Tensor:
        """Sinkhorn's sweeps in logarithms, which cannot overflow: the potential of each place at the source, (N,)."""
        on_source = cost.new_zeros(cost.shape[1])
        for epsilon in self._epsilons(float(cost.max())):
            on_source = _swept(cost, on_source, epsilon)
        for _ in range(SETTLING):
            before, on_source = on_source, _swept(cost, on_source, self._blur)
            if float((on_source - before).abs().max()) < SETTLED * self._blur:
                break
        return on_source

    def _epsilons(self, largest: float) -> Iterator[float]:
        """Falls from the largest cost towards 2σ²."""
        falls = math.ceil(math.log(max(largest / self._blur, 1.0)) / -math.log(COOLING))
        yield from (largest * COOLING**fall for fall in range(falls))


def _swept(cost: Tensor, on_source: Tensor, epsilon: float) -> Tensor:
    """The source's potentials after the data's have followed them, costs of shape (N, M), to (M,)."""
    on_data = -epsilon * torch.logsumexp((on_source - cost) / epsilon, 1, keepdim=True)
    return -epsilon * torch.logsumexp((on_data - cost) / epsilon, 0)
