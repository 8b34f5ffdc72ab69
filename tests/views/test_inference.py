"""The inference card and the reconstructions, on hand-made arrays."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from explorer.views._card import all_cards
from explorer.views._gap_bar import Split, signed
from explorer.views.data_space import DataSpaceView
from explorer.views.inference import OBSERVATION, InferenceView
from explorer.views.reconstructions import HEAD_MOST, strokes
from explorer.widgets.theme import DARK, LIGHT, PRESENTER_SCALE
from tests.views import handmade

OFFERS = frozenset({"sample", "push", "encode", "posterior", "bound"})


def scene(base=None, **changes):
    base = base or handmade.ring_scene()
    known = {name: getattr(base, name) for name in base.__slots__}
    return handmade.scene(**(known | {"offers": OFFERS} | changes))


def answer(k=2, exact=True, seed=0):
    chance = np.random.default_rng(seed)
    mean, std = chance.normal(size=k).astype(np.float32), np.full(k, 0.3, np.float32)
    line = np.linspace(-3, 3, 64)
    squared = (line[None] - mean[0]) ** 2 + (line[:, None] - (mean[1] if k > 1 else 0)) ** 2
    density = {1: np.exp(-0.5 * (np.linspace(-3, 3, 1024) - mean[0]) ** 2 / 0.09), 2: np.exp(-squared)}
    return {
        "mean": mean, "std": std, "best_mean": mean + 0.2, "best_std": 1.2 * std,
        "density": density.get(k, np.zeros(0)).astype(np.float32), "prior": (0.1 * density.get(k, np.zeros(0))),
        "extent": np.array(3.0), "exact": np.array(int(exact)), "elbo": np.array(-2.5),
        "best_elbo": np.array(-2.2), "log_prob": np.array(-2.1), "reconstruction": np.zeros(2, np.float32),
    }  # fmt: skip


def terms(k=4, exact=True):
    rate = np.linspace(2.0, 0.0, k, dtype=np.float32)
    return {
        "elbo": np.array(-2.5), "best_elbo": np.array(-2.4), "log_prob": np.array(-2.1), "exact": np.array(int(exact)),
        "reconstruction": np.array(1.5), "total_rate": np.array(4.0), "information": np.array(2.25), "rate": rate,
        "activity": rate / 2, "used": (rate > 0.1).astype(np.int64), "by_rate": np.array(1),
        "points": np.array([256, 24]),
    }  # fmt: skip


def snapshot(step=100, **pictures):
    return handmade.snapshot({OBSERVATION: terms(), **pictures}, step=step)


@pytest.fixture
def card(make):
    """A card that answers its own questions; what was asked is listed."""

    def made(where=None, size=(430, 420), theme=DARK, k=2, exact=True):
        view = make(InferenceView, size=size, theme=theme)
        view.questions = []

        def reply(question, arrays):
            view.questions.append((question, arrays["x"].copy()))
            view.show_answer(question, {**arrays, **answer(k, exact)})

        view.asked.connect(reply)
        view.set_scene(where or scene())
        return view

    return made


def test_it_fits_models_that_infer_and_stands_beside_latent_space():
    assert InferenceView in all_cards()
    assert InferenceView.beside == "latent"
    assert InferenceView.fits(scene())
    assert not InferenceView.fits(handmade.ring_scene())


def test_with_no_point_yet_it_says_what_to_do(card):
    view = card()
    assert "Point at the data space" in view.plot.hint.text
    assert view.gaps.split is None
    assert "press “next x”" in view.plot.hint.text


def test_the_first_picture_asks_about_the_first_real_sample(card):
    view = card()
    view.show_snapshot(snapshot())
    ((question, x),) = view.questions
    assert question == "posterior"
    np.testing.assert_array_equal(x, view.scene.real[:1])
    assert view.plot.hint.text == ""


def test_pointing_asks_about_that_place_and_shows_it(card):
    view = card()
    view.point(0.25, -0.5)
    np.testing.assert_array_equal(view.questions[-1][1], np.array([[0.25, -0.5]], np.float32))
    assert view.header.subtitle == "x = (0.25, −0.50)"
    assert view.gaps.split == Split(-2.5, -2.2, -2.1, exact=True)
    amortised, best = view.plot.belief(""), view.plot.belief("best_")
    np.testing.assert_allclose(best.mean - amortised.mean, 0.2, atol=1e-6)
    ring = best.ellipse(2.0)
    np.testing.assert_allclose(np.linalg.norm((ring - best.mean) / best.std, axis=1), 2.0, rtol=1e-6)


def test_of_many_coordinates_the_nearest_shown_sample_is_meant(card):
    view = card(scene(handmade.table_scene()), k=4, exact=False)
    x = view.scene.real[17]
    view.point(float(x[0]) + 1e-4, float(x[1]))
    np.testing.assert_array_equal(view.questions[-1][1][0], x)
    assert view.header.subtitle == "real sample 18"


def test_next_x_goes_through_the_real_samples(card, qtbot):
    view = card(scene(handmade.digits_scene()), k=8, exact=False)
    view.point(3.0, 3.0)  # a place among pictures is no sample
    assert view.questions == []
    for _ in range(2):
        qtbot.mouseClick(view.chips["next"], Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(view.questions[-1][1][0], view.scene.real[1])
    assert view.header.subtitle == "real sample 2"


def test_training_on_asks_again_but_not_for_every_picture(card, qtbot):
    view = card()
    view.show_snapshot(snapshot(step=1))
    for step in (2, 3, 4):
        view.show_snapshot(snapshot(step=step))
    assert len(view.questions) == 1
    qtbot.waitUntil(lambda: len(view.questions) == 2, timeout=2_000)
    np.testing.assert_array_equal(view.questions[0][1], view.questions[1][1])


def test_the_bar_splits_log_p_to_scale(card):
    view = card()
    view.point(0.0, 0.0)
    foot, amortisation, approximation = view.gaps.parts()
    assert amortisation.width() / approximation.width() == pytest.approx(3.0, rel=1e-6)
    assert foot.right() == amortisation.left()
    assert amortisation.right() == approximation.left()
    assert view.gaps.reach() >= 0.4
    assert view.gaps.toolTip() == (
        "log p(x) −2.10 = ELBO −2.50 + amortisation gap 0.30 + approximation gap 0.10 nats"
    )  # fmt: skip


def test_a_low_card_leaves_room_for_the_plot(card):
    low, high = card(size=(322, 268)), card(size=(430, 420))
    assert low.gaps.is_brief
    assert not high.gaps.is_brief
    assert low.gaps.sizeHint().height() < high.gaps.sizeHint().height()
    assert low.plot.height() > 0.4 * low.height()


def test_a_projector_s_letters_leave_the_gaps_no_room_in_a_short_card(card):
    view = card(size=(430, 272))
    assert view.gaps.isVisible()
    least = view.minimumSizeHint().height()
    view.set_theme(DARK, PRESENTER_SCALE)
    view.resize(430, 273)
    assert not view.gaps.isVisible()
    view.resize(430, 420)
    assert view.gaps.isVisible()
    assert least < 272


def test_without_a_grid_the_bar_speaks_of_a_bound_and_there_is_no_map(card):
    view = card(k=6, exact=False)
    view.point(0.0, 0.0)
    assert view.gaps.split.whole == "importance bound"
    assert "at least" in view.gaps.toolTip()
    assert view.plot.grid is None
    assert [text for text, _, _ in view.plot.legend.entries] == ["amortised q", "optimised q", "N(0, I)"]
    mean, std = answer(6)["mean"], answer(6)["std"]
    rate = 0.5 * (mean**2 + std**2 - 1) - np.log(std)
    assert set(view.plot.pair) == set(np.argsort(-rate)[:2].tolist())


def test_one_latent_dimension_is_drawn_as_curves(card):
    view = card(scene(handmade.line_scene()), k=1)
    view.point(0.7, 99.0)
    assert view.questions[-1][1].tolist() == [[np.float32(0.7)]]
    z, density = view.plot.curve.getData()
    assert z[np.argmax(density)] == pytest.approx(float(answer(1)["mean"][0]), abs=0.01)
    assert view.plot.names() == ("z", "density, 1/unit")
    assert view.header.subtitle == "x = 0.70"


def test_a_click_on_the_plot_tells_the_densities_there(card):
    view = card()
    view.point(0.0, 0.0)
    mean, std = answer()["mean"], answer()["std"]
    view.plot.clicked.emit(float(mean[0]), float(mean[1]))
    text = view.plot.readout.text()
    assert f"q(z|x) = {1 / (2 * np.pi * std[0] * std[1]):.3g}" in text
    assert "p(z|x) = " in text


def test_the_terms_are_in_words_and_bars(card):
    view = card()
    view.chips["terms"].click()
    assert view.needs() == {OBSERVATION}
    view.show_snapshot(snapshot())
    rates = view.rates
    assert rates.words[0] == "ELBO −2.50 = reconstruction 1.50 − rate 4.00 nats"
    assert rates.caption[0] == "rate of each, mean of 256 points · I(x; z) = 2.25 nats"
    assert view.header.subtitle == "3 of 4 dimensions in use (Var[μ] > .01, rate > .05)"
    heights = [rates.bar(place).height() for place in range(4)]
    assert heights == sorted(heights, reverse=True)
    assert heights[1] / heights[0] == pytest.approx(2 / 3, rel=1e-5)
    assert rates.say(3) == "z₄: rate 0.000 nats, Var[μ] 0.000, not in use"
    assert view.mean_gaps.split == Split(-2.5, -2.4, -2.1, exact=True)


def test_a_new_run_forgets_what_was_inferred_but_not_the_point(card):
    view = card()
    view.point(0.5, 0.5)
    view.clear()
    assert view.answer is None
    assert view.plot.arrays is None
    view.show_snapshot(snapshot(step=3))
    view._ask_again()
    assert view.questions[-1][1].tolist() == [[0.5, 0.5]]
    view.set_scene(scene())
    assert view.datum is None


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("k", [1, 2, 6])
def test_both_pages_look_their_part_in_both_themes(card, theme, k):
    """The model's orange is on the map and on the bars, the colours of both gaps are on the bar."""
    view = card(k=k, exact=k < 3, theme=theme)
    view.point(0.1, 0.2)
    view.show_snapshot(snapshot())
    colours = pixels(view)
    assert {theme.critic_low, theme.critic_high} <= colours
    view.show_page("terms")
    assert theme.model in pixels(view)


def pixels(view):
    picture = view.grab().toImage()
    return {picture.pixelColor(x, y).name() for x in range(0, picture.width(), 2) for y in range(picture.height())}


def test_numbers_have_the_digits_that_matter():
    assert [signed(value) for value in (-1234.5, -123.45, 1.234, 0.0456, -0.00001)] == [
        "−1234", "−123.5", "1.23", "0.046", "0.000",
    ]  # fmt: skip


def test_arrows_lead_from_x_to_its_reconstruction(make):
    tails, tips = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 1.02]])
    x, y = strokes(tails, tips, 0.1)
    points = np.stack([x, y], 1).reshape(2, 3, 2, 2)
    np.testing.assert_allclose(points[:, 0], np.stack([tails, tips], 1))
    barbs = points[:, 1:, 1] - points[:, 1:, 0]
    assert (np.linalg.norm(barbs, axis=-1)[0] > 0.1).all()  # a long arrow has the largest head
    assert (np.linalg.norm(barbs, axis=-1)[1] < 0.02).all()  # a short one no head longer than itself
    view = make(DataSpaceView, scene=scene())
    layers = {layer.key: layer for layer in view.layers}
    assert not view.is_shown("reconstructions")
    view.chips["reconstructions"].click()
    assert "reconstructions" in view.needs()
    view.show_snapshot(handmade.snapshot({"reconstructions": {"x": tails, "back": tips}}))
    assert layers["reconstructions"].items[0].isVisible()
    assert layers["reconstructions"]._most == pytest.approx(HEAD_MOST * 3.4)
    assert "reconstructions" not in make(DataSpaceView, scene=handmade.ring_scene()).chips


def test_reconstructed_pictures_take_the_place_of_the_generated(make):
    view = make(DataSpaceView, size=(700, 600), scene=scene(handmade.digits_scene()))
    back, picked = np.full((64, 64), 0.5, np.float32), []
    view.picked.connect(lambda *choice: picked.append(choice))
    view.chips["nearest"].click()
    view.chips["reconstructed_images"].click()
    assert not view.chips["nearest"].isChecked(), "the nearest are those of the generated"
    view.show_snapshot(
        handmade.snapshot({**handmade.digits_pictures(), "reconstructions": {"x": back, "back": back}})
    )  # fmt: skip
    above = {layer.key: layer for layer in view.layers}["reconstructed_images"]
    below = {layer.key: layer for layer in view.layers}["model"]
    assert above._mosaic.isVisible()
    assert (above.pane, below._mosaic.isVisible()) == (below.pane, False)
    assert above._mosaic.sheet[..., 0].max() == 128  # half way from black to white
    left, top, wide, tall = view._grid.place(1, 3)
    view.plot.clicked.emit(left + wide / 2, top - tall / 2)
    assert picked == [(True, 3)]
    view.show_choice(picked[0])
    assert {layer.key: layer for layer in view.layers}["choice"]._frames.chosen == ((0, 3), (1, 3))
    view.show_choice((False, 3))
    assert {layer.key: layer for layer in view.layers}["choice"]._frames.chosen == ()
    view.chips["nearest"].click()
    assert not view.chips["reconstructed_images"].isChecked()


def test_before_an_answer_nothing_is_named_that_belongs_to_another_run(card, qtbot):
    view = card(k=4)
    view.point(0.5, -0.25)
    assert view.plot.axes.isVisible()
    view.clear()
    assert not view.plot.axes.isVisible()
    view.show_page("terms")
    assert "appear here" in view.rates.accessibleDescription()
    view.grab()


def test_an_answer_of_an_earlier_step_is_late(card):
    view = card()
    assert not view.is_late
    view.show_snapshot(snapshot(100))
    assert not view.is_late
    view.show_snapshot(snapshot(200))
    assert view.is_late
    view.show_answer("posterior", {"x": view.datum, **answer()})
    assert not view.is_late


def test_the_point_is_marked_in_data_space_while_it_is_told_of(card, make):
    view, space = card(), make(DataSpaceView, scene=scene())
    view.marked.connect(space.show_datum)
    (mark,) = (item for layer in space.layers if layer.key == "datum" for item in layer.items)
    assert not mark.isVisible()
    view.point(0.5, -0.25)
    assert mark.isVisible()
    assert (mark.at.x(), mark.at.y(), mark.text) == (0.5, -0.25, "x")
    view.show_page("terms")
    assert not mark.isVisible()
    view.show_page("posterior")
    assert mark.isVisible()
    view.set_front(False)
    assert not mark.isVisible()
    view.set_front(True)
    assert mark.isVisible()
    view.clear()
    assert not mark.isVisible()


def test_a_picture_stands_below_the_real_ones_beside_what_is_decoded(make):
    digits = scene(handmade.digits_scene())
    space = make(DataSpaceView, scene=digits)
    x, back = digits.real[3:4], digits.real[5]
    space.show_datum({"x": x, "reconstruction": back})
    (layer,) = (layer for layer in space.layers if layer.key == "datum")
    assert [item.isVisible() for item in layer.items] == [True] * 3
    for item, expected in zip(layer.items, (x[0], back), strict=False):
        assert np.array_equal(item.image[::-1, :, 0].ravel(), (255 * expected).round())
