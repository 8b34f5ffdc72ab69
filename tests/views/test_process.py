"""Noise to data: what is drawn at a frame, the strip and its bar, playing, the held point, the middle of the window."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from explorer.session import commands, messages
from explorer.views._card import all_cards
from explorer.views._frame_shares import frame_shares
from explorer.views._frame_words import ratio
from explorer.views._strip_places import StripPlaces
from explorer.views.process import ProcessView
from explorer.views.trails import SMOOTH, WINDING
from explorer.widgets.theme import DARK, LIGHT, PRESENTER_SCALE
from explorer.window.main_window import MainWindow
from tests.views import handmade

from .fake_session import CATALOGUE, RECIPE, FakeSession

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints", "raise()")]

OFFERS = frozenset({"sample", "process", "denoise"})
FRAMES = 9


def scene(base=None, **changes):
    return replace(base or handmade.ring_scene(), offers=OFFERS, **changes)


def arrays(frames=FRAMES, n=40, d=2, seed=0, **changes):
    """Particles that go straight from a normal law to the ring, and data that go back other lines."""
    chance = np.random.default_rng(seed)
    time = np.linspace(1, 0, frames, dtype=np.float32)
    ends = np.resize(handmade.ring_means(), (n, 2)) if d == 2 else np.zeros((n, d))
    ways = [
        (1 - time)[:, None, None] * (ends + 0.03 * chance.standard_normal((n, d)))
        + time[:, None, None] * chance.standard_normal((n, d))
        for _ in range(2)
    ]
    return {
        "time": time, "noise": (time / np.maximum(1 - time, 1e-6)).astype(np.float32), "steps": np.array(frames - 1),
        "number": np.arange(frames), "reverse": ways[0].astype(np.float32), "forward": ways[1].astype(np.float32),
        "rescaled": np.array(0), "label": np.full(n, -1), "hue": np.linspace(0, 0.99, n, dtype=np.float32),
        "sampler": np.array("Ancestral (DDPM)"),
    } | changes  # fmt: skip


def snapshot(step=0, live=True, **changes):
    return handmade.snapshot({"process": arrays(**changes)}, step=step, live=live)


@pytest.fixture
def card(make):
    """A card at rest that shows the hand-made way; what it asks is listed."""

    def made(where=None, size=(640, 640), theme=DARK, **changes):
        view = make(ProcessView, size=size, theme=theme)
        view.questions = []
        view.asked.connect(lambda question, asked: view.questions.append((question, asked)))
        view.set_scene(where or scene())
        view.show_snapshot(snapshot(**changes))
        return view

    return made


def cloud(view, key):
    (layer,) = [layer for layer in view.layers if layer.key == key]
    return layer._cloud.points


def place_of(view, frame):
    """Where a frame stands on the bar, in the strip."""
    places = view.strip.places
    return QPoint(round(places.at_share(frame / (view.frames - 1))), round(places.bar_middle))


def pixels(image, name):
    """How many pixels of a picture are nearly of a colour."""
    image = image.convertToFormat(image.Format.Format_RGB32)
    words = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)[:, : image.width(), 2::-1]
    colour = QColor(name)
    apart = np.abs(words.astype(int) - [colour.red(), colour.green(), colour.blue()])
    return int((apart.max(2) < 40).sum())


# ---- the card


def test_it_fits_families_with_a_way_in_time_and_stands_beside_the_data_space():
    assert ProcessView in all_cards()
    assert ProcessView.beside == "data"
    assert ProcessView.fits(scene())
    assert not ProcessView.fits(handmade.ring_scene())


def test_the_first_picture_is_of_finished_samples(card):
    view = card()
    assert view.shown_frame == FRAMES - 1
    np.testing.assert_array_equal(cloud(view, "particles"), view.snapshot.pictures["process"]["reverse"][-1])
    np.testing.assert_array_equal(cloud(view, "noised"), view.snapshot.pictures["process"]["forward"][-1])


def test_every_layer_shows_the_frame_that_is_set(card):
    view = card()
    view.set_frame(3)
    drawn = view.snapshot.pictures["process"]
    np.testing.assert_array_equal(cloud(view, "particles"), drawn["reverse"][3])
    np.testing.assert_array_equal(cloud(view, "noised"), drawn["forward"][3])
    assert view.strip.value() == 3
    assert view.header.subtitle.startswith("t = 0.62 · σ/α = 1.7 · sampler's step 3 of 8: Ancestral (DDPM)")


def test_a_layer_that_is_switched_on_later_shows_the_present_frame(card):
    view = card()
    view.set_shown("noised", shown=False)
    view.set_frame(2)
    view.set_shown("noised", shown=True)
    np.testing.assert_array_equal(cloud(view, "noised"), view.snapshot.pictures["process"]["forward"][2])


def test_trails_are_the_states_so_far_and_none_that_are_to_come(card):
    view = card()
    (layer,) = [layer for layer in view.layers if layer.key == "trails"]
    view.set_frame(4)
    reverse = view.snapshot.pictures["process"]["reverse"][:, : SMOOTH.followed]
    points = np.concatenate([_path_points(item) for item in layer.items])
    known = reverse[:5].reshape(-1, 2)
    assert len(points) > 4 * 40
    assert all(np.abs(known - point).max(1).min() < 1e-5 for point in points[::7])
    view.set_frame(0)
    assert sum(len(_path_points(item)) for item in layer.items) <= len(layer.items) * 40


def test_trails_that_wind_are_few_and_end_after_a_few_states(card):
    wild = np.random.default_rng(1).standard_normal((FRAMES, 100, 2)).astype(np.float32)
    view = card(n=100, reverse=wild)
    (layer,) = [layer for layer in view.layers if layer.key == "trails"]
    view.set_frame(7)
    points = np.concatenate([_path_points(item) for item in layer.items])
    known = wild[3:8, : WINDING.followed].reshape(-1, 2)
    assert all(np.abs(known - point).max(1).min() < 1e-5 for point in points[::7])
    assert len(np.unique(points, axis=0)) == len(known)
    view.show_snapshot(snapshot(n=100))
    straight = np.concatenate([_path_points(item) for item in layer.items])
    assert len(np.unique(straight, axis=0)) == 8 * SMOOTH.followed, "straight ways are whole again"


def _path_points(item):
    path = item._path
    return np.array([(path.elementAt(i).x, path.elementAt(i).y) for i in range(path.elementCount())]).reshape(-1, 2)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_both_ways_are_seen_in_their_colours(card, theme):
    view = card(theme=theme, n=200)
    picture = view.plot.grab().toImage()
    assert pixels(picture, theme.data) > 30
    assert pixels(picture, theme.model) > 30
    strip = view.strip.grab().toImage()
    assert pixels(strip, theme.data) > 300
    assert pixels(strip, theme.model) > 300


def test_of_the_colourings_one_is_on(card):
    view = card()
    view.chips["start"].click()
    assert view.is_shown("start")
    assert not view.is_shown("particles")
    assert len(np.unique(next(layer for layer in view.layers if layer.key == "start")._cloud._colours)) > 20
    view.chips["particles"].click()
    assert not view.is_shown("start")
    view.chips["start"].click()
    view.chips["start"].click()
    assert view.is_shown("particles"), "what is no longer coloured is plain again"
    view.chips["particles"].click()
    assert not any(view.is_shown(key) for key in ("particles", "start")), "but may be put away"


@pytest.mark.parametrize("manner", ["streams", "velocity"])
def test_who_asks_how_a_field_is_drawn_is_shown_one(card, manner):
    view = card()
    view.chips[manner].click()
    assert view.is_shown(manner)
    assert view.is_shown("field")
    view.set_shown("field", shown=False)
    view.set_shown("exact_field", shown=True)
    view.chips[manner].click()
    view.chips[manner].click()
    assert not view.is_shown("field"), "the exact one is one"


def test_what_was_told_of_a_place_goes_when_the_point_goes_on(card):
    view = card()
    view.set_frame(3)
    view.press(0.5, 0.5)
    view.explain(0.5, 0.5)
    assert view.plot.readout.isVisible()
    view.handle._ring.setPos(0.2, 0.1)
    assert not view.plot.readout.isVisible()
    assert len(view.questions) == 2


def test_of_two_frames_at_the_end_of_time_the_last_is_the_data(card):
    time = np.linspace(1, 0, FRAMES, dtype=np.float32)
    strip = card().strip
    assert [strip._when(time, frame) for frame in (0, FRAMES - 1)] == ["1", "0"]
    time[-2] = 0
    assert [strip._when(time, frame) for frame in (FRAMES - 2, FRAMES - 1)] == ["0", "data"]


def test_classes_are_offered_where_the_model_knows_some(card):
    assert "class" not in card().chips
    view = card(replace(scene(), offers=OFFERS | {"classes"}, class_names=("a", "b", "c")), label=np.arange(40) % 3)
    assert "class" in view.chips
    view.chips["class"].click()
    assert len(np.unique(next(layer for layer in view.layers if layer.key == "class")._cloud._colours)) >= 3


def test_the_picture_holds_the_noise_and_keeps_equal_units(card):
    view = card(reverse=3 * arrays()["reverse"])
    (left, right), (bottom, top) = view.plot.box.viewRange()
    start = view.snapshot.pictures["process"]["reverse"][0]
    inside = (start > (left, bottom)).all(1) & (start < (right, top)).all(1)
    assert inside.mean() > 0.95
    box = view.plot.box
    assert (right - left) / box.width() == pytest.approx((top - bottom) / box.height(), rel=0.01)


def test_a_zoom_outlives_the_next_picture(card):
    view = card()
    view.plot._zoom(0.5)
    before = view.plot.box.viewRange()
    view.show_snapshot(snapshot(step=5, seed=3))
    np.testing.assert_allclose(view.plot.box.viewRange(), before)


def test_what_left_the_picture_is_told(card):
    view = card(reverse=np.concatenate([arrays()["reverse"][:-1], 1e3 * arrays()["reverse"][-1:]]))
    assert "100 % outside" in view.header.subtitle
    view.set_frame(0)
    assert "outside" not in view.header.subtitle


def test_states_that_are_not_finite_are_no_trouble(card):
    broken = arrays()["reverse"].copy()
    broken[4:] = np.nan
    view = card(reverse=broken)
    assert "100 % outside" in view.header.subtitle
    view.grab()


def test_words_say_what_is_rescaled_and_what_is_looked_back_to(card):
    view = card(rescaled=np.array(1), size=(1200, 700))
    assert "drawn ÷ √(α² + σ²)" in view.header.subtitle
    view.show_snapshot(snapshot(step=1200, live=False))
    assert "looked back to step 1,200" in view.header.subtitle
    assert [ratio(value) for value in (1e6, 34.88, 2.03, 0.2066, 0.0)] == ["∞", "35", "2.0", "0.21", "0.00"]


# ---- the strip


def test_a_drag_along_the_bar_passes_the_frames(card, qtbot):
    view = card()
    passed = []
    view.strip.valueChanged.connect(passed.append)
    qtbot.mousePress(view.strip, Qt.MouseButton.LeftButton, pos=place_of(view, 0))
    assert view.shown_frame == 0
    for frame in (2, 5, 8):
        _move(view.strip, place_of(view, frame))
        assert view.shown_frame == frame
    qtbot.mouseRelease(view.strip, Qt.MouseButton.LeftButton, pos=place_of(view, 8))
    assert passed == [0, 2, 5, 8]


def _move(widget, at):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    where = QPointF(at)
    event = QMouseEvent(QEvent.Type.MouseMove, where, widget.mapToGlobal(where), Qt.MouseButton.NoButton, left, none)
    QApplication.sendEvent(widget, event)


def test_a_click_on_a_small_picture_goes_to_its_time(card, qtbot):
    view = card()
    for frame, _, box in view.strip._boxes():
        view.set_frame(4)
        qtbot.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
        assert view.shown_frame == frame


def test_keys_and_wheel_move_by_one_frame(card, qtbot):
    view = card()
    view.set_frame(4)
    for key, frame in (("Right", 5), ("Left", 4), ("Home", 0), ("End", 8)):
        qtbot.keyClick(view.strip, getattr(Qt.Key, f"Key_{key}"))
        assert view.shown_frame == frame
    for turn, frame in ((120, 7), (120, 6), (-120, 7)):
        _wheel(view.strip, turn)
        assert view.shown_frame == frame


def _wheel(widget, turn):
    at, none = QPointF(5, 5), Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at, QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, none, phase, False)
    QApplication.sendEvent(widget, event)


@pytest.mark.parametrize("frames", [2, 3, 9, 21, 26, 33])
@pytest.mark.parametrize(("width", "height", "scale"), [(420, 460, 1.0), (630, 640, 1.0), (1290, 970, 1.45)])
def test_small_pictures_stand_above_their_times_and_never_touch(frames, width, height, scale):
    places = StripPlaces.in_card(width, height, scale)
    chosen, side = places.pictured(np.linspace(0, 1, frames))
    assert chosen[0] == 0
    assert chosen[-1] == frames - 1
    boxes = [places.box(places.at_share(frame / (frames - 1)), 0, side) for frame in chosen]
    for frame, box in zip(chosen, boxes, strict=True):
        assert box.center().x() == pytest.approx(places.at_share(frame / (frames - 1)), abs=1)
    assert all(one.right() < other.left() for one, other in itertools.pairwise(boxes))
    assert boxes[-1].right() <= width
    assert places.height < 0.55 * height
    assert places.has_pictures


def test_a_schedule_that_lingers_in_the_noise_has_room_for_where_data_come_of_it(card, qtbot):
    time = np.linspace(1, 0, 33, dtype=np.float32)
    log_alpha = -time * (19.9 * time / 4 + 0.05)  # linear β from 0.1 to 20
    linear = np.sqrt(np.exp(-2 * log_alpha) - 1)
    view = card(frames=33, noise=linear, size=(700, 700))
    shown = time[view.strip.shown_frames]
    assert (shown < 0.35).sum() > (shown > 0.35).sum()
    places = [view.strip.place_of(frame) for frame in range(33)]
    assert min(np.diff(places)) > 3, "every frame can be pointed at"
    for frame in (3, 20, 32):
        qtbot.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=QPoint(round(places[frame]), place_of(view, 0).y()))
        assert view.shown_frame == frame


@pytest.mark.parametrize("even", ["straight", "cosine"])
def test_time_at_one_speed_stands_evenly_on_the_bar(even):
    time = np.linspace(1, 0, 26)[1:]
    noise = {"straight": time / (1 - time), "cosine": np.tan(np.pi / 2 * time)}[even]
    np.testing.assert_allclose(frame_shares(noise), np.linspace(0, 1, 25))


def test_in_a_low_card_the_plot_has_the_room_of_the_small_pictures(card, qtbot):
    view = card(size=(640, 430))
    assert not view.strip._boxes()
    assert view.plot.height() > 320
    assert view.strip.play.y() >= 0
    qtbot.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=place_of(view, 3))
    assert view.shown_frame == 3


def test_small_pictures_are_of_their_frames(card):
    view = card(n=300)
    view.strip.grab()
    data, model = view.strip._pictures
    assert len(data) == len(model) == len(view.strip.shown_frames)
    spread = [_spread(picture) for picture in data]
    assert spread[0] > 1.3 * spread[-1], "noise fills more of the picture than the ring"
    view.show_snapshot(snapshot(step=3, n=300, seed=4))
    view.strip.grab()
    assert view.strip._pictures[1][0] != model[0]


def _spread(image):
    words = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), -1)[:, : image.width()]
    return np.argwhere(words).std()


# ---- playing


def test_the_button_plays_to_the_data_and_back_and_pauses(card, qtbot):
    view = card()
    view.set_frame(6)
    view._sense = 1
    view.strip._change_pace()
    seen = []
    view.strip.valueChanged.connect(seen.append)
    qtbot.mouseClick(view.strip.play, Qt.MouseButton.LeftButton)
    assert view.is_playing
    assert view.strip.play.icon_name == "pause"
    qtbot.waitUntil(lambda: 6 in seen, timeout=4000)
    assert seen[:3] == [7, 8, 7], "every frame is shown, and it turns round at the data"
    qtbot.mouseClick(view.strip.play, Qt.MouseButton.LeftButton)
    assert not view.is_playing
    assert not view._timer.isActive()


def test_the_pace_goes_round(card, qtbot):
    view = card()
    for words, pace in (("2×", 2.0), ("½×", 0.5), ("1×", 1.0)):
        qtbot.mouseClick(view.strip.speed, Qt.MouseButton.LeftButton)
        assert view.strip.speed.text() == words
        assert view.strip.pace == pace


def test_it_begins_to_play_by_itself_once_there_is_something_to_see(card):
    view = card()
    assert not view.is_playing, "step 0 is no training"
    view.show_snapshot(snapshot(step=40, live=False))
    assert not view.is_playing
    view.show_snapshot(snapshot(step=50))
    assert view.is_playing
    view.play()
    view.show_snapshot(snapshot(step=60))
    assert not view.is_playing, "a person's pause is respected"


def test_a_new_picture_while_it_plays_keeps_the_frame(card):
    view = card()
    view.play()
    view.set_frame(3)
    view.show_snapshot(snapshot(step=70, seed=9))
    assert view.shown_frame == 3
    np.testing.assert_array_equal(cloud(view, "particles"), view.snapshot.pictures["process"]["reverse"][3])
    view.show_snapshot(snapshot(step=71, frames=3))
    assert view.shown_frame == 2
    view.play()


def test_hidden_it_rests_and_asks_for_nothing_and_shown_again_it_goes_on(card):
    view = card()
    view.play()
    assert view._timer.isActive()
    view.hide()
    assert not view._timer.isActive()
    assert view.wanted() == frozenset()
    view.show()
    assert view._timer.isActive()
    assert "process" in view.wanted()
    view.set_front(False)
    assert not view._timer.isActive()
    view.play()


def test_the_same_arrays_give_the_same_picture(card):
    view = card()
    view.set_frame(4)
    before = view.grab().toImage()
    view.show_snapshot(view.snapshot)
    assert view.grab().toImage() == before


def test_a_new_run_and_another_scene_leave_nothing(card):
    view = card()
    view.press(0.2, 0.1)
    view.play()
    view.clear()
    assert view.frames == 0
    assert not view._timer.isActive()
    assert not view.handle.is_held
    view.grab()
    view.set_scene(scene(handmade.line_scene()))
    assert view.frames == 0
    view.grab()
    view.play()


# ---- other data


def test_numbers_stand_above_their_time_and_the_bar_below_the_plot(card):
    view = card(scene(handmade.line_scene()), d=1)
    view.set_frame(2)
    points = cloud(view, "particles")
    np.testing.assert_allclose(points[:, 0], 2 / (FRAMES - 1))
    np.testing.assert_array_equal(points[:, 1], view.snapshot.pictures["process"]["reverse"][2, :, 0])
    at = view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(2 / (FRAMES - 1), 0)))
    assert view.plot.mapTo(view, at).x() == pytest.approx(view.strip.x() + place_of(view, 2).x(), abs=2)
    view.resize(900, 600)
    at = view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(1, 0)))
    assert view.plot.mapTo(view, at).x() == pytest.approx(place_of(view, FRAMES - 1).x(), abs=2)


def test_pictures_are_a_mosaic_of_the_frame_and_one_of_them_goes_along_the_strip(card):
    digits = handmade.glyphs(64, 0).reshape(64, 64)
    ways = np.stack([digits * share for share in np.linspace(0, 1, 5)]).astype(np.float32)
    view = card(scene(handmade.digits_scene()), frames=5, n=64, d=64, reverse=ways, forward=ways)
    view.set_frame(2)
    (layer,) = [layer for layer in view.layers if layer.key == "particles"]
    mosaic = layer._mosaic.sheet
    assert mosaic[mosaic[..., 3] > 0, 0].max() == round(255 * digits.max() / 2)
    view.strip.grab()
    light = [
        picture.scaled(1, 1, mode=Qt.TransformationMode.SmoothTransformation) for picture in view.strip._pictures[1]
    ]
    levels = [picture.pixelColor(0, 0).lightness() for picture in light]
    assert levels == sorted(levels)
    assert levels[-1] > levels[0] + 20
    view.press(0.5, 0.5)
    assert not view.questions, "there is no plane to press on"


# ---- the point that is held


def answered(view):
    question, asked = view.questions[-1]
    path = np.stack([asked["x"][0] * share for share in (1.5, 1.0, 0.5)]).astype(np.float32)
    times = np.array([1, float(asked["time"]), 0], np.float32)
    view.show_answer(question, {**asked, "times": times, "path": path, "others": np.zeros((0, 3, 2), np.float32)})
    (layer,) = [layer for layer in view.layers if layer.key == "path"]
    return layer


def test_a_press_asks_for_the_path_at_the_present_time_and_draws_it(card):
    view = card()
    view.set_frame(4)
    view.plot.clicked.emit(0.5, -0.25)
    question, asked = view.questions[-1]
    assert question == "path"
    np.testing.assert_allclose(asked["x"], [[0.5, -0.25]])
    assert asked["x"].dtype == np.float32
    assert float(asked["time"]) == pytest.approx(0.5)
    layer = answered(view)
    np.testing.assert_allclose(_path_points(layer._line), [[0.75, -0.375], [0.5, -0.25], [0.25, -0.125]])
    assert (layer._end.at.x(), layer._end.at.y()) == (0.25, -0.125)
    assert layer._end.isVisible()


def test_it_asks_again_while_dragged_and_when_new_weights_come(card):
    view = card()
    view.set_frame(4)
    view.press(0.5, 0.5)
    view.handle._ring.setPos(0.6, 0.4)
    np.testing.assert_allclose(view.questions[-1][1]["x"], [[0.6, 0.4]])
    count = len(view.questions)
    view.set_frame(2)
    assert len(view.questions) == count
    view.show_snapshot(snapshot(step=9, seed=2))
    assert len(view.questions) == count + 1
    assert float(view.questions[-1][1]["time"]) == pytest.approx(0.5), "the point stays at its time"
    view.play()


def test_arrow_keys_move_the_held_point(card, qtbot):
    view = card()
    view.press(0.0, 0.0)
    qtbot.keyClick(view.plot, Qt.Key.Key_Right)
    x, y = view.questions[-1][1]["x"][0]
    assert x > 0.01
    assert y == 0
    qtbot.keyClick(view.plot, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert -0.1 < view.questions[-1][1]["x"][0, 1] < 0


def test_over_a_line_the_place_tells_the_time(card):
    view = card(scene(handmade.line_scene()), d=1)
    view.press(0.25, 1.5)
    _, asked = view.questions[-1]
    np.testing.assert_allclose(asked["x"], [[1.5]])
    assert float(asked["time"]) == pytest.approx(0.75)
    assert view.place(0.25, -1.5) == "t = 0.75, x = −1.500"
    view.explain(0.25, -1.5)
    assert view.plot.readout.text().startswith("t = 0.75, x = −1.500")


# ---- sizes and files


@pytest.mark.parametrize("size", [(420, 430), (640, 500), (1290, 970)])
@pytest.mark.parametrize("scale", [1.0, PRESENTER_SCALE])
def test_the_plot_keeps_the_larger_part_of_the_card(card, size, scale):
    view = card(size=size)
    view.set_theme(LIGHT, scale)
    QApplication.processEvents()
    assert view.plot.height() > 0.3 * view.height()
    assert view.strip.geometry().bottom() <= view.height()
    assert view.strip.speed.geometry().right() < view.strip.places.first - 8


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_it_can_be_exported(card, tmp_path, ending):
    view = card()
    view.export_picture(tmp_path / f"way.{ending}")
    assert (tmp_path / f"way.{ending}").stat().st_size > 4000


# ---- the window


@pytest.fixture
def window(qtbot, preferences):
    session = FakeSession()
    made = MainWindow(session, preferences, theme="dark")
    made.fake = session
    qtbot.addWidget(made)
    made.show()
    made.begin(RECIPE)
    made.assemble()
    session.coming += [messages.Ready(CATALOGUE), messages.Started(1, RECIPE, "Ring", 0, "w"), scene()]
    made.conductor.poll()
    return made


def process(window):
    return dict(window.parts.cards())["process"]


def show(window, where):
    window.fake.coming.append(where)
    window.conductor.poll()


def test_it_comes_to_the_front_of_the_middle_once(window):
    assert window.middle.front == "process"
    assert process(window).isVisible()
    assert not window.parts.data.isVisible()
    assert not window.middle.tabs.isHidden()
    top = process(window).strip.mapTo(window.data_place, QPoint(0, 0)).y()
    assert window.hint.geometry().bottom() < top, "the hint stands above the strip"
    window.middle.tabs.setCurrentIndex(0)
    assert window.parts.data.isVisible()
    show(window, scene(title="again"))
    assert window.middle.front == "data", "a person's choice is respected"


def test_another_family_leaves_the_data_space_alone(window):
    show(window, handmade.ring_scene())
    assert window.middle.front == "data"
    assert window.middle.tabs.isHidden()
    assert window.parts.data.isVisible()
    assert not window.actions_["middle"].isEnabled()
    show(window, scene())
    assert window.middle.front == "process"


def test_keys_and_menus_turn_the_middle_and_play(window, qtbot):
    for front in ("data", "process"):
        window.actions_["middle"].trigger()
        assert window.middle.front == front
    qtbot.keyClick(window, Qt.Key.Key_D)
    assert window.middle.front == "data"
    qtbot.keyClick(window, Qt.Key.Key_D)
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert process(window).is_playing
    qtbot.keyClick(window, Qt.Key.Key_P)
    assert not process(window).is_playing
    entries = {action.text(): action for action in window.menus.cards.actions()}
    assert entries["Noise to data"].isChecked()
    entries["Noise to data"].trigger()
    assert window.middle.front == "data"
    entries["Noise to data"].trigger()
    assert window.middle.front == "process"
    assert any(action.text() == "Picture of the noise to data…" for action in window.menus.pictures.actions())
    assert any("Noise to data: trails" in words for words, *_ in window.menus._layers())


def test_what_is_behind_asks_for_nothing(window, qtbot):
    def watched():
        return window.fake.of(commands.Watch)[-1].pictures

    qtbot.waitUntil(lambda: "process" in watched())
    assert "samples" not in watched()
    window.middle.show_card("data")
    qtbot.waitUntil(lambda: "process" not in watched())
    assert "samples" in watched()


def test_the_front_is_remembered_and_closing_while_it_plays_leaves_no_timer(window, qtbot, preferences):
    view = process(window)
    view.show_snapshot(snapshot(step=5))
    assert view._timer.isActive()
    window.middle.show_card("data")
    window.middle.show_card("process")
    assert view._timer.isActive()
    window.close()
    assert not view._timer.isActive()
    assert preferences.middle == "process"


def test_a_choice_outlives_the_day(window, qtbot, preferences):
    window.middle.show_card("data")
    window.close()
    again = MainWindow(session := FakeSession(), preferences, theme="dark")
    qtbot.addWidget(again)
    again.show()
    again.begin(RECIPE)
    again.assemble()
    session.coming += [messages.Ready(CATALOGUE), messages.Started(1, RECIPE, "Ring", 0, "w"), scene()]
    again.conductor.poll()
    assert again.middle.front == "data"
    assert again.middle.has_guests
