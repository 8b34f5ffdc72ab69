"""The critic against the truth: ratio, T*, D and bound where all of them are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from models.data import DATA
from models.divergences import DIVERGENCES
from models.experiment import Experiment
from models.observations import _truth
from models.observations._densities import ENOUGH, PUSHED, Frame, Law, Pair, inner
from models.observations._partition import log_masses
from models.training.trainer import Trainer
from models.training.witness import Witness

JS: Any = DIVERGENCES["jensen_shannon"]()
P = {"key": "gaussian_mixture_1d", "means": [0.0], "stds": [1.0], "weights": [1.0]}
MEAN, STD = 0.5, 1.5
NORMAL = {"data": P, "latent": {"key": "gaussian", "dimension": 1}, "architecture": {"key": "mlp", "depth": 0}}


def js_of_normals(mean: float, std: float) -> float:

    def integrand(x: float) -> float:
        a, b = float(norm.pdf(x)), float(norm.pdf(x, mean, std))
        return 0.5 * (a * math.log(2 * a / (a + b)) + b * math.log(2 * b / (a + b)))

    return quad(integrand, -12, 12, limit=200)[0]


def affine(weights: list[float], **recipe: object) -> Witness:
    """A witness whose generator is z ↦ w z + b, and whose averaged weights are another such map."""
    looker = Witness(Experiment.from_dict({**NORMAL, **recipe}), points=500)
    critic = looker.game.critic
    parts = [torch.tensor(weights), *([critic.values] if critic else []), torch.tensor([0.1, 3.0])]
    looker.load(np.asarray(torch.cat(parts)))
    return looker


def test_best_critic_of_two_normals_is_the_closed_form():
    """T* = log 2σ(log p/q), with log p/q = log s − x²/2 + (x − m)²/(2 s²)."""
    looker = affine([STD, MEAN])
    seen, _ = looker.observe(["optimal_critic", "density_ratio"])
    ratio, best = seen["density_ratio"]["log_ratio"], seen["optimal_critic"]["t_star"]
    left, _, right, _ = looker.experiment.data.bounds()
    x = np.linspace(left, right, len(ratio))
    wanted = math.log(STD) - x**2 / 2 + (x - MEAN) ** 2 / (2 * STD**2)
    middle = np.abs(x) < 2
    assert np.isfinite(ratio[middle]).all()
    assert ratio[middle] == pytest.approx(wanted[middle], abs=0.2)
    known = np.isfinite(best)
    assert best[known] == pytest.approx(math.log(2) - np.log1p(np.exp(-ratio[known])), abs=1e-5)


def test_averaged_weights_on_the_screen_do_not_change_the_best_critic():
    looker = affine([STD, MEAN])
    assert looker.game.critic is not None
    values = np.asarray(torch.cat([torch.tensor([STD, MEAN]), looker.game.critic.values, torch.tensor([0.1, 3.0])]))
    one, _ = looker.observe(["optimal_critic"])
    truth = looker.truth()
    looker.load(values, average=True)
    assert looker.game.model.network.values.tolist() == pytest.approx([0.1, 3.0])
    other, _ = looker.observe(["optimal_critic"])
    np.testing.assert_array_equal(one["optimal_critic"]["t_star"], other["optimal_critic"]["t_star"])
    assert looker.truth() == truth


def test_ratio_is_left_out_where_both_laws_have_few_samples():
    chance = torch.Generator().manual_seed(0)
    frame = Frame((-6.0,), (6.0,))
    few, many = (Law.of_samples(torch.randn(n, 1, generator=chance), frame) for n in (5000, 50_000))
    assert 0 < float(inner(Pair(few, few).reliable).float().mean()) < 0.4
    assert float(inner(Pair(few, many).reliable).float().mean()) > float(inner(Pair(few, few).reliable).float().mean())
    known = inner(Pair(few, many).log_ratio)[inner(Pair(few, many).reliable)]
    assert bool(known.isfinite().all())
    apart = Law.of_samples(5 + 0.1 * torch.randn(50_000, 1, generator=chance), frame)
    both = Pair(many, apart)
    where = torch.linspace(-6, 6, frame.side)
    assert bool((inner(both.log_ratio)[where.abs() < 1] > math.log(ENOUGH)).all())
    assert not bool(inner(both.reliable)[(where - 4.2).abs() < 0.05].any())


def test_nothing_is_drawn_of_a_plane_far_from_both_laws():
    seen, _ = Witness(Experiment.from_dict({"data": "ring"}), points=500).observe(["optimal_critic"])
    share = float(np.isfinite(seen["optimal_critic"]["t_star"]).mean())
    assert 0 < share < 0.3


@pytest.mark.parametrize(("mean", "std"), [(1.0, 1.0), (0.0, 2.0), (0.3, 1.0)])
def test_divergence_of_two_normals_agrees_with_quadrature(mean, std):
    chance = torch.Generator().manual_seed(3)
    x, y = (m + s * torch.randn(PUSHED, 1, generator=chance) for m, s in ((0.0, 1.0), (mean, std)))
    found = JS.exact(*log_masses(x, y, 9), 1.0)
    assert found == pytest.approx(js_of_normals(mean, std), rel=0.02, abs=0.004)


@pytest.mark.parametrize("std", [0.05, 0.005])
def test_cells_follow_modes_however_narrow_they_are(std):
    """Twice too wide in the plane: JS is that of N(0, I) and N(0, 4I), ∫ over the radius, whatever the width is."""
    exact = quad(lambda r: r * _radial(math.exp(-r * r / 2), math.exp(-r * r / 8) / 4), 0, 20)[0]
    chance = torch.Generator().manual_seed(3)
    x, y = (DATA.parse({"key": "ring", "std": s}).draw(PUSHED, chance) for s in (std, 2 * std))
    assert JS.exact(*log_masses(x, y, 10), 1.0) == pytest.approx(exact, rel=0.05)


def _radial(a: float, b: float) -> float:
    parts = [v * math.log(2 * v / (a + b)) for v in (a, b) if v > 0]
    return 0.5 * sum(parts)


def test_two_samples_of_one_law_give_the_floor_of_their_cells():
    chance = torch.Generator().manual_seed(3)
    x, y = (torch.randn(20_000, 2, generator=chance) for _ in range(2))
    assert JS.exact(*log_masses(x, y, 8), 1.0) == pytest.approx(255 / 8 * 2 / 20_000, rel=0.25)


def test_a_trained_critic_closes_the_gap_from_below():
    """A fixed pair: only the critic moves. Its bound rises to D and not beyond it by more than floor and noise."""
    recipe = {**NORMAL, "objective": {"key": "adversarial", "critic_lr": 3e-3, "critic": {"key": "mlp", "width": 32}}}
    experiment = Experiment.from_dict({**recipe, "optimizer": {"key": "adam", "ema": 0.0}, "batch_size": 512})
    trainer, looker = Trainer(experiment), Witness(experiment, points=500)
    trainer.game.model.network.theta.copy_(torch.tensor([STD, MEAN]))
    gaps = []
    for steps in (0, 60, 600):
        for _ in range(steps):
            trainer.take_step("critic")
        looker.load(trainer.values().numpy())
        gaps.append(looker.truth())
    exact = js_of_normals(MEAN, STD)
    assert gaps[0]["gap"] > gaps[1]["gap"] > gaps[2]["gap"]
    assert gaps[2]["divergence"] == pytest.approx(exact, abs=0.005)
    assert gaps[2]["bound"] <= exact + 0.004  # 2 standard errors of 50,000 samples
    assert abs(gaps[2]["gap"]) < 0.01
    assert 0 < gaps[2]["floor"] < 0.003


def test_the_bound_of_large_pictures_takes_no_more_samples_than_a_look():
    shapes = {"data": {"key": "shapes", "resolution": 96}, "architecture": {"key": "mlp", "width": 64}}
    looker = Witness(Experiment.from_dict({**shapes, "objective": {"key": "adversarial"}, "batch_size": 4}))
    critic = looker.game.critic
    assert critic is not None
    looker.load(np.asarray(torch.cat([looker.game.model.network.values, critic.values])))
    assert "bound" in looker.truth()
    assert len(looker.subject.made["rival"]) <= max(64, 2**24 // 27_648)


def test_wasserstein_is_told_in_the_units_of_training_with_its_floor():
    looker = affine([1.0, 2.0], divergence="wasserstein_1")
    truth = looker.truth()
    assert truth["divergence"] == pytest.approx(2.0, abs=0.1)
    assert truth["gap"] == pytest.approx(truth["divergence"] - truth["bound"])
    assert truth["floor"] < 0.2


def test_without_a_critic_there_is_a_reason_and_no_bound():
    looker = Witness(Experiment.from_dict({"data": "ring", "divergence": "mmd"}), points=500)
    assert looker.truth() == {}
    assert looker.unknown() == "MMD² is computed outright: there is no bound."
    digits = Witness(Experiment.from_dict({"data": "digits"}), points=100)
    assert "divergence" not in digits.truth()
    assert digits.unknown() == "Needs data of at most 2 dimensions; this has 64."
    source = {"key": "data_set", "data": "segment"}
    matched = Witness(Experiment.from_dict({"family": "flow_matching", "latent": source}), points=100)
    assert matched.truth() == {}
    assert matched.unknown() == "Velocity is learnt by regression, whose least loss is not 0: there is no bound."


def test_bound_and_truth_of_every_divergence_with_a_critic(monkeypatch):
    for size in ("PUSHED", "JUDGED"):
        monkeypatch.setattr(_truth, size, 10_080)
    for member in DIVERGENCES:
        if "critic" not in member.capabilities:
            continue
        looker = affine([1.0, 0.0], divergence=member.key)
        truth = looker.truth()
        assert all(math.isfinite(value) for value in truth.values()), member.key
        if "divergence" in truth:
            assert truth["divergence"] <= 3 * truth["floor"] + 1e-6, member.key
