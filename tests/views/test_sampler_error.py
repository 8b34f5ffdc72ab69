"""The card of the two errors: bars with their numbers, the floor's band, curves over t, a verdict, and empty states."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from explorer.views._error_picture import bars_of, decades, longest, power_of_ten, said
from explorer.views.sampler_error import KEY, SamplerErrorCard, verdict
from explorer.widgets.theme import LIGHT

from .handmade import ring_scene, scene, snapshot

pytestmark = [pytest.mark.gui]

SIZE = (440, 320)


def arrays(model=0.3, exact=0.1, memorised=np.nan, velocity=0, by_heart=0):
    time = np.linspace(0, 1, 25, dtype=np.float32)
    return {
        "model": np.float32(model), "exact": np.float32(exact), "memorised": np.float32(memorised),
        "floor_low": np.float32(0.04), "floor": np.float32(0.05), "floor_high": np.float32(0.06),
        "points": np.array(2000), "sampler": np.array("Ancestral (DDPM)"), "passes": np.array(50),
        "velocity": np.array(velocity), "by_heart": np.array(by_heart), "time": time,
        "learning": (0.1 * (1 - time) + 1e-3).astype(np.float32), "unknown": (1 - time).astype(np.float32),
    }  # fmt: skip


def test_card_fits_models_with_a_way_from_noise_to_data():
    assert SamplerErrorCard.fits(scene(offers=frozenset({"sample", "process"})))
    assert not SamplerErrorCard.fits(ring_scene())


def test_verdict_names_the_larger_part():
    assert verdict(arrays(model=0.055))[-2] == "as near as fresh data"
    assert verdict(arrays(model=0.3, exact=0.1))[0] == "mostly not learnt: 0.200 of 0.250 · Ancestral (DDPM), 50 passes"
    assert verdict(arrays(model=0.3, exact=0.25))[0].startswith("mostly the sampler's: 0.200 of 0.250")
    assert verdict(arrays(model=0.3, exact=0.06))[-2] == "mostly not learnt"
    by_heart = arrays(model=0.3, exact=np.nan, memorised=0.28, by_heart=1)
    assert verdict(by_heart)[-2] == "mostly the sampler's"


def test_bars_are_those_that_there_are_and_a_model_far_off_leaves_room_for_them():
    assert [bar.name[1] for bar in bars_of(arrays())] == ["model", "exact field", "fresh data"]
    assert [bar.name[1] for bar in bars_of(arrays(exact=np.nan, memorised=0.2))] == ["model", "by heart", "fresh data"]
    assert longest(arrays(model=0.3)) == pytest.approx(0.3)
    assert longest(arrays(model=300.0)) == pytest.approx(0.6)


def test_card_draws_bars_as_long_as_their_numbers_and_reads_them_out(make):
    view = make(SamplerErrorCard, size=SIZE, theme=LIGHT)
    assert view.needs() == {KEY}
    view.show_snapshot(snapshot({KEY: arrays()}))
    shown, above = view.picture.grab().toImage(), view.picture.boxes()[0]
    counts = []
    for row, ink in enumerate((view.theme.model, view.theme.data, view.theme.floor)):
        y = round(above.top() + (row + 0.5) * above.height() / 3)
        counts.append(sum(shown.pixelColor(x, y).name() == ink for x in range(shown.width())))
    assert counts[0] / counts[1] == pytest.approx(3, rel=0.06)
    assert counts[1] / counts[2] == pytest.approx(2, rel=0.1)
    told = view.picture.words_at(QPointF(above.left() + 5, above.center().y()))
    assert told.startswith("0.100 data units\nThe same noise")
    below = view.picture.boxes()[1]
    assert view.picture.words_at(below.center()) == "t = 0.50\nnot learnt 0.0510\nunknowable 0.500"
    assert "the exact field, same sampler 0.100 data units" in view.picture.accessibleDescription()


@pytest.mark.parametrize("size", [(440, 320), (440, 180), (300, 240), (700, 420)])
def test_parts_keep_apart_at_any_size(make, size):
    view = make(SamplerErrorCard, size=size)
    view.show_snapshot(snapshot({KEY: arrays(memorised=0.2)}))
    above, below = view.picture.boxes()
    assert not above.intersects(below)
    assert min(above.width(), above.height(), below.width(), below.height()) > 25
    assert view.picture.rect().toRectF().contains(above.united(below))
    view.picture.grab()


def test_card_says_why_there_is_nothing_to_see(make):
    view = make(SamplerErrorCard, size=SIZE)
    view.show_snapshot(snapshot({}, missing={KEY: "No closed form."}))
    assert (view.picture.message, view.picture.arrays) == ("No closed form.", None)
    assert view.picture.words_at(QPointF(30, 60)) == ""
    view.show_snapshot(snapshot({KEY: arrays(model=np.nan)}))
    assert "not finite" in view.picture.message
    view.show_snapshot(snapshot({KEY: arrays()}))
    assert view.picture.arrays is not None
    view.set_scene(scene(offers=frozenset({"process"})))
    assert view.picture.arrays is None


def test_axis_holds_the_errors_and_labels_are_short():
    low, high = decades(arrays())
    assert (low, high) == (-3, 0)
    assert [power_of_ten(power) for power in (-3, -1, 0, 1)] == ["10⁻³", "0.1", "1", "10"]
    assert [said(value) for value in (0.0, 0.04567, 12.3, 315.4, 2e5)] == ["0", "0.0457", "12.3", "315", "2.0e+05"]
