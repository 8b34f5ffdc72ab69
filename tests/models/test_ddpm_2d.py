"""Diffusion in the plane, reproduced: distances with equal counts, exact likelihoods, and checks that can fail."""

from __future__ import annotations

import statistics

import pytest
import torch

from models.observations._exact_field import ExactField
from models.reproduction import PROTOCOLS
from models.reproduction import _exact_sampling as exact
from models.reproduction._equal_counts import classes_of, equal_counts, largest_share_error
from models.reproduction._flow_likelihood import ERROR, HELD, flow_log_prob
from models.reproduction.ddpm_2d import CASES, EIGHT, ENTROPY, MOONS
from models.samplers import SAMPLERS
from models.schedules import SCHEDULES, NoiseProcess

STRAIGHT = NoiseProcess(SCHEDULES["straight"]())


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("data", [EIGHT, MOONS])
def test_equal_counts_are_equal_and_lower_the_floor(data):
    chance = seeded(10)
    x, labels = data.draw_told(2000, chance)
    assert float((classes_of(data, x) == labels).float().mean()) > 0.95
    even = equal_counts(data, x, 400)
    counts = classes_of(data, even).bincount()
    assert counts.tolist() == [400 // len(counts)] * len(counts)
    few = equal_counts(data, x[labels == 0], 200)
    assert len(few) == 200  # although a class is missing
    assert largest_share_error(data, x) < 0.05 < largest_share_error(data, few)
    if data is EIGHT:
        plain = statistics.fmean(exact.w2(data.draw(400, chance), data.draw(400, chance), chance) for _ in range(5))
        assert statistics.fmean(exact.floor(data, 4, 400, chance)) < 0.7 * plain


def test_a_sampler_on_the_exact_field_reaches_the_floor_and_on_a_wrong_one_does_not():
    chance, heun = seeded(11), SAMPLERS.parse({"key": "heun", "steps": 60})
    field = exact.field_of(exact.PRESERVING, EIGHT)
    level = statistics.fmean(exact.floor(EIGHT, 4, 400, chance))
    x = exact.drawn(field, heun, 2 * exact.spare(400), chance)
    reached = statistics.fmean(exact.distances(EIGHT, x, 2, 400, chance))
    assert reached < 1.1 * level
    wide = ExactField(field.process, field._law, field.centre, field.scale * 1.1)
    wide_x = field.centre + 1.1 * (exact.drawn(wide, heun, exact.spare(400), chance) - field.centre)
    off = statistics.fmean(exact.distances(EIGHT, wide_x, 1, 400, chance))
    assert off > 1.4 * level


@pytest.mark.parametrize("data", [EIGHT, MOONS])
def test_the_equation_gives_the_closed_form_of_the_density(data):
    x = torch.cat([data.draw(60, seeded(12)), torch.tensor([[0.0, 0.0], [9.0, -3.0]])])
    found = flow_log_prob(exact.field_of(STRAIGHT, data), x)
    assert torch.allclose(found, data.log_prob(x.double()), atol=5e-3)
    preserving = flow_log_prob(exact.field_of(exact.PRESERVING, data), x[:60])
    assert float((preserving - data.log_prob(x[:60].double())).abs().mean()) < 1e-2


def test_the_entropy_is_that_of_the_law():
    axis = torch.linspace(-9, 9, 721, dtype=torch.float64)
    log_p = EIGHT.log_prob(torch.cartesian_prod(axis, axis))
    entropy = -float((log_p.exp() * log_p).sum() * (axis[1] - axis[0]) ** 2)
    assert pytest.approx(entropy, abs=1e-3) == ENTROPY


def test_every_sampler_has_a_row_and_what_is_too_far_is_not_met():
    protocol, case = PROTOCOLS["ddpm_2d"](), "exact score, 8 Gaussians"
    floors = {"floor 0": 0.24, "floor 1": 0.26}
    names = [name for kind in SAMPLERS for name in exact._names(kind)]
    near = {**floors, **dict.fromkeys(names, 0.25)}
    rows = protocol.judge(case, {10: near, 11: near})
    assert len(rows) == len(list(SAMPLERS))
    assert all(row.met and row.floor == pytest.approx(0.25) for row in rows)
    far = {**near, "DDIM, S = 200": 0.3}
    (bad,) = [row for row in protocol.judge(case, {10: far, 11: far}) if not row.met]
    assert "DDIM" in bad.quantity
    assert not any(row.met for row in protocol.judge(case, {10: near, 11: {}}))


def test_a_short_run_gives_rows_that_are_not_met():
    protocol = PROTOCOLS["ddpm_2d"](budget=1e-2)
    case = "DDPM on 8 Gaussians, T = 50, linear, ε"
    told = []
    rows = protocol.judge(case, {10: protocol.trial(case, 10, told.append)})
    assert [row.met for row in rows] == [False, None, None]
    assert all(row.oracle is not None and row.floor is not None for row in rows)
    assert rows[0].oracle < rows[0].ours
    assert told == sorted(told)
    likely = "likelihood of flow matching, 8 Gaussians"
    (row,) = protocol.judge(likely, {10: protocol.attempt(likely, 10, told.append)})
    assert row.met is False
    assert row.ours > ENTROPY + 0.02


def test_likelihoods_are_held_to_the_closed_form_and_to_the_entropy():
    protocol = PROTOCOLS["ddpm_2d"]()
    held, error = "likelihood of flow matching, 8 Gaussians", "likelihood of the exact field, moons, VP"
    assert [protocol.judge(held, {0: {HELD: nll}})[0].met for nll in (3.77, 3.79, 3.74)] == [True, False, False]
    assert [protocol.judge(error, {0: {ERROR: off}})[0].met for off in (0.004, 0.02)] == [True, False]
    assert set(CASES) == set(protocol.cases())
