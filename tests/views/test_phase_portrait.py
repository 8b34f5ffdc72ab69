"""The phase portrait draws a hand-made field, the path of every step, and says what happens at the equilibrium."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.session.messages import Rows
from explorer.views._phase_flow import Flow
from explorer.views.phase_portrait import KEY, LAYERS, LONGEST_PATH, PhasePortraitView, near_equilibrium
from explorer.widgets.theme import DARK, LIGHT

from .handmade import scene, snapshot

EXTENT = 2.0
SIDE = 21


def field(matrix):
    line = np.linspace(-EXTENT, EXTENT, SIDE)
    grid = np.stack(np.meshgrid(line, line), -1)
    return grid @ np.asarray(matrix, float).T


TURNING = [[0.0, 0.5], [-0.5, -0.3]]


def arrays(point=(0.5, 0.2), matrix=TURNING, step=None, extent=EXTENT):
    step = np.eye(2) + 0.2 * np.asarray(matrix) if step is None else np.asarray(step)
    return {
        "field": field(matrix).astype(np.float32),
        "extent": np.array(extent, np.float32),
        "point": np.array(point, np.float32),
        "start": np.array([1.0, -1.0], np.float32),
        "equilibrium": np.zeros(2, np.float32),
        "jacobian": np.asarray(matrix, np.float32),
        "step": step.astype(np.float32),
    }


def rows(first, last, names=("bound", "theta", "psi")):
    steps = np.arange(first, last + 1)
    values = np.stack([np.zeros(len(steps)), np.cos(steps / 9), np.sin(steps / 9)], 1)
    return Rows(1, names, steps, values)


@pytest.fixture
def view(qtbot):
    made = PhasePortraitView()
    qtbot.addWidget(made)
    made.resize(340, 380)
    made.set_theme(DARK)
    made.set_scene(scene(parameters=1, critic_parameters=1, dimension=1))
    made.show()
    return made


def drawn(line):
    path = line._path
    return np.array([(path.elementAt(i).x, path.elementAt(i).y) for i in range(path.elementCount())])


def path_of(view):
    parts = [drawn(line) for line in view.lines["path"]]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def test_it_asks_for_its_observation_only_while_it_is_seen(view):
    assert view.wanted() == {KEY}
    view.hide()
    assert view.wanted() == frozenset()


def test_the_path_is_that_of_every_step_up_to_the_one_that_is_looked_at(view):
    view.add_rows(rows(1, 300))
    steps = np.arange(1, 100)
    view.show_snapshot(snapshot({KEY: arrays(point=(0.1, 0.3))}, step=100))
    expected = [(1.0, -1.0), *zip(np.cos(steps / 9), np.sin(steps / 9), strict=True), (0.1, 0.3)]
    np.testing.assert_allclose(path_of(view), expected, atol=1e-6)
    view.show_snapshot(snapshot({KEY: arrays(point=(0.2, 0.3))}, step=250))
    assert len(path_of(view)) == 251


def test_rows_that_come_later_than_their_snapshot_are_drawn_too(view):
    view.show_snapshot(snapshot({KEY: arrays()}, step=60))
    assert len(path_of(view)) < 3
    view.add_rows(rows(1, 60))
    assert len(path_of(view)) == 61


def test_a_fork_keeps_the_past_and_a_new_run_has_none(view):
    view.add_rows(rows(1, 300))
    view.cut_after(120)
    view.add_rows(rows(121, 130))
    assert view.series.steps.tolist() == list(range(1, 131))
    view.clear()
    assert len(view.series.steps) == 0


def test_scalars_of_other_games_are_let_go(view):
    view.add_rows(Rows(1, ("bound", "loss"), np.arange(3), np.zeros((3, 2))))
    assert len(view.series.steps) == 0


def test_of_a_very_long_path_the_end_is_drawn(view):
    view.add_rows(rows(1, 3 * LONGEST_PATH))
    view.show_snapshot(snapshot({KEY: arrays()}, step=3 * LONGEST_PATH))
    assert len(path_of(view)) == LONGEST_PATH + 1


def test_flow_lines_follow_the_field():
    flow = Flow(field(TURNING), EXTENT)
    places = np.random.default_rng(0).uniform(-1.9, 1.9, (50, 2))
    np.testing.assert_allclose(flow.at(places), places @ np.array(TURNING).T, atol=1e-9)
    lines = np.split(flow.streams(), np.flatnonzero(np.isnan(flow.streams()[:, 0])))
    line = next(line for line in lines if len(line) > 10)[1:]
    middles, moves = (line[1:] + line[:-1]) / 2, np.diff(line, axis=0)
    along = flow.directions(middles)
    inside = np.abs(middles).max(1) < EXTENT
    cosine = (along * moves).sum(1) / np.linalg.norm(moves, axis=1)
    assert inside.any()
    assert cosine[inside].min() > 0.99


def test_nullclines_lie_where_a_player_rests():
    flow = Flow(field(TURNING), EXTENT)
    for part in (0, 1):
        line = flow.zeros(part)
        line = line[np.isfinite(line[:, 0])]
        assert np.abs(flow.at(line)[:, part]).max() < 1e-6
        assert np.ptp(line, axis=0).max() > EXTENT


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ([[1.0, 0.1], [-0.1, 1.0]], "spirals out, |λ| = 1.005"),
        ([[0.99, 0.1], [-0.1, 1.0]], "circles, |λ| = 1.000"),
        ([[1.0, 0.1], [-0.1, 0.94]], "spirals in, |λ| = 0.975"),
        ([[0.5, 0.0], [0.0, 0.8]], "runs in, |λ| = 0.800"),
        ([[1.2, 0.0], [0.0, 0.8]], "runs out, |λ| = 1.200"),
    ],
)
def test_it_says_what_happens_near_the_equilibrium(view, step, words):
    view.show_snapshot(snapshot({KEY: arrays(step=step)}))
    assert words in view.header.subtitle


def test_without_plain_gradient_steps_it_tells_of_the_field_and_at_a_kink_of_neither():
    nothing = np.full((2, 2), np.nan)
    assert "−0.150 ± 0.477i" in near_equilibrium(arrays(step=nothing))[0]
    assert "kink" in near_equilibrium({**arrays(step=nothing), "jacobian": nothing})[0]


def test_the_frame_follows_the_path_outwards(view):
    view.show_snapshot(snapshot({KEY: arrays()}))
    view.show_snapshot(snapshot({KEY: arrays(point=(3.0, 0.0), extent=3.2) | {"field": 2 * field(TURNING)}}))
    (left, right), (bottom, top) = view.plot.box.viewRange()
    assert min(right, top, -left, -bottom) >= 3.2 - 1e-6


def test_chips_switch_its_parts(view, qtbot):
    view.show_snapshot(snapshot({KEY: arrays()}))
    for key in LAYERS:
        assert all(line.isVisible() for line in view.lines[key])
        view.chips[key].click()
        assert not any(line.isVisible() for line in view.lines[key])


def test_it_says_why_there_is_nothing_to_see(view):
    view.show_snapshot(snapshot({KEY: arrays()}))
    view.show_snapshot(snapshot({}, missing={KEY: "Needs one weight."}))
    assert view.header.subtitle == "Needs one weight."
    assert view.marks.point is None
    assert len(drawn(view.lines["flow"][0])) == 0


def test_a_click_tells_what_drives_a_place(view, qtbot):
    view.show_snapshot(snapshot({KEY: arrays()}))
    view.plot.clicked.emit(1.0, -1.0)
    assert view.plot.readout.text() == "θ = 1.00, ψ = −1.00\n−∂L_G/∂θ = −0.500\n−∂L_T/∂ψ = −0.200"


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_it_takes_up_a_theme_and_a_scale(view, theme, qtbot):
    view.show_snapshot(snapshot({KEY: arrays()}))
    view.set_theme(theme, 1.45)
    picture = view.grab().toImage()
    assert picture.pixelColor(picture.width() // 2, picture.height() - 40).isValid()
    assert view.lines["path"][-1]._pen.color().name() == theme.text
    qtbot.mouseClick(view.chips["flow"], Qt.MouseButton.LeftButton)
