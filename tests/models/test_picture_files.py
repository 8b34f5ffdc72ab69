"""Pictures from IDX files and arrays: what is read, and what is refused with one line that names the place."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
import torch

from models.data import DATA, Data
from models.experiment import Experiment
from models.registry import RecipeError
from models.training.trainer import Trainer
from models.training.witness import Witness

from .picture_files import by_class, idx_bytes, write_folder, write_published_idx


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def idx(tmp_path):
    """A data set from IDX files that hold these bytes."""

    def make(images: bytes, labels: bytes | None = None, **options) -> Data:
        (tmp_path / "pictures").write_bytes(images)
        if labels is not None:
            (tmp_path / "classes").write_bytes(labels)
            options["labels_path"] = str(tmp_path / "classes")
        return DATA.parse({"key": "idx", "path": str(tmp_path / "pictures"), **options}, "data")

    return make


def levels_of(law: Data) -> np.ndarray:
    return ((law.training_set(seeded(0)) + 1) * 127.5).round().numpy().astype(np.uint8)


PICTURES = by_class(12, (4, 5))[0]
COLOURED = by_class(12, (4, 5, 3))[0]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_idx_pictures_are_those_of_the_file(idx, pack):
    law = idx(pack(idx_bytes(PICTURES)), pack(idx_bytes(np.arange(12, dtype=np.uint8) % 3 + 7)))
    assert law.image_shape == (1, 4, 5)
    assert (levels_of(law) == PICTURES.reshape(12, 20)).all()
    assert law.class_names == ("7", "8", "9")
    assert law.labels().tolist() == [0, 1, 2] * 4
    x, labels = law.draw_told(40, seeded(1))
    assert torch.equal(x, law.draw(40, seeded(1)))
    rows = law.training_set(seeded(0))
    assert all(int(label) == law.labels()[(rows == row).all(1)][0] for row, label in zip(x, labels, strict=True))


def test_colours_before_or_after_rows_and_columns_are_the_same_picture(idx):
    last, first = idx(idx_bytes(COLOURED)), levels_of(idx(idx_bytes(COLOURED.transpose(0, 3, 1, 2))))
    assert last.image_shape == (3, 4, 5)
    assert (levels_of(last) == first).all()
    assert (first[0].reshape(3, 4, 5)[:, 2, 3] == COLOURED[0, 2, 3]).all()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n", "is not an IDX file: it begins with 89 50 4e 47, not with a magic number 00 00 08 …"),
        (idx_bytes(PICTURES)[:-1], "is cut off: 239 bytes follow the header, 12 × 4 × 5 = 240 must"),
        (idx_bytes(PICTURES) + b"12", "is too long: 242 bytes follow the header, 12 × 4 × 5 = 240 must"),
        (idx_bytes(PICTURES)[:9], "is cut off in its header"),
        (idx_bytes(PICTURES.astype(">f4"), 0x0D), "holds float32 numbers; only unsigned bytes (type 08) are allowed"),
        (idx_bytes(PICTURES[0]), "has the shape (4, 5); pictures have (n, rows, columns)"),
        (idx_bytes(PICTURES[:0]), "has the shape (0, 4, 5); pictures have"),
        (gzip.compress(idx_bytes(PICTURES))[:12], "is damaged"),
        (idx_bytes(np.zeros((2, 401, 3), np.uint8)), "at most 400 × 400 are allowed"),
    ],
)
def test_bad_idx_files_are_refused_by_name(idx, content, problem):
    with pytest.raises(RecipeError) as caught:
        idx(content)
    assert "pictures" in str(caught.value)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_compressed_file_that_is_cut_off_is_told_when_it_is_read(idx):
    with pytest.raises(RecipeError, match=r"^data.path: pictures: is damaged or cut off"):
        idx(gzip.compress(idx_bytes(PICTURES))[:-20]).draw(3, seeded(0))


def test_classes_must_fit_the_pictures(idx):
    with pytest.raises(RecipeError, match=r"^data.labels_path: classes: has 9 classes; pictures has 12 pictures"):
        idx(idx_bytes(PICTURES), idx_bytes(np.zeros(9, np.uint8)))
    with pytest.raises(RecipeError, match=r"^data.labels_path: classes: has 3 axes; classes have one"):
        idx(idx_bytes(PICTURES), idx_bytes(PICTURES))


@pytest.mark.parametrize(
    ("path", "problem"), [("", "is empty; it must name"), ("/no/such", "No such file"), ("/", "is not a file")]
)
@pytest.mark.parametrize("key", ["idx", "image_arrays"])
def test_a_file_must_be_there(key, path, problem):
    with pytest.raises(RecipeError, match=rf"^data.path: .*{problem}"):
        DATA.parse({"key": key, "path": path}, "data")


def test_held_out_pictures_never_train(idx):
    law = idx(idx_bytes(PICTURES), held_out=0.25)
    kept, held = law.training_set(seeded(0)), law.held_out_sample(99, seeded(0))
    assert (law.size, len(kept), len(held)) == (9, 9, 3)
    assert len(torch.cat([kept, held, law.draw(200, seeded(0))]).unique(dim=0)) == 12
    assert not (torch.cdist(law.draw(200, seeded(1)), held) == 0).any()


def test_the_header_alone_is_read_until_pictures_are_asked_for(idx, monkeypatch):
    import models.data._idx_file as file

    monkeypatch.setattr(file, "_bytes", lambda *_: pytest.fail("the pictures were read"))
    law = idx(idx_bytes(PICTURES), resolution=8)
    assert (law.size, law.image_shape, law.dimension) == (12, (1, 8, 8), 64)


def test_resized_pictures_keep_their_mean_level(idx):
    law = idx(idx_bytes(PICTURES), resolution=2)
    assert law.dimension == 4
    assert levels_of(law).mean() == pytest.approx(PICTURES.mean(), abs=6)


def test_large_sets_are_streamed_and_draw_the_same_pictures(idx, monkeypatch):
    import models.data._pictures as pictures

    law = idx(idx_bytes(PICTURES), idx_bytes(np.arange(12, dtype=np.uint8)))
    drawn = law.draw_told(30, seeded(4))
    monkeypatch.setattr(pictures, "HELD", 100)
    assert law.is_streamed
    assert law.training_set(seeded(0)) is None
    assert law.told_training_set(seeded(0)) is None
    assert all(torch.equal(a, b) for a, b in zip(law.draw_told(30, seeded(4)), drawn, strict=True))
    assert len(law.specimens(5, seeded(0)).unique(dim=0)) == 5


@pytest.fixture
def arrays(tmp_path):
    """A data set from an NPZ file of these arrays."""

    def make(options: dict[str, object] | None = None, **named) -> Data:
        np.savez(tmp_path / "own.npz", **named)
        return DATA.parse({"key": "image_arrays", "path": str(tmp_path / "own.npz"), **(options or {})}, "data")

    return make


def test_arrays_of_any_range_are_the_same_pictures(arrays):
    for values in (PICTURES, PICTURES / 255, PICTURES / 127.5 - 1, PICTURES.astype(np.float16)):
        assert (levels_of(arrays(x=values)) == PICTURES.reshape(12, 20)).all()


def test_of_numbers_that_would_be_dark_white_is_asked_for(arrays):
    sixteenths = np.round(PICTURES / 255 * 16)
    with pytest.raises(RecipeError) as caught:
        arrays(x=sixteenths).draw(2, seeded(0))
    assert "data.white: own.npz: array 'x' runs from 0 to 16; " in str(caught.value)
    assert caught.value.settings == ("data.white=16",)
    assert (levels_of(arrays({"white": 16}, x=sixteenths)) == np.round(sixteenths.reshape(12, 20) * 255 / 16)).all()
    assert (levels_of(arrays({"white": 255}, x=sixteenths)) == sixteenths.reshape(12, 20)).all()
    with pytest.raises(RecipeError, match="picture 1 holds 16; allowed are 0 to 8"):
        arrays({"white": 8}, x=np.full((2, 4, 5), 16.0)).draw(2, seeded(0))


def test_an_array_is_found_beside_its_classes(arrays):
    law = arrays({"label": "kind"}, pictures=COLOURED, kind=np.array(["a", "b", "c"] * 4))
    assert (law.image_shape, law.class_names) == ((3, 4, 5), ("a", "b", "c"))
    assert law.labels().tolist() == [0, 1, 2] * 4


def test_an_npy_file_holds_one_array(tmp_path):
    np.save(tmp_path / "own.npy", PICTURES)
    law = DATA.parse({"key": "image_arrays", "path": str(tmp_path / "own.npy")})
    assert (levels_of(law) == PICTURES.reshape(12, 20)).all()


@pytest.mark.parametrize(
    ("options", "named", "problem"),
    [
        ({}, {"x": PICTURES / 255 * 300}, "data.path: own.npz: array 'x': picture 1 holds 300; allowed are 0 to 1"),
        ({}, {"x": np.where(PICTURES > 250, np.nan, 0.5)}, "picture 1 holds nan"),
        ({}, {"x": PICTURES.astype(np.int64)}, "holds int64 values; uint8 or float are allowed"),
        ({}, {"x": PICTURES.reshape(12, 20)}, "has the shape (12, 20); pictures have"),
        ({}, {"x": PICTURES, "z": PICTURES}, "data.images: is empty, but own.npz has 2 arrays; name one: x, z"),
        ({"images": "y"}, {"x": PICTURES}, "'y' is not an array of own.npz"),
        ({"label": "k"}, {"x": PICTURES}, "data.label: 'k' is not an array of own.npz"),
        ({"label": "k"}, {"x": PICTURES, "k": np.arange(12) / 2}, "holds 0.5; classes are whole numbers or texts"),
        (
            {"label": "k"},
            {"x": np.zeros((1025, 1, 1)), "k": np.arange(1025.0)},
            "holds 1,025 different values; at most 1,024 classes are allowed",
        ),
        (
            {"label": "k"},
            {"x": PICTURES, "k": np.zeros(3, int)},
            "is (3,) of int64; a whole number or a text for each of 12 pictures is needed",
        ),
    ],
)
def test_bad_arrays_are_refused_by_name(arrays, options, named, problem):
    with pytest.raises(RecipeError) as caught:
        arrays(options, **named).draw(2, seeded(0))
    assert problem in str(caught.value)


def test_nothing_is_unpickled(tmp_path):
    np.save(tmp_path / "own.npy", np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(RecipeError, match=r"own.npy: holds object values"):
        DATA.parse({"key": "image_arrays", "path": str(tmp_path / "own.npy")})
    (tmp_path / "own.npy").write_bytes(b"\x80\x04K\x01.")
    with pytest.raises(RecipeError, match=r"own.npy: is damaged, or no NPY file"):
        DATA.parse({"key": "image_arrays", "path": str(tmp_path / "own.npy")})


def test_published_sets_have_their_test_split_held_out(tmp_path):
    for zipped in (False, True):
        folder = write_published_idx(tmp_path / str(zipped), zipped=zipped)
        law = DATA.parse({"key": "mnist", "path": str(folder)})
        assert (law.size, len(law.held_out_sample(99, seeded(0)))) == (60, 20)
        assert (levels_of(law) == by_class(60, (28, 28))[0].reshape(60, -1)).all()
    (folder / "t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(RecipeError, match=r"^data.path: .*holds no t10k-labels-idx1-ubyte, with .gz or without"):
        DATA.parse({"key": "mnist", "path": str(folder)}, "data")


def test_what_is_published_is_known_before_it_is_here(tmp_path, monkeypatch):
    monkeypatch.setenv("PUSHFORWARD_CACHE", str(tmp_path))
    law = DATA.parse("cifar10")
    assert (law.size, law.image_shape, len(law.class_names)) == (50_000, (3, 32, 32), 10)
    with pytest.raises(
        RecipeError, match=r"CIFAR-10 is not on this machine; fetch it .170 MB. with 'pushforward fetch"
    ):
        law.draw(2, seeded(0))


@pytest.fixture
def told(tmp_path):
    """Data sets of one picture in each kind of file, by key, with classes that have gaps between their numbers."""
    x, labels = by_class(30, (4, 4), classes=2)
    (tmp_path / "pictures").write_bytes(idx_bytes(x))
    (tmp_path / "classes").write_bytes(idx_bytes(labels * 7))
    np.savez(tmp_path / "own.npz", x=x, kind=np.where(labels, b"caf\xc3\xa9", b"tea"))
    folder = write_folder(tmp_path / "both kinds", size=(6, 6))
    return {
        "idx": {"path": str(tmp_path / "pictures"), "labels_path": str(tmp_path / "classes")},
        "image_arrays": {"path": str(tmp_path / "own.npz"), "label": "kind"},
        "image_folder": {"path": str(folder), "resolution": 4, "colour": "grey"},
    }


NAMES = {"idx": ("0", "7"), "image_arrays": ("café", "tea"), "image_folder": ("dark", "light")}
NET = {"key": "mlp", "width": 8, "depth": 1}
GAME = {"divergence": "jensen_shannon", "objective": {"key": "adversarial", "critic": NET}}
FAMILIES = {
    "pushforward": ({}, GAME),
    "variational_autoencoder": ({"encoder": NET}, {}),
    "diffusion": ({"guidance": 1.0, "untold": 0.2, "sampler": {"key": "ancestral", "steps": 2}}, {}),
}


def conditional(family: str, data: dict[str, object]) -> Experiment:
    options, game = FAMILIES[family]
    made = {"key": family, "conditional": True, **options}
    latent = {"key": "gaussian", "dimension": 16}
    return Experiment.from_dict(
        {"data": data, "latent": latent, "architecture": NET, "family": made, "batch_size": 8, "steps": 2, **game}
    )


@pytest.mark.parametrize("key", NAMES)
@pytest.mark.parametrize("family", FAMILIES)
def test_models_of_own_pictures_are_told_their_classes(told, key, family, monkeypatch):
    import models.data._array_file as array_file
    import models.data._photographs as photographs

    with monkeypatch.context() as checking:  # of a recipe reads no picture
        for place, name in ((array_file, "_levels"), (photographs, "read_photograph")):
            checking.setattr(place, name, lambda *_: pytest.fail("a picture was read"))
        experiment = conditional(family, {"key": key, **told[key]})
        assert [net.objection for net in experiment.nets()] == [""] * len(experiment.nets())
    trainer = Trainer(experiment)
    trainer.take_step()
    witness = Witness(experiment)
    assert witness.scene()["class_names"] == NAMES[key]
    assert "classes" in witness.offers()
    model = trainer.game.model
    assert model.classes == 2
    z = model.latent.draw(6, seeded(1))
    assert not torch.equal(*(model.push_given(z, torch.full((6,), label)) for label in (0, 1)))


@pytest.mark.parametrize(("key", "option"), [("idx", "labels_path"), ("image_arrays", "label")])
def test_own_pictures_without_classes_tell_none(told, key, option):
    with pytest.raises(RecipeError, match=r"^family.conditional: Pictures from an .* has no classes to be told"):
        conditional("diffusion", {"key": key, **told[key], option: ""})


def test_classes_are_read_once_for_as_long_as_their_file_stays(told, monkeypatch):
    import models.data.image_arrays as image_arrays

    law, opened = DATA.parse({"key": "image_arrays", **told["image_arrays"]}), []
    read = image_arrays.read_array
    monkeypatch.setattr(image_arrays, "read_array", lambda *asked: opened.append(asked) or read(*asked))
    for _ in range(3):
        assert DATA.parse(law.recipe()).class_names == ("café", "tea")
    assert not opened
    x, labels = by_class(20, (4, 4), classes=2)
    np.savez(law.path, x=x, kind=labels)
    assert DATA.parse(law.recipe()).class_names == ("0", "1")
    assert len(opened) == 1
