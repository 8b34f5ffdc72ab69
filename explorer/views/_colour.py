"""Colour maps made from the theme's few colours, even to the eye.

Lightness and hue are handled in OKLab, where equal distances look equal. Source: B. Ottosson, "A perceptual color space
for image processing" (2020), the two matrices below.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

Floats = NDArray[np.float64]
Table = NDArray[np.uint32]

_TO_LMS: Final = np.array([
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
])  # fmt: skip
_TO_LAB: Final = np.array([
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
])  # fmt: skip


def rgb_of(name: str) -> Floats:
    """A named colour as sRGB in [0, 1], shape (3,)."""
    made = QColor(name)
    return np.array([made.redF(), made.greenF(), made.blueF()])


def to_oklab(rgb: Floats) -> Floats:
    """SRGB in [0, 1], shape (..., 3), to OKLab."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T


def from_oklab(lab: Floats) -> Floats:
    """OKLab, shape (..., 3), to sRGB; what no screen can show is clipped to [0, 1]."""
    linear = ((lab @ np.linalg.inv(_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def even_alpha(ground: str, name: str, strongest: float, n: int = 256) -> Floats:
    """Opacities in [0, strongest], shape (n,), for which the colour over the ground changes evenly to the eye."""
    alpha = np.linspace(0.0, strongest, 512)
    blend = (1 - alpha)[:, None] * rgb_of(ground) + alpha[:, None] * rgb_of(name)
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(to_oklab(blend), axis=0), axis=1))])
    return np.interp(np.linspace(0, way[-1], n), way, alpha)


def pack(rgb: Floats, alpha: Floats | float = 1.0) -> Table:
    """Colours (n, 3) and opacities (n,) in [0, 1] as premultiplied ARGB words, as QImage holds them."""
    opacity = np.broadcast_to(alpha, rgb.shape[:-1])
    red, green, blue = np.moveaxis(np.rint(rgb * opacity[..., None] * 255).astype(np.uint32), -1, 0)
    return (np.rint(opacity * 255).astype(np.uint32) << 24) | (red << 16) | (green << 8) | blue


@lru_cache(maxsize=64)
def ramp(ground: str, name: str, strongest: float = 0.85) -> Table:
    """256 steps from nothing to the colour, even to the eye over this ground."""
    return pack(np.tile(rgb_of(name), (256, 1)), even_alpha(ground, name, strongest))


@lru_cache(maxsize=64)
def diverging(ground: str, low: str, high: str, strongest: float = 0.75) -> Table:
    """256 steps from one colour through nothing to the other."""
    down = pack(np.tile(rgb_of(low), (128, 1)), even_alpha(ground, low, strongest, 128))
    up = pack(np.tile(rgb_of(high), (128, 1)), even_alpha(ground, high, strongest, 128))
    return np.concatenate([down[::-1], up])


@lru_cache(maxsize=64)
def greys(ground: str, text: str) -> Table:
    """256 steps of lightness from near the ground to most of the text's colour: leaves hue free for points on top."""
    ends = to_oklab(np.stack([rgb_of(ground), rgb_of(text)]))
    share = np.linspace(0.06, 0.62, 256)[:, None]
    return pack(from_oklab((1 - share) * ends[0] + share * ends[1]))


def wheel(n: int, lightness: float, chroma: float = 0.145) -> Floats:
    """``n`` hues round the circle at one lightness and chroma, shape (n, 3): no place on it stands out."""
    angle = 2 * np.pi * (np.arange(n) / n) + np.deg2rad(25)
    lab = np.stack([np.full(n, lightness), chroma * np.cos(angle), chroma * np.sin(angle)], axis=-1)
    return from_oklab(lab)


def look_up(table: Table, values: NDArray[Any], low: float, high: float) -> Table:
    """Each value's colour: ``low`` has the first of the 256, ``high`` the last; NaN has none."""
    span = max(high - low, 1e-30)
    index = np.clip((values - low) * (255.999 / span), 0, 255)
    missing = np.isnan(index)
    colours = table[np.where(missing, 0, index).astype(np.uint8)]
    colours[missing] = 0
    return colours
