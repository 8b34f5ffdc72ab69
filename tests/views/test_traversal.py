"""The card of latent space in pictures: clicks, keys and sliders, on hand-made arrays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from explorer.views._picture_sheet import Margins, PictureSheet
from explorer.views.traversal import CHOICES, TraversalView
from explorer.widgets.theme import DARK, LIGHT
from tests.views import handmade

LIKE_GAN = frozenset({"sample", "push"})


def grey(values):
    """Even pictures, one for each value."""
    return np.repeat(np.asarray(values, np.float32)[:, None], 64, 1)


def snapshot(step=100, normal=1, **changes):
    pictures = {"traversal": {"x": grey(np.linspace(0, 1, 24)), "round": np.array(normal)}}
    return handmade.snapshot(pictures | changes, step=step)


def along(asked, rows=3):
    own = np.array([0.5, -0.25, 3.5], np.float32)[:rows]
    fresh = {
        "mix": np.eye(rows, dtype=np.float32), "axis": np.array([4, 0, -1])[:rows],
        "rate": np.array([1.5, np.nan, np.nan], np.float32)[:rows], "used": np.array([1, 1, 1])[:rows],
    }  # fmt: skip
    kept = {name: asked.get(name, value) for name, value in fresh.items()}
    return {
        "x": grey(np.linspace(0, 1, 7 * rows)), "values": np.linspace(-3, 3, 7), "own": own,
        "change": np.full(rows, 0.05), "many": np.array(16), **kept,
    }  # fmt: skip


def between(asked):
    if len(asked["ends"]) == 4:
        return {"x": grey(np.linspace(0, 1, 49)), "columns": np.array(7)}
    return {"x": grey(np.linspace(0, 1, 22)), "columns": np.array(11)}


def latent(asked):
    return {"x": grey([asked["places"].sum() / 10])}


@pytest.fixture
def card(make):
    """A card that answers its own questions; what was asked is listed."""

    def made(scene=None, size=(620, 560), theme=DARK):
        view = make(TraversalView, size=size, theme=theme)
        view.questions = []
        answers = {"interpolation": between, "traversal": along, "latent": latent}

        def reply(question, arrays):
            view.questions.append((question, arrays))
            view.show_answer(question, {**arrays, **answers[question](arrays)})

        view.asked.connect(reply)
        view.set_scene(scene or handmade.digits_scene())
        return view

    return made


def click(qtbot, sheet, number):
    place = sheet.frame_of(number).center()
    qtbot.mouseClick(sheet, Qt.MouseButton.LeftButton, pos=QPoint(round(place.x()), round(place.y())))


def asked_of(view, question):
    return [arrays for name, arrays in view.questions if name == question]


def test_a_click_makes_a_picture_the_next_end(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    assert asked_of(view, "interpolation")[-1]["ends"].tolist() == [0, 1]
    assert view.strip.margins.columns[:3] == ["0", "0.1", "0.2"]
    assert [name for name, _ in view.strip.margins.rows] == ["straight", "great circle"]
    for number in (5, 17):
        click(qtbot, view.choices, number)
    assert asked_of(view, "interpolation")[-1]["ends"].tolist() == [5, 17]
    assert view.choices.marks == {5: "A", 17: "B"}
    click(qtbot, view.choices, 2)
    assert view.ends[:2] == [2, 17]


def test_arrows_and_return_choose_too(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Return):
        qtbot.keyClick(view.choices, key)
    assert view.ends[0] == 8  # right, down and left of 0, in rows of 8


def test_arrows_are_no_shortcuts_of_the_window_where_they_go_through_pictures(card):
    view = card()
    keys = (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Space)
    assert [keeps(view.choices, key) for key in keys] == [False] * 3  # nothing to go through yet
    view.show_snapshot(snapshot())
    assert [keeps(view.choices, key) for key in keys] == [True, True, False]
    assert not keeps(view.choices, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)


def keeps(sheet, key, modifier=Qt.KeyboardModifier.NoModifier):
    event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifier)
    event.ignore()
    QApplication.sendEvent(sheet, event)
    return event.isAccepted()


def test_four_ends_make_a_sheet_and_great_circles_are_offered_for_normal_noise_alone(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    assert not view.chips["round"].isEnabled()
    assert "both ways" in view.chips["round"].toolTip()
    qtbot.mouseClick(view.chips["four"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.chips["round"], Qt.MouseButton.LeftButton)
    last = asked_of(view, "interpolation")[-1]
    assert (last["ends"].tolist(), int(last["round"])) == ([0, 1, 2, 3], 1)
    assert view.strip.columns == 7
    assert view.strip.marks == {0: "A", 6: "B", 42: "C", 48: "D"}
    view.show_snapshot(snapshot(101, normal=0))
    assert not view.chips["round"].isEnabled()
    assert "straight" in view.chips["round"].toolTip()


def test_next_goes_on_and_shuffle_takes_others(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    qtbot.mouseClick(view.chips["next"], Qt.MouseButton.LeftButton)
    assert asked_of(view, "interpolation")[-1]["ends"].tolist() == [2, 3]
    qtbot.mouseClick(view.chips["shuffle"], Qt.MouseButton.LeftButton)
    assert len(set(asked_of(view, "interpolation")[-1]["ends"].tolist())) == 2


def test_rows_are_named_and_sliders_move_the_one_picture(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    qtbot.mouseClick(view.chips["along"], Qt.MouseButton.LeftButton)
    assert view.grid.margins.rows == [("z₅", "1.50 nats"), ("z₁", "5 %"), ("v₃", "5 %")]
    np.testing.assert_allclose(view.sliders.places, [0.5, -0.25, 3.5])
    assert view.sliders.sliders[2].maximum() == 350  # it reaches as far as the latent itself
    slider = view.sliders.sliders[0]
    before = len(asked_of(view, "latent"))
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert len(asked_of(view, "latent")) == before + 1
    np.testing.assert_allclose(asked_of(view, "latent")[-1]["places"], [0.6, -0.25, 3.5], atol=1e-6)
    shade = view.sliders.picture.images[0].pixelColor(3, 3).red()
    assert shade == round(255 * 0.385)
    click(qtbot, view.grid, 7 + 6)  # second row, last column
    assert view.sliders.places[1] == pytest.approx(3.0)


def test_while_a_slider_is_moved_the_rows_keep_their_order_until_reset(card, qtbot):
    view = card()
    view.show_snapshot(snapshot())
    view.show_page("along")
    assert "mix" not in asked_of(view, "traversal")[-1]
    view.sliders.set_place(1, 2.0)
    view._ranked_at = -10.0  # long ago
    view.ask()
    assert "mix" in asked_of(view, "traversal")[-1]
    assert view.sliders.places[1] == pytest.approx(2.0)
    qtbot.mouseClick(view.chips["reset"], Qt.MouseButton.LeftButton)
    assert "mix" not in asked_of(view, "traversal")[-1]
    assert view.sliders.places[1] == pytest.approx(-0.25)


def test_a_late_answer_of_another_picture_is_dropped(card):
    view = card()
    view.show_snapshot(snapshot())
    view.show_page("along")
    shown = view.sliders.picture.images[0]
    stale = {"number": np.array(9), "places": view.sliders.places, "x": grey([1.0])}
    view.show_answer("latent", stale)
    assert view.sliders.picture.images[0] is shown
    view.show_answer("interpolation", {"ends": np.array([7, 8]), **between({"ends": [7, 8]})})
    assert not view.strip.marks or view.ends[:2] != [7, 8]


def test_of_many_dimensions_directions_come_first_but_not_where_an_encoder_ranks_them(card):
    many = handmade.digits_scene()
    known = {name: getattr(many, name) for name in many.__slots__}
    wide = handmade.scene(**known | {"latent_dimension": 64, "offers": LIKE_GAN})
    inferring = handmade.scene(**known | {"latent_dimension": 64, "offers": LIKE_GAN | {"posterior"}})
    assert card(wide).chips["directions"].isChecked()
    assert not card(inferring).chips["directions"].isChecked()
    assert not TraversalView.fits(handmade.ring_scene())


def test_training_on_asks_again_after_a_while(card, qtbot):
    view = card()
    view.show_snapshot(snapshot(1))
    view.show_snapshot(snapshot(2))
    assert view.is_late
    assert len(view.questions) == 1
    qtbot.waitUntil(lambda: len(view.questions) == 2, timeout=2_000)
    assert not view.is_late


def test_where_there_is_nothing_to_see_it_says_why(card):
    view = card()
    assert "Press Space" in view.choices.message
    view.show_snapshot(handmade.snapshot({}, missing={"traversal": "Fresh noise enters."}))
    assert view.choices.message == "Fresh noise enters."
    view.show_page("along")
    assert view.grid.message == "Fresh noise enters."
    assert view.questions == []


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_sheet_holds_its_pictures_in_any_size(make, theme):
    sheet = make(lambda host: Sheet(host), size=(300, 200), theme=theme)
    sheet.show_pictures(grey(np.linspace(0, 1, 12)), handmade.digits_scene(), 4, Margins((("z₁", "2 %"),) * 3, "abcd"))
    inside = sheet.rect()
    assert all(inside.contains(sheet.frame_of(number).toAlignedRect()) for number in range(12))
    assert sheet.frame_of(0).left() > sheet._metrics().horizontalAdvance("2 %")
    picture = sheet.grab().toImage()
    centre = sheet.frame_of(11).center().toPoint()
    assert picture.pixelColor(centre).name() == "#ffffff"
    assert sheet.number_at(sheet.frame_of(6).center()) == 6


class Sheet(PictureSheet):
    """A sheet that takes a theme as a view does."""

    def __init__(self, host):
        super().__init__(CHOICES, host)

    def set_theme(self, theme, scale):
        self.theme, self.scale = theme, scale
