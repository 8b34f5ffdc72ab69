"""The protocol of few labels: what it tries, and what it states of the trials."""

from __future__ import annotations

import math

import pytest

from models.reproduction import PROTOCOLS

SOFTMAX, BAYES, UNLABELLED = "softmax", "Bayes' rule", "Bayes' rule and unlabelled images"


def test_all_three_classifiers_learn_from_twenty_labels():
    found = PROTOCOLS["few_labels"](budget=0.06).trial("20 labels", 16, lambda share: None)
    assert set(found) == {SOFTMAX, BAYES, UNLABELLED}
    assert all(30 < value <= 100 for value in found.values())  # by chance it would be 10 %


def test_unlabelled_images_must_help_where_there_are_few_labels():
    protocol = PROTOCOLS["few_labels"]()
    better = {SOFTMAX: 70.0, BAYES: 72.0, UNLABELLED: 85.0}
    worse = {SOFTMAX: 75.0, BAYES: 72.0, UNLABELLED: 74.0}
    found = {case: {0: better, 1: better} for case in protocol.cases()} | {"50 labels": {0: worse, 1: worse}}
    rows = {row.case: row for row in protocol.close(found)}
    assert {case: row.met for case, row in rows.items()} == {"20 labels": True, "50 labels": False, "100 labels": True}
    assert rows["20 labels"].ours == pytest.approx(15)
    told = protocol.judge("20 labels", {0: better, 1: worse})
    assert [row.ours for row in told] == [72.5, 72, 79.5]
    assert told[0].spread == pytest.approx(math.sqrt(2 * 2.5**2 / 2))


def test_a_failed_trial_is_not_met():
    row = PROTOCOLS["few_labels"]().close({"20 labels": {0: {}}})[0]
    assert (row.ours, row.met) == (None, False)
