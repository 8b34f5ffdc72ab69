"""Where the window's cards stand: their first places, and those that the user gave them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from explorer.widgets.theme import GAP
from explorer.window.docks import CardDock
from explorer.window.guests import Guests
from explorer.window.preferences import LAYOUT_VERSION, Preferences
from explorer.window.skeleton import RECIPE_CARDS, Skeleton

if TYPE_CHECKING:
    from explorer.views._card import Card

CARDS: Final = {
    "recipe": "Recipe",
    "latent": "Latent space",
    "modes": "Modes",
    "curves": "Curves",
}
RIGHT: Final = ("latent", "modes", "curves")
RIGHT_SHARES: Final = (37, 27, 36)
"""Of the height; what others leave free has the first, or else the last."""

CORNERS: Final = {
    Qt.Corner.TopLeftCorner: Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.Corner.BottomLeftCorner: Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.Corner.TopRightCorner: Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.Corner.BottomRightCorner: Qt.DockWidgetArea.RightDockWidgetArea,
}
EDGE_PX: Final = 10

SETTLED_MS: Final = 100
"""So long after it leaves the full screen, a window has its old size."""

NARROW_PX: Final = 1280
"""On a screen that is no wider, a recipe panel of the projector's size would take a third of what is to be shown."""


class Layout:
    """The cards around the data space."""

    def __init__(self, window: QMainWindow, preferences: Preferences) -> None:
        self._window, self._preferences = window, preferences
        self._is_first = self._hides_recipe = False
        self._widths: dict[str, int] = {}
        skeletons = {"recipe": Skeleton(RECIPE_CARDS)}
        self.docks = {key: CardDock(key, title, window, skeletons.get(key)) for key, title in CARDS.items()}
        self.guests = Guests(window, self.docks)
        self.docks["recipe"].handle.ground = "panel"
        for key in RIGHT:
            self._keep_off_edge(key, key)
        for corner, area in CORNERS.items():
            window.setCorner(corner, area)
        self.docks["recipe"].toggleViewAction().toggled.connect(self._keep_edge)

    @property
    def right(self) -> list[CardDock]:
        """The cards at the right, from the top."""
        return [self.docks[key] for key in RIGHT]

    def reset(self) -> None:
        """Every card at its first place."""
        window, right = self._window, self.right
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, self.docks["recipe"])
        for dock in right:
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        for key in CARDS:
            self.docks[key].setFloating(False)
            self.docks[key].show()
        self.guests.reset()
        widths = [302, round(window.width() * 0.26)]
        window.resizeDocks([self.docks["recipe"], right[0]], widths, Qt.Orientation.Horizontal)
        self._share_height()

    def add(self, card: Card) -> QAction:
        """Make room for a card that comes and goes; the action shows or closes it."""
        dock = self.guests.add(card)
        self._keep_off_edge(card.key, card.beside)
        return dock.toggleViewAction()

    def bring(self, key: str) -> None:
        """Show a card before those that it is tabbed with."""
        self.docks[key].show()
        self.docks[key].raise_()

    def arrange(self, keys: Iterable[str], absent: Iterable[str] = ()) -> None:
        """Show the cards that fit the scene: see ``Guests.arrange``."""
        before = self.guests.put_away
        if self.guests.arrange(keys, absent) and self.guests.put_away != before:
            # Only once what comes has its place: sizes of docks that have none yet are not taken up.
            QTimer.singleShot(0, self._window, self._share_height)

    def present(self, on: bool, width: int) -> None:  # noqa: FBT001  (as the slot of a switch)
        """Fold the recipe away while a screen of this width is a projector's and narrow, if it is there at all."""
        recipe = self.docks["recipe"]
        if on:
            self._widths = self._sides()
            self._hides_recipe = width <= NARROW_PX and not recipe.isHidden()
            recipe.setHidden(recipe.isHidden() or self._hides_recipe)
        else:
            recipe.setHidden(recipe.isHidden() and not self._hides_recipe)
            self._hides_recipe = False
            # Only once the window has its old size: what a projector's text widened does not shrink by itself.
            QTimer.singleShot(SETTLED_MS, self._window, self._restore_widths)

    def _sides(self) -> dict[str, int]:
        """Width of the cards that stand at the sides, if they are there."""
        return {key: self.docks[key].width() for key in ("recipe", *RIGHT) if self.docks[key].isVisible()}

    def _restore_widths(self) -> None:
        there = {key: width for key, width in self._widths.items() if self.docks[key].isVisible()}
        docks, widths = [self.docks[key] for key in there], list(there.values())
        self._window.resizeDocks(docks, widths, Qt.Orientation.Horizontal)

    def _keep_edge(self, is_left: bool) -> None:  # noqa: FBT001  (as the slot of a switch)
        """Without the recipe at its left, the data space keeps off the window's edge."""
        workspace = self._window.centralWidget()
        assert workspace is not None, "the window makes its middle before its cards"
        workspace.setContentsMargins(0 if is_left else EDGE_PX, 0, 0, 0)

    def _keep_off_edge(self, key: str, at: str) -> None:
        """Leave the window's edge free beside a card, and below it where it stands lowest."""
        self.docks[key].place.setContentsMargins(0, 0, EDGE_PX, GAP if at == RIGHT[-1] else 0)

    def _share_height(self) -> None:
        there = {key: dock for key in RIGHT if (dock := self.guests.standing_at(key))}
        shares = [share for key, share in zip(RIGHT, RIGHT_SHARES, strict=True) if key in there]
        if shares:
            shares[0 if RIGHT[0] in there else -1] += sum(RIGHT_SHARES) - sum(shares)
        heights = [self._window.height() * share // 100 for share in shares]
        self._window.resizeDocks(list(there.values()), heights, Qt.Orientation.Vertical)

    def recall(self) -> None:
        """Take up the places that were kept, if there are any."""
        self.reset()
        kept = self._preferences.layout()
        self._is_first = kept is None
        if kept:
            self._window.restoreGeometry(kept[0])
            if self._window.restoreState(kept[1], LAYOUT_VERSION):
                self.guests.recall(self._preferences.guests)

    def settle(self) -> None:
        """The window's size is known now: give the first places their sizes."""
        if self._is_first:
            self._is_first = False
            self.reset()

    def keep(self) -> None:
        """Remember the places."""
        self._preferences.guests = self.guests.keep()
        self._preferences.save_layout(self._window.saveGeometry(), self._window.saveState(LAYOUT_VERSION))
