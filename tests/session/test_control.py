"""The user's intent: live or restart, and what trains is what the panel shows."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.session import commands, messages
from explorer.session.control import Control
from explorer.session.history import History


def option(name, default, *, live=False, kind=""):
    return {"name": name, "default": default, "live": live, "kind": kind}


CATALOGUE = {
    "sections": [{"field": "data", "kind": "data"}, {"field": "optimizer", "kind": "optimizers"}],
    "data": [
        {"key": "ring", "options": [option("modes", 8), option("weights", [])]},
        {"key": "grid", "options": [option("rows", 5)]},
    ],
    "optimizers": [{"key": "adam", "options": [option("lr", 1e-3, live=True), option("inner", None, kind="data")]}],
    "recipe": [option("batch_size", 256, live=True), option("steps", 1000), option("seed", 0)],
}
RECIPE = {
    "format": 1,
    "about": {"title": ""},
    "data": {"key": "ring", "modes": 8, "weights": []},
    "optimizer": {"key": "adam", "lr": 1e-3, "inner": {"key": "ring", "modes": 8}},
    "batch_size": 256,
    "steps": 1000,
    "seed": 0,
}


class Sent(list):
    def of(self, kind):
        return [command for command in self if isinstance(command, kind)]


@pytest.fixture
def sent():
    return Sent()


@pytest.fixture
def history():
    return History()


@pytest.fixture
def control(sent, history):
    control = Control(sent.append, history)
    control.handle(messages.Ready(CATALOGUE))
    control.apply(RECIPE)
    control.handle(messages.Started(1, RECIPE, "Ring", 0, "weights"))
    sent.clear()
    return control


def progress(run, step, *, playing):
    return messages.Progress(run, step, step / 1000, 100.0, playing)


def with_option(section, **options):
    return {**RECIPE, section: {**RECIPE[section], **options}}


@pytest.mark.parametrize(
    ("recipe", "effect"),
    [
        (RECIPE, "same"),
        (with_option("optimizer", lr=0.1), "live"),
        ({**RECIPE, "batch_size": 64}, "live"),
        ({**RECIPE, "steps": 5}, "live"),
        ({**RECIPE, "about": {"title": "Mine"}}, "live"),
        (with_option("data", weights=()), "same"),
        (with_option("data", modes=9), "restart"),
        ({**RECIPE, "data": {"key": "grid"}}, "restart"),
        ({**RECIPE, "seed": 1}, "restart"),
        (with_option("optimizer", inner={"key": "grid"}), "restart"),
        (with_option("optimizer", inner={"key": "ring", "modes": 3}), "restart"),
        ({**with_option("optimizer", lr=0.1), "seed": 1}, "restart"),
        ({**RECIPE, "data": {"key": "ring"}}, "same"),
    ],
)
def test_the_declared_options_decide(control, sent, recipe, effect):
    assert control.effect_of(recipe) == effect
    assert control.apply(recipe) == effect
    kinds = {"same": [], "live": [commands.Change], "restart": [commands.Start]}
    assert [type(command) for command in sent] == kinds[effect]


def test_the_first_recipe_starts_the_first_run(sent, history):
    control = Control(sent.append, history)
    control.handle(messages.Ready(CATALOGUE))
    assert control.apply(RECIPE) == "restart"
    assert sent == [commands.Start(1, RECIPE)]


def test_a_recipe_is_what_trains_only_once_it_is_confirmed(control):
    changed = with_option("optimizer", lr=0.1)
    control.apply(changed)
    assert control.recipe == RECIPE
    assert control.wanted == changed
    control.handle(messages.Changed(1, changed, "Ring", 3))
    assert control.recipe == changed
    assert control.wanted == changed


def test_a_slider_that_is_dragged_is_compared_with_where_it_is(control, sent):
    control.apply(with_option("optimizer", lr=0.1))
    assert control.apply(RECIPE) == "live"
    assert len(sent) == 2


def test_after_a_refusal_the_recipe_is_again_what_trains(control, sent):
    control.play()
    control.apply({**RECIPE, "seed": 5})
    control.handle(messages.Refused(2, "seed", "no"))
    assert control.wanted == RECIPE
    assert control.target == 1
    assert control.playing
    control.pause()
    assert sent[-1] == commands.Pause(1)


def test_a_restart_while_playing_plays_on(control, sent):
    control.play()
    control.apply({**RECIPE, "seed": 5})
    assert [type(command) for command in sent] == [commands.Play, commands.Start, commands.Play]
    assert sent[-1].run == 2
    control.handle(messages.Started(2, {**RECIPE, "seed": 5}, "Ring", 0, "weights"))
    control.handle(progress(2, 4, playing=True))
    assert (control.run, control.step, control.playing) == (2, 4, True)


def test_a_restart_while_paused_stays_paused(control, sent):
    control.apply({**RECIPE, "seed": 5})
    assert sent.of(commands.Play) == []


def test_what_an_old_run_reports_is_not_believed(control):
    control.apply({**RECIPE, "seed": 5})
    control.handle(messages.Started(2, RECIPE, "Ring", 0, "weights"))
    control.handle(progress(1, 99, playing=True))
    control.handle(messages.Finished(1, 99))
    assert (control.step, control.playing, control.finished) == (0, False, False)


def test_space_plays_and_pauses(control, sent):
    control.toggle()
    control.toggle()
    assert sent == [commands.Play(1), commands.Pause(1)]


def test_finishing_and_failing_pause(control):
    control.play()
    control.handle(messages.Finished(1, 1000))
    assert (control.playing, control.finished, control.step) == (False, True, 1000)
    control.play()
    assert not control.finished
    control.handle(messages.Failed(1, 700, "loss became nan", "Try less."))
    assert (control.playing, control.failed.problem, control.step) == (False, "loss became nan", 700)


def test_reset_begins_anew_with_the_same_or_another_seed(control, sent):
    control.reset()
    assert sent[-1] == commands.Start(2, RECIPE)
    control.handle(messages.Started(2, RECIPE, "Ring", 0, "weights"))
    control.reset(new_seed=True)
    assert sent[-1].recipe["seed"] != 0
    assert {**sent[-1].recipe, "seed": 0} == RECIPE


def remember(history, *steps):
    for step in steps:
        history.add(messages.Kept(1, step, 0.0, {"step": step, "arrays": {"values": np.zeros(1)}}))


def test_an_earlier_step_is_looked_at_and_left_again(control, sent, history):
    remember(history, 0, 10, 20)
    control.look(14)
    assert control.looking == 10
    assert sent[-1] == commands.Look(1, history.at(10).state)
    control.look(None)
    assert sent[-1] == commands.Look(1, None)
    assert control.looking is None


def test_play_from_here_is_a_new_run_from_the_kept_state(control, sent, history):
    remember(history, 0, 10, 20)
    control.look(10)
    control.play_from_here()
    start, play = sent[-2:]
    assert start.state is history.at(10).state
    assert (start.run, play) == (2, commands.Play(2))
    control.handle(messages.Started(2, RECIPE, "Ring", 10, "weights"))
    assert (control.step, control.looking, control.run) == (10, None, 2)


def test_a_single_step_shows_the_newest(control, sent, history):
    remember(history, 0, 10)
    control.look(0)
    control.take_step("critic")
    assert sent[-2:] == [commands.Look(1, None), commands.Step(1, "critic")]


def test_before_the_first_run_nothing_is_sent(sent, history):
    control = Control(sent.append, history)
    control.play()
    control.pause()
    control.take_step()
    control.reset()
    control.look(3)
    assert sent == []


def test_before_the_catalogue_is_there_another_recipe_is_another_run(sent, history):
    """Nothing is known to be live yet: a change would be refused by a run of the first recipe, and lost."""
    control = Control(sent.append, history)
    control.apply(RECIPE)
    assert control.apply(RECIPE) == "same"
    assert control.apply({**RECIPE, "data": {"key": "grid"}}) == "restart"
    assert [command.run for command in sent.of(commands.Start)] == [1, 2]
    assert not sent.of(commands.Change)


def test_while_a_saved_run_is_loading_a_recipe_starts_anew(control, sent):
    """The loaded run's recipe is not known yet, so nothing can be compared with it."""
    control.load("somewhere")
    assert control.apply({**RECIPE, "batch_size": 128}) == "restart"
    assert not sent.of(commands.Change)


# ---- a changed recipe from a kept state


@pytest.fixture
def two_states(control, history):
    for step in (300, 700):
        history.add(messages.Kept(1, step, 0.0, {"step": step, "w": np.zeros(2)}))
    control.handle(progress(1, 720, playing=True))
    return control


def test_a_live_change_branches_off_the_newest_kept_state_and_trains(two_states, sent, history):
    changed = with_option("optimizer", lr=0.1)
    assert two_states.branch_step(changed) == 700
    assert two_states.branch(changed) == 700
    assert sent == [commands.Start(2, changed, history.at(700).state), commands.Play(2)]
    assert two_states.playing


def test_a_branch_goes_off_the_step_that_is_looked_at(two_states, sent, history):
    two_states.look(300)
    sent.clear()
    assert two_states.branch({**RECIPE, "batch_size": 64}) == 300
    assert sent[0].state is history.at(300).state


def test_what_cannot_be_taken_up_starts_again(two_states, sent):
    changed = with_option("data", modes=4)
    assert two_states.branch_step(changed) is None
    assert two_states.branch(changed) is None
    assert sent == [commands.Start(2, changed), commands.Play(2)]


def test_a_run_that_is_on_its_way_has_no_state_to_branch_off(two_states, sent):
    wider = with_option("data", modes=4)
    two_states.apply(wider)
    changed = {**wider, "batch_size": 64}
    assert two_states.branch_step(changed) is None
    two_states.branch(changed)
    assert sent.of(commands.Start)[-1] == commands.Start(3, changed, None)


def test_a_branch_that_is_on_its_way_shares_the_past(two_states, sent, history):
    two_states.branch(with_option("optimizer", lr=0.1))
    two_states.branch(with_option("optimizer", lr=0.2))
    assert sent.of(commands.Start)[-1].state is history.at(700).state


def test_states_of_a_run_that_is_not_known_yet_are_left_alone(two_states, sent, history):
    two_states.look(300)
    history.clear()
    history.add(messages.Kept(2, 0, 0.0, {"step": 0, "w": np.zeros(9)}))
    sent.clear()
    two_states.play_from_here()
    assert not sent.of(commands.Start)
    assert two_states.branch_step(with_option("optimizer", lr=0.1)) is None


def test_a_branch_off_the_last_step_gets_as_many_steps_again(two_states, sent, history):
    history.add(messages.Kept(1, 1_000, 0.0, {"step": 1_000, "w": np.zeros(2)}))
    two_states.branch(with_option("optimizer", lr=0.1))
    assert sent.of(commands.Start)[0].recipe["steps"] == 2_000
