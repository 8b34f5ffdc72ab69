"""Held-out data: never seen in training, and nothing else changes while none is asked for."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.data import DATA
from models.data._base import Data


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def table(tmp_path) -> str:
    file = tmp_path / "rows.csv"
    np.savetxt(file, np.stack([np.arange(50.0), np.arange(50.0) % 7, np.arange(50) % 3], 1), delimiter=",")
    return str(file)


def data_of(key: str, path: str, **options: object) -> Data:
    own = {"path": path, "label": "3"} if key == "table" else {}
    return DATA.parse({"key": key, **own, **options})


def rows_of(x: torch.Tensor) -> list[tuple[float, ...]]:
    return [tuple(row) for row in x.tolist()]


@pytest.mark.parametrize("key", ["digits", "table"])
def test_rows_are_parted_into_those_that_train_and_those_held_out(key, table):
    whole, parted = data_of(key, table), data_of(key, table, held_out=0.2)
    everything = whole.training_set(chance())
    train, held = parted.training_set(chance()), parted.held_out_sample(10_000, chance())
    assert everything is not None
    assert train is not None
    assert held is not None
    assert (len(train), len(held)) == (parted.size, int(0.2 * len(everything)))
    assert sorted(rows_of(torch.cat([train, held]))) == sorted(rows_of(everything))
    again = parted.held_out_sample(5, chance(7))
    assert again is not None
    assert torch.equal(again, held[:5])  # the same rows whatever the run's seed


@pytest.mark.parametrize("key", ["digits", "table"])
def test_labels_stay_with_the_rows_that_train(key, table):
    whole, parted = data_of(key, table), data_of(key, table, held_out=0.3)
    x, y = whole.training_set(chance()), whole.labels()
    some, named = parted.training_set(chance()), parted.labels()
    assert x is not None
    assert y is not None
    assert some is not None
    assert named is not None
    known: dict[tuple[float, ...], set[int]] = {}
    for row, label in zip(rows_of(x), y.tolist(), strict=True):
        known.setdefault(row, set()).add(label)
    assert len(named) == len(some)
    assert all(label in known[row] for row, label in zip(rows_of(some), named.tolist(), strict=True))


@pytest.mark.parametrize("key", ["digits", "table"])
def test_without_a_share_held_out_every_row_trains_and_none_is_kept_back(key, table):
    data = data_of(key, table)
    x = data.training_set(chance())
    assert x is not None
    assert len(x) == data.size == {"digits": 1797, "table": 50}[key]
    assert data.held_out_sample(10, chance()) is None
    if key == "table":
        assert x[:, 0].tolist() == list(range(50))  # in the order of the file


def test_held_out_draws_of_a_law_are_fresh():
    data = DATA.parse({"key": "moons", "n": 100})
    train, held = data.training_set(chance(1)), data.held_out_sample(500, chance(2))
    assert train is not None
    assert held is not None
    assert held.shape == (500, 2)
    assert not set(rows_of(train)) & set(rows_of(held))


def test_the_file_comes_first_among_the_options_of_a_table():
    assert next(iter(DATA["table"].model_fields)) == "path"
