"""The card of guidance: curves against w with a cursor, what it reads out, and when it has nothing to show."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from explorer.views._guidance_picture import PARTS, spread_apart
from explorer.views._painted_card import COMING
from explorer.views.guidance import KEY, GuidanceCard, subtitle
from explorer.widgets.theme import THEMES

from .handmade import ring_scene, scene, snapshot

pytestmark = [pytest.mark.gui, pytest.mark.qt_log_ignore("propagateSizeHints")]

WEIGHTS = np.array([0, 0.5, 1, 2, 3, 4], np.float32)
TOLD = frozenset({"sample", "process", "classes"})


def found(now=3.0, exact=True):
    values = {
        "coverage": 0.97 / (1 + WEIGHTS), "recall": 0.95 / (1 + 2 * WEIGHTS),
        "precision": 0.95 + 0.01 * WEIGHTS, "density": 1 + 0.05 * WEIGHTS, "certainty": 0.98 - 0.1 / (1 + WEIGHTS),
    }  # fmt: skip
    exactly = {f"{key} exact": value * 0.9 for key, value in values.items()} if exact else {}
    floors = {f"{key} floor": np.array([0.96, 0.93, 0.98]) for key in values}
    return {**values, **exactly, **floors, "weight": WEIGHTS, "now": np.array(now), "n": np.array(200)}


@pytest.fixture
def card(make):
    view = make(GuidanceCard, size=(420, 300), scene=scene(offers=TOLD))
    view.show_snapshot(snapshot({KEY: found()}))
    return view


def inks(view):
    shown = view.grab().toImage()
    return {shown.pixelColor(x, y).name() for x in range(view.width()) for y in range(40, view.height())}


def test_card_is_there_for_models_that_know_classes():
    assert GuidanceCard.fits(scene(offers=TOLD))
    assert not GuidanceCard.fits(scene(offers=TOLD - {"process"}))  # a generator that is told classes is not guided
    assert not GuidanceCard.fits(ring_scene())


def test_subtitle_says_what_the_present_weight_gives():
    assert subtitle(found())[0] == "w = 3: coverage 0.24, certainty 0.96 (fresh data 0.96, 0.96) · n = 200"
    lost = {**found(), "coverage": np.full(6, np.nan)}
    assert subtitle(lost)[-1] == "w = 3: coverage –, certainty 0.96"


def test_cursor_stands_at_the_present_weight(card):
    picture = card.picture
    (box, _), shown = picture.boxes(), picture.grab().toImage()
    across = picture.across(box)

    def brightest(x: int) -> int:
        rows = range(int(box.bottom()) - 14, int(box.bottom()))  # below all curves, and left of the cursor's word
        return max(shown.pixelColor(x, y).lightness() for y in rows)

    at = round(across(3.0))
    beside = max(brightest(x) for x in range(round(across(1.2)), at - 4))
    assert max(brightest(x) for x in (at - 1, at)) > beside + 20


def test_moving_the_weight_moves_the_cursor_and_the_words(card):
    before = card.picture.grab().toImage()
    card.show_snapshot(snapshot({KEY: found(now=0.5)}))
    assert card.picture.grab().toImage() != before
    assert card.header.subtitle.startswith("w = 0.5: coverage 0.65")


def test_tool_tip_reads_every_number_of_the_weight_that_is_near(card):
    across = card.picture.across(card.picture.boxes()[0])
    lines = card.picture.words_at(QPointF(across(1.0) + 2, 0)).splitlines()
    assert lines[0] == "w = 1, n = 200"
    assert lines[1] == "coverage 0.485 (exact field 0.437, fresh data 0.960)"
    assert [line.split()[0] for line in lines[1:]] == ["coverage", "recall", "certainty", "precision", "density"]
    card.show_snapshot(snapshot({KEY: found(exact=False)}))
    assert card.picture.words_at(QPointF(across(1.0), 0)).splitlines()[1] == "coverage 0.485 (fresh data 0.960)"


def test_values_lie_where_the_axes_say(card):
    picture = card.picture
    for part, box in zip(PARTS, picture.boxes(), strict=True):
        low, high = picture.span(part)
        up = picture.up(part, box)
        assert (up(low), up(high)) == pytest.approx((box.bottom(), box.top()))
        for key in (*part.keys, f"{part.main} exact"):
            for weight, value in zip(WEIGHTS, found()[key], strict=True):
                place = QPointF(picture.across(box)(float(weight)), up(float(value)))
                assert box.adjusted(-1, -1, 1, 1).contains(place)
    assert picture.span(PARTS[0])[0] == 0.0  # a share that falls is seen from 0


@pytest.mark.parametrize("theme", THEMES)
def test_reach_is_blue_and_nearness_orange_in_both_themes(make, theme):
    view = make(GuidanceCard, size=(420, 300), theme=THEMES[theme], scene=scene(offers=TOLD))
    view.show_snapshot(snapshot({KEY: found()}))
    assert {view.theme.data, view.theme.model, view.theme.floor} <= inks(view)


def test_samples_that_are_not_finite_leave_gaps(make):
    view = make(GuidanceCard, size=(420, 300), scene=scene(offers=TOLD))
    arrays = found()
    for key in ("coverage", "recall", "precision", "density", "certainty"):
        arrays[key] = np.full(6, np.nan)
    view.show_snapshot(snapshot({KEY: arrays}))
    assert view.theme.floor in inks(view)


def test_card_says_why_there_is_nothing_to_see(make):
    view = make(GuidanceCard, size=(420, 300), scene=scene(offers=TOLD))
    view.show_snapshot(snapshot({}, missing={KEY: "Nothing to guide to."}))
    assert (view.picture.message, view.picture.arrays) == ("Nothing to guide to.", None)
    view.show_snapshot(snapshot({}))  # of a card that was behind another: its picture comes later
    assert (view.picture.message, view.picture.arrays) == (COMING, None)
    view.show_snapshot(snapshot({KEY: found()}))
    view.clear()
    assert (view.header.subtitle, view.picture.words_at(QPointF(100, 0))) == ("", "")


def test_names_of_lines_do_not_touch():
    assert spread_apart([10, 50, 90], 12, 0, 100) == [10, 50, 90]
    for places in ([10, 10, 11], [95, 96, 99], [0, 0, 0], [40, 44, 90]):
        made = spread_apart([float(place) for place in places], 12, 0, 100)
        assert made[0] >= 5.9
        assert made[-1] <= 100
        assert all(second - first >= 12 for first, second in pairwise(made))


def test_key_of_the_exact_lines_does_not_touch_the_caption_in_a_narrow_card(make):
    view = make(GuidanceCard, size=(322, 200), scene=scene(offers=TOLD))
    written = {}
    for exact in (True, False):
        view.show_snapshot(snapshot({KEY: found(exact=exact)}))
        shown = view.picture.grab().toImage()
        top = int(view.picture.boxes()[0].top())
        rows = range(max(0, top - 14), top - 4)
        ground = shown.pixelColor(view.width() // 2, 0).name()
        written[exact] = {x for x in range(shown.width()) if any(shown.pixelColor(x, y).name() != ground for y in rows)}
    caption, key = written[False], written[True] - written[False]
    assert caption
    assert key
    assert min(key) > max(caption) + 4
