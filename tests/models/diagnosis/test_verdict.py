"""The rules of the verdict, on hand-made series of looks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from models.diagnosis.chronicle import Chronicle
from models.diagnosis.evidence import of_use, weigh
from models.diagnosis.signs import Signs
from models.diagnosis.verdict import Judge
from models.diagnosis.wording import sentence

K, N, STEPS, EVERY = 8, 800, 10_000, 200
EVEN = np.full(K, 1 / K)


def share(*modes: int) -> np.ndarray:
    """All mass spread evenly on these modes."""
    shares = np.zeros(K)
    shares[list(modes)] = 1 / len(modes)
    return shares


def look(step: int, shares: np.ndarray, **others: float) -> Signs:
    counts = np.floor(N * shares + 1e-9).astype(int)
    mode = np.concatenate([np.repeat(np.arange(K), counts), np.full(N - counts.sum(), -1)])
    empty = np.full(K, math.nan)
    usual = {"good": 0.95, "spread": 1.0, "far": 0.05, "moved": 0.02, "gradient": 1.0, "separated": 0.6}
    return Signs(step=step, mode=mode, mass=shares, nearest=shares, quality=empty, distance=empty, **usual | others)


def judged(series: list[Signs]) -> tuple[list[str], list[tuple[int, str]]]:
    """The verdict after each look, and the alarms."""
    chronicle, judge, kept, verdicts, alarms = Chronicle(EVEN, N), Judge(), [], [], []
    for signs in series:
        kept = of_use([*kept, signs], STEPS)
        chronicle.look(signs.step, signs.mode)
        verdict, alarm = judge.judge(weigh(kept, chronicle, STEPS))
        verdicts.append(verdict)
        if alarm:
            alarms.append((signs.step, verdict))
    return verdicts, alarms


def run(shares_at, **others) -> list[Signs]:
    return [look(step, shares_at(step), **others) for step in range(0, STEPS + 1, EVERY)]


def test_all_modes_alive_and_sharp_is_healthy_and_silent():
    verdicts, alarms = judged(run(lambda _: EVEN))
    assert verdicts[0] == "learning"
    assert verdicts[-1] == "healthy"
    assert alarms == []


def test_a_collapse_stands_while_its_few_modes_are_drawn_ever_better_and_ends_when_others_are_found():
    series = [
        look(step, share(0, 4) if step < 7_000 else EVEN, good=0.6 if step < 3_000 else 0.6 + 0.4 * step / STEPS)
        for step in range(0, STEPS + 1, EVERY)
    ]
    verdicts, alarms = judged(series)
    assert set(verdicts[3_000 // EVERY : 7_000 // EVERY]) == {"collapse"}
    assert [verdict for _, verdict in alarms] == ["collapse"]
    assert verdicts[-1] == "healthy"


def test_modes_that_die_are_a_collapse_that_rings_once():
    verdicts, alarms = judged(run(lambda step: EVEN if step < 5_000 else share(0, 4)))
    assert verdicts[-1] == "collapse"
    ((step, key),) = alarms
    assert key == "collapse"
    assert 5_000 < step <= 6_400


def test_particles_of_a_posterior_wander_without_oscillating():
    shares = {0: np.r_[np.full(4, 0.2), np.full(4, 0.05)], 1: np.r_[np.full(4, 0.05), np.full(4, 0.2)]}
    for wanders, expected in ((False, "oscillation"), (True, "learning")):
        verdicts, alarms = judged(run(lambda step: shares[step // EVERY % 2], far=0.25, moved=0.8, wanders=wanders))
        assert verdicts[-1] == expected
        assert bool(alarms) != wanders


def test_modes_that_were_never_found_are_a_collapse():
    verdicts, alarms = judged(run(lambda _: share(1, 2, 3)))
    assert verdicts[-1] == "collapse"
    assert [key for _, key in alarms] == ["collapse"]


def test_modes_that_are_found_one_after_the_other_are_learning():
    _, alarms = judged(run(lambda step: share(*range(min(K, 1 + step // 600)))))
    assert alarms == []


def test_a_lump_that_hops_is_a_collapse():
    verdicts, alarms = judged(run(lambda step: share(step // EVERY * 3 % K)))
    assert verdicts[-1] == "collapse"
    assert len(alarms) == 1


def test_mass_that_goes_to_and_fro_is_an_oscillation():
    tilt = np.where(np.arange(K) < K // 2, 0.1, -0.1)
    verdicts, alarms = judged(run(lambda step: EVEN + tilt * math.sin(step / 130)))
    assert verdicts[-1] == "oscillation"
    assert [key for _, key in alarms] == ["oscillation"]


def test_samples_that_circle_far_from_the_data_are_an_oscillation():
    assert judged(run(lambda _: EVEN, moved=1.2, far=0.6))[0][-1] == "oscillation"


def test_no_gradient_far_from_the_data_is_a_vanishing_gradient():
    verdicts, alarms = judged(run(lambda _: share(2), gradient=1e-9, far=1.3, moved=0.0, good=0.0))
    assert verdicts[-1] == "vanishing_gradient"
    assert [key for _, key in alarms] == ["vanishing_gradient"]


def test_no_gradient_at_the_data_is_healthy():
    assert judged(run(lambda _: EVEN, gradient=1e-9))[0][-1] == "healthy"


def test_blurred_modes_are_underfitting_but_only_late_in_the_run():
    verdicts, alarms = judged(run(lambda _: EVEN, good=0.1))
    assert verdicts[-1] == "underfitting"
    assert alarms[0][0] >= 0.7 * STEPS


def test_blurred_modes_that_sharpen_are_learning():
    series = [look(step, EVEN, good=0.4 * step / STEPS) for step in range(0, STEPS + 1, EVERY)]
    verdicts, alarms = judged(series)
    assert verdicts[-1] == "learning"
    assert alarms == []


def test_what_stands_still_at_the_end_without_trouble_is_not_called_too_early():
    looks = run(lambda _: EVEN, far=0.25)
    chronicle = Chronicle(EVEN, N)
    for signs in looks:
        chronicle.look(signs.step, signs.mode)
    evidence = weigh(looks, chronicle, STEPS)
    assert sentence("learning", evidence, chronicle, looks[-1], "abcdefgh", named=True).startswith(
        "No trouble, but short"
    )
    chronicle = Chronicle(EVEN, N)
    chronicle.look(0, looks[0].mode)
    early = weigh(looks[:1], chronicle, STEPS)
    assert sentence("learning", early, chronicle, looks[0], "abcdefgh", named=True).startswith("Too early to say")


def test_a_trouble_that_passes_for_a_moment_does_not_ring_again():
    """Collapsed but for 600 steps: one alarm. Well again for long and lost once more: another."""
    assert len(judged(run(lambda step: EVEN if step < 3_000 or 6_000 <= step < 6_600 else share(0, 1)))[1]) == 1
    assert len(judged(run(lambda step: share(0, 1) if 1_000 < step < 3_000 or step > 8_000 else EVEN))[1]) == 2


@pytest.mark.parametrize("every", [50, 200, 600])
def test_a_collapse_is_seen_however_often_one_looks(every):
    series = [look(step, EVEN if step < 4_000 else share(0, 4)) for step in range(0, STEPS + 1, every)]
    assert [key for _, key in judged(series)[1]] == ["collapse"]


def test_old_looks_are_forgotten():
    kept: list[Signs] = []
    for step in range(0, 40_000, 20):
        kept = of_use([*kept, look(step, EVEN)], STEPS)
    assert len(kept) < 150
