"""The card of what the critic takes for data: order, values, saliency, and what fits."""

import numpy as np
import pytest

from explorer.views.critic_ranking import CriticRankingCard
from explorer.widgets.theme import LIGHT

from . import handmade


def arrays(threshold=0.0):
    made = {"threshold": np.array(threshold, np.float32)}
    for shift, name in enumerate(("real", "fake")):
        levels = np.linspace(1, 0, 20, dtype=np.float32)
        made[name] = np.repeat(levels[:, None], 64, 1)
        made[name + "_t"] = np.linspace(2, -2, 20, dtype=np.float32) - shift
        made[name + "_all"] = np.linspace(2, -2, 256, dtype=np.float32) - shift
        made[name + "_saliency"] = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (20, 1))
    return made


@pytest.fixture
def card(make):
    view = make(CriticRankingCard, size=(560, 500), scene=handmade.digits_scene())
    view.show_snapshot(handmade.snapshot({"critic_ranking": arrays()}))
    return view


def test_there_is_a_card_for_pictures_with_a_critic_alone():
    assert CriticRankingCard.fits(handmade.digits_scene())
    assert not CriticRankingCard.fits(handmade.ring_scene())
    alone = handmade.scene(image_shape=(1, 8, 8), dimension=64, critic_parameters=0)
    assert not CriticRankingCard.fits(alone)


def test_strips_go_from_high_to_low_and_saliency_stands_below(card):
    assert "critic_ranking" in card.needs()
    strips, picture = card.strips, card.grab().toImage()

    def seen(law, end, column, *, below=False):
        rect = strips.rect_of(law, end, column)
        rect.translate(0, (rect.height() + 3) * below)
        return picture.pixelColor(strips.mapTo(card, rect.center().toPoint()))

    levels = [seen(0, end, 0).lightness() for end in (0, 1)]
    assert levels[0] == pytest.approx(255, abs=2)
    across, _ = strips._layout(strips.arrays)
    lowest = seen(0, 1, across - 1).lightness()
    assert lowest == pytest.approx(0, abs=2), "the outermost stands at the end, however few there is room for"
    assert levels[1] < levels[0]
    below = seen(0, 1, across - 1, below=True)
    assert below.green() > below.red() + 10, "the critic's colour"


def test_the_mouse_tells_t_and_what_is_seen_below(card):
    strips = card.strips
    rect = strips.rect_of(1, 0, 0)
    assert strips.words_at(rect.center()) == "T = 1.000"
    assert "∂T/∂x" in strips.words_at(rect.translated(0, rect.height() + 3).center())
    assert not strips.words_at(strips.rect_of(0, 0, 0).topLeft() * 0)


def test_without_saliency_the_pictures_are_larger(card):
    before = card.strips.rect_of(0, 0, 0).height()
    card.chip.click()
    assert not card.strips.is_salient
    assert card.strips.rect_of(0, 0, 0).height() > before
    card.chip.click()
    assert card.strips.rect_of(0, 0, 0).height() == before


def test_words_say_how_often_the_critic_is_right(card):
    told = card.words(arrays())[0]
    # Of the real ones half are above 0, of the generated ones three quarters below.
    assert told == "mean T: real 0.00, generated −1.00 · right about 62 % of pictures"
    assert "right" not in card.words(arrays(np.nan))[0]


def test_values_that_are_no_numbers_are_not_put_in_order(card):
    broken = arrays()
    broken["fake_all"] = np.full(256, np.nan, np.float32)
    card.show_snapshot(handmade.snapshot({"critic_ranking": broken}))
    assert card.picture.is_empty
    assert "not finite" in card.picture.message


def test_saliencies_follow_the_theme(card):
    before = card.strips._images["real_saliency"][0].pixelColor(7, 7)
    card.set_theme(LIGHT)
    assert card.strips._images["real_saliency"][0].pixelColor(7, 7) != before
