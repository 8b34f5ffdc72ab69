"""What a choice brings with it: the parts of a recipe that are natural for a family, and the way back from them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.panels.fitting import Chosen, Fitting

Part = Mapping[str, Any]
"""A member as it stands in a recipe: its key, and those of its options that are not left out."""

Parts = Mapping[str, Part]
"""Field of the recipe to the part there."""


class Natural:
    """A member that declares natural parts gets them when it is chosen; the parts that they took the place of are kept.

    Who returns to a member that declares none finds those again, or what a recipe has that names nothing. Some parts
    are natural for data that are images alone: they come and go with such data, as far as they make the difference.
    """

    def __init__(self, fitting: Fitting, defaults: Parts) -> None:
        """Begin with nothing to return to.

        Args:
            fitting: knows which fields a choice rules over.
            defaults: what a recipe has that names nothing.
        """
        self._fitting, self._defaults = fitting, defaults
        self._replaced: dict[str, Part] = {}

    def parts(self, field: str, before: Chosen, chosen: Chosen, known: Parts) -> dict[str, Part]:
        """The parts to take up, now that a member was chosen at a field.

        Args:
            field: where.
            before: what was chosen at each field until now.
            chosen: what is chosen now.
            known: the parts of the recipe before the choice.
        """
        old, new = (self._ruled(field, now) for now in (before, chosen))
        changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        self._replaced |= {name: known[name] for name in changed if name not in old and name in known}
        returned = {**self._defaults, **self._replaced}
        return {name: part for name in changed if (part := new.get(name, returned.get(name))) is not None}

    def _ruled(self, field: str, chosen: Chosen) -> dict[str, Part]:
        """The natural parts at those fields over which a choice at this one rules."""
        ruled, natural = self._fitting.after(field), dict[str, Part]()
        has_images = "images" in chosen.get("data", {}).get("capabilities", ())
        for kind in ("natural", "natural_of_pictures")[: 1 + has_images]:
            for member in chosen.values():
                natural |= member.get(kind, {})
        return {name: part for name, part in natural.items() if name in ruled}
