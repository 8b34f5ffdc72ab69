"""What the window asks for. Each command is obeyed between two steps; ``run`` numbers the run that it is meant for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from explorer.session.snapshot import Array

State = Mapping[str, Any]
"""All that a run needs to continue bit for bit, as plain values and arrays: ``Trainer.state()``."""

Turn = Literal["both", "critic", "generator"]


@dataclass(frozen=True, slots=True)
class Start:
    """Begin a run with this recipe (plain values), paused at step 0, or at the state that is given."""

    run: int
    recipe: Mapping[str, Any]
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Take up a recipe that differs from the present one in live options only."""

    run: int
    recipe: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Play:
    """Train until told to pause, or up to this step."""

    run: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop between two steps."""

    run: int


@dataclass(frozen=True, slots=True)
class Step:
    """Take one step and pause; ``critic`` and ``generator`` let only that player move."""

    run: int
    turn: Turn = "both"


@dataclass(frozen=True, slots=True)
class Speed:
    """Train at this many steps a second; None for as fast as the machine allows."""

    steps_per_second: float | None


@dataclass(frozen=True, slots=True)
class Keep:
    """Send the present state now (``Kept``), for saving."""

    run: int


@dataclass(frozen=True, slots=True)
class Save:
    """Write the run as it is now into a run folder; answered by ``Saved`` or ``NotSaved``."""

    run: int
    folder: str


@dataclass(frozen=True, slots=True)
class Load:
    """Begin a run from a run folder, paused at the step that was saved; answered by ``Started`` or ``Refused``."""

    run: int
    folder: str


@dataclass(frozen=True, slots=True)
class Observe:
    """Look at this run from now on; ``weights`` is the file that its trainer publishes them in."""

    run: int
    recipe: Mapping[str, Any]
    weights: str


@dataclass(frozen=True, slots=True)
class Look:
    """Show these weights instead of the newest ones; None for the newest ones again."""

    run: int
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Make these observations (keys) from now on; with ``average``, of the averaged weights."""

    pictures: frozenset[str]
    average: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The last snapshot was drawn: make the next."""


@dataclass(frozen=True, slots=True)
class Ask:
    """An interactive question about the model on the screen; answered with the same number.

    Which questions there are, and of which arrays, is for ``models.training.witness.Witness.answer`` to say. With a
    ``state`` it is about the weights of that state, of which step, seconds and values suffice, whatever is shown.
    """

    run: int
    number: int
    question: str
    arrays: Mapping[str, Array] = field(default_factory=dict)
    state: State | None = None


@dataclass(frozen=True, slots=True)
class Quit:
    """End the process."""


TrainerCommand = Start | Change | Play | Pause | Step | Speed | Keep | Save | Load | Quit
ObserverCommand = Observe | Change | Look | Watch | Taken | Ask | Quit
Command = TrainerCommand | ObserverCommand
