"""Which members of the recipe go together, judged by what they declare; no member is known here by name.

The cards stand in an order, and a choice rules over those after it: what comes later adapts to it (the nearest choice
that fits is taken), and is offered only as far as it fits what comes before. So no menu ever blocks another for good.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Description = Mapping[str, Any]
"""One member as the catalogue describes it."""

Chosen = Mapping[str, Description]
"""Field of the recipe to the member chosen there."""


class Fitting:
    """The rules between the parts of a recipe.

    Args:
        offered: field of the recipe to the members that it can hold, in the order of the panel.
    """

    def __init__(self, offered: Mapping[str, Sequence[Description]]) -> None:
        self._offered = offered
        self._order = list(offered)

    def reasons(self, field: str, chosen: Chosen) -> dict[str, str]:
        """Key to the sentence why that member cannot be chosen at a field now; only those that cannot."""
        found = {member["key"]: self.reason(field, member, chosen) for member in self._offered[field]}
        return {key: reason for key, reason in found.items() if reason}

    def reason(self, field: str, member: Description, chosen: Chosen) -> str:
        """Why a member cannot be chosen at a field; empty if it can."""
        before = {**self._before(field, chosen), field: member}
        conflict = self._conflict(before)
        if not conflict and self._settle(before, chosen) is None:
            return f"Nothing that can be chosen further down fits {member['title']}."
        return conflict

    def adapt(self, field: str, chosen: Chosen) -> dict[str, str]:
        """What the fields after this one must change to, now that it was chosen: field to key; empty if all fits."""
        settled = self._settle({**self._before(field, chosen), field: chosen[field]}, chosen) or {}
        return {name: member["key"] for name, member in settled.items() if member["key"] != chosen[name]["key"]}

    def inner_reason(self, member: Description, chosen: Chosen) -> str:
        """Why a member that stands inside another (a critic's network) cannot be used; empty if it can."""
        return next((self._sentence(need, chosen[need], caps) for need, caps in _lacking(member, chosen)), "")

    def _before(self, field: str, chosen: Chosen) -> dict[str, Description]:
        return {name: chosen[name] for name in self._order[: self._order.index(field)]}

    def _settle(self, settled: dict[str, Description], chosen: Chosen) -> dict[str, Description] | None:
        """Complete a choice that fits so far, keeping to what is chosen now as far as possible."""
        if len(settled) == len(self._order):
            return settled
        field = self._order[len(settled)]
        present = chosen[field]
        for member in (present, *(other for other in self._offered[field] if other is not present)):
            trial = {**settled, field: member}
            done = None if self._conflict(trial) else self._settle(trial, chosen)
            if done is not None:
                return done
        return None

    def _conflict(self, chosen: Chosen) -> str:
        """Why the last of these does not fit the others; empty if it does."""
        *_, last = chosen
        for need, caps in _lacking(chosen[last], chosen):
            return self._sentence(need, chosen[need], caps)
        for holder in chosen.values():
            for need, caps in _lacking(holder, chosen):
                if need == last:
                    return f"{chosen[last]['title']} has no {_listed(caps, 'and')}, which “{holder['title']}” needs."
        return ""

    def _sentence(self, field: str, present: Description, caps: Sequence[str]) -> str:
        able = [m["title"] for m in self._offered[field] if set(caps) <= set(m["capabilities"])]
        advice = f": choose {_listed(able, 'or')}" if able else ", and nothing else offers it"
        return f"{present['title']} has no {_listed(caps, 'and')}{advice}."


def _lacking(member: Description, chosen: Chosen) -> list[tuple[str, list[str]]]:
    """Field to the capabilities that the member needs there and does not find; fields not chosen yet do not count."""
    found = [
        (field, sorted(set(needed) - set(chosen[field]["capabilities"])))
        for field, needed in member["requires"].items()
        if field in chosen
    ]
    return [(field, caps) for field, caps in found if caps]


WORDS: Final[Mapping[str, str]] = {
    "everywhere": "density that is positive everywhere",
    "log_prob": "exact density",
    "reparameterised": "samples with a gradient",
}
"""What capabilities are called on the panel whose own names say too little."""


def _listed(names: Sequence[str], last: str) -> str:
    plain = [WORDS.get(name, str(name)).replace("_", " ") for name in names]
    return f" {last} ".join([", ".join(plain[:-1]), plain[-1]] if len(plain) > 1 else plain)
