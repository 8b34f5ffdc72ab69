"""Samples in the colours of their classes: which are seen, what the legend does, and whether hues can be told apart."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from explorer.session.snapshot import Scene
from explorer.views._classes import ALL, HUES, class_colours, class_table, seen_classes
from explorer.views._colour import rgb_of, to_oklab
from explorer.views.data_space import DataSpaceView
from explorer.views.process import ProcessView
from explorer.widgets.theme import THEMES

from .handmade import digits_scene, ring_scene, scene, snapshot

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

NAMES = ("upper", "lower", "third")
LABELS = np.array([0, 1, 2, 0, 1, 2, 0, 0], np.int64)
PLACES = np.stack([np.linspace(-1, 1, 8), LABELS - 1.0], 1).astype(np.float32)
OFFERS = frozenset({"sample", "process", "classes"})

BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
"""What light becomes, linear RGB: Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1."""


def told_scene(**changes) -> Scene:
    ring = ring_scene()
    values = {field.name: getattr(ring, field.name) for field in fields(Scene)}
    return scene(**{**values, "class_names": NAMES, "offers": OFFERS, **changes})


def told():
    return snapshot({"samples": {"x": PLACES, "label": LABELS}})


def by_class(view):
    return next(layer for layer in view.layers if layer.key == "classes")


def model(view):
    return next(layer for layer in view.layers if layer.key == "model")


@pytest.fixture
def view(make):
    made = make(DataSpaceView, size=(560, 460))
    made.set_scene(told_scene())
    made.set_shown("classes", True)
    made.show_snapshot(told())
    return made


def test_there_is_a_switch_only_where_the_model_knows_classes(make):
    view = make(DataSpaceView, size=(560, 460))
    for there, shown in ((told_scene(), True), (ring_scene(), False), (digits_scene(), False)):
        view.set_scene(there)
        assert ("classes" in view.chips) == shown


def test_at_first_the_model_is_orange(make):
    view = make(DataSpaceView, size=(560, 460))
    view.set_scene(told_scene())
    view.show_snapshot(told())
    assert model(view).items[0].isVisible()
    assert not by_class(view).items[0].isVisible()
    assert not by_class(view).legend.isVisible()


def test_classes_stand_in_the_place_of_the_model_and_give_it_back(view):
    assert by_class(view).items[0].isVisible()
    assert by_class(view).legend.isVisible()
    assert not model(view).items[0].isVisible()
    assert view.is_shown("model")  # what was chosen stays chosen
    QTest.mouseClick(view.chips["classes"], Qt.MouseButton.LeftButton, pos=view.chips["classes"].rect().center() / 2)
    assert model(view).items[0].isVisible()
    assert not by_class(view).legend.isVisible()


def test_a_name_shows_its_class_alone_and_once_more_all_of_them(view):
    layer = by_class(view)
    chip = layer.legend.chips[1]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert np.array_equal(layer.items[0].points, PLACES[LABELS == 1])
    assert [chip.isChecked() for chip in layer.legend.chips] == [False, True, False]
    view.show_snapshot(told())
    assert len(layer.items[0].points) == 2  # the next snapshot shows the same class
    QTest.keyClick(chip, Qt.Key.Key_Return)
    assert len(layer.items[0].points) == 8
    assert all(chip.isChecked() for chip in layer.legend.chips)


def test_each_class_has_its_colour_in_points_and_legend(view):
    layer = by_class(view)
    shown = view.grab().toImage()
    inks = {shown.pixelColor(x, y).name() for x in range(560) for y in range(60, 460)}
    for chip, hue in zip(layer.legend.chips, HUES[view.theme.name], strict=False):
        assert chip.dot == hue
        assert hue in inks


def test_a_click_names_the_class_of_the_sample_that_is_near(view):
    layer = by_class(view)
    assert layer.explain(*PLACES[1].tolist()) == "class lower"
    assert layer.explain(1.5, 1.5) == ""
    layer.legend.choose(2)
    assert layer.explain(*PLACES[1].tolist()) == ""


def test_another_scene_takes_the_legend_away(view):
    legend = by_class(view).legend
    view.set_scene(ring_scene())
    assert not legend.isVisible()
    view.set_scene(told_scene(class_names=tuple(map(str, range(70)))))
    assert len(by_class(view).legend.chips) == 64


def test_legend_stays_in_its_corner(view):
    view.resize(800, 600)
    legend, plot = by_class(view).legend, view.plot
    assert legend.geometry().right() <= plot.width()
    assert legend.geometry().right() > plot.width() - 20


@pytest.mark.parametrize("theme", THEMES)
def test_eight_hues_can_be_told_apart_by_everybody(theme):
    rgb = class_colours(THEMES[theme], 8)
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    reserved = [to_oklab(rgb_of(colour)) for colour in (THEMES[theme].data, THEMES[theme].model)]
    for blindness in BLINDNESS.values():
        seen = np.clip(linear @ np.array(blindness).T, 0, 1)
        lab = to_oklab(np.where(seen <= 0.0031308, 12.92 * seen, 1.055 * seen ** (1 / 2.4) - 0.055))
        assert min(np.linalg.norm(one - other) for one, other in combinations(lab, 2)) > 0.12
    assert min(np.linalg.norm(to_oklab(rgb) - other, axis=1).min() for other in reserved) > 0.12


def test_samples_of_no_class_have_a_colour_of_their_own():
    table = class_table(THEMES["dark"], 25)
    assert len(set(table.tolist())) == 26
    assert seen_classes(np.array([-1, 0, 1]), ALL).all()
    assert seen_classes(np.array([-1, 0, 1]), 1).tolist() == [False, False, True]


def way(frames=5):
    """Particles that go straight from a circle to their places."""
    angle = np.linspace(0, 6, len(LABELS))
    start = np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32)
    part = np.linspace(0, 1, frames, dtype=np.float32)[:, None, None]
    reverse = (1 - part) * start + part * PLACES
    return {
        "time": np.linspace(1, 0, frames, dtype=np.float32), "noise": np.linspace(5, 0, frames, dtype=np.float32),
        "number": np.arange(frames), "steps": np.array(frames - 1), "reverse": reverse, "forward": reverse,
        "rescaled": np.array(0), "label": LABELS, "hue": np.linspace(0, 0.9, len(LABELS), dtype=np.float32),
        "sampler": np.array("Euler"),
    }  # fmt: skip


def test_particles_on_their_way_are_coloured_alike_and_one_class_can_be_alone(make):
    view = make(ProcessView, size=(620, 560))
    view.set_scene(told_scene())
    view.set_shown("class", True)
    view.show_snapshot(snapshot({"process": way()}))
    layer = next(layer for layer in view.layers if layer.key == "class")
    orange = next(layer for layer in view.layers if layer.key == "particles")
    view.set_frame(4)
    assert layer.legend.isVisible()
    assert not orange.items[0].isVisible()
    assert np.allclose(layer.items[0].points, PLACES)
    layer.legend.choose(2)
    assert np.allclose(layer.items[0].points, PLACES[LABELS == 2])
    view.set_frame(0)
    assert np.allclose(layer.items[0].points, way()["reverse"][0][LABELS == 2])
    view.set_shown("particles", True)
    assert orange.items[0].isVisible()
    assert not layer.legend.isVisible()
