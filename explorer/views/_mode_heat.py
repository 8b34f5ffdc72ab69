"""Modes too many for a bar each: a field of cells, each as bright as its mode is served."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from explorer.session.snapshot import Array
from explorer.widgets.theme import Theme

MANY: Final = 100
"""Modes from which on there are cells instead of bars."""

FULL: Final = 2.0
"""Mass over target at which a cell has its full colour: as many samples as real ones have by chance at most modes."""

LEAST: Final = 0.3
"""Opacity of a mode with a single sample, so that it is told from none."""

EMPTY: Final = 0.3
"""Opacity of the alarm's colour in a cell without a sample."""


def rows_of(count: int, width: float, height: float) -> int:
    """How many rows of cells fill a frame: those that divide the modes evenly, with cells as square as that allows."""
    ideal = max(1.0, math.sqrt(count * height / max(width, 1.0)))
    even = [rows for rows in range(1, count + 1) if count % rows == 0 and 0.4 <= rows / ideal <= 2.5]
    return min(even or [round(ideal)], key=lambda rows: abs(math.log(rows / ideal)))


def cell(frame: QRectF, count: int, index: int) -> QRectF:
    """The place of one mode: they stand in rows, as one reads."""
    rows = rows_of(count, frame.width(), frame.height())
    columns = -(-count // rows)
    wide, high = frame.width() / columns, frame.height() / rows
    return QRectF(frame.left() + index % columns * wide, frame.top() + index // columns * high, wide, high)


def mode_at(frame: QRectF, count: int, x: float, y: float) -> int | None:
    """The mode at a place in pixels; None for none."""
    if not frame.contains(x, y):
        return None
    rows = rows_of(count, frame.width(), frame.height())
    columns = -(-count // rows)
    row = min(int((y - frame.top()) / frame.height() * rows), rows - 1)
    found = row * columns + min(int((x - frame.left()) / frame.width() * columns), columns - 1)
    return found if found < count else None


def paint_heat(painter: QPainter, frame: QRectF, mass: Array, target: Array, theme: Theme) -> None:
    """All cells as one image; a gap between them where there is room."""
    count = len(mass)
    rows = rows_of(count, frame.width(), frame.height())
    shades = np.zeros((rows, -(-count // rows), 4), np.uint8)
    shades.reshape(-1, 4)[:count] = colours(mass, target, theme)
    height, width = shades.shape[:2]
    image = QImage(shades.data, width, height, 4 * width, QImage.Format.Format_ARGB32)
    painter.drawImage(frame, image)
    if min(frame.width() / width, frame.height() / height) < 4:
        return
    painter.setPen(QColor(theme.plot))
    for column in range(1, width):
        x = round(frame.left() + column * frame.width() / width)
        painter.drawLine(x, int(frame.top()), x, int(frame.bottom()))
    for row in range(1, height):
        y = round(frame.top() + row * frame.height() / height)
        painter.drawLine(int(frame.left()), y, int(frame.right()), y)


def colours(mass: Array, target: Array, theme: Theme) -> Array:
    """Blue, green, red and opacity of each mode, shape (K, 4): the model's colour, or the alarm's where it has none."""
    served = mass / np.maximum(target, 1e-12)
    model, alarm = QColor(theme.model), QColor(theme.alarm)
    inks = np.where(served[:, None] > 0, _bgr(model), _bgr(alarm))
    opacity = np.where(served > 0, LEAST + (1 - LEAST) * np.clip(served / FULL, 0, 1), EMPTY)
    return np.concatenate([inks, np.rint(255 * opacity)[:, None]], axis=1).astype(np.uint8)


def _bgr(ink: QColor) -> Array:
    return np.array([ink.blue(), ink.green(), ink.red()])


def reachable(target: Array, samples: int) -> int:
    """How many modes as many real samples reach on average, Σ_k 1 − (1 − w_k)ⁿ."""
    return round(float((1 - (1 - target.astype(float)) ** samples).sum()))
