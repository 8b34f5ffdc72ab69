"""Overfitting, seen in two curves: the training sample becomes more probable, held-out data less so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LAST: Final = 3
"""Looks that must agree: a single one may have caught a bad step."""

SURE: Final = 3.0
"""Standard errors that the held-out curve must have fallen by."""


@dataclass(frozen=True)
class Overfitting:
    """Since which step, and by how many nats a held-out sample has become less probable since."""

    best: int
    fall: float

    @property
    def wordings(self) -> tuple[str, ...]:
        """The gist of it, the longest wording first."""
        lost = f"−{self.fall:.2g} nats since step {self.best:,}"
        return (f"held out {lost}", lost)

    @property
    def sentence(self) -> str:
        """All of it, for a person."""
        return (
            f"Overfitting since step {self.best:,}: held-out data have lost {self.fall:.2g} nats a sample, "
            "while the training sample becomes ever more probable."
        )


def overfitting(steps: NDArray[np.int64], train: NDArray[Any], held: NDArray[Any], noise: float) -> Overfitting | None:
    """Compare the last looks with the best one on held-out data.

    Args:
        steps: of the looks, shape (N,).
        train: log-likelihood of the training sample, nats, shape (N,), NaN where unknown.
        held: the same of held-out data.
        noise: standard error of ``held``.

    Returns:
        None unless every one of the last looks is clearly below the best, and above it on the training sample.
    """
    known = np.isfinite(train) & np.isfinite(held)
    steps, train, held = steps[known], train[known], held[known]
    if len(held) <= LAST:
        return None
    best = int(np.argmax(held))
    fall = float(held[best] - held[-LAST:].max())
    rises = bool((train[-LAST:] > train[best]).all())
    return Overfitting(int(steps[best]), fall) if rises and fall > SURE * noise else None
