"""Births and deaths: each mode a lane over the steps of the run."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Array
from explorer.views._mode_history import Life
from explorer.views._mode_picture import ModePicture
from explorer.widgets.plot import TICK_PX, colour, ticks

WAITING: Final = "Births and deaths of the modes appear here."
UNJUDGED: Final = "No {noun} was heavy enough so far to say when it was born: most have too few samples."
MOST_LANES: Final = 40
MOST_LIVES: Final = 300
"""With more lanes or lives than these the picture is a density: how many of a pixel's modes are alive."""

MOST_MARKS: Final = 80
"""With more births and deaths than these the ends of the lanes must do."""


class Timeline(ModePicture):
    """Lanes from birth to death, from step 0 at the left to the present step at the right, as the curves below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, WAITING)
        self.lives: list[Life] = []
        self.now = 0
        self.looked_at: int | None = None
        self._of: dict[int, list[Life]] = {}
        self._image: QImage | None = None
        self._image_of: tuple[object, ...] = ()
        self.setMouseTracking(True)
        self.setAccessibleName("births and deaths of the modes")

    def show_lives(self, names: tuple[str, ...], lives: list[Life], now: int) -> None:
        """Draw these lives, up to this step."""
        self.names, self.lives, self.now = names, lives, now
        of: defaultdict[int, list[Life]] = defaultdict(list)
        for life in lives:
            of[life.mode].append(life)
        self._of, self._image_of = dict(of), ()
        self.update()

    def frame(self) -> QRectF:
        """Where the lanes are, in pixels; its left and right edge are those of the curves."""
        s = self.scale
        return QRectF(self.rect()).adjusted(50 * s, 5 * s, -13 * s, -21 * s)

    def lane(self, mode: int) -> QRectF:
        """The whole lane of a mode, in pixels."""
        frame = self.frame()
        pitch = frame.height() / max(len(self.names), 1)
        return QRectF(frame.left(), frame.top() + mode * pitch, frame.width(), pitch)

    def place(self, step: float) -> float:
        """Where a step lies, in pixels."""
        frame = self.frame()
        return frame.left() + min(step / max(self.now, 1), 1.0) * frame.width()

    def say(self, mode: int, step: float) -> str:
        """The life of a mode at a step, or else the nearest one, in words."""
        name = f"{self.noun} {self.names[mode]}"
        lives = self._of.get(mode, ())
        if not lives:
            return f"{name}: not found yet"
        life = min(lives, key=lambda one: _gap(one, step))
        return f"{name}: born {life.born:,}, " + ("alive" if life.died is None else f"died {life.died:,}")

    def count(self) -> int:
        """A lane for each mode."""
        return len(self.names)

    def place_of(self, mode: int) -> QRectF:
        """Its lane."""
        return self.lane(mode)

    def read(self, mode: int) -> str:
        """Its life at the present step."""
        return self.say(mode, self.now)

    def words_at(self, place: QPointF) -> str:
        """The life under the mouse."""
        frame = self.frame()
        if not self.names or not frame.contains(place):
            return ""
        mode = min(int((place.y() - frame.top()) / frame.height() * len(self.names)), len(self.names) - 1)
        return self.say(mode, (place.x() - frame.left()) / frame.width() * self.now)

    def paint(self, painter: QPainter) -> None:
        """Axis, lanes, marks, cursor."""
        self._paint_axis(painter)
        if self.is_dense and not self.lives:
            painter.setPen(QColor(self.theme.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.frame(), int(flags), UNJUDGED.format(noun=self.noun))
        elif self.is_dense:
            painter.drawImage(self.frame(), self._density())
        else:
            self._paint_lanes(painter)
        self._paint_names(painter)
        self._paint_cursor(painter)

    @property
    def is_dense(self) -> bool:
        """Whether there are too many lanes or lives to draw each."""
        return len(self.names) > MOST_LANES or len(self.lives) > MOST_LIVES

    def alive(self, rows: int, columns: int) -> Array:
        """Share of the modes of each row that are alive over each column, shape (rows, columns), in [0, 1]."""
        lanes = len(self.names)
        rows = min(rows, lanes)
        per_step = columns / max(self.now, 1)
        counts, change = np.zeros(rows), np.zeros((rows, columns + 1))
        np.add.at(counts, np.arange(lanes) * rows // lanes, 1)
        for life in self.lives:
            row = life.mode * rows // lanes
            first = min(int(life.born * per_step), columns - 1)
            change[row, first] += 1
            if life.died is not None:  # a short life has a pixel too
                change[row, max(first + 1, min(int(life.died * per_step), columns))] -= 1
        return np.clip(change[:, :-1].cumsum(axis=1) / counts[:, None], 0, 1)

    def _density(self) -> QImage:
        ratio, frame = self.devicePixelRatioF(), self.frame()
        size = (max(1, int(frame.height() * ratio)), max(1, int(frame.width() * ratio)))
        key = (size, self.theme.name)
        if self._image is None or self._image_of != key:
            share = self.alive(*size)
            ink = QColor(self.theme.model)
            pixels = np.empty((*share.shape, 4), np.uint8)
            pixels[..., :3] = ink.blue(), ink.green(), ink.red()
            pixels[..., 3] = np.rint(255 * share)
            flat = np.ascontiguousarray(pixels)
            height, width = share.shape
            image = QImage(flat.data, width, height, 4 * width, QImage.Format.Format_ARGB32)
            self._image, self._image_of = image.copy(), key
        return self._image

    def _paint_axis(self, painter: QPainter) -> None:
        frame = self.frame()
        metrics = QFontMetricsF(painter.font())
        spacing = min(TICK_PX * self.scale, frame.width() / 3)
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.drawLine(frame.bottomLeft(), frame.bottomRight())
        base = QRectF(0, frame.bottom() + 4 * self.scale, frame.left() - 10 * self.scale, metrics.height())
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(base, Qt.AlignmentFlag.AlignRight, "step")
        for step, label in ticks(0, max(self.now, 1), frame.width(), spacing):
            x, width = self.place(step), metrics.horizontalAdvance(label)
            painter.setPen(QPen(QColor(self.theme.line), 1))
            painter.drawLine(QPointF(x, frame.bottom()), QPointF(x, frame.bottom() + 3 * self.scale))
            painter.setPen(QColor(self.theme.muted))
            left = min(x - width / 2, self.width() - 4 - width)
            painter.drawText(QPointF(left, base.top() + metrics.ascent()), label)

    def _paint_lanes(self, painter: QPainter) -> None:
        for mode in range(len(self.names)):
            lane = self.lane(mode)
            thick = min(0.62 * lane.height(), 9 * self.scale)
            middle = round(lane.center().y()) + 0.5
            is_dead = not any(life.died is None for life in self._of.get(mode, ()))
            painter.setPen(QPen(colour(self.theme.alarm if is_dead else self.theme.line, 0.8), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(lane.left(), middle), QPointF(lane.right(), middle))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(self.theme.model, 1.0 if self.chosen in (None, mode) else 0.5))
            for life in self._of.get(mode, ()):
                left = self.place(life.born)
                right = self.place(self.now if life.died is None else life.died)
                painter.drawRoundedRect(QRectF(left, middle - thick / 2, max(right - left, 1.5), thick), 2, 2)
        if sum(1 + (life.died is not None) for life in self.lives) <= MOST_MARKS:
            self._paint_marks(painter)

    def _paint_marks(self, painter: QPainter) -> None:
        """An upright stroke at each birth, a cross at each death."""
        reach = min(0.42 * self.lane(0).height(), 4.0 * self.scale)
        for life in self.lives:
            middle = round(self.lane(life.mode).center().y()) + 0.5
            born = self.place(life.born)
            painter.setPen(QPen(QColor(self.theme.floor), 2.0 * self.scale))
            painter.drawLine(QPointF(born, middle - reach - 1), QPointF(born, middle + reach + 1))
            if life.died is not None:
                x = self.place(life.died) + reach + 1
                painter.setPen(QPen(QColor(self.theme.alarm), 1.7 * self.scale))
                painter.drawLine(QPointF(x - reach, middle - reach), QPointF(x + reach, middle + reach))
                painter.drawLine(QPointF(x - reach, middle + reach), QPointF(x + reach, middle - reach))

    def _paint_names(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(painter.font())
        every = max(1, int(np.ceil(metrics.height() * 0.92 / self.lane(0).height())))
        for mode in range(0, len(self.names), every):
            is_dead = not any(life.died is None for life in self._of.get(mode, ()))
            painter.setPen(QColor(self.theme.alarm if is_dead and not self.is_dense else self.theme.muted))
            lane = self.lane(mode)
            place = QRectF(0, lane.center().y() - 10 * self.scale, lane.left() - 6 * self.scale, 20 * self.scale)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.names[mode])

    def _paint_cursor(self, painter: QPainter) -> None:
        """The step that is looked at; what came after it is veiled."""
        if self.looked_at is None:
            return
        frame, x = self.frame(), self.place(self.looked_at)
        painter.fillRect(QRectF(x, 0, frame.right() - x + 1, frame.bottom()), colour(self.theme.plot, 0.65))
        painter.setPen(QPen(QColor(self.theme.text), 1.2 * self.scale))
        painter.drawLine(QPointF(x, 0), QPointF(x, frame.bottom()))


def _gap(life: Life, step: float) -> float:
    """How far a step is from a life; 0 within it."""
    ended = float("inf") if life.died is None else life.died
    return max(life.born - step, step - ended, 0.0)
