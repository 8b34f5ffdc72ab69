"""Data and samples on one map: rows of numbers that stand for pictures, laid out in the plane."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
import torch
from torch import Tensor

from models.data._principal import principal_components, shrunk
from models.measures._features import learning
from models.observations._base import Array, Arrays, Observation, Subject, plain
from models.observations._display import only_pictures, shown_pictures
from models.observations._neighbour_embedding import NeighbourEmbedding

POINTS: Final = 600
"""Data on the map, and samples, at most."""

SPANNED: Final = 2_000
"""Data that principal components come from, at most."""

SECONDS: Final = 0.08
"""How much of the processor's time one picture may take for what is not yet finished."""

NEAREST: Final = 5
"""Data by whose places a sample is placed where there is no formula for it."""

SHOWN: Final = 12
"""Data that are shown as pictures, far from one another on the map, and as many samples."""

Space = Callable[[Tensor], Tensor]
"""From samples in data units, shape (N, d), to the numbers that stand for them, (N, p)."""


class Layout(ABC):
    """Where data are on the map, and where samples belong.

    Attributes:
        explained: share of the data's variance along each axis, shape (2,); 0 where an axis means nothing by itself.
    """

    explained: Tensor

    @property
    @abstractmethod
    def places(self) -> Tensor:
        """Of the data, shape (n, 2)."""

    @abstractmethod
    def place(self, rows: Tensor) -> Tensor:
        """Where samples belong, shape (m, p) to (m, 2)."""

    def advance(self, seconds: float) -> float:
        """Go on with the layout for about so long; how much of it is done, in [0, 1]."""
        return 1.0


class Principal(Layout):
    """The two directions in which the data vary most; samples are projected onto them."""

    def __init__(self, rows: Tensor, more: Tensor) -> None:
        """Find them.

        Args:
            rows: data on the map, shape (n, p).
            more: data that the directions come from, shape (M, p).
        """
        self._found = principal_components(more, more.shape[1], 2)
        self.explained = torch.zeros(2)
        share = self._found.variances / more.var(dim=0).sum().clamp_min(1e-12)
        self.explained[: len(share)] = share
        self._places = self.place(rows)

    @property
    def places(self) -> Tensor:
        """By projection."""
        return self._places

    def place(self, rows: Tensor) -> Tensor:
        """By projection."""
        along = self._found.of(rows)
        return torch.nn.functional.pad(along, (0, 2 - along.shape[1]))


class Neighbours(Layout):
    """t-SNE of the data; a sample is at the mean of the places of the data nearest to it, weighted by 1/distance²."""

    def __init__(self, rows: Tensor) -> None:
        """Begin with data, shape (n, p)."""
        self._rows, self._embedding = rows, NeighbourEmbedding(rows)
        self.explained = torch.zeros(2)

    @property
    def places(self) -> Tensor:
        """As far as the layout has come."""
        return self._embedding.places

    def advance(self, seconds: float) -> float:
        """Some steps more."""
        self._embedding.advance(seconds)
        return self._embedding.share

    def place(self, rows: Tensor) -> Tensor:
        """Among the nearest data."""
        distance, index = torch.cdist(rows, self._rows).topk(min(NEAREST, len(self._rows)), largest=False)
        weight = 1 / distance.square().clamp_min(1e-12)
        return (self.places[index] * (weight / weight.sum(1, keepdim=True))[..., None]).sum(1)


@dataclass(frozen=True, eq=False)
class Ground:
    """The data's part of a map, the same throughout the run.

    Attributes:
        rows: what stands for each datum, shape (n, p).
        layout: where they are.
        labels: class of each, shape (n,), int64; −1 where that is not known.
    """

    rows: Tensor
    layout: Layout
    labels: Tensor


class MapObservation(Observation):
    """Real data, and samples of the model, as points of one plane that the data alone decide."""

    source: ClassVar[str] = "van der Maaten and Hinton 2008, JMLR 9, 2579"

    @abstractmethod
    def space(self, subject: Subject) -> Space | None:
        """The numbers that stand for a picture; None while they are still being learnt."""

    @abstractmethod
    def layout(self, rows: Tensor, more: Tensor) -> Layout:
        """The map of data, shape (n, p), with more of them, (M, p)."""

    def missing(self, subject: Subject) -> str:
        """For data that are pictures."""
        return only_pictures(subject)

    def observe(self, subject: Subject) -> Arrays:
        """Places on the map, without unit: ``data``, (n, 2), and ``fake``, (m, 2), empty while features are learnt.

        ``label``: class of each datum, (n,), and ``fake_label``, (m,): the one a sample was told, else that of the
        nearest datum; −1 where it is not known. ``number``: which of the fixed noise each sample comes from, (m,);
        those that are not finite have no place. ``share``: how much of the layout is done, (). ``explained``: (2,)
        share of the variance along each axis, 0 where an axis means nothing. ``shown``, (r,), and ``fake_shown``, (s,):
        a few of them, with their pictures, ``pictures``, (r + s, d′), data units.
        """
        space = self.space(subject)
        if space is None:
            subject.unsettled = True
            return _nothing()
        ground = subject.once(f"ground of {self.key}", lambda: self._ground(subject, space))
        share = ground.layout.advance(SECONDS)
        subject.unsettled |= share < 1
        made = subject.first_fakes(POINTS)[:POINTS]
        number = made.isfinite().all(1).nonzero()[:, 0]
        rows = space(made[number])
        places = ground.layout.places
        return {
            "data": plain(places),
            "fake": plain(ground.layout.place(rows)),
            "label": plain(ground.labels),
            "fake_label": plain(_labels_of_samples(subject, number, rows, ground)),
            "number": plain(number),
            "share": np.array(share, np.float32),
            "explained": plain(ground.layout.explained),
            **_shown(subject, places, made, number),
        }

    def _ground(self, subject: Subject, space: Space) -> Ground:
        rows = space(subject.real[:POINTS])
        layout = self.layout(rows, space(subject.real[:SPANNED]))
        return Ground(rows, layout, subject.once("labels of real data", lambda: _labels(subject))[: len(rows)])


def pixels_of(subject: Subject) -> Space:
    """The pixels themselves, of large pictures averaged to at most 32 along each side."""
    return lambda x: shrunk(x, subject.experiment.data.shape)


def features_in_pieces(subject: Subject) -> Space | None:
    """The features that measures are taken in, learnt a little more at each call; None until they are known."""
    school = learning(subject.experiment.data)
    if not school.advance(SECONDS) or school.features is None:
        return None
    return school.features.of


def thumbnail_answer(subject: Subject, asked: Mapping[str, Array]) -> dict[str, Array]:
    """One picture: ``x``, shape (1, d′), of the real datum or the sample of the fixed noise with this ``number``, ().

    ``real``, (), is 1 for the former.
    """
    number = int(asked["number"])
    if int(asked["real"]):
        x = subject.real[number : number + 1]
    else:
        x = subject.game.model.push(subject.noise[number : number + 1])
    return {"x": plain(shown_pictures(subject, x))}


def _nothing() -> Arrays:
    none = {name: np.zeros((0, 2), np.float32) for name in ("data", "fake", "pictures")}
    empty = {name: np.zeros(0, np.int64) for name in ("label", "fake_label", "number", "shown", "fake_shown")}
    return none | empty | {"share": np.array(0.0, np.float32), "explained": np.zeros(2, np.float32)}


def _labels(subject: Subject) -> Tensor:
    """The classes of the real data that are looked at: they were drawn from this seed."""
    data, unknown = subject.experiment.data, torch.full((len(subject.real),), -1)
    if not data.class_names:
        return unknown
    x, told = data.draw_told(len(subject.real), torch.Generator().manual_seed(0))
    return told if x.shape == subject.real.shape and torch.equal(x, subject.real) else unknown


def _labels_of_samples(subject: Subject, number: Tensor, rows: Tensor, ground: Ground) -> Tensor:
    told = subject.game.model.labels_of(subject.noise[number])
    if told is not None and subject.experiment.data.captions is None:
        return told
    if not len(rows):
        return torch.zeros(0, dtype=torch.long)
    return ground.labels[torch.cdist(rows, ground.rows).argmin(1)]


def _shown(subject: Subject, places: Tensor, made: Tensor, number: Tensor) -> Arrays:
    """Data that lie far from one another on the map, and the first samples, which move with the training."""
    data, few = far_apart(places, SHOWN), torch.arange(min(SHOWN, len(number)))
    x = torch.cat([subject.real[data], made[number[few]]])
    return {"shown": plain(data), "fake_shown": plain(few), "pictures": plain(shown_pictures(subject, x))}


def far_apart(places: Tensor, count: int) -> Tensor:
    """Which points, shape (n, 2), lie far from one another: each one as far from all before it as can be, (count,).

    Source: Gonzalez 1985, Theoretical Computer Science 38, 293.
    """
    chosen = [int((places - places.mean(0)).norm(dim=1).argmin())]
    distance = (places - places[chosen[0]]).norm(dim=1)
    while len(chosen) < min(count, len(places)):
        chosen.append(int(distance.argmax()))
        distance = torch.minimum(distance, (places - places[chosen[-1]]).norm(dim=1))
    return torch.tensor(chosen)
