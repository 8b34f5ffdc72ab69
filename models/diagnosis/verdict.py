"""What is wrong, if anything: plain rules on the evidence, read from top to bottom; the first that holds decides.

    posterior collapse   z tells nothing of x, although there is something to tell
    vanishing gradient   nothing pushes the samples although they are far from the data
    collapse             modes are lost or were never found, and the samples sit on the others
    oscillation          the modes' shares rise and fall while most modes are served
    underfitting         the modes are served but badly, and it gets no better
    learning             too early to say, or still improving
    healthy              all modes alive and nothing of the above

A trouble counts when its rule has held for ``CONFIRMED`` of a window, and stands until another is confirmed or no rule
has held for ``CLEARED`` windows. A collapse stands, too, while the few modes that are left are only drawn ever better:
what ends it is modes that are found. The alarm of a trouble rings once; it can ring again only after ``RESTED`` windows
without trouble.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from models.diagnosis.evidence import Evidence
from models.diagnosis.posterior import ALONE, SHORT

CONFIRMED: Final = 0.5
CLEARED: Final = 2.0
RESTED: Final = 4.0

GONE: Final = 1e-3
"""Gradient that reaches a sample, in loss per standard deviation of the data, below which nothing pushes it."""

FAR: Final = 0.2
"""Standard deviations of the data between samples and data (sliced W₁) from which on the samples are not there yet …"""

ASTRAY: Final = 0.3
"""… and from which on they are far off."""

MISSED: Final = 0.1
"""Target share of lost or never found modes from which on it is a collapse."""

EMPTY: Final = 0.25
"""The same where the samples are at no mode and only the regions around the modes count."""

SWUNG: Final = 0.35
"""Mass that went to and fro within a window from which on it is an oscillation."""

RAN: Final = 0.5
"""Standard deviations of the data that a sample runs from look to look from which on the game goes round in circles,
while the samples are far off and come no nearer."""

CROWDED: Final = 0.5
"""Target share of empty regions from which on a model that swings is a collapsed one that hops."""

POOR: Final = 0.5
"""Share of samples of high quality below which the modes are served badly."""

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "posterior_collapse": "Posterior collapse",
        "vanishing_gradient": "Vanishing gradient",
        "collapse": "Mode collapse",
        "oscillation": "Oscillation",
        "underfitting": "Underfitting",
        "learning": "Learning",
        "healthy": "Healthy",
    }
)


def _falls_asleep(e: Evidence) -> bool:
    is_idle = e.active <= ALONE * e.needed  # without an inferred z both are NaN
    return is_idle and not _explains(e) and not e.improving


def _explains(e: Evidence) -> bool:
    """Whether z has nothing to tell: what P_θ is without it is P_X already."""
    return e.short < SHORT if e.short == e.short else e.good >= POOR and e.far <= FAR


def _vanishes(e: Evidence) -> bool:
    return e.gradient < GONE and e.far > FAR


def _collapses(e: Evidence) -> bool:
    if _oscillates(e):
        return e.empty >= CROWDED
    lost = e.lost >= MISSED and not e.born
    never_found = e.missing >= MISSED and not e.improving
    return (e.there >= POOR and (lost or never_found)) or (e.empty >= EMPTY and not e.improving)


def _stays_collapsed(e: Evidence) -> bool:
    return e.missing >= MISSED and not e.born


def _oscillates(e: Evidence) -> bool:
    circles = e.moved >= RAN and e.far >= ASTRAY and not e.improving
    return e.swing >= SWUNG or circles


def _underfits(e: Evidence) -> bool:
    return e.ripe and (e.good < POOR or e.far >= ASTRAY) and not e.improving


RULES: Final[Mapping[str, Callable[[Evidence], bool]]] = MappingProxyType(
    {
        "posterior_collapse": _falls_asleep,
        "vanishing_gradient": _vanishes,
        "collapse": _collapses,
        "oscillation": _oscillates,
        "underfitting": _underfits,
    }
)


class Judge:
    """Turns evidence, look after look, into a verdict and its alarm.

    Attributes:
        trouble: key of the trouble that stands; empty if none does.
    """

    def __init__(self) -> None:
        self.trouble = ""
        self._suspected = ""
        self._since = self._troubled = 0
        self._rung: set[str] = set()

    def judge(self, evidence: Evidence) -> tuple[str, bool]:
        """The verdict's key, and whether its alarm rings now."""
        suspected = next((key for key, holds in RULES.items() if evidence.ready and holds(evidence)), "")
        if not suspected and self.trouble == "collapse" and _stays_collapsed(evidence):
            suspected = self.trouble
        if suspected != self._suspected:
            self._suspected, self._since = suspected, evidence.step
        elif evidence.step - self._since >= (CONFIRMED if suspected else CLEARED) * evidence.window:
            self.trouble = suspected
        return self.trouble or _without_trouble(evidence), self._ring(evidence)

    def _ring(self, evidence: Evidence) -> bool:
        if self.trouble:
            self._troubled = evidence.step
        elif evidence.step - self._troubled >= RESTED * evidence.window:
            self._rung.clear()
        rings = bool(self.trouble) and self.trouble not in self._rung
        self._rung |= {self.trouble} if self.trouble else set()
        return rings


def _without_trouble(evidence: Evidence) -> str:
    settled = evidence.ready and evidence.missing < MISSED and evidence.good >= POOR and evidence.far <= FAR
    return "healthy" if settled else "learning"
