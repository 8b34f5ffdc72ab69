"""Which members of the recipe go together, judged by what they declare; no member is known here by name.

The cards stand in an order, and a choice rules over those after it: what comes later adapts to it (the nearest choice
that fits is taken), and is offered only as far as it fits what comes before. So no menu ever blocks another for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

Description = Mapping[str, Any]
"""One member as the catalogue describes it."""

Chosen = Mapping[str, Description]
"""Field of the recipe to the member chosen there."""

CLAUSES: Final = 2
"""A sentence tells so many reasons one by one."""

NAMED: Final = 4
"""So many members are named in a sentence; of more, the first few and the number of the others."""


class Fitting:
    """The rules between the parts of a recipe.

    Args:
        offered: field of the recipe to the members that it can hold, in the order of the panel.
        words: capability to what it is called on the panel.
        defaults: field to what a recipe has there that names nothing: the next to be taken where a choice cannot stay.
    """

    def __init__(
        self,
        offered: Mapping[str, Sequence[Description]],
        words: Mapping[str, str] | None = None,
        defaults: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._offered, self._words = offered, words or {}
        self._order = list(offered)
        keys = {field: part["key"] for field, part in (defaults or {}).items() if "key" in part}
        self._nearest = {
            field: sorted(members, key=lambda member: member["key"] != keys.get(field))
            for field, members in offered.items()
        }

    def reasons(self, field: str, chosen: Chosen) -> dict[str, str]:
        """Key to the sentence why that member cannot be chosen at a field now; only those that cannot."""
        found = {member["key"]: self.reason(field, member, chosen) for member in self._offered[field]}
        return {key: reason for key, reason in found.items() if reason}

    def reason(self, field: str, member: Description, chosen: Chosen) -> str:
        """Why a member cannot be chosen at a field; empty if it can."""
        before = {**self._before(field, chosen), field: member}
        conflict = self._conflict(before)
        if not conflict and self._settle(before, chosen) is None:
            return self._dead_end(field, before)
        return conflict

    def adapt(self, field: str, chosen: Chosen) -> dict[str, str]:
        """What the fields after this one must change to, now that it was chosen: field to key; empty if all fits."""
        settled = self._settle({**self._before(field, chosen), field: chosen[field]}, chosen) or {}
        return {name: member["key"] for name, member in settled.items() if member["key"] != chosen[name]["key"]}

    def after(self, field: str) -> list[str]:
        """The fields over which a choice at this one rules."""
        return self._order[self._order.index(field) + 1 :]

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
        for member in (present, *(other for other in self._nearest[field] if other is not present)):
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
                    return f"{chosen[last]['title']} has no {self._phrases(caps)}, which “{holder['title']}” needs."
        return ""

    def _dead_end(self, field: str, before: Chosen) -> str:
        """Why nothing further down fits a member that fits what comes before it: what those that go with it lack."""
        wanting: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for other in self._later_partners(field, before[field]):
            for need, caps in _lacking(other, before)[:1]:
                wanting.setdefault((need, tuple(caps)), []).append(f"“{other['title']}”")
        if len(wanting) > CLAUSES:
            return self._nothing_for(before[field], before, wanting)
        clauses = [
            f"{before[need]['title']} has no {self._phrases(caps)}, which {_listed(names, ' and')} "
            f"need{'s' if len(names) == 1 else ''}{self._advice(need, caps) if len(wanting) == 1 else ''}"
            for (need, caps), names in wanting.items()
        ]
        return (
            f"{_listed(clauses, ', and')}." if clauses else f"Nothing is offered that trains {before[field]['title']}."
        )

    def _nothing_for(self, member: Description, before: Chosen, wanting: Iterable[tuple[str, tuple[str, ...]]]) -> str:
        """The same in one clause, where each way to train the member lacks something else of one other part."""
        needs = dict.fromkeys(need for need, _ in wanting)
        lacking = list(dict.fromkeys(f"no {self._phrases(caps)}" for _, caps in wanting))
        told = lacking if len(lacking) < NAMED else [*lacking[: NAMED - 1], "nor anything else that would do"]
        titles = _listed([before[need]["title"] for need in needs], " and")
        return f"{titles} has nothing that trains {member['title']}: {', '.join(told)}."

    def _later_partners(self, field: str, member: Description) -> Iterator[Description]:
        """Members of later fields that go with this one, if nothing else is looked at."""
        for later in self.after(field):
            for other in self._offered[later]:
                pair = {field: member, later: other}
                if not _lacking(other, pair) and not _lacking(member, pair):
                    yield other

    def _sentence(self, field: str, present: Description, caps: Sequence[str]) -> str:
        return f"{present['title']} has no {self._phrases(caps)}{self._advice(field, caps)}."

    def _advice(self, field: str, caps: Sequence[str]) -> str:
        able = [m["title"] for m in self._offered[field] if set(caps) <= set(m["capabilities"])]
        return f": choose {_listed(able, ' or')}" if able else ", and nothing else offers it"

    def _phrases(self, caps: Iterable[str]) -> str:
        return " and no ".join(self._words.get(cap, cap.replace("_", " ")) for cap in caps)


def _lacking(member: Description, chosen: Chosen) -> list[tuple[str, list[str]]]:
    """Field to the capabilities that the member needs there and does not find; fields not chosen yet do not count."""
    found = [
        (field, sorted(set(needed) - set(chosen[field]["capabilities"])))
        for field, needed in member["requires"].items()
        if field in chosen
    ]
    return [(field, caps) for field, caps in found if caps]


def _listed(names: Sequence[str], last: str) -> str:
    """A few names in a row, with a word before the last one; of many, the first ones and how many others there are."""
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"one of {len(names) - NAMED + 1} others"]
    return f"{last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
