"""Reverse KL: the valleys of one Gaussian on two bumps, short trainings into each, and the flow's own scale."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from scipy.integrate import dblquad
from scipy.stats import norm

from models.data import DATA
from models.presets import find_preset
from models.reproduction import PROTOCOLS, reverse_kl
from models.reproduction._base import averaged
from models.reproduction._one_gaussian import best, exact, valley
from models.reproduction.reverse_kl import (
    GAUSSIANS,
    fitted_gaussian,
    flow_experiment,
    flow_loss,
    gaussian_experiment,
)
from models.training.trainer import Trainer


def test_the_ring_s_integral_is_that_of_an_independent_quadrature():
    """In cartesian coordinates, where the law itself uses polar ones."""
    z, _ = dblquad(
        lambda y, x: math.exp(math.sin(math.pi * x) - 2 * (x * x + y * y - 2) ** 2), -2.6, 2.6, -2.6, 2.6,
        epsabs=1e-6, epsrel=1e-6,
    )  # fmt: skip
    assert DATA["sine_ring"]().log_constant == pytest.approx(math.log(z), abs=1e-5)
    assert math.log(z) == pytest.approx(1.612, abs=5e-4)


@pytest.mark.parametrize(("wave", "sharpness"), [(0.0, 0.2), (3.0, 2.0), (1.0, 50.0)])
def test_the_ring_s_sampler_has_its_density(wave, sharpness):
    """E[f] from draws and from the density on a fine grid, for a few f."""
    law = DATA.parse({"key": "sine_ring", "wave": wave, "sharpness": sharpness})
    drawn = law.draw(40_000, torch.Generator().manual_seed(0)).double()
    line = torch.linspace(-3.2, 3.2, 641, dtype=torch.float64)
    x = torch.cartesian_prod(line, line)
    p = law.log_prob(x).exp() * 0.01**2
    assert float(p.sum()) == pytest.approx(1, abs=1e-3)
    for f in (lambda x: x[:, 0], lambda x: x.square().sum(1), lambda x: (x[:, 0] > 0).double() * x[:, 1].abs()):
        spread = float(f(drawn).std()) / 200
        assert float(f(drawn).mean()) == pytest.approx(float((p * f(x)).sum()), abs=5 * spread + 2e-3)


def test_reverse_kl_has_two_valleys_and_forward_kl_one():
    seek, cover = valley("kl_reverse", (-1.5, 0.6)), valley("kl_reverse", (2.0, 0.8))
    assert (seek.mean, seek.std, seek.value) == pytest.approx((-1.4784, 0.6279, 0.3458), abs=2e-4)
    assert (cover.mean, cover.std, cover.value) == pytest.approx((-0.1101, 1.5743, 0.6146), abs=2e-4)
    assert best("kl_reverse").value == pytest.approx(seek.value)
    for start in ((-1.5, 0.6), (2.0, 0.8)):
        fit = valley("kl_forward", start)
        assert (fit.mean, fit.std, fit.value) == pytest.approx((-0.45, 1.7368, 0.3807), abs=2e-4)


def test_the_valleys_are_valleys_by_an_independent_sum():
    x = np.linspace(-14, 14, 40_001)
    log_p = np.logaddexp(math.log(0.7) + norm.logpdf(x, -1.5, 0.6), math.log(0.3) + norm.logpdf(x, 2.0, 0.8))

    def reverse(centre: float, std: float) -> float:
        log_q = norm.logpdf(x, centre, std)
        return float((np.exp(log_q) * (log_q - log_p)).sum() * (x[1] - x[0]))

    for start in ((-1.5, 0.6), (2.0, 0.8)):
        fit = valley("kl_reverse", start)
        here = reverse(fit.mean, fit.std)
        assert here == pytest.approx(fit.value, abs=1e-6)
        around = [(fit.mean + 0.1 * math.cos(a), fit.std + 0.1 * math.sin(a)) for a in np.arange(8) * math.pi / 4]
        assert min(reverse(*place) for place in around) > here


def test_from_the_light_bump_reverse_kl_ends_over_both():
    fitted = GAUSSIANS["Gaussian, reverse KL from the light bump"]
    target = valley(fitted.divergence, fitted.start)
    recipe = gaussian_experiment(fitted, seed=10, steps=700).with_settings(["batch_size=128"])
    centre, std = fitted_gaussian(fitted, recipe)
    assert (centre, std) == pytest.approx((target.mean, target.std), abs=0.06)
    assert exact(fitted.divergence, centre, std) == pytest.approx(target.value, abs=0.01)


def test_the_flow_s_loss_is_its_divergence_less_log_z(monkeypatch):
    """On a wide ring, where a fresh flow is near enough for few samples to tell."""
    monkeypatch.setattr(reverse_kl, "JUDGED", 5_000)
    recipe = flow_experiment(seed=10).with_settings(["data.sharpness=0.2"])
    model, data = averaged(Trainer(recipe)), recipe.data
    loss = flow_loss(model, data, torch.Generator().manual_seed(0))
    line = torch.linspace(-7, 7, 141)
    x = torch.cartesian_prod(line, line)
    log_q, log_p = model.log_prob(x).double(), data.log_prob(x).double()
    divergence = float((log_q.exp() * (log_q - log_p)).sum()) * 0.1**2
    assert divergence > 0.3
    assert loss + data.log_constant == pytest.approx(divergence, abs=0.15)


def test_the_protocol_tells_what_is_met_and_what_is_not():
    protocol = PROTOCOLS["reverse_kl"]()
    good = {seed: {"last epoch": -1.59, "after": -1.6} for seed in (0, 1)}
    bad = {seed: {"last epoch": -1.57, "after": -1.6} for seed in (0, 1)}
    assert [row.met for row in protocol.judge("flow", good)] == [True, True]
    assert [row.met for row in protocol.judge("flow", bad)] == [False, True]
    row = protocol.judge("flow", good)[0]
    assert (row.published, row.oracle) == (-1.589, pytest.approx(-1.612, abs=1e-3))
    assert all(row.met is False for row in protocol.judge("Gaussian, reverse KL", {0: {}}))
    json.dumps([row.plain() for row in protocol.judge("Gaussian, reverse KL", {0: {}})])


@pytest.mark.parametrize(
    ("preset", "divergence", "start"),
    [("kl_forward_gaussian", "kl_forward", (0.0, 1.0)), ("kl_reverse_gaussian", "kl_reverse", (-1.5, 0.6))],
)
def test_the_presets_end_in_the_tabled_gaussian(preset, divergence, start):
    recipe = find_preset(preset)
    trainer = Trainer(recipe.with_settings(["steps=450", "batch_size=256"]))
    while trainer.step < 450:
        trainer.take_step()
    found, target = averaged(trainer).components(), valley(divergence, start)
    assert float(found.means) == pytest.approx(target.mean, abs=0.08)
    assert math.sqrt(float(found.covariances)) == pytest.approx(target.std, abs=0.08)
