"""The Dirac-GAN: the exact table, the field and its linearisation, and the path that the trainer reports."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.experiment import Experiment
from models.observations.phase_portrait import drive
from models.presets import find_preset
from models.reproduction import PROTOCOLS
from models.reproduction.dirac import ORDERS, VARIANTS, Variant, experiment, iterated, rounding, trained
from models.training.trainer import Trainer
from models.training.witness import Witness

BY_TITLE = {variant.title: variant for variant in VARIANTS}
SMOOTH = [variant for variant in VARIANTS if "WGAN-GP" not in variant.title]


def witness(recipe: Experiment) -> Witness:
    return Witness(recipe, points=64)


def portrait(recipe: Experiment) -> dict[str, np.ndarray]:
    pictures, missing = witness(recipe).observe(["phase_portrait"])
    assert not missing
    return dict(pictures["phase_portrait"])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.title)
def test_every_cell_of_the_table(variant: Variant, order: str):
    printed = variant.published[list(ORDERS).index(order)]
    ours = trained(variant, order)
    assert ours == pytest.approx(float(printed), rel=0.01 + rounding(printed))
    assert ours == pytest.approx(iterated(variant, order), rel=1e-3)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.title)
def test_the_field_is_the_published_one(variant: Variant):
    arrays = portrait(experiment(variant, "simultaneous"))
    line = np.linspace(-arrays["extent"], arrays["extent"], 21)
    chance = np.random.default_rng(0)
    for i, j in chance.integers(0, 21, (40, 2)):
        theta, psi = line[j], line[i]
        if psi == 0 and variant not in SMOOTH:
            continue
        expected = (variant.generator(theta, -psi), -variant.critic(theta, -psi))
        assert arrays["field"][i, j] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.title)
def test_the_field_is_the_slope_of_the_losses(variant: Variant):
    """By differences of what the turns report as losses, in the weights that each player moves."""
    looked = witness(experiment(variant, "simultaneous"))
    game, objective = looked.game, looked.experiment.objective

    def losses(theta: float, psi: float) -> tuple[float, float]:
        game.model.network.theta.fill_(theta)
        game.critic.theta.fill_(psi)
        critic = objective.critic_turn(game)
        return objective.generator_turn(game)["generator_loss"], critic["critic_loss"] + critic.get("penalty", 0.0)

    theta, psi, nudge = 0.7, -0.4, 1e-2
    expected = (
        (losses(theta - nudge, psi)[0] - losses(theta + nudge, psi)[0]) / (2 * nudge),
        (losses(theta, psi - nudge)[1] - losses(theta, psi + nudge)[1]) / (2 * nudge),
    )
    assert drive(looked._subject, np.array([[theta, psi]]))[0] == pytest.approx(expected, abs=2e-4)


def test_looking_at_the_field_leaves_the_weights():
    looked = witness(experiment(BY_TITLE["GAN"], "simultaneous"))
    looked.load(np.array([0.3, 0.7, 0.3], np.float32))
    first, _ = looked.observe(["phase_portrait"])
    assert first["phase_portrait"]["point"] == pytest.approx([0.3, 0.7])
    assert first["phase_portrait"]["start"].tolist() == [1.0, -1.0]
    assert [float(w.theta) for w in (looked.game.model.network, looked.game.critic)] == pytest.approx([0.3, 0.7])


@pytest.mark.parametrize("gamma", [0.3, 1.0])
def test_eigenvalues_at_the_equilibrium_are_the_published_ones(gamma):
    """−γ/2 ± √(γ²/4 − f′(0)²) with f′(0) = ½, a double root at γ = 1."""
    (variant,) = (v for v in VARIANTS if v.title.startswith("GAN + R1") and v.parts["objective"]["r1"] == gamma)
    arrays = portrait(experiment(variant, "simultaneous"))
    root = np.sqrt(complex(gamma**2 / 4 - 0.25))
    expected = np.array([-gamma / 2 - root, -gamma / 2 + root])
    # A double root is as ill-conditioned as roots get: its sum and product are what can be compared.
    found = np.linalg.eigvals(arrays["jacobian"])
    assert found.sum().real == pytest.approx(expected.sum().real, abs=1e-3)
    assert np.prod(found).real == pytest.approx(np.prod(expected).real, abs=1e-3)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("variant", [v for v in SMOOTH if "R1" in v.title], ids=lambda variant: variant.title)
def test_the_linear_step_shrinks_as_fast_as_the_trainer_does(variant: Variant, order: str):
    recipe = experiment(variant, order)
    step = portrait(recipe)["step"].astype(float)
    trainer = Trainer(recipe)
    for _ in range(150):
        trainer.take_step()
    before = np.array(list(trainer.game.place().values()))
    trainer.take_step()
    after = np.array(list(trainer.game.place().values()))
    size = np.linalg.norm(before)
    assert 0 < size < 0.05
    assert after == pytest.approx(step @ before, abs=0.01 * size)


def test_where_the_penalty_has_a_kink_there_is_no_linearisation():
    arrays = portrait(experiment(BY_TITLE["WGAN-GP (0.7, 1)"], "simultaneous"))
    assert np.isnan(arrays["jacobian"]).all()
    assert np.isnan(arrays["step"]).all()


def test_the_trainer_reports_where_a_planar_game_stands_after_every_step():
    trainer = Trainer(experiment(BY_TITLE["GAN"], "simultaneous"))
    for _ in range(5):
        row = trainer.take_step()
        assert [row["theta"], row["psi"]] == list(trainer.game.place().values())
    larger = experiment(BY_TITLE["GAN"], "simultaneous").with_settings(["objective.critic.offset=true"])
    assert "theta" not in Trainer(larger).take_step()


def test_other_games_have_no_portrait():
    recipe = experiment(BY_TITLE["GAN"], "simultaneous")
    wide = recipe.with_settings(["objective.critic.offset=true"])
    spread = recipe.with_settings(["data.key=gaussian_mixture_1d"])
    for other, words in ((wide, "one weight"), (spread, "one point")):
        _, missing = witness(other).observe(["phase_portrait"])
        assert words in missing["phase_portrait"]


def test_every_picture_and_measure_of_the_least_game_is_finite():
    looked = witness(experiment(BY_TITLE["GAN"], "simultaneous"))
    pictures, _ = looked.observe(["density", "samples", "critic_field", "gradient_arrows", "latent_map", "jacobian"])
    for arrays in pictures.values():
        assert all(np.isfinite(array).all() for array in arrays.values())
    measures = looked.measure()
    assert measures
    assert all(math.isfinite(value) for value in measures.values())
    assert torch.equal(looked.sample(5, torch.Generator()), torch.ones(5, 1))


def test_a_rising_path_needs_few_sizes_of_the_plane():
    looked = witness(experiment(BY_TITLE["GAN"], "simultaneous"))
    extents = set()
    for size in np.linspace(0.1, 6, 40):
        looked.load(np.array([size, 0.0, size], np.float32))
        arrays = looked.observe(["phase_portrait"])[0]["phase_portrait"]
        assert arrays["extent"] > size
        extents.add(float(arrays["extent"]))
    assert len(extents) < 6


def test_the_protocol_has_a_row_for_every_cell_and_each_is_met():
    protocol = PROTOCOLS["dirac"]()
    assert len(protocol.cases()) == len(VARIANTS) * len(ORDERS)
    case = "GAN + R1 γ .3, simultaneous"
    (row,) = protocol.judge(case, {0: protocol.attempt(case, 0, lambda share: None)})
    assert row.met
    assert row.published == 2.6e-6
    assert row.ours == pytest.approx(row.oracle, rel=1e-3)
    (wrong,) = protocol.judge(case, {0: {"distance": row.ours * 1.05, "formula": row.oracle}})
    assert wrong.met is False
    (failed,) = protocol.judge(case, {0: {}})
    assert failed.met is False
    assert failed.ours is None


def test_a_point_mass_has_one_arrow():
    pictures, _ = witness(find_preset("dirac_gan")).observe(["gradient_arrows"])
    assert pictures["gradient_arrows"]["tail"].shape == pictures["gradient_arrows"]["vector"].shape == (1, 1)
