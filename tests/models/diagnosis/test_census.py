"""A thousand modes are counted: what a perfect sampler reaches, and what a collapsed one does not."""

from __future__ import annotations

import numpy as np
import pytest

from models.diagnosis.census import census, is_counted
from models.diagnosis.chronicle import Chronicle
from models.diagnosis.evidence import weigh
from models.diagnosis.signs import Signs
from models.diagnosis.verdict import Judge
from models.diagnosis.wording import sentence

K, N, STEPS = 1_000, 2_500, 10_000
NAMES = [f"{k:03}" for k in range(K)]


def look(step, held, chance):
    """Of a model that draws from the first modes only, all of high quality, as near as data are."""
    mode = chance.integers(0, held, N)
    share = np.bincount(mode, minlength=K) / N
    none = np.zeros(K)
    return Signs(step, mode, share, share, none, none, good=0.98, spread=1.0, far=0.02)


def story(held_at):
    """Verdict, alarms and last sentence of a run whose number of modes depends on the step."""
    chance, chronicle, judge, looks, rung = np.random.default_rng(3), Chronicle(np.full(K, 1 / K), N), Judge(), [], 0
    for step in range(0, STEPS, 100):
        looks.append(look(step, held_at(step), chance))
        chronicle.look(step, looks[-1].mode)
        evidence = weigh(looks, chronicle, STEPS)
        verdict, alarm = judge.judge(evidence)
        rung += alarm
    return verdict, rung, sentence(verdict, evidence, chronicle, looks[-1], NAMES, named=True)


def test_a_perfect_sampler_misses_no_more_than_chance_does():
    chance, chronicle = np.random.default_rng(0), Chronicle(np.full(K, 1 / K), N)
    assert is_counted(chronicle)
    reached = [int((look(0, K, chance).mass > 0).sum()) for _ in range(40)]
    told = census([look(0, K, chance)], [look(0, K, chance)], chronicle)
    assert told.within == pytest.approx(K * (1 - (1 - 1 / K) ** N))
    assert told.within == pytest.approx(np.mean(reached), abs=5)
    assert told.missing < 0.03


def test_few_or_heavy_modes_are_judged_one_by_one():
    assert not is_counted(Chronicle(np.full(8, 1 / 8), N))
    assert not is_counted(Chronicle(np.full(10, 1 / 10), 64))


def test_all_modes_are_healthy_and_no_alarm_rings():
    verdict, alarms, text = story(lambda step: K)
    assert (verdict, alarms) == ("healthy", 0)
    assert "modes reached by 2,500 samples, 918 by as many real ones" in text


def test_modes_that_were_never_found_or_are_lost_again_ring_once():
    for held_at in (lambda step: 100, lambda step: K if step < 5_000 else 300):
        verdict, alarms, text = story(held_at)
        assert (verdict, alarms) == ("collapse", 1)
        assert text.startswith("Only ")
