"""Models that are told classes: how a class is told and withheld, what z decides, and that p(x|c) is learnt."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.couplings import COUPLINGS
from models.data import DATA
from models.experiment import Experiment
from models.families import FAMILIES
from models.families._denoising import DenoisingModel
from models.objectives._told import told_batch
from models.observations._exact_field import exact_field
from models.registry import RecipeError
from models.training.setting import Streams, build_model, set_up
from models.training.trainer import Trainer

DENOISING = [family.key for family in FAMILIES if "process" in family.capabilities]


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def told(data, **family) -> Experiment:
    latent = {"key": "gaussian", "dimension": DATA.parse(data).dimension}
    family = {"key": "diffusion", "conditional": True, **family}
    return Experiment.from_dict({"data": data, "latent": latent, "family": family, "batch_size": 32})


def model_of(experiment: Experiment) -> DenoisingModel:
    model = build_model(experiment, seeded(0))
    assert isinstance(model, DenoisingModel)
    return model


def test_a_class_is_one_column_and_no_class_is_none():
    model = model_of(told({"key": "ring", "modes": 3}, time_features=2, place_features=0))
    v, t = torch.ones(4, 2), torch.full((4, 1), 0.3)
    rows = model.embed(v, t, torch.tensor([0, 2, -1, 1]))
    assert rows.shape == (4, 2 + 5 + 3)
    assert rows[:, -3:].tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert torch.equal(rows[2], model.embed(v, t)[2])
    assert torch.equal(rows[:, :-3], model.embed(v, t[:1])[:, :-3])


@pytest.mark.parametrize("untold", [0.0, 0.1, 0.9])
def test_so_many_classes_are_withheld_in_training(untold):
    experiment = told({"key": "moons"}, untold=untold).with_settings(["batch_size=4096"])
    game, _ = set_up(experiment, Streams.from_seed(3))
    assert isinstance(game.model, DenoisingModel)
    v, labels = told_batch(game, game.model)
    assert v.shape == (4096, 2)
    assert float((labels < 0).float().mean()) == pytest.approx(untold, abs=0.02)
    kept = labels[labels >= 0].bincount(minlength=2) / 4096
    assert kept.tolist() == pytest.approx([(1 - untold) / 2] * 2, abs=0.04)


def test_training_is_told_the_class_that_a_sample_has():
    experiment = told({"key": "moons", "noise": 0.01}, untold=0.0).with_settings(["batch_size=500"])
    game, _ = set_up(experiment, Streams.from_seed(4))
    assert isinstance(game.model, DenoisingModel)
    v, labels = told_batch(game, game.model)
    x = game.model.out_of_process(v)
    for label, centre in enumerate(([0.0, 0.0], [1.0, 0.5])):  # of the unit circle that each moon is half of
        radius = (x[labels == label] - torch.tensor(centre)).norm(dim=1)
        assert float((radius - 1).abs().max()) < 0.05


def test_what_trains_without_classes_is_told_none():
    game, _ = set_up(Experiment.from_dict({"family": "diffusion"}), Streams.from_seed(0))
    assert isinstance(game.model, DenoisingModel)
    assert told_batch(game, game.model)[1] is None
    assert (game.model.classes, game.model.labels_of(torch.zeros(2, 2))) == (0, None)


@pytest.mark.parametrize("weights", [(1.0, 1.0, 2.0), (0.0, 3.0, 1.0), (1.0, 0.0, 1e-3)])
def test_z_decides_classes_in_the_proportions_of_the_data(weights):
    model = model_of(told({"key": "ring", "modes": 3, "weights": list(weights)}))
    shares = np.array(weights) / sum(weights)
    labels = model.labels_of(model.latent.draw(40_000, seeded(1)))
    assert labels is not None
    assert (labels.bincount(minlength=3) / 40_000).tolist() == pytest.approx(shares, abs=0.012)
    assert int(labels.bincount(minlength=3)[torch.tensor(shares == 0)].sum()) == 0


@pytest.mark.parametrize("data", [{"key": "ring", "modes": 64}, {"key": "digits"}, {"key": "moons"}])
def test_noise_can_be_made_to_decide_for_one_class(data):
    model = model_of(told(data))
    z = model.latent.draw(20, seeded(2))
    for index in range(model.classes):
        asked = model.of_class(z, index)
        assert (model.labels_of(asked) == index).all()
        assert torch.equal(asked[:, : model.dimension], z[:, : model.dimension])


def test_a_model_without_classes_cannot_be_asked_for_one():
    plain = build_model(Experiment.from_dict({}), seeded(0))
    assert plain.classes == 0
    with pytest.raises(NotImplementedError, match="no classes"):
        plain.of_class(torch.zeros(1, 2), 0)


@pytest.mark.parametrize("key", DENOISING)
def test_data_without_classes_are_refused_with_the_setting_that_helps(key):
    recipe = {"data": "segment", "family": {"key": key, "conditional": True}}
    with pytest.raises(RecipeError, match="Line segment has no classes to be told") as caught:
        Experiment.from_dict(recipe)
    assert (caught.value.path, caught.value.settings) == ("family.conditional", ("family.conditional=false",))


def test_guidance_needs_samples_whose_class_was_not_told():
    with pytest.raises(RecipeError, match="0 is not allowed with guidance") as caught:
        told({"key": "moons"}, untold=0.0, guidance=1.0)
    assert (caught.value.path, caught.value.settings) == ("family.untold", ("family.untold=0.1",))
    with pytest.raises(RecipeError, match=r"1.0 is not allowed; .* at most 0\.9"):
        told({"key": "moons"}, untold=1.0)
    told({"key": "moons"}, untold=0.0)
    Experiment.from_dict({"family": {"key": "diffusion", "untold": 0.0, "guidance": 1.0}})  # neither is in use


def test_a_table_has_the_classes_of_its_label_column(tmp_path):
    rows = [(*row, kind) for kind, centre in (("cat", -3), ("dog", 3)) for row in np.full((30, 2), centre).tolist()]
    rng = np.random.default_rng(0)
    text = "\n".join(["a,b,kind", *(f"{x + rng.normal()},{y + rng.normal()},{kind}" for x, y, kind in rows[:45])])
    (tmp_path / "t.csv").write_text(text)
    law = DATA.parse({"key": "table", "path": str(tmp_path / "t.csv"), "label": "kind", "held_out": 0.2})
    assert law.class_names == ("cat", "dog")
    assert law.class_shares.tolist() == pytest.approx([30 / 45, 15 / 45])
    x, labels = law.draw_told(500, seeded(1))
    assert torch.equal(x, law.draw(500, seeded(1)))
    assert torch.equal(labels == 1, x.sum(1) > 0)
    training = law.told_training_set(seeded(0))
    assert training is not None
    assert torch.equal(training[1] == 1, training[0].sum(1) > 0)
    assert len(training[0]) == law.size == 36
    assert model_of(told(law.recipe())).classes == 2
    bare = DATA.parse({"key": "table", "path": str(tmp_path / "t.csv"), "columns": "a,b"})
    assert (bare.class_names, len(bare.class_shares)) == ((), 0)


@pytest.mark.parametrize("key", DENOISING)
def test_what_is_learnt_is_the_law_of_each_class_and_of_all(key):
    """Answers of a short run beside the exact ones of the class, and beside those without it."""
    data = {"key": "gaussian_mixture", "means": [[-2.0, 0.0], [2.0, 1.0]], "weights": [], "covariances": [
        [[1.0, 0.0], [0.0, 0.3]], [[0.4, 0.0], [0.0, 1.0]]]}  # fmt: skip
    recipe = {"data": data, "family": {"key": key, "conditional": True, "untold": 0.3}, "steps": 700, "seed": 15}
    net = {"key": "mlp", "width": 64, "depth": 2, "activation": "silu", "initialisation": "kaiming"}
    trainer = Trainer(Experiment.from_dict({**recipe, "batch_size": 256, "architecture": net}))
    for _ in range(700):
        trainer.take_step()
    model, law = trainer.game.model, trainer.experiment.data
    assert isinstance(model, DenoisingModel)
    model.network.values.copy_(trainer.average)
    exact, t = exact_field(model, law), 0.4
    level = model.process.at(t)
    clean = model.standard(law.draw(600, seeded(5)))
    u = float(level.alpha) * clean + float(level.sigma) * torch.randn(600, 2, generator=seeded(6))
    for label in (-1, 0, 1):
        labels = torch.full((600,), label)
        truth = exact.told(labels, 0.0).denoised(u, t)
        near = u[:, 0] < 0 if label == 0 else u[:, 0] > 0 if label == 1 else u[:, 0].abs() < 9  # where data are
        error = (model.field(labels).denoised(u, t) - truth)[near]
        assert float(error.square().mean()) < 0.03 * float(truth[near].var(0).mean()) + 0.02


def test_flow_matching_keeps_class_and_datum_together_under_any_coupling():
    """A coupling that swaps partners hands the labels on by the index of the datum."""
    x, labels = torch.randn(64, 2, generator=seeded(1)), torch.arange(64)
    for key in COUPLINGS.keys():  # noqa: SIM118  (members, not keys, are iterated)
        pairs = COUPLINGS[key]().pair(torch.randn(64, 2, generator=seeded(2)), x, seeded(3))
        assert torch.equal(x[labels[pairs.index]], pairs.data), key


def test_classes_have_names_that_people_know_them_by():
    assert DATA.parse("moons").class_names == ("upper", "lower")
    assert DATA.parse("circles").class_names == ("outer", "inner")
    assert DATA.parse({"key": "pinwheel", "arms": 3}).class_names == ("1", "2", "3")
    assert DATA.parse("digits").class_names == tuple("0123456789")
    assert DATA.parse("swiss_roll").class_names == ()


def test_flow_matching_shows_every_class_at_all_times(monkeypatch):
    experiment = Experiment.from_dict(
        {"data": "moons", "family": {"key": "flow_matching", "conditional": True}, "batch_size": 512}
    )
    game, _ = set_up(experiment, Streams.from_seed(5))
    assert isinstance(game.model, DenoisingModel)
    asked, embed = [], game.model.embed
    monkeypatch.setattr(game.model, "embed", lambda v, t, labels: asked.append((t, labels)) or embed(v, t, labels))
    game.model.start(game.real(), seeded(0))
    experiment.objective.generator_turn(game)
    ((t, labels),) = asked
    for label in (-1, 0, 1):
        assert float(t[labels == label].mean()) == pytest.approx(0.5, abs=0.15)
        assert float(t[labels == label].std()) > 0.2
