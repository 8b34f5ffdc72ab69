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
from models.data._picture import Shape, numbers, times
from models.families._base import LEAST_POINTS as SHEET
from models.families._base import POINTS, WORK, DensityKind, Family, Model, Recipe
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
    and of a model with classes one more number decides the class.

    Attributes:
        network: F_θ, with m and s.
        latent: the source, and the number that decides the class.
        dimension: d.
        process: how noise comes in.
        prediction: what the net says.
        sampler: the way back.
        embedding: how place, time and class enter the net.
        shares: mass of each class, shape (C,).
        untold: share of the training samples whose class is kept from the net.
        guidance: w, how much more of what the class adds is taken than was learnt.
        is_standardised: whether m and s are taken from data.
        learns_variance: whether the net says, after F_θ, what the variance of a backward step is, d more numbers.
    """

    network: Network
    latent: Latent
    dimension: int
    process: NoiseProcess
    prediction: Prediction
    sampler: Sampler
    embedding: Embedding
    shares: Tensor
    untold: float
    guidance: float
    is_standardised: bool
    learns_variance: bool

    @property
    def latent_dimension(self) -> int:
        """As many as a sample has."""
        return self.dimension

    @property
    def classes(self) -> int:
        """How many classes the model knows; 0 if it was not told any."""
        return self.embedding.classes

    @property
    def points(self) -> int:
        """Fewer, the more passes a sample takes, and the more a pass has to work out."""
        work = max(1, self._multiply_adds)
        least = LEAST_POINTS if work < SMALL else SHEET
        return max(least, min(POINTS, min(EVALUATIONS, WORK // work) // self.sampler.cost))

    @cached_property
    def _multiply_adds(self) -> int:
        inputs = self.dimension * self.embedding.place_planes + self.embedding.condition
        return self.network.multiply_adds(inputs)

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
        return (sampler or self.sampler).states(self.field(self.labels_of(z)), self.source_of(z), Keyed(z))

    def push_guided(self, z: Tensor, guidance: Tensor) -> Tensor:
        """Where each z ends with a weight of its own, data units: shapes (N, k + 1) and (N,) to (N, d)."""
        return self.push_along(self.field(self.labels_of(z), guidance), z)

    def push_along(self, field: Field, z: Tensor) -> Tensor:
        """Where the sampler arrives from z through another field, the exact one, say: (N, k) to (N, d), data units."""
        return self.out_of_process(self._end(field, z))

    def _end(self, field: Field, z: Tensor) -> Tensor:
        return self.sampler.end(field, self.source_of(z), Keyed(z))

    @property
    def source(self) -> Latent:
        """The law of where samples start, without the number that decides the class."""
        return self.latent.first if isinstance(self.latent, WithNoise) else self.latent

    @property
    def density(self) -> DensityKind:
        """That of the probability flow, where the source's own is known."""
        return "flow" if self.source.has_density else "none"

    @property
    def density_points(self) -> int:
        """As many as half a picture has time for; none in more than two dimensions, where nothing live shows them."""
        laws = self.classes if self.is_mixed else 1
        return EVALUATIONS // 2 // (laws * passes(self.dimension, FEW)) if self.dimension <= 2 else 0

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

    def log_prob_given(self, x: Tensor, labels: Tensor) -> Tensor:
        """Log p(x|c) of a model with classes, without guidance: shapes (N, d) and (N,), int64, to (N,)."""
        return log_density(self, self.into_process(x), labels, STEPS) - self._log_scale

    def encode(self, x: Tensor) -> Tensor:
        """The z from which the probability flow comes to each x, data units: shape (N, d) to (N, d)."""
        return ends(self.field(), self.into_process(x), FEW)

    def _log_prob(self, x: Tensor, steps: int) -> Tensor:
        inside = self.into_process(x)
        found = mixed_log_density(self, inside, steps) if self.is_mixed else log_density(self, inside, None, steps)
        return found - self._log_scale

    @property
    def is_mixed(self) -> bool:
        """Whether the net was told all classes, so that the law of all of them is known as their mixture alone."""
        return self.classes > 0 and self.untold == 0

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

    def labels_of(self, z: Tensor) -> Tensor | None:
        """The class that the last number of z decides, shape (N,), in the data's proportions; None without any."""
        if not self.classes or z.shape[1] == self.dimension:
            return None
        place = torch.special.ndtr(z[:, self.dimension].contiguous())
        return torch.bucketize(place, self.shares.cumsum(0)[:-1].to(place), right=True)

    def of_class(self, z: Tensor, index: int) -> Tensor:
        """The number that decides the class is put in the middle of those that decide for this one."""
        end = self.shares.double().cumsum(0)[index]
        middle = torch.special.ndtri(end - self.shares[index].double() / 2)
        return torch.cat([z[:, : self.dimension], middle.to(z).expand(len(z), 1)], 1)

    def field(self, labels: Tensor | None = None, guidance: Tensor | None = None) -> NetField:
        """What the net says is behind the noise, of samples of these classes, shape (N,); −1 or None for any class.

        With the model's own w, or one for each sample, shape (N,).
        """
        return NetField(self, labels, torch.tensor([self.guidance]) if guidance is None else guidance)

    def evaluate(self, v: Tensor, t: Tensor, labels: Tensor | None = None) -> Tensor:
        """F_θ without gradient: place, shape (N, d), time, (N, 1) or (1, 1), and class, (N,), to (N, outputs)."""
        return self.network.evaluate(self.embed(v, t, labels))

    def embed(self, v: Tensor, t: Tensor, labels: Tensor | None = None, level: Level | None = None) -> Tensor:
        """What goes into the net: shapes (N, d), (N, 1) or (1, 1) for one time of all, and (N,) to (N, inputs).

        Places are divided by the standard deviation of u_t, √(α² + σ²), of data of variance 1; who knows α and σ at t
        already hands them over as ``level``.
        """
        rows = self.embedding.of_place(v / (level or self.process.at(t)).power.sqrt())
        return torch.cat([rows, self.embedding.of_condition(t, labels).expand(len(rows), -1)], 1)

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
    conditional: bool = option(
        default=False, label="by class", group="Classes",
        help="Learns p(x|c) for each class c of the data, and p(x) as well.",
    )  # fmt: skip
    untold: float = option(
        0.1, label="untold", low=0.0, high=0.9, live=True, group="Classes",
        help="Share of training samples whose class is not told, from which p(x) is learnt.",
    )  # fmt: skip
    guidance: float = option(
        0.0, label="guidance", symbol="w", low=0.0, high=10.0, live=True, group="Classes",
        help="For models by class: how much of the difference that the class makes is added once more. 0 samples what "
        "was learnt; more gives samples more typical of their class, and fewer kinds of them.",
    )  # fmt: skip

    def objections(self, recipe: Recipe) -> Iterable[RecipeError]:
        """The source lives where the data do, and classes must be there to be told."""
        d = recipe.data.dimension
        if recipe.latent.dimension != d:
            problem = f"{recipe.latent.dimension} is not allowed: noise turns into data in place, so k must be d = {d}"
            yield RecipeError("latent.dimension", problem, (f"latent.dimension={d}",))
        if self.conditional and not recipe.data.class_names:
            problem = f"{recipe.data.title} has no classes to be told"
            yield RecipeError("family.conditional", problem, ("family.conditional=false",))
        if self.conditional and self.guidance and not self.untold:
            problem = "0 is not allowed with guidance: p(x), which it leads away from, is learnt of untold samples"
            yield RecipeError("family.untold", problem, ("family.untold=0.1",))

    def nets(self, recipe: Recipe) -> tuple[Net, ...]:
        """The one that sees a noised sample."""
        classes = len(recipe.data.class_names) if self.conditional else 0
        return (self._net(recipe.architecture, recipe.data.shape, self._embedding(classes)),)

    def build_for(self, recipe: Recipe, generator: torch.Generator) -> Model:
        """A model that knows the classes of the data, where it is to learn them."""
        return self._build(recipe.architecture, recipe.latent, recipe.data.shape, self._shares(recipe), generator)

    def build(self, architecture: Architecture, latent: Latent, shape: Shape, generator: torch.Generator) -> Model:
        """A model that knows no classes."""
        return self._build(architecture, latent, shape, torch.ones(0), generator)

    def _shares(self, recipe: Recipe) -> Tensor:
        return recipe.data.class_shares if self.conditional else torch.ones(0)

    def _embedding(self, classes: int) -> Embedding:
        return Embedding(self.time_features, self.place_features, classes)

    def _net(self, architecture: Architecture, shape: Shape, embedding: Embedding) -> Net:
        seen, said = times(shape, embedding.place_planes), times(shape, self.outputs)
        return Net("architecture", architecture, seen, said, embedding.condition)

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
        self, architecture: Architecture, latent: Latent, shape: Shape, shares: Tensor, chance: torch.Generator
    ) -> DenoisingModel:
        embedding = self._embedding(len(shares))
        net = self._net(architecture, shape, embedding)
        return self.model_type(
            network=net.build(chance).within(lambda module: self.enclose(module, numbers(shape))),
            latent=WithNoise.behind(latent, 1) if len(shares) else latent,
            dimension=numbers(shape),
            process=self.process,
            prediction=self.predicted,
            sampler=self.sampler,
            embedding=embedding,
            shares=shares,
            untold=self.untold,
            guidance=self.guidance,
            is_standardised=self.standardised,
            learns_variance=self.outputs > 1,
        )
