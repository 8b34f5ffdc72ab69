"""The lenses before the critic: what they show, and the way back for gradients."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.data._picture import Picture
from models.objectives._lenses import Chain, Deviation, Lens, Noise, Packs


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(n: int = 11, d: int = 3) -> torch.Tensor:
    return torch.randn(n, d, generator=chance(7), dtype=torch.float64)


CHAINS: dict[str, tuple[Lens, ...]] = {
    "none": (),
    "packs": (Packs(3),),
    "deviation": (Deviation(),),
    "packs, deviation": (Packs(2), Deviation()),
    "noise, packs, deviation": (Noise(0.3, chance()), Packs(4), Deviation()),
}


@pytest.mark.parametrize("lenses", CHAINS.values(), ids=CHAINS)
def test_the_way_back_is_autograd_s(lenses):
    chain, x = Chain(lenses), batch().requires_grad_()
    stages = chain.stages(x)
    dy = torch.randn(stages[-1].shape, generator=chance(1), dtype=torch.float64)
    (expected,) = torch.autograd.grad(stages[-1], x, dy)
    torch.testing.assert_close(chain.pull([stage.detach() for stage in stages], dy), expected)
    assert stages[-1].shape[1] == chain.shape(3)


def test_a_pack_is_neighbours_and_what_is_left_over_is_not_shown():
    x = torch.arange(14.0).view(7, 2)
    assert Packs(3).look(x).tolist() == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]


def test_the_deviation_is_numpy_s():
    x = batch()
    seen = Deviation().look(x).numpy()
    assert seen[:, -1] == pytest.approx(np.full(11, x.numpy().std(0).mean()), rel=1e-6)
    np.testing.assert_array_equal(seen[:, :-1], x.numpy())


def test_a_batch_of_equals_has_a_finite_way_back():
    x = torch.ones(4, 2)
    assert Deviation().pull(x, torch.ones(4, 3)).isfinite().all()


def test_noise_has_its_spread_and_follows_its_chance():
    x = torch.zeros(20_000, 2)
    seen = Noise(0.3, chance(3)).look(x)
    assert float(seen.std()) == pytest.approx(0.3, rel=5 / np.sqrt(2 * 40_000))
    assert torch.equal(seen, Noise(0.3, chance(3)).look(x))


def test_a_point_among_a_crowd_stands_where_it_would_in_training():
    crowd, point = batch(), torch.tensor([[5.0, 6.0, 7.0]], dtype=torch.float64)
    among = torch.cat([point, crowd])
    torch.testing.assert_close(Packs(4).insert(point, crowd), Packs(4).look(among)[:1])
    seen = Chain((Packs(2), Deviation())).insert(point, crowd)
    packs = crowd[:10].reshape(5, 6).numpy()
    assert float(seen[0, -1]) == pytest.approx(packs.std(0).mean(), rel=1e-6)


def test_a_deviation_of_pictures_is_a_plane_more_and_packs_are_as_many_planes():
    shape, x = Picture(3, 2, 2), torch.randn(4, 12, generator=chance(0))
    chain = Chain((Packs(2), Deviation.of(shape)))
    seen = chain.look(x)
    assert chain.shape(shape) == Picture(7, 2, 2)
    assert seen.shape == (2, 28)
    assert seen[:, 24:].unique().numel() == 1
