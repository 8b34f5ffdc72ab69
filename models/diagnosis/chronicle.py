"""When each mode came to life and when it died, and where its samples went.

A mode is *born* when its share of the samples has been at least ``ALIVE`` of its target for ``LOOKS`` looks in a row,
and *dies* when it has been below ``DEAD`` of it for as many. A perfect sampler with n samples puts about n w ± √(n w)
of them at a mode of weight w, so with n w ≥ ``LEAST_EXPECTED`` = 25 it falls below n w/20 with a chance of less than
10⁻⁷ a look (Poisson): it never seems to lose a mode. Lighter modes are not judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

ALIVE: Final = 0.25
DEAD: Final = 0.05
LOOKS: Final = 2
LEAST_EXPECTED: Final = 25.0


class Event(NamedTuple):
    """A birth or a death of a mode at a step."""

    step: int
    mode: int
    born: bool


@dataclass
class Chronicle:
    """The lives of K modes, told by one look after another.

    Attributes:
        target: mass of each mode under P_X, shape (K,).
        n: how many samples each look is made of.
        judged: whether a mode is heavy enough to be judged, shape (K,).
        alive: whether it is alive, shape (K,).
        lost: whether it was alive before and is not now, shape (K,).
        events: all births and deaths, in order.
        began: step of the first look; −1 before it.
    """

    target: Array
    n: int

    def __post_init__(self) -> None:
        k = len(self.target)
        self.alive: Array = np.zeros(k, bool)
        self.lost: Array = np.zeros(k, bool)
        self.events: list[Event] = []
        self.began = -1
        self._since: Array = np.full(k, -1)
        self._waited: Array = np.zeros(k, int)
        self._first: Array = np.full(k, -1)
        self._members: Array = np.zeros((k, self.n), bool)
        self.resize(self.n)

    def resize(self, n: int) -> None:
        """Go on with so many samples a look, of which those that were there before come first."""
        self.n = n
        self.judged: Array = self.target * n >= LEAST_EXPECTED
        members = np.zeros((len(self.target), n), bool)
        kept = min(n, self._members.shape[1])
        members[:, :kept] = self._members[:, :kept]
        self._members = members

    def look(self, step: int, mode: Array) -> None:
        """Take down one look.

        Args:
            step: of the model, not before that of the last look.
            mode: at which mode each sample is, shape (n,), −1 for none; sample i comes from the same noise at every
                look.
        """
        self.began = step if self.began < 0 else self.began
        share = np.bincount(mode[mode >= 0], minlength=len(self.target)) / self.n
        turning = np.where(self.alive, share < DEAD * self.target, share >= ALIVE * self.target) & self.judged
        self._first = np.where(turning & (self._waited == 0), step, self._first)
        self._waited = np.where(turning, self._waited + 1, 0)
        self._remember(mode, turning)
        for k in np.flatnonzero(self._waited >= LOOKS):
            self._turn(int(k), mode)

    def age(self, step: int) -> Array:
        """Steps since each mode was born, shape (K,), int64; −1 for one that is not alive."""
        return np.where(self.alive, step - self._since, -1).astype(np.int64)

    def lost_since(self) -> int:
        """The step of the first death among the modes that are lost now; −1 if none is."""
        return int(self._since[self.lost].min()) if self.lost.any() else -1

    def heirs(self, mode: Array) -> Array:
        """Where the samples that were at the lost modes are now: shape (K,), sums to at most 1; zeros if unknown.

        Args:
            mode: at which mode each sample is now, shape (n,), −1 for none.
        """
        moved = mode[self._members[self.lost].any(axis=0)]
        return np.bincount(moved[moved >= 0], minlength=len(self.target)) / max(1, len(moved))

    def _turn(self, k: int, mode: Array) -> None:
        """A birth or a death, dated back to the look at which it was first seen."""
        self.alive[k] = not self.alive[k]
        self.lost[k] = not self.alive[k]
        self._since[k] = self._first[k]
        self._waited[k] = 0
        self._members[k] = mode == k if self.alive[k] else self._members[k]
        self.events.append(Event(int(self._first[k]), k, bool(self.alive[k])))

    def _remember(self, mode: Array, turning: Array) -> None:
        """Which samples each mode had when it was last well."""
        for k in np.flatnonzero(self.alive & ~turning):
            self._members[k] = mode == k
