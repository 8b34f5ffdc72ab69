"""Who tells of the past is told what comes: rows of scalars, measures and their floors, and how the modes fare."""

from __future__ import annotations

from explorer.session import messages
from explorer.window.parts import Parts


class Records:
    """Feeds the curves, the modes and the other cards that tell of a whole run."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._step = -1

    def begin(self, step: int) -> None:
        """A run begins, or goes on, at this step."""
        self._step = step

    def add_rows(self, message: messages.Rows) -> None:
        """New rows; where the run has gone back to a kept state, they take the place of those that were there."""
        tellers = (self._parts.curves, *self._parts.guests)
        if len(message.steps) and message.steps[0] <= self._step:
            for teller in tellers:
                teller.cut_after(int(message.steps[0]) - 1)
        for teller in tellers:
            teller.add_rows(message)
        self._step = int(message.steps[-1]) if len(message.steps) else self._step

    def add_measures(self, message: messages.Measured) -> None:
        """Values of the measures at a step."""
        self._parts.curves.add_measures(message)

    def set_cost(self, message: messages.Costed) -> None:
        """What the run costs."""
        self._parts.panel.set_cost(message.cost)

    def set_floors(self, message: messages.Floors) -> None:
        """What a perfect sampler scores."""
        self._parts.curves.set_floors(message)

    def add_diagnosed(self, message: messages.Diagnosed) -> None:
        """How the modes fare at a step."""
        self._parts.modes.add_diagnosed(message)
        self._parts.data.remember_modes(self._parts.modes.history.lost)

    def keep_in_view(self, message: messages.Failed) -> None:
        """A run that has failed ends at the edge of what is shown."""
        self._parts.curves.keep_in_view(message.step)
