"""The histogram of high-quality samples over the named modes, which the mode measures share."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from models.data._modes import NamedModes
from models.measures._base import Measure, Reference, Samples


class ModeMeasure(Measure):
    """A measure of which modes the high-quality samples fall into.

    A sample belongs to the mode nearest to it, and is of high quality if it lies within three standard deviations of
    that mode (Mahalanobis distance), or by the rule that the data declares for modes that are no Gaussians.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"modes"})
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 10_000


def modes_of(reference: Reference) -> NamedModes:
    """The modes that the reference's law names.

    Raises:
        ValueError: it names none.
    """
    modes = reference.data.named_modes() if reference.data else None
    if modes is None:
        raise ValueError("this measure needs a law with named modes")
    return modes


def quality_counts(samples: Samples, reference: Reference) -> Tensor:
    """How many high-quality samples each mode has, shape (K,), int64; the search is made once for all measures."""
    return samples.kept(("quality counts", reference), lambda: _quality_counts(samples.x, modes_of(reference)))


def _quality_counts(x: Tensor, modes: NamedModes) -> Tensor:
    index, good = modes.assign(x)
    return index[good].bincount(minlength=len(modes.weights)).cpu()
