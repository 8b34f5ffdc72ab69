"""A second y axis at the right of a picture over a line, for the curves that have the critic's units."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from explorer.widgets.plot import Overlay, Plot, plot_font, ticks
from explorer.widgets.theme import SMALL_PX, Theme


class RightAxis(Overlay):
    """The values of a second y axis, inside the right edge."""

    depth = 60.0

    def __init__(self, plot_box: pg.ViewBox, values: pg.ViewBox) -> None:
        super().__init__(plot_box)
        self._values = values
        self.name = ""
        values.sigYRangeChanged.connect(self.changed)

    def paint(self, painter: QPainter, option: object = None, widget: object = None) -> None:
        """Labels in the critic's colour, and the names of the curves."""
        font = plot_font(SMALL_PX, self.factor)
        metrics = QFontMetricsF(font)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.critic_low))
        low, high = self._values.viewRange()[1]
        width, height = self.box.width(), self.box.height()
        for value, label in ticks(low, high, height, 70 * self.factor):
            at = (high - value) / (high - low) * height
            if 2.4 * metrics.height() < at < height - 2 * metrics.height():
                painter.drawText(QPointF(width - metrics.horizontalAdvance(label) - 8, at + 4), label)
        painter.drawText(QPointF(width - metrics.horizontalAdvance(self.name) - 8, metrics.ascent() + 2), self.name)


class RightValues:
    """The range of the right axis of one plot, shared by all curves on it, and the axis itself.

    Each curve says where it lies and whether it is seen; the range holds those that are.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot, self._main = plot, plot.box
        self._box = pg.ViewBox(enableMenu=False, enableMouse=False)
        scene: Any = plot.scene()
        scene.addItem(self._box)
        self._box.setXLink(plot.box)
        self._box.setZValue(5)
        self.axis = RightAxis(plot.box, self._box)
        self._held: dict[str, tuple[float, float]] = {}
        self._seen: dict[str, bool] = {}
        plot.box.sigResized.connect(self._follow)
        self._follow()

    @classmethod
    def join(cls, plot: Plot, name: str, curve: pg.PlotCurveItem) -> RightValues:
        """Put a curve, which may lie on the plot already, on the right axis."""
        if cls not in plot.shared:
            plot.shared[cls] = cls(plot)
        values: RightValues = plot.shared[cls]
        plot.box.removeItem(curve)
        values._box.addItem(curve, ignoreBounds=True)
        values._seen[name] = False
        return values

    def leave(self, name: str) -> None:
        """A curve goes; the last one takes the axis with it."""
        self._held.pop(name, None)
        self._seen.pop(name, None)
        if not self._seen:
            self._main.sigResized.disconnect(self._follow)
            for item in (self.axis, self._box):
                if item.scene() is not None:
                    item.scene().removeItem(item)
            del self._plot.shared[type(self)]

    def hold(self, name: str, low: float, high: float) -> None:
        """Where a curve lies."""
        self._held[name] = (low, high)
        self._fit()

    def show(self, name: str, seen: bool) -> None:  # noqa: FBT001
        """Whether a curve is seen."""
        self._seen[name] = seen
        self._fit()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Colours and sizes of the axis."""
        self.axis.set_theme(theme, scale)

    def _fit(self) -> None:
        seen = [name for name in self._held if self._seen.get(name)]
        self.axis.setVisible(bool(seen))
        if not seen:
            return
        self.axis.name = ", ".join(seen)
        low = min(self._held[name][0] for name in seen)
        high = max(self._held[name][1] for name in seen)
        reach = max(high - low, 1e-9)
        # The strips of rugs and arrows stay free.
        self._box.setYRange(low - 0.35 * reach, high + 0.15 * reach, padding=0)
        self.axis.update()

    def _follow(self, *_: object) -> None:
        self._box.setGeometry(self._main.sceneBoundingRect())
