"""Cells of a clustering in the place of modes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.data import DATA
from models.data._cells import cells_of

UNNAMED = ["moons", "circles", "pinwheel", "segment", "spirals", "swiss_roll"]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("key", UNNAMED)
def test_cells_cover_the_data(key):
    """Fresh samples fall into the cells by their weights, and about 98.9 % of them are of high quality."""
    law = DATA.parse(key)
    cells, x = law.parts, law.draw(20_000, seeded(1))
    index, good = cells.assign(x)
    shares = torch.bincount(index, minlength=len(cells.names)) / len(x)
    assert torch.allclose(shares, cells.weights, atol=0.02)
    assert float(good.float().mean()) == pytest.approx(0.9889, abs=0.01)
    assert float(cells.weights.sum()) == pytest.approx(1.0)


def test_cells_are_the_same_for_the_same_law():
    one, other = (DATA.parse("moons").parts for _ in range(2))
    assert torch.equal(one.means, other.means)


def test_centres_are_as_good_as_scikit_learn_s():
    from sklearn.cluster import KMeans

    x = DATA.parse("moons").draw(2_000, seeded(0))
    cells = cells_of(x)
    ours = float((x - cells.means[cells.assign(x)[0]]).square().sum())
    theirs = KMeans(len(cells.names), n_init=5, random_state=0).fit(x.numpy()).inertia_
    assert ours < 1.1 * theirs


def test_what_lies_outside_is_not_of_high_quality():
    cells = DATA.parse("moons").parts
    assert not cells.assign(torch.full((5, 2), 100.0))[1].any()


def test_few_or_equal_samples_make_few_cells():
    assert cells_of(torch.randn(120, 3, generator=seeded(0))).names == ("1", "2")
    point = cells_of(torch.zeros(500, 2))
    assert point.weights.tolist() == [1.0]
    assert point.assign(torch.zeros(3, 2))[1].all()


def test_named_modes_come_first():
    assert DATA.parse("ring").parts is DATA.parse("ring").parts or len(DATA.parse("ring").parts.names) == 8
    assert np.array_equal(DATA.parse("digits").parts.names, tuple("0123456789"))
