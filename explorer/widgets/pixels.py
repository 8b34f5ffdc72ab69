"""Samples that are pictures, as pixels."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

Pixels = NDArray[np.uint8]
"""Red, green, blue and opacity, shape (…, rows, columns, 4)."""

ImageShape = tuple[int, int, int]
"""Channels, rows and columns; the numbers of a sample stand plane by plane."""

OPAQUE: Final = 255


def pixels(samples: NDArray[Any], shape: ImageShape, levels: tuple[float, float]) -> Pixels:
    """Samples as pictures, one channel as grey levels and three as colours; pixels that are no numbers are clear.

    Args:
        samples: shape (N, d).
        shape: of one picture.
        levels: values of black and white.

    Returns:
        Shape (N, rows, columns, 4).
    """
    low, high = levels
    planes = np.asarray(samples, np.float32).reshape(-1, *shape)
    shades = np.rint(np.clip((planes - low) * (OPAQUE / (high - low)), 0, OPAQUE))
    finite = np.isfinite(planes)
    is_whole = bool(finite.all())
    seen = is_whole or finite.all(axis=1)
    made = np.full((len(planes), *shape[1:], 4), OPAQUE, np.uint8)
    for channel in range(3):
        plane = shades[:, min(channel, shape[0] - 1)]
        made[..., channel] = plane if is_whole else np.where(seen, plane, 0.0)
    made[..., 3] *= seen
    return made


def tiled(pictures: Pixels, across: int, gap: int = 1) -> Pixels:
    """Pictures, shape (N, h, w, 4), so many in a row, clear between them: row 0 is the top of the first row.

    Returns:
        Shape (rows · (h + gap) − gap, across · (w + gap) − gap, 4).
    """
    n, h, w, _ = pictures.shape
    rows = -(-n // across)
    sheet = np.zeros((rows * across, h + gap, w + gap, 4), np.uint8)
    sheet[:n, :h, :w] = pictures
    whole = sheet.reshape(rows, across, h + gap, w + gap, 4).swapaxes(1, 2)
    return np.ascontiguousarray(whole.reshape(rows * (h + gap), across * (w + gap), 4)[: -gap or None, : -gap or None])


def as_image(picture: Pixels) -> QImage:
    """Pixels, shape (h, w, 4), as an image that owns them."""
    height, width, _ = picture.shape
    own = np.ascontiguousarray(picture)
    return QImage(own.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
