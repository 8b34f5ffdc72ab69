"""Grids of pictures: how many there is room for, what is under the mouse, and which of them are too near to data."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from explorer.session.snapshot import freeze
from explorer.views._mosaic_grid import Grid, grid_for
from explorer.views._mosaic_item import GAP
from explorer.views.data_space import DataSpaceView
from explorer.widgets.pixels import pixels, tiled
from explorer.widgets.theme import DARK, LIGHT

from . import handmade


def scene(channels=1, rows=8, columns=8, n=100, **changes):
    """Pictures of one grey level each, so that a picture is known by it; large ones come reduced."""
    part = min(1.0, 64 / max(rows, columns))
    small = (channels, round(rows * part), round(columns * part))
    real = np.repeat(np.linspace(0, 1, n, dtype=np.float32)[:, None], np.prod(small), 1)
    return handmade.scene(
        dimension=channels * rows * columns, image_shape=(channels, rows, columns), shown_shape=small, real=real,
        latent_dimension=8, **changes,
    )  # fmt: skip


def snapshot(there, n=100, step=9):
    made = there.real[:n][::-1]
    distance = np.linspace(0.01, 0.3, n, dtype=np.float32)
    nearest = {
        "nearest": there.real[:n], "distance": distance, "limit": np.array(0.05, np.float32),
        "held_out": np.array(1), "among": np.array(1437),
    }  # fmt: skip
    return handmade.snapshot({"images": {"images": made}, "nearest": nearest}, step=step)


def layers(view):
    return {layer.key: layer for layer in view.layers}


def middle(view, pane, number):
    """Of a picture, in pixels of the plot."""
    left, top, wide, tall = view._grid.place(pane, number)
    return view.plot.mapFromScene(view.plot.box.mapViewToScene(QPointF(left + wide / 2, top - tall / 2)))


@pytest.mark.parametrize("size", [(560, 480), (620, 560), (1010, 840), (1400, 700)])
@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (3, 64, 48), (1, 30, 60)])
@pytest.mark.parametrize("panes", [2, 3])
def test_a_grid_fills_its_room_and_no_two_pictures_share_a_place(size, shape, panes):
    grid = grid_for(size, shape, panes, 100)
    assert 12 <= grid.across * grid.down <= 100
    assert grid.side * grid.aspect / grid.side == pytest.approx(shape[1] / shape[2])
    left, bottom, right, top = grid.frame
    for pane in range(panes):
        for number in (0, grid.across * grid.down - 1):
            x, y, wide, tall = grid.place(pane, number)
            assert left <= x < x + wide <= right
            assert bottom <= y - tall < y <= top
            assert grid.at(x + wide / 2, y - tall / 2) == (pane, number)
    assert grid.at(left, bottom) is None


def test_more_room_shows_more_pictures_and_few_pictures_leave_none_of_it_empty():
    sizes = [(420, 360), (620, 560), (1010, 840)]
    grids = [grid_for(size, (1, 28, 28), 2, 100) for size in sizes]
    counts = [grid.across * grid.down for grid in grids]
    assert all(few < many for few, many in pairwise(counts[:2]))
    assert counts[-1] >= 96
    few = grid_for((1010, 840), (1, 8, 8), 2, 9)
    assert (few.across, few.down) == (3, 3)
    presented = grid_for((620, 560), (1, 28, 28), 2, 100, scale=1.6)
    assert presented.across * presented.down < counts[1]


def test_a_tall_room_has_more_rows_so_that_all_pictures_are_larger():
    wide, tall = grid_for((620, 320), (1, 8, 8), 2, 100), grid_for((620, 620), (1, 8, 8), 2, 100)
    assert tall.across < wide.across
    assert tall.across * tall.down >= 90


def test_a_third_pane_stands_beside_the_second_or_under_it_and_single_pictures_where_there_is_room():
    wide, tall = grid_for((1500, 500), (1, 8, 8), 3, 100), Grid(panes=3, columns=2)
    assert wide.columns == 3
    assert wide.corner(2)[1] == wide.corner(0)[1]
    (left, upper), (below, lower) = tall.corner(1), tall.corner(2)
    assert below == left
    assert lower < upper
    assert tall.has_corner
    for grid in (wide, tall, Grid()):
        _, bottom, _, _ = grid.frame
        for lane in range(2):
            x, y = grid.mark(lane)
            assert bottom < y
            assert grid.at(x + 0.1, y + 0.1) is None
            assert grid.at(x + 1.4, y + 1.4) is None


def test_single_pictures_have_room_only_while_there_are_any(make):
    view = make(DataSpaceView, size=(560, 480), scene=scene())
    before = view._grid
    assert not before.has_marks
    view.show_probe(np.zeros((1, 64)), np.full(1, np.nan))
    assert view._grid.has_marks
    (probe,) = (layer for layer in view.layers if layer.key == "probe")
    assert probe._images[0].mapRectToParent(probe._images[0].boundingRect()).top() == pytest.approx(
        view._grid.mark(1)[1]
    )
    view.clear_probe()
    assert view._grid == before


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_grid_shows_what_the_arrays_say_and_the_rest_of_them_when_there_is_more_room(make, theme):
    there = scene()
    view = make(DataSpaceView, theme=theme, scene=there)
    view.show_snapshot(snapshot(there))
    model = layers(view)["model"]
    shown = pixels(snapshot(there).pictures["images"]["images"], (1, 8, 8), (0.0, 1.0))
    expected = tiled(shown[: view._grid.across * view._grid.down].repeat(3, 1).repeat(3, 2), view._grid.across, GAP)
    np.testing.assert_array_equal(model._mosaic.sheet, expected)
    before = view._grid.across * view._grid.down
    view.resize(320, 300)
    view.plot.box.sigResized.emit(view.plot.box)
    assert view._grid.across * view._grid.down < before
    assert model._mosaic.sheet.shape[1] < expected.shape[1]
    picture = view.grab().toImage()
    at = view.plot.mapTo(view, middle(view, 1, 0))
    assert picture.pixelColor(at).lightness() == pytest.approx(255, abs=3)  # the first generated one is white


def test_large_pictures_come_reduced_and_keep_their_proportions(make):
    there = scene(3, 400, 300)
    assert there.shape_of(3 * 64 * 48) == (3, 64, 48)
    assert there.shape_of(3 * 400 * 300) == (3, 400, 300)
    view = make(DataSpaceView, size=(900, 700), scene=there)
    view.show_snapshot(snapshot(there))
    place = layers(view)["model"]._mosaic.place
    assert place.height() / place.width() == pytest.approx(view._grid.down * 400 / (view._grid.across * 300))
    assert "300 × 400 pixels, colour" in view.header.subtitle


def test_the_mouse_names_a_picture_and_a_click_chooses_it(make, qtbot):
    there = scene()
    view = make(DataSpaceView, scene=there)
    view.show_snapshot(snapshot(there))
    view.chips["nearest"].click()
    view.show_snapshot(snapshot(there))
    qtbot.mouseMove(view.plot.viewport(), middle(view, 1, 3))
    view._hovered(view._grid.place(1, 3)[:2])
    left, top, wide, tall = view._grid.place(1, 3)
    view._hovered((left + wide / 2, top - tall / 2))
    told = view.plot.readout.text()
    assert told.startswith("generated picture 4\nnearest of 1,437 real pictures: differs by 1.9 %")
    assert "nearer than 19 of 20 held-out pictures (5.0 %)" in told
    assert layers(view)["choice"]._frames.hovered == ((1, 3), (2, 3))
    picked = []
    view.picked.connect(lambda *choice: picked.append(choice))
    for pane, number in ((0, 2), (1, 3), (2, 5)):
        left, top, wide, tall = view._grid.place(pane, number)
        view.plot.clicked.emit(left + wide / 2, top - tall / 2)
    assert picked == [(True, 2), (False, 3), (False, 5)]
    view.show_choice((False, 3))
    assert layers(view)["choice"]._frames.chosen == ((1, 3), (2, 3))
    view._hovered(None)
    assert not view.plot.readout.isVisible()
    view.show_choice(None)
    assert not layers(view)["choice"]._frames.chosen


def test_pictures_stay_while_a_snapshot_was_made_for_other_cards_and_a_frame_is_round_nothing_else(make):
    there = scene()
    view = make(DataSpaceView, scene=there)
    view.show_choice((False, 3))
    others = handmade.snapshot({"modes": {}}, step=20)
    model, frames = layers(view)["model"], layers(view)["choice"]._frames
    view.show_snapshot(others)
    assert frames.chosen == ()
    assert model._coming.isVisible()
    assert model._caption.isVisible()
    view.show_snapshot(snapshot(there, step=9))
    view.show_snapshot(others)
    assert frames.chosen == ((1, 3),)
    assert model._mosaic.isVisible()
    assert not model._coming.isVisible()
    assert view.header.subtitle.startswith("step 9")
    view.show_snapshot(handmade.snapshot({}, step=21, missing={"images": "There are none."}))
    assert not model._mosaic.isVisible()
    assert not model._coming.isVisible()


def test_pictures_that_are_nearer_than_held_out_ones_are_framed_and_counted(make):
    there = scene()
    view = make(DataSpaceView, scene=there)
    assert "nearest" not in view.needs()
    view.chips["nearest"].click()
    assert "nearest" in view.needs()
    view.show_snapshot(snapshot(there))
    nearest = layers(view)["nearest"]
    distance = np.linspace(0.01, 0.3, 100)
    assert sorted(nearest._mosaic.rings) == np.flatnonzero(distance < 0.05).tolist()
    assert f"<b>{(distance < 0.05).sum()}</b> too near" in nearest._caption.textItem.toHtml().replace(
        'style=" font-weight:700;"', ""
    ).replace("<span >", "<b>").replace("</span>", "</b>", 1)
    assert set(nearest._mosaic.rings.values()) == {view.theme.alarm}
    view.set_theme(LIGHT)
    assert set(nearest._mosaic.rings.values()) == {LIGHT.alarm}
    endless = dict(snapshot(there).pictures["nearest"]) | {"limit": np.array(np.nan, np.float32)}
    nearest.draw(freeze(endless), 9)
    assert not nearest._mosaic.rings


def test_the_wheel_zooms_and_home_comes_back(make):
    there = scene()
    view = make(DataSpaceView, scene=there)
    view.show_snapshot(snapshot(there))
    home = view.plot.box.viewRect()
    view.plot._zoom(0.5)
    assert view.plot.box.viewRect().width() == pytest.approx(home.width() / 2)
    view.show_snapshot(snapshot(there, step=10))
    assert view.plot.box.viewRect().width() == pytest.approx(home.width() / 2)
    view.plot.setFocus()
    view.plot.go_home()
    assert view.plot.box.viewRect().width() == pytest.approx(home.width())


def test_pixels_that_are_no_numbers_are_clear():
    rows = np.array([[0.0, 1.0, np.nan, np.inf]], np.float32)
    made = pixels(rows, (1, 2, 2), (0.0, 1.0))[0].reshape(4, 4)
    assert made[:, 3].tolist() == [255, 255, 0, 0]
    assert made[:2, 0].tolist() == [0, 255]
    colour = np.array([[1.0, 0.0, 0.5, 1.0, 0.0, 0.25]], np.float32)
    made = pixels(colour, (3, 1, 2), (0.0, 1.0))[0, 0]
    assert made.tolist() == [[255, 128, 0, 255], [0, 255, 64, 255]]


def test_numbers_stand_on_pictures_that_have_room_for_them(make):
    few, many = scene(n=9), scene()
    differ = []
    for there, n in ((few, 9), (many, 100)):
        view = make(DataSpaceView, size=(900, 700), scene=there)
        view.chips["nearest"].click()
        view.show_snapshot(snapshot(there, n))
        before = view.grab().toImage()
        layers(view)["nearest"]._mosaic.labels = ()
        layers(view)["nearest"]._mosaic.update()
        differ.append(before != view.grab().toImage())
    assert differ == [True, False]
