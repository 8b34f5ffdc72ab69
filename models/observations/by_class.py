"""The same noise as a sample of each class."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np
import torch

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._display import only_pictures, shown_pictures
from models.observations._latent_ways import affordable

CLASSES: Final = 26
"""Classes that have a row, at most: the letters."""

COLUMNS: Final = 10
FEWEST: Final = 2


@OBSERVATIONS.register
class ByClass(Observation):
    """Samples of p(x|c), a row for each class c, a column for each z: what is alike in a column is not the class.

    Source: Kingma et al. 2014, arXiv:1406.5298, section 4.2 and figure 1 (analogies: z fixed, c varied).
    """

    title: ClassVar[str] = "class by class"
    source: ClassVar[str] = "Kingma et al. 2014, arXiv:1406.5298, section 4.2"

    def missing(self, subject: Subject) -> str:
        """For data that are pictures and models that were told classes of them."""
        if reason := only_pictures(subject):
            return reason
        is_told = subject.game.model.classes and subject.experiment.data.captions is None
        return "" if is_told else "The model was told no classes: with “conditional” it learns p(x|c)."

    def observe(self, subject: Subject) -> Arrays:
        """``x``: shape (rows · columns, d′), row by row, data units; ``class``: that of each row, shape (rows,)."""
        model = subject.game.model
        rows = min(CLASSES, model.classes)
        columns = max(FEWEST, min(COLUMNS, affordable(subject) // rows))
        z = subject.noise[:columns, : subject.latent_dimension]
        told = torch.arange(rows)
        x = model.push_given(z.repeat(rows, 1), told.repeat_interleave(len(z)))
        return {"x": plain(shown_pictures(subject, x)), "class": np.arange(rows)}
