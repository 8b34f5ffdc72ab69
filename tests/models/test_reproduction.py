"""Protocols as such: means and spreads, what a failed trial does, what is stated of a check, trials side by side."""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import fields

import pytest

from models.reproduction import PROTOCOLS, Row
from models.reproduction._base import Check, Protocol, mean, standard_error
from models.reproduction._campaign import campaign
from models.reproduction._coverage import BEST
from models.reproduction.grid import WORST
from models.training.trainer import Diverged

FIELDS = [
    "name", "case", "quantity", "ours", "spread", "published", "oracle", "floor", "seeds", "met", "note", "by_seed"
]  # fmt: skip


class Coin(Protocol):
    """A protocol without training."""

    title = "Coin"

    def cases(self):
        return ("fair", "broken")

    def trial(self, case, seed, progress):
        progress(0.5)
        if case == "broken" and seed == 1:
            raise Diverged(3, "loss", math.nan, "less")
        return {"heads": float(seed)}

    def judge(self, case, trials):
        return [self.row(case, "heads", trials, published=0.5, check=Check("at least 1", True), note="as tossed")]


def test_a_row_is_the_mean_and_its_standard_error_over_all_seeds():
    fair, _ = Coin().rows((0, 1, 5))
    assert fair.ours == pytest.approx(2.0)
    assert fair.spread == pytest.approx(statistics.stdev([0, 1, 5]) / math.sqrt(3))
    assert fair.seeds == (0, 1, 5)
    assert fair.plain()["by_seed"] == [0.0, 1.0, 5.0]
    assert fair.note == "As tossed; check: at least 1, met."


def test_a_failed_trial_is_not_left_out_of_the_mean():
    _, broken = Coin().rows((0, 1, 5))
    assert broken.ours is None
    assert broken.spread is None
    assert "failed" in broken.note
    assert broken.seeds == (0, 1, 5)
    assert broken.plain()["by_seed"] == [0.0, None, 5.0]


def test_one_seed_has_no_spread():
    assert standard_error([1.0]) is None
    assert mean([1.0, math.nan]) is None


def test_the_shape_of_a_row_is_the_contract():
    assert [field.name for field in fields(Row)] == FIELDS
    plain = Row("a", "b", "c", math.nan, seeds=(0, 1), met=False).plain()
    assert list(plain) == FIELDS
    assert json.loads(json.dumps(plain, allow_nan=False))["ours"] is None


def test_progress_rises_and_what_it_raises_ends_the_work():
    told = []
    Coin().rows((0, 1), told.append)
    assert told == sorted(told)

    def cancel(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Coin().rows((0,), cancel)


def test_serial_campaign_gives_the_rows_of_the_protocols_and_ends_at_one():
    told = []
    rows = list(campaign([Coin(), Coin()], (0, 2), 1, told.append))
    assert rows == Coin().rows((0, 2)) * 2
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("key", ["ring", "grid"])
def test_coverage_has_three_quantities_a_case_and_perfect_floors(key):
    rows = PROTOCOLS[key](budget=1e-4).rows((10, 11))
    ours = [row for row in rows if row.case == "our recipe"]
    modes, quality, kl = ours
    assert modes.floor == {"ring": 8, "grid": 25}[key]
    assert quality.floor == pytest.approx(100 * (1 - math.exp(-4.5)), abs=0.3)  # three σ in the plane
    assert kl.floor == pytest.approx((modes.floor - 1) / 2 / 2500, rel=0.5)
    assert all(row.published is not None and row.met is False for row in ours), "ten steps cannot pass"
    assert all(row.name == key and row.seeds == (10, 11) for row in rows)


def test_a_ring_with_a_failed_trial_is_not_met():
    good = {"modes captured": 8.0, "high quality, %": 99.0, "KL of the mode histogram, nats": 0.01}
    assert all(row.met for row in PROTOCOLS["ring"]().judge(BEST, {0: good, 1: good}))
    for trials in ({0: good, 1: {}}, {0: {}, 1: good}):
        assert not any(row.met for row in PROTOCOLS["ring"]().judge(BEST, trials))


def test_a_plain_gan_on_the_grid_is_asked_to_fail():
    protocol = PROTOCOLS["grid"]()
    good = {"modes captured": 25.0, "high quality, %": 97.0, "KL of the mode histogram, nats": 0.01}
    bad = good | {"KL of the mode histogram, nats": 0.4}
    for trials, met in (({0: good, 1: bad}, True), ({0: good, 1: good}, False)):
        worst = next(row for row in protocol.judge("plain GAN", trials) if row.quantity == WORST)
        assert worst.met is met
        assert worst.by_seed == tuple(trial["KL of the mode histogram, nats"] for trial in trials.values())
    ours = protocol.judge("our recipe", {0: good, 1: bad})
    assert [row.met for row in ours] == [True, True, False]


def test_two_processes_find_what_one_does():
    protocols = [PROTOCOLS["ring"](budget=1e-3)]
    told = []
    together = list(campaign(protocols, (10, 11), 2, told.append))
    assert together == list(campaign(protocols, (10, 11), 1, lambda share: None))
    assert told[-1] == pytest.approx(1.0)


def test_the_neighbour_estimate_is_judged_by_its_mean_and_spreads_as_one_estimate():
    protocol = PROTOCOLS["knn_kl"](budget=0.2)
    case = "ring, 4 of 8 modes, n 2,500"
    trials = {seed: protocol.trial(case, seed, lambda share: None) for seed in (10, 11)}
    (row,) = protocol.judge(case, trials)
    repeats = [trial[f"{row.quantity} {i}"] for trial in trials.values() for i in (0, 1)]
    assert row.ours == pytest.approx(statistics.fmean(repeats))
    assert row.spread == pytest.approx(statistics.stdev(repeats))
    assert row.oracle == pytest.approx(math.log(2))
    assert abs(row.ours - row.oracle) < 0.08
    far = {0: {row.quantity: 0.5, f"{row.quantity} 0": 0.5}}
    assert protocol.judge(case, far)[0].met is False


def test_particles_go_straight_to_the_ring_under_sinkhorn_and_stay_behind_under_a_narrow_kernel():
    protocol = PROTOCOLS["transport_floor"](budget=0.05)
    (flow,) = [case for case in protocol.cases() if "particles" in case]
    arrived, straight, left = protocol.judge(flow, {10: protocol.trial(flow, 10, lambda share: None)})
    assert straight.ours == pytest.approx(1.0, abs=0.02)
    assert left.ours > 2 * arrived.ours
    assert left.met is True
    assert arrived.met is (arrived.ours <= 0.25)


def test_transport_floors_and_the_generator_give_a_row_each():
    protocol = PROTOCOLS["transport_floor"](budget=0.01)
    rows = [
        row
        for case in protocol.cases()
        if "particles" not in case
        for row in protocol.judge(case, {10: protocol.trial(case, 10, lambda share: None)})
    ]
    assert len(rows) == len(protocol.cases()) - 1
    assert all(row.ours > 0 and row.met is None for row in rows)
