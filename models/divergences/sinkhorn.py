"""The Sinkhorn divergence: optimal transport, blurred so that it is smooth and quick to find."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

import torch
from torch import Tensor

from models.divergences._base import DIVERGENCES
from models.divergences._coupling import MOST, costs
from models.divergences._on_pictures import BLURRED
from models.divergences._transport import TransportCost
from models.registry import option


@DIVERGENCES.register
class Sinkhorn(TransportCost):
    """Transport cost with an entropy term: samples move along blurred optimal paths, and equal samples cost nothing.

    S = OT_ε(P, Q) − ½ OT_ε(P, P) − ½ OT_ε(Q, Q) with OT_ε = min over couplings π of Σ π c + ε KL(π ‖ P ⊗ Q), where
    c = ‖x − x̂‖ᵖ/p and ε = σᵖ. A small blur σ gives Wasserstein distances, a large one an MMD with the kernel −c, with
    what is smaller than σ lost from sight. Without the two corrections (debiased off) samples shrink towards the middle
    of the data. At p = 2 and σ → 0 a unit step against the gradient, each sample's own, takes it to its goal.

    Source: Feydy et al. 2019, arXiv:1810.08278, eq. 3 and section 3.1; Genevay et al. 2018, arXiv:1706.00292; the
    schedule of ε: Schmitzer 2019, arXiv:1610.06519.
    """

    title: ClassVar[str] = "Sinkhorn"
    source: ClassVar[str] = "Feydy et al. 2019, arXiv:1810.08278, eq. 3"
    formula: ClassVar[str] = (
        r"OT_\varepsilon(P, Q) - \frac{1}{2} OT_\varepsilon(P, P) - \frac{1}{2} OT_\varepsilon(Q, Q)"
    )
    on_pictures: ClassVar[str] = BLURRED

    blur: float = option(
        0.05, label="blur", symbol="σ", low=1e-3, high=100.0, log=True, live=True,
        help="Distance below which samples are not told apart, data units; ε = σᵖ.",
    )  # fmt: skip
    debiased: bool = option(
        default=True, label="debiased", live=True,
        help="Takes off what the blur alone costs, so that equal samples cost nothing.",
    )  # fmt: skip
    scaling: float = option(
        0.7, label="cooling", symbol="q", low=0.1, high=0.99, live=True,
        help="By what the blur shrinks from sweep to sweep until it is σ; nearer to 1 is slower and more exact.",
    )  # fmt: skip
    settling: int = option(
        5, label="settling", low=0, high=10_000, live=True,
        help="How many more sweeps there are at the final blur; more are more exact, above all when the blur is small.",
    )  # fmt: skip

    def estimate(self, real: Tensor, fake: Tensor, chance: torch.Generator) -> Tensor:
        """The dual value; potentials are constant in the gradient (envelope theorem), but for the last sweep."""
        on_real, on_fake = self._solve(real, fake)
        value = self._softmin(real, fake, on_fake).mean() + self._softmin(fake, real, on_real).mean()
        if not self.debiased:
            return value
        return value - self._blur_of(real) - self._blur_of(fake)

    def witness(self, points: Tensor, real: Tensor, fake: Tensor) -> Tensor:
        """−∂S/∂Q: the potential that samples climb."""
        real, fake = real[:MOST], fake[:MOST]
        on_real, _ = self._solve(real, fake)
        climbed = -self._softmin(points, real, on_real)
        return climbed + self._softmin(points, fake, self._solve_own(fake)) if self.debiased else climbed

    def _blur_of(self, x: Tensor) -> Tensor:
        """½ OT_ε(X, X)."""
        return self._softmin(x, x, self._solve_own(x)).mean()

    @torch.no_grad()
    def _solve(self, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
        """The dual potentials on data and on samples, both updated at once and averaged."""
        cost = costs(real, fake, self.power) / self.power
        on_real, on_fake = cost.new_zeros(len(real)), cost.new_zeros(len(fake))
        for epsilon in self._epsilons(torch.cat([real, fake])):
            next_real, next_fake = _softmin(cost, on_fake, epsilon), _softmin(cost.T, on_real, epsilon)
            on_real, on_fake = (on_real + next_real) / 2, (on_fake + next_fake) / 2
        return on_real, on_fake

    @torch.no_grad()
    def _solve_own(self, x: Tensor) -> Tensor:
        """The one potential of a sample against itself."""
        cost = costs(x, x, self.power) / self.power
        potential = cost.new_zeros(len(x))
        for epsilon in self._epsilons(x):
            potential = (potential + _softmin(cost, potential, epsilon)) / 2
        return potential

    def _epsilons(self, x: Tensor) -> Iterator[float]:
        """Falls from the extent of the samples to σᵖ, and stays there for a few sweeps."""
        extent = float((x.amax(0) - x.amin(0)).norm())
        sweeps = math.ceil(math.log(max(extent / self.blur, 1.0)) / -math.log(self.scaling))
        yield from ((extent * self.scaling**sweep) ** self.power for sweep in range(sweeps))
        yield from [self.blur**self.power] * self.settling

    def _softmin(self, x: Tensor, y: Tensor, potential: Tensor) -> Tensor:
        """One sweep at the final ε, differentiable in x."""
        return _softmin(costs(x, y.detach(), self.power) / self.power, potential, self.blur**self.power)


def _softmin(cost: Tensor, potential: Tensor, epsilon: float) -> Tensor:
    """−ε log mean over j of exp((potential − cost)/ε), shape (N, M) and (M,) to (N,)."""
    return -epsilon * (torch.logsumexp((potential - cost) / epsilon, 1) - math.log(len(potential)))
