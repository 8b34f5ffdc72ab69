"""A small picture of data beside samples, made from arrays alone: no screen, no fonts, no plotting library."""

from __future__ import annotations

import math
import struct
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 480
"""Pixels of each of the two squares."""

SEEN: Final = 64
"""Pixels of the longer side of a picture in a sheet, at most, where its own are fewer …"""

MOST_ENLARGED: Final = 1 << 24
"""… and of all pictures together."""

GAP: Final = 12
GROUND: Final = (18, 21, 26)
DATA: Final = (86, 180, 233)
MODEL: Final = (240, 163, 58)

Points = NDArray[np.float32]
Pixels = NDArray[np.uint8]


def figure(real: Points, samples: Points, image_shape: tuple[int, int, int] | None) -> bytes:
    """Data on the left, samples on the right, as a PNG.

    Args:
        real: samples of P_X, shape (M, d).
        samples: of P_θ, shape (N, d); rows that are not finite are left out.
        image_shape: channels, rows and columns of a sample that is a picture.
    """
    samples = samples[np.isfinite(samples).all(axis=1)]
    if image_shape:
        left, right = (mosaic(part, image_shape, limits(real)) for part in (real, samples))
    elif real.shape[1] == 1:
        edges = np.linspace(*limits(real), 121)
        left, right = (bars(part[:, 0], edges, colour) for part, colour in ((real, DATA), (samples, MODEL)))
    else:
        frame = square_around(real[:, :2])
        left, right = (cloud(part[:, :2], frame, colour) for part, colour in ((real, DATA), (samples, MODEL)))
    gap = np.full((SIDE, GAP, 3), GROUND, dtype=np.uint8)
    return png(np.concatenate([left, gap, right], axis=1))


def limits(x: Points) -> tuple[float, float]:
    """Least and greatest number, apart from each other."""
    low, high = float(x.min()), float(x.max())
    margin = 0.1 * (high - low) or 0.5
    return low - margin, high + margin


def square_around(x: Points) -> NDArray[np.float64]:
    """A square with a margin that holds all points: [[left, right], [bottom, top]]."""
    low, high = x.min(axis=0).astype(float), x.max(axis=0).astype(float)
    half = 0.6 * max(float((high - low).max()), 1e-6)
    middle = (low + high) / 2
    return np.stack([middle - half, middle + half], axis=1)


def cloud(x: Points, frame: NDArray[np.float64], colour: tuple[int, int, int]) -> Pixels:
    """Points as a raster; brightness grows with the logarithm of how many fall on a pixel."""
    cells = SIDE // 2
    counts, _, _ = np.histogram2d(x[:, 0], x[:, 1], bins=cells, range=frame.tolist())
    glow = np.log1p(counts.T[::-1]) / max(np.log1p(counts).max(), 1.0)
    strength = np.where(glow > 0, 0.35 + 0.65 * glow, 0.0)
    return tint(strength.repeat(2, axis=0).repeat(2, axis=1), colour)


def bars(x: NDArray[np.float32], edges: NDArray[np.float64], colour: tuple[int, int, int]) -> Pixels:
    """A histogram as filled bars, the tallest nine tenths of the square."""
    counts, _ = np.histogram(x, bins=edges)
    heights = (0.9 * SIDE * counts / max(counts.max(), 1)).repeat(SIDE // len(counts))
    return tint((np.arange(SIDE)[::-1, None] < heights[None]).astype(float), colour)


def mosaic(x: Points, shape: tuple[int, int, int], span: tuple[float, float]) -> Pixels:
    """The first 64 samples as a chessboard of pictures, apart by a tenth of their width or more."""
    _, height, width = shape
    pictures = np.zeros((64, height, width, 3))
    planes = ((x[:64] - span[0]) / (span[1] - span[0])).reshape(-1, *shape)
    pictures[: len(planes)] = planes.transpose(0, 2, 3, 1)
    apart = -(-width // 10)
    board = np.pad(pictures, ((0, 0), (0, apart), (0, apart), (0, 0))).reshape(8, 8, height + apart, width + apart, 3)
    flat = board.transpose(0, 2, 1, 3, 4).reshape(8 * (height + apart), 8 * (width + apart), 3)
    y = np.arange(SIDE) * flat.shape[0] // SIDE
    picked = flat[y][:, np.arange(SIDE) * flat.shape[1] // SIDE].clip(0, 1)
    ground = np.array(GROUND)
    return (ground + picked * (255 - ground)).round().astype(np.uint8)


def sheet(x: Points, shape: tuple[int, int, int], span: tuple[float, float]) -> Pixels:
    """Samples as pictures beside one another, apart by a tenth of their width or more, small ones made larger.

    A pixel is then a square of several, as large as leaves a picture within ``SEEN`` and all in ``MOST_ENLARGED``.

    Args:
        x: shape (N, d); what is not finite is black.
        shape: channels, rows and columns.
        span: the values of black and of white.
    """
    count, (_, height, width) = len(x), shape
    times = max(1, min(SEEN // max(height, width), math.isqrt(MOST_ENLARGED // (count * height * width))))
    across = math.ceil(math.sqrt(count * height / width))
    down, apart = math.ceil(count / across), max(1, width // 10)
    levels = (np.nan_to_num(x.reshape(-1, *shape), nan=span[0]) - span[0]) * (255 / (span[1] - span[0]))
    board = np.empty((down * (height + apart) + apart, across * (width + apart) + apart, 3), np.uint8)
    board[:] = GROUND
    for number, planes in enumerate(levels.clip(0, 255).round().astype(np.uint8)):
        top, left = (
            apart + place * (side + apart) for place, side in zip(divmod(number, across), (height, width), strict=True)
        )
        board[top : top + height, left : left + width] = planes.transpose(1, 2, 0)
    return board.repeat(times, axis=0).repeat(times, axis=1)


def tint(strength: NDArray[np.float64], colour: tuple[int, int, int]) -> Pixels:
    """Blend from the ground (0) to a colour (1): shape (H, W) to (H, W, 3)."""
    ground = np.array(GROUND, dtype=float)
    return (ground + strength[..., None] * (np.array(colour) - ground)).round().astype(np.uint8)


def png(pixels: Pixels) -> bytes:
    """Pixels, shape (H, W, 3), as a PNG file (ISO/IEC 15948: true colour, 8 bits, no filter)."""
    height, width, _ = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts: tuple[tuple[bytes, Any], ...] = (
        (b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b"")
    )  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
