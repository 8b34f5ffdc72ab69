"""The docks of the cards that come and go: which of them are there, in front or closed, and what they replace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from explorer.window.docks import CardDock

if TYPE_CHECKING:
    from explorer.views._card import Card

State = Mapping[str, Sequence[str]]
"""What is remembered of the guests, as lists of keys: ``closed``, ``front`` and ``put_away``."""


class Guests:
    """Shows a dock while its card fits the scene, tabbed with its host, and hides it otherwise.

    A card that comes is brought to the front once; a person who turns to another tab, or closes it, has the last word
    for as long as the same cards fit.
    """

    def __init__(self, window: QMainWindow, docks: dict[str, CardDock]) -> None:
        """Begin with none; ``docks`` holds those of the cards that are always there, and is added to."""
        self._window, self._docks = window, docks
        self._cards: dict[str, type[Card]] = {}
        self._present: frozenset[str] = frozenset()
        self._absent: frozenset[str] = frozenset()
        self._closed: set[str] = set()
        self._put_away: set[str] = set()
        self._front: set[str] | None = None

    def add(self, view: Card) -> CardDock:
        """Make a dock for a card: at the place it had when the layout was kept, or with its host."""
        dock = CardDock(view.key, view.tab or view.title, self._window)
        dock.toggleViewAction().setText(view.title)
        dock.show_view(view)
        self._cards[view.key], self._docks[view.key] = type(view), dock
        if not self._window.restoreDockWidget(dock):
            self._settle(view.key)
        dock.hide()
        dock.toggleViewAction().setEnabled(False)
        return dock

    def reset(self) -> None:
        """Each with its host, and none closed."""
        self._closed.clear()
        self._put_away.clear()
        for key in self._cards:
            self._docks[key].setFloating(False)
            self._settle(key)
            self._docks[key].setVisible(key in self._present)
        self._replace()
        self._raise(self._first_of(self._present))

    def arrange(self, keys: Iterable[str], absent: Iterable[str] = ()) -> bool:
        """Show the docks of the cards that fit now; tells whether there are others than before.

        Args:
            keys: of the guests that fit.
            absent: keys of other cards, which have nothing to show.
        """
        before, self._present = self._present, frozenset(keys)
        was_absent, self._absent = self._absent, frozenset(absent)
        come, gone = self._present - before, before - self._present
        for key in gone:
            self._dismiss(key)
        for key in come:
            self._docks[key].toggleViewAction().setEnabled(True)
            self._docks[key].setVisible(key not in self._closed)
        self._closed -= come
        if come or gone or was_absent != self._absent:
            self._replace()
            self._raise(self._first_of(come) if self._front is None else self._front & come)
            self._front = None
            return True
        return False

    def standing_at(self, host: str) -> CardDock | None:
        """What stands at the place of a card and its guests: the card itself if it is there."""
        group = (host, *(key for key, card in self._cards.items() if card.beside == host))
        return next((self._docks[key] for key in group if not self._docks[key].isHidden()), None)

    @property
    def put_away(self) -> frozenset[str]:
        """Cards that are hidden because they have nothing to say."""
        return frozenset(self._put_away)

    def keep(self) -> State:
        """What is to be remembered until the next day."""
        closed = self._closed | {key for key in self._present if self._docks[key].isHidden()}
        front = {key for key in self._present if self._docks[key].is_front}
        return {"closed": sorted(closed), "front": sorted(front), "put_away": sorted(self._put_away)}

    def recall(self, state: State) -> None:
        """Take up what was remembered, before the first guest is added."""
        self._closed = set(state.get("closed", ()))
        self._front = set(state.get("front", ()))
        self._put_away = set(state.get("put_away", ())) & set(self._docks)

    def _settle(self, key: str) -> None:
        dock, host = self._docks[key], self._docks[self._cards[key].beside]
        self._window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        self._window.tabifyDockWidget(host, dock)

    def _dismiss(self, key: str) -> None:
        dock = self._docks[key]
        if dock.isHidden():
            self._closed.add(key)
        dock.hide()
        dock.toggleViewAction().setEnabled(False)

    def _replace(self) -> None:
        """Put away what has nothing to say, here or beside the guests, and bring back what was put away before."""
        replaced = {key for guest in self._present for key in self._cards[guest].replaces} | self._absent
        for key in self._put_away - replaced:
            self._docks[key].show()
        fresh = {key for key in replaced - self._put_away if not self._docks[key].isHidden()}
        for key in fresh:
            self._docks[key].hide()
        self._put_away = (self._put_away & replaced) | fresh

    def _first_of(self, keys: Iterable[str]) -> set[str]:
        """Of each group of tabs the first guest that may come to the front, or else the host."""
        first: dict[str, str] = {}
        there = [self._cards[key] for key in self._cards if key in frozenset(keys)]
        for card in there:
            if card.fronts:
                first.setdefault(card.beside, card.key)
        for card in there:
            first.setdefault(card.beside, card.beside)
        return set(first.values())

    def _raise(self, keys: Iterable[str]) -> None:
        for key in keys:
            if not self._docks[key].isHidden():
                self._docks[key].raise_()
