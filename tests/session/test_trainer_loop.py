"""The trainer's loop against a fake trainer and a clock that is moved by hand."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from explorer.session import run as run_module
from explorer.session.commands import Change, Keep, Load, Pause, Play, Quit, Save, Speed, Start, Step
from explorer.session.messages import (
    Changed,
    Costed,
    Failed,
    Finished,
    Kept,
    Noticed,
    NotSaved,
    Progress,
    Ready,
    Refused,
    Rows,
    Saved,
    Started,
)
from explorer.session.weights import WeightsReader

RING = {"data": {"key": "ring"}}


def take_time(stage, seconds=0.001):
    """Let every step take so long."""

    def pass_time():
        stage.clock.now += seconds

    stage.trainer.after_step = pass_time


def started(stage, recipe=RING, run=1):
    stage.tick(Start(run, recipe))
    take_time(stage)
    return stage


def test_the_catalogue_comes_first(training):
    training.tick()
    assert training.said[0] == Ready({"data": [], "presets": []})


def test_without_a_run_it_sleeps_until_told(training):
    assert training.tick() == math.inf


def test_a_start_reports_the_complete_recipe_a_state_and_the_weights(training):
    started(training, {"lr": 0.5})
    begun = training.of(Started)[0]
    assert begun.recipe == {"steps": 100, "seed": 0, "lr": 0.5, "data": {"key": "ring"}}
    assert [kept.step for kept in training.of(Kept)] == [0]
    assert training.of(Progress)[-1].playing is False
    weights = WeightsReader(Path(begun.weights)).read()
    assert weights.step == 0
    np.testing.assert_array_equal(weights.values, np.zeros(7))


def test_no_row_is_lost_and_rows_come_in_order(training):
    started(training)
    for _ in range(10):
        training.tick(*([Play(1)] if not training.of(Rows) else []), budget=0.03)
    steps = np.concatenate([rows.steps for rows in training.of(Rows)])
    values = np.concatenate([rows.values for rows in training.of(Rows)])
    np.testing.assert_array_equal(steps, np.arange(1, 101))
    assert training.of(Rows)[0].names == ("loss", "critic")
    np.testing.assert_array_equal(values[:, 1], steps)


def test_rows_come_in_parcels_of_some_thirty_milliseconds(training):
    started(training)
    training.tick(Play(1), budget=0.01)
    assert training.of(Rows) == []
    training.tick(budget=0.02)
    assert len(training.of(Rows)) == 1


def test_a_pause_is_seen_between_two_steps(training):
    started(training)

    def press():
        training.clock.now += 0.001
        if training.trainer.step == 3:
            training.send(Pause(1))

    training.trainer.after_step = press
    training.tick(Play(1), budget=10.0)
    training.tick()
    assert training.trainer.step == 3
    assert training.of(Progress)[-1].playing is False
    assert training.of(Kept)[-1].step == 3


def test_progress_comes_more_than_ten_times_a_second_with_the_rate(training):
    started(training, {"steps": 10_000})
    training.send(Play(1))
    while training.clock.now < 1.0:
        training.tick(budget=0.025)
    playing = [progress for progress in training.of(Progress) if progress.playing]
    assert len(playing) > 10
    assert playing[-1].rate == pytest.approx(1000, rel=0.02)


def test_a_single_step_moves_one_player_and_pauses(training):
    started(training)
    training.tick(Play(1), budget=0.002)
    training.tick(Step(1, "critic"))
    training.tick()
    assert training.trainer.turns[-1] == "critic"
    assert training.of(Progress)[-1].playing is False
    assert training.of(Rows)[-1].steps[-1] == training.trainer.step


def test_a_state_after_a_single_step_waits_until_it_is_due(training):
    started(training)
    delay = training.tick(Step(1))
    assert [kept.step for kept in training.of(Kept)] == [0]
    training.clock.now += delay
    assert training.tick() == math.inf
    assert [kept.step for kept in training.of(Kept)] == [0, 1]


def test_the_speed_dial_spaces_steps_evenly(training):
    started(training)
    take_time(training, 0.0)
    training.send(Speed(10), Play(1))
    for _ in range(400):
        delay = training.tick(budget=0.01)
        assert delay > 0
        training.clock.now += min(delay, 2.05 - training.clock.now) or 1.0
        if training.clock.now >= 2.0:
            break
    assert 20 <= training.trainer.step <= 21


def test_a_slow_step_is_shown_at_once(training):
    started(training)
    training.tick(Speed(1), Play(1), budget=0.01)
    assert training.trainer.step == 1
    assert training.of(Rows)[-1].steps.tolist() == [1]


def test_a_machine_that_stood_still_does_not_catch_up_in_a_burst(training):
    started(training)
    take_time(training, 0.0)
    training.tick(Speed(10), Play(1), budget=0.01)
    training.clock.now += 60.0
    training.tick(budget=0.01)
    assert training.trainer.step <= 3


def test_play_until_stops_there(training):
    started(training)
    training.tick(Play(1, until=7), budget=1.0)
    assert training.trainer.step == 7
    assert training.of(Kept)[-1].step == 7
    assert training.of(Finished) == []


def test_the_run_finishes_at_its_last_step_and_can_be_played_beyond(training):
    started(training, {"steps": 5})
    training.tick(Play(1), budget=1.0)
    assert training.of(Finished) == [Finished(1, 5)]
    assert training.of(Kept)[-1].step == 5
    training.tick(Play(1), budget=0.01)
    assert training.trainer.step > 5
    assert len(training.of(Finished)) == 1


def test_states_are_kept_at_intervals(training):
    started(training, {"steps": 10_000})
    training.send(Play(1))
    while training.clock.now < 5.0:
        training.tick(budget=0.025)
    assert 9 <= len(training.of(Kept)) <= 12


@pytest.mark.parametrize(
    ("accident", "said", "advice"),
    [
        (ArithmeticError("loss became nan at step 40"), "loss became nan at step 40", "restart"),
        (RuntimeError("out of luck"), "RuntimeError: out of luck", "restart"),
        (MemoryError(), "MemoryError: MemoryError", "smaller batch"),
    ],
)
def test_a_failure_is_a_message_and_the_last_good_state_is_back(training, accident, said, advice, caplog):
    training.workshop.accidents[40] = accident
    started(training)
    training.tick(Play(1, until=30), budget=1.0)
    training.tick(Play(1), budget=1.0)
    failed = training.of(Failed)[0]
    assert (failed.step, failed.problem) == (30, said)
    assert advice in failed.advice
    assert training.trainer.step == 30
    np.testing.assert_array_equal(training.trainer.array, np.full(7, 30.0))
    weights = WeightsReader(Path(training.of(Started)[0].weights)).read()
    np.testing.assert_array_equal(weights.values, np.full(7, 30.0))
    assert training.of(Progress)[-1].playing is False
    assert max(np.concatenate([rows.steps for rows in training.of(Rows)])) == 39


def test_weights_that_are_not_finite_are_never_kept(training):
    training.workshop.accidents[40] = np.nan
    started(training)
    training.tick(Play(1, until=50), budget=1.0)
    assert training.of(Failed)[0].step == 0
    assert "finite" in training.of(Failed)[0].problem
    assert all(np.isfinite(kept.state["arrays"]["values"]).all() for kept in training.of(Kept))


def test_a_run_can_go_on_after_a_failure(training):
    training.workshop.accidents[3] = ArithmeticError("loss became inf")
    started(training)
    training.tick(Play(1), budget=1.0)
    training.workshop.accidents.clear()
    training.tick(Change(1, {"lr": 0.01}), Play(1, until=5), budget=1.0)
    assert training.trainer.step == 5


def test_a_refused_recipe_names_its_field_and_the_run_goes_on(training):
    started(training)
    training.tick(Play(1), budget=0.01)
    training.tick(Start(2, {"typo": 1}), Play(2), budget=0.01)
    assert training.of(Refused) == [Refused(2, "typo", "there is no such field")]
    step = training.trainer.step
    training.tick(budget=0.01)
    assert training.trainer.step > step


def test_a_change_that_needs_a_restart_is_refused(training):
    started(training)
    training.tick(Change(1, {"seed": 3}))
    assert training.of(Refused)[0].path == "seed"
    assert training.of(Changed) == []


def test_a_change_is_confirmed_with_the_complete_recipe(training):
    started(training)
    training.tick(Change(1, {"lr": 0.01}))
    assert training.of(Changed)[0].recipe["lr"] == 0.01
    assert training.of(Changed)[0].recipe["steps"] == 100


def test_a_trainer_that_cannot_be_made_is_refused(training):
    training.tick(Start(1, {"data": {"key": "huge"}}))
    assert training.of(Refused)[0].problem == "MemoryError: too large"


def test_no_room_for_the_weights_is_refused(training, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("explorer.session.run.WeightsWriter", full)
    training.tick(Start(1, RING))
    assert training.of(Refused)[0].problem == "No space left on device"


def test_what_is_meant_for_another_run_is_not_obeyed(training):
    started(training)
    training.tick(Play(7), Step(7), Keep(0), budget=0.01)
    assert training.trainer.step == 0


def test_a_state_is_taken_up_where_it_was(training):
    started(training)
    training.tick(Play(1, until=9), budget=1.0)
    training.tick(Start(2, RING, training.of(Kept)[-1].state))
    assert training.of(Started)[-1].step == 9
    assert training.of(Kept)[-1].step == 9


def test_a_state_that_does_not_fit_is_refused(training):
    training.tick(Start(1, RING, {"step": 1, "seconds": 0.0, "arrays": {"values": np.zeros(3)}}))
    assert "does not fit" in training.of(Refused)[0].problem


def test_an_asked_for_state_comes_at_once(training):
    started(training)
    training.tick(Play(1), budget=0.003)
    training.tick(Keep(1))
    asked = [kept for kept in training.of(Kept) if kept.asked]
    assert [kept.step for kept in asked] == [3]


def test_a_run_is_saved_and_loaded(training, tmp_path):
    started(training)
    training.tick(Save(1, str(tmp_path / "run")), Save(1, str(tmp_path / "readonly")))
    assert training.of(Saved) == [Saved(1, str(tmp_path / "run"))]
    assert "Permission denied" in training.of(NotSaved)[0].problem
    training.tick(Load(2, str(tmp_path / "run")))
    assert (training.of(Started)[-1].run, training.of(Started)[-1].step) == (2, 5)


def test_each_run_removes_the_weights_of_the_last(training, tmp_path):
    started(training)
    training.tick(Start(2, RING))
    assert [path.name.split("-")[1] for path in tmp_path.glob("weights-*")] == ["2"]
    training.tick(Quit())
    assert list(tmp_path.iterdir()) == []
    assert not training.loop.running


def test_quitting_in_mid_run_hands_over_the_last_rows(training):
    started(training)
    training.tick(Play(1), budget=0.005)
    training.tick(Quit())
    assert training.of(Rows)[-1].steps[-1] == 5


def test_what_a_run_costs_is_told_at_once_and_what_a_step_takes_once_one_was_tried(training):
    training.tick(Start(1, RING))
    (first,) = training.of(Costed)
    assert first.cost == {"parameters": 7.0, "multiply_adds": 21.0}
    training.clock.now += 2.0
    training.tick()
    assert [message.cost.get("seconds") for message in training.of(Costed)] == [None, 0.25]
    training.clock.now += 2.0
    training.tick()
    assert len(training.of(Costed)) == 2


def test_no_step_is_tried_of_a_run_that_plays(training):
    training.tick(Start(1, RING), Play(1))
    training.clock.now += 2.0
    training.tick(Pause(1))
    assert len(training.of(Costed)) == 1


def test_what_the_data_have_to_say_is_told_once(training):
    started(training)
    training.trainer.remark = "Left out: a.png is empty."
    for _ in range(4):
        training.tick(*([Play(1)] if not training.of(Noticed) else []), budget=0.2)
    assert [message.text for message in training.of(Noticed)] == ["Left out: a.png is empty."]


def test_weights_that_take_long_to_publish_are_published_seldom(training, monkeypatch):
    started(training)
    written: list[int] = []
    run = training.loop._run

    def write(step, *_):
        written.append(step)
        training.clock.now += 0.05

    monkeypatch.setattr(run._weights, "write", write)
    training.tick(Play(1), budget=3.0)
    assert 2 <= len(written) <= 4


def test_large_states_are_kept_seldom(training, monkeypatch):
    monkeypatch.setattr(run_module, "KEEP_BYTES_PER_S", 10)  # so that 28 bytes of weights are much
    take_time(started(training), 0.02)
    training.tick(Keep(1))
    before = len(training.of(Kept))
    training.tick(Play(1), budget=1.5)
    assert len(training.of(Kept)) == before
