"""The observer's loop against a fake witness and a clock that is moved by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explorer.session.commands import Ask, Change, Look, Observe, Quit, Taken, Watch
from explorer.session.messages import Answer, Diagnosed, Floors, Measured
from explorer.session.snapshot import Scene, Snapshot
from explorer.session.weights import WeightsWriter

RING = {"data": {"key": "ring"}}
CLOUD = Watch(frozenset({"samples"}))


@pytest.fixture
def writer(tmp_path):
    return WeightsWriter(tmp_path, 1, 7)


def publish(writer, step):
    writer.write(step, step / 1000, np.full(7, step, np.float32))


def watching(stage, writer, watch=CLOUD):
    publish(writer, 0)
    stage.tick(Observe(1, RING, str(writer.path)), watch)
    return stage


def let_pass(stage, seconds, *, tick=0.01):
    """Let time pass with a tick now and then, taking every snapshot."""
    for _ in range(round(seconds / tick)):
        stage.clock.now += tick
        before = len(stage.of(Snapshot))
        stage.tick()
        if len(stage.of(Snapshot)) > before:
            stage.send(Taken())


def test_without_a_run_it_sleeps_until_told(observing):
    assert observing.tick() == math.inf


def test_the_scene_comes_before_the_first_picture(observing, writer):
    watching(observing, writer)
    assert [type(message) for message in observing.said] == [Scene, Snapshot]
    assert observing.said[0].run == 1


def test_a_snapshot_holds_the_pictures_of_the_published_weights(observing, writer):
    watching(observing, writer, Watch(frozenset({"samples", "absent"})))
    snapshot = observing.of(Snapshot)[0]
    assert (snapshot.run, snapshot.step, snapshot.live) == (1, 0, True)
    np.testing.assert_array_equal(snapshot.pictures["samples"]["x"], np.zeros(7))
    assert not snapshot.pictures["samples"]["x"].flags.writeable
    assert snapshot.missing == {"absent": "There is none."}


def test_the_next_snapshot_waits_until_the_last_was_taken(observing, writer):
    watching(observing, writer)
    for step in range(1, 20):
        publish(writer, step)
        observing.clock.now += 1.0
        observing.tick()
    assert len(observing.of(Snapshot)) == 1
    observing.tick(Taken())
    assert [snapshot.step for snapshot in observing.of(Snapshot)] == [0, 19]


def test_no_more_than_thirty_snapshots_a_second(observing, writer):
    watching(observing, writer)
    observing.send(Taken())
    for step in range(1, 1001):
        publish(writer, step)
        let_pass(observing, 0.001, tick=0.001)
    assert 25 <= len(observing.of(Snapshot)) <= 31


def test_work_that_is_dear_comes_less_often(observing, writer):
    observing.used.cost = 0.1
    watching(observing, writer)
    observing.send(Taken())
    for step in range(1, 5001):
        publish(writer, step)
        let_pass(observing, 0.002, tick=0.002)
    assert observing.used.total <= 0.4 * 10 + 0.5
    assert len(observing.of(Snapshot)) > 10


def test_dear_pictures_leave_turns_to_measures_and_floors(observing, writer):
    observing.used.cost = 0.15  # more than may be used at once, so that the next picture is always due
    watching(observing, writer)
    observing.send(Taken())
    for step in range(1, 2001):
        publish(writer, step)
        let_pass(observing, 0.01)
    assert len(observing.of(Measured)) >= 5
    assert len(observing.of(Floors)) == 1
    assert len(observing.of(Snapshot)) >= 15


def test_when_nothing_changes_nothing_is_sent(observing, writer):
    watching(observing, writer)
    let_pass(observing, 2.0)
    said = len(observing.said)
    let_pass(observing, 10.0)
    assert len(observing.said) == said


def test_a_picture_that_is_not_finished_is_made_again_of_the_same_weights(observing, writer):
    watching(observing, writer)
    observing.workshop.witnesses[0].unfinished = 3
    observing.tick(Taken(), Watch(frozenset({"samples", "map"})))
    observing.tick(Taken())
    let_pass(observing, 1.0)
    assert [snapshot.step for snapshot in observing.of(Snapshot)] == [0] * 4  # until none is left to be done


def test_the_last_measures_are_those_of_the_last_step(observing, writer):
    watching(observing, writer)
    for step in range(1, 200):
        publish(writer, step)
        let_pass(observing, 0.01)
    let_pass(observing, 1.0)
    measured = observing.of(Measured)
    assert (measured[-1].step, measured[-1].values["energy"]) == (199, 199.0)
    assert 4 <= len(measured) <= 6


def test_floors_come_once_after_the_first_picture_measure_by_measure(observing, writer):
    watching(observing, writer)
    let_pass(observing, 1.0)
    floors = observing.of(Floors)
    assert len(floors) == 1
    assert floors[0].floors == {"energy": (1.0, 0.5, 1.5), "sliced": (1.0, 0.5, 1.5)}
    assert observing.witness.floored == ["energy", "sliced"]


def test_floors_of_the_same_data_are_not_found_again(observing, writer):
    watching(observing, writer)
    let_pass(observing, 1.0)
    observing.tick(Observe(2, {**RING, "lr": 0.5}, str(writer.path)))
    let_pass(observing, 1.0)
    assert [floors.run for floors in observing.of(Floors)] == [1, 2]
    assert observing.witness.floored == []


def test_floors_of_another_number_of_samples_are_found_anew_and_sent(observing, writer):
    """A change of sampler, live, may change how many samples are measured."""
    watching(observing, writer)
    let_pass(observing, 1.0)
    observing.tick(Change(1, {**RING, "lr": 0.5}))
    let_pass(observing, 1.0)
    assert len(observing.of(Floors)) == 1
    observing.tick(Change(1, {**RING, "points": 500}))
    let_pass(observing, 1.0)
    assert len(observing.of(Floors)) == 2
    assert observing.witness.floored == ["energy", "sliced"] * 2


def test_an_earlier_step_can_be_looked_at_while_training_goes_on(observing, writer):
    watching(observing, writer)
    publish(writer, 50)
    state = {"step": 20, "seconds": 0.02, "arrays": {"values": np.full(7, 20, np.float32)}}
    observing.tick(Taken(), Look(1, state))
    let_pass(observing, 0.6)
    shown = observing.of(Snapshot)[-1]
    assert (shown.step, shown.live, shown.pictures["samples"]["x"][0]) == (20, False, 20)
    assert observing.of(Measured)[-1].step == 50
    observing.tick(Taken(), Look(1, None))
    assert (observing.of(Snapshot)[-1].step, observing.of(Snapshot)[-1].live) == (50, True)


def test_other_pictures_come_at_once(observing, writer):
    watching(observing, writer)
    observing.tick(Taken(), Watch(frozenset({"density"}), average=True))
    assert set(observing.of(Snapshot)[-1].pictures) == {"density"}
    assert observing.witness.average


def test_with_nothing_to_watch_no_snapshot_is_made(observing, writer):
    watching(observing, writer, Watch(frozenset()))
    let_pass(observing, 1.0)
    assert observing.of(Snapshot) == []
    assert observing.of(Measured)


def test_questions_are_answered_with_their_number(observing, writer):
    watching(observing, writer)
    observing.tick(Ask(1, 5, "push", {"z": np.ones((1, 2))}), Ask(9, 6, "push", {"z": np.ones((1, 2))}))
    answers = observing.of(Answer)
    assert [answer.number for answer in answers] == [5]
    np.testing.assert_array_equal(answers[0].arrays["x"], np.ones((1, 2)))


def test_a_question_about_a_kept_state_is_answered_by_its_weights_and_the_next_one_by_those_that_are_shown(
    observing, writer
):
    watching(observing, writer)
    state = {"step": 3, "seconds": 0.1, "arrays": {"values": np.full(7, 42, np.float32)}}
    asked = {"z": np.ones((1, 2))}
    observing.tick(Ask(1, 5, "push", asked, state), Ask(1, 6, "push", asked))
    then, now = observing.of(Answer)
    np.testing.assert_array_equal(then.arrays["x"], np.full((1, 2), 43))
    np.testing.assert_array_equal(now.arrays["x"], np.ones((1, 2)))


def test_questions_about_several_kept_states_one_after_another_are_answered_by_the_weights_of_each(observing, writer):
    watching(observing, writer)
    states = [{"step": n, "seconds": 0.1, "arrays": {"values": np.full(7, n, np.float32)}} for n in (3, 8)]
    observing.tick(*(Ask(1, 5 + n, "push", {"z": np.ones((1, 2))}, state) for n, state in enumerate(states)))
    assert [answer.arrays["x"].tolist() for answer in observing.of(Answer)] == [[[4.0, 4.0]], [[9.0, 9.0]]]


def test_a_picture_that_cannot_be_made_says_so_and_takes_no_other_with_it(observing, writer, caplog):
    watching(observing, writer, Watch(frozenset({"broken", "samples", "absent"})))
    made = observing.of(Snapshot)[0]
    assert "no such picture" in made.missing["broken"]
    assert set(made.pictures) == {"samples"}
    assert made.missing["absent"] == "There is none."


def test_a_live_change_reaches_the_witness(observing, writer):
    watching(observing, writer)
    observing.tick(Change(1, {**RING, "lr": 0.5}))
    assert observing.witness.adopted.lr == 0.5


def test_the_scene_comes_again_only_when_something_else_is_offered(observing, writer):
    watching(observing, writer)
    for change in ({"lr": 0.5}, {"pulls": True}, {"pulls": True, "lr": 0.1}):
        observing.tick(Change(1, {**RING, **change}))
    assert [scene.offers for scene in observing.of(Scene)] == [frozenset(), frozenset({"arrows"})]


def test_a_run_that_is_over_already_is_let_go(observing, writer):
    writer.close()
    assert observing.tick(Observe(1, RING, str(writer.path))) == math.inf
    assert observing.said == []


def test_quit_ends_it(observing, writer):
    watching(observing, writer)
    observing.tick(Quit())
    assert not observing.loop.running


def finding():
    none = np.zeros(0)
    told = {"verdict": "healthy", "title": "Healthy", "text": "All is well.", "alarm": False, "named": True}
    empty = {"remedies": (), "signs": {}, "names": (), "events": ()}
    return {**told, **empty, **dict.fromkeys(("mass", "target", "quality", "distance", "age"), none)}


def test_the_modes_are_looked_at_far_more_often_than_measures_are_taken(observing, writer):
    watching(observing, writer)
    observing.witness.finding = finding()
    for step in range(1, 200):
        publish(writer, step)
        let_pass(observing, 0.01)
    looks = [diagnosed.step for diagnosed in observing.of(Diagnosed)]
    assert len(looks) > 2 * len(observing.of(Measured))
    assert looks == sorted(set(looks))


def test_a_dear_first_look_at_the_modes_earns_no_long_pause(observing, writer):
    watching(observing, writer)
    observing.witness.finding = finding()
    observing.used.cost = 1.0
    publish(writer, 1)
    while not observing.of(Diagnosed):
        let_pass(observing, 0.01)
    observing.used.cost = 0.0
    for step in range(2, 300):
        publish(writer, step)
        let_pass(observing, 0.01)
    assert len(observing.of(Diagnosed)) > 5
