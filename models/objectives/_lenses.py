"""How samples are shown to the critic: through a chain of lenses, each with the way back for gradients.

A lens takes a batch to a batch. Those that act on every sample by itself (noise, packs) come first: what they give is
what the critic is a function of, and where its slope counts. Those of the whole batch (its standard deviation) come
after. A further way to show samples is one more class here, and a line in the objective that makes the chain.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from models.data._picture import Shape, times

LEAST_VARIANCE: Final = 1e-8
"""Added to a variance before its root, whose slope at 0 is infinite (as in the code of Karras et al. 2018)."""


class Lens(ABC):
    """One change to what the critic sees. ``look`` may carry an autograd graph; ``pull`` needs none."""

    def shape(self, shape: Shape) -> Shape:
        """What a row is behind the lens, of what it is before it."""
        return shape

    @abstractmethod
    def look(self, x: Tensor) -> Tensor:
        """A batch as it is behind the lens: shape (N, d) to (M, e)."""

    @abstractmethod
    def pull(self, x: Tensor, dy: Tensor) -> Tensor:
        """∂L/∂x, shape (N, d), from ∂L/∂(look(x)), shape (M, e)."""

    def insert(self, points: Tensor, crowd: Tensor) -> Tensor:
        """Points, each as one alone among a crowd, as they are behind the lens.

        Args:
            points: to be looked at, shape (N, d).
            crowd: the batch that stands around each, shape (K, d).
        """
        return points


@dataclass(frozen=True, eq=False)
class Noise(Lens):
    """x + σε with ε standard normal: supports that do not meet are made to (Sønderby et al. 2016, section 3).

    Attributes:
        sigma: σ, in the units of training.
        chance: where ε comes from.
    """

    sigma: float
    chance: torch.Generator

    def look(self, x: Tensor) -> Tensor:
        """Fresh noise each time."""
        noise = torch.randn(x.shape, generator=self.chance, dtype=x.dtype)
        return x + self.sigma * noise.to(x.device)

    def pull(self, x: Tensor, dy: Tensor) -> Tensor:
        """Noise does not depend on x."""
        return dy


@dataclass(frozen=True)
class Packs(Lens):
    """m samples side by side as one row (Lin et al. 2018, PacGAN, arXiv:1712.04086, section 2).

    What is left over when m does not divide the batch is not shown.

    Attributes:
        size: m.
    """

    size: int

    def shape(self, shape: Shape) -> Shape:
        """The m samples of d numbers each; of pictures the planes of all."""
        return times(shape, self.size)

    def look(self, x: Tensor) -> Tensor:
        """Neighbours in the batch, shape (N, d) to (⌊N/m⌋, m d)."""
        packs = len(x) // self.size
        return x[: packs * self.size].reshape(packs, self.size * x.shape[1])

    def pull(self, x: Tensor, dy: Tensor) -> Tensor:
        """Back to single samples; 0 for those left over."""
        shown = dy.reshape(-1, x.shape[1])
        return shown if len(shown) == len(x) else torch.cat([shown, torch.zeros_like(x[len(shown) :])])

    def insert(self, points: Tensor, crowd: Tensor) -> Tensor:
        """In front of the first m − 1 of the crowd."""
        partners = crowd[: self.size - 1].reshape(1, -1)
        return torch.cat([points, partners.expand(len(points), -1)], 1)


@dataclass(frozen=True)
class Deviation(Lens):
    """One more input: the standard deviation over the batch, a mean over inputs (Karras et al. 2018, section 3).

    Attributes:
        copies: how often it stands in a row; of pictures it is a plane more.
    """

    copies: int = 1

    @classmethod
    def of(cls, shape: Shape) -> Deviation:
        """What fills one plane of this shape."""
        return cls(1 if isinstance(shape, int) else shape.rows * shape.columns)

    def shape(self, shape: Shape) -> Shape:
        """One number, or one plane, more."""
        return shape + 1 if isinstance(shape, int) else shape.with_channels(shape.channels + 1)

    def look(self, x: Tensor) -> Tensor:
        """The same number in every row of the batch."""
        return self.insert(x, x)

    def pull(self, x: Tensor, dy: Tensor) -> Tensor:
        """With s = mean over j of σⱼ: ∂s/∂xᵢⱼ = (xᵢⱼ − x̄ⱼ) / (N d σⱼ)."""
        centred = x - x.mean(0)
        own, copied = dy[:, : x.shape[1]], dy[:, x.shape[1] :]
        return own + centred / _deviations(x) * (copied.sum() / x.numel())

    def insert(self, points: Tensor, crowd: Tensor) -> Tensor:
        """With the deviation of the crowd."""
        return torch.cat([points, _deviations(crowd).mean().expand(len(points), self.copies)], 1)


@dataclass(frozen=True, eq=False)
class Beside(Lens):
    """What is told of each sample, or of each of a pack, as further numbers of its row.

    Attributes:
        columns: shape (K, e) with K a divisor of the batch: data and samples of which the same is told stand one
            behind the other, and one row counts for all.
    """

    columns: Tensor

    @classmethod
    def of_packs(cls, columns: Tensor, size: int) -> Beside:
        """What is told of each of so many samples side by side, from shape (N, e) of single ones."""
        return cls(columns.repeat(1, size) if len(columns) == 1 else Packs(size).look(columns))

    def look(self, x: Tensor) -> Tensor:
        """With the columns behind, shape (N, d) to (N, d + e)."""
        return torch.cat([x, self.columns.to(x).repeat(len(x) // len(self.columns), 1)], 1)

    def pull(self, x: Tensor, dy: Tensor) -> Tensor:
        """What is told does not depend on x."""
        return dy[:, : x.shape[1]]

    def insert(self, points: Tensor, crowd: Tensor) -> Tensor:
        """Of points told in the same way."""
        return self.look(points)


def _deviations(x: Tensor) -> Tensor:
    return (x.var(0, correction=0) + LEAST_VARIANCE).sqrt()


@dataclass(frozen=True)
class Chain:
    """Lenses one behind the other; a chain of none shows the batch as it is."""

    lenses: tuple[Lens, ...]

    def __bool__(self) -> bool:
        return bool(self.lenses)

    def shape(self, shape: Shape) -> Shape:
        """What a row is behind all lenses, of what it is before them."""
        for lens in self.lenses:
            shape = lens.shape(shape)
        return shape

    def look(self, x: Tensor) -> Tensor:
        """A batch as it is behind all lenses."""
        for lens in self.lenses:
            x = lens.look(x)
        return x

    def stages(self, x: Tensor) -> list[Tensor]:
        """The batch before the first lens and behind each."""
        seen = [x]
        for lens in self.lenses:
            seen.append(lens.look(seen[-1]))
        return seen

    def pull(self, stages: list[Tensor], dy: Tensor) -> Tensor:
        """∂L/∂x from ∂L/∂y, where ``stages`` are those of x and the last one is y."""
        for lens, x in zip(reversed(self.lenses), reversed(stages[:-1]), strict=True):
            dy = lens.pull(x, dy)
        return dy

    def insert(self, points: Tensor, crowd: Tensor) -> Tensor:
        """Points, each as one alone among a crowd, as the critic is shown them: shape (N, d) to (N, e)."""
        for lens in self.lenses:
            points, crowd = lens.insert(points, crowd), lens.look(crowd)
        return points


@dataclass(frozen=True)
class Sight:
    """All that lies between samples and the critic.

    Attributes:
        near: lenses that act on every sample by itself; behind them the critic's slope counts.
        far: lenses of the whole batch.
    """

    near: Chain
    far: Chain

    @property
    def whole(self) -> Chain:
        """Both, one behind the other."""
        return Chain(self.near.lenses + self.far.lenses)
