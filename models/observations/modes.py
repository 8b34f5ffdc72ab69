"""How much mass each mode has."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from models.data._modes import at_modes
from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain


@OBSERVATIONS.register
class Modes(Observation):
    """The share of samples that are at each mode, and how much of it is of high quality.

    Data without named modes is seen through the cells of a clustering.

    Source: high quality is within three standard deviations of a mode: Lin et al. 2018, PacGAN, section 4.1.
    """

    title: ClassVar[str] = "modes"
    source: ClassVar[str] = "Lin et al. 2018, PacGAN, arXiv:1712.04086, section 4.1"

    def missing(self, subject: Subject) -> str:
        """Always there."""
        return ""

    def observe(self, subject: Subject) -> Arrays:
        """``mass``: (K,), sums to at most 1; ``good``: (K,), the part of it that is of high quality.

        And ``target``: (K,), sums to 1; ``quality``: (), the sum of ``good``; ``samples``: (), how many there are.
        """
        modes = subject.experiment.data.parts
        index, near, good = at_modes(modes, subject.fake)
        k, n = len(modes.weights), len(index)
        mass, fine = (torch.bincount(index[which], minlength=k).float() / n for which in (near, good))
        quality = np.array(float(good.float().mean()))
        shares = {"mass": plain(mass), "good": plain(fine), "target": plain(modes.weights)}
        return {**shares, "quality": quality, "samples": np.array(n)}
