"""A person's own files: what is read, and what is refused with one line that names the place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.data import DATA, Data
from models.experiment import Experiment
from models.registry import RecipeError


def table(path, **options) -> Data:
    """A table as it stands in its file, unless the options say otherwise."""
    return DATA.parse({"key": "table", "path": str(path), "standardise": False, **options}, "data")


def rows_of(law: Data) -> list[list[float]]:
    return law.training_set(torch.Generator()).tolist()


@pytest.fixture
def write(tmp_path):
    def make(text: str | bytes, name: str = "points.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4\n",
        "x,y\n1,2\n3,4",
        "\ufeffx,y\r\n1,2\r\n3,4\r\n",
        "x;y\n1;2\n3;4\n",
        "x\ty\n1\t2\n3\t4\n",
        "x y\n1  2\n 3 4\n",
        "# made by hand\n\n1, 2\n\n3, 4  # last\n",
        '"x","y"\n"1","2"\n"3","4"\n',
    ],
)
def test_text_tables_are_read_however_they_are_laid_out(write, text):
    law = table(write(text))
    assert rows_of(law) == [[1, 2], [3, 4]]
    assert (law.size, law.dimension) == (2, 2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x,y\n" + "1,2\n" * 15 + "abc,2\n1,2\n", "points.csv: row 17, column 1: 'abc' is not a number"),
        ("1,2\n" * 16 + "1,abc\n", "points.csv: row 17, column 2: 'abc' is not a number"),
        ("1,2\n3,nan\n", "points.csv: row 2, column 2: 'nan' is not a finite number"),
        ("1,2\n-inf,4\n", "points.csv: row 2, column 1: '-inf' is not a finite number"),
        ("1,2\n3,\n", "points.csv: row 2, column 2: is empty"),
        ("1,2\n3,1e300\n", "points.csv: row 2, column 2: 1e+300 is not a finite float32 number"),
        ("1,2\n3,4\n5,6,7\n", "points.csv: row 3 has 3 columns, the first row has 2"),
        ("1,2\n3\n", "points.csv: row 2 has 1 column, the first row has 2"),
        ("x,y,z\n1,2\n3,4\n", "points.csv: row 2 has 2 columns, the first row has 3"),
        ("", "points.csv: is empty"),
        ("\n \n# nothing\n", "points.csv: holds no rows"),
        ("x,y\n", "points.csv: holds no rows of numbers, only 'x,y'"),
        ("x,y\n1,2\n", "points.csv: has 1 row; at least 2 are needed"),
        (b"\xff\xfe\x00\x01", "points.csv: is not UTF-8 text"),
    ],
)
def test_bad_text_is_refused_by_row_and_column(write, text, problem):
    with pytest.raises(RecipeError) as caught:
        table(write(text))
    assert (caught.value.path, caught.value.problem) == ("data.path", problem)


def test_files_that_are_not_there_or_not_tables_are_refused(tmp_path, write):
    cases = {
        tmp_path / "none.csv": "No such file",
        tmp_path: "is not a file",
        write(b"GIF89a", "picture.gif"): "'.gif' is not one of .csv",
        "": "must name a CSV, NPY or NPZ file",
    }
    for path, problem in cases.items():
        with pytest.raises(RecipeError, match=rf"^data\.path: .*{problem}"):
            table(path)


def test_a_bad_file_is_refused_with_the_whole_recipe(write):
    with pytest.raises(RecipeError, match=r"^data\.path: points\.csv: row 2, column 1: 'abc' is not a number$"):
        Experiment.from_dict({"data": {"key": "table", "path": str(write("1\nabc\n"))}})


def test_a_batch_larger_than_the_file_is_refused(write):
    path = write("1,2\n2,1\n" * 10)
    with pytest.raises(
        RecipeError, match=r"^batch_size: 21 is more than the 20 .* choose a smaller batch, such as batch_size=20$"
    ):
        Experiment.from_dict({"data": {"key": "table", "path": str(path)}, "batch_size": 21})


def test_one_column_is_a_law_on_the_line_and_five_are_all_trained(write):
    assert table(write("x\n1\n2\n")).dimension == 1
    law = table(write("1,2,30,4,5\n2,4,60,4,5\n3,6,90,4,5\n"))
    assert law.dimension == 5
    assert law.bounds() == pytest.approx((-0.6, 1.4, 4.6, 6.6))


@pytest.mark.parametrize(("columns", "expected"), [("y", [[2], [5]]), ("3, x", [[3, 1], [6, 4]]), ("", None)])
def test_columns_are_chosen_by_name_or_number(write, columns, expected):
    law = table(write("x,y,z\n1,2,3\n4,5,6\n"), columns=columns)
    assert rows_of(law) == (expected or [[1, 2, 3], [4, 5, 6]])


@pytest.mark.parametrize(
    ("options", "path", "problem"),
    [
        ({"columns": "w"}, "data.columns", "'w' is not a column of points.csv; it has 2: x, y"),
        ({"columns": "3"}, "data.columns", "'3' is not a column"),
        ({"columns": "x,1"}, "data.columns", "names a column twice"),
        ({"label": "kind"}, "data.label", "'kind' is not a column"),
    ],
)
def test_columns_that_are_not_there_are_refused_by_option(write, options, path, problem):
    with pytest.raises(RecipeError, match=problem) as caught:
        table(write("x,y\n1,2\n3,4\n"), **options)
    assert caught.value.path == path


def test_a_label_column_may_hold_text_and_is_not_trained(write):
    text = "length,kind,width\n1,setosa,2\n3,virginica,4\n5,setosa,6\n"
    law = table(write(text), label="kind")
    assert rows_of(law) == [[1, 2], [3, 4], [5, 6]]
    assert law.labels().tolist() == [0, 1, 0]
    assert law.column_names == ("length", "width")
    with pytest.raises(RecipeError, match="row 2, column 2: 'setosa' is not a number"):
        table(write(text))


def test_networks_see_mean_zero_and_deviation_one_and_everybody_else_the_numbers_of_the_file(write):
    law = DATA.parse({"key": "table", "path": str(write("1000001,1\n1000002,5\n1000003,9\n"))}, "data")
    x = law.training_set(torch.Generator())
    assert x.tolist() == [[1000001, 1], [1000002, 5], [1000003, 9]]
    u = law.units.inward(x)
    assert u.mean(0).tolist() == pytest.approx([0, 0], abs=1e-6)
    assert u.std(0, correction=0).tolist() == pytest.approx([1, 1])
    assert law.units.outward(u).tolist() == x.tolist()
    assert table(write("1,2\n3,4\n")).units is None


def test_a_constant_column_is_refused_only_where_it_would_divide_by_zero(write):
    path = write("x,y\n1,3\n2,3\n")
    assert rows_of(table(path)) == [[1, 3], [2, 3]]
    with pytest.raises(RecipeError, match=r"points\.csv: column 'y' is always 3, so it cannot be standardised"):
        table(path, standardise=True)
    left, bottom, right, top = table(write("3,3\n3,3\n")).bounds()
    assert left < 3 < right
    assert bottom < 3 < top


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int32, np.uint8, np.bool_])
def test_npy_of_any_real_numbers(tmp_path, dtype):
    np.save(tmp_path / "points.npy", np.array([[0, 1], [1, 1], [1, 0]], dtype=dtype))
    assert rows_of(table(tmp_path / "points.npy")) == [[0, 1], [1, 1], [1, 0]]


def test_npz_takes_its_only_array_or_the_one_called_x_and_labels_by_name(tmp_path):
    x, y = np.arange(6.0).reshape(3, 2), np.array(["b", "a", "b"])
    np.savez(tmp_path / "one.npz", points=x)
    np.savez(tmp_path / "two.npz", x=x, other=x + 1, kind=y)
    np.savez(tmp_path / "unclear.npz", first=x, second=x)
    assert rows_of(table(tmp_path / "one.npz")) == x.tolist()
    law = table(tmp_path / "two.npz", label="kind")
    assert rows_of(law) == x.tolist()
    assert law.labels().tolist() == [1, 0, 1]
    with pytest.raises(RecipeError, match=r"unclear\.npz: holds first, second; call the one to train on 'x'"):
        table(tmp_path / "unclear.npz")


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.ones((3, 2), dtype=complex), "holds complex128 values; real numbers are needed"),
        (np.array([["a", "b"], ["c", "d"]]), "holds <U1 values"),
        (np.ones((3, 2, 2)), r"has the shape \(3, 2, 2\)"),
        (np.float64(3.0), r"has the shape \(\)"),
        (np.ones((3, 0)), r"has the shape \(3, 0\)"),
        (np.ones((1, 2)), "has 1 row; at least 2"),
        (np.ones((0, 2)), "has 0 rows; at least 2"),
        (np.array([[1, 2], [3, np.nan]]), "row 2, column 2: nan is not a finite"),
        (np.array([[1, 2], [np.inf, 4]]), "row 2, column 1: inf is not a finite"),
    ],
)
def test_arrays_that_are_no_table_are_refused(tmp_path, array, problem):
    np.save(tmp_path / "points.npy", array)
    with pytest.raises(RecipeError, match=rf"^data\.path: points\.npy: {problem}"):
        table(tmp_path / "points.npy")


def test_nothing_is_ever_unpickled(tmp_path):
    np.save(tmp_path / "points.npy", np.array([{"a": 1}, None], dtype=object), allow_pickle=True)
    with pytest.raises(RecipeError, match=r"points\.npy: is not a NPY file of plain numbers"):
        table(tmp_path / "points.npy")
    np.savez(tmp_path / "points.npz", x=np.array([{"a": 1}, None], dtype=object))
    with pytest.raises(RecipeError, match=r"points\.npz: array 'x' is damaged or holds no plain numbers"):
        table(tmp_path / "points.npz")


@pytest.mark.parametrize("name", ["points.npy", "points.npz"])
def test_damaged_archives_are_refused(write, name):
    for text in (b"not an array", b"\x93NUMPY\x01\x00", b"PK\x03\x04broken"):
        with pytest.raises(RecipeError, match=r"^data\.path: points\.np.*plain numbers$"):
            table(write(text, name))


def test_a_changed_file_is_read_again(write):
    assert rows_of(table(write("1\n2\n"))) == [[1], [2]]
    assert rows_of(table(write("1\n2\n3\n"))) == [[1], [2], [3]]


def test_draws_are_rows_of_the_file(write):
    law = table(write("1,2\n3,4\n5,6\n"))
    x = law.draw(300, torch.Generator().manual_seed(0))
    found, counts = x.unique(dim=0, return_counts=True)
    assert found.tolist() == rows_of(law)
    assert counts.min() > 60


def test_a_million_rows_are_read(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("x,y\n" + "0.123,4.567\n-1.5,2.25\n" * 500_000)
    law = table(path)
    assert (law.size, law.dimension) == (1_000_000, 2)
    assert law.training_set(torch.Generator())[-1].tolist() == [-1.5, 2.25]


def test_a_recipe_of_a_table_is_called_by_the_file(write):
    path = str(write("1,2\n2,1\n"))
    assert (
        Experiment.from_dict({"data": {"key": "table", "path": path}, "batch_size": 1})
        .label()
        .startswith("points.csv ·")
    )
