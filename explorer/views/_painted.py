"""What cards share that paint a picture themselves: numbers on axes of their own, or one sentence."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from explorer.session.snapshot import Arrays
from explorer.widgets.plot import colour, plot_font
from explorer.widgets.theme import DARK, SMALL_PX


class Canvas(QWidget):
    """Painted directly, with one sentence for as long as there is nothing to see.

    Attributes:
        message: that sentence.
        keeps: keys that it needs itself, also where the window has shortcuts on them.
    """

    keeps: ClassVar[frozenset[int]] = frozenset()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.message = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see."""
        raise NotImplementedError

    def paint(self, painter: QPainter) -> None:
        """The picture; there is something to see."""
        raise NotImplementedError

    def words_at(self, place: QPointF) -> str:
        """What is at this place, in pixels, in words; empty for nothing."""
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, or the sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(plot_font(SMALL_PX, self.scale))
        if not self.is_empty:
            self.paint(painter)
            return
        painter.setPen(QColor(self.theme.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(16, 0, -16, 0), flags, self.message)

    def event(self, event: QEvent) -> bool:
        """A tool tip for what is under the mouse; keys that go through pictures are no shortcuts of the window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and self._needs(event):
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.words_at(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _needs(self, event: QKeyEvent) -> bool:
        has_modifier = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return event.key() in self.keeps and not has_modifier and not self.is_empty


class Painted(Canvas):
    """Painted from the arrays of one observation, on axes of its own."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arrays: Arrays | None = None

    def show_arrays(self, arrays: Arrays | None) -> None:
        """Draw these from now on; None for none."""
        self.arrays = arrays
        self.update()

    @property
    def is_empty(self) -> bool:
        """Without arrays."""
        return self.arrays is None

    def paint(self, painter: QPainter) -> None:
        """What the arrays say."""
        assert self.arrays is not None, "an empty canvas is not painted"
        self.paint_arrays(painter, self.arrays)

    def paint_arrays(self, painter: QPainter, arrays: Arrays) -> None:
        """Paint what these arrays say."""
        raise NotImplementedError

    def _grid(self, painter: QPainter, box: QRectF, y: float, label: str) -> None:
        painter.setPen(QPen(colour(self.theme.line, 0.7), 1))
        painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
        self._label(painter, box, y, label, self.theme.muted)

    def _label(self, painter: QPainter, box: QRectF, y: float, label: str, ink: str) -> None:
        """A number beside the box, at its left."""
        painter.setPen(QColor(ink))
        metrics = self._metrics()
        right = box.left() - 6 * self.scale
        painter.drawText(QPointF(right - metrics.horizontalAdvance(label), y + metrics.xHeight() / 2 + 1), label)

    def _dot(self, painter: QPainter, at: QPointF, ink: str) -> None:
        painter.setPen(QPen(QColor(self.theme.plot), 1.2 * self.scale))
        painter.setBrush(QColor(ink))
        painter.drawEllipse(at, 3.6 * self.scale, 3.6 * self.scale)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _words(self, painter: QPainter, at: QPointF, text: str, box: QRectF) -> None:
        """A word over the picture on a ground of its own, at the other side where it would leave the box."""
        metrics = self._metrics()
        width = metrics.horizontalAdvance(text)
        left = at.x() if at.x() + width < box.right() + 8 * self.scale else at.x() - width - 12 * self.scale
        base = max(at.y(), box.top() + metrics.ascent())
        painter.fillRect(
            QRectF(left - 2, base - metrics.ascent(), width + 4, metrics.height()), colour(self.theme.plot, 0.75)
        )
        painter.setPen(QColor(self.theme.text))
        painter.drawText(QPointF(left, base), text)

    def _caption(self, painter: QPainter, box: QRectF, text: str) -> None:
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(QPointF(10 * self.scale, box.top() - 4 * self.scale), text)

    def _key(self, painter: QPainter, box: QRectF, entries: list[tuple[str, str]]) -> None:
        """Names of lines and dots in their colours, above the box at its right."""
        metrics, right = self._metrics(), box.right()
        for text, ink in entries:
            right -= metrics.horizontalAdvance(text)
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(right, box.top() - 4 * self.scale), text)
            right -= 12 * self.scale

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(plot_font(SMALL_PX, self.scale))
