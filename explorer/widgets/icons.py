"""Pictures on buttons, drawn as paths on a square of side 1: no glyph of any font is needed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPainterPathStroker, QPen, QPixmap, QPolygonF

STROKE: Final = 0.11
"""Width of a line, in sides of the square."""


def _triangle(*points: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()
    return path


def _bar(left: float, top: float, width: float, height: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(QRectF(left, top, width, height), 0.06, 0.06)
    return path


def play() -> QPainterPath:
    """A triangle whose centre of mass lies in the middle."""
    return _triangle((0.27, 0.14), (0.27, 0.86), (0.88, 0.5))


def pause() -> QPainterPath:
    """Two bars."""
    return _bar(0.22, 0.15, 0.19, 0.7) + _bar(0.59, 0.15, 0.19, 0.7)


def step() -> QPainterPath:
    """A triangle against a bar."""
    return _triangle((0.16, 0.2), (0.16, 0.8), (0.66, 0.5)) + _bar(0.7, 0.2, 0.12, 0.6)


def restart() -> QPainterPath:
    """Three quarters of a circle with an arrow head at its open end, drawn against the clock."""
    arc = QPainterPath()
    box = QRectF(0.18, 0.2, 0.64, 0.64)
    arc.arcMoveTo(box, 110)
    arc.arcTo(box, 110, -280)
    return _stroked(arc) + _triangle((0.5, 0.02), (0.5, 0.4), (0.22, 0.21))


def close() -> QPainterPath:
    """A cross."""
    lines = QPainterPath(QPointF(0.25, 0.25))
    lines.lineTo(0.75, 0.75)
    lines.moveTo(0.75, 0.25)
    lines.lineTo(0.25, 0.75)
    return _stroked(lines)


def undock() -> QPainterPath:
    """A window that leaves its place."""
    lines = QPainterPath()
    lines.addRoundedRect(QRectF(0.2, 0.38, 0.42, 0.42), 0.06, 0.06)
    lines.moveTo(0.42, 0.2)
    lines.lineTo(0.8, 0.2)
    lines.lineTo(0.8, 0.58)
    return _stroked(lines)


def chevron() -> QPainterPath:
    """The sign of a menu."""
    lines = QPainterPath(QPointF(0.24, 0.38))
    lines.lineTo(0.5, 0.64)
    lines.lineTo(0.76, 0.38)
    return _stroked(lines)


def alarm() -> QPainterPath:
    """A triangle with an exclamation mark cut out."""
    outer = _triangle((0.5, 0.08), (0.95, 0.88), (0.05, 0.88))
    dot = QPainterPath()
    dot.addEllipse(QPointF(0.5, 0.76), 0.055, 0.055)
    return outer - _bar(0.455, 0.36, 0.09, 0.28) - dot


def notice() -> QPainterPath:
    """A disc with an i cut out."""
    disc, dot = QPainterPath(), QPainterPath()
    disc.addEllipse(QPointF(0.5, 0.5), 0.42, 0.42)
    dot.addEllipse(QPointF(0.5, 0.28), 0.06, 0.06)
    return disc - dot - _bar(0.45, 0.42, 0.1, 0.34)


def good() -> QPainterPath:
    """A disc with a tick cut out."""
    disc = QPainterPath()
    disc.addEllipse(QPointF(0.5, 0.5), 0.42, 0.42)
    tick = QPainterPath(QPointF(0.3, 0.52))
    tick.lineTo(0.45, 0.66)
    tick.lineTo(0.71, 0.36)
    return disc - _stroked(tick)


def mark() -> QPainterPath:
    """The program's own mark: an arrow that pushes a cloud of points onto a ring."""
    ring = QPainterPath()
    for k in range(8):
        angle = math.tau * k / 8
        ring.addEllipse(QPointF(0.5 + 0.36 * math.cos(angle), 0.5 + 0.36 * math.sin(angle)), 0.085, 0.085)
    centre = QPainterPath()
    centre.addEllipse(QPointF(0.5, 0.5), 0.12, 0.12)
    return ring + centre


def _stroked(lines: QPainterPath) -> QPainterPath:
    pen = QPen(Qt.GlobalColor.black, STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    stroker = QPainterPathStroker(pen)
    stroker.setCurveThreshold(0.01)
    return stroker.createStroke(lines)


ICONS: Final[dict[str, Callable[[], QPainterPath]]] = {
    draw.__name__: draw for draw in (play, pause, step, restart, close, undock, chevron, alarm, notice, good, mark)
}


def paint_icon(painter: QPainter, name: str, box: QRectF, colour: QColor) -> None:
    """Fill an icon into a square.

    Raises:
        KeyError: there is no icon of this name.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    painter.scale(box.width(), box.height())
    painter.fillPath(ICONS[name](), colour)
    painter.restore()


def window_icon(colour: QColor) -> QIcon:
    """The program's mark as the icon of its window."""
    icon = QIcon()
    for side in (16, 32, 64, 128):
        picture = QPixmap(QSize(side, side))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_icon(painter, "mark", QRectF(0, 0, side, side), colour)
        painter.end()
        icon.addPixmap(picture)
    return icon
