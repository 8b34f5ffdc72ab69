"""Data that is a finite table of samples: which rows train, and which are held out."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import torch
from torch import Tensor

from models.data._base import Data
from models.registry import option


def held_out_option() -> Any:
    """The option of every such member, which each puts where it belongs among its own."""
    return option(
        0.0, label="held out", low=0.0, high=0.9,
        help="Share of the rows that training never sees; on them the likelihood is judged, so that overfitting shows.",
    )  # fmt: skip


class Rows(Data):
    """The empirical law of n rows, of which a share may be held out of training.

    Held-out rows are chosen by a permutation that is the same for every run; training rows keep their order. P_X is
    the law of all rows: ``draw`` does not tell them apart.
    """

    @property
    @abstractmethod
    def held_share(self) -> float:
        """Share of the rows that are held out, in [0, 0.9]."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many rows there are in all."""

    @abstractmethod
    def rows(self) -> Tensor:
        """All rows, shape (count, d)."""

    def row_labels(self) -> Tensor | None:
        """Class of each row, shape (count,), int64; None where rows have no class."""
        return None

    @property
    def size(self) -> int:
        """How many rows train."""
        return self.count - int(self.held_share * self.count)

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw rows with replacement, shape (n, d)."""
        return self._noised(self.rows().index_select(0, self._draw_index(n, generator)), generator)

    def draw_told(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The same rows, and the class of each."""
        labels = self.row_labels()
        if labels is None:
            return super().draw_told(n, generator)
        index = self._draw_index(n, generator)
        return self._noised(self.rows().index_select(0, index), generator), labels[index]

    @property
    def class_shares(self) -> Tensor:
        """Share of the rows that each class has."""
        labels = self.row_labels()
        if labels is None:
            return super().class_shares
        return torch.bincount(labels, minlength=len(self.class_names)) / self.count

    def labels(self) -> Tensor | None:
        """Class of each row that trains, shape (size,), int64; None where rows have no class."""
        labels = self.row_labels()
        return None if labels is None else labels[self.training_index()]

    def told_training_set(self, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """Every row that trains once, in order, and its class."""
        labels = self.labels()
        return super().told_training_set(generator) if labels is None else (self.training_set(generator), labels)

    def training_set(self, generator: torch.Generator) -> Tensor:
        """Every row that trains once, in order, shape (size, d)."""
        return self._noised(self.rows()[self.training_index()], generator)

    def held_out_sample(self, n: int, generator: torch.Generator) -> Tensor | None:
        """The first n of the held-out rows; None if there are none."""
        index = self.held_out_index()
        return self._noised(self.rows()[index[:n]], generator) if len(index) else None

    def told_held_out_sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor] | None:
        """The same rows, and the class of each."""
        x, labels = self.held_out_sample(n, generator), self.row_labels()
        return None if x is None or labels is None else (x, labels[self.held_out_index()[:n]])

    def training_index(self) -> Tensor:
        """Which rows train, rising, shape (size,), int64."""
        return self._order()[: self.size].sort().values

    def held_out_index(self) -> Tensor:
        """Which rows are held out, in the order in which they are asked for, int64."""
        return self._order()[self.size :]

    def _noised(self, x: Tensor, generator: torch.Generator) -> Tensor:
        return x if self.bins is None else self.bins.noised(x, generator)

    def _draw_index(self, n: int, generator: torch.Generator) -> Tensor:
        return torch.randint(self.count, (n,), generator=generator)

    def _order(self) -> Tensor:
        return torch.randperm(self.count, generator=torch.Generator().manual_seed(0))
