"""What families share whose networks can be told c: their options, and the objection to data that tell nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from models.data import Data
from models.families._condition import ByCaption, condition_of
from models.registry import RecipeError, option

GROUP: Final = "Classes and captions"


def conditional_option() -> Any:
    """The option ``conditional`` of families whose networks can be told c."""
    return option(
        default=False, label="conditional", group=GROUP,
        help="Learns p(x|c) for what the data tell of each sample, its class or its caption c.",
    )  # fmt: skip


def untold_option(default: float = 0.1) -> Any:
    """The option ``untold`` of families that can learn p(x) as well."""
    return option(
        default, label="untold", low=0.0, high=0.9, live=True, group=GROUP,
        help="Share of training samples whose class or caption is not told, from which p(x) is learnt.",
    )  # fmt: skip


def untellable(data: Data) -> Iterable[RecipeError]:
    """The objection to data that tell nothing."""
    if not condition_of(data):
        problem = f"{data.title} has no classes to be told"
        yield RecipeError("family.conditional", problem, ("family.conditional=false",))


def unknown_law(data: Data, untold: float) -> Iterable[RecipeError]:
    """The objection to captions all of which are told, to a model that must know a law of all samples together."""
    if isinstance(condition_of(data), ByCaption) and not untold:
        problem = "0 is not allowed with captions: what is known of all x together is learnt of untold samples"
        yield RecipeError("family.untold", problem, ("family.untold=0.1",))
