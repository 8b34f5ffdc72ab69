"""One time of the observation ``denoising_field``: vectors as they are drawn, and the words for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from explorer.session.snapshot import Arrays
from explorer.views._arrows import Array, longest_of, numbers, shorten
from explorer.views._grid import Bounds

NAMES: Final = {"score": "score ∇ log pₜ", "velocity": "velocity −dx/dt"}
"""What each is called. Samples go against time, so that a velocity is drawn with its sign turned: towards the data."""

UNITS: Final = {"score": "/unit", "velocity": "units"}
"""Of a score; and of a velocity, the way from t = 1 to 0 at this speed."""

SENSE: Final = {"score": 1.0, "velocity": -1.0}


@dataclass(frozen=True, eq=False)
class FieldFrame:
    """One field at one time, or at all of them.

    Attributes:
        name: "score" or "velocity".
        bounds: what the grid fills, data units.
        grid: places, shape (G, d).
        learnt: vectors, shape (G, d), or (F, G, d).
        exact: the same; None where they are not known.
        peopled: where something of the data lies, shape (G,), or (F, G).
    """

    name: str
    bounds: Bounds
    grid: Array
    learnt: Array
    exact: Array | None
    peopled: Array

    @classmethod
    def of(cls, arrays: Arrays, frame: int | slice, *, velocity: bool) -> FieldFrame:
        """One frame, or several; the score where there is one, unless the velocity is wanted."""
        name = "velocity" if velocity or "score" not in arrays else "score"
        left, bottom, right, top = (float(edge) for edge in arrays["bounds"])
        exact = arrays.get(f"{name}_exact")
        return cls(
            name=name,
            bounds=(left, bottom, right, top),
            grid=arrays["grid"],
            learnt=SENSE[name] * numbers(arrays[name][frame]),
            exact=None if exact is None else SENSE[name] * exact[frame],
            peopled=arrays["peopled"][frame] > 0,
        )

    @property
    def longest(self) -> float:
        """The length of a vector that is drawn as the longest arrow."""
        return longest_of(self.learnt)

    def arrows(self, vectors: Array, room: float) -> Array:
        """Vectors as they are drawn, the same shape: in proportion, none longer than ``room``."""
        return shorten(vectors, room, self.longest)

    def headline(self, *, streams: bool) -> str:
        """What is drawn, and in which units."""
        name = NAMES[self.name]
        return name if streams else f"{name}; longest arrow {short(self.longest)} {UNITS[self.name]}"

    def error_words(self, arrays: Arrays, frame: int) -> str:
        """How far the net is from what is right where the data lie, at a time and on average; empty if not known."""
        if self.exact is None:
            return ""
        error, size = arrays[f"{self.name}_error"], arrays[f"{self.name}_size"]
        here = f"error at t = {arrays['time'][frame]:.2f}: {short(error[frame])} of {short(size[frame])}"
        return f"{here}; mean over t {short(float(error.mean()))}"


def short(value: float) -> str:
    """Three digits."""
    return f"{value:.3g}".replace("-", "−")
