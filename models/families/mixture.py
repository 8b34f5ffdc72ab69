"""The mixture of Gaussians: a latent variable that takes K values makes K components."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Final, Literal

import torch
from torch import Tensor, nn

from models.architectures import Architecture
from models.architectures._network import Network
from models.data._lloyd import distances, lloyd, spread_seeds
from models.data._picture import Shape, numbers
from models.families._base import FAMILIES, Components, DensityKind, Family, Model, Recipe
from models.families._gaussians import COVARIANCES, Covariance, Fit, Gaussians, Moments, expect
from models.families._weighted import Weighted
from models.latents import Latent
from models.latents.gaussian import Gaussian
from models.registry import RecipeError, option

LOOKED_AT: Final = 4_096
"""Samples that first centres are found among."""

RESTARTS: Final = 8
"""Times that k-means begins anew; the best end counts."""

LARGEST: Final = 2**24
"""Most numbers that the covariances may have together: beyond, one step takes seconds."""

Start = Callable[[Tensor, int, torch.Generator], Fit]


class MixtureModule(nn.Module):
    """Logits of the weights, means, and the free numbers of the covariances."""

    def __init__(self, count: int, dimension: int, covariance: Covariance, floor: float) -> None:
        super().__init__()
        self.covariance, self.floor = covariance, floor
        self.logits = nn.Parameter(torch.zeros(count))
        self.means = nn.Parameter(torch.zeros(count, dimension))
        self.free = nn.Parameter(torch.zeros(count, covariance.numbers(dimension)))

    def gaussians(self) -> Gaussians:
        """The components, differentiable in the weights."""
        return self._made_of(self.logits, self.means, self.free)

    @torch.no_grad()
    def exactly(self) -> Gaussians:
        """The same, worked out in double precision on the CPU: their weights sum to 1 to its last digit."""
        return self._made_of(*(numbers.cpu().double() for numbers in (self.logits, self.means, self.free)))

    def _made_of(self, logits: Tensor, means: Tensor, free: Tensor) -> Gaussians:
        return Gaussians(logits.log_softmax(0), means, self.covariance.scales(free, means.shape[1], self.floor))

    @torch.no_grad()
    def become(self, fit: Fit) -> None:
        """Take up these components; one that answers for nothing stays where it is, as it is."""
        free = self.covariance.fit(fit.covariances, self.floor)
        alive = fit.alive[:, None].to(self.means.device)
        self.logits.copy_(fit.weights.log())
        self.means.copy_(fit.means.to(self.means).where(alive, self.means))
        self.free.copy_(free.to(self.free).where(alive, self.free))


class MixtureModel(Model):
    """P_θ = Σₖ wₖ N(μₖ, Σₖ). A sample is made of d normals and one more, whose Φ picks the component."""

    def __init__(self, module: MixtureModule, start: Start) -> None:
        self.dimension = module.means.shape[1]
        # Its options bound what a person may choose as k; d may be larger.
        self.latent = Gaussian.model_construct(dimension=self.dimension + 1)
        self.network = Network(module)
        self._module = module
        self._start = start

    @property
    def density(self) -> DensityKind:
        """In closed form."""
        return "exact"

    @property
    def latent_dimension(self) -> int:
        """d: the noise within a component."""
        return self.dimension

    @torch.no_grad()
    def push_inside(self, z: Tensor) -> Tensor:
        """μₖ + Lₖ ε; without the number that picks, the component at the middle of the weights is taken."""
        mixture, d = self._module.gaussians(), self.dimension
        picks = z[:, d] if z.shape[1] > d else z.new_zeros(len(z))
        edges = mixture.log_weights.exp().cumsum(0)[:-1]
        component = torch.searchsorted(edges, torch.special.ndtr(picks).contiguous(), right=True)
        return mixture.place(z[:, :d], component)

    def start(self, u: Tensor, chance: torch.Generator) -> None:
        """The first components, as the recipe asks for."""
        few = u.detach().cpu().double()
        few = few[torch.randperm(len(few), generator=chance)[:LOOKED_AT]]
        self._module.become(self._start(few, len(self._module.means), chance))

    def log_density(self, u: Tensor) -> Tensor:
        """Log Σₖ wₖ N(u; μₖ, Σₖ)."""
        return self._module.gaussians().log_density(u)

    def draw_weighted(self, z: Tensor) -> Weighted:
        """Every component with every noise ε, weighted by wₖ / N: differentiable in the weights, too."""
        mixture = self._module.gaussians()
        u = mixture.place_all(z[:, : self.dimension])
        weight = (mixture.log_weights.exp() / len(z)).repeat_interleave(len(z))
        return Weighted(u, weight, mixture.log_density(u))

    def components(self) -> Components:
        """All of them."""
        mixture = self._module.gaussians()
        scales = mixture.scales.detach()
        if self.units is not None:
            scales = self.units.scale.to(scales)[:, None] * scales
        return Components(mixture.log_weights.detach().exp(), self.outward(mixture.means.detach()), scales @ scales.mT)

    def improve(self, u: Tensor) -> float:
        """One step of EM in double precision, the E step and then the M step."""
        x = u.detach().cpu().double()
        moments, log_likelihood = expect(self._module.exactly(), x)
        self._module.become(moments.fit())
        return log_likelihood


@FAMILIES.register
class Mixture(Family):
    """K Gaussians with weights: p_θ(x) = Σₖ wₖ N(x; μₖ, Σₖ).

    A latent variable with K values makes a finite mixture; a continuous one, as in a variational autoencoder, an
    infinite one. The density is exact, so θ is found by expectation maximisation, or by gradients on the likelihood or
    on the reverse KL. The likelihood has no bound above where a component may shrink onto one sample, so standard
    deviations have a floor.

    Source: McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1.
    """

    title: ClassVar[str] = "Mixture of Gaussians"
    source: ClassVar[str] = "McLachlan & Peel 2000, Finite Mixture Models, eq. 1.1"
    formula: ClassVar[str] = r"p_\theta(x) = \sum_k w_k \, N(x;\ \mu_k, \Sigma_k)"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "log_prob", "reparameterised", "components", "em"})
    idle: ClassVar[frozenset[str]] = frozenset({"architecture", "latent"})
    natural: ClassVar[Mapping[str, Any]] = MappingProxyType(
        {
            "divergence": "kl_forward",
            "objective": "maximum_likelihood",
            "optimizer": {"key": "adam", "lr": 0.01, "schedule": "linear"},
        }
    )

    components: int = option(
        8, label="Gaussians", symbol="K", low=1, high=256, log=True, help="How many components the mixture has."
    )
    covariance: Literal["full", "diagonal", "spherical"] = option(
        "full", label="covariance",
        help="What shape each may take: any ellipse, one along the axes, or a circle.",
    )  # fmt: skip
    start: Literal["kmeans", "random", "normal"] = option(
        "kmeans", label="start",
        help="Where they begin: on the clusters of k-means; or round ones on samples that are drawn at random; or, "
        "without a look at any data, round ones of size 1 on draws of N(0, I).",
    )  # fmt: skip
    floor: float = option(
        1e-3, label="least std", symbol="σ₀", low=1e-6, high=1.0, log=True,
        help="No Gaussian gets narrower than this: one that shrinks onto a single sample would have any likelihood. "
        "Steps of a learning rate beyond it overshoot: on pictures, whose pixels may be constant, 0.03 is better.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """Covariances of very wide data do not fit into memory."""
        d = recipe.data.dimension
        if self.components * d * d > LARGEST:
            most = LARGEST // d**2
            way = (f"family.components={most}",) if most else ()
            problem = f"{self.components} covariances of {d} × {d} numbers are too many: at most {most} fit"
            yield RecipeError("family.components", problem, way)

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """Round components of size 1 around places drawn from N(0, I); ``start`` gives them better ones."""
        module = MixtureModule(self.components, numbers(shape), COVARIANCES[self.covariance], self.floor)
        with torch.no_grad():
            module.means.normal_(generator=generator)
        return MixtureModel(module, STARTS[self.start])


def by_clusters(x: Tensor, k: int, chance: torch.Generator) -> Fit:
    """Components on the clusters of k-means: the best of several ends, by the distances that are left.

    A cluster with too few samples for a covariance takes the mean variance within all clusters.
    """
    ends = [_filled(lloyd(x, spread_seeds(x, k, chance, _drawn(x, 1, chance))), x, k, chance) for _ in range(RESTARTS)]
    means = min(ends, key=lambda end: float(distances(x, end).amin(dim=1).square().sum()))
    nearest, index = distances(x, means).min(dim=1)
    moments = Moments(means)
    moments.add((index == torch.arange(k)[:, None]).to(x), x)
    fit = moments.fit()
    is_small = moments.mass <= x.shape[1]
    common = _round(nearest.square().mean() / x.shape[1], x)
    covariances = torch.where(is_small[:, None, None], common, fit.covariances)
    return Fit(fit.weights, means, covariances, torch.ones_like(fit.alive))


def by_samples(x: Tensor, k: int, chance: torch.Generator) -> Fit:
    """Equal round components on samples drawn at random, as wide as the others lie from the nearest of these."""
    means = _drawn(x, k, chance)
    variance = distances(x, means).amin(dim=1).square().mean() / x.shape[1]
    covariances = _round(variance, x).expand(k, -1, -1)
    return Fit(x.new_full((k,), 1 / k), means, covariances, x.new_ones(k, dtype=torch.bool))


def by_chance(x: Tensor, k: int, chance: torch.Generator) -> Fit:
    """Equal round components of size 1 around draws of N(0, I): of the points only their dimension counts."""
    means = torch.randn(k, x.shape[1], generator=chance, dtype=x.dtype)
    eye = torch.eye(x.shape[1], dtype=x.dtype).expand(k, -1, -1)
    return Fit(x.new_full((k,), 1 / k), means, eye, x.new_ones(k, dtype=torch.bool))


STARTS: Final[Mapping[str, Start]] = MappingProxyType(
    {"kmeans": by_clusters, "random": by_samples, "normal": by_chance}
)


def _drawn(x: Tensor, k: int, chance: torch.Generator) -> Tensor:
    """Samples drawn without replacement; where there are fewer, some of them again."""
    order = torch.randperm(len(x), generator=chance)
    return x[order[torch.arange(k) % len(x)]]


def _round(variance: Tensor, x: Tensor) -> Tensor:
    return variance * torch.eye(x.shape[1], dtype=x.dtype)


def _filled(means: Tensor, x: Tensor, k: int, chance: torch.Generator) -> Tensor:
    return torch.cat([means, _drawn(x, k - len(means), chance)])
