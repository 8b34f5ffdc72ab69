"""Drawn shapes: captions and the factors they tell agree with what is on the picture."""

from __future__ import annotations

import math

import pytest
import torch

from models.data import DATA
from models.data._captions import UnknownWords
from models.registry import RecipeError


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shapes(**options):
    return DATA.parse({"key": "shapes", **options})


EVERYTHING = {"forms": 6, "colours": 7, "angles": 2}


def ink(law, x):
    """How much each pixel differs from the ground, shape (N, rows, columns)."""
    return law.image_shape.view((x + 1) / 2).amax(1)


def test_a_caption_is_its_words():
    captions = shapes(**EVERYTHING).captions
    tokens = captions.tokens("A small, tilted RED square -- at the top left.")
    assert tokens.shape == (captions.length,)
    assert captions.text(tokens) == "a small tilted red square at the top left"
    assert captions.text(captions.tokens("")) == ""
    assert torch.equal(captions.tokens("one big disc in the middle"), captions.tokens("a large circle in the centre"))


def test_unknown_words_are_named_with_their_neighbours():
    with pytest.raises(UnknownWords, match=r"'smal' is not known: did you mean 'small'") as caught:
        shapes().captions.tokens("a smal rde square by the elephant")
    assert caught.value.words == ("smal", "rde", "by", "elephant")
    with pytest.raises(UnknownWords, match=r"'star' is not known"):
        shapes(forms=3).captions.tokens("a star")
    with pytest.raises(UnknownWords, match=r"at most \d+ words: leave out 'red red'") as caught:
        shapes().captions.tokens("a " * shapes().captions.length + "red red")
    assert caught.value.words == ("red", "red")


def test_captions_ask_for_what_is_drawn_and_leave_out_as_much_as_said():
    law = shapes(**EVERYTHING, unsaid=0.3)
    x, tokens = law.draw_told(3000, seeded(0))
    again, factors = law.draw_factors(3000, seeded(0))
    asked = law.asked(tokens)
    assert torch.equal(x, again)
    assert torch.equal(asked[asked >= 0], factors[asked >= 0])
    left_out = (asked < 0).float().mean(0)
    assert left_out[[0, 2, 3, 4]].tolist() == pytest.approx([0.3] * 4, abs=0.04)
    assert torch.equal(law.captions_of(asked), tokens)
    assert (asked[(factors[:, 3] == 0) | (factors[:, 3] == 4), 1] == -1).all()  # a round form has no angle


def test_every_caption_of_the_grammar_is_understood():
    law = shapes(**EVERYTHING)
    counts = [len(names) for names in law.factor_names.values()]
    asked = torch.cartesian_prod(*(torch.arange(-1, count) for count in counts))
    assert torch.equal(law.asked(law.captions_of(asked)), asked)


def test_what_is_asked_does_not_hang_on_the_order_of_words():
    law = shapes()
    asked = law.asked(law.captions.tokens("top right: square, blue")[None])[0].tolist()
    assert dict(zip(law.factor_names, asked, strict=True)) == {
        "size": -1, "angle": -1, "colour": 2, "form": 1, "place": 2,
    }  # fmt: skip


def test_the_ink_lies_at_the_place():
    law = shapes(**EVERYTHING)
    x, factors = law.draw_factors(400, seeded(1))
    shares = ink(law, x) / ink(law, x).sum((1, 2), keepdim=True)
    along = (torch.arange(16) + 0.5) / 16
    down, across = (shares.sum(2) * along).sum(1), (shares.sum(1) * along).sum(1)
    row, column = factors[:, 4] // 3, factors[:, 4] % 3
    assert torch.equal((down * 3).long(), row)
    assert torch.equal((across * 3).long(), column)
    names = law.factor_names["place"]
    assert (names[2], names[3], names[7]) == ("top right", "left", "bottom")


def test_the_ink_has_the_colour():
    law = shapes(**EVERYTHING)
    x, factors = law.draw_factors(300, seeded(2))
    planes = law.image_shape.view((x + 1) / 2).flatten(2).amax(2)
    for name, colour in (("red", (1, 0.12, 0.12)), ("turquoise", (0, 0.85, 0.85))):
        drawn = planes[factors[:, 2] == law.factor_names["colour"].index(name)]
        # A small cross is nowhere wider than a pixel.
        assert (drawn / drawn.amax(1, keepdim=True) - torch.tensor(colour) / max(colour)).abs().max() < 1e-5


def test_areas_are_those_of_plane_geometry():
    law = shapes(forms=6, colours=1, places="centre", resolution=64, channels="grey")
    x, factors = law.draw_factors(600, seeded(3))
    area = ink(law, x).mean((1, 2))
    star = 5 * 1.3 * 0.55 * math.sin(math.pi / 5)
    unit = [math.pi, 1.8**2, 3 * math.sqrt(3) * 0.65**2, 2 * 2.2 * 0.72 - 0.72**2, math.pi * 4 * 0.8 * 0.26, star]
    sizes = torch.tensor([0.13, 0.21])[factors[:, 0]]
    shares = area / (torch.tensor(unit)[factors[:, 3]] * sizes**2)
    for form in range(6):
        assert float(shares[factors[:, 3] == form].mean()) == pytest.approx(1, abs=0.02)
    assert float((shares - 1).abs().max()) < 0.16  # a size varies by 6 %


def test_tilted_figures_are_upright_ones_turned():
    law = shapes(forms=3, angles=2, sizes=1, colours=1, places="centre", resolution=128, channels="grey")
    up, tilted = (torch.tensor([[0, angle, 0, 2, 0]]) for angle in (0, 1))
    upright = ink(law, law.drawn_with(up, seeded(4)))[0]
    turned = ink(law, law.drawn_with(tilted, seeded(4)))[0]
    middle = upright.shape[0] // 2
    assert upright[:middle].sum() < upright[middle:].sum()  # a triangle stands on its side
    assert turned[:middle].sum() > turned[middle:].sum()


@pytest.mark.parametrize("factor", ["form", "colour", "size", "angle", "place"])
def test_a_factor_can_be_the_class(factor):
    law = shapes(tell=factor, angles=2)
    x, labels = law.draw_told(3000, seeded(5))
    again, factors = law.draw_factors(3000, seeded(5))
    assert law.captions is None
    assert torch.equal(x, again)
    assert torch.equal(labels, factors[:, list(law.factor_names).index(factor)])
    assert law.class_names == law.factor_names[factor]
    shares = labels.bincount(minlength=len(law.class_names)) / 3000
    assert shares.tolist() == pytest.approx(law.class_shares.tolist(), abs=0.04)


def test_a_sample_that_cannot_be_held_is_refused():
    with pytest.raises(RecipeError, match="at most 5461, or 0"):
        shapes(n=10_000, resolution=128)
