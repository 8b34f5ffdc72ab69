"""What a change of the recipe in mid-run is called on the curves: a new divergence by name, other options by label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from explorer.session import messages
from explorer.session.control import Recipe, changes

if TYPE_CHECKING:  # the window is on the screen before the views are loaded
    from explorer.views.curves import CurvesView

EVENTS: Final = frozenset({"divergence"})
"""Fields whose member is what the curves are of: another one is an event, and not only a mark."""

MOST: Final = 3
"""So many options are named; of more, their number."""


def mark_on(curves: CurvesView, changed: messages.Changed, old: Recipe, catalogue: Mapping[str, Any]) -> None:
    """The old numbers stay: marks tell those of one divergence, or of one option, from those of another."""
    if title := event(old, changed.recipe, catalogue):
        curves.add_event(changed.step, title)
    if labels := mark(old, changed.recipe, catalogue):
        curves.add_change(changed.step, labels)


def event(old: Recipe, new: Recipe, catalogue: Mapping[str, Any]) -> str:
    """The title of the divergence that the run goes on with, if it is another; empty if not."""
    altered = [path for path, _ in changes(old, new, catalogue) if path in EVENTS]
    titles = [_member(new.get(path), path, catalogue).get("title", path) for path in altered]
    return ", ".join(titles)


def mark(old: Recipe, new: Recipe, catalogue: Mapping[str, Any]) -> str:
    """The labels of the other options that are new, such as "critic rate"; empty if none is."""
    altered = [path for path, _ in changes(old, new, catalogue) if path not in EVENTS and not path.startswith("about")]
    labels = dict(_labels(new, catalogue))
    named = [labels.get(path, path.rpartition(".")[2].replace("_", " ")) for path in altered]
    return ", ".join(named) if len(named) <= MOST else f"{len(named)} options"


def is_choice(old: Recipe, new: Recipe, catalogue: Mapping[str, Any]) -> bool:
    """Whether another member was chosen, and not only an option of one."""
    fields = [section["field"] for section in catalogue.get("sections", ())]
    return any(
        _member(old.get(field), field, catalogue) != _member(new.get(field), field, catalogue) for field in fields
    )


def label_of(path: str, recipe: Recipe, catalogue: Mapping[str, Any]) -> str:
    """What the panel calls the option at a dotted path of a recipe; the path's own words where it knows none."""
    place = path.removesuffix(".key")
    is_inner = "." in place  # a member inside a member is an option, too
    return dict(_labels(recipe, catalogue)).get(place if is_inner else path, place.replace("_", " "))


def unnamed(path: str, recipe: Recipe, catalogue: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The option of the data at a dotted path of a recipe, if it is a text that was left empty; else None."""
    field, _, name = path.partition(".")
    data = recipe.get("data")
    if field != "data" or not isinstance(data, Mapping) or data.get(name):
        return None
    options = _member(data, field, catalogue).get("options", ())
    return next((option for option in options if option["name"] == name and option["type"] == "str"), None)


def title_of(path: str, value: str, catalogue: Mapping[str, Any]) -> str:
    """What the panel calls a value at a dotted path: the title of a member, or the value itself."""
    *place, name = path.split(".")
    if name != "key":
        return value or "none"
    if len(place) == 1:
        return _member(value, place[0], catalogue).get("title", value)
    inside = _inner_members(place[0], place[-1], catalogue)
    return next((member["title"] for member in inside if member["key"] == value), value)


def _labels(recipe: Recipe, catalogue: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for option in catalogue.get("recipe", ()):
        yield option["name"], option["label"]
    for section in catalogue.get("sections", ()):
        field = section["field"]
        member = _member(recipe.get(field), field, catalogue)
        if field not in EVENTS:
            yield field, member.get("title", field)
        for option in member.get("options", ()):
            yield f"{field}.{option['name']}", option["label"]


def _inner_members(field: str, name: str, catalogue: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All that an option of this name can hold, of whichever member at a field."""
    kinds = [section["kind"] for section in catalogue.get("sections", ()) if section["field"] == field]
    options = (o for kind in kinds for member in catalogue.get(kind, ()) for o in member["options"])
    for kind in {option["kind"] for option in options if option["name"] == name}:
        yield from catalogue.get(kind, ())


def _member(value: Any, field: str, catalogue: Mapping[str, Any]) -> Mapping[str, Any]:
    """A section's member as the catalogue describes it; nothing where it is not known."""
    key = value if isinstance(value, str) else (value or {}).get("key")
    kinds = [section["kind"] for section in catalogue.get("sections", ()) if section["field"] == field]
    return next((member for kind in kinds for member in catalogue.get(kind, ()) if member["key"] == key), {})
