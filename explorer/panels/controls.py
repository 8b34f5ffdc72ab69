"""The small parts that editors are made of: a slider, a menu, a switch, a label, a field. None knows a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QStandardItemModel,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QStylePainter,
    QToolButton,
    QWidget,
)

from explorer.panels.look import Look
from explorer.widgets.style import mix
from explorer.widgets.theme import DARK

SERIF: Final = ("STIX Two Text", "Latin Modern Roman", "DejaVu Serif", "Georgia", "serif")
"""Families of the symbols, as formulas are set."""


def set_alarmed(widget: QWidget, alarmed: object) -> None:
    """Let the style sheet draw a widget in the alarm colour, or no longer."""
    wanted = "true" if alarmed else "false"
    if (widget.property("alarm") or "false") == wanted:
        return
    widget.setProperty("alarm", wanted)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class Slider(QSlider):
    """A slider that jumps to where it is clicked and takes the wheel only when it has the focus."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPageStep(5)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel unless the slider was chosen before."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle under the pointer, then drag it."""
        if event.button() == Qt.MouseButton.LeftButton:
            handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength, None, self)
            at, span = round(event.position().x() - handle / 2), max(1, self.width() - handle)
            self.setSliderDown(True)
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, span))
        super().mousePressEvent(event)


@dataclass(frozen=True)
class Heading:
    """What stands above the entries of a menu: no value that a recipe can hold."""

    title: str


class Menu(QComboBox):
    """A drop-down menu of titled values; entries that cannot be chosen say why."""

    picked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(24)
        # The style's own delegate ignores the style sheet: what cannot be chosen would look as if it could.
        self.setItemDelegate(QStyledItemDelegate(self))
        self._ink = QColor(DARK.muted)
        self.activated.connect(lambda index: self.picked.emit(self.itemData(index)))

    def fill(self, entries: Sequence[tuple[Any, str, str]]) -> None:
        """Offer these entries: value, title, tool tip."""
        for value, title, tip in entries:
            self.addItem(title, value)
            self.setItemData(self.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)

    def add_heading(self, title: str) -> None:
        """Set a title above the entries that follow; it cannot be chosen."""
        self.addItem(title, Heading(title))
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.setItemData(self.count() - 1, font, Qt.ItemDataRole.FontRole)
        model = self.model()
        if isinstance(model, QStandardItemModel):
            model.item(self.count() - 1).setEnabled(False)

    def show_value(self, value: Any) -> None:
        """Stand on this value."""
        self.setCurrentIndex(self.findData(value))

    def set_state(self, value: Any, tip: str, enabled: object) -> None:
        """Give the entry of a value its tool tip, and let it be chosen or not."""
        index = self.findData(value)
        self.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
        model = self.model()
        if isinstance(model, QStandardItemModel):
            model.item(index).setEnabled(bool(enabled))

    def set_look(self, look: Look) -> None:
        """Colour of the arrow."""
        self._ink = QColor(look.theme.muted)

    def showPopup(self) -> None:
        """Open wide enough for the longest title."""
        metrics = self.view().fontMetrics()
        widest = max((metrics.horizontalAdvance(self.itemText(i)) for i in range(self.count())), default=0)
        self.view().setMinimumWidth(widest + 3 * metrics.height())
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel unless the menu was chosen before."""
        super().wheelEvent(event) if self.hasFocus() else event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's menu, with a text shortened where it must be and an arrow of our own."""
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        high = self.fontMetrics().height()
        room = self.rect().adjusted(round(high * 0.55), 0, -round(high * 1.35), 0)
        text = self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = high * 0.2
        middle = QPointF(self.width() - 4 * size, self.height() / 2)
        chevron(painter, middle, size, self._ink, opened=True)


def chevron(painter: QPainter, middle: QPointF, size: float, ink: QColor, *, opened: bool) -> None:
    """A small angle: pointing down when something is open, to the right when it is closed."""
    path = QPainterPath(QPointF(-size, -size / 2))
    path.lineTo(0, size / 2)
    path.lineTo(size, -size / 2)
    painter.save()
    painter.translate(middle)
    painter.rotate(0 if opened else -90)
    pen = QPen(ink, max(1.4, size * 0.5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path, pen)
    painter.restore()


class Switch(QCheckBox):
    """A sliding switch."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look(DARK)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_look(self, look: Look) -> None:
        """Colours and size."""
        self._look = look
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        """Twice as wide as high."""
        return QSize(self._look.px(32), self._look.px(19))

    def hitButton(self, pos: object) -> bool:
        """All of it can be clicked."""
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """A pill with a knob; ringed when it has the focus."""
        look, theme = self._look, self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pill = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ring = QPen(QColor(theme.data), 1.2) if self.hasFocus() else Qt.PenStyle.NoPen
        painter.setPen(ring)
        painter.setBrush(QColor(theme.muted if self.isChecked() else theme.line))
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        knob = pill.height() - look.px(5)
        left = pill.right() - knob - look.px(2.5) if self.isChecked() else pill.left() + look.px(2.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text if self.isChecked() else mix(theme.text, theme.muted, 0.7)))
        painter.drawEllipse(QRectF(left, pill.center().y() - knob / 2, knob, knob))


class Name(QWidget):
    """An option's name and its symbol; a small ring marks what would start a new run."""

    clicked_twice = Signal()

    def __init__(self, label: str, symbol: str = "", *, restarts: bool = False) -> None:
        super().__init__()
        words = label.split()
        self.label = " ".join(words[:-1]) if symbol and words[-1:] == [symbol] else label
        self.symbol = symbol
        self.restarts = restarts
        self._look = Look(DARK)
        self._alarmed = False

    def set_look(self, look: Look) -> None:
        """Colours and size."""
        self._look = look
        self.update()

    def set_alarmed(self, alarmed: object) -> None:
        """Show the name in the alarm colour."""
        self._alarmed = bool(alarmed)
        self.update()

    def sizeHint(self) -> QSize:
        """As much as the text takes."""
        return QSize(round(self._label_width() + self._tail_width()), self.fontMetrics().height())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the default."""
        self.clicked_twice.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The label, shortened if it must be, then the symbol in italics, then the mark."""
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.width() - self._tail_width()
        text = self.fontMetrics().elidedText(self.label, Qt.TextElideMode.ElideRight, max(0, round(room)))
        base = (self.height() + self.fontMetrics().ascent() - self.fontMetrics().descent()) / 2
        painter.setPen(QColor(theme.alarm if self._alarmed else theme.muted))
        painter.drawText(QPointF(0, base), text)
        x = self.fontMetrics().horizontalAdvance(text) + self._gap()
        for text, font, drop in self._symbol_parts():
            painter.setFont(font)
            painter.drawText(QPointF(x, base + drop), text)
            x += QFontMetricsF(font).horizontalAdvance(text)
        x += self._gap() if self.symbol else 0
        if self.restarts:
            self._paint_mark(painter, x, base)

    def _paint_mark(self, painter: QPainter, x: float, base: float) -> None:
        """An open ring: round to the beginning."""
        size = self.fontMetrics().height() * 0.34
        ring = QRectF(x + 1, base - size - self.fontMetrics().height() * 0.07, size, size)
        painter.setPen(QPen(QColor(mix(self._look.theme.line, self._look.theme.muted, 0.45)), self._look.scale * 1.1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawArc(ring, 60 * 16, 300 * 16)

    def _symbol_parts(self) -> list[tuple[str, QFont, float]]:
        """The symbol and its subscript, each with its font and how far it stands below the line."""
        letter, _, index = self.symbol.partition("_")
        small = self._italic()
        small.setPixelSize(max(1, round(QFontMetricsF(small).height() * 0.6)))
        parts = [(letter, self._italic(), 0.0), (index, small, self.fontMetrics().height() * 0.16)]
        return [part for part in parts if part[0]]

    def _italic(self) -> QFont:
        font = QFont(self.font())
        font.setFamilies(list(SERIF))
        font.setItalic(True)
        return font

    def _gap(self) -> float:
        return self.fontMetrics().height() * 0.28

    def _label_width(self) -> float:
        return self.fontMetrics().horizontalAdvance(self.label) + 1

    def _tail_width(self) -> float:
        widths = [QFontMetricsF(font).horizontalAdvance(text) for text, font, _ in self._symbol_parts()]
        symbol = sum(widths) + self._gap() if widths else 0.0
        return symbol + (self.fontMetrics().height() * 0.34 + self._gap() if self.restarts else 0)


class Field(QLineEdit):
    """A line that is taken with Enter or when the focus leaves, and given up with Escape; arrows step it."""

    entered = Signal(str)
    stepped = Signal(int)
    given_up = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown = ""
        self.returnPressed.connect(self._enter)

    def show_text(self, text: str) -> None:
        """Show this as the present value."""
        self._shown = text
        self.setText(text)
        self.setCursorPosition(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down step the value; Escape brings the present one back."""
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 5, Qt.Key.Key_PageDown: -5}
        key = Qt.Key(event.key())
        if key in steps:
            self.stepped.emit(steps[key])
        elif key == Qt.Key.Key_Escape and self.text() != self._shown:
            self.show_text(self._shown)
            self.given_up.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field takes what was typed."""
        super().focusOutEvent(event)
        self._enter()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click selects the value, ready to be typed over."""
        super().mouseReleaseEvent(event)
        if not self.hasSelectedText() and self.text() == self._shown:
            self.selectAll()

    def _enter(self) -> None:
        if self.text() != self._shown:
            self.entered.emit(self.text())


class PathField(Field):
    """A field for a path: where it is too long, and not being typed, its beginning is left out; its tip is whole."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """The style's own while it has the focus or fits."""
        option = QStyleOptionFrame()
        self.initStyleOption(option)
        room = self.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, self).adjusted(2, 0, -2, 0)
        if self.hasFocus() or self.fontMetrics().horizontalAdvance(self.text()) <= room.width():
            super().paintEvent(event)
            return
        painter = QStylePainter(self)
        painter.drawPrimitive(QStyle.PrimitiveElement.PE_PanelLineEdit, option)
        painter.setPen(self.palette().color(self.foregroundRole()))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideLeft, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class Fold(QToolButton):
    """A line of text that opens and closes what stands beneath it."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setCheckable(True)
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._look = Look(DARK)

    def set_look(self, look: Look) -> None:
        """Colours and size."""
        self._look = look
        self.setFixedHeight(look.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Text, shortened if it must be, and a chevron behind it."""
        theme, height = self._look.theme, self.fontMetrics().height()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(theme.text if self.underMouse() or self.hasFocus() else theme.muted)
        painter.setPen(ink)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - height)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        x = self.fontMetrics().horizontalAdvance(text) + height * 0.6
        chevron(painter, QPointF(x, self.height() / 2 + 0.5), height * 0.18, ink, opened=self.isChecked())
