"""Classifier-free guidance: against the exact field of a mixture, the same for every prediction, and what it costs."""

from __future__ import annotations

from collections import deque
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from models.data import DATA
from models.data._modes import at_modes
from models.experiment import Experiment
from models.families import FAMILIES
from models.families._denoising import DenoisingModel
from models.observations.guidance import CERTAINTY, SCORES, WEIGHTS, Yardstick, swept
from models.predictions import PREDICTIONS
from models.reproduction import PROTOCOLS
from models.samplers import SAMPLERS, Field, Keyed
from models.schedules import SCHEDULES, NoiseProcess
from models.training.setting import build_model
from models.training.trainer import Trainer
from models.training.witness import Witness

RING = {"key": "ring", "radius": 5.0, "std": 1.0}
TOLD = {"key": "diffusion", "conditional": True, "sampler": {"key": "euler", "steps": 20}}


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def experiment(**changes) -> Experiment:
    return Experiment.from_dict({"data": RING, "family": TOLD, "steps": 1500, "seed": 13, **changes})


@cache
def trained(steps: int = 1500) -> tuple[Experiment, np.ndarray]:
    """The recipe and the weights of a short run."""
    trainer = Trainer(experiment())
    for _ in range(steps):
        trainer.take_step()
    return trainer.experiment, trainer.values().numpy().copy()


@pytest.fixture
def witness() -> Witness:
    recipe, values = trained()
    made = Witness(recipe)
    made.load(values, average=True)
    return made


class Guided(Field):
    """The exact field of equal round Gaussians, guided towards the one of each sample by the definition of guidance."""

    def __init__(self, process: NoiseProcess, means: Tensor, std: float, labels: Tensor, weight: float) -> None:
        self.process = process
        self._means, self._std, self._labels, self._weight = means, std, labels, weight

    def split(self, u: Tensor, t: float) -> tuple[Tensor, Tensor]:
        level = self.process.at(t)
        alpha, sigma = float(level.alpha), float(level.sigma)
        variance = (alpha * self._std) ** 2 + sigma**2
        offset = u[:, None] - alpha * self._means
        scores = -offset / variance  # of each Gaussian alone
        weights = (-0.5 * offset.square().sum(2) / variance).softmax(1)
        free = (weights[:, :, None] * scores).sum(1)
        told = scores[torch.arange(len(u)), self._labels]
        noise = -sigma * ((1 + self._weight) * told - self._weight * free)
        return (u - sigma * noise) / alpha, noise


def guided_exactly(weight: float, std: float, steps: int = 100) -> tuple[Tensor, Tensor, Tensor]:
    """Samples of the guided exact field of a ring of radius 1, their classes, and whether they are of high quality."""
    process = NoiseProcess(SCHEDULES["linear"](), 1000)
    law = DATA.parse({"key": "ring", "std": std})
    modes = law.named_modes()
    labels = torch.arange(800) % len(modes.means)
    noise = torch.randn(800, 2, generator=seeded(0))
    field = Guided(process, modes.means, std, labels, weight)
    (last,) = deque(SAMPLERS.parse({"key": "euler", "steps": steps}).states(field, noise, Keyed(noise)), maxlen=1)
    return last.u, labels, at_modes(modes, last.u)[2]


@pytest.mark.parametrize("std", [0.01, 0.05])
def test_guidance_by_the_exact_field_keeps_narrow_modes_whole(std):
    """So where a short run's samples leave narrow modes with w > 0, the nets are to blame and not guidance."""
    for weight in (0.0, 0.5, 2.0):
        x, labels, good = guided_exactly(weight, std)
        assert float(good.float().mean()) > 0.98  # of the data themselves .989 are
        assert torch.equal(DATA.parse({"key": "ring", "std": std}).named_modes().assign(x)[0], labels)


def test_guidance_exaggerates_what_a_net_says_of_a_class():
    """w times the difference of two answers, and with it of their errors: it is what moved the samples off."""
    recipe, values = trained()
    model = Witness(recipe).game.model
    assert isinstance(model, DenoisingModel)
    model.network.values.copy_(torch.from_numpy(values[: len(model.network.values)]))
    u, labels = torch.randn(50, 2, generator=seeded(1)), torch.arange(50) % 8
    told, free = (model.field(which).split(u, 0.3)[1] for which in (labels, None))
    for weight in (0.5, 3.0):
        guided = model.field(labels, torch.full((50,), weight)).split(u, 0.3)[1]
        assert torch.allclose(guided, (1 + weight) * told - weight * free, atol=1e-5)


@pytest.mark.parametrize("key", PREDICTIONS.keys())
def test_guidance_is_the_same_whatever_is_predicted(key):
    """Every prediction is affine in the noise at a fixed place, and the weights 1 + w and −w sum to 1."""
    prediction = PREDICTIONS[key]()
    level = NoiseProcess(SCHEDULES["linear"]()).at(0.4)
    u, one, other = (torch.randn(30, 2, generator=seeded(i), dtype=torch.float64) for i in range(3))
    level = type(level)(*(part.double() for part in (level.alpha, level.sigma, level.alpha_slope, level.sigma_slope)))
    outputs = [prediction.split(answer, u, level)[1] for answer in (one, other)]
    assert torch.allclose(
        prediction.split(3 * one - 2 * other, u, level)[1], 3 * outputs[0] - 2 * outputs[1], rtol=1e-9, atol=1e-9
    )


@pytest.mark.parametrize("family", [family.key for family in FAMILIES if "process" in family.capabilities])
def test_each_sample_can_have_a_weight_of_its_own(family):
    recipe = Experiment.from_dict({"data": RING, "family": {"key": family, "conditional": True}})
    model = build_model(recipe, seeded(0))
    assert isinstance(model, DenoisingModel)
    model.sampler = SAMPLERS.parse({"key": "euler", "steps": 5})
    z = model.latent.draw(40, seeded(1))
    together = swept(model, z, [0.0, 2.0])
    for weight, x in zip((0.0, 2.0), together, strict=True):
        model.guidance = weight
        assert torch.allclose(model.push(z), x, atol=1e-5)
    assert not torch.allclose(*together)


def test_guidance_costs_coverage_and_brings_samples_nearer_to_data(witness):
    pictures, missing = witness.observe(["guidance"])
    found = pictures["guidance"]
    assert not missing
    assert found["weight"].tolist() == list(WEIGHTS)
    assert (np.diff(found["coverage"]) <= 0).all()
    assert found["coverage"][-1] < 0.3 < 0.85 < found["coverage"][0]
    assert found["recall"][-1] < 0.2 < 0.8 < found["recall"][0]
    assert (np.diff(found["coverage exact"]) < -0.05).all()
    for found_by in (CERTAINTY, f"{CERTAINTY} exact"):
        assert found[found_by][2] > found[found_by][0] + 0.03
    assert found["precision exact"][1] > 0.9
    for key in SCORES:
        assert abs(found[key][0] - found[f"{key} exact"][0]) < 0.08  # without guidance the net is right
        mean, low, high = found[f"{key} floor"]
        assert 0.8 < low <= mean <= high < 1.1


def test_exact_values_do_not_depend_on_the_weights_of_the_net(witness):
    recipe, values = trained()
    before = witness.observe(["guidance"])[0]["guidance"]
    witness.load(1.3 * values, average=True)
    after = witness.observe(["guidance"])[0]["guidance"]
    assert np.array_equal(before["coverage exact"], after["coverage exact"])
    assert not np.array_equal(before["coverage"], after["coverage"])
    board = Experiment.from_dict({**recipe.to_dict(), "data": {"key": "checkerboard"}})
    assert "coverage exact" not in Witness(board).observe(["guidance"])[0]["guidance"]  # no closed form is known


def test_present_weight_is_among_those_that_are_tried_and_is_what_is_shown(witness):
    witness.adopt(witness.experiment.with_settings(["family.guidance=3"]))
    pictures, _ = witness.observe(["guidance", "samples"])
    found = pictures["guidance"]
    assert found["weight"].tolist() == [0, 0.5, 1, 2, 3, 4]
    n = int(found["n"])
    assert (float(found["now"]), n) == (3.0, pytest.approx(300, abs=200))
    (own,) = swept(witness.game.model, witness.subject.noise[:n], [3.0])
    assert np.allclose(own.numpy(), pictures["samples"]["x"][:n], atol=1e-4)
    again = witness.observe(["guidance"])[0]["guidance"]
    assert all(np.array_equal(found[key], again[key]) for key in found)


def test_observation_says_why_there_is_nothing_to_see():
    for changes, said in (({"family": "diffusion"}, "told no classes"), ({"family": {**TOLD, "untold": 0.0}}, "p(x)")):
        _, missing = Witness(experiment(**changes)).observe(["guidance"])
        assert said in missing["guidance"]


def test_pictures_of_answers_for_any_class_are_left_out_where_every_class_was_told():
    keys = ["denoising_field", "sampler_error", "encoded"]
    pictures, missing = Witness(experiment(family={**TOLD, "untold": 0.0})).observe(keys)
    assert not pictures
    assert all("class of every sample" in missing[key] for key in keys)
    pictures, missing = Witness(experiment(family=TOLD)).observe([*keys, "gradient_estimate"])
    assert set(pictures) == set(keys)
    assert "told the class" in missing["gradient_estimate"]


def test_perfect_samples_score_as_the_floors_say(witness):
    found = witness.observe(["guidance"])[0]["guidance"]
    law, yardstick = witness.experiment.data, witness.subject.kept[f"guided against {int(found['n'])}"]
    for key, value in yardstick.scores(*law.draw_told(int(found["n"]), seeded(77))).items():
        mean, low, high = found[f"{key} floor"]
        assert abs(value - mean) < 2 * (high - low)


def test_samples_that_are_not_finite_have_no_score():
    law = DATA.parse(RING)
    yardstick = Yardstick.of(law, law.draw(50, seeded(0)))
    found = yardstick.scores(torch.tensor([[0.0, torch.nan]]), torch.zeros(1, dtype=torch.int64))
    assert all(np.isnan(value) for value in found.values())


def test_certainty_is_the_posterior_of_the_own_class():
    """Two unit Gaussians 2 apart: the mean of p(c|x) over their own samples by quadrature."""
    law = DATA.parse(
        {
            "key": "gaussian_mixture",
            "means": [[-1.0, 0.0], [1.0, 0.0]],
            "covariances": [np.eye(2).tolist()] * 2,
            "weights": [],
        }
    )
    x = torch.linspace(-9, 11, 20_001, dtype=torch.float64)
    own, other = ((-0.5 * (x - mean).square()).exp() / (2 * torch.pi) ** 0.5 for mean in (1.0, -1.0))
    truth = float((own * own / (own + other)).sum() * 20 / 20_000)
    yardstick = Yardstick.of(law, law.draw(50, seeded(0)))
    assert yardstick.certainty(*law.draw_told(20_000, seeded(1))) == pytest.approx(truth, abs=0.015)


def test_protocol_judges_what_the_source_states():
    protocol = PROTOCOLS["guidance"](budget=0.004)
    case = protocol.cases()[0]
    trial = dict(protocol.trial(case, 10, lambda share: None))
    rows = protocol.judge(case, {10: trial})
    assert len(rows) == 3 * len(WEIGHTS)
    assert {row.met for row in rows} == {None}
    for quantity, way in (("coverage", -0.1), ("certainty", 0.03)):
        for i, weight in enumerate(WEIGHTS):
            trial[f"{quantity}, net, {weight:g}"] = 0.8 + i * way
    assert [row.met for row in protocol.close({case: {10: trial}})] == [True, True]
    trial["coverage, net, 1"] = 0.9  # more than without guidance
    assert [row.met for row in protocol.close({case: {10: trial}})] == [False, True]
    assert [row.met for row in protocol.close({case: {10: trial, 11: {}}})] == [False, False]
