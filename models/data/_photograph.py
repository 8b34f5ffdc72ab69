"""One picture file of any kind, as bytes of the size that is asked for."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

Fit = Literal["crop", "squeeze"]

ENDINGS: Final = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")

PAPER: Final = (255, 255, 255, 255)
"""What shows through transparent pixels: white."""

DEEP: Final = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
"""Modes whose levels are not bytes: pillow cuts them off at 255 where it is left to turn them into bytes."""


class Unreadable(Exception):
    """A file that is no picture, or a broken one: why, as a clause that follows its name."""


@dataclass(frozen=True)
class Size:
    """What a picture is brought to.

    Attributes:
        side: rows and columns.
        is_grey: whether colours become grey levels.
        fit: whether the middle square is cut out, or the whole is squeezed into a square.
    """

    side: int
    is_grey: bool
    fit: Fit

    @property
    def channels(self) -> int:
        """Planes of a picture."""
        return 1 if self.is_grey else 3


def read_photograph(file: Path, size: Size) -> NDArray[np.uint8]:
    """The levels of a picture, shape (channels · side²,), plane by plane.

    It is turned as its EXIF data say; transparent pixels lie on white; of an animation the first picture counts, of 16
    bits the upper eight.

    Raises:
        Unreadable: there is no such picture.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of oddities that are no harm
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as image:
                return _levels(image, size)
    except Exception as error:  # noqa: BLE001  decoders of broken files raise whatever they run into
        raise Unreadable(_reason(file, error)) from None


def _levels(image: Image.Image, size: Size) -> NDArray[np.uint8]:
    mode = "L" if size.is_grey else "RGB"
    image.draft(mode, (2 * size.side, 2 * size.side))  # large JPEG files are decoded in a smaller size at once
    upright = ImageOps.exif_transpose(image)
    square = _square(_plain(upright, mode), size)
    planes = np.asarray(square, np.uint8).reshape(size.side, size.side, size.channels)
    return np.ascontiguousarray(planes.transpose(2, 0, 1)).reshape(-1)


def _plain(image: Image.Image, mode: str) -> Image.Image:
    if image.mode in DEEP:
        return _shallow(image).convert(mode)
    if not image.has_transparency_data:
        return image.convert(mode)
    clear = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", clear.size, PAPER), clear).convert(mode)


def _shallow(image: Image.Image) -> Image.Image:
    """Grey levels of 16 bits, or floating-point ones, as bytes."""
    values = np.asarray(image, np.float64)
    low, high = float(values.min()), float(values.max())
    if image.mode != "F" and 255 < high <= 65_535 and low >= 0:
        values = values / 257
    elif low < 0 or high > 255 or (image.mode == "F" and high <= 1):
        values = (values - min(low, 0)) * (255 / (max(high, 1) - min(low, 0)))
    return Image.fromarray(np.nan_to_num(values).round().clip(0, 255).astype(np.uint8))


def _square(image: Image.Image, size: Size) -> Image.Image:
    sides, method = (size.side, size.side), Image.Resampling.BICUBIC
    if size.fit == "squeeze":
        return image.resize(sides, method, reducing_gap=3.0)
    return ImageOps.fit(image, sides, method)


def _reason(file: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "is gone"
    if isinstance(error, (Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return "has too many pixels"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    if _is_empty(file):
        return "is empty"
    if isinstance(error, UnidentifiedImageError):
        return "is not a picture"
    return "is truncated" if "truncated" in str(error).lower() else "is broken"


def _is_empty(file: Path) -> bool:
    try:
        return file.stat().st_size == 0
    except OSError:
        return False
