"""How much mass each mode has."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain


@OBSERVATIONS.register
class Modes(Observation):
    """The share of samples that lie at each mode, and the share that lie at none.

    Data without named modes is seen through the cells of a clustering.

    Source: high quality is within three standard deviations of a mode: Lin et al. 2018, PacGAN, section 4.1.
    """

    title: ClassVar[str] = "modes"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"

    def missing(self, subject: Subject) -> str:
        """Always there."""
        return ""

    def observe(self, subject: Subject) -> Arrays:
        """``mass``: (K,), sums to ``quality``: (); ``target``: (K,), sums to 1."""
        modes = subject.experiment.data.parts
        index, good = modes.assign(subject.fake)
        mass = torch.bincount(index[good], minlength=len(modes.weights)).float() / len(index)
        return {"mass": plain(mass), "target": plain(modes.weights), "quality": np.array(float(good.float().mean()))}
