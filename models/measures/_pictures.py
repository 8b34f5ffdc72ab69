"""What measures of pictures share: samples and reference as features, looked at once for all of them."""

from __future__ import annotations

from typing import ClassVar

from models.measures._base import Measure, Reference, Samples
from models.measures._features import features_of


class PictureMeasure(Measure):
    """A measure of two samples of pictures in the features of ``_features.py``, which are learnt from the same data.

    Those are no features of natural photographs, so that no number is comparable with one in Inception features, nor
    with that of other data. They are scaled so that the total variance of the data is 1.
    """

    needs: ClassVar[frozenset[str]] = frozenset({"images"})
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 10_000

    def is_seen(self, reference: Reference) -> bool:
        """Always."""
        return True

    def rate(self, d: int) -> float:
        """As 1/N: features are few, however many numbers a picture has."""
        return 1.0


def are_pictures(reference: Reference) -> bool:
    """Whether the points of a reference are known to be pictures."""
    return reference.data is not None and "images" in reference.data.capabilities


def seen(samples: Samples, reference: Reference) -> tuple[Samples, Reference]:
    """Both as their features; kept with them, so that measures share it.

    Raises:
        ValueError: it is not known what data the features are those of.
    """
    if reference.data is None:
        raise ValueError("features are learnt from a known data set")
    look = features_of(reference.data).of
    truth = reference.kept("seen", lambda: Reference(look(reference.x)))
    return samples.kept(("seen", reference), lambda: Samples(look(samples.x))), truth
