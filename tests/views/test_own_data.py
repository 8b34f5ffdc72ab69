"""Files of a person's own: what they are taken for, and how the window comes to ask for one."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from explorer.session import commands, messages
from explorer.window.own_data import own_data

from .fake_session import RECIPE

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

PICTURES = np.zeros((6, 4, 4), np.uint8)
CLASSES = np.arange(6, dtype=np.uint8)


def idx(array):
    return struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def place(tmp_path):
    """Write a file of arrays or bytes under a name with a space and an accent in its folder."""
    folder = tmp_path / "mes images é"
    folder.mkdir()

    def write(name, content):
        target = folder / name
        if isinstance(content, dict):
            np.savez(target, **content)
        elif isinstance(content, np.ndarray):
            np.save(target, content)
        else:
            target.write_bytes(content)
        return target

    return write


@pytest.mark.parametrize(
    ("arrays", "options"),
    [
        ({"x": np.zeros((6, 2))}, {"key": "table"}),
        ({"x": PICTURES}, {"key": "image_arrays"}),
        ({"images": PICTURES / 16, "target": CLASSES}, {"key": "image_arrays", "label": "target"}),
        ({"images": np.zeros((6, 3, 4, 4)), "ids": np.arange(7)}, {"key": "image_arrays"}),
        ({"x": np.zeros((6, 2, 4, 4))}, {"key": "table"}),
        ({"x": np.array([None, {}])}, {"key": "table"}),
    ],
    ids=["rows", "pictures", "classes", "others", "two channels", "objects"],
)
def test_arrays_are_pictures_or_a_table_by_their_headers(place, arrays, options):
    path = place("own.npz", arrays)
    own = own_data(path)
    assert own.part == {"path": str(path), **options}
    assert own.told == ""


def test_an_array_alone_is_pictures_or_a_table(place):
    assert own_data(place("a.npy", PICTURES)).part["key"] == "image_arrays"
    assert own_data(place("b.npy", CLASSES)).part["key"] == "table"
    assert own_data(place("c.npz", b"PK no archive")).part["key"] == "table"


def test_what_else_could_have_been_meant_is_told(place):
    split = {"x_test": np.zeros((9, 4, 4)), "x_train": PICTURES, "y_test": np.zeros(9, int), "y_train": CLASSES}
    own = own_data(place("mnist.npz", split))
    assert (own.part["images"], own.part["label"]) == ("x_train", "y_train")
    assert own.told == ("mnist.npz holds more than one array of pictures: x_test, x_train. This run learns x_train.")
    own = own_data(place("two.npz", {"images": PICTURES, "coarse": CLASSES, "fine": CLASSES}))
    assert "label" not in own.part
    assert own.told.startswith("Each of coarse, fine could be the classes")
    own = own_data(place("both.npz", {"data": np.zeros((6, 16)), "images": PICTURES, "target": CLASSES}))
    assert own.told == "It holds numbers in rows, too (data): “Table from a file” learns those."


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "zipped"])
def test_the_two_idx_files_of_a_set_find_one_another(place, pack):
    ending = "" if pack is bytes else ".gz"
    alone = place(f"other{ending}", pack(idx(PICTURES)))
    pictures = place(f"t10k-images-idx3-ubyte{ending}", pack(idx(PICTURES)))
    classes = place("t10k-labels-idx1-ubyte", idx(CLASSES))
    both = {"key": "idx", "path": str(pictures), "labels_path": str(classes)}
    assert own_data(pictures).part == own_data(classes).part == both
    assert own_data(alone).part == {"key": "idx", "path": str(alone)}
    place("t10k-labels-idx1-ubyte", idx(CLASSES[:5]))  # of other pictures
    assert own_data(pictures).part == {"key": "idx", "path": str(pictures)}


def test_what_is_no_data_is_none_or_said_plainly(place, window):
    assert own_data(place("notes.doc", b"x")) is None
    window.documents.open(place("one.jpg", b"x"))
    assert window.banner._text.text() == "one.jpg is one picture: open the folder that holds it and others."


def refuse(session, window, path, problem, settings=()):
    asked = session.of(commands.Start)[-1]
    session.coming.append(messages.Refused(asked.run, path, problem, settings))
    window.conductor.poll()
    return asked


def test_data_without_a_file_are_asked_for_it(window, session, place):
    window.conductor.fill_panel()
    window.parts.panel.recipe_changed.emit({**RECIPE, "data": {"key": "table", "path": ""}})
    refuse(session, window, "data.path", "is empty; it must name a file")
    assert not window.banner.isVisible()
    assert window.parts.panel.recipe()["data"] == {"key": "ring"}
    dialog = window.documents.dialog
    assert dialog.fileMode() is QFileDialog.FileMode.ExistingFile
    points = place("points.csv", b"1,2\n")
    dialog.selectFile(str(points))
    dialog.accept()
    asked = session.of(commands.Start)[-1]
    assert asked.recipe["data"] == {"key": "table", "path": str(points)}
    assert window.parts.panel.recipe()["data"] == asked.recipe["data"]
    refuse(session, window, "data.path", "is damaged")  # what was named is not asked for again
    assert "is damaged" in window.banner._text.text()
    assert window.parts.panel.recipe()["data"] == {"key": "ring"}


def test_all_that_gives_way_to_new_data_is_told_with_what_was_chosen(window, session):
    window.conductor.learn({"key": "table", "path": "two.npz"}, "two", "It holds two tables. This run learns x.")
    refuse(session, window, "batch_size", "128 is too many", ("batch_size=6",))
    refuse(session, window, "latent.dimension", "k must be d", ("latent.dimension=16",))
    again = session.of(commands.Start)[-1]
    assert (again.recipe["batch_size"], again.recipe["latent"]["dimension"]) == (6, 16)
    session.coming.append(messages.Started(again.run, {**RECIPE, "data": again.recipe["data"]}, "two.npz", 0, "w"))
    window.conductor.poll()
    text = window.banner.remark.text
    assert text.startswith("It holds two tables. This run learns x. batch size: 128 is too many, so this run takes")
    assert text.endswith("k must be d, so this run takes latent.dimension 16.")


def test_what_follows_from_an_option_of_the_data_is_set_and_told(window, session):
    window.conductor.learn({"key": "table", "path": "a.csv"}, "a")
    window.parts.panel.recipe_changed.emit({**RECIPE, "data": {"key": "table", "path": "b.csv"}})
    refuse(session, window, "latent.dimension", "k must be d", ("latent.dimension=16",))
    assert session.of(commands.Start)[-1].recipe["latent"]["dimension"] == 16
    assert not window.banner.isVisible()
