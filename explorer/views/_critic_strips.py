"""Strips of pictures in the order of the critic's T, each with what the critic looks at on it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from explorer.session.snapshot import Arrays, Scene
from explorer.views._colour import pack, rgb_of
from explorer.views._items import image_of
from explorer.views._painted import Painted
from explorer.widgets.pixels import as_image, pixels

LAWS: Final = (("real", "data", "real"), ("fake", "model", "generated"))
"""Name of the arrays, role and word of either law."""

ENDS: Final = ("highest T", "lowest T")
EDGE_PX: Final = 12
GAP_PX: Final = 3
LARGEST_PX: Final = 96
BLOCK_PX: Final = 10
"""Between the strips of the two laws."""

STRONGEST: Final = 0.995
"""The quantile of all saliencies that has the whole colour."""

FAINT: Final = 0.16
"""Opacity of a picture under its saliency."""


class CriticStrips(Painted):
    """Four strips: of either law the pictures that T is highest of, and those that it is lowest of.

    Attributes:
        scene: shape, black and white of the pictures.
        is_salient: whether a row of saliencies stands below each strip.
    """

    scene: Scene | None = None
    is_salient = True

    def show_arrays(self, arrays: Arrays | None) -> None:
        """Make the pictures once for all paintings."""
        self._images: dict[str, list[QImage]] = {}
        if arrays is not None and self.scene is not None:
            self._images = self._made(arrays, self.scene)
        super().show_arrays(arrays)

    def refresh(self) -> None:
        """Make the pictures again, in other colours."""
        self.show_arrays(self.arrays)

    def paint_arrays(self, painter: QPainter, arrays: Arrays) -> None:
        """Strip below strip."""
        across, side = self._layout(arrays)
        tall = self._tall(side)
        y = 4.0 * self.scale
        for name, role, word in LAWS:
            half = len(arrays[name + "_t"]) // 2
            for end, which in enumerate(ENDS):
                self._paint_strip(painter, y, name, _numbers(end, half, across), arrays)
                self._paint_name(painter, QPointF(EDGE_PX * self.scale, y), role, word, which)
                y += tall
            y += BLOCK_PX * self.scale

    def words_at(self, place: QPointF) -> str:
        """T of a picture, or what its saliency is."""
        found = self._at(place)
        if found is None or self.arrays is None:
            return ""
        name, number, is_below = found
        t = f"T = {float(self.arrays[name + '_t'][number]):.3f}".replace("-", "−")
        return f"{t}\nwhere T changes most with a pixel: Σ |∂T/∂x| over channels" if is_below else t

    def rect_of(self, law: int, end: int, column: int) -> QRectF:
        """Where a picture is: of which law, from which end, the how manieth."""
        assert self.arrays is not None
        _, side = self._layout(self.arrays)
        y = 4 * self.scale + (2 * law + end) * self._tall(side) + law * BLOCK_PX * self.scale
        wide, high = self._size(side)
        x = self._left() + column * (wide + GAP_PX * self.scale)
        return QRectF(x, y, wide, high)

    # ---- pictures

    def _made(self, arrays: Arrays, scene: Scene) -> dict[str, list[QImage]]:
        made: dict[str, list[QImage]] = {}
        strongest = _strongest(arrays)
        for name, _, _ in LAWS:
            shape = scene.shape_of(arrays[name].shape[1])
            made[name] = [as_image(picture) for picture in pixels(arrays[name], shape, scene.image_range)]
            heats = arrays[name + "_saliency"].reshape(-1, *shape[1:]) / strongest
            made[name + "_saliency"] = [self._heat(heat) for heat in heats]
        return made

    def _heat(self, share: NDArray[Any]) -> QImage:
        """Clear where the critic does not look, of the critic's colour where it looks most."""
        opacity = np.nan_to_num(np.clip(share, 0, 1)).astype(np.float64)
        ink = np.broadcast_to(rgb_of(self.theme.critic_high), (opacity.size, 3))
        return image_of(pack(ink, opacity.ravel()).reshape(opacity.shape))

    # ---- places

    def _left(self) -> float:
        words = (*ENDS, *(word for _, _, word in LAWS))
        return EDGE_PX * self.scale + max(map(self._metrics().horizontalAdvance, words)) + 10 * self.scale

    def _line(self) -> float:
        return self._metrics().height()

    def _rows(self) -> int:
        return 2 if self.is_salient else 1

    def _size(self, side: float) -> tuple[float, float]:
        """Width and height of a picture whose longer side is so long."""
        assert self.scene is not None
        assert self.scene.image_shape is not None
        _, rows, columns = self.scene.image_shape
        longest = max(rows, columns)
        return side * columns / longest, side * rows / longest

    def _tall(self, side: float) -> float:
        """Of a strip with its numbers."""
        _, high = self._size(side)
        return self._rows() * (high + GAP_PX * self.scale) + self._line() + 4 * self.scale

    def _layout(self, arrays: Arrays) -> tuple[int, float]:
        """How many pictures stand in a strip, and the longer side of each: as large as the height allows."""
        most = len(arrays["real_t"]) // 2
        room = self.width() - self._left() - EDGE_PX * self.scale
        spare = self.height() - (BLOCK_PX + 8) * self.scale - 4 * (self._line() + 4 * self.scale)
        _, high = self._size(1.0)
        by_height = spare / (4 * self._rows()) / high - GAP_PX * self.scale
        side = max(8.0, min(by_height, LARGEST_PX * self.scale))
        wide, _ = self._size(side)
        across = max(1, min(most, int(room / (wide + GAP_PX * self.scale))))
        return across, side

    def _at(self, place: QPointF) -> tuple[str, int, bool] | None:
        if self.arrays is None:
            return None
        across, _ = self._layout(self.arrays)
        for law, (name, _, _) in enumerate(LAWS):
            half = len(self.arrays[name + "_t"]) // 2
            for end in range(2):
                for column, number in enumerate(_numbers(end, half, across)):
                    rect = self.rect_of(law, end, column)
                    below = rect.translated(0, rect.height() + GAP_PX * self.scale)
                    if rect.contains(place) or (self.is_salient and below.contains(place)):
                        return name, number, not rect.contains(place)
        return None

    # ---- painting

    def _paint_name(self, painter: QPainter, at: QPointF, role: str, word: str, which: str) -> None:
        metrics = self._metrics()
        for line, (text, ink) in enumerate(((word, role), (which, "text"))):
            painter.setPen(QColor(getattr(self.theme, ink)))
            painter.drawText(at + QPointF(0, metrics.ascent() + line * metrics.height()), text)

    def _paint_strip(self, painter: QPainter, y: float, name: str, numbers: range, arrays: Arrays) -> None:
        _, side = self._layout(arrays)
        wide, high = self._size(side)
        step, gap = wide + GAP_PX * self.scale, GAP_PX * self.scale
        for column, number in enumerate(numbers):
            rect = QRectF(self._left() + column * step, y, wide, high)
            self._draw(painter, rect, self._images[name][number])
            if self.is_salient:
                rect.translate(0, high + gap)
                painter.setOpacity(FAINT)
                self._draw(painter, rect, self._images[name][number])
                painter.setOpacity(1.0)
                self._draw(painter, rect, self._images[name + "_saliency"][number])
            t = f"{float(arrays[name + '_t'][number]):.2f}".replace("-", "−")
            painter.setPen(QColor(self.theme.muted))
            if self._metrics().horizontalAdvance(t) <= step or column % 2 == 0:
                line = QRectF(rect.left() - gap, rect.bottom() + 1, wide + 2 * gap, self._line())
                painter.drawText(line, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, t)

    def _draw(self, painter: QPainter, rect: QRectF, image: QImage) -> None:
        is_small = image.width() > rect.width() * self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=is_small)
        painter.drawImage(rect, image)


def _numbers(end: int, half: int, across: int) -> range:
    """Places in the arrays, half of which are of either end: where there is no room for all, the outermost ones."""
    return range(min(half, across)) if end == 0 else range(2 * half - min(half, across), 2 * half)


def _strongest(arrays: Arrays) -> float:
    """The saliency that has the whole colour: the same for all, so that they can be compared."""
    every = np.concatenate([arrays[name + "_saliency"].ravel() for name, _, _ in LAWS])
    every = every[np.isfinite(every)]
    return max(float(np.quantile(every, STRONGEST)), 1e-12) if len(every) else 1.0
