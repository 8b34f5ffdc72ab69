"""A button that shows a drawn icon, sharp at every size and in both themes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget

from explorer.widgets.icons import paint_icon
from explorer.widgets.style import mix
from explorer.widgets.theme import DARK, Theme

CHEVRON_PX: Final = 15
"""Width of the part that opens the menu."""


class GlyphButton(QAbstractButton):
    """A square button with an icon; with a menu it has a second, narrow part at the right that opens it."""

    def __init__(self, icon: str, help: str, parent: QWidget | None = None, *, side: float = 30.0) -> None:
        super().__init__(parent)
        self._icon, self._side = icon, side
        self._theme, self._scale = DARK, 1.0
        self._menu: QMenu | None = None
        self.is_flat = False
        self.is_round = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(help)
        self.setAccessibleName(help)
        self._resize()

    def set_icon(self, icon: str, help: str) -> None:
        """Show another icon, with its own words."""
        self._icon = icon
        self.setToolTip(help)
        self.setAccessibleName(help)
        self.update()

    @property
    def icon_name(self) -> str:
        """Which icon is shown."""
        return self._icon

    def set_menu(self, menu: QMenu) -> None:
        """Give the button a menu: by its right part, a right click, or Alt+Down."""
        self._menu = menu
        self._resize()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._theme, self._scale = theme, scale
        self._resize()
        self.update()

    def sizeHint(self) -> QSize:
        """A square, wider by the menu's part."""
        extra = CHEVRON_PX if self._menu else 0
        return QSize(round((self._side + extra) * self._scale), round(self._side * self._scale))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on the menu's part, or with the right button, opens the menu."""
        on_chevron = event.position().x() > self.width() - CHEVRON_PX * self._scale
        if self._menu and (on_chevron or event.button() == Qt.MouseButton.RightButton):
            self._open_menu()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses; Alt+Down opens the menu."""
        if self._menu and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Menu):
            self._open_menu()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, focus ring, icon, and the sign of the menu."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        ink = self._ink()
        main = QRectF(0, 0, self._side * self._scale, self.height())
        paint_icon(painter, self._icon, _centred(main, self.height() * (0.46 if self.is_round else 0.54)), ink)
        if self._menu:
            box = QRectF(main.right() - 4, 0, self.width() - main.right(), self.height())
            paint_icon(painter, "chevron", _centred(box, 12 * self._scale), QColor(self._theme.muted))

    def _paint_ground(self, painter: QPainter) -> None:
        radius = self.height() / 2 if self.is_round else 7 * self._scale
        edge = QColor(self._theme.data) if self.hasFocus() else QColor(self._theme.line)
        bare = self.is_flat or self.is_round
        painter.setPen(QPen(edge, 1) if self.hasFocus() or not bare else Qt.PenStyle.NoPen)
        painter.setBrush(self._ground())
        if not self.is_flat or self.underMouse() or self.hasFocus():
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        if self.is_round and self.hasFocus():
            painter.setPen(QPen(edge, 2))
            painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _ground(self) -> QColor:
        t = self._theme
        if self.is_round:
            calm = t.model if self.isEnabled() else t.hover
            return QColor(mix(calm, t.text, 0.15 if self.isDown() or self.underMouse() else 0.0))
        share = 0.3 if self.isDown() else 0.16 if self.underMouse() and self.isEnabled() else 0.0
        return QColor(mix(mix(t.card, t.hover, 0.75), t.muted, share))

    def _ink(self) -> QColor:
        if not self.isEnabled():
            return QColor(mix(self._theme.muted, self._theme.panel, 0.5))
        if self.is_round:
            return QColor("white")
        return QColor(self._theme.muted if self.is_flat and not self.underMouse() else self._theme.text)

    def _open_menu(self) -> None:
        if self._menu:
            height = self._menu.sizeHint().height()
            self._menu.popup(self.mapToGlobal(QPoint(0, -height - 4)))

    def _resize(self) -> None:
        self.setFixedSize(self.sizeHint())


def _centred(box: QRectF, side: float) -> QRectF:
    return QRectF(box.center().x() - side / 2, box.center().y() - side / 2, side, side)
