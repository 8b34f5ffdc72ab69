"""The share of a core that looking may use."""

from __future__ import annotations

import pytest

from explorer.session.pace import Allowance


def test_work_waits_until_its_share_has_paid_for_it():
    allowance = Allowance(share=0.5, burst=0.1, now=0.0)
    allowance.spend(0.4)
    assert allowance.delay(0.0) == pytest.approx(0.6)
    assert allowance.delay(0.5) == pytest.approx(0.1)
    assert allowance.delay(0.7) == 0.0


def test_one_dear_piece_of_work_holds_up_the_others_for_a_moment_only():
    allowance = Allowance(share=0.3, burst=0.1, now=0.0)
    allowance.spend(3.0)
    assert allowance.delay(0.0) == pytest.approx(1.5)
    assert allowance.delay(1.5) == 0.0


def test_credit_does_not_pile_up_while_there_is_nothing_to_do():
    allowance = Allowance(share=0.5, burst=0.1, now=0.0)
    assert allowance.delay(100.0) == 0.0
    allowance.spend(0.2)
    assert allowance.delay(100.0) == pytest.approx(0.2)
