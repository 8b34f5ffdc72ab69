"""The law of noised data at each time on the way."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, only_up_to, plain
from models.observations._frames import frames, only_processes
from models.observations._marginals import marginals
from models.observations._picture_units import process_bounds


@OBSERVATIONS.register
class Marginals(Observation):
    """p_t, the density of u_t = α u₀ + σ z at each time on the way: of the data themselves, not of the model.

    Exact where the noised law has a closed form; else samples are counted in fine cells, which the noise blurs without
    error, or, where noise and data are paired, pairs are counted. It does not depend on the weights.

    Source: Song et al. 2021, arXiv:2011.13456, section 2.1.
    """

    title: ClassVar[str] = "density of noised data"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, section 2.1"

    def missing(self, subject: Subject) -> str:
        """For one and two dimensions."""
        return only_processes(subject) or only_up_to(2, subject)

    def observe(self, subject: Subject) -> Arrays:
        """At F times, ``time``: ``density``, shape (F, S, S), row 0 at the bottom, or (F, S), 1/unit² or 1/unit.

        Values belong to the middles of the cells that fill ``bounds``, shape (4,), data units; ``exact``, shape (F,):
        whether they are exact, 1 or 0.
        """
        density, exact = marginals(subject)
        return {
            "time": plain(frames(subject).time),
            "bounds": np.array(process_bounds(subject), np.float32),
            "density": plain(density),
            "exact": plain(exact.long()),
        }
