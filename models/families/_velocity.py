"""A velocity field with a memory of what it was: the teacher whose own paths it learns to follow in straight lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from models.families._denoising import Denoiser, DenoisingModel
from models.samplers import SAMPLERS

STEPS: Final = 100
"""Euler steps with which a teacher's pairs are made, whatever sampler is looked at."""

DECAY: Final = 0.998
"""Of the running average that becomes the teacher: the weights themselves still tremble."""


class Taught(NamedTuple):
    """Pairs that a teacher made, units of the process.

    Attributes:
        source: z, shape (n, d).
        data: where the teacher carries it, shape (n, d).
        labels: the class that the teacher was told, shape (n,); None without classes.
    """

    source: Tensor
    data: Tensor
    labels: Tensor | None


class RectifiedDenoiser(Denoiser):
    """The net with its running average, and the average that was frozen when the present round began.

    They are numbers of the module, and so are saved, resumed and published with its weights.
    """

    mean: Tensor
    teacher: Tensor
    turns: Tensor
    round: Tensor

    def __init__(self, net: nn.Module, dimension: int) -> None:
        super().__init__(net, dimension)
        weights = sum(parameter.numel() for parameter in net.parameters())
        self.register_buffer("mean", torch.zeros(weights))
        self.register_buffer("teacher", torch.zeros(weights))
        self.register_buffer("turns", torch.zeros(1))
        self.register_buffer("round", torch.zeros(1))

    def follow(self, theta: Tensor) -> None:
        """Take the present weights into the running average, quickly at first."""
        turns = float(self.turns)
        self.mean.lerp_(theta, 1 - min(DECAY, (1 + turns) / (10 + turns)))
        self.turns += 1

    def begin(self, number: int) -> None:
        """Freeze the running average: the teacher of this round."""
        self.teacher.copy_(self.mean)
        self.round.fill_(number)


@dataclass(eq=False)
class VelocityModel(DenoisingModel):
    """A law that the velocity v_θ carries from the source; where it reflows, in several rounds.

    Round 0 learns from pairs of noise and data. In every later round the pairs are the ends of the paths along which
    the model of the round before carries noise: they belong together, so the straight lines between them cross less.

    Source: Liu et al. 2023, arXiv:2209.03003, algorithm 1.

    Attributes:
        reflows: how many rounds follow the first.
        pairs: how many pairs a teacher makes.
    """

    reflows: int = 0
    pairs: int = 0
    _taught: tuple[Tensor, Taught] | None = field(default=None, repr=False)

    def taught(self, progress: float) -> Taught | None:
        """The pairs of the round that is on when this share of the run is done; None in the first.

        To be called once a turn: rounds begin here.
        """
        if not self.reflows:
            return None
        denoiser = self.denoiser
        assert isinstance(denoiser, RectifiedDenoiser)
        due = min(self.reflows, int(progress * (self.reflows + 1)))
        if due > int(denoiser.round):
            denoiser.begin(due)
        denoiser.follow(self.network.theta)
        return self._pairs_of(denoiser.teacher) if denoiser.round else None

    def pairs_seen(self, n: int) -> Taught | None:
        """At most n of the pairs that the round which is on learns from, for looking at them; None in the first."""
        denoiser = self.denoiser
        if not isinstance(denoiser, RectifiedDenoiser) or not denoiser.round:
            return None
        return self._carried_by(denoiser.teacher, min(n, self.pairs))

    def _pairs_of(self, teacher: Tensor) -> Taught:
        """What follows from a teacher's weights alone: made anew when they have changed, as after a fork."""
        if self._taught is None or not torch.equal(self._taught[0], teacher):
            self._taught = teacher.clone(), self._carried_by(teacher, self.pairs)
        return self._taught[1]

    def _carried_by(self, teacher: Tensor, n: int) -> Taught:
        """Fixed noise, and where a teacher's weights carry it."""
        own, guidance = self.network.theta.clone(), self.guidance
        self.network.theta.copy_(teacher)
        self.guidance = 0.0
        z = self.latent.draw(n, torch.Generator().manual_seed(0)).to(own.device)
        *_, last = self.states(z, SAMPLERS.parse({"key": "euler", "steps": STEPS}))
        self.network.theta.copy_(own)
        self.guidance = guidance
        return Taught(z[:, : self.dimension], last.u, self.labels_of(z))
