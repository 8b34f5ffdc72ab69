"""A person's own numbers."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

from pydantic import model_validator
from torch import Tensor

from models.data._base import DATA
from models.data._rows import Rows, held_out_option
from models.data._table_file import Contents, Request, load_table
from models.data._units import Units
from models.registry import option


@DATA.register
class Table(Rows):
    """The rows of a CSV, NPY or NPZ file, one sample a row, as the finite training set.

    Text files may have a header row, lines that begin with #, and cells separated by commas, semicolons, tabs or
    blanks. One column makes a law on the line, two a law in the plane; of more, all are trained and two are shown.
    Batches are drawn from the rows with replacement: this is the empirical law of the file.

    Source: the user's file; for the empirical law, van der Vaart 1998, Asymptotic Statistics, section 19.1.
    """

    group: ClassVar[str] = "Your own data"
    title: ClassVar[str] = "Table from a file"
    source: ClassVar[str] = "the user's file"
    formula: ClassVar[str] = r"\frac{1}{n}\sum_{i=1}^{n} \delta_{x_i}"
    capabilities: ClassVar[frozenset[str]] = frozenset({"sample"})

    path: str = option("", label="file", help="The CSV, NPY or NPZ file; each row is one sample.")
    columns: str = option(
        "", label="columns", help="Names or numbers (from 1) of the columns to train on, by commas; empty for all."
    )
    label: str = option(
        "", label="label column", help="Name or number of the column that holds each row's class; empty for none."
    )
    standardise: bool = option(
        default=True, label="standardise",
        help="Let networks see each column with mean 0 and standard deviation 1; samples and pictures keep your units.",
    )  # fmt: skip

    held_out: float = held_out_option()

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        self._contents  # noqa: B018  so that a bad file is refused with the recipe, before training
        return self

    @cached_property
    def _contents(self) -> Contents:
        return load_table(Request(self.path, self.columns, self.label, self.standardise))

    def short_title(self) -> str:
        """The file's name."""
        return Path(self.path).name

    @property
    def dimension(self) -> int:
        """As many numbers as there are columns to train on."""
        return self._contents.x.shape[1]

    @property
    def held_share(self) -> float:
        """As chosen."""
        return self.held_out

    @property
    def count(self) -> int:
        """The number of rows."""
        return len(self._contents.x)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns trained on, d of them."""
        return self._contents.columns

    def rows(self) -> Tensor:
        """In the order of the file, shape (count, d)."""
        return self._contents.x

    @property
    def units(self) -> Units | None:
        """The means and standard deviations of the columns, all rows counted, with ``standardise``."""
        return self._contents.units

    @property
    def class_names(self) -> tuple[str, ...]:
        """What the label column holds, sorted; none without such a column."""
        return self._contents.classes

    def row_labels(self) -> Tensor | None:
        """Class of each row, shape (count,), int64; None without a label column."""
        return self._contents.labels
