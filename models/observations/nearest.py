"""Beside each generated picture the training picture that is nearest to it: is the model memorising?"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._display import made_pictures, only_pictures, shown_pictures
from models.observations._gallery import gallery, gallery_pictures, is_held_out, near_limit


@OBSERVATIONS.register
class Nearest(Observation):
    """The nearest training picture of each generated one, by the root mean square of the differences of pixels.

    A model that has learnt the law is no nearer to its training sample than held-out data are.

    Source: of nearest neighbours shown beside samples Goodfellow et al. 2014, arXiv:1406.2661, figure 2.
    """

    title: ClassVar[str] = "nearest"
    source: ClassVar[str] = "Goodfellow et al. 2014, arXiv:1406.2661, figure 2"

    def missing(self, subject: Subject) -> str:
        """For pictures."""
        return only_pictures(subject)

    def observe(self, subject: Subject) -> Arrays:
        """For each of the pictures of ``images``, in the same order, the nearest training picture.

        ``nearest``: shape (N, d′), data units; ``distance``: shape (N,), as a share of the way from black to white;
        ``limit``: shape (), below which fewer than one in twenty held-out pictures have their nearest one, NaN where
        every batch is drawn afresh; ``held_out``: 0 where that was found by leaving out training pictures; ``among``,
        shape (): how many pictures the nearest one was found among.
        """
        shown = gallery(subject)
        distance, index = shown.nearest(made_pictures(subject))
        return {
            "nearest": plain(shown_pictures(subject, gallery_pictures(subject, index[:, 0]))),
            "distance": plain(distance[:, 0]),
            "limit": np.array(near_limit(subject), np.float32),
            "held_out": np.array(int(is_held_out(subject))),
            "among": np.array(len(shown.pictures)),
        }
