"""What is wrong, if anything: plain rules on the evidence, read from top to bottom; the first that holds decides.

    vanishing gradient   nothing pushes the samples although they are far from the data
    collapse             modes are lost or were never found, and the samples sit on the others
    oscillation          the modes' shares rise and fall while most modes are served
    underfitting         the modes are served but badly, and it gets no better
    learning             too early to say, or still improving
    healthy              all modes alive and nothing of the above

A trouble counts when its rule has held for ``CONFIRMED`` looks in a row, and its alarm rings once; it can ring again
only after ``RESTED`` looks in a row without any trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from models.diagnosis.evidence import Evidence

CONFIRMED: Final = 3
RESTED: Final = 20

GONE: Final = 1e-3
"""Gradient that reaches a sample, in loss per standard deviation of the data, below which nothing pushes it."""

FAR: Final = 0.2
"""Standard deviations of the data between samples and data (sliced W₁) from which on the samples are not there yet."""

MISSED: Final = 0.1
"""Target share of lost or never found modes from which on it is a collapse."""

EMPTY: Final = 0.25
"""The same where the samples are at no mode and only the regions around the modes count."""

SWUNG: Final = 0.5
CROWDED: Final = 0.5
"""Target share of empty regions from which on a model that swings is a collapsed one that hops."""

POOR: Final = 0.5
"""Share of samples of high quality below which the modes are served badly."""

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vanishing_gradient": "Vanishing gradient",
        "collapse": "Mode collapse",
        "oscillation": "Oscillation",
        "underfitting": "Underfitting",
        "learning": "Learning",
        "healthy": "Healthy",
    }
)


def _vanishes(e: Evidence) -> bool:
    return e.gradient < GONE and e.far > FAR


def _collapses(e: Evidence) -> bool:
    lost = e.missing >= MISSED and e.there >= POOR
    gathered = e.empty >= (CROWDED if e.swing >= SWUNG else EMPTY)
    return (lost or gathered) and (not e.improving or e.swing >= SWUNG)


def _oscillates(e: Evidence) -> bool:
    return e.swing >= SWUNG


def _underfits(e: Evidence) -> bool:
    return (e.good < POOR or e.far > FAR) and not e.improving


RULES: Final[Mapping[str, Callable[[Evidence], bool]]] = MappingProxyType(
    {
        "vanishing_gradient": _vanishes,
        "collapse": _collapses,
        "oscillation": _oscillates,
        "underfitting": _underfits,
    }
)


class Judge:
    """Turns evidence, look after look, into a verdict and its alarm."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self._rung: set[str] = set()
        self._rested = 0

    def judge(self, evidence: Evidence) -> tuple[str, bool]:
        """The verdict's key, and whether its alarm rings now."""
        suspected = next((key for key, holds in RULES.items() if evidence.ready and holds(evidence)), "")
        self._held = {suspected: self._held.get(suspected, 0) + 1}
        trouble = suspected if suspected and self._held[suspected] >= CONFIRMED else ""
        self._rested = 0 if trouble else self._rested + 1
        if self._rested >= RESTED:
            self._rung.clear()
        alarm = bool(trouble) and trouble not in self._rung
        self._rung |= {trouble} if trouble else set()
        return trouble or _without_trouble(evidence, suspected), alarm


def _without_trouble(evidence: Evidence, suspected: str) -> str:
    settled = evidence.ready and not suspected and evidence.missing < MISSED
    return "healthy" if settled and evidence.good >= POOR else "learning"
