"""Which columns of the curves are shown when other columns come."""

import numpy as np

from explorer.views._pages import Page


def taken(page: Page, *names: str) -> list[str]:
    page.learn(names)
    page.take(names, np.array([1, 2]), np.zeros((2, len(names))))
    return page.shown


def test_a_column_that_the_next_run_adds_is_shown_and_one_that_was_hidden_is_not():
    page = Page("losses", "losses", exclusive=False)
    assert taken(page, "elbo", "rate", "beta") == ["elbo", "rate", "beta"]
    page.toggle("beta")
    assert taken(page, "bound", "rate", "beta") == ["bound", "rate"]
    assert taken(page, "elbo", "rate", "beta") == ["elbo", "rate"]
    assert taken(page, "beta") == ["beta"]


def test_of_columns_with_units_of_their_own_the_one_that_was_chosen_stays():
    page = Page("measures", "measures", exclusive=True)
    assert taken(page, "a", "b") == ["a"]
    page.toggle("b")
    assert taken(page, "c", "b") == ["b"]
    assert taken(page, "c", "d") == ["c"]
