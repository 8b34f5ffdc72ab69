"""What denoising models share: a net that sees a noised sample and its time, and says what is behind it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final

import torch
from torch import Tensor, nn

from models.architectures import Architecture
from models.architectures._net import Net
from models.architectures._network import Network
from models.data import Data
from models.data._picture import Shape, numbers, times
from models.families._base import LEAST_POINTS as SHEET
from models.families._base import POINTS, WORK, DensityKind, Family, Model, Recipe
from models.families._condition import NOTHING, Condition, condition_of
from models.families._conditional import GROUP, conditional_option, untellable, untold_option
from models.families._embedding import Denoiser, Embedding
from models.families._net_field import NetField
from models.families._probability_flow import FEW, STEPS, ends, log_density, mixed_log_density, passes, remark
from models.latents import Latent
from models.latents._with_noise import WithNoise
from models.predictions import Prediction
from models.registry import RecipeError, member_type, option
from models.samplers import SAMPLERS, Field, Keyed, Sampler, State
from models.schedules import Level, NoiseProcess

EVALUATIONS: Final = 100_000
"""Passes of the net that one picture may take: a tenth of a second or two for small nets."""

LEAST_POINTS: Final = 500

SMALL: Final = 1_000_000
"""Multiplications of a net that is small: through such a one ``LEAST_POINTS`` are looked at, through others a sheet."""


@dataclass(eq=False)
class DenoisingModel(Model):
    """P_θ as the law of where a sampler arrives that starts at the source and follows F_θ(u_t, t).

    The process has units of its own, v = (u − m) / s, in which the data have mean 0 and variance 1 where that is asked
    for. All chance is in z: the first d numbers are where a sample starts, fresh noise of a sampler follows from them,
    and of a model that is told c one more number decides that.

    Attributes:
        network: F_θ, with m and s.
        latent: the source, and the number that decides c.
        dimension: d.
        process: how noise comes in.
        prediction: what the net says.
        sampler: the way back.
        embedding: how place and time enter the net.
        guidance: w, how much more of what c adds is taken than was learnt.
        is_standardised: whether m and s are taken from data.
        learns_variance: whether the net says, after F_θ, what the variance of a backward step is, d more numbers.
        condition: what is told of a sample, c, and how it enters the net.
        untold: share of the training samples whose c is kept from the net.
    """

    network: Network
    latent: Latent
    dimension: int
    process: NoiseProcess
    prediction: Prediction
    sampler: Sampler
    embedding: Embedding
    guidance: float
    is_standardised: bool
    learns_variance: bool
    condition: Condition = NOTHING
    untold: float = 0.0

    @property
    def latent_dimension(self) -> int:
        """As many as a sample has."""
        return self.dimension

    @property
    def points(self) -> int:
        """Fewer, the more passes a sample takes, and the more a pass has to work out."""
        least = LEAST_POINTS if self.pass_work < SMALL else SHEET
        return max(least, min(POINTS, min(EVALUATIONS, WORK // self.pass_work) // self.sampler.cost))

    @property
    def sample_work(self) -> int:
        """All passes of the sampler."""
        return self.pass_work * self.sampler.cost

    @cached_property
    def pass_work(self) -> int:
        """Multiplications by weights that one pass of the net takes, at least 1."""
        told = self.embedding.times + self.condition.columns
        return max(1, self.network.multiply_adds(self.dimension * self.embedding.place_planes + told))

    @property
    def is_map(self) -> bool:
        """Where no fresh noise enters."""
        return self.sampler.is_deterministic

    @property
    def denoiser(self) -> Denoiser:
        """The net with the units of the process."""
        assert isinstance(self.network.module, Denoiser)
        return self.network.module

    def adopt(self, family: Family) -> None:
        """Take up another sampler or guidance in mid-run."""
        assert isinstance(family, DenoisingFamily)
        self.sampler, self.untold, self.guidance = family.sampler, family.untold, family.guidance

    def start(self, u: Tensor, chance: torch.Generator) -> None:
        """Learn the data's own units, where that is asked for."""
        if self.is_standardised:
            self.denoiser.standardise(u)

    def standard(self, u: Tensor) -> Tensor:
        """From the units of training to those of the process, shape (N, d)."""
        return (u - self.denoiser.centre) / self.denoiser.scale

    def restored(self, v: Tensor) -> Tensor:
        """From the units of the process to those of training, shape (N, d)."""
        return self.denoiser.centre + self.denoiser.scale * v

    def into_process(self, x: Tensor) -> Tensor:
        """From data units to those of the process, shape (N, d)."""
        return self.standard(self.inward(x))

    def out_of_process(self, v: Tensor) -> Tensor:
        """From the units of the process to data units, shape (N, d)."""
        return self.outward(self.restored(v))

    def push_inside(self, z: Tensor) -> Tensor:
        """Where the sampler arrives that starts at z, shape (N, k) or (N, k + 1) to (N, d)."""
        return self.restored(self._end(self.field(self.labels_of(z)), z))

    def states(self, z: Tensor, sampler: Sampler | None = None) -> Iterator[State]:
        """All places on the way from z to a sample, units of the process; by another sampler where one is named."""
        return (sampler or self.sampler).states(self.field(self.labels_of(z)), self.source_of(z), self._noise_of(z))

    def push_guided(self, z: Tensor, guidance: Tensor) -> Tensor:
        """Where each z ends with a weight of its own, data units: shapes (N, k + 1) and (N,) to (N, d)."""
        return self.push_along(self.field(self.labels_of(z), guidance), z)

    def push_along(self, field: Field, z: Tensor) -> Tensor:
        """Where the sampler arrives from z through another field, the exact one, say: (N, k) to (N, d), data units."""
        return self.out_of_process(self._end(field, z))

    def push_given(self, z: Tensor, told: Tensor) -> Tensor:
        """Where each z ends that is told this, with the model's own guidance."""
        return self.push_along(self.field(told), z)

    def _end(self, field: Field, z: Tensor) -> Tensor:
        return self.sampler.end(field, self.source_of(z), self._noise_of(z))

    def _noise_of(self, z: Tensor) -> Keyed:
        """Fresh noise that follows from where a sample starts, and is the same whatever is told of it."""
        return Keyed(z[:, : self.dimension])

    @property
    def source(self) -> Latent:
        """The law of where samples start, without the number that decides the class."""
        return self.latent.first if isinstance(self.latent, WithNoise) else self.latent

    @property
    def density(self) -> DensityKind:
        """That of the probability flow, where the source's own is known, and it is no mixture of very many."""
        return "flow" if self.source.has_density and not self.is_vast_mixture else "none"

    @property
    def density_points(self) -> int:
        """As many as half a picture has time for; none in more than two dimensions, where nothing live shows them."""
        return EVALUATIONS // 2 // (self.laws * passes(self.dimension, FEW)) if self.dimension <= 2 else 0

    @property
    def density_work(self) -> int:
        """Multiplications by weights that the quick log density of one point takes."""
        return self.pass_work * self.laws * passes(self.dimension, FEW)

    @property
    def density_remark(self) -> str:
        """Which law has this density."""
        return remark(self)

    def log_prob(self, x: Tensor) -> Tensor:
        """Log density of the probability flow, data units, nats, without gradient: shape (N, d) to (N,)."""
        return self._log_prob(x, STEPS)

    def quick_log_prob(self, x: Tensor) -> Tensor:
        """The same in fewer steps."""
        return self._log_prob(x, FEW)

    def log_prob_given(self, x: Tensor, told: Tensor) -> Tensor:
        """That of the probability flow, without guidance."""
        return log_density(self, self.into_process(x), told, STEPS) - self._log_scale

    def encode(self, x: Tensor) -> Tensor:
        """The z from which the probability flow comes to each x, data units: shape (N, d) to (N, d)."""
        return ends(self.field(), self.into_process(x), FEW)

    def _log_prob(self, x: Tensor, steps: int) -> Tensor:
        inside = self.into_process(x)
        found = mixed_log_density(self, inside, steps) if self.is_mixed else log_density(self, inside, None, steps)
        return found - self._log_scale

    @property
    def _log_scale(self) -> float:
        """Log |dx/dv|."""
        return self.log_stretch + self.dimension * float(self.denoiser.scale.log())

    def source_of(self, z: Tensor) -> Tensor:
        """Where samples start, units of the process: shape (N, k) to (N, d)."""
        return self.process.start(z[:, : self.dimension])

    def probe(self, n: int, generator: torch.Generator) -> Tensor:
        """What the net says at n places and as many times, (n, outputs): one pass, where a sample takes hundreds."""
        z = self.source.draw(n, generator).to(self.network.theta.device)
        return self.evaluate(self.source_of(z), torch.linspace(0, 1, n, device=z.device)[:, None])

    def field(self, told: Tensor | None = None, guidance: Tensor | None = None) -> NetField:
        """What the net says is behind the noise, of samples of which this is told; None for any.

        Args:
            told: classes, shape (N,), −1 for any, or captions, shape (N, L).
            guidance: w of each sample, shape (N,); None for the model's own.
        """
        return NetField(self, told, torch.tensor([self.guidance]) if guidance is None else guidance)

    def evaluate(self, v: Tensor, t: Tensor, told: Tensor | None = None) -> Tensor:
        """F_θ without gradient: place, shape (N, d), time, (N, 1) or (1, 1), and what is told, to (N, outputs)."""
        return self.network.evaluate(self.embed(v, t, told))

    def embed(self, v: Tensor, t: Tensor, told: Tensor | None = None, level: Level | None = None) -> Tensor:
        """What goes into the net: shape (N, d), (N, 1) or (1, 1) for one time of all, and what is told, to (N, inputs).

        Places are divided by the standard deviation of u_t, √(α² + σ²), of data of variance 1; who knows α and σ at t
        already hands them over as ``level``.
        """
        rows = self.embedding.of_place(v / (level or self.process.at(t)).power.sqrt())
        parts = [rows, self.embedding.of_time(t), self.condition.rows(told, len(v)).to(rows)]
        return torch.cat([part.expand(len(rows), -1) for part in parts], 1)

    def regress(self, rows: Tensor, target: Tensor, weight: Tensor | float = 1.0) -> float:
        """Mean of w ‖F_θ − target‖² / d over a batch; its ∂/∂θ is written into the network's gradient.

        Args:
            rows: what ``embed`` gives, shape (N, inputs).
            target: shape (N, d).
            weight: w, one number or shape (N, 1).
        """
        return self.descend(self.network.forward(rows) - target, weight)

    def descend(self, error: Tensor, weight: Tensor | float = 1.0) -> float:
        """The same, of a pass that has been made already, with its error, shape (N, d)."""
        slope = weight * error * (2 / error.numel())
        self.network.backward(slope)
        return float((slope * error).sum()) / 2


NATURAL: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "architecture": {
            "key": "mlp", "width": 128, "depth": 3, "activation": "silu", "initialisation": "kaiming",
        },
        "divergence": "fisher",
        "objective": "denoising",
        "optimizer": {"key": "adam", "lr": 3e-3, "schedule": "cosine", "hold": 0.0, "ema": 0.999},
    }
)  # fmt: skip
"""What nets that say what is behind noise are commonly trained with: a smooth function, for a score is one, and first
weights that are not so small that the net is nearly linear and finds no way out; rates that fall from the start on."""


def sampler_option(default: Sampler) -> Any:
    """The option of that name, with a default of the family's own."""
    return option(
        default, label="sampler", live=True,
        help="The way from noise, or another source, to data; a trained model takes any that fits its source.",
    )  # fmt: skip


class DenoisingFamily(Family):
    """A net that says what is behind a noised sample, and a sampler that goes back to data by what it says."""

    group: ClassVar[str] = "Denoising"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample", "process"})
    model_type: ClassVar[type[DenoisingModel]] = DenoisingModel
    natural_of_pictures: ClassVar[Mapping[str, Any]] = MappingProxyType({"architecture": {"key": "unet"}})

    sampler: Annotated[Sampler, member_type(SAMPLERS)] = sampler_option(SAMPLERS["ancestral"]())
    time_features: int = option(
        5,
        label="time features",
        low=0,
        high=16,
        group="Embedding",
        help="How many frequencies of t the net sees, each as sine and cosine.",
    )
    place_features: int = option(
        4, label="place features", low=0, high=10, group="Embedding",
        help="How many frequencies of each coordinate the net sees besides it: more let it follow finer detail.",
    )  # fmt: skip
    standardised: bool = option(
        default=True, label="standardised", group="Embedding",
        help="Shifts and scales the data once, by mean and standard deviation, to the size of the noise.",
    )  # fmt: skip
    conditional: bool = conditional_option()
    untold: float = untold_option()
    guidance: float = option(
        0.0, label="guidance", symbol="w", low=0.0, high=10.0, live=True, group=GROUP,
        help="For conditional models: how much of the difference that c makes is added once more. 0 samples what was "
        "learnt; more gives samples more typical of their class or caption, and fewer kinds of them.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """The source lives where the data do, and there must be something to be told."""
        d = recipe.data.dimension
        if recipe.latent.dimension != d:
            problem = f"{recipe.latent.dimension} is not allowed: noise turns into data in place, so k must be d = {d}"
            yield RecipeError("latent.dimension", problem, (f"latent.dimension={d}",))
        if self.conditional:
            yield from untellable(recipe.data)
        if self.conditional and self.guidance and not self.untold:
            problem = "0 is not allowed with guidance: p(x), which it leads away from, is learnt of untold samples"
            yield RecipeError("family.untold", problem, ("family.untold=0.1",))

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """The one that sees a noised sample."""
        return (self._net(recipe.architecture, recipe.data.shape, self.condition(recipe.data)),)

    def build_for(self, recipe: Recipe, generator: torch.Generator) -> Model:
        """A model that is told what the data tell, where it is to learn that."""
        condition = self.condition(recipe.data)
        return self._build(recipe.architecture, recipe.latent, recipe.data.shape, condition, generator)

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """A model that is told nothing."""
        return self._build(architecture, latent, shape, NOTHING, generator)

    def condition(self, data: Data) -> Condition:
        """What the data tell, where it is to be learnt."""
        return condition_of(data) if self.conditional else NOTHING

    @property
    def _embedding(self) -> Embedding:
        return Embedding(self.time_features, self.place_features)

    def _net(self, architecture: Architecture, shape: Shape, condition: Condition) -> Net:
        seen, said = times(shape, self._embedding.place_planes), times(shape, self.outputs)
        return Net("architecture", architecture, seen, said, self._embedding.times + condition.width)

    def label(self, architecture: Architecture) -> str:
        """The family and its net."""
        return f"{self.title} · {architecture.label()}"

    @property
    @abstractmethod
    def process(self) -> NoiseProcess:
        """How noise comes in."""

    @property
    @abstractmethod
    def predicted(self) -> Prediction:
        """What the net says."""

    def enclose(self, net: nn.Module, dimension: int) -> Denoiser:
        """The net with the numbers that go with it and are not trained."""
        return Denoiser(net, dimension)

    @property
    def outputs(self) -> int:
        """How many numbers the net gives for each number of a sample: 2 where it says a variance, too."""
        return 1

    def _build(
        self, architecture: Architecture, latent: Latent, shape: Shape, condition: Condition, chance: torch.Generator
    ) -> DenoisingModel:
        network = condition.before(self._net(architecture, shape, condition).build(chance), chance)
        return self.model_type(
            network=network.within(lambda module: self.enclose(module, numbers(shape))),
            latent=WithNoise.behind(latent, 1) if condition else latent,
            dimension=numbers(shape),
            process=self.process,
            prediction=self.predicted,
            sampler=self.sampler,
            embedding=self._embedding,
            guidance=self.guidance,
            is_standardised=self.standardised,
            learns_variance=self.outputs > 1,
            condition=condition,
            untold=self.untold,
        )
