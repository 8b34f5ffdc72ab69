"""Pictures in rows and columns that can be named, marked, pressed and gone through with the arrow keys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Array, Scene
from explorer.views._painted import Canvas
from explorer.widgets.pixels import as_image, pixels
from explorer.widgets.plot import plot_font
from explorer.widgets.theme import SMALL_PX

GAP: Final = 2.0
EDGE: Final = 10.0
LARGEST: Final = 132.0
"""Side of one of many pictures at most, logical pixels: larger ones would show their pixels and nothing else."""

ARROWS: Final = {
    Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
}  # fmt: skip


@dataclass(frozen=True)
class Margins:
    """What stands around the pictures.

    Attributes:
        rows: name of each row, and a few words below it; none without names.
        columns: name of each column; none without.
        caption: a line above all.
    """

    rows: Sequence[tuple[str, str]] = ()
    columns: Sequence[str] = ()
    caption: str = ""


PLAIN: Final = Margins()


class PictureSheet(Canvas):
    """A sheet of pictures.

    Signals:
        pressed: number of the picture that was clicked, or chosen with Return; row by row from 0.

    Attributes:
        marks: number of a picture to the letter that it is marked with.
        ringed: numbers of pictures that have a ring.
        role: the theme's colour for marks, rings and the caption.
        largest: side of a picture at most, logical pixels.
        edge: around all of it, logical pixels.
    """

    pressed = Signal(int)
    keeps: ClassVar[frozenset[int]] = frozenset(ARROWS)

    def __init__(self, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images: list[QImage] = []
        self.columns = 1
        self.margins = PLAIN
        self.marks: Mapping[int, str] = {}
        self.ringed: frozenset[int] = frozenset()
        self.role, self.largest, self.edge = "model", LARGEST, EDGE
        self._help = help_text
        self._focus, self._is_free = 0, False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(help_text)

    def sizeHint(self) -> QSize:
        """Whatever there is."""
        return QSize(200, 120)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a low window."""
        return QSize(80, 40)

    @property
    def is_empty(self) -> bool:
        """Without pictures."""
        return not self.images

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return -(-len(self.images) // self.columns)

    def show_pictures(self, x: Array, scene: Scene, columns: int, margins: Margins = PLAIN) -> None:
        """Show samples, shape (N, d), so many in a row; of 0, as many as make all of them largest."""
        made = pixels(x, scene.shape_of(x.shape[-1]), scene.image_range)
        self.images = [as_image(picture) for picture in made]
        self.margins, self._is_free = margins, columns == 0
        self.columns = columns or self._best_columns()
        self._focus = min(self._focus, len(self.images) - 1)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another room may have another number of columns."""
        super().resizeEvent(event)
        if self._is_free:
            self.columns = self._best_columns()

    def clear(self, message: str) -> None:
        """No pictures, and one sentence in their place."""
        self.images, self.message = [], message
        self.update()

    def mark(self, marks: Mapping[int, str], ringed: frozenset[int] = frozenset()) -> None:
        """Mark these pictures with letters, and put rings round others."""
        self.marks, self.ringed = marks, ringed
        self.update()

    def frame_of(self, number: int) -> QRectF:
        """Where a picture is."""
        origin, size = self._layout()
        row, column = divmod(number, self.columns)
        gap = GAP * self.scale
        return QRectF(
            origin.x() + column * (size.width() + gap), origin.y() + row * (size.height() + gap),
            size.width(), size.height(),
        )  # fmt: skip

    def number_at(self, place: QPointF) -> int | None:
        """Which picture is at this place, in pixels."""
        return next((n for n in range(len(self.images)) if self.frame_of(n).contains(place)), None)

    def words_at(self, place: QPointF) -> str:
        """Row and column of the picture, or what the sheet is for."""
        number = self.number_at(place)
        if number is None or not self.margins.rows:
            return self._help
        row, column = divmod(number, self.columns)
        name, words = self.margins.rows[row] if row < len(self.margins.rows) else ("", "")
        head = self.margins.columns[column] if column < len(self.margins.columns) else ""
        return ", ".join(word for word in (f"{name} {head}".strip(), words) if word)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press the picture under the mouse."""
        number = self.number_at(event.position())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self._focus = number
            self.pressed.emit(number)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go through the pictures, Return presses one."""
        if self.images and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.pressed.emit(self._focus)
        elif self.images and (move := ARROWS.get(Qt.Key(event.key()))) is not None:
            self._move(*move)
        else:
            super().keyPressEvent(event)

    def _move(self, down: int, right: int) -> None:
        row, column = divmod(self._focus, self.columns)
        row = max(0, min(self.rows - 1, row + down))
        column = max(0, min(self.columns - 1, column + right))
        self._focus = min(row * self.columns + column, len(self.images) - 1)
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Caption, names, pictures, marks."""
        self._paint_names(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        around = GAP * self.scale / 2  # or pictures with black edges would run into one another on a dark ground
        for number, image in enumerate(self.images):
            frame = self.frame_of(number)
            painter.fillRect(frame.adjusted(-around, -around, around, around), QColor(self.theme.line))
            is_small = image.width() > frame.width() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=is_small)
            painter.drawImage(frame, image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        for number in self.ringed | set(self.marks):
            self._ring(painter, number, getattr(self.theme, self.role))
        for number, letter in self.marks.items():
            self._letter(painter, number, letter)
        if self.hasFocus():
            self._ring(painter, self._focus, self.theme.text)

    def focusInEvent(self, event: object) -> None:
        """The ring of the focus comes."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """It goes."""
        self.update()

    def _ring(self, painter: QPainter, number: int, ink: str) -> None:
        if number < len(self.images):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(ink), 2 * self.scale))
            painter.drawRect(self.frame_of(number))

    def _letter(self, painter: QPainter, number: int, letter: str) -> None:
        if number >= len(self.images):
            return
        metrics = self._metrics()
        frame = self.frame_of(number)
        box = QRectF(frame.left(), frame.top(), metrics.horizontalAdvance(letter) + 8 * self.scale, metrics.height())
        painter.fillRect(box, QColor(getattr(self.theme, self.role)))
        painter.setPen(QColor(self.theme.plot))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)

    def _paint_names(self, painter: QPainter) -> None:
        metrics, (origin, size) = self._metrics(), self._layout()
        if self.margins.caption:
            painter.setPen(QColor(getattr(self.theme, self.role)))
            room = self.width() - origin.x() - 4 * self.scale
            words = metrics.elidedText(self.margins.caption, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QPointF(origin.x(), self.edge * self.scale + metrics.ascent() - 4), words)
        painter.setPen(QColor(self.theme.muted))
        widest = max(map(metrics.horizontalAdvance, self.margins.columns), default=0.0)
        every = max(1, math.ceil(widest / (size.width() + GAP * self.scale)))  # or they would cover one another
        for column, name in enumerate(self.margins.columns):
            middle = self.frame_of(column).center().x()
            box = QRectF(middle - widest / 2 - 1, origin.y() - metrics.height() - 1, widest + 2, metrics.height())
            if column % every == 0:
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
        for row, (name, words) in enumerate(self.margins.rows):
            self._paint_row_name(painter, self.frame_of(row * self.columns), name, words)

    def _paint_row_name(self, painter: QPainter, frame: QRectF, name: str, words: str) -> None:
        metrics = self._metrics()
        two = bool(words) and frame.height() > 2 * metrics.height()
        right, middle = frame.left() - 7 * self.scale, frame.center().y()
        for line, (text, ink) in enumerate(((name, self.theme.text), (words, self.theme.muted))[: 1 + two]):
            top = middle - (1 if two else 0.5) * metrics.height() + line * metrics.height()
            painter.setPen(QColor(ink))
            painter.drawText(
                QRectF(0, top, right, metrics.height()),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text,
            )  # fmt: skip

    def _layout(self) -> tuple[QPointF, QRectF]:
        """Where the first picture is, and how large each is; as large as fits, in the middle."""
        (left, top), (wide, tall) = self._corner(), self._pixels()
        unit = min(self._unit_for(self.columns), self.largest * self.scale / max(wide, tall))
        size = QRectF(0, 0, unit * wide, unit * tall)
        used = self.columns * (size.width() + GAP * self.scale) - GAP * self.scale
        spare = self.width() - left - self.edge * self.scale - used
        return QPointF(left + max(0.0, spare / 2), top), size

    def _best_columns(self) -> int:
        return max(range(1, len(self.images) + 1), key=self._unit_for, default=1)

    def _unit_for(self, columns: int) -> float:
        """Side of a picture's pixel where so many stand in a row."""
        (left, top), (wide, tall) = self._corner(), self._pixels()
        edge, gap, rows = self.edge * self.scale, GAP * self.scale, -(-len(self.images) // columns)
        across = (self.width() - left - edge + gap) / columns - gap
        down = (self.height() - top - edge + gap) / max(1, rows) - gap
        return max(0.1, min(across / wide, down / tall))

    def _corner(self) -> tuple[float, float]:
        """What the names take at the left, and names and caption above."""
        metrics, edge = self._metrics(), self.edge * self.scale
        names = [text for row in self.margins.rows for text in row]
        left = edge + max((metrics.horizontalAdvance(name) + 7 * self.scale for name in names), default=0.0)
        return left, edge + metrics.height() * (bool(self.margins.caption) + bool(self.margins.columns))

    def _pixels(self) -> tuple[int, int]:
        """Columns and rows of a picture."""
        return (self.images[0].width(), self.images[0].height()) if self.images else (1, 1)

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(plot_font(SMALL_PX, self.scale))
