"""The picture that a person has chosen, and the one under the mouse."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from explorer.session.snapshot import Arrays, Scene
from explorer.views._base import layer
from explorer.views._items import InView
from explorer.views._mosaic import GridLayer
from explorer.views._mosaic_grid import Grid
from explorer.widgets.plot import Plot
from explorer.widgets.theme import DARK

Place = tuple[int, int]
"""Pane and number of a picture."""


class Frames(InView):
    """A strong frame round the chosen picture, a thin one round that under the mouse and those that belong to it."""

    def __init__(self) -> None:
        super().__init__()
        self.grid, self.theme, self.factor = Grid(), DARK, 1.0
        self.chosen: tuple[Place, ...] = ()
        self.hovered: tuple[Place, ...] = ()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """A line of the ground's colour under each."""
        there = painter.transform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for places, width in ((self.hovered, 1.4), (self.chosen, 2.6)):
            for pane, number in places:
                if pane < self.grid.panes and number < self.grid.across * self.grid.down:
                    left, top, wide, tall = self.grid.place(pane, number)
                    self._frame(painter, there.mapRect(QRectF(left, top - tall, wide, tall)), width * self.factor)

    def _frame(self, painter: QPainter, rect: QRectF, width: float) -> None:
        for ink, thick in ((self.theme.plot, width + 2.4), (self.theme.text, width)):
            painter.setPen(QPen(QColor(ink), thick))
            painter.drawRect(rect.adjusted(0.5, 0.5, -1.0, -1.0))


@layer
class Choice(GridLayer):
    """Shown by the view, not by a snapshot."""

    key = "choice"
    title = "choice"
    order = 72
    switch = False

    def attach(self, plot: Plot) -> None:
        """One item."""
        self._frames = Frames()
        self._frames.setZValue(20)
        self.items = [self._frames]
        plot.box.addItem(self._frames, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Nothing is chosen yet."""
        self.mark((), ())
        self.fill()

    def set_grid(self, grid: Grid) -> None:
        """The frames follow the pictures."""
        super().set_grid(grid)
        self._frames.grid = grid
        self._frames.update()

    def mark(self, chosen: tuple[Place, ...], hovered: tuple[Place, ...]) -> None:
        """Frame these."""
        self._frames.chosen, self._frames.hovered = chosen, hovered
        self._frames.update()

    def draw(self, arrays: Arrays, step: int) -> None:
        """No snapshot tells of it."""

    def restyle(self) -> None:
        """Colours and sizes."""
        self._frames.theme, self._frames.factor = self.theme, self.scale
        self._frames.update()
