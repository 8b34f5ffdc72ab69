"""Cards that can be moved, closed and brought back: docks with a slim handle instead of a title bar of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QStackedLayout, QWidget

from explorer.widgets.glyph_button import GlyphButton
from explorer.widgets.style import mix
from explorer.widgets.theme import DARK, Theme
from explorer.window.skeleton import Skeleton

if TYPE_CHECKING:
    from explorer.views._base import View

HANDLE_PX = 11


class Handle(QWidget):
    """The strip above a card: drag it to move the card; its two buttons show when the mouse is there."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._theme, self._scale = DARK, 1.0
        self.ground = "ground"
        self.setCursor(Qt.CursorShape.SizeAllCursor)
        self.setToolTip(f"Drag to move “{dock.windowTitle()}”; double-click to let it float")
        self.floating = GlyphButton("undock", f"Let “{dock.windowTitle()}” float", self, side=HANDLE_PX)
        self.closing = GlyphButton("close", f"Close “{dock.windowTitle()}” (View brings it back)", self, side=HANDLE_PX)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(4)
        row.addStretch(1)
        for button in (self.floating, self.closing):
            button.is_flat = True
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setCursor(Qt.CursorShape.ArrowCursor)
            button.hide()
            row.addWidget(button)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._theme, self._scale = theme, scale
        for button in (self.floating, self.closing):
            button.set_theme(theme, scale)
        self.update()

    def sizeHint(self) -> QSize:
        """Slim, so that cards stand apart by little more than the design's gap."""
        return QSize(60, round(HANDLE_PX * self._scale))

    def minimumSizeHint(self) -> QSize:
        """As the size wished for."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show the buttons."""
        self._show_buttons()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide them."""
        for button in (self.floating, self.closing):
            button.hide()
        self.update()

    def _show_buttons(self) -> None:
        for button in (self.floating, self.closing):
            button.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A short line to take hold of."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = getattr(self._theme, self.ground)
        painter.fillRect(self.rect(), QColor(ground))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(ground, self._theme.muted, 0.7 if self.underMouse() else 0.22)))
        width, height = 26 * self._scale, 3 * self._scale
        painter.drawRoundedRect(
            QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height), height / 2, height / 2
        )


class CardDock(QDockWidget):
    """A dock that shows an empty card until its widget comes.

    Signals:
        fronted: whether it came to the front, or went behind another tab or off the screen.
    """

    fronted = Signal(bool)

    def __init__(self, key: str, title: str, parent: QWidget, skeleton: Skeleton | None = None) -> None:
        super().__init__(title, parent)
        self.setObjectName(key)
        self.handle = Handle(self)
        self.setTitleBarWidget(self.handle)
        self.place = Place(skeleton or Skeleton(text=""), self)
        self.setWidget(self.place)
        self.is_front = False
        self.visibilityChanged.connect(self._set_front)
        self.topLevelChanged.connect(self._float)
        self.handle.closing.clicked.connect(self.close)
        self.handle.floating.clicked.connect(lambda: self.setFloating(not self.isFloating()))

    def show_view(self, view: View) -> None:
        """Make room for a view, which is told when the dock goes behind another tab."""
        self.place.put(view)
        self.fronted.connect(view.set_front)

    def _set_front(self, front: bool) -> None:  # noqa: FBT001  (a slot)
        self.is_front = front
        self.fronted.emit(front)

    def _float(self, floating: bool) -> None:  # noqa: FBT001  (a slot)
        """A card that is taken out from behind others is in front, which Qt does not tell."""
        if floating:
            self._set_front(self.isVisible())

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.handle.set_theme(theme, scale)
        self.place.set_theme(theme, scale)


class Place(QWidget):
    """Where a widget will stand; an empty card until then."""

    def __init__(self, skeleton: Skeleton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.skeleton = skeleton
        self._stack = QStackedLayout(self)
        self._stack.addWidget(skeleton)

    def put(self, widget: QWidget) -> None:
        """Make room for a widget; the empty card stays in front until ``reveal``."""
        self._stack.addWidget(widget)

    def reveal(self) -> None:
        """Show the widget."""
        self._stack.setCurrentIndex(self._stack.count() - 1)

    @property
    def is_revealed(self) -> bool:
        """Whether the widget is shown."""
        return self._stack.currentIndex() > 0

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.skeleton.set_theme(theme, scale)
