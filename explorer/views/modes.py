"""Modes of the data that the model misses, ringed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._base import Layer, is_plane, layer
from explorer.widgets.plot import Plot, plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

MISSING_SHARE: Final = 0.1
"""A mode with less than this share of its target counts as missing."""

GRACE_STEPS: Final = 500
"""Before so many steps no mode is called missing: none has been found yet."""

NAMED: Final = 9
"""With more missing modes than these, rings carry numbers only."""

SMALLEST_PX: Final = 9.0


def noun(scene: Scene | None) -> str:
    """What one of the modes is called."""
    return "mode" if scene is None or scene.named else "cell"


def missing(mass: Array, target: Array, step: int) -> NDArray[np.bool_]:
    """Which modes are missing at this step, shape (K,)."""
    return (mass < MISSING_SHARE * target) & (step >= GRACE_STEPS)


class Rings(pg.GraphicsObject):
    """Dashed circles with a word under each."""

    def __init__(self) -> None:
        super().__init__()
        self.theme: Theme = DARK
        self.factor = 1.0
        self.circles: list[tuple[QPointF, float, str]] = []
        self.chosen: tuple[QPointF, float] | None = None

    def set_circles(self, circles: list[tuple[QPointF, float, str]]) -> None:
        """Centre, radius in data units, and text of each."""
        self.circles = circles
        self.update()

    def choose(self, circle: tuple[QPointF, float] | None) -> None:
        """One ring more, for the mode that is pointed at elsewhere."""
        self.chosen = circle
        self.update()

    def boundingRect(self) -> QRectF:
        """What is seen."""
        rect = self.viewRect()
        return QRectF() if rect is None else QRectF(rect)

    def viewTransformChanged(self) -> None:
        """The range that is seen has changed."""
        super().viewTransformChanged()  # or pyqtgraph goes on telling the range that was seen first
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """In pixels, so that dashes and text keep their size."""
        to_pixels = painter.transform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(self.theme.alarm), 1.8 * self.factor, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([3.2, 2.4])
        painter.setPen(pen)
        painter.setFont(plot_font(SMALL_PX + 0.5, self.factor, QFont.Weight.DemiBold))
        for centre, radius, text in self.circles:
            at = to_pixels.map(centre)
            reach = max(radius * abs(to_pixels.m11()), SMALLEST_PX * self.factor)
            painter.drawEllipse(at, reach, reach)
            below = QRectF(at.x() - 100, at.y() + reach + 3, 200, 40 * self.factor)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
        if self.chosen is not None:
            centre, radius = self.chosen
            reach = max(radius * abs(to_pixels.m11()), SMALLEST_PX * self.factor) + 4 * self.factor
            painter.setPen(QPen(QColor(self.theme.text), 2.0 * self.factor))
            painter.drawEllipse(to_pixels.map(centre), reach, reach)


@layer
class MissingModes(Layer):
    """A ring around each mode that has less than a tenth of its mass."""

    key = "modes"
    title = "missing"
    help = "Rings the modes that have less than a tenth of their target mass."
    role = "alarm"
    observation = "modes"
    order = 60

    @classmethod
    def fits(cls, scene: Scene) -> bool:
        """Named modes in the plane."""
        return is_plane(scene) and len(scene.mode_means) > 0

    def attach(self, plot: Plot) -> None:
        """One item for all rings."""
        self._rings = Rings()
        self._rings.setZValue(50)
        self._lost: Callable[[int], Mapping[int, int]] = lambda _: {}
        self._last: tuple[Arrays, int] | None = None
        self.items = [self._rings]
        plot.box.addItem(self._rings, ignoreBounds=True)

    def set_scene(self, scene: Scene) -> None:
        """Where the modes are, and what they are called."""
        self._scene = scene

    def remember(self, lost: Callable[[int], Mapping[int, int]]) -> None:
        """Know of deaths: ``lost`` gives the modes that were alive before a step and when each died."""
        self._lost = lost
        if self._last is not None:
            self.draw(*self._last)

    def point_out(self, mode: int | None) -> None:
        """Ring one mode for as long as it is pointed at elsewhere."""
        there = mode is not None and mode < len(self._scene.mode_means)
        self._rings.choose(self._place(mode) if there and mode is not None else None)

    def draw(self, arrays: Arrays, step: int) -> None:
        """The rings of this step."""
        self._last = arrays, step
        which = np.flatnonzero(missing(arrays["mass"], arrays["target"], step))
        lost = self._lost(step) if len(which) <= NAMED else {}
        named = len(which) <= NAMED
        self._rings.set_circles([(*self._place(mode), self._say(mode, lost, named=named)) for mode in which.tolist()])

    def restyle(self) -> None:
        """Colour and size."""
        self._rings.theme, self._rings.factor = self.theme, self.scale
        self._rings.update()

    def _place(self, mode: int) -> tuple[QPointF, float]:
        centre = self._scene.mode_means[mode]
        return QPointF(float(centre[0]), float(centre[1])), 1.3 * float(self._scene.mode_radii[mode])

    def _say(self, mode: int, lost: Mapping[int, int], *, named: bool) -> str:
        name = self._scene.mode_names[mode]
        if not named:
            return name
        called = f"{noun(self._scene)} {name}"
        return f"{called} lost\nat step {lost[mode]:,}" if mode in lost else f"{called} missing"
