"""Where the window's cards stand: their first places, and those that the user gave them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QMainWindow

from explorer.widgets.theme import GAP
from explorer.window.docks import CardDock
from explorer.window.preferences import LAYOUT_VERSION, Preferences
from explorer.window.skeleton import RECIPE_CARDS, Skeleton

CARDS: Final = {
    "recipe": "Recipe",
    "latent": "Latent space",
    "modes": "Modes",
    "curves": "Curves",
    "phase": "Phase portrait",
}
RIGHT: Final = ("latent", "modes", "curves")
RIGHT_SHARES: Final = (37, 27, 36)
PLANAR_SHARES: Final = (62, 38)
"""With the phase portrait above the curves: its game has no modes to tell apart."""

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
        self._is_first = self._is_planar = self._hides_modes = self._hides_recipe = False
        self._widths: dict[str, int] = {}
        skeletons = {"recipe": Skeleton(RECIPE_CARDS)}
        self.docks = {key: CardDock(key, title, window, skeletons.get(key)) for key, title in CARDS.items()}
        self.docks["recipe"].handle.ground = "panel"
        for key in (*RIGHT, "phase"):
            self.docks[key].place.setContentsMargins(0, 0, EDGE_PX, GAP if key == RIGHT[-1] else 0)
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
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.docks["phase"])
        window.tabifyDockWidget(self.docks["latent"], self.docks["phase"])
        for dock in self.docks.values():
            dock.setFloating(False)
            dock.show()
        self._arrange_phase()
        widths = [302, round(window.width() * 0.26)]
        window.resizeDocks([self.docks["recipe"], right[0]], widths, Qt.Orientation.Horizontal)
        self._share_height()

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

    def set_planar(self, planar: bool) -> None:  # noqa: FBT001
        """Where the whole game is a point of a plane, its portrait takes the place of latent space and of the modes."""
        if planar != self._is_planar:
            self._is_planar = planar
            self._arrange_phase()
            self._share_height()

    def _arrange_phase(self) -> None:
        phase, modes = self.docks["phase"], self.docks["modes"]
        phase.setVisible(self._is_planar)
        if self._is_planar:
            phase.raise_()
            self._hides_modes = not modes.isHidden()
            modes.hide()
        elif self._hides_modes:
            self._hides_modes = False
            modes.show()

    def _share_height(self) -> None:
        keys, shares = (("phase", "curves"), PLANAR_SHARES) if self._is_planar else (RIGHT, RIGHT_SHARES)
        heights = [self._window.height() * share // 100 for share in shares]
        self._window.resizeDocks([self.docks[key] for key in keys], heights, Qt.Orientation.Vertical)

    def recall(self) -> None:
        """Take up the places that were kept, if there are any."""
        self.reset()
        kept = self._preferences.layout()
        self._is_first = kept is None
        if kept:
            self._window.restoreGeometry(kept[0])
            self._window.restoreState(kept[1], LAYOUT_VERSION)
            self._arrange_phase()

    def settle(self) -> None:
        """The window's size is known now: give the first places their sizes."""
        if self._is_first:
            self._is_first = False
            self.reset()

    def keep(self) -> None:
        """Remember the places."""
        self._preferences.save_layout(self._window.saveGeometry(), self._window.saveState(LAYOUT_VERSION))
