"""Layers: found from their files, each drawing what it is given and no more."""

import pkgutil
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize

import explorer.views
from explorer.views._arrows import segments, shorten
from explorer.views._base import discover, layers_for
from explorer.views._card import all_cards
from explorer.views._colour import diverging, even_alpha, from_oklab, look_up, rgb_of, to_oklab, wheel
from explorer.views._grid import Grid, mass_levels
from explorer.views._raster import Cloud, Sheet, stamp
from explorer.views._series import BLOCK, Series
from explorer.views.critic_field import colour_range, towards_the_ends
from explorer.views.modes import GRACE_STEPS, missing
from explorer.widgets.plot import number, ticks

from .handmade import BOUNDS, digits_scene, line_scene, plane, ring_means, ring_pictures, ring_scene, table_scene

pytestmark = pytest.mark.gui

PLANE = ("data", "data_density", "model", "model_density", "levels", "critic", "optimal", "ratio", "arrows", "grid")


def test_both_signs_of_a_lopsided_critic_are_seen():
    t = np.concatenate([np.linspace(-8, 0, 900), np.linspace(0, 0.5, 100)])[None]
    low, middle, high = colour_range(t)
    assert middle == 0
    assert low == pytest.approx(-8, rel=0.05)
    assert high == pytest.approx(8 / 6, rel=0.05)  # held above the noise
    ends = towards_the_ends(np.array([low, -4.0, 0.0, high / 2, high]), low, middle, high)
    np.testing.assert_allclose(ends, [-1, -4 / -low, 0, 0.5, 1])
    assert colour_range(np.full((3, 3), 2.0) + np.eye(3))[1] == 2.0  # one sign alone: about the median


MANY = {"latent_map", "process"}
"""Observations of which there is more to see than one file should hold."""


def test_every_layer_of_an_observation_lies_in_the_file_of_that_name():
    for cls in discover():
        if cls.observation and cls.observation not in MANY:
            assert cls.__module__.rsplit(".", 1)[-1] == cls.observation


def test_every_observation_of_the_contract_is_drawn():
    drawn = {cls.observation for cls in discover()} - {""}
    assert drawn == {
        "samples", "density", "critic_field", "gradient_arrows", "latent_warp", "latent_map", "jacobian", "modes",
        "images", "optimal_critic", "density_ratio", "level_lines", "encoded", "sample_likelihood", "components",
        "predictive", "reconstructions", "process", "denoising_field", "marginals", "nearest",
    }  # fmt: skip


def test_no_file_of_the_folder_is_forgotten():
    public = {m.name for m in pkgutil.iter_modules(explorer.views.__path__) if not m.name.startswith("_")}
    seen = {cls.__module__.rsplit(".", 1)[-1] for cls in discover()}
    seen |= {cls.__module__.rsplit(".", 1)[-1] for cls in all_cards()}
    assert public - seen == {"data_space", "latent_space", "mode_table", "curves"}


@pytest.mark.parametrize(
    ("scene", "keys"),
    [
        (
            ring_scene(),
            [*PLANE, "modes", "probe"],
        ),
        (
            line_scene(),
            ["data", "data_density", "model", "model_density_1d", "critic", "optimal", "ratio", "arrows", "probe"],
        ),
        (digits_scene(), ["data", "model", "nearest", "probe", "choice"]),
        (table_scene(), [*PLANE, "probe"]),
    ],
)
def test_kind_of_data_decides_the_layers(scene, keys):
    assert [cls.key for cls in layers_for(scene, "data")] == keys


def test_oklab_of_white_and_back():
    assert to_oklab(np.ones(3)) == pytest.approx([1, 0, 0], abs=1e-3)
    colours = np.random.default_rng(0).random((50, 3))
    assert from_oklab(to_oklab(colours)) == pytest.approx(colours, abs=1e-5)


@pytest.mark.parametrize("ground", ["#0e1115", "#ffffff"])
def test_density_ramp_is_even_to_the_eye(ground):
    alpha = even_alpha(ground, "#56b4e9", 0.85)[:, None]
    seen = to_oklab((1 - alpha) * rgb_of(ground) + alpha * rgb_of("#56b4e9"))
    steps = np.linalg.norm(np.diff(seen, axis=0), axis=1)
    assert steps.max() / steps.min() < 1.05


def test_hue_wheel_is_equally_light_all_round():
    lightness = to_oklab(wheel(64, 0.76))[:, 0]
    assert np.ptp(lightness) < 0.03


def test_diverging_map_has_nothing_in_the_middle_and_different_ends():
    table = diverging("#0e1115", "#966ed2", "#3eaa78")
    assert table[127] >> 24 == 0
    assert table[128] >> 24 == 0
    colours = look_up(table, np.array([-2.0, 0.0, 2.0, np.nan]), -2, 2)
    assert len(set(colours.tolist())) == 3
    assert colours[3] == 0


def dots(columns, rows, size, dot=2.2):
    """Ink on the whole sheet, its margin of one pixel included."""
    sheet = Sheet(QSize(size[1], size[0]), dot)
    inked, ink = sheet.splat(sheet.places(np.asarray(columns), np.asarray(rows)))
    whole = np.zeros(len(sheet.words), int)
    whole[inked] = ink
    return whole.reshape(size[0] + 2, size[1] + 2)


def test_splat_puts_each_dot_where_it_belongs_and_the_rest_over_the_edge():
    ink = dots([3, 7], [2, 0], (6, 8))
    assert ink[3, 4] == 5
    assert ink[1, 8] == 5
    assert ink.sum() == 2 * stamp(2.2).sum()


def test_splat_of_many_dots_in_one_place_saturates_and_does_not_wrap():
    ink = dots(np.full(10_000, 4), np.full(10_000, 4), (9, 9))
    assert 5 < ink[5, 5] == ink.max() <= 255


def test_sheet_is_clean_for_the_next_dots():
    sheet = Sheet(QSize(9, 9), 2.2)
    first = sheet.splat(sheet.places(np.array([4]), np.array([4])))
    again = sheet.splat(sheet.places(np.array([4]), np.array([4])))
    assert np.array_equal(first, again)


def test_points_that_are_not_numbers_or_far_away_are_not_drawn():
    cloud = Cloud()
    cloud.set_points(np.array([[0.5, 0.5], [np.nan, 0.5], [np.inf, 0.5], [0.5, -np.inf], [1e30, 0.0]], np.float32))
    seen, columns, rows = cloud.inside(QRectF(0, 0, 1, 1), QSize(10, 20))
    assert (seen.tolist(), columns.tolist(), rows.tolist()) == ([True] + [False] * 4, [5], [10])


def test_grid_of_nodes_gives_the_value_at_its_own_point():
    grid = Grid.of_nodes(np.arange(12.0).reshape(3, 4), (0, 0, 3, 2))
    assert grid.x.tolist() == [0, 1, 2, 3]
    assert grid.y.tolist() == [0, 1, 2]
    assert [grid.at(0, 0), grid.at(3, 2), grid.at(1.4, 0.6), grid.at(9, 0)] == [0, 11, 5, None]


def test_grid_of_cells_has_its_values_in_the_middles():
    assert Grid.of_cells(np.zeros((2, 4)), (0, 0, 4, 2)).x.tolist() == [0.5, 1.5, 2.5, 3.5]


def test_contour_of_a_cone_is_a_circle():
    grid = Grid.of_nodes(np.linalg.norm(plane(101), axis=-1), BOUNDS)
    x, y = grid.contours(np.array([1.0]))
    keep = np.isfinite(x)
    assert np.hypot(x[keep], y[keep]) == pytest.approx(1.0, abs=1e-3)


def test_mass_level_of_a_gaussian_is_that_of_its_ellipse():
    points = plane(301, (-5, -5, 5, 5))
    density = np.exp(-0.5 * (points**2).sum(-1))
    # The disc of radius r holds 1 − exp(−r²/2), so the level of 95 % is 5 % of the peak.
    assert mass_levels(density, (0.95,)) == pytest.approx([0.05], rel=0.02)


def test_arrow_lengths_keep_their_proportion_up_to_the_longest():
    vectors = np.array([[1.0, 0.0]] * 5 + [[2.0, 0.0]] * 90 + [[50.0, 0.0]] * 3)
    lengths = np.linalg.norm(shorten(vectors, 0.1), axis=1)
    assert lengths[-1] == pytest.approx(0.1)
    assert lengths[5] / lengths[0] == pytest.approx(2)


def test_arrow_is_a_shaft_from_tail_to_tip_and_two_strokes():
    x, y = segments(np.array([[1.0, 2.0]]), np.array([[3.0, 0.0]]))
    assert (x[:2].tolist(), y[:2].tolist()) == ([1, 4], [2, 2])
    assert len(x) == 6
    assert y[3] == pytest.approx(2 - (y[5] - 2))


def test_nothing_is_missing_before_anything_could_be_found():
    mass, target = np.array([0.5, 0.01, 0.0]), np.full(3, 1 / 3)
    assert not missing(mass, target, GRACE_STEPS - 1).any()
    assert missing(mass, target, GRACE_STEPS).tolist() == [False, True, True]


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    [(-1.0, 1.0, ["−1.0", "−0.5", "0", "0.5", "1.0"]), (0, 0.004, ["0", "0.001", "0.002", "0.003", "0.004"])],
)
def test_ticks_are_round_numbers_with_a_true_minus(low, high, labels):
    assert [label for _, label in ticks(low, high, 500)] == labels


def test_number_of_a_huge_tick_is_short():
    assert number(3e9, 1e9) == "3e+09"


def series(n):
    values = np.random.default_rng(0).standard_normal((n, 2))
    made = Series(("a", "b"))
    for start in range(0, n, 777):
        made.add(np.arange(start, min(start + 777, n)), values[start : start + 777])
    return made, values


def test_series_keeps_every_row():
    made, values = series(5000)
    assert np.array_equal(made.column("b"), values[:, 1])
    assert made.steps.tolist() == list(range(5000))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("n", [3000, 20 * BLOCK, 200_001])
def test_thinned_series_loses_no_spike(n, log):
    _, values = series(n)
    spike = Series(("a",))
    with_spike = values[:, 0].copy()
    with_spike[n // 3] = 99.0
    spike.add(np.arange(n), with_spike[:, None])
    drawn = spike.thinned("a", 0, n, 300, log=log)
    assert drawn.is_thinned
    assert drawn.greatest.max() == 99.0
    assert drawn.least.min() == with_spike.min()
    assert len(drawn.steps) <= 301


def test_thinned_mean_is_the_mean_of_the_steps():
    made, values = series(64 * BLOCK)
    drawn = made.thinned("a", 0, 64 * BLOCK, 64)
    counts = np.diff([*drawn.steps, 64 * BLOCK])
    assert (drawn.mean * counts).sum() == pytest.approx(values[:, 0].sum())


def test_short_series_is_drawn_as_it_is():
    made, values = series(100)
    drawn = made.thinned("a", 0, 100, 300)
    assert not drawn.is_thinned
    assert np.array_equal(drawn.mean, values[:, 0])


def test_cut_series_goes_on_with_other_numbers():
    made, values = series(2000)
    made.cut_after(999)
    made.add(np.arange(1000, 2000), np.full((1000, 2), 7.0))
    assert np.array_equal(made.column("a")[:1000], values[:1000, 0])
    assert made.thinned("a", 0, 2000, 20).greatest[-5:].tolist() == [7.0] * 5


def test_handmade_pictures_have_the_shapes_of_the_contract():
    pictures = ring_pictures()
    assert pictures["samples"]["x"].shape == (10_000, 2)
    assert pictures["latent_warp"]["lines"].shape == (30, 81, 2)
    assert ring_means().shape == (8, 2)


def test_arrows_of_a_gradient_that_explodes_stay_finite():
    vectors = shorten(np.array([[1e30, 1e30], [3.0, 4.0], [np.inf, 0.0]], np.float32), 1.0)
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors, axis=1).max() <= 1.0 + 1e-6


@pytest.mark.parametrize("shown", [ring_scene, line_scene])
def test_no_layer_speaks_of_a_critic_where_there_is_none(shown):
    words = {"critic", "T*"}
    with_critic, alone = (
        {cls.title for cls in layers_for(replace(shown(), critic_parameters=count), "data")} for count in (17, 0)
    )
    assert words <= with_critic
    assert not words & alone
    assert with_critic - alone == words
