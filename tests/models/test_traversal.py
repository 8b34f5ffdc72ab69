"""Ways through latent space, on models whose pictures are known functions of z."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from models.experiment import Experiment
from models.latents import LATENTS
from models.observations._latent_ways import between, linear, spherical
from models.training.witness import Witness

DDIM = {"key": "diffusion", "sampler": {"key": "ddim", "steps": 4}}


def witness(points=40, latent=3, **recipe):
    return Witness(Experiment.from_dict({
        "data": "digits", "architecture": {"key": "mlp", "depth": 0},
        "latent": {"key": "gaussian", "dimension": latent}, **recipe,
    }), points=points)  # fmt: skip


def linear_model(weights):
    """x = W z of a pushforward."""
    looker = witness(latent=weights.shape[1])
    (layer,) = [part for part in looker.game.model.network.module.modules() if isinstance(part, nn.Linear)]
    with torch.no_grad():
        layer.weight.copy_(weights)
        layer.bias.zero_()
    return looker


def stretched():
    """z₂ changes pixels most, then z₀, then z₁, and each changes pixels of its own."""
    weights = torch.zeros(64, 3)
    weights[0, 0], weights[1, 1], weights[2, 2] = 2.0, 1.0, 5.0
    return weights


def test_the_round_way_keeps_its_length_and_turns_evenly():
    first, second = torch.tensor([2.0, 0.0, 0.0]), torch.tensor([0.0, 2.0, 0.0])
    way = spherical(first, second, torch.tensor([0.0, 1 / 3, 1.0]))
    expected = [[2, 0, 0], [2 * math.cos(math.pi / 6), 2 * math.sin(math.pi / 6), 0], [0, 2, 0]]
    np.testing.assert_allclose(way, expected, atol=1e-6)
    opposite = spherical(first, -first, torch.tensor([0.25]))
    np.testing.assert_allclose(opposite, [[1, 0, 0]], atol=1e-6)


@pytest.mark.parametrize("way", [linear, spherical])
def test_a_sheet_has_its_four_corners(way):
    ends = torch.randn(4, 6, generator=torch.Generator().manual_seed(3))
    sheet = between(ends, 5, way)
    assert sheet.shape == (5, 5, 6)
    corners = torch.stack([sheet[0, 0], sheet[0, -1], sheet[-1, 0], sheet[-1, -1]])
    np.testing.assert_allclose(corners, ends, atol=1e-5)
    if way is linear:
        np.testing.assert_allclose(sheet[2, 2], ends.mean(0), atol=1e-6)


def test_between_two_latents_pictures_of_a_linear_model_are_evenly_spaced():
    looker = linear_model(stretched())
    answer = looker.answer("interpolation", {"ends": np.array([4, 9]), "round": np.array(0)})
    assert int(answer["columns"]) == 11
    straight, rounded = answer["x"].reshape(2, 11, 64)
    for row in (straight, rounded):
        np.testing.assert_allclose(row[[0, -1]], looker.subject.fake[[4, 9]], atol=1e-5)
    np.testing.assert_allclose(np.diff(straight, axis=0).std(0), 0, atol=1e-5)
    assert np.abs(np.diff(rounded, axis=0).std(0)).max() > 1e-3


def test_where_noise_is_not_normal_there_is_the_straight_way_alone():
    looker = witness()
    uniform = Witness(looker.experiment.model_copy(update={"latent": LATENTS["uniform"](dimension=3)}), points=40)
    asked = {"ends": np.array([0, 1]), "round": np.array(1)}
    assert [len(each.answer("interpolation", asked)["x"]) for each in (looker, uniform)] == [22, 11]
    assert [int(each.observe(["traversal"])[0]["traversal"]["round"]) for each in (looker, uniform)] == [1, 0]


def test_coordinates_come_in_the_order_of_how_much_they_change_the_picture():
    looker = linear_model(stretched())
    answer = looker.answer("traversal", {"number": np.array(2), "axes": np.array(1)})
    assert answer["axis"].tolist() == [2, 0, 1]
    np.testing.assert_allclose(answer["change"], np.array([5, 2, 1]) / 8, rtol=1e-4)  # of 64 pixels one changes
    z = looker.subject.noise[2].numpy()
    np.testing.assert_allclose(answer["own"], z[[2, 0, 1]], atol=1e-6)
    np.testing.assert_allclose(answer["values"], [-3, -2, -1, 0, 1, 2, 3], atol=1e-6)
    rows = answer["x"].reshape(3, 7, 64)
    np.testing.assert_allclose(rows[0, :, 2], 5 * answer["values"], atol=1e-5)
    np.testing.assert_allclose(rows[0, :, 0], 2 * z[0], atol=1e-5)


def test_directions_are_the_singular_vectors_of_the_jacobian():
    weights = torch.randn(64, 5, generator=torch.Generator().manual_seed(1))
    looker = linear_model(weights)
    answer = looker.answer("traversal", {"number": np.array(0), "axes": np.array(0)})
    _, values, vectors = np.linalg.svd(weights.numpy(), full_matrices=False)
    np.testing.assert_allclose(np.abs((answer["mix"] * vectors).sum(1)), 1, atol=1e-4)
    np.testing.assert_allclose(answer["change"], values / 8, rtol=1e-4)
    assert (answer["axis"] == -1).all()


def test_a_latent_with_set_components_is_the_traversal_s_own_picture():
    looker = linear_model(torch.randn(64, 5, generator=torch.Generator().manual_seed(1)))
    answer = looker.answer("traversal", {"number": np.array(7), "axes": np.array(0)})
    places = answer["own"].copy()
    asked = {"number": np.array(7), "mix": answer["mix"], "places": places}
    np.testing.assert_allclose(looker.answer("latent", asked)["x"][0], looker.subject.fake[7], atol=1e-4)
    places[1] = answer["values"][5]
    picture = looker.answer("latent", asked)["x"][0]
    np.testing.assert_allclose(picture, answer["x"].reshape(-1, 7, 64)[1, 5], atol=1e-4)


def test_kept_directions_stay_in_their_order_when_the_weights_change():
    looker = linear_model(stretched())
    kept = {name: looker.answer("traversal", {"number": np.array(0), "axes": np.array(1)})[name]
            for name in ("mix", "axis", "rate", "used")}  # fmt: skip
    other = linear_model(stretched().flip(1))
    fresh = other.answer("traversal", {"number": np.array(0), "axes": np.array(1)})
    again = other.answer("traversal", {"number": np.array(0), **kept})
    assert fresh["axis"].tolist() == [0, 2, 1]
    assert again["axis"].tolist() == [2, 0, 1]
    np.testing.assert_allclose(again["change"], np.array([2, 5, 1]) / 8, rtol=1e-4)


def test_of_a_variational_model_the_means_are_shown_and_rates_order_the_rows():
    looker = witness(family={"key": "variational_autoencoder", "encoder": {"key": "mlp", "depth": 0}}, latent=4)
    model = looker.game.model
    with torch.no_grad():
        layer = [part for part in model.network.module.encoder.modules() if isinstance(part, nn.Linear)][-1]
        layer.weight.zero_()
        layer.bias.copy_(torch.tensor([0.0, 2.0, 1.0, 0.0, 0.0, 0.0, 0.0, -1.0]))  # means, then log σ
    pictures, _ = looker.observe(["traversal"])
    means = model.push(looker.subject.noise[:24, :4])
    np.testing.assert_allclose(pictures["traversal"]["x"], means, atol=1e-6)
    answer = looker.answer("traversal", {"number": np.array(0), "axes": np.array(1)})
    assert answer["axis"].tolist() == [1, 3, 2, 0]
    expected = [2.0, 0.5 * (math.exp(-2) - 1) + 1, 0.5, 0.0]  # ½(μ² + σ² − 1) − log σ
    np.testing.assert_allclose(answer["rate"], expected, atol=1e-5)


def test_of_a_sampler_without_chance_noise_is_the_latent():
    looker = witness(points=9, latent=64, family=DDIM)
    pictures, missing = looker.observe(["traversal"])
    assert missing == {}
    np.testing.assert_allclose(pictures["traversal"]["x"], looker.subject.fake[:24], atol=1e-5)
    answer = looker.answer("interpolation", {"ends": np.array([0, 1, 2, 3]), "round": np.array(1)})
    side = int(answer["columns"])
    assert side == 3  # as many as a push of 9 has time for
    np.testing.assert_allclose(answer["x"][[0, 2, 6, 8]], looker.subject.fake[:4], atol=1e-4)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"family": {"key": "diffusion", "sampler": {"key": "ancestral"}}, "latent": 64}, "fresh noise enters"),
        ({"data": "ring"}, "not pictures"),
    ],
)
def test_where_z_decides_no_picture_it_says_why(recipe, words):
    looker = witness(points=4, **recipe)
    _, missing = looker.observe(["traversal"])
    assert words in missing["traversal"]
    for question in ("interpolation", "traversal", "latent"):
        assert looker.answer(question, {}) == {}
