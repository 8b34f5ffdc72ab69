"""The top of a view: title, subtitle, and the switches of its layers."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)  # fmt: skip
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QMenu, QSizePolicy, QSlider, QWidget, QWidgetAction

from explorer.widgets.plot import plot_font
from explorer.widgets.theme import DARK, SMALL_PX, TITLE_PX, Theme

EDGE: Final = 13
SPACE: Final = 5
SUBTITLE_ROOM: Final = 185
MARK_DOT: Final = 12
"""Room for the dot before a mark, logical pixels at scale 1."""
NARROW: Final = 520
"""Below this width, logical pixels, the chips have one row only."""


class Chip(QAbstractButton):
    """A pill that switches a layer; its menu (right click, the small arrow, Down or the menu key) sets the opacity.

    Signals:
        opacity_changed: in [0, 1].
    """

    opacity_changed = Signal(float)

    def __init__(self, text: str, help_text: str, parent: QWidget | None = None, *, fades: bool = True) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text)
        self._help, self._fades, self._reason = help_text, fades, ""
        self.setToolTip(self._tip())
        self.theme, self.scale, self.dot = DARK, 1.0, ""
        self.opacity = 1.0

    def rename(self, text: str, help_text: str) -> None:
        """Switch something else from now on."""
        self.setText(text)
        self.setAccessibleName(text)
        self._help = help_text
        self.setToolTip(self._reason or self._tip())
        self.updateGeometry()

    def set_missing(self, reason: str) -> None:
        """Say why there is nothing to switch; an empty reason makes the chip work again."""
        if reason != self._reason:
            self._reason = reason
            self.setEnabled(not reason)
            self.setToolTip(reason or self._tip())
            self.update()

    def _tip(self) -> str:
        return self._help + (" Right click sets its opacity." if self._fades else "")

    def set_theme(self, theme: Theme, scale: float, dot: str) -> None:
        """Take up colours and sizes; ``dot`` is the layer's colour, empty for none."""
        # A pill grows half as much as text does, or the pills of a card would not fit into it.
        self.theme, self.scale, self.dot = theme, 1 + (scale - 1) / 2, dot
        self.setFont(plot_font(SMALL_PX, self.scale))
        self.updateGeometry()
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        """Room for dot, text and arrow."""
        metrics = QFontMetricsF(self.font())
        parts = 18 * self.scale + (13 * self.scale if self.dot else 0) + (10 * self.scale if self._fades else 0)
        return QSize(round(metrics.horizontalAdvance(self.text()) + parts), round(metrics.height() + 7 * self.scale))

    def menu(self) -> QMenu:
        """A menu that holds the opacity's slider."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(5, 100)
        slider.setValue(round(self.opacity * 100))
        slider.setMinimumWidth(150)
        slider.setAccessibleName(f"opacity of {self.text()}")
        slider.valueChanged.connect(lambda percent: self.set_opacity(percent / 100))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(10, 6, 10, 6)
        line.addWidget(QLabel("opacity"))
        line.addWidget(slider)
        action = QWidgetAction(menu)
        action.setDefaultWidget(row)
        menu.addAction(action)
        menu.aboutToShow.connect(slider.setFocus)
        return menu

    def set_opacity(self, opacity: float) -> None:
        """Fade the layer, and tell."""
        self.opacity = opacity
        self.opacity_changed.emit(opacity)

    def open_menu(self) -> None:
        """Open the menu below the chip."""
        if self._fades:
            self.menu().popup(self.mapToGlobal(self.rect().bottomLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Right click or the menu key."""
        self.open_menu()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The arrow opens the menu, the rest switches."""
        if self._fades and event.position().x() > self.width() - 17 * self.scale:
            self.open_menu()
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down opens the menu; Return switches as Space does."""
        if event.key() == Qt.Key.Key_Down:
            self.open_menu()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The pill: filled when on, an outline when off, faint when there is nothing to see."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(1.0 if self.isEnabled() else 0.45)
        frame = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        on = self.isChecked() and self.isEnabled()
        edge = self.theme.data if self.hasFocus() else self.theme.line
        painter.setPen(QPen(QColor(edge), 1.4 if self.hasFocus() else 1))
        fill = self.theme.hover if self.underMouse() else self.theme.card if on else self.theme.plot
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(frame, frame.height() / 2, frame.height() / 2)
        left = self._paint_dot(painter, on)
        painter.setPen(QColor(self.theme.text if on else self.theme.muted))
        painter.setFont(self.font())
        painter.drawText(frame.adjusted(left, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._fades:
            self._paint_arrow(painter)

    def _paint_dot(self, painter: QPainter, on: bool) -> float:  # noqa: FBT001
        if not self.dot:
            return 9 * self.scale
        radius = 3.6 * self.scale
        painter.setPen(QPen(QColor(self.dot), 1.2))
        painter.setBrush(QColor(self.dot) if on else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(12 * self.scale, self.height() / 2), radius, radius)
        return 20 * self.scale

    def _paint_arrow(self, painter: QPainter) -> None:
        middle = QPointF(self.width() - 11 * self.scale, self.height() / 2)
        reach = 2.6 * self.scale
        painter.setPen(QPen(QColor(self.theme.muted), 1.1))
        corners = [QPointF(-reach, -reach / 2), QPointF(0, reach / 2), QPointF(reach, -reach / 2)]
        painter.drawPolyline(QPolygonF([middle + corner for corner in corners]))


class More(Chip):
    """Three dots at the end of a row: a menu of the chips that have no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("···", "More switches.", parent, fades=False)
        self.setAccessibleName("more switches")
        self.setCheckable(False)
        self.buttons: list[QAbstractButton] = []
        self.clicked.connect(self.open_more)
        self.hide()

    def hold(self, buttons: list[QAbstractButton]) -> None:
        """Stand for these buttons; for none it is not seen."""
        self.buttons = buttons
        self.setVisible(bool(buttons))

    def more_menu(self) -> QMenu:
        """The buttons as actions; a choice presses the button."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in self.buttons:
            action = menu.addAction(button.text())
            action.setCheckable(button.isCheckable())
            action.setChecked(button.isChecked())
            action.setEnabled(button.isEnabled())
            # Qt's own connection ends with the button, which a new scene may take away while the menu is open.
            action.triggered.connect(button.click)
        return menu

    def open_more(self) -> None:
        """Open the menu below the dots."""
        self.more_menu().popup(self.mapToGlobal(self.rect().bottomLeft()))


class Header(QWidget):
    """Title and subtitle at the left, chips at the right; the chips take a row of their own where it is narrow."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.scale = DARK, 1.0
        self._title, self._subtitle = title, ""
        self._shorter: tuple[str, ...] = ()
        self._mark = ("", "", "")
        self.more = More()
        self.parts: list[QWidget] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def subtitle(self) -> str:
        """The line beside the title."""
        return self._subtitle

    def set_subtitle(self, text: str, *shorter: str) -> None:
        """Say what is shown; the first wording that fits is seen, and the whole of it is in the tool tip."""
        if (text, *shorter) != (self._subtitle, *self._shorter):
            self._subtitle, self._shorter = text, shorter
            self._explain()
            # Only its own place: the chips need not be painted again.
            self.update(self._subtitle_line().adjusted(0, 8 * self.scale, 0, -8 * self.scale).toAlignedRect())

    @property
    def mark(self) -> tuple[str, str]:
        """What stands before the subtitle: its words, and what they mean."""
        return self._mark[0], self._mark[2]

    def set_mark(self, text: str, ink: str, meaning: str) -> None:
        """Say something that matters more than the subtitle, with a dot of this colour; empty for nothing."""
        if (text, ink, meaning) != self._mark:
            self._mark = (text, ink, meaning)
            self._explain()
            self.update()

    def set_parts(self, parts: list[QWidget]) -> None:
        """Other chips (or menus) at the right; the former ones are dropped."""
        for part in self.parts:
            if part not in parts:
                part.hide()
                part.deleteLater()
        self.parts = parts
        for part in parts:
            part.setParent(self)
            part.show()
        if self.more.parent() is None:
            self.more.setParent(self)  # after the chips, or the focus would begin there
        for first, second in pairwise([*parts, self.more]):
            QWidget.setTabOrder(first, second)
        self.arrange()

    def set_shown(self, parts: list[QWidget]) -> None:
        """Other chips of the same card for a while: the former ones are hidden, and may come back."""
        for part in self.parts:
            if part not in parts:
                part.hide()
        self.parts = []
        self.set_parts(parts)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.theme, self.scale = theme, scale
        self.more.set_theme(theme, scale, "")
        self.arrange()
        self.update()

    def resizeEvent(self, event: object) -> None:
        """Another width may need another number of rows."""
        self.arrange()

    def arrange(self) -> None:
        """Place the parts, right-aligned, in as many rows as they need, and ask for that height."""
        row_height = round(34 * self.scale)
        rows = self._rows(self._put_aside())
        y = 0 if rows and self._fits_beside(rows) else row_height - round(7 * self.scale)
        for row in rows:
            x = self.width() - EDGE - self._width_of(row)
            for part in row:
                size = part.sizeHint()
                part.setGeometry(x, y + (row_height - size.height()) // 2, size.width(), size.height())
                x += size.width() + SPACE
            y += row_height - round(6 * self.scale)
        self.setFixedHeight(max(row_height, y + round(6 * self.scale)) if rows else row_height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, then as much of the subtitle as there is room for."""
        painter = QPainter(self)
        bold = plot_font(TITLE_PX, self.scale, QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(self.theme.text))
        line = QRectF(EDGE, 0, self.width() - 2 * EDGE, 34 * self.scale)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self._title)
        small = plot_font(SMALL_PX, self.scale)
        self._paint_mark(painter)
        painter.setFont(small)
        painter.setPen(QColor(self.theme.muted))
        line = self._subtitle_line()
        metrics = QFontMetricsF(small)
        wordings = [text for text in (self._subtitle, *self._shorter) if text]
        fitting = [text for text in wordings if metrics.horizontalAdvance(text) <= line.width()]
        text = next(iter(fitting), min(wordings, key=len, default=""))
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)

    def _explain(self) -> None:
        self.setToolTip("\n".join(text for text in (self._mark[2], self._subtitle) if text))

    def _mark_font(self) -> QFont:
        return plot_font(SMALL_PX, self.scale, QFont.Weight.DemiBold)

    def _mark_left(self) -> float:
        bold = QFontMetricsF(plot_font(TITLE_PX, self.scale, QFont.Weight.DemiBold))
        return EDGE + bold.horizontalAdvance(self._title) + 9 * self.scale

    def _paint_mark(self, painter: QPainter) -> None:
        text, ink, _ = self._mark
        if not text:
            return
        left, radius, middle = self._mark_left(), 3.6 * self.scale, 17 * self.scale
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink))
        painter.drawEllipse(QPointF(left + radius, middle), radius, radius)
        painter.setFont(self._mark_font())
        painter.setPen(QColor(self.theme.text))
        painter.drawText(
            QRectF(left + MARK_DOT * self.scale, 0, self.width(), 2 * middle), Qt.AlignmentFlag.AlignVCenter, text
        )

    def _subtitle_line(self) -> QRectF:
        left = self._mark_left()
        if self._mark[0]:
            words = QFontMetricsF(self._mark_font()).horizontalAdvance(self._mark[0])
            left += words + (MARK_DOT + 9) * self.scale
        beside = [part.x() for part in self.parts if not part.isHidden() and part.y() < 20 * self.scale]
        return QRectF(left, 0, min(beside, default=self.width() - EDGE + 8) - 8 - left, 34 * self.scale)

    def _width_of(self, row: list[QWidget]) -> int:
        return sum(part.sizeHint().width() for part in row) + SPACE * (len(row) - 1)

    def _put_aside(self) -> list[QWidget]:
        """In a narrow card the chips get one row; those for which it has no room go into a menu at its end."""
        room = self.width() - 2 * EDGE
        kept = len(self.parts)
        if room < NARROW * self.scale and self._width_of(self.parts) > room:
            while kept > 1 and self._width_of([*self.parts[:kept], self.more]) > room:
                kept -= 1
        for index, part in enumerate(self.parts):
            part.setVisible(index < kept)
        self.more.hold([part for part in self.parts[kept:] if isinstance(part, QAbstractButton)])
        return self.parts if kept == len(self.parts) else [*self.parts[:kept], self.more]

    def _rows(self, parts: list[QWidget]) -> list[list[QWidget]]:
        rows: list[list[QWidget]] = []
        for part in parts:
            if rows and self._width_of([*rows[-1], part]) <= self.width() - 2 * EDGE:
                rows[-1].append(part)
            else:
                rows.append([part])
        return rows

    def _fits_beside(self, rows: list[list[QWidget]]) -> bool:
        title = QFontMetricsF(plot_font(TITLE_PX, self.scale, QFont.Weight.DemiBold)).horizontalAdvance(self._title)
        text = title + (SUBTITLE_ROOM + 30) * self.scale
        return len(rows) == 1 and self._width_of(rows[0]) + text < self.width() - 2 * EDGE
