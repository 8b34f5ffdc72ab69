"""What is seen of models that are told classes or captions: a row for each class, samples of a written caption."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.training.witness import Witness

SHAPES = {"key": "shapes", "resolution": 8}
LINEAR = {"key": "mlp", "depth": 0}
DDIM = {"key": "diffusion", "conditional": True, "sampler": {"key": "ddim", "steps": 3}}


def witness(k=3, points=64, **recipe):
    latent = {"key": "gaussian", "dimension": k}
    return Witness(Experiment.from_dict({"latent": latent, "architecture": LINEAR, **recipe}), points=points)


def test_in_each_column_of_a_linear_model_a_class_adds_the_same():
    looker = witness(data="digits", family={"key": "pushforward", "conditional": True})
    assert {"classes"} == looker.offers() & {"classes", "captions"}
    made = looker.observe(["by_class"])[0]["by_class"]
    rows = made["x"].reshape(10, 6, 64)
    assert made["class"].tolist() == list(range(10))
    model, z = looker.game.model, looker.subject.noise[:6]
    np.testing.assert_allclose(rows[4], model.push(model.of_class(z, 4)), atol=1e-5)
    np.testing.assert_allclose((rows - rows[:1]).std(axis=1), 0, atol=1e-5)
    assert np.abs(rows - rows[:1])[1:].max(axis=(1, 2)).min() > 1e-3


def test_of_an_autoencoder_told_classes_the_means_are_shown_and_rates_still_order():
    family = {"key": "variational_autoencoder", "encoder": LINEAR, "conditional": True}
    looker = witness(data="digits", family=family)
    rows = looker.observe(["by_class"])[0]["by_class"]["x"].reshape(10, 6, 64)
    np.testing.assert_allclose((rows - rows[:1]).std(axis=1), 0, atol=1e-4)  # no noise of p(x|z, c) among them
    answer = looker.answer("traversal", {"number": np.array(1), "axes": np.array(1)})
    assert (np.diff(answer["rate"]) <= 0).all()
    label = looker.game.model.labels_of(looker.subject.noise[1:2])
    picture = looker.game.model.push_given(looker.subject.noise[1:2, :3], label)
    asked = {"number": np.array(1), "mix": answer["mix"], "places": answer["own"]}
    np.testing.assert_allclose(looker.answer("latent", asked)["x"], picture, atol=1e-5)


def test_a_model_that_was_told_nothing_says_so():
    assert "told no classes" in witness(data="digits").observe(["by_class"])[1]["by_class"]
    assert "not pictures" in witness(data="ring").observe(["by_class"])[1]["by_class"]
    assert witness(data="digits").answer("caption", {"text": np.array("a circle")}) == {}


def test_samples_of_a_caption_are_those_of_its_words():
    looker = witness(data=SHAPES, family={"key": "pushforward", "conditional": True})
    assert {"captions"} == looker.offers() & {"classes", "captions"}
    answer = looker.answer("caption", {"text": np.array("A small red square, at the top left")})
    tokens = looker.experiment.data.captions.tokens("a small red square at the top left")
    expected = looker.game.model.push_given(looker.subject.noise[:12, :3], tokens.expand(12, -1))
    np.testing.assert_allclose(answer["x"], expected, atol=1e-6)
    assert "red" in answer["words"].tolist()
    assert len(set(answer["examples"].tolist())) >= 6
    assert "own" not in answer
    chosen = looker.answer("caption", {"text": np.array("a circle"), "z": np.zeros((2, 3), np.float32)})
    assert chosen["x"].shape == (2, 192)


def test_unknown_words_are_named():
    looker = witness(data=SHAPES, family={"key": "pushforward", "conditional": True})
    answer = looker.answer("caption", {"text": np.array("a small crimsn squar")})
    assert answer["unknown"].tolist() == ["crimsn", "squar"]
    assert "'square'" in str(answer["problem"])
    assert "x" not in answer


@pytest.mark.parametrize("weight", [0.0, 3.0])
def test_a_caption_is_followed_with_the_weight_that_is_asked_for(weight):
    looker = witness(k=192, points=8, data=SHAPES, family={**DDIM, "guidance": 1.5})
    model, text = looker.game.model, np.array("a red circle")
    answer = looker.answer("caption", {"text": text, "guidance": np.array(weight)})
    assert float(answer["own"]) == 1.5
    model.guidance = weight
    expected = looker.answer("caption", {"text": text})
    np.testing.assert_allclose(answer["x"], expected["x"], atol=1e-5)
    model.guidance = weight + 1
    assert not np.allclose(looker.answer("caption", {"text": text})["x"], answer["x"], atol=1e-4)


def test_between_two_classes_the_class_of_the_first_end_is_kept():
    looker = witness(data="digits", family={"key": "pushforward", "conditional": True})
    model, noise = looker.game.model, looker.subject.noise
    labels = model.labels_of(noise)
    second = int((labels != labels[0]).nonzero()[0])
    answer = looker.answer("interpolation", {"ends": np.array([0, second]), "round": np.array(0)})
    last = model.push_given(noise[second : second + 1, :3], labels[:1])
    np.testing.assert_allclose(answer["x"][10], last[0], atol=1e-5)
    shown = looker.observe(["traversal"])[0]["traversal"]["x"]
    np.testing.assert_allclose(shown, looker.subject.fake[:24], atol=1e-5)
    assert torch.unique(labels[:24]).numel() > 1
