"""One strip above the data space for what must be said: an alarm, a notice, or good news. It never becomes a storm."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

from PySide6.QtCore import QEvent, QRectF, Qt, QTimer
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

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

TEXT_ROOM: Final = 230
"""So does it where title and buttons leave it less than this."""

SIGN_ROOM: Final = 90
"""What the icon, the closing cross and the margins take."""


def _no_tip() -> str:
    return ""


class Action(NamedTuple):
    """The words of a button, what it does, and its tool tip, which is made when it is asked for."""

    words: str
    act: Callable[[], object]
    tip: Callable[[], str] = _no_tip


@dataclass(frozen=True)
class Remark:
    """What a banner says, and what can be done about it; what has no room for a button goes into a menu."""

    severity: Severity
    title: str
    text: str
    actions: Sequence[Action | tuple[str, Callable[[], object]]] = ()
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


class ActionButton(QPushButton):
    """A button of the banner; its tool tip is made when it is asked for."""

    def __init__(self, action: Action, parent: QWidget) -> None:
        super().__init__(action.words, parent)
        self.setAutoDefault(False)
        self._tip = action.tip

    def event(self, event: QEvent) -> bool:
        """Ask for the tool tip before it is shown."""
        if event.type() == QEvent.Type.ToolTip:
            self.setToolTip(self._tip())
        return super().event(event)


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
        self._foot = QHBoxLayout()
        self._foot.setSpacing(GAP)
        self._foot.addStretch(1)
        self._column.addLayout(self._foot)

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

    def withdraw(self, remark: Remark) -> None:
        """Hide this remark, if it is the one that is shown."""
        if self.remark is remark:
            self.dismiss()

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
        self._fit_text()
        self._fit_buttons()

    def _taken(self) -> int:
        """Width of title and buttons side by side."""
        return self._title.sizeHint().width() + sum(button.sizeHint().width() + GAP for button in self._buttons)

    def _fit_buttons(self) -> None:
        """Buttons beside the title, or below all where the strip is very narrow."""
        is_below = self.width() - self._taken() < SIGN_ROOM * self._scale
        here, there = (self._foot, self._row) if is_below else (self._row, self._foot)
        for button in self._buttons:
            if here.indexOf(button) < 0:
                there.removeWidget(button)
                here.insertWidget(self._foot.count() if is_below else self._row.count() - 1, button)

    def _fit_text(self) -> None:
        is_tight = self.width() - self._taken() < (TEXT_ROOM + SIGN_ROOM) * self._scale
        is_narrow = is_tight or (bool(self._buttons) and self.width() < NARROW * self._scale)
        if is_narrow == (self._row.indexOf(self._text) < 0):
            return
        (self._row if is_narrow else self._column).removeWidget(self._text)
        if is_narrow:
            self._column.insertWidget(1, self._text)
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
            for layout in (self._row, self._foot):
                layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        actions = [a if isinstance(a, Action) else Action(*a) for a in remark.actions]
        room = len(actions) if len(actions) <= MOST_ACTIONS else MOST_ACTIONS - 1
        self._buttons = [self._button(action) for action in actions[:room]]
        if actions[room:]:
            self._buttons.append(self._more(actions[room:]))
        for button in self._buttons:
            self._row.insertWidget(self._row.count() - 1, button)
        self._fit()

    def _button(self, action: Action) -> QPushButton:
        button = ActionButton(action, self)
        button.clicked.connect(partial(self._take, action))
        return button

    def _more(self, actions: Sequence[Action]) -> QPushButton:
        button = QPushButton("More", self)
        button.setAutoDefault(False)
        button.setProperty("menu", True)  # noqa: FBT003  (the style sheet's room for the arrow)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
        for action in actions:
            entry = menu.addAction(action.words)
            entry.triggered.connect(partial(self._take, action))
            menu.aboutToShow.connect(partial(_explain, entry, action))
        button.setMenu(menu)
        return button

    def _take(self, action: Action, *_: object) -> None:
        self.dismiss()
        action.act()

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


def _explain(entry: QAction, action: Action) -> None:
    entry.setToolTip(action.tip())
