"""What a law p(x|y) of each class knows of the class of a sample: p(y|x) by Bayes' rule."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Given = Callable[[Tensor, Tensor], Tensor]
"""Log p(x|y) of samples, shape (N, d), and classes, shape (N,): shape (N,), nats, up to a constant of each x."""


def class_log_posterior(given: Given, shares: Tensor, x: Tensor) -> Tensor:
    """Log p(y|x) = log p(x|y) + log p(y) − log Σ_y p(x|y) p(y): the generative classifier.

    With a bound in the place of log p(x|y), no bound on p(y|x) but an estimate of it.

    Args:
        given: log p(x|y).
        shares: p(y), shape (C,).
        x: samples, shape (N, d).

    Returns:
        Shape (N, C), nats; the exponentials of each row sum to 1.

    Source: Ng and Jordan 2002, On discriminative vs. generative classifiers, NeurIPS 14, section 2.
    """
    return joint(given, shares, x).log_softmax(1)


def joint(given: Given, shares: Tensor, x: Tensor) -> Tensor:
    """Log p(x, y) = log p(x|y) + log p(y) of every class, shape (N, d) to (N, C), nats."""
    count = len(shares)
    each = torch.arange(count, device=x.device).repeat(len(x))
    parts = given(x.repeat_interleave(count, 0), each).view(len(x), count)
    return parts + shares.to(parts).log()
