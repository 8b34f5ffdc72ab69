"""Where the window's cards stand: their first places, and those that the user gave them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow

from explorer.widgets.theme import GAP
from explorer.window.docks import CardDock
from explorer.window.preferences import LAYOUT_VERSION, Preferences
from explorer.window.skeleton import RECIPE_CARDS, Skeleton

CARDS: Final = {"recipe": "Recipe", "latent": "Latent space", "modes": "Modes", "curves": "Curves"}
RIGHT: Final = ("latent", "modes", "curves")
RIGHT_SHARES: Final = (37, 27, 36)
CORNERS: Final = {
    Qt.Corner.TopLeftCorner: Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.Corner.BottomLeftCorner: Qt.DockWidgetArea.LeftDockWidgetArea,
    Qt.Corner.TopRightCorner: Qt.DockWidgetArea.RightDockWidgetArea,
    Qt.Corner.BottomRightCorner: Qt.DockWidgetArea.RightDockWidgetArea,
}
EDGE_PX: Final = 10


class Layout:
    """The cards around the data space."""

    def __init__(self, window: QMainWindow, preferences: Preferences) -> None:
        self._window, self._preferences = window, preferences
        self._is_first = False
        skeletons = {"recipe": Skeleton(RECIPE_CARDS)}
        self.docks = {key: CardDock(key, title, window, skeletons.get(key)) for key, title in CARDS.items()}
        self.docks["recipe"].handle.ground = "panel"
        for key in RIGHT:
            self.docks[key].place.setContentsMargins(0, 0, EDGE_PX, GAP if key == RIGHT[-1] else 0)
        for corner, area in CORNERS.items():
            window.setCorner(corner, area)

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
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        widths = [302, round(window.width() * 0.26)]
        window.resizeDocks([self.docks["recipe"], right[0]], widths, Qt.Orientation.Horizontal)
        heights = [window.height() * share // 100 for share in RIGHT_SHARES]
        window.resizeDocks(right, heights, Qt.Orientation.Vertical)

    def recall(self) -> None:
        """Take up the places that were kept, if there are any."""
        self.reset()
        kept = self._preferences.layout()
        self._is_first = kept is None
        if kept:
            self._window.restoreGeometry(kept[0])
            self._window.restoreState(kept[1], LAYOUT_VERSION)

    def settle(self) -> None:
        """The window's size is known now: give the first places their sizes."""
        if self._is_first:
            self._is_first = False
            self.reset()

    def keep(self) -> None:
        """Remember the places."""
        self._preferences.save_layout(self._window.saveGeometry(), self._window.saveState(LAYOUT_VERSION))
