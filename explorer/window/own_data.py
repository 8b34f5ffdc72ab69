"""A recipe that came with a file of data: a batch that is larger than the file gives way to it, and that is told."""

from __future__ import annotations

from collections.abc import Callable

from explorer.session import messages
from explorer.session.control import Control, Recipe
from explorer.session.settings import with_settings
from explorer.widgets.banner import Remark


class OwnData:
    """A run for a person's own data, until it has begun or is refused for good."""

    def __init__(self, control: Control, apply: Callable[[Recipe], object]) -> None:
        """Wait for data.

        Args:
            control: knows which run was sent for last.
            apply: sends for a run.
        """
        self._control, self._apply = control, apply
        self._run: int | None = None
        self._recipe: Recipe | None = None
        self._remark: Remark | None = None

    def begin(self, recipe: Recipe) -> None:
        """Send for a run of this recipe."""
        self._apply(recipe)
        self._run, self._recipe, self._remark = self._control.target, recipe, None

    def amend(self, refused: messages.Refused) -> bool:
        """Where it was this run that is refused, and something makes it usable: send for it once more, with that."""
        recipe, self._recipe, self._remark = self._recipe, None, None
        if recipe is None or refused.run != self._run or not refused.settings:
            return False
        self._apply(with_settings(recipe, refused.settings))
        why, _, _ = refused.problem.partition(";")
        way = ", ".join(setting.replace("=", " ") for setting in refused.settings)
        text = f"{refused.path}: {why}, so this run takes {way}.".replace("_", " ")
        self._run, self._remark = self._control.target, Remark("notice", "Fitted to the data", text, stays_s=12)
        return True

    def take_remark(self, run: int) -> Remark | None:
        """What is to be said now that a run has begun; None if it is another, or nothing was changed."""
        remark, self._remark, self._recipe = self._remark, None, None
        return remark if run == self._run else None
