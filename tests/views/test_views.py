"""The views, offscreen, with snapshots made by hand."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from explorer.session.messages import Floors, Measured, Rows
from explorer.views import curves as curves_module
from explorer.views._header import Chip, More
from explorer.views._series import Series
from explorer.views.curves import CurvesView
from explorer.views.data_space import DataSpaceView
from explorer.views.latent_space import LatentSpaceView
from explorer.views.mode_table import NO_MODES, ModesView
from explorer.widgets.theme import DARK, LIGHT, PRESENTER_SCALE

from .handmade import (
    TABLE_MISSING,
    digits_pictures,
    digits_scene,
    line_pictures,
    line_scene,
    ring_pictures,
    ring_scene,
    snapshot,
    table_pictures,
    table_scene,
)  # fmt: skip

pytestmark = pytest.mark.gui

KINDS = {
    "ring": (ring_scene, ring_pictures),
    "line": (line_scene, line_pictures),
    "digits": (digits_scene, digits_pictures),
    "table": (table_scene, table_pictures),
}


def pixels(view):
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits()).reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


def at(view, x, y, reach=6):
    """Pixels around a place in data units."""
    on_plot = view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(x, y)))
    position = view.plot.mapTo(view, on_plot)
    return pixels(view)[position.y() - reach : position.y() + reach, position.x() - reach : position.x() + reach]


def near(patch, name, within=60):
    ink = QColor(name)
    return int((np.abs(patch - [ink.red(), ink.green(), ink.blue()]).sum(-1) < within).sum())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("cls", [DataSpaceView, LatentSpaceView, ModesView])
def test_same_snapshot_twice_gives_the_same_picture(make, cls, kind):
    scene, pictures = (f() for f in KINDS[kind])
    view = make(cls, scene=scene)
    shown, other = snapshot(pictures), snapshot({})
    view.show_snapshot(shown)
    first = pixels(view)
    view.show_snapshot(other)
    view.show_snapshot(shown)
    assert np.array_equal(first, pixels(view))


def test_data_is_blue_and_the_model_orange_where_they_are(make):
    view = make(DataSpaceView, scene=ring_scene())
    for key in ("critic", "arrows", "data_density", "modes"):
        view.set_shown(key, False)
    view.show_snapshot(snapshot(ring_pictures()))
    assert near(at(view, -0.707, 0.707), DARK.data) > 30
    assert near(at(view, -0.707, -0.707), DARK.model, 90) > 30
    assert near(at(view, 0.0, 0.1), DARK.plot) > 100


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_critic_is_green_above_and_violet_below(make, theme):
    view = make(DataSpaceView, theme=theme, scene=ring_scene())
    for key in ("data", "model", "arrows", "data_density", "modes"):
        view.set_shown(key, False)
    view.show_snapshot(snapshot(ring_pictures()))
    high, low = at(view, -0.68, 0.68, 4).mean((0, 1)), at(view, -0.68, -0.68, 4).mean((0, 1))
    assert high[1] > max(high[0], high[2])
    assert low[1] < min(low[0], low[2])


@pytest.mark.parametrize("key", ["data", "data_density", "model", "model_density", "critic", "arrows", "grid", "modes"])
def test_switch_takes_the_ink_away_and_brings_it_back(make, key):
    view = make(DataSpaceView, scene=ring_scene())
    for other in view.chips:
        view.set_shown(other, other == key)
    view.show_snapshot(snapshot(ring_pictures()))
    on = pixels(view)
    view.set_shown(key, False)
    off = pixels(view)
    body = slice(70, None)
    assert (on[body] != off[body]).any()
    view.set_shown(key, True)
    assert np.array_equal(on[body], pixels(view)[body])


def test_what_is_switched_off_or_hidden_is_not_asked_for(make, qtbot):
    view = make(DataSpaceView, scene=ring_scene())
    assert view.wanted() == {"samples", "critic_field", "gradient_arrows", "modes"}
    with qtbot.waitSignal(view.wanted_changed):
        qtbot.mouseClick(view.chips["critic"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert "critic_field" not in view.wanted()
    view.chips["grid"].setFocus()
    qtbot.keyClick(view.chips["grid"], Qt.Key.Key_Space)
    assert "latent_warp" in view.wanted()
    with qtbot.waitSignal(view.wanted_changed):
        view.hide()
    assert view.wanted() == frozenset()


def test_snapshot_that_comes_while_hidden_is_drawn_when_seen(make):
    view = make(DataSpaceView, scene=ring_scene())
    view.hide()
    view.show_snapshot(snapshot(ring_pictures(), step=777))
    view.show()
    assert "step 777" in view.header.subtitle
    assert near(at(view, -0.707, -0.707, 12), DARK.model, 90) > 20


def test_missing_layer_is_disabled_and_says_why(make):
    view = make(DataSpaceView, scene=table_scene())
    view.show_snapshot(snapshot(table_pictures(), missing=TABLE_MISSING))
    assert not view.chips["critic"].isEnabled()
    assert view.chips["critic"].toolTip() == TABLE_MISSING["critic_field"]
    assert "this has 5" in view.chips["data_density"].toolTip()
    assert view.chips["model"].isEnabled()
    assert "first 2 of 5 coordinates" in view.header.subtitle


def mean_at(view, x, y):
    return at(view, x, y, 3).mean((0, 1))


def blend(below, name, alpha):
    ink = QColor(name)
    return (1 - alpha) * np.asarray(below) + alpha * np.array([ink.red(), ink.green(), ink.blue()])


@pytest.fixture
def two_fields(make):
    """The density q is 1 in the left half and 0 elsewhere; the critic is high in the upper half and low below."""
    view = make(DataSpaceView, scene=ring_scene())
    for key in view.chips:
        view.set_shown(key, key in ("critic", "model_density"))
    q = np.zeros((128, 128), np.float32)
    q[:, :64] = 1.0
    t = np.where(np.arange(64)[:, None] < 32, -1.0, 1.0) * np.ones((64, 64))
    view.show_snapshot(snapshot({"density": {"q": q}, "critic_field": {"t": t.astype(np.float32)}}))
    return view


def test_two_fields_lie_over_each_other(two_fields):
    ground = blend((0, 0, 0), DARK.plot, 1)
    upper = blend(ground, DARK.critic_high, 0.6)
    assert mean_at(two_fields, 0.8, 0.8) == pytest.approx(upper, abs=3)
    assert mean_at(two_fields, -0.8, 0.8) == pytest.approx(blend(upper, DARK.model, 0.55), abs=3)
    lower = blend(ground, DARK.critic_low, 0.6)
    assert mean_at(two_fields, -0.8, -0.8) == pytest.approx(blend(lower, DARK.model, 0.55), abs=3)


def test_switching_a_field_off_leaves_the_other_alone(two_fields):
    two_fields.set_shown("model_density", False)
    upper = blend(blend((0, 0, 0), DARK.plot, 1), DARK.critic_high, 0.6)
    assert mean_at(two_fields, -0.8, 0.8) == pytest.approx(upper, abs=3)
    two_fields.set_shown("critic", False)
    assert near(at(two_fields, -0.8, 0.8), DARK.plot, 3) == 144


def test_opacity_of_one_field_is_its_own(two_fields):
    two_fields.chips["model_density"].set_opacity(0.5)
    upper = blend(blend((0, 0, 0), DARK.plot, 1), DARK.critic_high, 0.6)
    assert mean_at(two_fields, -0.8, 0.8) == pytest.approx(blend(upper, DARK.model, 0.275), abs=3)
    assert mean_at(two_fields, 0.8, 0.8) == pytest.approx(upper, abs=3)


def test_field_that_stays_is_the_same_when_it_is_painted_again(two_fields):
    first = pixels(two_fields)
    for _ in range(3):
        two_fields.plot.viewport().update()
        assert np.abs(pixels(two_fields) - first).max() <= 1


def test_opacity_fades_a_layer(make):
    view = make(DataSpaceView, scene=ring_scene())
    for key in view.chips:
        view.set_shown(key, key == "model")
    view.show_snapshot(snapshot(ring_pictures()))
    strong = at(view, 0.707, 0.707).sum()
    view.chips["model"].set_opacity(0.2)
    assert at(view, 0.707, 0.707).sum() < strong


def test_missing_mode_is_ringed_only_after_a_while(make):
    view = make(DataSpaceView, scene=ring_scene())
    view.show_snapshot(snapshot(ring_pictures(), step=10))
    early = near(at(view, -0.707, 0.707, 60), DARK.alarm)
    view.show_snapshot(snapshot(ring_pictures(), step=12_400))
    assert early == 0
    assert near(at(view, -0.707, 0.707, 60), DARK.alarm) > 40
    assert near(at(view, 1.0, 0.0, 40), DARK.alarm) == 0


def test_click_explains_with_the_values_of_the_grids(make):
    view = make(DataSpaceView, scene=ring_scene())
    pictures = ring_pictures()
    view.set_shown("model_density", True)
    view.show_snapshot(snapshot(pictures))
    view.plot.clicked.emit(1.0, 0.0)
    text = view.plot.readout.text()
    t = pictures["critic_field"]["t"]
    column, row = round((1.0 + 1.7) / 3.4 * 63), round(1.7 / 3.4 * 63)
    assert f"T(x) = {t[row, column]:.3g}".replace("-", "−") in text
    assert "x = (1.000, 0.000)" in text
    assert "p(x)" in text
    assert "q(x)" in text


def test_zoom_and_home(make, qtbot):
    view = make(DataSpaceView, scene=ring_scene())
    view.show_snapshot(snapshot(ring_pictures()))
    whole, range_of = pixels(view), view.plot.box.viewRange()
    view.plot.setFocus()
    qtbot.keyClick(view.plot, Qt.Key.Key_Plus)
    assert not np.array_equal(whole, pixels(view))
    qtbot.keyClick(view.plot, Qt.Key.Key_Home)
    assert view.plot.box.viewRange() == range_of
    assert np.array_equal(whole, pixels(view))


def test_probe_of_a_held_z_is_marked(make):
    view = make(DataSpaceView, scene=ring_scene())
    view.show_snapshot(snapshot({}))
    before = at(view, 0.3, -0.2, 12)
    view.show_probe(np.array([[0.3, -0.2]]), np.array([-1.0]))
    assert near(at(view, 0.3, -0.2, 12), DARK.text) > near(before, DARK.text) + 10
    view.clear_probe()
    assert np.array_equal(at(view, 0.3, -0.2, 12), before)


def test_pictures_are_shown_with_the_grey_levels_of_the_scene(make):
    view = make(DataSpaceView, scene=digits_scene())
    images = np.zeros((64, 64), np.float32)
    images[0] = 1.0
    view.show_snapshot(snapshot({"images": {"images": images}}))
    left, top = 8.9, 8.0
    assert at(view, left + 0.45, top - 0.45, 3).min() == 255
    assert at(view, left + 1.45, top - 0.45, 3).max() == 0


def test_curves_of_a_line_are_the_arrays(make):
    scene, pictures = line_scene(), line_pictures()
    view = make(DataSpaceView, scene=scene)
    view.show_snapshot(snapshot(pictures))
    drawn = {layer.key: layer.items[0] for layer in view.layers}
    assert np.array_equal(drawn["data_density"].getData()[1], scene.density)
    assert np.array_equal(drawn["model_density_1d"].getData()[1], pictures["density"]["q"])
    assert np.array_equal(drawn["critic"].getData()[1], pictures["critic_field"]["t"])


def test_latent_view_asks_where_z_lands(make, qtbot):
    view = make(LatentSpaceView, scene=ring_scene())
    with qtbot.waitSignal(view.asked) as asked:
        view.plot.clicked.emit(0.5, -1.0)
    assert asked.args[0] == "push"
    assert asked.args[1]["z"].tolist() == [[0.5, -1.0]]
    view.plot.setFocus()
    with qtbot.waitSignal(view.asked) as asked:
        qtbot.keyClick(view.plot, Qt.Key.Key_Right)
    assert asked.args[1]["z"][0] == pytest.approx([0.5 + 0.02 * view.plot.box.viewRect().width(), -1.0])
    view.show_answer({"z": np.zeros((1, 2)), "x": np.zeros((1, 2)), "log_det": np.array([-0.75])})
    assert "log|det J| = −0.75" in view.header.subtitle


@pytest.mark.parametrize(("scene", "k"), [(line_scene, 1), (table_scene, 4)])
def test_latent_question_has_all_coordinates(make, qtbot, scene, k):
    view = make(LatentSpaceView, scene=scene())
    with qtbot.waitSignal(view.asked) as asked:
        view.hold(0.5, 0.25)
    assert asked.args[1]["z"].shape == (1, k)
    assert asked.args[1]["z"].dtype == np.float32


def test_latent_points_take_one_colouring_at_a_time(make):
    view = make(LatentSpaceView, scene=ring_scene())
    view.show_snapshot(snapshot(ring_pictures()))
    by_place = pixels(view)
    view.set_shown("mode", True)
    assert not view.is_shown("lands")
    assert not view.chips["lands"].isChecked()
    assert not np.array_equal(by_place, pixels(view))
    assert view.wanted() == {"latent_map"}


def test_bars_hold_masses_and_mark_the_missing(make):
    view = make(ModesView, size=(361, 200), scene=ring_scene())
    assert view.wanted() == {"modes"}
    view.show_snapshot(snapshot(ring_pictures()))
    assert np.flatnonzero(view.bars.missing).tolist() == [3, 7]
    assert "94.2 % high quality · 2 missing" in view.header.subtitle
    assert view.bars.say(3) == "mode 4: 0.20 %, target 12.50 %; 0.18 % of high quality  missing"
    image = pixels(view)
    bar = view.bars.bar(5).center().toPoint() + view.bars.pos()
    assert near(image[bar.y() : bar.y() + 4, bar.x() - 2 : bar.x() + 2], DARK.model) == 16


def test_what_is_near_a_mode_but_not_good_is_pale(make):
    view = make(ModesView, size=(361, 200), scene=ring_scene())
    even = np.full(8, 1 / 8)
    arrays = {"mass": even, "good": 0.5 * even, "target": even, "quality": np.array(0.5)}
    view.show_snapshot(snapshot({"modes": arrays}))
    image, bar = pixels(view), view.bars.bar(5).toRect().translated(view.bars.pos())
    low, high = (image[bar.top() + round(share * bar.height()), bar.center().x()] for share in (0.85, 0.3))
    assert near(low[None, None], DARK.model) == 1
    assert near(high[None, None], DARK.model) == 0
    assert not view.bars.missing.any()


@pytest.mark.parametrize("modes", [1, 25, 64, 99])
def test_any_number_of_bars_fits(make, modes):
    view = make(ModesView, size=(361, 200), scene=ring_scene(modes))
    mass = np.full(modes, 1 / modes)
    arrays = {"mass": mass, "good": mass, "target": mass, "quality": np.array(1.0)}
    view.show_snapshot(snapshot({"modes": arrays}))
    assert near(pixels(view), DARK.model) > 1000
    assert view.bars.bar(0).width() > 1


def test_data_without_modes_says_so(make):
    view = make(ModesView, size=(361, 200), scene=table_scene())
    assert view.bars.message == NO_MODES
    assert view.wanted() == frozenset()


def rows(start, values):
    steps = np.arange(start, start + len(values))
    return Rows(run=1, names=("critic_loss", "generator_loss"), steps=steps, values=np.asarray(values, float))


@pytest.fixture
def curves(make):
    view = make(CurvesView, size=(420, 320))
    view.add_rows(rows(1, [[1.0, 2.0], [1.5, 2.5], [0.5, 3.0]]))
    return view


def test_curves_hold_the_given_numbers(curves):
    x, y = curves.plot.lines["generator_loss"].getData()
    assert x.tolist() == [1, 2, 3]
    assert y.tolist() == [2.0, 2.5, 3.0]
    names, table = curves.export_rows()
    assert names == ("step", "critic_loss", "generator_loss")
    assert table.tolist() == [[1, 1.0, 2.0], [2, 1.5, 2.5], [3, 0.5, 3.0]]


def test_hover_reads_exact_values(curves):
    curves.plot.hovered.emit((2.2, 0.0))
    assert curves.plot.readout.text().split("\n") == ["step 2", "critic loss  1.5", "generator loss  2.5"]
    curves.plot.hovered.emit(None)
    assert not curves.plot.readout.isVisible()


def test_curves_can_be_cut_and_cleared(curves):
    curves.add_event(3, "2 modes missing")
    curves.cut_after(2)
    assert curves.export_rows()[1][:, 0].tolist() == [1, 2]
    assert curves.plot.events == []
    curves.clear()
    assert len(curves.export_rows()[1]) == 0


def test_logarithmic_values(curves, qtbot):
    qtbot.mouseClick(curves.chips["log y"], Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert curves.plot.lines["critic_loss"].getData()[1] == pytest.approx(np.log10([1.0, 1.5, 0.5]))


def test_measure_is_drawn_with_its_floor(curves):
    for step in range(0, 500, 100):
        curves.add_measures(Measured(run=1, step=step, values={"energy": 1.0 - step / 1000, "coverage": 0.5}))
    curves.show_page("measures")
    bare = near(pixels(curves), DARK.floor)
    floors = {"energy": (0.55, 0.5, 0.6)}
    curves.set_floors(Floors(run=1, floors=floors, titles={"energy": "energy distance"}, units={"energy": "units"}))
    assert curves.plot.notes.floor == pytest.approx((0.5, 0.6))
    assert near(pixels(curves), DARK.floor, 120) > bare
    assert curves.header.subtitle == "energy distance, units"
    curves.toggle("coverage")
    assert list(curves.plot.lines) == ["coverage"]
    assert curves.plot.notes.floor is None


def test_measure_that_comes_later_leaves_a_gap(curves):
    curves.add_measures(Measured(run=1, step=0, values={"a": 1.0}))
    curves.add_measures(Measured(run=1, step=10, values={"a": 2.0, "b": 3.0}))
    curves.show_page("measures")
    assert curves.plot.series.column("b") == pytest.approx(np.array([np.nan, 3.0]), nan_ok=True)


@pytest.mark.parametrize("page", ["losses", "measures"])
def test_losses_and_measures_are_exported_together(curves, page):
    curves.add_measures(Measured(run=1, step=0, values={"a": 1.0}))
    curves.add_measures(Measured(run=1, step=2, values={"a": 2.0}))
    curves.show_page(page)
    names, table = curves.export_rows()
    assert names == ("step", "critic_loss", "generator_loss", "a")
    nan = np.nan
    expected = np.array([[0, nan, nan, 1], [1, 1, 2, nan], [2, 1.5, 2.5, 2], [3, 0.5, 3, nan]])
    assert table == pytest.approx(expected, nan_ok=True)


def test_a_single_measure_is_a_dot(curves):
    curves.show_page("measures")
    bare = near(pixels(curves), DARK.model)
    curves.add_measures(Measured(run=1, step=700, values={"a": 2.0}))
    curves.refresh()
    low, high = curves.plot.box.viewRange()[0]
    assert (low, high) == (696, 704)
    assert near(pixels(curves), DARK.model) > bare + 15
    curves.add_measures(Measured(run=1, step=800, values={"a": 2.0}))
    curves.refresh()
    low, high = curves.plot.box.viewRange()[1]
    assert low < 2.0 < high
    assert high - low > 0.2, "what stays the same has an axis with numbers"


def test_one_line_beside_a_reason_is_named_above_it(curves):
    curves.add_measures(Measured(run=1, step=9, values={}, truth={"bound": 0.1}, unknown="Needs two dimensions."))
    curves.show_page("truth")
    assert [text for text, _ in curves.plot.notes.legend] == ["bound of the critic"]
    assert curves.header.subtitle == "D itself: needs two dimensions."


def test_spike_is_seen_among_many_steps(make):
    view = make(CurvesView, size=(420, 320))
    values = np.ones((100_000, 2))
    values[54_321, 0] = 50.0
    view.add_rows(rows(0, values))
    assert view.plot.bands["critic_loss"].getData()[1].max() == 50.0
    assert len(view.plot.lines["critic_loss"].getData()[0]) < 1000


@pytest.mark.parametrize("cls", [DataSpaceView, LatentSpaceView, ModesView, CurvesView])
def test_theme_changes_live(make, cls):
    view = make(cls, scene=ring_scene())
    view.show_snapshot(snapshot(ring_pictures()))
    assert near(pixels(view), DARK.plot, 6) > 1000
    view.set_theme(LIGHT, PRESENTER_SCALE)
    assert near(pixels(view), LIGHT.plot, 6) > 1000
    assert near(pixels(view), DARK.plot, 6) == 0


@pytest.mark.parametrize("cls", [DataSpaceView, LatentSpaceView, ModesView, CurvesView])
def test_pictures_can_be_written(make, cls, tmp_path):
    view = make(cls, size=(400, 300), scene=ring_scene())
    view.show_snapshot(snapshot(ring_pictures()))
    view.export_picture(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    assert len(list(root.iter())) > 20
    view.export_picture(tmp_path / "a.png")
    picture = QImage(str(tmp_path / "a.png"))
    assert (picture.width(), picture.height()) == (800, 600)
    with pytest.raises(ValueError, match=r"\.png or \.svg"):
        view.export_picture(tmp_path / "a.gif")


@pytest.mark.parametrize("cls", [DataSpaceView, LatentSpaceView, ModesView, CurvesView])
def test_views_stand_empty_before_the_first_snapshot(make, cls):
    view = make(cls)
    assert near(pixels(view), DARK.plot, 6) > 1000


def test_scene_of_another_kind_keeps_the_switches(make):
    view = make(DataSpaceView, scene=ring_scene())
    view.set_shown("critic", False)
    for scene, pictures in KINDS.values():
        view.set_scene(scene())
        view.show_snapshot(snapshot(pictures()))
        pixels(view)
    view.set_scene(ring_scene())
    assert not view.chips["critic"].isChecked()
    assert view.chips["data"].isChecked()


def test_no_line_at_home_runs_under_the_legend(curves):
    plot = curves.plot
    assert [text for text, _ in plot.notes.legend] == ["critic loss", "generator loss"]
    top = plot.box.viewRange()[1][1]
    highest = (top - 3.0) / np.ptp(plot.box.viewRange()[1]) * plot.box.height()
    assert highest > plot.notes.strip() > 0


def test_one_line_is_named_in_the_header_only(curves):
    curves.toggle("critic_loss")
    assert list(curves.plot.lines) == ["generator_loss"]
    assert curves.plot.notes.legend == []


def test_rows_that_come_fast_are_drawn_together(curves, qtbot):
    curves.add_rows(rows(4, [[1.0, 2.0]]))
    curves.add_rows(rows(5, [[1.0, 9.0]]))
    assert len(curves.export_rows()[1]) == 5
    assert len(curves.plot.lines["generator_loss"].getData()[0]) == 3
    qtbot.waitUntil(lambda: len(curves.plot.lines["generator_loss"].getData()[0]) == 5)


def test_rows_that_never_pause_are_drawn_all_the_same(curves, qtbot):
    seen = []
    step = iter(range(4, 1000))

    def more():
        curves.add_rows(rows(next(step), [[1.0, 2.0]]))
        seen.append(len(curves.plot.lines["generator_loss"].getData()[0]))
        return seen[-1] > seen[0] + 1

    qtbot.waitUntil(more)


def test_rows_that_were_cut_do_not_bound_the_pixels_of_later_ones():
    series, straight = Series(("a",)), Series(("a",))
    series.add(np.arange(4000), np.arange(4000.0)[:, None])
    series.thinned("a", 0, 10_000, 300)
    series.cut_after(1999)
    later, values = np.arange(5000, 7000), np.ones((2000, 1))
    series.add(later, values)
    straight.add(np.arange(2000), np.arange(2000.0)[:, None])
    straight.add(later, values)
    found, wanted = (one.thinned("a", 0, 10_000, 300) for one in (series, straight))
    assert found.steps.tolist() == wanted.steps.tolist()
    assert found.mean.tolist() == wanted.mean.tolist()


def test_new_rows_give_way_to_a_snapshot(curves, qtbot, monkeypatch):
    monkeypatch.setattr(curves_module, "TURN_MS", 1e9)
    assert not curves.has_turn
    curves.add_rows(rows(4, [[1.0, 2.0]]))
    curves.give_way()
    assert len(curves.plot.lines["generator_loss"].getData()[0]) == 3
    qtbot.waitUntil(lambda: len(curves.plot.lines["generator_loss"].getData()[0]) == 4)
    assert curves.has_turn


class Paintings(QObject):
    def __init__(self, watched):
        super().__init__(watched)
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.count += event.type() == QEvent.Type.Paint
        return False


def test_new_rows_are_painted_once(curves):
    pixels(curves)
    paintings = Paintings(curves.plot.viewport())
    for start in (4, 9):
        curves.losses.series.add(np.arange(start, start + 5), np.ones((5, 2)))
        curves.refresh()
        paintings.count = 0
        for _ in range(20):
            QApplication.processEvents()
        assert paintings.count == 1


def test_narrow_card_keeps_its_chips_in_one_row_and_the_rest_in_a_menu(make):
    view = make(CurvesView, size=(430, 240))
    view.set_theme(DARK, PRESENTER_SCALE)
    more = view.header.more
    seen = [part for part in (*view.header.parts, more) if part.isVisible()]
    assert len({part.y() for part in seen}) == 1
    assert all(part.geometry().right() < 430 for part in seen)
    assert view.chips["log y"] in more.buttons
    {action.text(): action for action in more.more_menu().actions()}["log y"].trigger()
    assert view.plot.log == [False, True]
    view.set_theme(DARK, 1.0)
    assert not more.isVisible()
    assert view.chips["log y"].isVisible()


def test_missing_modes_are_called_missing(make):
    view = make(DataSpaceView, scene=ring_scene())
    view.show_snapshot(snapshot(ring_pictures()))
    (rings,) = next(layer.items for layer in view.layers if layer.key == "modes")
    assert [text for _, _, text in rings.circles] == ["mode 4 missing", "mode 8 missing"]
    assert view.chips["modes"].text() == "missing"


def test_a_menu_outlives_the_chip_that_it_stands_for(qtbot):
    more, chip = More(), Chip("gone", "soon gone")
    qtbot.addWidget(more)
    more.hold([chip])
    menu = more.more_menu()
    (action,) = menu.actions()
    shiboken6.delete(chip)
    action.trigger()  # nothing is there any more to press, and nothing is raised


def test_a_single_measure_of_zero_has_no_dot_on_a_log_axis(make):
    view = make(CurvesView)
    view.add_measures(Measured(1, 0, {"mode_kl": 0.0}))
    view.show_page("measures")
    view.refresh()
    assert len(view.plot.notes.dots) == 1
    view.plot.set_log(1, on=True)
    assert view.plot.notes.dots == []
