"""The fonts of this machine, and letters drawn with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.registry import RecipeError

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SUFFIXES: Final = (".ttf", ".otf", ".ttc")

FILL: Final = 0.72
"""Height or width of the largest letter of a font, as a share of the side of its picture."""

MISSING: Final = "\uffff"
"""No font has this letter: what is drawn in its place is what a font draws for letters that it lacks."""

ALIKE: Final = 0.9
"""A font whose letters are not told apart by more than this share of them draws boxes or symbols."""


def font_folders() -> tuple[Path, ...]:
    """Where this system keeps its fonts and the user's."""
    home = Path.home()
    places: Mapping[str, tuple[Path, ...]] = MappingProxyType(
        {
            "darwin": (Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"),
            "win32": (
                Path(os.environ.get("WINDIR", r"C:\Windows")) / "Fonts",
                Path(os.environ.get("LOCALAPPDATA", home / r"AppData\Local")) / r"Microsoft\Windows\Fonts",
            ),
        }
    )
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local/share"))
    unix = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), data / "fonts", home / ".fonts")
    return places.get(sys.platform, unix)


def font_files(folder: str) -> tuple[Path, ...]:
    """All font files below a folder, or with no folder below those of the system, by their names."""
    folders = (Path(folder).expanduser(),) if folder else font_folders()
    found = {path for place in folders for path in place.rglob("*") if path.suffix.lower() in SUFFIXES}
    return tuple(sorted(found, key=lambda path: (path.name, str(path))))


@lru_cache(maxsize=4)
def letters(folder: str, characters: str, most: int, side: int) -> Tensor:
    """Pictures of letters by fonts: white on black, one letter in the middle of each.

    Args:
        folder: where the fonts are; empty for those of the system.
        characters: which letters, K of them.
        most: how many fonts are taken at most, F; a choice spread over all there are, the same whenever they are.
        side: of the pictures, pixels.

    Returns:
        Shape (F, K, side, side), uint8.

    Raises:
        RecipeError: there is no font with these letters.
    """
    files = font_files(folder)
    order = torch.randperm(len(files), generator=torch.Generator().manual_seed(0)).tolist()
    made: list[NDArray[np.uint8]] = []
    for drawn in _drawn((files[place] for place in order), characters, side):
        made.append(drawn)
        if len(made) == most:
            break
    if not made:
        where = folder or ", ".join(str(place) for place in font_folders())
        raise RecipeError("data.folder", f"no font with these letters was found in {where}; name a folder that has one")
    return torch.from_numpy(np.stack(made))


def _drawn(files: Iterator[Path], characters: str, side: int) -> Iterator[NDArray[np.uint8]]:
    """Letters of those fonts that have all of them, shape (K, side, side) each."""
    # Pillow takes a quarter of a second to import, which only recipes with letters should pay.
    from PIL import ImageFont

    for path in files:
        try:
            font = ImageFont.truetype(path, side)
            font = font.font_variant(size=_fitting(font, characters, side))
            pictures = np.stack([_letter(font, character, side) for character in characters])
            absent = _letter(font, MISSING, side)
        except (OSError, ValueError):  # not a font that can be scaled, whatever its name says
            continue
        if _tells_apart(pictures, absent):
            yield pictures


def _fitting(font: FreeTypeFont, characters: str, side: int) -> int:
    boxes = [font.getbbox(character) for character in characters]
    largest = max(max(right - left, bottom - top) for left, top, right, bottom in boxes)
    return max(1, round(FILL * side * side / max(1, largest)))


def _letter(font: FreeTypeFont, character: str, side: int) -> NDArray[np.uint8]:
    from PIL import Image, ImageDraw

    picture = Image.new("L", (side, side))
    left, top, right, bottom = font.getbbox(character)
    corner = ((side - left - right) / 2, (side - top - bottom) / 2)
    ImageDraw.Draw(picture).text(corner, character, fill=255, font=font)
    return np.asarray(picture)


def _tells_apart(pictures: NDArray[np.uint8], absent: NDArray[np.uint8]) -> bool:
    """Whether nearly all letters differ, and none is what the font draws for a letter that it lacks, or nothing."""
    distinct = {picture.tobytes() for picture in pictures}
    has_all = absent.tobytes() not in distinct and all(picture.any() for picture in pictures)
    return has_all and len(distinct) > ALIKE * len(pictures)
