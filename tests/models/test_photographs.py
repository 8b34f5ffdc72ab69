"""A folder of pictures of every kind: how each is read, and what becomes of those that cannot be."""

from __future__ import annotations

import os

import numpy as np
import pytest
import torch
from PIL import Image

from models.data import DATA, Data
from models.data._photograph import Size, Unreadable, read_photograph
from models.data._photographs import Photographs
from models.measures import MEASURES
from models.measures._base import Reference
from models.measures._features import features_of
from models.registry import RecipeError

from .picture_files import write_folder

COLOUR, GREY = Size(8, False, "crop"), Size(8, True, "crop")
RED = (255, 0, 0)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def folder_of(path, **options) -> Data:
    return DATA.parse({"key": "image_folder", "path": str(path), "resolution": 8, **options}, "data")


def halves(size: tuple[int, int] = (16, 16)) -> Image.Image:
    """Red above, blue below."""
    image = Image.new("RGB", size, RED)
    image.paste((0, 0, 255), (0, size[1] // 2, *size))
    return image


def planes(file, size: Size = COLOUR) -> np.ndarray:
    return read_photograph(file, size).reshape(size.channels, 8, 8)


@pytest.mark.parametrize("ending", ["png", "bmp", "tif", "webp", "gif", "jpg"])
def test_every_kind_is_read_with_the_same_colours(tmp_path, ending):
    file = tmp_path / f"picture.{ending}"
    halves().save(file, **({"lossless": True} if ending == "webp" else {}))
    found = planes(file)
    assert np.allclose(found[:, 1, 4], RED, atol=6)
    assert np.allclose(found[:, 6, 4], (0, 0, 255), atol=6)


MODES = {
    "L": Image.new("L", (9, 9), 120),
    "LA": Image.new("LA", (9, 9), (120, 255)),
    "1": Image.new("1", (9, 9), 1),
    "P": Image.new("RGB", (9, 9), RED).quantize(4),
    "RGBA": Image.new("RGBA", (9, 9), (*RED, 255)),
    "I;16": Image.fromarray(np.full((9, 9), 120 * 257, np.uint16)),
}
LEVELS = {"L": (120,) * 3, "LA": (120,) * 3, "1": (255,) * 3, "P": RED, "RGBA": RED, "I;16": (120,) * 3}


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_its_levels(tmp_path, mode):
    MODES[mode].save(tmp_path / "picture.png")
    assert (planes(tmp_path / "picture.png")[:, 4, 4] == LEVELS[mode]).all()


def test_printers_colours_and_floating_point_levels(tmp_path):
    Image.new("CMYK", (9, 9), (0, 255, 255, 0)).save(tmp_path / "cmyk.tif")
    Image.fromarray(np.full((9, 9), 0.5, np.float32)).save(tmp_path / "float.tif")
    assert np.allclose(planes(tmp_path / "cmyk.tif")[:, 4, 4], RED, atol=2)
    assert abs(int(planes(tmp_path / "float.tif", GREY)[0, 4, 4]) - 128) <= 1


def test_clear_pixels_lie_on_white(tmp_path):
    Image.new("RGBA", (9, 9), (*RED, 0)).save(tmp_path / "clear.png")
    Image.new("RGB", (9, 9), RED).quantize(4).save(tmp_path / "palette.gif", transparency=0)
    for name in ("clear.png", "palette.gif"):
        assert (planes(tmp_path / name)[:, 4, 4] == 255).all()


def test_a_turned_camera_is_turned_back(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the scene is at the right
    halves().rotate(90, expand=True).save(tmp_path / "turned.jpg", exif=exif, quality=95)
    assert np.allclose(planes(tmp_path / "turned.jpg")[:, 1, 4], RED, atol=12)


def test_of_an_animation_the_first_picture_counts(tmp_path):
    Image.new("RGB", (9, 9), RED).save(
        tmp_path / "moving.gif", save_all=True, append_images=[Image.new("RGB", (9, 9), (0, 255, 0))]
    )
    assert (planes(tmp_path / "moving.gif")[:, 4, 4] == RED).all()


def test_the_middle_is_cut_out_or_the_whole_is_squeezed(tmp_path):
    wide = Image.new("RGB", (48, 16), (0, 0, 255))
    wide.paste(RED, (16, 0, 32, 16))
    wide.save(tmp_path / "wide.png")
    assert (planes(tmp_path / "wide.png")[:, 4, 1] == RED).all()
    squeezed = planes(tmp_path / "wide.png", Size(8, False, "squeeze"))
    assert squeezed[2, 4, 0] > 200
    assert squeezed[0, 4, 4] > 200


def truncated(file) -> None:
    halves((64, 64)).save(file, quality=95)
    file.write_bytes(file.read_bytes()[:600])


BROKEN = {
    "empty.png": (lambda file: file.write_bytes(b""), "is empty"),
    "text.jpg": (lambda file: file.write_text("no picture"), "is not a picture"),
    "short.jpg": (truncated, "is truncated"),
    "gone.png": (lambda _: None, "is gone"),
    "folder.png": (lambda file: file.mkdir(), "is a directory"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_says_what_is_wrong(tmp_path, name):
    make, reason = BROKEN[name]
    make(tmp_path / name)
    with pytest.raises(Unreadable, match=f"^{reason}$"):
        read_photograph(tmp_path / name, COLOUR)


def test_too_many_pixels_are_refused_before_they_are_read(tmp_path, monkeypatch):
    halves().save(tmp_path / "vast.png")
    for most in (200, 100):  # beyond the first pillow warns, beyond twice it refuses
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
        with pytest.raises(Unreadable, match="has too many pixels"):
            read_photograph(tmp_path / "vast.png", COLOUR)


def test_the_next_picture_stands_in_for_a_broken_one_which_is_named(tmp_path):
    write_folder(tmp_path, 20)
    (tmp_path / "dark" / "000.png").write_bytes(b"")
    (tmp_path / "light" / "003.png").write_text("x")
    law = folder_of(tmp_path)
    x, labels = law.draw_told(300, seeded(0))
    assert law.size == 20
    assert torch.equal(x, law.draw(300, seeded(0)))
    assert len(x.unique(dim=0)) == 18
    assert law.remark.startswith("Left out, because they cannot be read, 2 of 20 pictures: ")
    assert f"dark{os.sep}000.png is empty" in law.remark
    rows, told = law.training_set(seeded(0)), law.told_training_set(seeded(0))[1]
    assert rows.shape == (20, 192)
    assert all(told[(rows == row).all(1)][0] == label for row, label in zip(x, labels, strict=True))


def test_a_folder_that_is_emptied_while_it_trains_is_told_at_last(tmp_path):
    law = folder_of(write_folder(tmp_path, 10))
    law.draw(3, seeded(0))
    for file in tmp_path.rglob("*.png"):
        file.unlink()
    with pytest.raises(RecipeError, match=r"^data.path: .*more than half of it cannot be read. .* is gone") as caught:
        law.draw(300, seeded(1))
    assert "\n" not in str(caught.value)
    write_folder(tmp_path, 10)
    assert len(law.draw(300, seeded(1)).unique(dim=0)) == 10  # it was a disk that is plugged in again
    assert not law.remark


@pytest.mark.parametrize("layout", ["dark", "."])
def test_subfolders_are_classes_where_there_are_some(tmp_path, layout):
    law = folder_of(write_folder(tmp_path, 10) / layout)
    assert law.class_names == (("dark", "light") if layout == "." else ())


def test_classes_of_a_folder_are_learnt_and_counted_even_if_one_cannot_be_read(tmp_path, monkeypatch):
    monkeypatch.setenv("PUSHFORWARD_CACHE", str(tmp_path / "cache"))
    write_folder(tmp_path / "all", 10)
    (tmp_path / "all" / "void").mkdir()
    (tmp_path / "all" / "void" / "broken.png").write_bytes(b"")
    law = folder_of(tmp_path / "all")
    law.draw(40, seeded(0))
    assert features_of(law).classes == 3
    found = MEASURES["classes_covered"]().evaluate(
        law.draw(40, seeded(1)), Reference(law.draw(40, seeded(2)), law), seeded(3)
    )
    assert found == 2


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path, "holds no pictures; looked for: .png, .jpg"),
        (lambda path: path / "none", "No such file or directory"),
        (lambda path: ((path / "f.png").write_bytes(b"") and None) or path / "f.png", "is not a folder"),
        (lambda path: "", "is empty; it must name a folder of pictures"),
    ],
)
def test_a_folder_without_pictures_is_refused(tmp_path, make, problem):
    with pytest.raises(RecipeError, match=problem) as caught:
        folder_of(make(tmp_path))
    assert caught.value.path == "data.path"


def test_names_alone_are_read_until_pictures_are_asked_for(tmp_path):
    write_folder(tmp_path, 6)
    for file in tmp_path.rglob("*.png"):
        file.write_bytes(b"no picture at all")
    law = folder_of(tmp_path, resolution=400)
    assert (law.size, law.dimension, law.class_names) == (6, 480_000, ("dark", "light"))


def test_only_so_many_bytes_are_kept(tmp_path):
    write_folder(tmp_path, 12)
    names = tuple(sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*.png")))
    shelf = Photographs(tmp_path, names, COLOUR, limit=5 * 192)
    first, _ = shelf.read(torch.arange(12))
    assert sum(levels.nbytes for levels in shelf._kept.values()) == 5 * 192
    assert torch.equal(shelf.read(torch.arange(12))[0], first)


def test_many_pictures_are_streamed_and_few_are_looked_at(tmp_path, monkeypatch):
    import models.data.image_folder as module

    law = folder_of(write_folder(tmp_path, 12))
    assert not law.is_streamed
    monkeypatch.setattr(module, "AT_ONCE", 11)
    monkeypatch.setattr(module, "LOOKED_AT", 5)
    assert law.is_streamed
    assert law.training_set(seeded(0)) is None
    assert len(law.specimens(1000, seeded(0)).unique(dim=0)) == 5
