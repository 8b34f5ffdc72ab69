"""Things to put on a plot that stay fast: each is one image or one path."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from explorer.views._colour import Table
from explorer.widgets.plot import Overlay, colour, plot_font
from explorer.widgets.theme import SMALL_PX, Theme

MOST_PX: Final = 8192
"""Side of the largest picture that is made, in pixels."""


def image_of(words: Table) -> QImage:
    """A picture from ARGB words, shape (H, W), with memory of its own."""
    height, width = words.shape
    held = np.ascontiguousarray(words)
    return QImage(held.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


class InView(pg.GraphicsObject):
    """Something that fills whatever range is seen, with no edge of its own."""

    def boundingRect(self) -> QRectF:
        """What is seen."""
        rect = self.viewRect()
        return QRectF() if rect is None else QRectF(rect)

    def viewTransformChanged(self) -> None:
        """The range that is seen has changed."""
        super().viewTransformChanged()  # or pyqtgraph goes on telling the range that was seen first
        self.prepareGeometryChange()

    def to_pixels(self, painter: QPainter) -> tuple[QRectF, QSize, float]:
        """What is seen as a rectangle of the screen, whose pixels the painter then takes; their number; their ratio.

        Pictures that are painted upright and pixel for pixel cost a tenth of those that Qt has to turn or to stretch.
        """
        ratio = painter.device().devicePixelRatioF()
        there = painter.transform().mapRect(self.boundingRect())
        painter.resetTransform()
        left, top = (round(edge * ratio) for edge in (there.left(), there.top()))
        size = QSize(round(there.width() * ratio), round(there.height() * ratio))
        return QRectF(left / ratio, top / ratio, size.width() / ratio, size.height() / ratio), size, ratio


def within(painter: QPainter, seen: QRectF, span: tuple[float, float] | None) -> QRectF:
    """The part of what is seen between two x, in the pixels that the painter will have."""
    left, right = (seen.left(), seen.right()) if span is None else span
    left, right = max(left, seen.left()), min(right, seen.right())
    return painter.transform().mapRect(QRectF(left, seen.top(), max(right - left, 0.0), seen.height()))


class Mark(InView):
    """A ring with a dot at a place, of fixed size on the screen, and a word beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.at = QPointF()
        self.text = ""
        self.ink, self.ground, self.factor = QColor(), QColor(), 1.0

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """A halo of the ground's colour first, so that it is seen on any picture; the word is where there is room."""
        middle, edge = painter.transform().map(self.at), painter.transform().mapRect(self.boundingRect()).right()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for ink, width in ((self.ground, 4.5), (self.ink, 1.8)):
            painter.setPen(QPen(ink, width * self.factor))
            painter.drawEllipse(middle, 6.5 * self.factor, 6.5 * self.factor)
        word = QPainterPath()
        font = plot_font(SMALL_PX, self.factor, QFont.Weight.DemiBold)
        beside, long = 11 * self.factor, QFontMetricsF(font).horizontalAdvance(self.text)
        left = beside if middle.x() + beside + long < edge else -beside - long
        word.addText(middle + QPointF(left, 4 * self.factor), font, self.text)
        painter.strokePath(word, QPen(self.ground, 4 * self.factor))
        painter.fillPath(word, self.ink)


class Hatch(InView):
    """Slanted lines over parts of the plane where nothing is known."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()
        self._brush = QBrush()
        self._clip: tuple[float, float] | None = None

    def set_outlines(self, outlines: list[NDArray[Any]]) -> None:
        """Closed lines, shape (N, 2) each, data units; a line inside another is a hole."""
        self._path = QPainterPath()
        for line in outlines:
            self._path.addPath(pg.functions.arrayToQPath(line[:, 0], line[:, 1], "all"))
        self.update()

    def set_ink(self, name: str, alpha: float) -> None:
        """Colour and opacity."""
        self._brush = QBrush(colour(name, alpha), Qt.BrushStyle.BDiagPattern)
        self.update()

    def set_clip(self, span: tuple[float, float] | None) -> None:
        """Be seen only between two x, data units; None for everywhere."""
        self._clip = span
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """The lines are as far apart at every zoom."""
        clip = within(painter, self.boundingRect(), self._clip)
        path = painter.transform().map(self._path)
        painter.resetTransform()
        painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
        painter.fillPath(path, self._brush)


class Field(InView):
    """A scalar on a grid as one smooth picture over a rectangle."""

    def __init__(self) -> None:
        super().__init__()
        self._image = self._scaled = QImage()
        self._rect = QRectF()
        self._asked_for: tuple[Any, ...] = ()
        self._scaled_for: tuple[Any, ...] = ()
        self._clip: tuple[float, float] | None = None

    def set_clip(self, span: tuple[float, float] | None) -> None:
        """Be seen only between two x, data units; None for everywhere."""
        if span != self._clip:
            self._clip = span
            self.update()

    def set_picture(self, words: Table, bounds: tuple[float, float, float, float]) -> None:
        """ARGB words, shape (H, W), row 0 at the bottom, over (left, bottom, right, top)."""
        left, bottom, right, top = bounds
        self._image = image_of(words[::-1])
        self._rect = QRectF(left, bottom, right - left, top - bottom)
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """Grid values are joined bilinearly, as their contours are; what stays the same is scaled only once."""
        if self._image.isNull():
            return
        place = painter.transform().mapRect(self._rect)
        clip = within(painter, self.boundingRect(), self._clip)
        seen, size, ratio = self.to_pixels(painter)
        painter.setClipRect(clip, Qt.ClipOperation.IntersectClip)
        wanted = (self._image.cacheKey(), place.getRect(), seen.getRect(), ratio)
        if wanted == self._asked_for != self._scaled_for and not size.isEmpty():
            self._scaled, self._scaled_for = self._scale(seen, place, size, ratio), wanted
        self._asked_for = wanted
        if wanted == self._scaled_for:
            painter.drawImage(seen.topLeft(), self._scaled)
        else:
            self._draw(painter, place)

    def _draw(self, painter: QPainter, place: QRectF) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)

    def _scale(self, seen: QRectF, place: QRectF, size: QSize, ratio: float) -> QImage:
        """The part that is seen, pixel for pixel."""
        made = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        made.setDevicePixelRatio(ratio)
        made.fill(0)
        painter = QPainter(made)
        self._draw(painter, place.translated(-seen.topLeft()))
        painter.end()
        return made


class Strokes(InView):
    """Very many lines as one path, one pixel wide; few may be wider."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()
        self._pen = QPen()

    def set_points(self, x: NDArray[Any], y: NDArray[Any], connect: Any) -> None:
        """Points, shape (N,), and which ones a stroke joins: "pairs", "finite", or 1 where it goes on to the next."""
        self._path = pg.functions.arrayToQPath(x, y, connect)
        self.update()

    def set_ink(self, name: str, alpha: float, width: float = 1.0) -> None:
        """Colour, opacity, and width in pixels: beyond one, painting long paths takes many times as long."""
        self._pen = QPen(colour(name, alpha), width)
        self._pen.setCosmetic(True)
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """All strokes at once."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self._pen)
        painter.drawPath(self._path)


class ColourBar(Overlay):
    """The legend of a field: its colours with the values at both ends, in the lower right corner of a view box."""

    depth = 200.0
    SIZE = (132.0, 7.0)
    APART = 10.0
    MOST = 0.36

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__(box)
        self._strip = QImage()
        self._widest = 0.0
        box.sigResized.connect(self._forget)
        self.labels = ("", "", "")

    def set_theme(self, theme: Theme, scale: float) -> None:
        """Take up colours and sizes."""
        self._forget()
        super().set_theme(theme, scale)

    def _forget(self, *_: Any) -> None:
        self._widest = 0.0

    def set_scale(self, table: Table, name: str, low: float, high: float) -> None:
        """Colours from ``low`` to ``high``, and what is shown."""
        self._strip = image_of(table[None, :])
        self.labels = (f"{low:.3g}".replace("-", "−"), name, f"{high:.3g}".replace("-", "−"))
        self.update()

    def paint(self, painter: QPainter, option: Any = None, widget: Any = None) -> None:
        """A card with the colours and, below them, low end, name, high end."""
        font = plot_font(SMALL_PX, self.factor)
        metrics = QFontMetricsF(font)
        name, width = self._take_width(metrics)
        height = self.SIZE[1] * self.factor
        left = self.box.width() - width - 16
        top = self.box.height() - height - 2 * metrics.height() - 16
        card = QRectF(left - 8, top - 7, width + 16, height + metrics.height() + 14)
        back = QColor(self.theme.plot)
        back.setAlphaF(0.82)
        painter.setPen(QPen(QColor(self.theme.line), 1))
        painter.setBrush(back)
        painter.drawRoundedRect(card, 6, 6)
        painter.drawImage(QRectF(left, top, width, height), self._strip)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.muted))
        base = top + height + metrics.ascent() + 2
        low, _, high = self.labels
        painter.drawText(QPointF(left, base), low)
        painter.drawText(QPointF(left + (width - metrics.horizontalAdvance(name)) / 2, base), name)
        painter.drawText(QPointF(left + width - metrics.horizontalAdvance(high), base), high)

    def _take_width(self, metrics: QFontMetricsF) -> tuple[str, float]:
        """The name, without its unit in a narrow plot, and room for it between both ends.

        The room never shrinks, or it would tremble while a way plays.
        """
        low, name, high = self.labels
        ends = 2 * (max(metrics.horizontalAdvance(end) for end in (low, high)) + self.APART * self.factor)
        if ends + metrics.horizontalAdvance(name) > self.MOST * self.box.width():
            name = name.partition(",")[0]
        least = min(self.SIZE[0] * self.factor, 0.34 * self.box.width())
        self._widest = max(ends + metrics.horizontalAdvance(name), self._widest, least)
        return name, self._widest
