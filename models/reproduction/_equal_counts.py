"""Samples with equally many points of each class, whose distances chance in the counts does not raise."""

from __future__ import annotations

import torch
from torch import Tensor

from models.data import Data


def classes_of(data: Data, x: Tensor) -> Tensor:
    """The likeliest class of each point, shape (N, d) to (N,), int64. Only of data with ``classes`` and ``noised``."""
    each = [data.noised(1.0, 0.0, label).log_prob(x) for label in range(len(data.class_names))]
    shares = data.class_shares.to(x).log()
    return (torch.stack(each, 1) + shares).argmax(1)


def equal_counts(data: Data, x: Tensor, n: int) -> Tensor:
    """The first n points with equally many of each class, shape (n, d); of any class where one has too few.

    The classes of data and of samples are found by the same rule, so both lose the same chance.
    """
    labels, classes = classes_of(data, x), len(data.class_names)
    first = torch.cat([(labels == label).nonzero()[: n // classes, 0] for label in range(classes)])
    if len(first) < n:
        left = torch.ones(len(x), dtype=torch.bool)
        left[first] = False
        first = torch.cat([first, left.nonzero()[: n - len(first), 0]])
    return x[first]


def largest_share_error(data: Data, x: Tensor) -> float:
    """By how much the share of a class among samples, shape (N, d), is off at most."""
    shares = classes_of(data, x).bincount(minlength=len(data.class_names)) / len(x)
    return float((shares - data.class_shares).abs().max())
