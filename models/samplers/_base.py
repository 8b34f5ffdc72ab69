"""What every sampler offers: a way from noise to data through a field that says what is behind the noise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from itertools import pairwise
from typing import ClassVar, Final, NamedTuple

from torch import Tensor

from models.registry import Member, Registry, option
from models.samplers._noise import Noise
from models.schedules import NoiseProcess

SAME: Final = 1e-6
"""Times that are so near to one another are the same one, rounded elsewhere."""


class State(NamedTuple):
    """Where a sample is on its way.

    Attributes:
        time: t, from 1 to 0; the last step, which takes the rest of the noise away, ends at 0 too.
        u: shape (N, d), units of the process.
    """

    time: float
    u: Tensor


class Field(ABC):
    """What is behind the noise at each place and time: a trained net's answer, or the exact one.

    Attributes:
        process: the noising process that the field belongs to.
    """

    process: NoiseProcess

    @abstractmethod
    def split(self, u: Tensor, t: float) -> tuple[Tensor, Tensor]:
        """Means of the data u₀ and of the noise ε that lead to u at time t, shape (N, d) to two of (N, d)."""

    def denoised(self, u: Tensor, t: float) -> Tensor:
        """E[u₀ | u_t = u], shape (N, d)."""
        return self.split(u, t)[0]

    def velocity(self, u: Tensor, t: float) -> Tensor:
        """Du/dt = α′ E[u₀|u] + σ′ E[ε|u], the probability-flow equation, shape (N, d).

        Source: Song et al. 2021, arXiv:2011.13456, eq. 13, written in data and noise.
        """
        return self.process.at(t).velocity(*self.split(u, t))

    def score(self, u: Tensor, t: float) -> Tensor:
        """∇ log p_t(u) = −E[ε|u] / σ, shape (N, d). Only where the source is standard normal and σ > 0."""
        return self.split(u, t)[1] / -float(self.process.at(t).sigma)

    def spread(self, u: Tensor, t: float) -> Tensor | None:
        """Where the variance of a backward step is learnt: its place between the least and the greatest, in [0, 1].

        Shape (N, d); None where it is not learnt. Source: Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 15.
        """
        return None


class Sampler(Member):
    """A way to draw: u at t = 1 is carried to data.

    Capabilities: ``deterministic`` (with its options as they come, no fresh noise enters, so that the way is a map from
    noise to data; what holds with other options is said by ``is_deterministic``).

    Attributes:
        order: the error of what is drawn falls as steps⁻ᵒʳᵈᵉʳ: of each path where it is deterministic, of the mean and
            the variance of the samples otherwise; None where it has no order.
    """

    swaps: ClassVar[str] = "sampler"
    order: ClassVar[int | None] = None

    @property
    def is_deterministic(self) -> bool:
        """Whether no fresh noise enters: then the way needs the velocity alone, whatever the source."""
        return "deterministic" in self.capabilities

    @abstractmethod
    def times(self, process: NoiseProcess) -> list[float]:
        """The times from 1 down to 0 at which the way can be broken off and gone on with."""

    @abstractmethod
    def step(self, field: Field, state: State, to: float, noise: Noise) -> Tensor:
        """Where samples are at the earlier time ``to``, shape (N, d).

        Args:
            field: what is behind the noise.
            state: where they are.
            to: less than the state's time.
            noise: fresh noise, told apart by whole numbers, for those that take some.
        """

    def end(self, field: Field, u: Tensor, noise: Noise) -> Tensor:
        """Where the way ends that starts from u at t = 1: the data, shape (N, d)."""
        (last,) = deque(self.states(field, u, noise), maxlen=1)
        return last.u

    def states(self, field: Field, u: Tensor, noise: Noise) -> Iterator[State]:
        """All places on the way, from u at t = 1, shape (N, d), which comes first, to the data, which come last."""
        yield from self.onward(field, State(1.0, u), noise)

    def onward(self, field: Field, state: State, noise: Noise) -> Iterator[State]:
        """The way on from any place and time, which come first, to the data, which come last.

        A way that is broken off at one of the sampler's own times and gone on with ends where it would have ended.
        """
        last = state
        for last in self.along(field, state, noise):
            yield last
        if field.process.ends_noisy:
            yield State(0.0, field.denoised(last.u, last.time))

    def along(self, field: Field, state: State, noise: Noise) -> Iterator[State]:
        """The same as far as t = 0, where the least noise may be left."""
        yield state
        for number, (_, to) in enumerate(pairwise(self.times(field.process))):
            if to < state.time - SAME:
                state = State(to, self.step(field, state, to, noise.of_step(number)))
                yield state

    @property
    @abstractmethod
    def cost(self) -> int:
        """How many passes of a net a sample takes, about."""


class Stepper(Sampler):
    """A sampler that takes as many steps as it is told, at times that are known beforehand.

    Attributes:
        evaluations: how often a step looks at the field.
    """

    evaluations: ClassVar[int] = 1

    steps: int = option(
        50, label="steps", symbol="S", low=1, high=1000, log=True, live=True,
        help="How many steps lead from noise to data.",
    )  # fmt: skip

    def times(self, process: NoiseProcess) -> list[float]:
        """Those of the process for so many steps."""
        return process.grid(self.steps)

    @property
    def cost(self) -> int:
        """Steps times evaluations."""
        return self.steps * self.evaluations


SAMPLERS: Final[Registry[Sampler]] = Registry("samplers", Sampler)
