"""``pushforward catalog``: every member of every kind, and the presets."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from models.catalogue import KINDS, catalogue
from models.presets import presets


def catalog(arguments: Namespace) -> int:
    """Print the catalogue, as text or as JSON."""
    known = catalogue()
    everything = {registry.kind: [_with_ranges(member) for member in known[registry.kind]] for registry in KINDS}
    everything["presets"] = presets()
    print(json.dumps(everything, ensure_ascii=False, indent=2) if arguments.json else "\n".join(_pages(everything)))
    return 0


def _with_ranges(member: dict[str, Any]) -> dict[str, Any]:
    """The member with the bounds of each option as one pair, null where there is none."""
    options = [{**option, "range": [option["low"], option["high"]]} for option in member["options"]]
    return {**member, "options": options}


def _pages(everything: dict[str, Any]) -> Iterator[str]:
    for registry in KINDS:
        yield f"{registry.kind.upper()}"
        for member in everything[registry.kind]:
            yield from _entry(member)
        yield ""
    yield "PRESETS"
    for preset in everything["presets"]:
        yield f"  {preset['key']}: {preset['title']} ({preset['seconds']:g} s)"
        yield f"      {preset['watch']}"


def _entry(member: dict[str, Any]) -> Iterator[str]:
    yield f"  {member['key']}: {member['title']}"
    yield f"      {member['summary']}"
    yield f"      source: {member['source']}"
    if member["capabilities"]:
        yield f"      can: {', '.join(member['capabilities'])}"
    for field, needed in member["requires"].items():
        yield f"      needs: {field} with {', '.join(needed)}"
    yield from (f"      {_option(option)}" for option in member["options"])


def _option(option: dict[str, Any]) -> str:
    low, high = option["low"], option["high"]
    bounds = f"{'' if low is None else f'{low:g}'} … {'' if high is None else f'{high:g}'}"
    allowed = " | ".join(map(str, option["choices"])) or (bounds if (low, high) != (None, None) else option["type"])
    unit = f" {option['unit']}" if option["unit"] else ""
    return f"--{option['name']} = {option['default']!r}{unit}  [{allowed}]  {option['help']}".removeprefix("--")
