"""What a choice brings with it: the parts of a recipe that are natural for a family, and the way back from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.panels.fitting import Description, Fitting

Part = Mapping[str, Any]
"""A member as it stands in a recipe: its key, and those of its options that are not left out."""

Parts = Mapping[str, Part]
"""Field of the recipe to the part there."""


class Natural:
    """A member that declares natural parts gets them when it is chosen; the parts that they took the place of are kept.

    Who returns to a member that declares none finds those again, or what a recipe has that names nothing.
    """

    def __init__(self, fitting: Fitting, defaults: Parts) -> None:
        """Begin with nothing to return to.

        Args:
            fitting: knows which fields a choice rules over.
            defaults: what a recipe has that names nothing.
        """
        self._fitting, self._defaults = fitting, defaults
        self._replaced: dict[str, dict[str, Part]] = {}

    def parts(
        self, field: str, members: Mapping[str, Description], chosen: Description, known: Parts
    ) -> dict[str, Part]:
        """The parts to take up, now that a member was chosen at a field.

        Args:
            field: where.
            members: all that can be chosen there, by key.
            chosen: the new one.
            known: the parts of the recipe before the choice.
        """
        before = self._of(field, members.get(str(known.get(field, {}).get("key")), {}))
        after = self._of(field, chosen)
        if before == after:
            return {}
        if not before:
            self._replaced[field] = {name: known[name] for name in after if name in known}
        returned = {name: self._defaults[name] for name in before if name in self._defaults}
        returned |= self._replaced.get(field, {})
        return {**{name: part for name, part in returned.items() if name in before}, **after}

    def _of(self, field: str, member: Description) -> dict[str, Part]:
        ruled = self._fitting.after(field)
        return {name: part for name, part in member.get("natural", {}).items() if name in ruled}
