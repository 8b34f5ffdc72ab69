"""The lives of modes, told from hand-made looks."""

from __future__ import annotations

import numpy as np
import pytest

from models.diagnosis.chronicle import Chronicle

N = 1000


def placed(*shares: float) -> np.ndarray:
    """At which mode each of N samples is: sample i stays with its mode as long as the shares do."""
    counts = [round(N * share) for share in shares]
    return np.concatenate([np.repeat(np.arange(len(shares)), counts), np.full(N - sum(counts), -1)])


def told(looks: dict[int, np.ndarray], k: int) -> Chronicle:
    chronicle = Chronicle(np.full(k, 1 / k), N)
    for step, mode in looks.items():
        chronicle.look(step, mode)
    return chronicle


def test_births_deaths_and_ages():
    half, gone = placed(0.5, 0.5), placed(1.0, 0.0)
    chronicle = told({10: half, 20: half, 30: half, 40: gone, 50: gone, 60: gone}, 2)
    assert chronicle.events == [(10, 0, True), (10, 1, True), (40, 1, False)]
    assert chronicle.age(60).tolist() == [50, -1]
    assert chronicle.lost.tolist() == [False, True]
    assert chronicle.lost_since() == 40


def test_looks_of_fewer_samples_go_on_with_the_same_lives():
    """Another sampler is watched by fewer samples: a mode that is too light for them is no longer judged."""
    chronicle = Chronicle(np.array([0.6, 0.38, 0.02]), 2 * N)
    for step in (10, 20):
        chronicle.look(step, np.concatenate([placed(0.6, 0.38, 0.02)] * 2))
    chronicle.resize(N)
    chronicle.look(30, placed(0.6, 0.38, 0.02))
    assert chronicle.alive.tolist() == [True, True, True]
    assert chronicle.judged.tolist() == [True, True, False]
    for step in (40, 50):
        chronicle.look(step, placed(1.0))
    assert chronicle.lost.tolist() == [False, True, False]
    assert chronicle.heirs(placed(1.0)).tolist() == [1.0, 0.0, 0.0]


def test_a_single_poor_look_is_no_death_and_a_single_good_one_no_birth():
    half, gone = placed(0.5, 0.5), placed(1.0, 0.0)
    assert told({1: half, 2: half, 3: gone, 4: half, 5: gone, 6: half}, 2).alive.tolist() == [True, True]
    assert told({1: gone, 2: half, 3: gone, 4: half, 5: gone}, 2).alive.tolist() == [True, False]


def test_between_the_two_thresholds_nothing_changes():
    """A tenth of the target keeps a living mode alive, and does not bring a dead one to life."""
    half, thin = placed(0.5, 0.5), placed(0.9, 0.05)
    assert told({step: half if step < 3 else thin for step in range(1, 20)}, 2).alive.tolist() == [True, True]
    assert told(dict.fromkeys(range(1, 20), thin), 2).alive.tolist() == [True, False]


def test_a_mode_that_comes_back_is_born_again():
    half, gone = placed(0.5, 0.5), placed(1.0, 0.0)
    chronicle = told({1: half, 2: half, 3: gone, 4: gone, 5: half, 6: half}, 2)
    assert [event for event in chronicle.events if event.mode == 1] == [(1, 1, True), (3, 1, False), (5, 1, True)]
    assert chronicle.lost_since() == -1


def test_where_the_samples_of_a_lost_mode_went():
    before = placed(0.25, 0.25, 0.25, 0.25)
    after = before.copy()
    after[np.flatnonzero(before == 3)[:200]] = 1
    after[np.flatnonzero(before == 3)[200:]] = 0
    chronicle = told({1: before, 2: before, 3: after, 4: after}, 4)
    assert chronicle.heirs(after).tolist() == pytest.approx([0.2, 0.8, 0, 0])


def test_light_modes_are_not_judged():
    chronicle = Chronicle(np.array([0.99, 0.01]), N)
    for step in range(5):
        chronicle.look(step, placed(1.0, 0.0))
    assert chronicle.judged.tolist() == [True, False]
    assert chronicle.alive.tolist() == [True, False]


@pytest.mark.parametrize("k", [2, 8, 25, 64, 100])
def test_a_perfect_sampler_never_seems_to_lose_a_mode(k):
    """Fresh draws at 200 looks, which is harder than the same noise at every look."""
    chronicle, chance = Chronicle(np.full(k, 1 / k), 2_500), np.random.default_rng(0)
    for step in range(200):
        chronicle.look(step, chance.integers(k, size=2_500))
    assert [(step, born) for step, _, born in chronicle.events] == [(0, True)] * k
