"""The density of noised data: its own scale at each time, its legend, and what a click says."""

import numpy as np
import pytest
from PySide6.QtGui import QFontMetricsF

from explorer.views.process import ProcessView
from explorer.widgets.plot import plot_font
from explorer.widgets.theme import DARK, LIGHT, SMALL_PX

from .handmade import snapshot
from .way import SPREAD, marginals, process, way_scene

pytestmark = pytest.mark.gui


def shown(make, d=2, theme=DARK):
    view = make(ProcessView, scene=way_scene(d), theme=theme)
    view.show_snapshot(snapshot({"process": process(d), "marginals": marginals(d)}))
    (layer,) = (layer for layer in view.layers if layer.key == "marginal")
    return view, layer


def test_each_time_has_its_own_density_and_scale(make):
    view, layer = shown(make)
    for frame, s in enumerate(SPREAD):
        view.set_frame(frame)
        top = 1 / (2 * np.pi * s**2)
        assert layer._grid.values.max() == pytest.approx(top, rel=0.05)
        assert float(layer._bar.labels[2]) == pytest.approx(top, rel=0.05)
        sign, value = layer.explain(0.02, 0.02).removeprefix("pₜ(x) ").split()
        assert sign == ("≈" if frame == 2 else "=")
        assert float(value) == pytest.approx(top, rel=0.05)
    assert layer.explain(9.0, 0.0) == ""


def test_a_frame_that_is_not_seen_is_drawn_when_it_comes_back(make):
    view, layer = shown(make)
    view.chips["marginal"].click()
    assert not layer._field.isVisible()
    view.set_frame(2)
    view.chips["marginal"].click()
    assert layer._field.isVisible()
    assert layer._grid.values.max() == pytest.approx(1 / (2 * np.pi * SPREAD[2] ** 2), rel=0.05)


def test_of_numbers_all_times_stand_beside_one_another(make):
    view, layer = shown(make, d=1)
    assert layer._grid.values.shape == (40, 3)
    for frame, s in enumerate(SPREAD):
        _, sign, value = layer.explain(frame / 2, 0.02).split()
        assert sign == ("≈" if frame == 2 else "=")
        assert float(value) == pytest.approx(1 / np.sqrt(2 * np.pi) / s, rel=0.05)
    before = layer._grid
    view.set_frame(1)
    assert layer._grid is before


def test_the_other_theme_has_other_colours(make):
    view, layer = shown(make)
    dark = layer._field._image
    view.set_theme(LIGHT)
    assert layer._field._image != dark


@pytest.mark.parametrize("high", [0.61, 0.0353, 1.2e-5])
def test_the_name_on_the_legend_touches_neither_number(make, high):
    _, layer = shown(make)
    bar = layer._bar
    bar.set_scale(np.zeros(256, np.uint32), "pₜ, 1/unit²", 0.0, high)
    metrics = QFontMetricsF(plot_font(SMALL_PX, bar.factor))
    name, width = bar._take_width(metrics)
    low, _, top = (metrics.horizontalAdvance(label) for label in bar.labels)
    assert (width - metrics.horizontalAdvance(name)) / 2 - max(low, top) > 6
    bar.set_scale(np.zeros(256, np.uint32), "pₜ, 1/unit²", 0.0, 1.0)
    assert bar._take_width(metrics)[1] == width, "and does not tremble"


@pytest.mark.parametrize(("width", "name"), [(900.0, "pₜ, 1/unit²"), (280.0, "pₜ")])
def test_in_a_narrow_plot_the_legend_leaves_the_unit_out(make, monkeypatch, width, name):
    _, layer = shown(make)
    monkeypatch.setattr(layer._bar.box, "width", lambda: width)
    assert layer._bar._take_width(QFontMetricsF(plot_font(SMALL_PX)))[0] == name
