"""What a verdict says to a person."""

from __future__ import annotations

import numpy as np
import pytest

from models.diagnosis.chronicle import Chronicle
from models.diagnosis.evidence import weigh
from models.diagnosis.signs import Signs
from models.diagnosis.wording import SENTENCES, sentence

K, N = 8, 800
NAMES = tuple("12345678")


def look(step: int, mode: np.ndarray) -> Signs:
    shares = np.bincount(mode, minlength=K) / N
    nothing = np.full(K, np.nan)
    return Signs(step, mode, shares, shares, nothing, nothing, good=0.9, spread=1.0, far=0.1, moved=0.1, gradient=1.0,
                 latent=2.0, active=0.0, needed=2.0, rate=0.003)  # fmt: skip


def story(*looks: np.ndarray):
    chronicle = Chronicle(np.full(K, 1 / K), N)
    signs = [look(100 * (i + 1), mode) for i, mode in enumerate(looks)]
    for one in signs:
        chronicle.look(one.step, one.mode)
    return weigh(signs, chronicle, 10_000), chronicle, signs[-1]


def test_a_collapse_says_how_many_are_lost_since_when_and_where_their_mass_went():
    even = np.repeat(np.arange(K), N // K)
    moved = even.copy()
    moved[even >= 6] = np.tile([0, 4], N // K)
    text = sentence("collapse", *story(even, even, even, moved, moved, moved, moved), NAMES, named=True)
    assert text == "2 of 8 modes lost since step 400; their mass moved to modes 1 and 5."


def test_a_collapse_from_the_start_says_what_was_never_held():
    three = np.repeat([1, 2, 3], [300, 300, 200])
    text = sentence("collapse", *story(three, three, three, three), NAMES, named=False)
    assert text == "Only 3 of 8 cells held at step 400; the samples sit at cells 2, 3 and 4."


@pytest.mark.parametrize("verdict", SENTENCES)
def test_every_verdict_has_one_sentence(verdict):
    even = np.repeat(np.arange(K), N // K)
    text = sentence(verdict, *story(even, even, even), NAMES, named=True)
    assert text.endswith(".")
    assert "nan" not in text
