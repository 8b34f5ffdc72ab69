"""Every member of every kind as plain data: what panels, the command line and other programs read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from models.architectures import ARCHITECTURES
from models.capabilities import PHRASES
from models.couplings import COUPLINGS
from models.data import DATA
from models.divergences import DIVERGENCES
from models.experiment import DEFAULTS, SECTIONS, Experiment
from models.families import FAMILIES, Family
from models.latents import LATENTS
from models.likelihoods import LIKELIHOODS
from models.measures import MEASURES
from models.objectives import OBJECTIVES
from models.observations import OBSERVATIONS
from models.optimizers import OPTIMIZERS
from models.predictions import PREDICTIONS
from models.registry import Declared, Member, Registry, choices_of, is_live, range_of, registry_of
from models.samplers import SAMPLERS
from models.schedules import SCHEDULES

KINDS: Final[tuple[Registry[Any], ...]] = (
    DATA, LATENTS, ARCHITECTURES, FAMILIES, LIKELIHOODS, SCHEDULES, PREDICTIONS, SAMPLERS, COUPLINGS,
    DIVERGENCES, OBJECTIVES, OPTIMIZERS, MEASURES, OBSERVATIONS,
)  # fmt: skip


def catalogue() -> dict[str, Any]:
    """Kind to its members, each with key, title, summary, source, formula, capabilities, requires, idle and options.

    Three entries describe the recipe itself: ``recipe`` lists its own options (batch size, steps, seed, device),
    ``sections`` its parts in order, each with the kind that it is chosen from, and ``defaults`` the part of each
    section that a recipe has which names none. ``words`` says what capabilities are called before people.
    """
    kinds = {registry.kind: [describe(member) for member in registry] for registry in KINDS}
    own = [name for name in Experiment.model_fields if name not in (*SECTIONS, "format", "about")]
    return {
        **kinds,
        "recipe": [describe_option(name, Experiment.model_fields[name]) for name in own],
        "sections": [{"field": name, "kind": _kind(name)} for name in SECTIONS],
        "defaults": {name: _table(part) for name, part in DEFAULTS.items()},
        "words": dict(PHRASES),
    }


def describe(member: type[Member]) -> dict[str, Any]:
    """One member as plain data."""
    return {
        "key": member.key,
        "title": member.title,
        "summary": member.summary(),
        "explanation": member.explanation(),
        "source": member.source,
        "formula": member.formula,
        "capabilities": sorted(member.capabilities),
        "requires": {field: sorted(needed) for field, needed in member.requires.items()},
        "idle": sorted(member.idle),
        "group": member.group,
        "swaps": member.swaps,
        "natural": _natural(member, "natural"),
        "natural_of_pictures": _natural(member, "natural_of_pictures"),
        "options": describe_options(member),
    }


def describe_options(declared: type[Declared]) -> list[dict[str, Any]]:
    """All options of a declaration, in order."""
    return [describe_option(name, field) for name, field in declared.model_fields.items()]


def describe_option(name: str, field: FieldInfo) -> dict[str, Any]:
    """One option as plain data: name, label, symbol, type, default, low, high, log, unit, help, live, group, choices.

    ``type`` is ``int``, ``float``, ``bool``, ``str``, ``choice``, ``list`` or ``member``; a member names its ``kind``.
    """
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    low, high = range_of(field)
    registry = registry_of(field)
    return {
        "name": name,
        "label": extra.get("label", name),
        "symbol": extra.get("symbol", ""),
        "type": _type(field),
        "kind": registry.kind if registry else "",
        "default": _plain(field.get_default(call_default_factory=True)),
        "low": low,
        "high": high,
        "log": extra.get("log", False),
        "unit": extra.get("unit", ""),
        "help": field.description or "",
        "live": is_live(field),
        "group": extra.get("group", ""),
        "choices": list(choices_of(field.annotation)),
    }


def _natural(member: type[Member], of: str) -> dict[str, Any]:
    """Field of the recipe to the part, as a table, that goes with a family; empty for other members."""
    natural: Mapping[str, Any] = getattr(member, of) if issubclass(member, Family) else {}
    return {field: _table(part) for field, part in natural.items() if field in SECTIONS}


def _table(part: Any) -> dict[str, Any]:
    return {"key": part} if isinstance(part, str) else dict(part)


def _kind(section: str) -> str:
    registry = registry_of(Experiment.model_fields[section])
    assert registry is not None, f"{section} is not a choice from a registry"
    return registry.kind


def _type(field: FieldInfo) -> str:
    if registry_of(field):
        return "member"
    if choices_of(field.annotation):
        return "choice"
    names = {int: "int", float: "float", bool: "bool", str: "str"}
    return names.get(field.annotation, "list")  # type: ignore[arg-type]


def _plain(default: Any) -> Any:
    if default is PydanticUndefined:
        return None
    if isinstance(default, Member):
        return default.recipe()
    if isinstance(default, Iterable) and not isinstance(default, str):
        return [_plain(item) for item in default]
    return default
