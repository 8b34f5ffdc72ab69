"""What families share whose networks can be told c: their options, and the objection to data that tell nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from models.data import Data
from models.families._condition import condition_of
from models.registry import RecipeError, option

GROUP: Final = "Classes and captions"


def conditional_option() -> Any:
    """The option ``conditional`` of families whose networks can be told c."""
    return option(
        default=False, label="conditional", group=GROUP,
        help="Learns p(x|c) for what the data tell of each sample, its class or its caption c.",
    )  # fmt: skip


def untold_option() -> Any:
    """The option ``untold`` of families that learn p(x) as well."""
    return option(
        0.1, label="untold", low=0.0, high=0.9, live=True, group=GROUP,
        help="Share of training samples whose class or caption is not told, from which p(x) is learnt.",
    )  # fmt: skip


def untellable(data: Data) -> Iterable[RecipeError]:
    """The objection to data that tell nothing."""
    if not condition_of(data):
        problem = f"{data.title} has no classes to be told"
        yield RecipeError("family.conditional", problem, ("family.conditional=false",))
