"""Gaussians bent into the arms of a pinwheel."""

from __future__ import annotations

import math
from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._base import DATA, Planar
from models.registry import option

DIRECTIONS: Final = 256
"""Directions around the origin between which roots of eq. 2 are sought."""

BISECTIONS: Final = 50
"""Halvings of such a gap: beyond the digits of float64."""

CHUNK: Final = 4096
"""Points whose roots are sought at once."""


@DATA.register
class Pinwheel(Planar):
    """Arms of Gaussian points, each turned the further the more it lies outwards.

    In an arm's own frame f ~ N((1, 0), diag(σ_r², σ_t²)). Arm k turns f by −φ with φ = 2πk/K + ω exp(f₁), and the whole
    is scaled:

        x = s R(−φ) f                                                                               (1)

    The turn keeps r = ‖f‖, so for a given x/s = r (cos θ, sin θ) the possible f = r (cos α, sin α) are the roots of

        h(α) = α − ω exp(r cos α) ≡ θ (mod 2π/K)                                                    (2)

    over all arms. The turn changes areas by h′(α) = 1 + ω f₂ exp(f₁), so p(x) = s⁻² 1/K Σ N(f) / |h′(α)| over the
    roots: the exact density by change of variables. Where h′ vanishes it has an integrable singularity, which for the
    default options lies where no mass is.

    Source: Johnson et al. 2016, arXiv:1603.06277, Figure 1, as in Grathwohl et al. 2019, FFJORD, arXiv:1810.01367, toy
    data ``pinwheel`` (5 arms, radial .3, tangential .1, rate .25, scale 2).
    """

    title: ClassVar[str] = "Pinwheel"
    source: ClassVar[str] = "Johnson et al. 2016, arXiv:1603.06277, Figure 1; FFJORD, arXiv:1810.01367, toy data"
    formula: ClassVar[str] = (
        r"s\,R\big(-\frac{2\pi k}{K} - \omega e^{f_1}\big)f,\quad "
        r"f \sim N((1,0), \mathrm{diag}(\sigma_r^2, \sigma_t^2))"
    )
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "log_prob", "everywhere", "classes"})

    arms: int = option(5, label="arms", symbol="K", low=1, high=12, help="How many arms the wheel has.")
    radial_std: float = option(
        0.3, label="radial std", symbol="σ_r", low=0.02, high=0.6, log=True,
        help="Standard deviation along each arm, before scaling.",
    )  # fmt: skip
    tangential_std: float = option(
        0.1, label="tangential std", symbol="σ_t", low=0.02, high=0.5, log=True,
        help="Standard deviation across each arm, before scaling.",
    )  # fmt: skip
    rate: float = option(0.25, label="rate", symbol="ω", low=0.0, high=0.6, help="How strongly the arms are bent.")
    scale: float = option(
        2.0,
        label="scale",
        symbol="s",
        low=0.1,
        high=10.0,
        log=True,
        help="Distance of an arm's middle from the origin.",
    )

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw f and an arm and turn it by eq. 1, shape (n, 2)."""
        return self.draw_told(n, generator)[0]

    @property
    def class_names(self) -> tuple[str, ...]:
        """The arms, numbered from 1."""
        return tuple(str(number + 1) for number in range(self.arms))

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same draws, and the arm of each."""
        noise = torch.randn(n, 2, generator=generator)
        along, across = 1 + self.radial_std * noise[:, 0], self.tangential_std * noise[:, 1]
        arm = torch.randint(self.arms, (n,), generator=generator)
        turn = arm * (2 * math.pi / self.arms) + self.rate * along.exp()
        cosine, sine = turn.cos(), turn.sin()
        x = torch.stack([along * cosine + across * sine, across * cosine - along * sine], 1).mul_(self.scale)
        return x, arm

    def log_prob(self, x: Tensor) -> Tensor:
        """Exact log density in nats by change of variables over the roots of eq. 2, shape (N,)."""
        return torch.cat([self._log_prob(part.double()) for part in x.split(CHUNK)]).to(x)

    def _log_prob(self, x: Tensor) -> Tensor:
        radius, direction = x.norm(dim=1) / self.scale, torch.atan2(x[:, 1], x[:, 0])
        sample, alpha = self._roots(radius, direction)
        r = radius[sample]
        along, across = r * alpha.cos(), r * alpha.sin()
        quadratic = ((along - 1) / self.radial_std).square() + (across / self.tangential_std).square()
        log_area = torch.log((1 + self.rate * across * along.exp()).abs())
        constant = math.log(self.arms * 2 * math.pi * self.radial_std * self.tangential_std * self.scale**2)
        terms = -0.5 * quadratic - log_area - constant
        return _logsumexp_by(sample, terms, len(x))

    def _turned(self, radius: Tensor, alpha: Tensor) -> Tensor:
        """h(α) of eq. 2 in units of 2π/K, the angle between arms."""
        return (alpha - self.rate * torch.exp(radius * alpha.cos())) * (self.arms / (2 * math.pi))

    def _roots(self, radius: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
        """All roots α of eq. 2: the index of the point that each belongs to, and α, both shape (M,)."""
        edges = torch.linspace(-math.pi, math.pi, DIRECTIONS + 1, dtype=torch.float64, device=radius.device)
        target = direction[:, None] * (self.arms / (2 * math.pi))
        level = (self._turned(radius[:, None], edges) - target).floor()
        sample, gap = (level[:, 1:] != level[:, :-1]).nonzero(as_tuple=True)
        crossed = torch.maximum(level[sample, gap], level[sample, gap + 1])
        goal = crossed + target[sample, 0]
        rising = (level[sample, gap + 1] > level[sample, gap]).double().mul(2).sub(1)
        found = self._bisect(radius[sample], goal, rising, edges[gap], edges[gap + 1])
        return sample, self._polish(radius[sample], goal, found)

    def _bisect(self, radius: Tensor, goal: Tensor, rising: Tensor, low: Tensor, high: Tensor) -> Tensor:
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            is_below = (self._turned(radius, middle) - goal) * rising < 0
            low, high = torch.where(is_below, middle, low), torch.where(is_below, high, middle)
        return (low + high) / 2

    def _polish(self, radius: Tensor, goal: Tensor, alpha: Tensor) -> Tensor:
        """One step of Newton's method: the roots stay, and depend on the point as the implicit function says."""
        slope = 1 + self.rate * radius * alpha.sin() * torch.exp(radius * alpha.cos())
        error = (self._turned(radius, alpha) - goal) * (2 * math.pi / self.arms)
        return alpha - error / slope.detach()


def _logsumexp_by(group: Tensor, terms: Tensor, groups: int) -> Tensor:
    """Log of the sum of exp(terms) within each group, shape (M,) to (groups,)."""
    peak = terms.new_full((groups,), -math.inf).scatter_reduce(0, group, terms.detach(), "amax")
    total = terms.new_zeros(groups).index_add(0, group, torch.exp(terms - peak[group]))
    return peak + total.log()
