"""The whole instrument on real models: signs against what is known, runs that collapse and runs that do not."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from explorer.session.sight import _as_message
from models.data import DATA
from models.diagnosis import Instrument
from models.diagnosis.remedies import OFFERS, remedies
from models.diagnosis.signs import Onlooker, _above
from models.experiment import Experiment, needs_restart
from models.observations.jacobian import singular_values
from models.presets import find_preset
from models.reproduction import PROTOCOLS
from models.reproduction.collapse import KINDS, truth, watch
from models.training.trainer import Trainer
from models.training.witness import Witness

TROUBLES = tuple(OFFERS)


def witness(**recipe: object) -> Witness:
    return Witness(Experiment.from_dict({"architecture": {"key": "mlp", "width": 8}, **recipe}), points=2_500)


def linear(matrix: list[list[float]]) -> Witness:
    """A witness of x̂ = A z."""
    looker = witness(architecture={"key": "mlp", "depth": 0})
    looker.game.model.network.theta.copy_(torch.tensor([*matrix[0], *matrix[1], 0.0, 0.0]))
    return looker


def seen(looker: Witness):
    return Onlooker(looker.subject).look(looker.subject, 1)


def test_singular_values_of_a_linear_map():
    """Singular values 3 and 1: shares 3/4 and 1/4, whose entropy gives the effective rank."""
    signs = seen(linear([[3.0, 0.0], [0.0, 1.0]]))
    assert signs.condition == pytest.approx(3.0, rel=1e-5)
    assert signs.rank == pytest.approx(math.exp(-0.75 * math.log(0.75) - 0.25 * math.log(0.25)), rel=1e-5)
    assert signs.singular == 0
    assert seen(linear([[1.0, 1.0], [1.0, 1.0]])).singular == 1


def test_a_map_onto_the_data_s_spread_has_spread_one():
    """Each coordinate of a ring of radius 1 has variance 1/2 + σ²."""
    side = math.sqrt(0.5 + 0.05**2)
    assert seen(linear([[side, 0.0], [0.0, side]])).spread == pytest.approx(1.0, abs=0.03)


def test_the_chance_that_the_critic_tells_right():
    """Against scikit-learn's area under the curve, with ties."""
    from sklearn.metrics import roc_auc_score

    chance = torch.Generator().manual_seed(0)
    real, fake = torch.randint(0, 9, (300, 1), generator=chance) + 1.0, torch.randint(0, 9, (200, 1), generator=chance)
    labels = np.r_[np.ones(300), np.zeros(200)]
    assert _above(real, fake.float()) == pytest.approx(roc_auc_score(labels, torch.cat([real, fake])[:, 0]))


@pytest.mark.parametrize(
    "recipe", [{"data": "ring"}, {"data": "moons"}, {"data": "digits"}, {"data": "gaussian_mixture_1d"},
               {"data": "ring", "divergence": "mmd"}, {"data": "moons", "divergence": "wasserstein_1"}],
)  # fmt: skip
def test_what_is_told_is_a_message(recipe):
    looker = witness(**recipe)
    told = looker.diagnose(3)
    message = _as_message(1, 3, told)
    k = len(message.names)
    assert message.named == (recipe["data"] != "moons")
    assert all(len(array) == k for array in (message.mass, message.target, message.quality, message.age))
    assert message.mass.sum() <= 1 + 1e-6
    assert message.text.endswith(".")
    assert not message.alarm
    assert ("Critic tells apart" in message.signs) == (recipe.get("divergence") != "mmd")


def test_a_step_that_is_not_later_begins_the_story_anew():
    looker = witness(data="gaussian_mixture_1d")
    for step in (1, 2, 3):
        told = looker.diagnose(step)
    assert {event.step for event in told["events"]} == {1}
    assert looker.diagnose(2)["events"] == ()


def test_a_sampler_swapped_in_mid_run_leaves_the_story_and_moves_the_number_of_samples(monkeypatch):
    """Ten steps, then two hundred, then ten: 2,500 samples, 500 and again 2,500, each with its floor, and one story."""
    monkeypatch.setattr("models.training._gauge.FLOOR_REPEATS", 2)
    made = Experiment.from_dict({
        "architecture": {"key": "mlp", "width": 8, "depth": 1},
        "family": {"key": "diffusion", "levels": 200, "sampler": {"key": "ancestral", "steps": 10}},
    })  # fmt: skip
    looker, sizes, floors = Witness(made), [], {}
    for step, steps in enumerate((10, 10, 200, 200, 10)):
        looker.adopt(made.with_settings([f"family.sampler.steps={steps}"]))
        found = looker.diagnose(step)
        sizes.append((len(looker.subject.fake), looker.sample_size))
        if steps not in floors:
            floors[steps] = looker.floors()[0]["sliced_wasserstein"][0]
            assert "sliced_wasserstein" in looker.measure()
        assert math.isnan(looker._instrument.signs.moved) == (step in (0, 2, 4))
        assert looker._instrument.step == step
        assert len(found["mass"]) == 8
    assert sizes == [(10_000, 2_500)] * 2 + [(500, 500)] * 2 + [(10_000, 2_500)]
    assert floors[200] > 1.5 * floors[10]


def test_samples_that_are_not_finite_have_no_diagnosis():
    looker = witness(data="ring")
    looker.game.model.network.theta.fill_(torch.nan)
    looker.load(torch.cat([looker.game.model.network.values, looker.game.critic.values]).numpy())
    assert looker.diagnose(1) is None


class Perfect:
    """A model that draws from the data's own law."""

    def __init__(self, subject):
        self.subject = subject

    def at(self, step: int):
        fake = self.subject.experiment.data.draw(2_500, torch.Generator().manual_seed(step))
        self.subject.__dict__["fake"] = fake
        return self.subject


PERFECT = [law.key for law in DATA if "path" not in law.model_fields and law.key not in ("digits", "dirac", "glyphs")]


@pytest.mark.parametrize("data", PERFECT)
def test_a_perfect_sampler_loses_nothing_and_rings_nothing(data):
    looker = witness(data=data)
    perfect = Perfect(looker.subject)
    instrument = Instrument(looker.subject)
    told = [instrument.look(perfect.at(step), step) for step in range(0, 20_000, 800)]
    assert not any(found["alarm"] for found in told)
    assert all(born for _, _, born in told[-1]["events"])
    assert told[-1]["verdict"] == "healthy"


def test_a_perfect_sampler_of_the_ring_stays_silent_for_200_looks():
    looker = witness(data="ring")
    perfect, instrument = Perfect(looker.subject), Instrument(looker.subject)
    told = [instrument.look(perfect.at(step), step) for step in range(0, 20_000, 100)]
    assert not any(found["alarm"] for found in told)
    assert [(step, born) for step, _, born in told[-1]["events"]] == [(0, True)] * 8


def test_a_run_that_collapses_rings_and_says_so():
    recipe = find_preset("collapse").with_settings(["steps=1200", "seed=100"])
    found = watch(recipe)
    assert "collapse" in [key for _, key in found.alarms]
    assert found.verdicts[-1] == "collapse"
    assert truth(found.signs, recipe.data.parts.weights.numpy()) == "collapse"


def test_a_run_that_has_no_gradient_rings_and_says_so():
    recipe = find_preset("disjoint_js").with_settings(["steps=400", "seed=100"])
    found = watch(recipe)
    assert [key for _, key in found.alarms] == ["vanishing_gradient"]
    assert truth(found.signs, recipe.data.parts.weights.numpy()) == "vanishing_gradient"


def test_a_run_that_learns_is_silent():
    found = watch(find_preset("gaussian_1d").with_settings(["steps=1200", "seed=100"]))
    assert found.alarms == []
    assert found.verdicts[-1] == "healthy"


@pytest.mark.parametrize("preset", ["ring", "collapse", "moons_wasserstein", "digits", "mmd", "gaussian_1d"])
@pytest.mark.parametrize("verdict", TROUBLES)
def test_every_remedy_can_be_taken_up_and_changes_something(preset, verdict):
    recipe = find_preset(preset)
    for title, help_text, settings in remedies(verdict, recipe):
        assert recipe.with_settings(settings) != recipe, title
        assert help_text.endswith(".")


def test_the_collapse_preset_is_offered_the_remedies_of_its_kind():
    titles = [title for title, _, _ in remedies("collapse", find_preset("collapse"))]
    assert titles[0] == "Two time scales"
    assert {"R1 penalty", "Non-saturating loss", "Wasserstein-1 with gradient penalty"} <= set(titles)
    assert remedies("healthy", find_preset("collapse")) == ()


@pytest.mark.parametrize("remedy", remedies("collapse", find_preset("collapse")), ids=lambda remedy: remedy.title)
def test_a_remedied_run_is_looked_at_too(remedy):
    """Critics of packs and of batches, and those that look ahead, have the same signs."""
    told = Witness(find_preset("collapse").with_settings(remedy.settings), points=2_500).diagnose(1)
    assert {"Critic tells apart", "Gradient at samples", "Critic's bound"} <= set(told["signs"])


def test_nothing_is_offered_that_gains_nothing():
    """With Wasserstein-1 the minimax gradient never fades, and its penalty is there already."""
    titles = [title for title, _, _ in remedies("collapse", find_preset("moons_wasserstein"))]
    assert not {"Non-saturating loss", "Wasserstein-1 with gradient penalty"} & set(titles)
    assert not any("divergence.key" in setting for _, _, settings in remedies("collapse", find_preset("mmd"))
                   for setting in settings)  # fmt: skip


@pytest.mark.parametrize("family", ["diffusion", "flow_matching", "score_based"])
def test_a_model_that_denoises_is_offered_what_denoising_has(family):
    """Less guidance and more steps, live; nothing of critics, and no falling rate where the rate falls already."""
    recipe = Experiment.from_dict({
        "family": {"key": family, "conditional": True, "guidance": 3.0, "sampler": {"key": "euler", "steps": 5}},
    })  # fmt: skip
    offered = remedies("collapse", recipe)
    assert [remedy.title for remedy in offered[:2]] == ["No guidance", "More steps of the sampler"]
    for title, help_text, settings in (*offered, *remedies("underfitting", recipe), *remedies("oscillation", recipe)):
        assert not {"critic", "z is", "σ"} & set(help_text.split()), title
        assert "optimizer.schedule=linear" not in settings
        assert recipe.with_settings(settings) != recipe
    assert all(not needs_restart(recipe, recipe.with_settings(remedy.settings)) for remedy in offered[:2])
    plain = recipe.with_settings(["family.guidance=0.0", "family.sampler.steps=100"])  # no fewer than levels
    assert not {"No guidance", "More steps of the sampler"} & {title for title, _, _ in remedies("collapse", plain)}


def test_averaged_and_trained_weights_are_looked_at_alike():
    recipe = Experiment.from_dict({"architecture": {"key": "mlp", "width": 8}, "batch_size": 16})
    trainer, looker = Trainer(recipe), Witness(recipe, points=2_500)
    trainer.take_step()
    looker.load(trainer.values().numpy(), average=True)
    assert looker.diagnose(1)["verdict"] == "learning"


def test_the_table_counts_alarms_against_the_truth():
    protocol = PROTOCOLS["collapse"]()
    collapse, healthy = KINDS.index("collapse"), KINDS.index("healthy")
    trials = {
        0: {"truth": collapse, "verdict": collapse, "alarms": 1},
        1: {"truth": healthy, "verdict": collapse, "alarms": 1},
    }
    rang, right = protocol.judge("ring preset", trials)
    assert (rang.ours, right.ours) == (1.0, 0.5)
    summed = {row.case: (row.ours, row.oracle, row.met) for row in protocol.close({"ring preset": trials})}
    assert summed["all in truth collapse"] == (1, 1, True)
    assert summed["all in truth healthy"] == (1, 0, False)
    assert summed["all in truth oscillation"][2] is None


def test_bars_and_findings_count_the_same_mass():
    looker = linear([[0.5, 0.0], [0.0, 0.5]])
    pictures, _ = looker.observe(["modes"])
    np.testing.assert_allclose(pictures["modes"]["mass"], seen(looker).mass, atol=1e-6)


def test_singular_values_of_pictures_are_those_found_row_by_row(monkeypatch):
    made = witness(data="digits", latent={"key": "gaussian", "dimension": 6}, architecture="convolutional").game.model
    z = torch.randn(3, 6, generator=torch.Generator().manual_seed(0))
    by_columns = singular_values(made, z)
    monkeypatch.setattr("models.observations.jacobian.TALL", 64)
    torch.testing.assert_close(by_columns, singular_values(made, z), rtol=1e-4, atol=1e-6)
