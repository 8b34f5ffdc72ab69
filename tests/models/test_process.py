"""Noise to data as frames: the sampler's own states, beside noised data, whose law they have if the model is right."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.observations import OBSERVATIONS
from models.observations._exact_field import exact_field
from models.observations._frames import MOST, POINTS, frames, process_model
from models.training.witness import Witness

SMALL = {"architecture": {"key": "mlp", "width": 8, "depth": 1}, "batch_size": 64, "seed": 12}
COVARIANCE = [[0.16, 0.0], [0.0, 0.16]]
GAUSSIAN = {"key": "gaussian_mixture", "means": [[1.0, -0.5]], "covariances": [COVARIANCE], "weights": [1.0]}
SAMPLERS = ("ancestral", "euler", "heun", "adaptive", "euler_maruyama")


def witness(family="diffusion", points=POINTS, data=None, **recipe):
    named = family if isinstance(family, dict) else {"key": family}
    made = Experiment.from_dict({**SMALL, "data": data or {"key": "ring"}, "family": named, **recipe})
    looker = Witness(made, points=points)
    looker.game.model.denoiser.centre.copy_(torch.tensor([0.3, -0.2])[: looker.game.model.dimension].mean())
    looker.game.model.denoiser.scale.fill_(0.6)
    return looker


def seen(looker):
    pictures, missing = looker.observe(["process"])
    assert not missing
    return pictures["process"]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_last_frame_is_the_finished_samples_and_the_first_is_their_noise(sampler):
    looker = witness({"key": "diffusion", "sampler": {"key": sampler}})
    model, z = looker.game.model, looker.subject.noise[:POINTS]
    arrays = seen(looker)
    np.testing.assert_allclose(arrays["reverse"][-1], model.push(z), rtol=1e-4, atol=1e-4)
    start = model.out_of_process(float(model.process.at(1.0).sigma) * z)
    np.testing.assert_allclose(arrays["reverse"][0], start, rtol=1e-5, atol=1e-5)
    assert arrays["time"][0] == 1
    assert arrays["time"][-1] == 0
    assert str(arrays["sampler"]) == model.sampler.title


@pytest.mark.parametrize("steps", [1, 7, 32, 33, 50, 300])
def test_frames_are_states_of_the_sampler_at_its_own_times_evenly_chosen(steps):
    looker = witness({"key": "flow_matching", "sampler": {"key": "euler", "steps": steps}}, points=20)
    states = list(looker.game.model.states(looker.subject.noise))
    arrays = seen(looker)
    assert len(arrays["time"]) <= MOST
    assert arrays["steps"] == steps
    assert arrays["number"].tolist()[:: max(1, len(arrays["number"]) - 1)] == [0, steps][: len(arrays["number"])]
    for number, time, places in zip(arrays["number"], arrays["time"], arrays["reverse"], strict=True):
        assert states[number].time == pytest.approx(float(time))
        model = looker.game.model
        np.testing.assert_allclose(places, model.out_of_process(states[number].u), atol=1e-6)
    strides = np.diff(arrays["number"])[:-1]
    assert len(set(strides.tolist())) <= 1, "a way at one speed is shown at one speed"


def test_data_go_into_the_noise_on_straight_lines_that_end_where_they_began():
    looker = witness("flow_matching")
    arrays = seen(looker)
    real = looker.subject.real[:POINTS].numpy()
    np.testing.assert_allclose(arrays["forward"][-1], real, atol=1e-5)
    time = arrays["time"][:, None, None]
    at_source = (arrays["forward"][:-1] - (1 - time[:-1]) * real) / time[:-1]
    np.testing.assert_allclose(at_source, np.broadcast_to(at_source[:1], at_source.shape), atol=2e-4)


def test_noised_data_have_the_variance_of_the_schedule_at_every_time():
    looker = witness("diffusion", data=GAUSSIAN)
    arrays, model = seen(looker), looker.game.model
    level = model.process.at(torch.from_numpy(arrays["time"][:-1]))
    expected = (level.alpha * 0.4).square() + (level.sigma * float(model.denoiser.scale)).square()
    found = arrays["forward"][:-1].var(axis=1).mean(axis=1)
    np.testing.assert_allclose(found, expected, rtol=0.12)  # 800 numbers: σ of the ratio is .05
    np.testing.assert_allclose(arrays["noise"][:-1], level.sigma / level.alpha, rtol=1e-4)
    assert arrays["noise"][-1] == 0


@pytest.mark.parametrize("sampler", ["ancestral", "heun"])
def test_with_the_exact_field_both_ways_have_one_law_at_every_time(sampler, monkeypatch):
    family = {"key": "diffusion", "sampler": {"key": sampler, "steps": 50}}
    looker = witness(family, data=GAUSSIAN)
    exact = exact_field(looker.game.model, looker.experiment.data)
    monkeypatch.setattr(type(looker.game.model), "field", lambda self, labels=None: exact)
    arrays = seen(looker)
    for reverse, forward in zip(arrays["reverse"], arrays["forward"], strict=True):
        spread = forward.std(0)
        np.testing.assert_allclose(reverse.mean(0), forward.mean(0), atol=0.25 * spread.max())
        np.testing.assert_allclose(reverse.std(0), spread, rtol=0.18)


def test_a_schedule_that_explodes_is_drawn_in_the_frame_of_the_data():
    calm, wild = witness("diffusion"), witness({"key": "score_based", "schedule": {"key": "variance_exploding"}})
    assert seen(calm)["rescaled"] == 0
    arrays = seen(wild)
    assert arrays["rescaled"] == 1
    assert float(wild.game.model.process.at(1.0).sigma) > 9
    scale = float(wild.game.model.denoiser.scale)
    np.testing.assert_allclose(arrays["forward"][0].std(0), scale, rtol=0.15)
    np.testing.assert_allclose(arrays["reverse"][0].std(0), scale, rtol=0.15)
    np.testing.assert_allclose(arrays["forward"][-1], wild.subject.real[:POINTS], atol=1e-5)


def test_pairs_are_joined_as_training_joins_them():
    def way(coupling):
        arrays = seen(witness("flow_matching", objective={"key": "conditional_flow_matching", "coupling": coupling}))
        return float(np.square(arrays["forward"][0] - arrays["forward"][-1]).sum(1).mean())

    assert way("optimal_transport") < 0.6 * way("independent")


def test_classes_are_those_that_the_model_was_asked_for():
    looker = witness({"key": "diffusion", "conditional": True}, data={"key": "moons"})
    arrays = seen(looker)
    told = looker.game.model.labels_of(looker.subject.noise[:POINTS])
    assert told is not None
    assert set(arrays["label"].tolist()) == {0, 1}
    np.testing.assert_array_equal(arrays["label"], told)
    assert set(seen(witness("diffusion"))["label"].tolist()) == {-1}


def test_hues_go_round_once_with_the_direction_of_the_start():
    arrays = seen(witness("flow_matching"))
    start = arrays["reverse"][0] - arrays["reverse"][0].mean(0)
    angle = np.arctan2(start[:, 1], start[:, 0]) / (2 * np.pi) % 1
    apart = np.abs(arrays["hue"] - angle)
    assert np.minimum(apart, 1 - apart).max() < 0.02


@pytest.mark.parametrize(("data", "d", "rows"), [("digits", 64, 64), ("gaussian_mixture_1d", 1, POINTS)])
def test_pictures_are_whole_and_numbers_are_single(data, d, rows):
    arrays = seen(witness("diffusion", data={"key": data}, latent={"key": "gaussian", "dimension": d}))
    assert arrays["reverse"].shape == arrays["forward"].shape == (len(arrays["time"]), rows, d)
    assert arrays["hue"].shape == arrays["label"].shape == (rows,)
    assert ((arrays["hue"] >= 0) & (arrays["hue"] < 1)).all()


def test_another_sampler_in_mid_run_has_its_own_frames():
    looker = witness({"key": "diffusion", "sampler": {"key": "ancestral", "steps": 50}})
    before = seen(looker)
    changed = looker.experiment.to_dict()
    changed["family"]["sampler"] = {"key": "euler", "steps": 10}
    looker.adopt(Experiment.from_dict(changed))
    after = seen(looker)
    assert len(before["time"]) == 26
    assert len(after["time"]) == 11
    assert "Euler" in str(after["sampler"])


def test_frames_are_worked_out_once_for_the_same_weights():
    subject = witness("diffusion").subject
    assert frames(subject) is frames(subject)
    assert process_model(subject) is subject.game.model


def test_other_families_say_that_they_have_no_such_way():
    looker = Witness(Experiment.from_dict({**SMALL, "data": {"key": "ring"}}), points=50)
    pictures, missing = looker.observe(["process"])
    assert not pictures
    assert "no way from noise to data" in missing["process"]
    assert missing["process"] == OBSERVATIONS["process"]().missing(looker.subject)
