"""What the trainer and the observer report to the window. Plain values and arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from explorer.session.commands import State
from explorer.session.snapshot import Array, Arrays, Scene, Snapshot

Who = Literal["trainer", "observer"]
"""The processes beside the window."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The catalogue of every member (see ``models.catalogue``): panels can be made."""

    catalogue: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Started:
    """A run exists, paused. ``recipe`` is complete: every option is written out; its weights are in ``weights``."""

    run: int
    recipe: Mapping[str, Any]
    label: str
    step: int
    weights: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The run in progress has taken up a recipe."""

    run: int
    recipe: Mapping[str, Any]
    label: str
    step: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A recipe that cannot be used; the run in progress goes on. ``path`` names the field."""

    run: int
    path: str
    problem: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Scalars of every step since the last report: ``steps`` shape (N,), ``values`` shape (N, len(names))."""

    run: int
    names: tuple[str, ...]
    steps: Array
    values: Array


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the run is. ``playing`` is False while paused; ``rate`` in steps per second; ``seconds`` of training."""

    run: int
    step: int
    seconds: float
    rate: float
    playing: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """A state of the run, for the history. ``asked`` if a ``Keep`` command asked for it."""

    run: int
    step: int
    seconds: float
    state: State
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """The run was written into this folder."""

    run: int
    folder: str


@dataclass(frozen=True, slots=True)
class NotSaved:
    """The run could not be written into this folder; the run goes on."""

    run: int
    folder: str
    problem: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A run that cannot go on: what happened, and what to try. ``step`` is the last good one; its state was kept."""

    run: int
    step: int
    problem: str
    advice: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The run has reached its last step and is paused."""

    run: int
    step: int


@dataclass(frozen=True, slots=True)
class Died:
    """A process is gone; it is being started again from the last kept state."""

    who: Who
    problem: str


@dataclass(frozen=True, slots=True)
class Floors:
    """What a perfect sampler of the same size scores: measure's key to (mean, low, high), 95 %."""

    run: int
    floors: Mapping[str, tuple[float, float, float]]
    titles: Mapping[str, str]
    units: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Measures of the model at one step: key to value."""

    run: int
    step: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the question of this number."""

    run: int
    number: int
    arrays: Arrays


Message = (
    Ready | Started | Changed | Refused | Rows | Progress | Kept | Saved | NotSaved | Failed | Finished | Died
    | Floors | Measured | Answer | Scene | Snapshot
)  # fmt: skip
