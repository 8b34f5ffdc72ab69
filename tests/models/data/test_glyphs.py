"""Letters from fonts: which fonts count, how letters stand, and what is said where there are none."""

from __future__ import annotations

import pytest
import torch
from PIL import ImageFont

from models.data import DATA, _fonts
from models.data._fonts import font_files, letters
from models.registry import RecipeError


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the one font that Pillow brings along, and two files that are no fonts."""
    place = tmp_path_factory.mktemp("fonts")
    (place / "within").mkdir()
    (place / "within" / "Aileron.TTF").write_bytes(ImageFont.load_default(10).path.getvalue())
    (place / "broken.ttf").write_bytes(b"no font")
    (place / "notes.txt").write_text("no font either")
    return str(place)


def test_one_font_is_found_and_drawn(folder):
    assert [path.name for path in font_files(folder)] == ["Aileron.TTF", "broken.ttf"]
    drawn = letters(folder, "AIO", 40, 32)
    assert (drawn.shape, drawn.dtype) == ((1, 3, 32, 32), torch.uint8)
    ink = drawn[0].float() / 255
    mirrored = ink.flip(2)
    # All three are their own mirror images, and stand in the middle but for half a pixel.
    assert ((ink - mirrored).abs().mean((1, 2)) < 0.05).all()
    assert ink[2, 14:18, 14:18].sum() == 0  # an O is hollow
    assert ink[1].sum() < 0.5 * ink[2].sum()  # an I has little ink


def test_letters_stand_upright_in_the_middle_without_variation(folder):
    law = DATA.parse({"key": "glyphs", "folder": folder, "variation": 0.0, "letters": "small", "resolution": 24})
    x, labels = law.draw_told(200, seeded(0))
    finer = letters(folder, "abcdefghijklmnopqrstuvwxyz", 40, 48)[0].float()
    still = torch.nn.functional.avg_pool2d(finer[:, None], 2).flatten(1)
    assert (x - (2 * still / still.amax(1, keepdim=True) - 1)[labels]).abs().max() <= 1.01 / 255
    assert law.class_names[:3] == ("a", "b", "c")


def test_variation_moves_letters_within_bounds(folder):
    options = {"key": "glyphs", "folder": folder, "resolution": 32}
    spread = []
    for variation in (0.0, 0.5, 1.0):
        law = DATA.parse({**options, "variation": variation})
        ink = (law.image_shape.view(law.draw(500, seeded(1)))[:, 0] + 1) / 2
        along = ((torch.arange(32) + 0.5) / 32 - 0.5) * ink.sum(1) / ink.sum((1, 2))[:, None]
        spread.append(along.sum(1).abs().max())
    assert float(spread[0]) < 0.09  # a letter need not be as wide on both sides
    assert spread[0] < spread[1] < spread[2] < 0.19


def test_without_a_font_one_line_says_so(tmp_path):
    law = DATA.parse({"key": "glyphs", "folder": str(tmp_path)})
    assert (law.dimension, law.class_names[25]) == (256, "Z")  # a recipe is checked without a font
    with pytest.raises(RecipeError, match=r"^data\.folder: no font with these letters was found in .*name a folder"):
        law.draw(1, seeded(0))


def test_a_font_that_draws_boxes_is_left_out(folder):
    with pytest.raises(RecipeError, match="no font with these letters"):
        letters(folder, "\u4e00\u4e8c\u4e09", 40, 32)  # Chinese, which Aileron lacks


@pytest.mark.parametrize(
    ("platform", "part"), [("linux", "/usr/share/fonts"), ("darwin", "/System/Library/Fonts"), ("win32", "Fonts")]
)
def test_every_system_has_its_folders(platform, part, monkeypatch):
    monkeypatch.setattr(_fonts.sys, "platform", platform)
    assert part in _fonts.font_folders()[0].as_posix()
