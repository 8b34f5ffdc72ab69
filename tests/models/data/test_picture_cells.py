"""Cells of pictures: clusters of principal components, and what counts as a picture like the real ones."""

from __future__ import annotations

import pytest
import torch

from models.data import DATA


@pytest.fixture(scope="module")
def shapes():
    data = DATA.parse({"key": "shapes", "resolution": 8, "places": "centre"})
    return data, data.parts, data.draw(1_000, torch.Generator().manual_seed(3))


def test_fresh_pictures_are_in_cells_of_the_stated_mass_and_nearly_all_of_high_quality(shapes):
    _, parts, x = shapes
    index, good = parts.assign(x)
    share = torch.bincount(index, minlength=len(parts.weights)) / len(x)
    torch.testing.assert_close(share, parts.weights, atol=0.04, rtol=0)
    assert float(good.float().mean()) > 0.94
    assert parts.means.shape == (len(parts.names), x.shape[1])


def test_noise_and_pictures_that_are_far_from_all_real_ones_are_of_low_quality(shapes):
    _, parts, x = shapes
    noise = torch.rand(200, x.shape[1], generator=torch.Generator().manual_seed(4)) * 2 - 1
    assert not parts.assign(noise)[1].any()
    assert not parts.assign(3 * x[:200] + 2)[1].any()


def test_a_cell_is_left_empty_by_a_model_that_lost_it(shapes):
    _, parts, x = shapes
    index, _ = parts.assign(x)
    found = parts.assign(x[index != 2])[0]
    assert not (found == 2).any()
