"""Digits: their public split, levels widened to intervals, and three of them stacked to a thousand modes."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.stats import norm
from sklearn.datasets import load_digits

from models.data import DATA
from models.data._dequantised import Bins
from models.data.digits import Digits
from models.data.stacked_digits import StackedDigits
from models.experiment import Experiment
from models.likelihoods._levels import index_of
from models.training.setting import Streams, set_up

PUBLIC = Digits.parse({"split": "public"})
STACKED = DATA["stacked_digits"]()


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def held_out(data: Digits) -> torch.Tensor:
    test = data.held_out_sample(10_000, seeded())
    assert test is not None
    return test


def test_the_public_split_is_the_files_order_in_three_parts():
    ink = torch.from_numpy(load_digits(return_X_y=True)[0]).float() / 8 - 1
    parts = PUBLIC.training_set(seeded()), PUBLIC.validation_sample(seeded()), held_out(PUBLIC)
    assert [len(part) for part in parts] == [1_000, 350, 447]
    assert torch.equal(torch.cat(parts), ink)  # each row once, so no row is in two parts
    assert PUBLIC.size == 1_000


def test_labels_of_the_public_split_are_those_of_its_rows():
    labels = PUBLIC.labels()
    assert labels is not None
    assert labels.tolist() == load_digits(return_X_y=True)[1][:1_000].tolist()
    assert Digits.parse({"split": "public", "held_out": 0.5}).size == 1_000  # the share is of the other split


@pytest.mark.parametrize(("options", "width"), [({}, 1 / 8), ({"binary": True}, 2.0)])
def test_noise_is_one_level_wide_and_fresh_in_every_batch(options, width):
    data = Digits.parse({**options, "dequantised": True, "split": "public"})
    clean = Digits.parse({**options, "split": "public"}).training_set(seeded())
    noise = data.training_set(seeded(1)) - clean
    assert noise.abs().max() <= width / 2 + 1e-6
    assert float(noise.std()) == pytest.approx(width / math.sqrt(12), rel=0.02)
    assert data.bins is not None
    assert (data.bins.level_of(data.training_set(seeded(2))) - clean).abs().max() < 1e-6
    assert data.levels is None  # a model of levels would not fit them


@pytest.mark.parametrize("dequantised", [True, False])
def test_batches_of_flows_are_training_images_with_noise_of_their_own(dequantised):
    recipe = Experiment.from_dict(
        {
            "data": {"key": "digits", "dequantised": dequantised, "split": "public"},
            "latent": {"key": "gaussian", "dimension": 64},
            "family": {"key": "coupling_flow", "width": 4, "depth": 1},
            "batch_size": 1_000,
        }
    )
    _, batches = set_up(recipe, Streams.from_seed(0))
    first, second = batches.real(), batches.real()
    train = PUBLIC.training_set(seeded())
    assert recipe.data.cells is not None
    known = {tuple(row) for row in index_of(train, 17).tolist()}
    seen = [tuple(row) for row in index_of(recipe.data.cells.level_of(torch.cat([first, second])), 17).tolist()]
    assert set(seen) <= known
    assert len(torch.cat([first, second]).unique(dim=0)) == 2_000  # far more than the 1,000 images
    assert not torch.equal(batches.whole(), batches.whole())  # nor does a turn that takes all see the same twice


def test_a_noised_density_bounds_the_mass_of_its_level():
    """Under N(0, 1): E log p(x + wu) = −½ log 2π − (x² + w²/12)/2, and P(x) is a difference of two Φ."""
    bins = Bins(-1.0, 0.5, 5)
    x = torch.linspace(-1, 1, 5)
    y = bins.noised(x.expand(200_000, 5), seeded()).double()
    log_density = torch.distributions.Normal(0.0, 1.0).log_prob(y)
    found = bins.log_mass(log_density, 1).mean(0)
    exact = -0.5 * math.log(2 * math.pi) - (x.double().square() + 0.25 / 12) / 2 + math.log(0.5)
    mass = norm.cdf(x.numpy() + 0.25) - norm.cdf(x.numpy() - 0.25)
    assert found.tolist() == pytest.approx(exact.tolist(), abs=2e-3)
    assert (exact.exp() < torch.from_numpy(mass)).all()


def test_a_density_that_is_flat_on_every_interval_loses_nothing():
    bins, mass = Bins(-1.0, 0.5, 5), torch.tensor([0.1, 0.2, 0.3, 0.15, 0.25]).double()
    y = bins.noised(torch.linspace(-1, 1, 5).repeat(100), seeded())
    density = (mass / bins.width)[index_of(bins.level_of(y), 5)]
    assert bins.log_mass(density.log(), 1).exp().tolist() == pytest.approx(mass.repeat(100).tolist())


def test_the_mode_of_a_real_stack_is_its_three_digits():
    assert isinstance(STACKED, StackedDigits)
    x, digits = STACKED.labelled_sample(400, seeded(3))
    assert torch.equal(x, STACKED.draw(400, seeded(3)))
    modes = STACKED.named_modes()
    assert modes is not None
    index, good = modes.assign(x)
    assert [modes.names[i] for i in index] == ["".join(map(str, row)) for row in digits.tolist()]
    assert good.all()


def test_shares_and_centres_of_the_thousand_modes_are_those_of_their_planes():
    modes, planes = STACKED.named_modes(), DATA["digits"]().named_modes()
    assert modes is not None
    assert planes is not None
    assert len(modes.names) == len(set(modes.names)) == 1_000
    assert float(modes.weights.double().sum()) == pytest.approx(1)
    assert float(modes.weights[407]) == pytest.approx(float(planes.weights[[4, 0, 7]].prod()))
    assert torch.equal(modes.means[407], planes.means[[4, 0, 7]].flatten())


def test_one_plane_that_shows_nothing_real_spoils_a_stack():
    modes = STACKED.named_modes()
    assert modes is not None
    x = STACKED.draw(50, seeded())
    x[:, 64:128] = torch.randn(50, 64, generator=seeded(1)).sign()
    assert not modes.assign(x)[1].any()
