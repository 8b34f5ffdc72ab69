"""What differs between two recipes, and which of it a run in progress cannot take up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from explorer.panels.scale import Option


def restarting(catalogue: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Dotted paths of the changes that start a new run, in the order of the recipe; a changed member counts once."""
    found = [
        path
        for section in catalogue["sections"]
        for path in _in_member(
            catalogue, section["kind"], section["field"], old.get(section["field"], {}), new.get(section["field"], {})
        )
    ]
    return [*found, *_in_options(catalogue, catalogue["recipe"], "", old, new)]


def _in_member(
    catalogue: Mapping[str, Any], kind: str, path: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[str]:
    if old.get("key") != new.get("key"):
        yield path
        return
    member = next((member for member in catalogue[kind] if member["key"] == new.get("key")), None)
    if member is not None:
        yield from _in_options(catalogue, member["options"], f"{path}.", old, new)


def _in_options(
    catalogue: Mapping[str, Any],
    options: Sequence[Option],
    prefix: str,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[str]:
    for option in options:
        name = option["name"]
        before, after = old.get(name, option["default"]), new.get(name, option["default"])
        if before == after:
            continue
        if option["type"] == "member":
            yield from _in_member(catalogue, option["kind"], prefix + name, before, after)
        elif not option["live"]:
            yield prefix + name
