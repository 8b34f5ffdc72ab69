"""What is seen of pictures: nearest neighbours against brute force, saliency against autograd, sizes that are shown."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from models.data._picture import Picture
from models.experiment import Experiment
from models.observations._display import display_shape, displayed
from models.observations._gallery import Gallery, principal_axes
from models.training.witness import Witness

DIGITS = {"data": {"key": "digits"}, "family": {"key": "pushforward"}, "seed": 11}


@pytest.fixture(scope="module")
def witness():
    return Witness(Experiment.from_dict(DIGITS), points=300)


@pytest.fixture(scope="module")
def pictures():
    return torch.rand(700, 3 * 40 * 20, generator=torch.Generator().manual_seed(4))


def test_large_pictures_are_reduced_by_means_and_small_ones_are_left_alone():
    assert display_shape(Picture(3, 400, 300)) == Picture(3, 64, 48)
    assert display_shape(Picture(1, 8, 8)) == Picture(1, 8, 8)
    x = torch.rand(2, 3 * 128 * 64, generator=torch.Generator().manual_seed(0))
    means = x.view(2, 3, 64, 2, 32, 2).mean((3, 5)).flatten(1)
    torch.testing.assert_close(displayed(x, Picture(3, 128, 64)), means)
    assert displayed(means, Picture(3, 64, 32)) is means


@pytest.mark.parametrize("whole", [True, False])
def test_nearest_pictures_are_those_of_brute_force(pictures, whole, monkeypatch):
    if not whole:
        monkeypatch.setattr("models.observations._gallery.WHOLE", 1)
        monkeypatch.setattr("models.observations._gallery.SHORTLIST", 200)
    shape = Picture(3, 40, 20)
    shown = Gallery.of(pictures[100:], shape, 2.0)
    assert (shown.axes is None) == whole
    x = pictures[:100].lerp(pictures[300:400], 0.6)
    distance, index = shown.nearest(x, 3)
    small = [displayed(part, shape, 32).numpy() for part in (pictures[100:], x)]
    oracle = NearestNeighbors(n_neighbors=3, algorithm="brute").fit(small[0]).kneighbors(small[1])
    np.testing.assert_array_equal(index[:, 0], oracle[1][:, 0])
    np.testing.assert_allclose(distance[:, 0], oracle[0][:, 0] / np.sqrt(small[0].shape[1]) / 2, rtol=1e-4)
    if whole:
        np.testing.assert_array_equal(index, oracle[1])
    copies, _ = shown.nearest(pictures[100:110])
    assert copies.max() < 1e-6


def test_principal_axes_are_those_of_the_singular_value_decomposition(pictures):
    few = pictures[:80]
    axes = principal_axes(few)
    torch.testing.assert_close(axes.T @ axes, torch.eye(64), atol=1e-5, rtol=0)
    _, _, directions = torch.linalg.svd(few - few.mean(0), full_matrices=False)
    torch.testing.assert_close((axes.T @ directions[:64].T).norm(dim=1), torch.ones(64), atol=1e-4, rtol=0)


def test_copies_of_the_data_are_told_from_new_pictures(witness):
    subject = witness.subject
    made = witness.observe(["nearest"])[0]["nearest"]
    x, sample = subject.first_fakes(100).numpy(), subject.game.sample
    oracle = NearestNeighbors(n_neighbors=2, algorithm="brute").fit(sample.numpy())
    distances, index = oracle.kneighbors(x)
    np.testing.assert_allclose(made["distance"], distances[:, 0] / 8 / 2, rtol=1e-4)
    np.testing.assert_array_equal(made["nearest"], sample.numpy()[index[:, 0]])
    others = oracle.kneighbors(sample.numpy()[:400])[0][:, 1] / 8 / 2
    assert float(made["limit"]) == pytest.approx(np.quantile(others, 0.05), rel=1e-3)
    assert int(made["held_out"]) == 0
    assert int(made["among"]) == len(sample)


def test_with_held_out_pictures_the_limit_is_theirs():
    told = Experiment.from_dict({**DIGITS, "data": {"key": "digits", "held_out": 0.2}})
    witness = Witness(told, points=64)
    made = witness.observe(["nearest"])[0]["nearest"]
    held = told.data.held_out_sample(400, torch.Generator().manual_seed(0)).numpy()
    oracle = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(witness.subject.game.sample.numpy())
    distances = oracle.kneighbors(held)[0][:, 0] / 8 / 2
    assert float(made["limit"]) == pytest.approx(np.quantile(distances, 0.05), rel=1e-3)
    assert int(made["held_out"]) == 1


def test_saliency_is_the_gradient_of_the_critic_in_its_pixels(witness):
    made = witness.observe(["critic_ranking"])[0]["critic_ranking"]
    game = witness.game
    for name in ("real", "fake"):
        x = torch.from_numpy(made[name]).requires_grad_()
        t = game.divergence.statistic(game.critic.module(x))[:, 0]
        (slope,) = torch.autograd.grad(t.sum(), x)
        np.testing.assert_allclose(made[name + "_t"], t.detach(), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(made[name + "_saliency"], slope.abs(), rtol=1e-3, atol=1e-7)
        ordered = np.sort(made[name + "_all"])[::-1]
        np.testing.assert_allclose(made[name + "_t"], np.concatenate([ordered[:10], ordered[-10:]]), rtol=1e-5)


def test_saliency_adds_the_channels_of_a_pixel():
    from models.observations.critic_ranking import _saliency

    class Told:
        class experiment:
            class data:
                image_shape = Picture(3, 2, 2)

    slope = torch.arange(12.0)[None] - 6
    expected = slope.abs().view(3, 4).sum(0)[None]
    torch.testing.assert_close(_saliency(Told, slope), expected)


@pytest.mark.parametrize("conditional", [False, True])
def test_a_critic_that_judges_packs_is_salient_too_and_one_that_is_told_the_class(conditional):
    family = {"key": "pushforward", "conditional": conditional}
    packed = Experiment.from_dict({**DIGITS, "family": family, "objective": {"key": "adversarial", "packing": 2}})
    made = Witness(packed, points=64).observe(["critic_ranking"])[0]["critic_ranking"]
    assert made["real_saliency"].shape == (20, 64)
    assert (made["real_saliency"].sum(1) > 0).all()
    assert np.isfinite(made["fake_t"]).all()


def test_a_picture_is_asked_about_and_its_z_at_other_weights(witness):
    told = witness.answer("picture", {"number": np.array(5), "real": np.array(0)})
    np.testing.assert_allclose(told["x"][0], witness.subject.fake[5], atol=1e-6)
    np.testing.assert_array_equal(told["code"], witness.subject.noise[5])
    assert (np.diff(told["distance"]) >= 0).all()
    assert told["near"].shape == (5, 64)
    real = witness.answer("picture", {"number": np.array(5), "real": np.array(1)})
    np.testing.assert_array_equal(real["x"][0], witness.subject.real[5])
    fakes = witness.subject.first_fakes(500).numpy()
    nearest = np.linalg.norm(fakes - real["x"], axis=1).argsort()[:5]
    np.testing.assert_allclose(real["near"], fakes[nearest], atol=1e-6)
    assert not real["code"].size
    past = witness.answer("past", {"number": np.array(5)})["made"]
    np.testing.assert_allclose(past, told["x"], atol=1e-6)
    values = np.concatenate([witness.game.model.network.values.numpy(), witness.game.critic.values.numpy()])
    witness.load(values * 0.5)
    other = witness.answer("past", {"number": np.array(5)})["made"]
    witness.load(values)
    assert np.abs(other - past).max() > 1e-3


def test_an_encoder_tells_what_it_makes_of_a_real_picture():
    vae = {
        "data": {"key": "digits"},
        "family": {"key": "variational_autoencoder"},
        "objective": {"key": "variational_bound"},
        "seed": 11,
    }
    witness = Witness(Experiment.from_dict(vae), points=64)
    told = witness.answer("picture", {"number": np.array(2), "real": np.array(1)})
    model, x = witness.game.model, witness.subject.real[2:3]
    with torch.no_grad():
        mean = model.posterior(model.inward(x))[0]
        torch.testing.assert_close(torch.from_numpy(told["code"]), mean[0])
        torch.testing.assert_close(torch.from_numpy(told["reconstruction"]), model.outward(model.decode(mean)))


def test_no_z_is_inferred_of_a_picture_by_an_encoder_that_needs_its_class():
    family = {"key": "variational_autoencoder", "conditional": True, "untold": 0.0}
    recipe = {"data": {"key": "digits"}, "family": family, "objective": {"key": "variational_bound"}, "seed": 11}
    told = Witness(Experiment.from_dict(recipe), points=64).answer(
        "picture", {"number": np.array(2), "real": np.array(1)}
    )
    assert not told["code"].size
    assert "reconstruction" not in told
