"""Points of data and of the model on one plane, with pictures beside some of them and under the mouse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from explorer.session.snapshot import Array, Arrays, Scene
from explorer.views._classes import class_colours
from explorer.views._painted import Painted
from explorer.widgets.pixels import as_image, pixels
from explorer.widgets.plot import colour, plot_font
from explorer.widgets.theme import SMALL_PX

DOT: Final = 5.0
"""Diameter of a point, logical pixels."""

REACH: Final = 12.0
"""The mouse finds a point so near, logical pixels."""

THUMB: Final = 30.0
LARGE: Final = 96.0
"""Sides of the pictures beside points and of the one under the mouse, logical pixels."""

MARGIN: Final = 0.06
"""Free space around the data, as a share of what they fill."""

STRAY: Final = 0.01
"""Share of the data at each end that does not decide what is seen."""

FOOT: Final = 20.0
HEAD: Final = 22.0

HELP: Final = "Each point is a picture: hover to see it, click to ask about it."


STEPS: Final = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True)
class Point:
    """One picture on the map: of the data, or the model's; and its number among the real ones or the fixed noise."""

    is_real: bool
    number: int


class MapPicture(Painted):
    """Painted from the arrays of one of the map's observations.

    Signals:
        pointed: the point under the mouse; None for none.
        pressed: a point was clicked.

    Attributes:
        by_class: whether colours are those of classes; then samples are rings, data dots.
        with_pictures: whether a few points have their pictures beside them.
        axes: names of both axes.
    """

    pointed = Signal(object)
    pressed = Signal(object)
    keeps: ClassVar[frozenset[int]] = frozenset(STEPS)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene: Scene | None = None
        self.by_class, self.with_pictures = False, True
        self.axes: tuple[str, str] = ("", "")
        self.here: Point | None = None
        self.thumbnail: QImage | None = None
        self._pictures: list[QImage] = []
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(HELP)

    def minimumSizeHint(self) -> QSize:
        """Small enough for a low window."""
        return QSize(80, 40)

    @property
    def is_empty(self) -> bool:
        """Without places."""
        return self.arrays is None or not len(self.arrays["data"])

    def show_arrays(self, arrays: Arrays | None) -> None:
        """Draw these from now on; None for none."""
        self._pictures = []
        if arrays is not None and self.scene is not None and len(arrays["pictures"]):
            x = arrays["pictures"]
            shape = self.scene.shape_of(x.shape[1])
            self._pictures = [as_image(each) for each in pixels(x, shape, self.scene.image_range)]
        super().show_arrays(arrays)

    def show_thumbnail(self, point: Point, x: Array) -> None:
        """The picture of the point under the mouse, shape (1, d); that of another is dropped."""
        if point == self.here and self.scene is not None:
            (made,) = pixels(x, self.scene.shape_of(x.shape[1]), self.scene.image_range)
            self.thumbnail = as_image(made)
            self.update()

    def point_at(self, place: QPointF) -> Point | None:
        """The nearest point within reach, in pixels."""
        if self.is_empty or self.arrays is None:
            return None
        found = [(self._nearest(self.arrays[name], place), name == "data") for name in ("fake", "data")]
        (distance, index), is_real = min(found, key=lambda each: each[0][0])
        if distance > REACH * self.scale:
            return None
        return Point(is_real, index if is_real else int(self.arrays["number"][index]))

    def place_of(self, places: Array) -> Array:
        """Where points of the map, shape (n, 2), are in pixels."""
        left, bottom, unit = self._frame()
        middle = self._box().center()
        return np.stack(
            [middle.x() + (places[:, 0] - left) * unit, middle.y() - (places[:, 1] - bottom) * unit], axis=1
        )

    def words_at(self, place: QPointF) -> str:
        """What can be done."""
        return "" if self.point_at(place) else HELP

    def paint_arrays(self, painter: QPainter, arrays: Arrays) -> None:
        """Axes, points, pictures, legend, and what the mouse points at."""
        self._paint_axes(painter)
        painter.save()
        painter.setClipRect(self._box())
        for name, ink in (("data", self.theme.data), ("fake", self.theme.model)):
            self._paint_points(painter, arrays, name, ink)
        if self.with_pictures:
            self._paint_pictures(painter, arrays)
        painter.restore()
        self._paint_legend(painter)
        if self.here is not None:
            self._paint_here(painter, arrays, self.here)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which point is under the mouse now."""
        self._point(self.point_at(event.position()))

    def leaveEvent(self, event: object) -> None:
        """None any more."""
        self._point(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell that a point was clicked."""
        found = self.point_at(event.position())
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            self._point(found)
            self.pressed.emit(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right go through the pictures that are shown, Return presses one."""
        step = STEPS.get(Qt.Key(event.key()))
        if step is not None and not self.is_empty:
            self._go(step)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.here is not None:
            self.pressed.emit(self.here)
        else:
            super().keyPressEvent(event)

    def _go(self, step: int) -> None:
        assert self.arrays is not None, "there is something to go through"
        numbers = self.arrays["number"][self.arrays["fake_shown"]]
        every = [Point(is_real=True, number=int(n)) for n in self.arrays["shown"]]
        every += [Point(is_real=False, number=int(n)) for n in numbers]
        at = every.index(self.here) + step if self.here in every else 0
        self._point(every[at % len(every)])

    def _point(self, point: Point | None) -> None:
        if point != self.here:
            self.here, self.thumbnail = point, None
            self.pointed.emit(point)
            self.update()

    def _nearest(self, places: Array, place: QPointF) -> tuple[float, int]:
        if not len(places):
            return np.inf, -1
        away = np.linalg.norm(self.place_of(places) - [place.x(), place.y()], axis=1)
        index = int(away.argmin())
        return float(away[index]), index

    def _box(self) -> QRectF:
        scale = self.scale
        return QRectF(self.rect()).adjusted(8 * scale, HEAD * scale, -8 * scale, -FOOT * scale)

    def _frame(self) -> tuple[float, float, float]:
        """The middle of the data, and pixels to a unit: all but stray data are seen, in equal units."""
        assert self.arrays is not None, "an empty map has no frame"
        low, high = np.quantile(self.arrays["data"], (STRAY, 1 - STRAY), axis=0)
        across, up = np.maximum(high - low, 1e-9) * (1 + 2 * MARGIN)
        box = self._box()
        middle = (low + high) / 2
        return float(middle[0]), float(middle[1]), min(box.width() / across, box.height() / up)

    def _paint_axes(self, painter: QPainter) -> None:
        box, metrics = self._box(), self._metrics()
        painter.setPen(QPen(colour(self.theme.line, 0.7), 1))
        painter.drawRect(box)
        painter.setPen(QColor(self.theme.muted))
        foot = QRectF(box.left(), box.bottom(), box.width(), FOOT * self.scale)
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(foot, flags | Qt.AlignmentFlag.AlignRight, metrics.elidedText(
            self.axes[0], Qt.TextElideMode.ElideRight, box.width()))  # fmt: skip
        painter.drawText(QRectF(box.left(), 0, box.width(), HEAD * self.scale), flags, self.axes[1])

    def _paint_points(self, painter: QPainter, arrays: Arrays, name: str, ink: str) -> None:
        places, size = self.place_of(arrays[name]), DOT * self.scale
        labels = arrays["label" if name == "data" else "fake_label"]
        inks = self._class_inks() if self.by_class else {}
        for label in np.unique(labels) if inks else (None,):
            some = places if label is None else places[labels == label]
            hue = QColor(ink) if label is None else inks.get(int(label), QColor(self.theme.muted))
            dots = [QPointF(x, y) for x, y in some.tolist()]
            if inks and name == "fake":
                self._rings(painter, dots, hue)
                continue
            hue.setAlphaF(0.75)
            painter.setPen(QPen(hue, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(QPolygonF(dots))

    def _rings(self, painter: QPainter, dots: list[QPointF], hue: QColor) -> None:
        painter.setPen(QPen(hue, 1.3 * self.scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for dot in dots:
            painter.drawEllipse(dot, 0.6 * DOT * self.scale, 0.6 * DOT * self.scale)

    def _class_inks(self) -> dict[int, QColor]:
        names = self.scene.class_names if self.scene is not None else ()
        shades = class_colours(self.theme, len(names)) if names else ()
        return {index: QColor.fromRgbF(*(float(part) for part in rgb)) for index, rgb in enumerate(shades)}

    def _paint_pictures(self, painter: QPainter, arrays: Arrays) -> None:
        """Where they would lie on one another, the first stays."""
        own = np.concatenate([arrays["data"][arrays["shown"]], arrays["fake"][arrays["fake_shown"]]])
        roles = [self.theme.data] * len(arrays["shown"]) + [self.theme.model] * len(arrays["fake_shown"])
        taken: list[QRectF] = []
        for (x, y), image, ink in zip(self.place_of(own).tolist(), self._pictures, roles, strict=False):
            if not self._box().contains(x, y):
                continue  # its point is beyond the frame
            frame = self._picture_frame(QPointF(x, y), image, THUMB)
            if not any(frame.intersects(other) for other in taken):
                taken.append(frame)
                self._paint_picture(painter, frame, image, ink)

    def _picture_frame(self, at: QPointF, image: QImage, side: float) -> QRectF:
        longest = max(image.width(), image.height())
        width, height = (side * self.scale * length / longest for length in (image.width(), image.height()))
        gap = DOT * self.scale
        box = self._box()
        left = at.x() + gap if at.x() + gap + width < box.right() else at.x() - gap - width
        top = at.y() - gap - height if at.y() - gap - height > box.top() else at.y() + gap
        return QRectF(left, top, width, height)

    def _paint_picture(self, painter: QPainter, frame: QRectF, image: QImage, ink: str) -> None:
        is_small = image.width() > frame.width() * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=is_small)
        painter.drawImage(frame, image)
        painter.setPen(QPen(QColor(ink), 1.6 * self.scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(frame)

    def _paint_legend(self, painter: QPainter) -> None:
        metrics, right, base = self._metrics(), self._box().right(), self._metrics().ascent() + 4 * self.scale
        told = [("● model", self.theme.model), ("● data", self.theme.data)]
        if self.by_class:
            names = self.scene.class_names if self.scene is not None else ()
            told = [(name, ink.name()) for name, ink in zip(names, self._class_inks().values(), strict=True)][::-1]
            told = [("○ samples", self.theme.muted), ("● data", self.theme.muted), *told]
        for text, ink in told:
            right -= metrics.horizontalAdvance(text)
            if right < self._box().left() + metrics.horizontalAdvance(self.axes[1]) + 12:
                return
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(right, base), text)
            right -= 10 * self.scale

    def _paint_here(self, painter: QPainter, arrays: Arrays, point: Point) -> None:
        index = point.number if point.is_real else int(np.searchsorted(arrays["number"], point.number))
        places = arrays["data" if point.is_real else "fake"]
        if index >= len(places):
            return
        ink = self.theme.data if point.is_real else self.theme.model
        ((x, y),) = self.place_of(places[index : index + 1]).tolist()
        painter.setPen(QPen(QColor(self.theme.text), 1.8 * self.scale))
        painter.setBrush(QColor(ink))
        painter.drawEllipse(QPointF(x, y), 0.8 * DOT * self.scale, 0.8 * DOT * self.scale)
        if self.thumbnail is not None:
            self._paint_picture(painter, self._picture_frame(QPointF(x, y), self.thumbnail, LARGE), self.thumbnail, ink)

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(plot_font(SMALL_PX, self.scale))
