"""What the trainer and the observer report to the window. Plain values and arrays only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
class Costed:
    """What a run costs, known before it plays (see ``models.cost``), and ``seconds`` of a step once one was tried."""

    run: int
    cost: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Changed:
    """The run in progress has taken up a recipe."""

    run: int
    recipe: Mapping[str, Any]
    label: str
    step: int


@dataclass(frozen=True, slots=True)
class Lack:
    """A published data set that is not on this machine: its key and title, bytes to fetch, and from which server."""

    key: str
    title: str
    bytes: int
    host: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A recipe that cannot be used; the run in progress goes on.

    Attributes:
        path: names the field.
        problem: its value and what is allowed.
        settings: ``path=value`` settings that would make the recipe usable, where there is one plain way.
        lack: the data set that must be fetched first, if that is all.
    """

    run: int
    path: str
    problem: str
    settings: tuple[str, ...] = ()
    lack: Lack | None = None


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a person must be told of the data, one sentence, such as which files of a folder cannot be read."""

    run: int
    text: str


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
    """Measures of the model at one step: key to value.

    ``truth``: the critic against the truth at this step, ``bound``, ``divergence`` and ``gap`` between the two, all in
    the divergence's own unit, and the ``floor`` of that estimate; without those that are not known, and empty where
    there is nothing to compare. ``unknown`` says why, in one sentence.

    Of a model with a density, or a bound on it, and no critic ``truth`` is the mean log-likelihood in nats: ``train``,
    ``held_out`` with its standard error ``noise``, ``oracle`` with the ``floor`` around it, or else ``elbo_train``,
    ``elbo``, ``importance_bound`` and ``evidence``.
    """

    run: int
    step: int
    values: Mapping[str, float]
    truth: Mapping[str, float] = field(default_factory=dict)
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something worth trying: its name, what it is meant to cure, and the ``path=value`` settings that apply it."""

    title: str
    help: str
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModeEvent:
    """A mode that came to life (``born``) or died at a step."""

    step: int
    mode: int
    born: bool


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """How the modes fare at one step, what is wrong if anything, and why.

    Attributes:
        verdict: key, such as ``healthy``, ``learning``, ``collapse``, ``posterior_collapse``, ``oscillation`` or
            ``underfitting``.
        title: the verdict in two or three words.
        text: what happened, one sentence.
        alarm: whether a person should be told now: it rings once for each new trouble.
        remedies: worth trying, the best first; empty while nothing is wrong.
        signs: what the verdict rests on: sign's title to its value in words and whether it is a bad sign.
        names: of the modes, or of the cells of a clustering.
        named: whether they are modes of the data's law and not cells of a clustering.
        mass: share of all samples at each mode, shape (K,).
        target: its share under P_X, shape (K,).
        quality: share of the samples nearest to each mode that are of high quality, shape (K,); NaN where it has none.
        distance: from each mode's centre to the mean of its samples, data units, shape (K,); NaN where it has none.
        age: steps since each mode was born, shape (K,), int64; −1 for one that is not alive.
        events: all births and deaths of the run so far, in order.
    """

    run: int
    step: int
    verdict: str
    title: str
    text: str
    alarm: bool
    remedies: tuple[Remedy, ...]
    signs: Mapping[str, tuple[str, bool]]
    names: tuple[str, ...]
    named: bool
    mass: Array
    target: Array
    quality: Array
    distance: Array
    age: Array
    events: tuple[ModeEvent, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to the question of this number."""

    run: int
    number: int
    arrays: Arrays


Message = (
    Ready | Started | Changed | Refused | Noticed | Rows | Progress | Kept | Saved | NotSaved | Failed | Finished | Died
    | Floors | Measured | Diagnosed | Answer | Scene | Snapshot
)  # fmt: skip
