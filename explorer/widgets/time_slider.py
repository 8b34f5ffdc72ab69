"""The slider over a run's kept steps: a tick at each, and only they can be reached."""

from __future__ import annotations

from bisect import bisect_right

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractSlider, QWidget

from explorer.widgets.style import mix
from explorer.widgets.theme import DARK, Theme


class TimeSlider(QAbstractSlider):
    """Shows where the run is and what has been kept of it; dragging looks at an earlier step.

    Signals:
        looked: the kept step that the user wants to see, or None for the newest.
    """

    looked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._scale = DARK, 1.0
        self._kept: tuple[int, ...] = ()
        self._newest, self._shown = 0, 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMinimumWidth(60)
        self.setAccessibleName("time")
        self.setToolTip("Drag to look at an earlier step (← and Shift+→ go from one kept step to the next)")

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._theme, self._scale = theme, scale
        self.setFixedHeight(round(26 * scale))
        self.update()

    def show_times(self, kept: tuple[int, ...], newest: int, shown: int) -> None:
        """Draw the kept steps, the newest one and the one that is looked at."""
        if (kept, newest, shown) != (self._kept, self._newest, self._shown):
            self._kept, self._newest, self._shown = kept, newest, shown
            self.update()

    def place_of(self, step: int) -> float:
        """Where a step lies, pixels from the left."""
        inset = 7 * self._scale
        return inset + (self.width() - 2 * inset) * (step / self._newest if self._newest else 1.0)

    def step_at(self, x: float) -> int | None:
        """The kept step nearest to a place; None for the newest, at the right end."""
        inset = 7 * self._scale
        share = (x - inset) / max(1.0, self.width() - 2 * inset)
        if not self._kept or share >= 0.995:
            return None
        return min(self._kept, key=lambda step: abs(step - share * self._newest))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the step under the mouse."""
        self._look(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Look at each kept step that is passed."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._look(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go from one kept step to the next; Home and End to the ends."""
        here = bisect_right(self._kept, self._shown) - 1
        targets = {
            Qt.Key.Key_Left: here - 1 if self._shown in self._kept else here,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(self._kept),
        }
        target = targets.get(Qt.Key(event.key()))
        if target is None or not self._kept:
            super().keyPressEvent(event)
        else:
            self.looked.emit(self._kept[max(0, target)] if target < len(self._kept) else None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A groove filled up to the step that is shown, ticks below it, and a handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        t, s, middle = self._theme, self._scale, self.height() / 2
        left, right = self.place_of(0) if self._newest else 7 * s, self.width() - 7 * s
        at = self.place_of(self._shown) if self._newest else left
        groove = QRectF(left, middle - 2 * s, right - left, 4 * s)
        painter.setBrush(QColor(mix(t.line, t.muted, 0.12)))
        painter.drawRoundedRect(groove, 2 * s, 2 * s)
        groove.setRight(at)
        painter.setBrush(QColor(t.muted))
        painter.drawRoundedRect(groove, 2 * s, 2 * s)
        self._paint_ticks(painter, middle + 6 * s)
        lit = self.hasFocus() or self.underMouse()
        painter.setBrush(QColor(t.data if lit else t.text) if self.isEnabled() else QColor(mix(t.line, t.muted, 0.4)))
        painter.drawEllipse(QRectF(at - 6 * s, middle - 6 * s, 12 * s, 12 * s))

    def _paint_ticks(self, painter: QPainter, top: float) -> None:
        painter.setBrush(QColor(mix(self._theme.panel, self._theme.muted, 0.55)))
        places = sorted({round(self.place_of(step)) for step in self._kept}) if self._newest else []
        for x in places:
            painter.drawRect(QRectF(x, top, 1, 3.5 * self._scale))

    def _look(self, event: QMouseEvent) -> None:
        target = self.step_at(event.position().x())
        if target != self._shown:
            self.looked.emit(target)
