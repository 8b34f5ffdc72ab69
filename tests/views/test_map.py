"""The map of data and samples: points under the mouse, keys, chips, on hand-made arrays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent

from explorer.session import commands, messages
from explorer.views._map_picture import Point
from explorer.views.sample_map import SampleMap, axes_of
from explorer.widgets.theme import DARK, LIGHT
from tests.views import handmade

CORNERS = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def scene(**changes):
    base = handmade.digits_scene()
    return handmade.scene(**{name: getattr(base, name) for name in base.__slots__} | changes)


def arrays(share=1.0, explained=(0.3, 0.125), **changes):
    """Four data at the corners of a square, three samples within; sample 1 of the noise has no place."""
    return {
        "data": CORNERS, "fake": np.array([[0.5, 0.5], [0.2, 0.8], [0.5, 0.1]], np.float32),
        "label": np.array([0, 1, 0, 1]), "fake_label": np.array([1, 0, -1]), "number": np.array([0, 2, 3]),
        "share": np.array(share), "explained": np.array(explained), "shown": np.array([2, 0]),
        "fake_shown": np.array([0, 1]), "pictures": handmade.glyphs(4, 3).reshape(4, 64), **changes,
    }  # fmt: skip


def snapshot(key="pixel_map", step=100, **changes):
    return handmade.snapshot({key: arrays(**changes)}, step=step)


@pytest.fixture
def card(make):
    """A card that answers its own questions; what was asked and picked is listed."""

    def made(where=None, theme=DARK):
        view = make(SampleMap, theme=theme)
        view.questions, view.clicked = [], []

        def reply(question, asked):
            view.questions.append((question, int(asked["number"]), int(asked["real"])))
            view.show_answer(question, {**asked, "x": handmade.glyphs(1, 5).reshape(1, 64)})

        view.asked.connect(reply)
        view.picked.connect(lambda *point: view.clicked.append(point))
        view.set_scene(where or scene())
        return view

    return made


def pixel(view, place):
    x, y = view.picture.place_of(np.array([place], np.float32))[0]
    return QPoint(round(x), round(y))


def move(widget, place):
    """As the system tells it; a pointer that is moved itself is seen by windows on the screen alone."""
    where, none = QPointF(place), Qt.KeyboardModifier.NoModifier
    no_button = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, where, widget.mapToGlobal(where), no_button, no_button, none)
    QCoreApplication.sendEvent(widget, event)


def test_the_mouse_finds_points_and_shows_their_pictures(card):
    view = card()
    view.show_snapshot(snapshot())
    move(view.picture, pixel(view, (0.2, 0.8)))
    assert view.picture.here == Point(is_real=False, number=2)  # the second of those that have a place
    assert view.questions == [("thumbnail", 2, 0)]
    assert view.picture.thumbnail is not None
    move(view.picture, pixel(view, (1, 0)) + QPoint(3, -2))
    assert view.questions[-1] == ("thumbnail", 1, 1)
    move(view.picture, pixel(view, (0.75, 0.6)))
    assert view.picture.here is None
    assert len(view.questions) == 2


def test_a_late_thumbnail_of_another_point_is_dropped(card):
    view = card()
    view.show_snapshot(snapshot())
    move(view.picture, pixel(view, (0, 0)))
    shown = view.picture.thumbnail
    view.show_answer("thumbnail", {"number": np.array(3), "real": np.array(0), "x": np.zeros((1, 64))})
    assert view.picture.thumbnail is shown


def test_a_click_picks_a_picture_for_the_other_cards(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    qtbot.mouseClick(view.picture, Qt.MouseButton.LeftButton, pos=pixel(view, (0.5, 0.1)))
    qtbot.mouseClick(view.picture, Qt.MouseButton.LeftButton, pos=pixel(view, (1, 1)))
    assert view.clicked == [(False, 3), (True, 2)]


def test_keys_go_through_the_pictures_that_are_shown(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    seen = []
    for _ in range(5):
        qtbot.keyClick(view.picture, Qt.Key.Key_Right)
        seen.append((view.picture.here.is_real, view.picture.here.number))
    assert seen == [(True, 2), (True, 0), (False, 0), (False, 2), (True, 2)]
    qtbot.keyClick(view.picture, Qt.Key.Key_Left)
    qtbot.keyClick(view.picture, Qt.Key.Key_Return)
    assert view.clicked == [(False, 2)]


def test_chips_choose_one_of_four_maps(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    wanted = [view.needs()]
    for key in ("features", "neighbours", "pixels"):
        qtbot.mouseClick(view.chips[key], Qt.MouseButton.LeftButton)
        wanted.append(view.needs())
        assert view.picture.is_empty  # until its own observation has come
    assert wanted == [{"pixel_map"}, {"feature_map"}, {"feature_neighbours"}, {"pixel_neighbours"}]
    view.show_snapshot(snapshot("pixel_neighbours", 101, share=0.5, explained=(0, 0)))
    assert view.header.subtitle == "4 data, 3 samples · laying out, 50 %"
    assert view.picture.axes == ("places by t-SNE, without unit", "")
    nothing = {name: np.zeros((0, 2), np.float32) for name in ("data", "fake", "pictures")}
    qtbot.mouseClick(view.chips["features"], Qt.MouseButton.LeftButton)
    view.show_snapshot(snapshot("feature_neighbours", 102, **nothing))
    assert "being learnt" in view.picture.message


def test_axes_say_how_much_of_the_variance_they_have():
    assert axes_of(np.array([0.3, 0.125])) == (
        "first principal component: 30 % of the variance",
        "↑ second: 12 % of the variance",
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_data_are_blue_samples_orange_and_classes_have_colours_of_their_own(card, theme):
    view = card(scene(class_names=("zero", "one")), theme)
    view.show_snapshot(snapshot())
    view.chips["pictures"].click()
    ink = view.picture.grab().toImage()
    blue, orange = (ink.pixelColor(pixel(view, place)) for place in ((1, 0), (0.5, 0.5)))
    assert blue.blue() > blue.red()
    assert orange.red() > orange.blue()
    view.chips["classes"].click()
    coloured = view.picture.grab().toImage()
    first, second, same = (coloured.pixelColor(pixel(view, place)).name() for place in ((0, 0), (1, 0), (1, 1)))
    assert first == same != second
    assert coloured.pixelColor(pixel(view, (0.5, 0.5))).name() == theme.plot  # samples are rings


def test_without_classes_there_is_nothing_to_colour_by(card):
    view = card()
    assert not view.chips["classes"].isEnabled()
    assert "no classes" in view.chips["classes"].toolTip()
    assert "Press Space" in view.picture.message
    view.show_snapshot(handmade.snapshot({}, missing={"pixel_map": "Not of pictures."}))
    assert view.picture.message == "Not of pictures."
    assert not SampleMap.fits(handmade.ring_scene())


def test_in_the_window_a_click_on_the_map_is_told_of_by_the_card_of_images(empty, session):
    session.coming.append(messages.Started(1, {"data": {"key": "ring"}}, "Digits", 0, "weights"))
    session.coming.append(handmade.digits_scene())
    empty.conductor.poll()
    guests = {guest.key: guest for guest in empty.parts.guests}
    guests["map"].picture.pressed.emit(Point(is_real=True, number=550))  # more than the data space shows
    assert guests["image"].choice == (True, 550)
    asked = [ask for ask in session.of(commands.Ask) if ask.question == "picture"]
    assert (int(asked[-1].arrays["number"]), int(asked[-1].arrays["real"])) == (550, 1)
    session.coming.append(handmade.snapshot(handmade.digits_pictures()))
    empty.conductor.poll()
