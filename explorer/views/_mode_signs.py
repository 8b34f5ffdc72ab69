"""Why: the verdict in full, and the signs that it rests on."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from explorer.session.messages import Diagnosed, Remedy
from explorer.widgets.plot import plot_font
from explorer.widgets.theme import DARK, SMALL_PX, Theme

UNKNOWN: Final = "What is wrong, if anything, is said here as soon as the model has been measured."

ROLES: Final = {"healthy": "floor", "learning": "muted"}
"""Verdict to the theme's colour; every other verdict is a trouble."""


def role(verdict: str) -> str:
    """The theme's colour of a verdict."""
    return ROLES.get(verdict, "alarm")


class Dot(QWidget):
    """A coloured dot before a sign."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.colour = "#ffffff"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Round, in the middle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.colour))
        radius = self.width() / 2
        painter.drawEllipse(QPointF(radius, self.height() / 2), radius, radius)


class Signs(QScrollArea):
    """The verdict's text, then a row for each sign: dot, title, value; at the end what is worth trying.

    Signals:
        chosen: the remedy that the user wants to try.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("signs of the verdict")
        self._page = QWidget()
        self._grid = QGridLayout(self._page)
        self._grid.setColumnStretch(1, 1)
        self.text = QLabel(UNKNOWN, self._page)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self._grid.addWidget(self.text, 0, 0, 1, 3)
        self.rows: list[tuple[Dot, QLabel, QLabel]] = []
        self.buttons: list[QPushButton] = []
        self._remedies: tuple[Remedy, ...] = ()
        self._try = QWidget(self._page)
        self._try_column = QVBoxLayout(self._try)
        self._bad: list[bool] = []
        self.setWidget(self._page)

    def show_found(self, found: Diagnosed | None) -> None:
        """Take up a finding; None while nothing is known."""
        self.text.setText(found.text if found else UNKNOWN)
        signs = [(title, value, bad) for title, (value, bad) in found.signs.items()] if found else []
        self._count(len(signs))
        self._offer(found.remedies if found else ())
        self._bad = [bad for _, _, bad in signs]
        for (_, title, value), sign in zip(self.rows, signs, strict=True):
            title.setText(sign[0])
            value.setText(sign[1])
        self._paint_dots()

    def restyle(self) -> None:
        """Colours and sizes."""
        self._grid.setContentsMargins(*(round(side * self.scale) for side in (13, 2, 13, 8)))
        self._grid.setHorizontalSpacing(round(7 * self.scale))
        self._grid.setVerticalSpacing(round(3 * self.scale))
        self._page.setObjectName("signs")
        self._page.setStyleSheet(f"#signs {{ background: {self.theme.plot}; }}")
        self._try_column.setContentsMargins(0, round(6 * self.scale), 0, 0)
        self._try_column.setSpacing(round(4 * self.scale))
        self.setStyleSheet(f"QScrollArea {{ background: {self.theme.plot}; border: 0; }}")
        self._dress(self.text, self.theme.text)
        for row in self.rows:
            self._dress_row(row)
        for button in self.buttons:
            self._dress_button(button)
        self._paint_dots()

    def sizeHint(self) -> QSize:
        """Whatever the card gives."""
        return QSize(200, 80)

    def _count(self, wanted: int) -> None:
        """As many rows as there are signs; a row that has no sign any more is hidden with it."""
        while len(self.rows) > wanted:
            for widget in self.rows.pop():
                self._grid.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        while len(self.rows) < wanted:
            row = Dot(self._page), QLabel(self._page), QLabel(self._page)
            place = len(self.rows) + 1
            for column, widget in enumerate(row):
                self._grid.addWidget(widget, place, column, Qt.AlignmentFlag.AlignTop)
                widget.show()
            row[1].setWordWrap(True)
            row[2].setAlignment(Qt.AlignmentFlag.AlignRight)
            self.rows.append(row)
            self._dress_row(row)
        self._grid.addWidget(self._try, wanted + 1, 0, 1, 3)
        for row in range(self._grid.rowCount() + 1):  # what room is left goes below the last sign
            self._grid.setRowStretch(row, int(row == wanted + 2))

    def _offer(self, remedies: tuple[Remedy, ...]) -> None:
        if remedies == self._remedies:
            return
        self._remedies = remedies
        for button in self.buttons:
            self._try_column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = [self._button(remedy) for remedy in remedies]
        for button in self.buttons:
            self._try_column.addWidget(button)
        self._try.setVisible(bool(remedies))

    def _button(self, remedy: Remedy) -> QPushButton:
        button = QPushButton(f"Try: {remedy.title}", self._try)
        button.setToolTip("\n".join((remedy.help, "  ".join(remedy.settings))))
        button.setAutoDefault(False)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # the page is as wide as the card
        button.setMinimumWidth(1)
        self._dress_button(button)
        button.clicked.connect(lambda: self.chosen.emit(remedy))
        return button

    def _dress_button(self, button: QPushButton) -> None:
        # As chips do, its text grows half as much as elsewhere, or a long name would not fit.
        px = plot_font(SMALL_PX, 1 + (self.scale - 1) / 2).pixelSize()
        button.setStyleSheet(f"QPushButton {{ font-size: {px}px; padding: 3px 6px; }}")

    def _dress_row(self, row: tuple[Dot, QLabel, QLabel]) -> None:
        dot, title, value = row
        self._dress(title, self.theme.muted)
        self._dress(value, self.theme.text)
        side = round(8 * self.scale)
        dot.setFixedSize(side, title.fontMetrics().height())

    def _dress(self, label: QLabel, ink: str) -> None:
        font = plot_font(SMALL_PX, self.scale)
        label.setFont(font)
        label.setStyleSheet(f"color: {ink}; background: transparent; font-size: {font.pixelSize()}px;")

    def _paint_dots(self) -> None:
        for (dot, _, value), bad in zip(self.rows, self._bad, strict=False):
            dot.colour = self.theme.alarm if bad else self.theme.floor
            dot.setAccessibleName("bad sign" if bad else "good sign")
            value.setAccessibleName(f"{value.text()}, {'bad' if bad else 'good'}")
            dot.update()


def verdict_ink(found: Diagnosed, theme: Theme) -> str:
    """The colour of a verdict's dot."""
    return getattr(theme, role(found.verdict))
