"""Recipes that were refused although something plain makes them usable: that is done, and told, or offered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from explorer.session import messages
from explorer.session.control import Control, Recipe
from explorer.session.settings import with_settings
from explorer.widgets.banner import Action, Remark
from explorer.window.alterations import label_of, title_of

OF_DATA = "Fitted to the data"
OF_CHOICE = "Fitted to your choice"


@dataclass
class Request:
    """A recipe that was sent for.

    Attributes:
        run: the run that it was sent for.
        recipe: the recipe.
        title: what is said where it is amended without asking; empty where it must not be.
        told: what is to be said anyway when it begins.
        amended: options that were set without asking.
    """

    run: int
    recipe: Recipe
    title: str = ""
    told: str = ""
    amended: frozenset[str] = frozenset()


class Amendments:
    """Knows the recipe that was sent for last, until its run has begun.

    A file of data and a member picked from a menu are meant, whatever else has to give way: that is done without
    asking, once for each option. Other changes are only offered it.
    """

    def __init__(self, control: Control, apply: Callable[[Recipe], object]) -> None:
        """Begin with none.

        Args:
            control: knows which run was sent for last.
            apply: sends for a run.
        """
        self._control, self._apply = control, apply
        self._request: Request | None = None
        self._remark: tuple[int, Remark] | None = None

    def note(self, recipe: Recipe, title: str = "", told: str = "") -> None:
        """This recipe was sent for just now; with a title, it may be amended without asking: see ``Request``."""
        self._keep(Request(self._control.target, recipe, title, told))

    def amend(self, refused: messages.Refused) -> bool:
        """Where something makes the recipe that was sent for usable, and it may be done: send for it once more."""
        request = self._asked(refused)
        paths = {setting.partition("=")[0] for setting in refused.settings}
        picks = any(path.endswith(".key") for path in paths)
        if request is None or not request.title or not paths or picks or paths & request.amended:
            return False  # another member is for a person to pick
        told = " ".join(part for part in (request.told, self._told(refused, request.recipe)) if part)
        recipe = self._apply_with(request, refused.settings)
        self._keep(Request(self._control.target, recipe, request.title, told, request.amended | paths))
        return True

    def offer(self, refused: messages.Refused) -> tuple[Action, ...]:
        """A button that makes the refused recipe usable; none where nothing plain does."""
        request = self._asked(refused)
        if request is None or not refused.settings:
            return ()
        ways = " and ".join(" to ".join(pair) for pair in self._named(refused.settings, request.recipe))
        return (Action(f"Set {ways}", lambda: self._apply_with(request, refused.settings), lambda: "And begin."),)

    def wanted(self, refused: messages.Refused) -> Recipe | None:
        """The recipe that was refused, if it is the one that was sent for last."""
        request = self._asked(refused)
        return request.recipe if request else None

    def take_remark(self, run: int) -> Remark | None:
        """What is to be said now that a run has begun; None if nothing was changed for it."""
        remark, self._remark, self._request = self._remark, None, None
        return remark[1] if remark and remark[0] == run else None

    def _keep(self, request: Request) -> None:
        self._request, self._remark = request, None
        if request.told:
            self._remark = (request.run, Remark("notice", request.title, request.told, stays_s=12))

    def _asked(self, refused: messages.Refused) -> Request | None:
        return self._request if self._request is not None and self._request.run == refused.run else None

    def _apply_with(self, request: Request, settings: Iterable[str]) -> Recipe:
        recipe = with_settings(request.recipe, settings)
        self._apply(recipe)
        self.note(recipe)
        return recipe

    def _told(self, refused: messages.Refused, recipe: Recipe) -> str:
        why, _, _ = refused.problem.partition(";")
        ways = ", ".join(" ".join(pair) for pair in self._named(refused.settings, recipe))
        return f"{refused.path.replace('_', ' ')}: {why}, so this run takes {ways}."

    def _named(self, settings: Iterable[str], recipe: Recipe) -> list[tuple[str, str]]:
        """What each setting sets, in words, and its value."""
        known = self._control.catalogue
        pairs = [setting.split("=", 1) for setting in settings]
        return [(label_of(path, recipe, known), title_of(path, value, known)) for path, value in pairs]
