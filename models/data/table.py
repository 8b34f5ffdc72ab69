"""A person's own numbers."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

import torch
from pydantic import model_validator
from torch import Tensor

from models.data._base import DATA, Data
from models.data._table_file import Contents, Request, load_table
from models.data._units import Units
from models.registry import option


@DATA.register
class Table(Data):
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
    def size(self) -> int:
        """The number of rows."""
        return len(self._contents.x)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns trained on, d of them."""
        return self._contents.columns

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """Draw rows with replacement, shape (n, d)."""
        rows = self._contents.x
        return rows.index_select(0, torch.randint(len(rows), (n,), generator=generator))

    def training_set(self, generator: torch.Generator) -> Tensor:
        """Every row once, in the order of the file, shape (size, d)."""
        return self._contents.x.clone()

    @property
    def units(self) -> Units | None:
        """The columns' means and standard deviations, with ``standardise``."""
        return self._contents.units

    def labels(self) -> Tensor | None:
        """Class of each row, shape (size,), int64; None without a label column."""
        return self._contents.labels
