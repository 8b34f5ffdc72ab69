"""Whether a model repeats what it was trained on."""

from __future__ import annotations

from typing import ClassVar, Final

import torch
from torch import Tensor

from models.data._principal import shrunk
from models.measures._base import MEASURES, Measure, Reference, Samples, thinned
from models.measures._distances import squared_distances

NEAR: Final = 0.05
"""Share of held-out data that is as near to a training sample as what counts as remembered."""

LEAST_HELD: Final = 40
"""Held-out samples below which so small a share of them is too uncertain to be told."""

ROWS: Final = 256
"""Samples that are held against the training set at once."""

PRODUCTS: Final = 1 << 33
"""Multiplications that one search may take: of more pictures only so many are held against the training set."""


@MEASURES.register
class Memorisation(Measure):
    """Share of samples nearer to their nearest training sample than all but 5 % of held-out data are to theirs.

    With δ(x) the Euclidean distance from x to the nearest training sample and τ the 5 % quantile of δ over data that
    were held out, it is the share of samples with δ(x̂) < τ. Fresh data score 5 %, copies of the training set 100 %, and
    a model that makes nothing like data 0. Distances are those of pixels; pictures of more than 32 pixels a side are
    averaged down to that.

    Source: this project's own, after Meehan, Chaudhuri and Dasgupta 2020, A non-parametric test to detect data-copying,
    arXiv:2004.05675, which compares the same two sets of distances.
    """

    title: ClassVar[str] = "Memorised samples"
    source: ClassVar[str] = "this project's own, after Meehan et al. 2020, arXiv:2004.05675"
    formula: ClassVar[str] = r"\frac{1}{N} \sum_i 1[\delta(x_i) < \tau_{5\,\%}]"
    unit: ClassVar[str] = "share"
    live: ClassVar[bool] = True
    largest: ClassVar[int] = 2_500

    def compare(self, samples: Samples, reference: Reference, generator: torch.Generator) -> float:
        """The share, 0 … 1."""
        return _share_below(self._distances(samples.x, reference), reference.term(self))

    def prepare(self, reference: Reference) -> Tensor:
        """Distances of held-out data to the training set, shape (H,)."""
        assert reference.held_out is not None
        return self._distances(reference.held_out, reference)

    def perfect(self, reference: Reference, n: int, generator: torch.Generator) -> float:
        """One part of the held-out data, of n samples or half of them, held against the other."""
        distances = reference.term(self)
        order = torch.randperm(len(distances), generator=generator)
        part = min(n, len(order) // 2)
        return _share_below(distances[order[:part]], distances[order[part:]])

    def _distances(self, x: Tensor, reference: Reference) -> Tensor:
        """From points, at most as many as there is time for, to the nearest training samples, shape (n,)."""
        training = reference.kept("training, shrunk", lambda: _few_numbers(reference.training, reference))
        few = max(LEAST_HELD, PRODUCTS // training.numel())
        x = _few_numbers(thinned(x, few, torch.Generator().manual_seed(0)), reference)
        return torch.cat([squared_distances(rows, training).amin(dim=1).sqrt() for rows in x.split(ROWS)])

    def bounds(self, reference: Reference) -> tuple[float, float]:
        """A share."""
        return 0.0, 1.0

    @classmethod
    def applies(cls, reference: Reference, samples: Samples | None = None) -> bool:
        """Where the training set is known, and enough data were held out of it."""
        held = reference.held_out
        known = reference.training is not None and held is not None and len(held) >= LEAST_HELD
        return known and super().applies(reference, samples)


def _share_below(distances: Tensor, others: Tensor) -> float:
    """The share of distances below the quantile of others."""
    return float((distances < others.quantile(NEAR)).float().mean())


def _few_numbers(x: Tensor | None, reference: Reference) -> Tensor:
    assert x is not None
    shape = x.shape[1] if reference.data is None else reference.data.shape
    return shrunk(x.float(), shape)
