"""One strip above the data space for what must be said: an alarm, a notice, or good news. It never becomes a storm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from explorer.widgets.glyph_button import GlyphButton
from explorer.widgets.icons import paint_icon
from explorer.widgets.style import mix
from explorer.widgets.theme import DARK, GAP, RADIUS, TEXT_PX, Theme

Severity = Literal["alarm", "notice", "good"]

COLOURS: Final[dict[Severity, str]] = {"alarm": "alarm", "notice": "data", "good": "floor"}
"""Severity to the role of its colour in the theme."""

MOST_ACTIONS: Final = 3

NARROW: Final = 560
"""Below this width, logical pixels at scale 1, the text stands under title and buttons."""


@dataclass(frozen=True)
class Remark:
    """What a banner says, and what can be done about it: the words of each button, and what it does."""

    severity: Severity
    title: str
    text: str
    actions: Sequence[tuple[str, Callable[[], object]]] = ()
    stays_s: float | None = None

    @property
    def words(self) -> tuple[str, str, str]:
        """What makes two remarks the same."""
        return (self.severity, self.title, self.text)


class Sign(QWidget):
    """The icon of a severity."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.icon, self.colour = "notice", "#ffffff"
        self.setFixedSize(18, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The icon fills the widget."""
        paint_icon(QPainter(self), self.icon, QRectF(self.rect()).adjusted(1, 1, -1, -1), QColor(self.colour))


class Banner(QFrame):
    """Shows the newest remark only; the same remark again counts up instead of flickering."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._theme, self._scale = DARK, 1.0
        self.remark: Remark | None = None
        self.count = 0
        self._buttons: list[QPushButton] = []
        self._sign, self._title, self._text = Sign(self), QLabel(self), QLabel(self)
        self._close = GlyphButton("close", "Close this message", self, side=22)
        self._close.is_flat = True
        self._close.clicked.connect(self.dismiss)
        self._leave = QTimer(self, singleShot=True)
        self._leave.timeout.connect(self.dismiss)
        self._arrange()
        self.hide()

    def _arrange(self) -> None:
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 8, 8)
        self._column.setSpacing(GAP // 2)
        self._row = QHBoxLayout()
        self._row.setSpacing(GAP)
        self._column.addLayout(self._row)
        for widget in (self._sign, self._title):
            self._row.addWidget(widget)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)

    def say(self, remark: Remark) -> None:
        """Show a remark in place of the one before."""
        again = self.remark is not None and self.remark.words == remark.words and not self.isHidden()
        self.count = self.count + 1 if again else 1
        self.remark = remark
        self._title.setText(remark.title + (f" ×{self.count}" if self.count > 1 else ""))
        self._text.setText(remark.text)
        if not again:
            self._make_buttons(remark)
        self._dress()
        self.show()
        self._leave.stop()
        if remark.stays_s:
            self._leave.start(round(remark.stays_s * 1000))

    def dismiss(self) -> None:
        """Hide; nothing more is to be said."""
        self._leave.stop()
        self.remark = None
        self.hide()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._theme, self._scale = theme, scale
        self._close.set_theme(theme, scale)
        self._dress()

    def buttons(self) -> tuple[QPushButton, ...]:
        """The buttons of the remark that is shown."""
        return tuple(self._buttons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Text beside the title, or under it where the strip is narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_narrow = bool(self._buttons) and self.width() < NARROW * self._scale
        if is_narrow == (self._row.indexOf(self._text) < 0):
            return
        (self._row if is_narrow else self._column).removeWidget(self._text)
        if is_narrow:
            self._column.addWidget(self._text)
        else:
            self._row.insertWidget(2, self._text, 1)
        self._row.setStretchFactor(self._title, int(is_narrow))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tinted strip with a fine edge, drawn here because its colours depend on the severity."""
        colour = getattr(self._theme, COLOURS[self.remark.severity if self.remark else "notice"])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(mix(self._theme.card, colour, 0.6)), 1))
        painter.setBrush(QColor(mix(self._theme.card, colour, 0.16)))
        radius = RADIUS * self._scale
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _make_buttons(self, remark: Remark) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(words, act) for words, act in remark.actions[:MOST_ACTIONS]]
        for button in self._buttons:
            self._row.insertWidget(self._row.count() - 1, button)
        self._fit()

    def _button(self, words: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)

        def pressed() -> None:
            self.dismiss()
            act()

        button.clicked.connect(pressed)
        return button

    def _dress(self) -> None:
        severity = self.remark.severity if self.remark else "notice"
        colour = getattr(self._theme, COLOURS[severity])
        self._fit()
        size = round(TEXT_PX * self._scale)
        self._sign.icon, self._sign.colour = severity, colour
        self._sign.setFixedSize(round(18 * self._scale), round(18 * self._scale))
        self._title.setStyleSheet(f"color: {colour}; font-weight: 600; font-size: {size}px;")
        self._text.setStyleSheet(f"color: {self._theme.text}; font-size: {size}px;")
        self.update()
