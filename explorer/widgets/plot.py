"""A plot in the product's style: quiet grid, labels inside, wheel to zoom, Home to return.

pyqtgraph ignores the palette, so every colour here comes from a ``Theme`` and is set again when the theme changes.
"""

from __future__ import annotations

import math
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QKeyEvent, QPaintEngine, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from explorer.widgets.theme import DARK, SMALL_PX, Theme

TICK_PX: Final = 92.0
"""Smallest distance between two labelled grid lines, logical pixels."""

ZOOM_STEP: Final = 0.85
"""Factor on the visible range for one press of the plus key."""

LEAST_PX: Final = (75, 52)
"""A plot can be as small as that, so that in a low window with large text all cards of a column have their place."""

Range = tuple[float, float, float, float]


def plot_font(px: float, scale: float = 1.0, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The application's font at a size in pixels, with tabular figures so that counting numbers do not tremble."""
    font = QFont()
    font.setPixelSize(max(1, int(px * scale + 0.5)))
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A colour with an opacity in [0, 1]."""
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


def nice_step(span: float, count: float) -> float:
    """The round number (1, 2 or 5 times a power of ten) that divides ``span`` into at most ``count`` parts."""
    rough = max(span, 1e-30) / max(count, 1.0)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)


def ticks(low: float, high: float, pixels: float, spacing: float = TICK_PX) -> list[tuple[float, str]]:
    """Round values in [low, high] and their labels, at least ``spacing`` pixels apart."""
    if not (math.isfinite(low) and math.isfinite(high) and high > low):
        return []
    step = nice_step(high - low, pixels / spacing)
    first = math.ceil(low / step)
    return [(n * step, number(n * step, step)) for n in range(first, math.floor(high / step) + 1)]


def number(value: float, step: float) -> str:
    """A tick's value with as many digits as its spacing needs, and a true minus sign."""
    if value and not 1e-4 <= step < 1e6:
        return f"{value:.3g}".replace("-", "−")
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{digits}f}".replace("-", "−") if value else "0"


class Overlay(pg.GraphicsObject):
    """Something painted in pixels over (or under) a view box, anew whenever its range or size changes."""

    depth = 0.0

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.box = box
        self.theme, self.factor = DARK, 1.0
        self.setZValue(self.depth)
        box.sigRangeChanged.connect(self.changed)
        box.sigResized.connect(self._resized)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.theme, self.factor = theme, scale
        self.update()

    def changed(self, *_: Any) -> None:
        """Paint again; takes whatever a signal brings."""
        self.update()

    def boundingRect(self) -> QRectF:
        """The whole of the view box, in its pixels."""
        return QRectF(QPointF(0, 0), self.box.size())

    def _resized(self, *_: Any) -> None:
        self.prepareGeometryChange()
        self.update()


class InsideAxes(Overlay):
    """Grid lines with their labels inside the plot: left and bottom edge, muted."""

    depth = -100.0

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self.names: tuple[str, str] = ("", "")
        self.vertical = self.across = True
        self._kept = QImage()
        self._kept_for: tuple[Any, ...] = ()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """On a screen from a picture that is kept as long as nothing changes; into a drawing as lines and text."""
        engine = painter.paintEngine()
        if engine is None or engine.type() != QPaintEngine.Type.Raster:
            self._draw(painter)
            return
        ratio = painter.device().devicePixelRatioF()
        font = QFont().toString()
        style = (self.theme, self.factor, self.names, self.vertical, self.across, ratio, font)
        key = (self.box.viewRange(), self.box.size(), style)
        if key != self._kept_for:
            self._kept, self._kept_for = self._make(ratio), key
        painter.drawImage(QPointF(0, 0), self._kept)

    def _make(self, ratio: float) -> QImage:
        width, height = (max(1, math.ceil(side * ratio)) for side in (self.box.width(), self.box.height()))
        made = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        made.setDevicePixelRatio(ratio)
        made.fill(0)
        painter = QPainter(made)
        self._draw(painter)
        painter.end()
        return made

    def _draw(self, painter: QPainter) -> None:
        """Lines first, then labels at the left and the bottom edge."""
        (left, right), (bottom, top) = self.box.viewRange()
        width, height = self.box.width(), self.box.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        font = plot_font(SMALL_PX, self.factor)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        spacing = min(TICK_PX * self.factor, max(width, height) / 4.5)
        for value, label in ticks(left, right, width, spacing) if self.across else ():
            at = (value - left) / (right - left) * width
            self._line(painter, QPointF(at, 0), QPointF(at, height))
            self._label(painter, QPointF(at + 4, height - 5), label, metrics, width)
        # The name of the upright axis stands in the corner: no label so high that it would touch it.
        highest = metrics.height() + (metrics.ascent() + 8 if self.names[1] else 0)
        for value, label in ticks(bottom, top, height, spacing) if self.vertical else ():
            at = (top - value) / (top - bottom) * height
            self._line(painter, QPointF(0, at), QPointF(width, at))
            if highest < at < height - 2 * metrics.height():
                self._label(painter, QPointF(6, at - 4), label, metrics, width)
        self._axis_names(painter, metrics, width, height)

    def _line(self, painter: QPainter, start: QPointF, end: QPointF) -> None:
        painter.setPen(QPen(colour(self.theme.line, 0.55), 1))
        painter.drawLine(start, end)

    def _label(self, painter: QPainter, at: QPointF, text: str, metrics: QFontMetricsF, width: float) -> None:
        room = width - metrics.horizontalAdvance(self.names[0]) - 16
        if at.x() > 24 and at.x() + metrics.horizontalAdvance(text) > room and at.y() > self.box.height() - 6:
            return
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(at, text)

    def _axis_names(self, painter: QPainter, metrics: QFontMetricsF, width: float, height: float) -> None:
        painter.setPen(QColor(self.theme.muted))
        across, up = self.names
        painter.drawText(QPointF(width - metrics.horizontalAdvance(across) - 8, height - 5), across)
        painter.drawText(QPointF(6, metrics.ascent() + 2), up)


class Readout(QLabel):
    """A small card with exact values, over a plot; it never takes the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.hide()

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self.setFont(plot_font(SMALL_PX, scale))
        self.setStyleSheet(
            f"background: {theme.card}; color: {theme.text}; border: 1px solid {theme.line};"
            "border-radius: 7px; padding: 5px 9px;"
        )

    def tell(self, text: str, at: QPointF) -> None:
        """Show the text beside a point of the parent, inside the parent; an empty text hides the card."""
        self.setText(text)
        self.adjustSize()
        parent = self.parentWidget()
        room = parent.rect() if parent else self.rect()
        x = at.x() + 14 if at.x() + 20 + self.width() < room.width() else at.x() - 14 - self.width()
        y = min(max(at.y() + 12, 4), room.height() - self.height() - 4)
        self.move(int(max(4, x)), int(y))
        self.setVisible(bool(text))


class Plot(pg.PlotWidget):
    """A plot with the product's manners.

    Signals:
        clicked: position in data units, of a single click with the left button (or Return: the middle).
        hovered: position in data units, or None when the mouse leaves.
    """

    clicked = Signal(float, float)
    hovered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, enableMenu=False)  # pyqtgraph's menus take most of the time that a plot does
        self._home: Range | None = None
        self._at_home = True
        self.shared: dict[type, Any] = {}  # what several layers of this plot have in common, by its class
        self.chart: Any = self.getPlotItem()
        self.box: Any = self.chart.getViewBox()
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.chart.hideButtons()
        self.chart.setContentsMargins(0, 0, 0, 0)
        for axis in self.chart.axes.values():
            axis["item"].enableAutoSIPrefix(enable=False)  # or each change of range would set labels that are not there
        self.box.disableAutoRange()
        self.box.sigRangeChangedManually.connect(self._moved)
        self.setAntialiasing(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.axes: InsideAxes | None = None
        self.readout = Readout(self)
        scene: Any = self.scene()
        scene.sigMouseClicked.connect(self._clicked)
        scene.sigMouseMoved.connect(self._hovered)

    def put_axes_inside(self) -> None:
        """Hide pyqtgraph's axes and draw quiet ones inside."""
        for side in ("left", "bottom"):
            self.chart.hideAxis(side)
        self.axes = InsideAxes(self.box)

    def set_home(self, bounds: Range) -> None:
        """The range (left, bottom, right, top) that Home and a double click return to; goes there."""
        self._home = bounds
        self.go_home()

    def move_home(self, bounds: Range) -> None:
        """The same, but a range that the user has chosen stays."""
        self._home = bounds
        if self._at_home:
            self.go_home()

    def go_home(self) -> None:
        """Show the home range; it is kept when the plot is resized, until the user zooms."""
        self._at_home = True
        if self._home:
            left, bottom, right, top = self._home
            self.box.setRange(QRectF(left, bottom, right - left, top - bottom), padding=0)

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes, live."""
        self.setBackground(theme.plot)
        self.readout.set_theme(theme, scale)
        if self.axes:
            self.axes.set_theme(theme, scale)
        for side in ("left", "bottom"):
            axis = self.chart.getAxis(side)
            axis.setPen(pg.mkPen(theme.line))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.setTickFont(plot_font(SMALL_PX, scale))

    def tell(self, text: str, x: float, y: float) -> None:
        """Show the read-out beside a point given in data units."""
        at = self.box.mapViewToScene(QPointF(x, y))
        self.readout.tell(text, QPointF(self.mapFromScene(at)))

    def resizeEvent(self, ev: QResizeEvent | None) -> None:
        """Keep the home range in view while the window changes its size."""
        super().resizeEvent(ev)
        if getattr(self, "_at_home", False):
            self.go_home()

    def minimumSizeHint(self) -> QSize:
        """Less than pyqtgraph's, which grows with the text."""
        return QSize(*LEAST_PX)

    def keyPressEvent(self, ev: QKeyEvent) -> None:
        """Home returns, + and − zoom, Shift with an arrow pans, Return explains the middle, Escape puts it away."""
        actions = {
            Qt.Key.Key_Home: self.go_home,
            Qt.Key.Key_Plus: lambda: self._zoom(ZOOM_STEP),
            Qt.Key.Key_Equal: lambda: self._zoom(ZOOM_STEP),
            Qt.Key.Key_Minus: lambda: self._zoom(1 / ZOOM_STEP),
            Qt.Key.Key_Return: self._explain_middle,
            Qt.Key.Key_Escape: self.readout.hide,
        }
        action = actions.get(Qt.Key(ev.key()))
        if action:
            action()
        elif not (ev.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._pan(ev.key())):
            ev.ignore()

    def leaveEvent(self, ev: QEvent) -> None:
        """Tell that nothing is pointed at any more."""
        super().leaveEvent(ev)
        self.hovered.emit(None)

    def _zoom(self, factor: float) -> None:
        self._at_home = False
        self.box.scaleBy((factor, factor))

    def _pan(self, key: int) -> bool:
        moves = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        move = moves.get(Qt.Key(key))
        if move is None:
            return False
        rect = self.box.viewRect()
        self._at_home = False
        self.box.translateBy(x=move[0] * rect.width() / 10, y=move[1] * rect.height() / 10)
        return True

    def _explain_middle(self) -> None:
        middle = self.box.viewRect().center()
        self.clicked.emit(middle.x(), middle.y())

    def _moved(self, *_: Any) -> None:
        self._at_home = False
        self.readout.hide()

    def _clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if event.double():
            self.readout.hide()
            self.go_home()
            return
        at = self.box.mapSceneToView(event.scenePos())
        self.clicked.emit(at.x(), at.y())

    def _hovered(self, position: QPointF) -> None:
        at = self.box.mapSceneToView(position)
        self.hovered.emit((at.x(), at.y()) if self.box.sceneBoundingRect().contains(position) else None)
