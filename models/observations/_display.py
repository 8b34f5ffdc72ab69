"""Pictures as small as they are shown: a window has no room for every pixel of a large one."""

from __future__ import annotations

from typing import Final

from torch import Tensor
from torch.nn import functional

from models.data._base import few_of
from models.data._picture import Picture
from models.observations._base import Subject

SIDE: Final = 64
"""Rows or columns, whichever are more, of the largest picture that is shown in a grid."""

PICTURES: Final = 100
"""Pictures of a grid at most, ten by ten."""


def display_shape(shape: Picture, side: int = SIDE) -> Picture:
    """A picture of the same proportions whose longer side has at most so many pixels."""
    part = min(1.0, side / max(shape.rows, shape.columns))
    return shape._replace(rows=max(1, round(shape.rows * part)), columns=max(1, round(shape.columns * part)))


def displayed(x: Tensor, shape: Picture, side: int = SIDE) -> Tensor:
    """Pictures reduced by means over areas to ``display_shape``, shape (N, d) to (N, d′); small ones as they are."""
    small = display_shape(shape, side)
    if small == shape:
        return x
    return functional.interpolate(shape.view(x), size=small[1:], mode="area").flatten(1)


def made_pictures(subject: Subject, most: int = PICTURES) -> Tensor:
    """The first pictures of the model, shape (N, d): so many at most, and of large ones as few as can be held."""
    return subject.first_fakes(few_of(subject.dimension, most))


def picture_shape(subject: Subject) -> Picture:
    """Of the data, whose samples are pictures."""
    shape = subject.experiment.data.image_shape
    assert shape is not None, "only data of pictures are shown as pictures"
    return shape


def shown_pictures(subject: Subject, x: Tensor) -> Tensor:
    """Samples, shape (…, d), as they are shown: pictures reduced to (…, d′), all else as it is."""
    shape = subject.experiment.data.image_shape
    return x if shape is None else displayed(x.flatten(0, -2), shape).unflatten(0, x.shape[:-1])


def only_pictures(subject: Subject) -> str:
    """The sentence for data whose samples are no pictures; empty for pictures."""
    return "" if subject.experiment.data.image_shape else "The samples of this data are not pictures."
