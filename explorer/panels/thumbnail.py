"""A small picture of the data: points, a histogram, or a mosaic of images, drawn from the samples of a run."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from explorer.panels.look import Look
from explorer.session.snapshot import Scene
from explorer.widgets.pixels import as_image, pixels, tiled
from explorer.widgets.theme import DARK

SIDE: Final = 48
POINTS: Final = 400
TILES: Final = 3
BARS: Final = 16


class Thumbnail(QWidget):
    """Shows what the data of the present run looks like; dimmed while other data is on its way."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look(DARK)
        self._scene: Scene | None = None
        self._stale = False
        self.setAccessibleName("picture of the data")
        self.set_look(self._look)

    def set_scene(self, scene: Scene) -> None:
        """Show the data of a run."""
        self._scene, self._stale = scene, False
        self.setToolTip(f"{scene.title}: {len(scene.real):,} samples in {scene.dimension} dimensions")
        self.update()

    def set_stale(self) -> None:
        """Dim the picture: it is not of the data that was chosen last."""
        self._stale = True
        self.update()

    def set_look(self, look: Look) -> None:
        """Colours and size."""
        self._look = look
        self.setFixedSize(look.px(SIDE), look.px(SIDE))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A dark well with the data in it."""
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        shape = QPainterPath()
        shape.addRoundedRect(frame, self._look.px(6), self._look.px(6))
        painter.fillPath(shape, QColor(theme.plot))
        if self._scene is None:
            self._paint_nothing(painter, frame)
        else:
            painter.save()
            painter.setClipPath(shape)
            painter.setOpacity(0.35 if self._stale else 1.0)
            self._paint_data(painter, self._scene, frame)
            painter.restore()
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawPath(shape)

    def _paint_nothing(self, painter: QPainter, frame: QRectF) -> None:
        painter.setPen(QColor(self._look.theme.muted))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, "…")

    def _paint_data(self, painter: QPainter, scene: Scene, frame: QRectF) -> None:
        if scene.image_shape is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=False)
            chosen = pixels(scene.real[: TILES**2], scene.shape_of(scene.real.shape[1]), scene.image_range)
            painter.drawImage(frame.adjusted(3, 3, -3, -3), as_image(tiled(chosen, TILES)))
        elif scene.dimension == 1:
            self._paint_bars(painter, scene, frame)
        else:
            self._paint_points(painter, scene, frame)

    def _paint_points(self, painter: QPainter, scene: Scene, frame: QRectF) -> None:
        left, bottom, right, top = scene.bounds
        points = scene.real[:POINTS, :2]
        x = frame.left() + (points[:, 0] - left) / (right - left) * frame.width()
        y = frame.bottom() - (points[:, 1] - bottom) / (top - bottom) * frame.height()
        ink = QColor(self._look.theme.data)
        ink.setAlphaF(0.55)
        painter.setPen(QPen(ink, 1.6 * self._look.scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints([QPointF(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)])

    def _paint_bars(self, painter: QPainter, scene: Scene, frame: QRectF) -> None:
        left, _, right, _ = scene.bounds
        counts, _ = np.histogram(scene.real[:, 0], bins=BARS, range=(left, right))
        heights = counts / max(1, counts.max()) * (frame.height() - 8)
        width = (frame.width() - 6) / BARS
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.theme.data))
        for index, height in enumerate(heights.tolist()):
            painter.drawRect(QRectF(frame.left() + 3 + index * width, frame.bottom() - 4 - height, width - 0.6, height))
