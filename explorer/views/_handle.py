"""A point of a plot that a person holds: pressed into being, dragged, moved by keys."""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent

from explorer.widgets.plot import Plot, colour
from explorer.widgets.theme import Theme

KEY_STEP: Final = 0.02
"""How far an arrow key moves it, in widths of what is seen; a fifth of it with Control."""

MOVES: Final = {
    Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
}  # fmt: skip
SIZE_PX: Final = 13


class Handle(QObject):
    """A ring over everything else.

    Signals:
        held: it is somewhere else now, data units.
    """

    held = Signal(float, float)

    def __init__(self, plot: Plot) -> None:
        super().__init__(plot)
        self._plot = plot
        self.is_held = False
        self._ring = pg.TargetItem(movable=True, size=SIZE_PX, symbol="o")
        self._ring.setZValue(90)
        self._ring.hide()
        self._ring.sigPositionChanged.connect(self._moved)
        plot.box.addItem(self._ring, ignoreBounds=True)
        plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        plot.installEventFilter(self)

    @property
    def at(self) -> tuple[float, float]:
        """Where it is."""
        place = self._ring.pos()
        return place.x(), place.y()

    def hold(self, x: float, y: float) -> None:
        """Be there from now on."""
        self.is_held = False
        self._ring.setPos(x, y)
        self.is_held = True
        self._ring.show()
        self.held.emit(x, y)

    def let_go(self) -> None:
        """Nothing is held."""
        self.is_held = False
        self._ring.hide()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._ring.setPen(pg.mkPen(theme.text, width=round(2 * scale)))
        self._ring.setHoverPen(pg.mkPen(theme.data, width=round(2 * scale)))
        self._ring.setBrush(pg.mkBrush(colour(theme.plot, 0.6)))
        self._ring.setHoverBrush(pg.mkBrush(QColor(theme.hover)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrow keys move it while the plot has the focus, even where the window has shortcuts on them."""
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress) or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        move = MOVES.get(Qt.Key(event.key()))
        if move is None or event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not self.is_held:
            return super().eventFilter(watched, event)
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self._step(move, fine=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        return True

    def _step(self, move: tuple[int, int], *, fine: bool) -> None:
        seen = self._plot.box.viewRect()
        reach, (x, y) = KEY_STEP * (0.2 if fine else 1.0), self.at
        self.hold(x + reach * seen.width() * move[0], y + reach * seen.height() * move[1])

    def _moved(self, *_: object) -> None:
        if self.is_held:
            self.held.emit(*self.at)
