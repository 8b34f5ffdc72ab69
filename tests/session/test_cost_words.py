"""What a recipe costs, in words on the panel."""

from __future__ import annotations

import pytest

from explorer.session.cost_words import cost_words, duration, large

COST = {"parameters": 43_456, "critic_parameters": 41_473, "multiply_adds": 24_035_328, "memory": 0.75 * 2**30}


def test_all_that_is_known_is_told():
    assert cost_words(COST) == "43,456 weights, critic 41,473 · a step: 24 million products · 0.8 GB of memory"
    assert "24 million products, 9.1 ms ·" in cost_words({**COST, "seconds": 0.00912})
    assert cost_words({**COST, "critic_parameters": 0}).startswith("43,456 weights · ")
    assert cost_words({**COST, "seconds": float("nan")}) == cost_words(COST)
    assert cost_words({"parameters": 0}) == ""


@pytest.mark.parametrize(
    ("number", "words"), [(999, "999"), (1.5e6, "1.5 million"), (123.4e6, "123 million"), (7.04e12, "7 trillion")]
)
def test_large_numbers_are_words(number, words):
    assert large(number) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.00231, "2.3 ms"), (0.25, "250 ms"), (0.0999, "100 ms"), (3.21, "3.2 s"), (480, "480 s")]
)
def test_times_have_the_unit_that_suits_them(seconds, words):
    assert duration(seconds) == words
