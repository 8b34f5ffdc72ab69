"""The pictures that the critic takes for data most and least surely, and where on them it looks."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.divergences._base import CriticDivergence
from models.objectives._projection import Projection
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._display import displayed, only_pictures, picture_shape, shown_pictures
from models.observations._saliency import judged, slopes

RANKED: Final = 256
"""Pictures of either law that are put in order at most, …"""

LEAST_RANKED: Final = 12
WORK: Final = 1_000_000_000
"""… fewer where the critic takes more multiplications for them."""

ENDS: Final = 10
"""Pictures of either end that are shown, at most a quarter of all."""


@OBSERVATIONS.register
class CriticRanking(Observation):
    """Data and samples in the order of the critic's T(x), and the saliency |∂T/∂x| of those at the ends.

    Source: of saliency Simonyan, Vedaldi and Zisserman 2014, arXiv:1312.6034, section 3; the magnitudes of a pixel's
    channels are added here, of which they take the largest.
    """

    title: ClassVar[str] = "critic's ranking"
    source: ClassVar[str] = "Simonyan et al. 2014, arXiv:1312.6034, section 3"

    def missing(self, subject: Subject) -> str:
        """For pictures, with a critic that has a value for each."""
        if subject.game.critic is None or not isinstance(subject.game.divergence, CriticDivergence):
            return "This objective has no critic."
        return only_pictures(subject)

    def observe(self, subject: Subject) -> Arrays:
        """The 10 data that T is highest of and then the 10 that it is lowest of, each from high to low.

        ``real``: shape (20, d′), data units, fewer where few are put in order; ``real_t``: T, shape (20,);
        ``real_saliency``: Σ_channels |∂T/∂x|, shape (20, rows′ columns′), per data unit. ``fake``, ``fake_t`` and
        ``fake_saliency``: the same of the model's samples. ``real_all`` and ``fake_all``: T of all that were put in
        order, shape (n,). ``threshold``, shape (): T* where p = q.
        """
        divergence = subject.game.divergence
        assert isinstance(divergence, CriticDivergence)
        count = _count(subject)
        among = (subject.real[:count], subject.rival.push(subject.noise[:count]).detach())
        found: dict[str, Tensor] = {}
        for name, x in zip(("real", "fake"), among, strict=True):
            found |= {name + end: value for end, value in _ranked(subject, x, among).items()}
        threshold = np.array(divergence.threshold, np.float32)
        return {name: plain(value) for name, value in found.items()} | {"threshold": threshold}


def _count(subject: Subject) -> int:
    critic = subject.game.critic
    assert critic is not None
    net, *_ = subject.experiment.objective.nets(subject.experiment)
    told = critic.module.told_columns if isinstance(critic.module, Projection) else 0
    work = critic.multiply_adds(net.width + told)
    return min(RANKED, max(LEAST_RANKED, WORK // max(1, work)))


def _ranked(subject: Subject, x: Tensor, among: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    t = judged(subject, x, among)
    order = t.argsort(descending=True)
    shown = max(1, min(ENDS, len(order) // 4))
    ends = torch.cat([order[:shown], order[len(order) - shown :]])
    chosen = x[ends]
    return {
        "": shown_pictures(subject, chosen),
        "_t": t[ends],
        "_saliency": _saliency(subject, slopes(subject, chosen, among)),
        "_all": t,
    }


def _saliency(subject: Subject, slope: Tensor) -> Tensor:
    shape = picture_shape(subject)
    return displayed(shape.view(slope.abs()).sum(1).flatten(1), shape.with_channels(1))
