"""How a member of the recipe is declared, checked and found.

A *member* is one choice in one card of the recipe: a data set, a latent law, an architecture, a divergence and so on.
It is a frozen pydantic model in a file of its own, and the file's name is its key. Whatever the panel, the catalogue,
the file format, ``--set`` and the error texts need to know of it stands in that one declaration.
"""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, Literal, Self, TypeGuard, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import core_schema

from models.settings import RecipeError as RecipeError


class Declared(BaseModel):
    """A frozen value with declared options, no others allowed, no NaN or infinity in any of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, options: Mapping[str, Any], path: str = "") -> Self:
        """Read the options of this declaration from plain values.

        Args:
            options: the option's name to its value; members are mappings with a ``key``.
            path: where in the recipe this stands, for error texts.

        Raises:
            RecipeError: an option is unknown, of the wrong type or out of its range.
        """
        if not isinstance(options, Mapping):
            raise RecipeError(path, f"must be a table of options, not {options!r}")
        values = {name: cls._parse_nested(name, value, path) for name, value in options.items()}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise explain(error, cls, path) from None

    @classmethod
    def _parse_nested(cls, name: str, value: Any, path: str) -> Any:
        field = cls.model_fields.get(name)
        registry = registry_of(field) if field else None
        if registry:
            return registry.parse(value, join(path, name))
        kind = field.annotation if field else None
        if isinstance(value, bool) and kind in (int, float):  # pydantic would take true for 1
            raise RecipeError(join(path, name), f"{str(value).lower()} is not allowed; it must be {_allowed(field)}")
        return kind.parse(value, join(path, name)) if _is_declared(kind) and isinstance(value, Mapping) else value

    def options(self) -> dict[str, Any]:
        """All options as plain values: what ``parse`` takes."""
        return self.model_dump()


class Member(Declared):
    """One choice in one card of the recipe.

    Attributes:
        key: the name in files and on the command line; the name of the member's file.
        title: the name that people read.
        source: paper and equation number.
        formula: what it is, in LaTeX.
        capabilities: what it can do, for others to require.
        requires: field of the recipe to the capabilities that the member chosen there must have.
        idle: fields of the recipe that make no difference while the member is chosen.
        group: what the member stands under in a menu, a few words; members without one stand first.
        swaps: members of one kind with the same word here stand in for one another in mid-run, for the same networks
            serve them; empty where a change of member needs a new run.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    source: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    capabilities: ClassVar[frozenset[str]] = frozenset()
    requires: ClassVar[Mapping[str, frozenset[str]]] = types.MappingProxyType({})
    idle: ClassVar[frozenset[str]] = frozenset()
    group: ClassVar[str] = ""
    swaps: ClassVar[str] = ""

    @classmethod
    def summary(cls) -> str:
        """The first sentence of the docstring."""
        return (inspect.getdoc(cls) or "").split("\n", 1)[0]

    @classmethod
    def explanation(cls) -> str:
        """What people are told besides, in a few sentences; empty where the summary says it all."""
        return ""

    @property
    def least_batch(self) -> int:
        """How many samples a batch must have at least for this member to make sense of it."""
        return 1

    def recipe(self) -> dict[str, Any]:
        """The member as it stands in a recipe: its key and all its options."""
        return {"key": self.key, **self.options()}


M = TypeVar("M", bound=Member)
R = TypeVar("R", bound=Member)


class Registry(Generic[M]):
    """The members of one kind, by key, in the order of their files."""

    def __init__(self, kind: str, base: type[M]) -> None:
        """Open an empty registry.

        Args:
            kind: the plural name of the kind, as in the catalogue (``"divergences"``).
            base: the abstract class that every member extends.
        """
        self.kind = kind
        self.base = base
        self._members: dict[str, type[M]] = {}

    def register(self, member: type[R]) -> type[R]:
        """Enter a member under the name of its file.

        Raises:
            TypeError: the key is taken, or the title, source or docstring is missing.
        """
        key = member.__module__.rsplit(".", 1)[-1]
        missing = [name for name in ("title", "source") if not getattr(member, name)]
        if missing or not member.__doc__:
            raise TypeError(f"{self.kind}.{key} lacks its {', '.join(missing) or 'docstring'}")
        if key in self._members:
            raise TypeError(f"{self.kind}.{key} is registered twice")
        member.key = key
        self._members[key] = cast("type[M]", member)
        return member

    def __getitem__(self, key: str) -> type[M]:
        """The member with this key.

        Raises:
            RecipeError: there is none; the text lists the keys and the nearest one.
        """
        if key not in self._members:
            raise RecipeError("key", f"{key!r} is not one of the {self.kind}: {listing(key, self._members)}")
        return self._members[key]

    def __iter__(self) -> Iterator[type[M]]:
        return iter(self._members.values())

    def keys(self) -> tuple[str, ...]:
        """All keys, in the order of the files' names."""
        return tuple(self._members)

    def parse(self, value: Any, path: str = "") -> M:
        """Make a member from its key and options, or hand a finished one through.

        Raises:
            RecipeError: no such key, or an option is refused.
        """
        if isinstance(value, self.base):
            return value
        if isinstance(value, str):
            value = {"key": value}
        if not isinstance(value, Mapping):
            raise RecipeError(path, f"{value!r} is not allowed; {self._offer()}")
        if "key" not in value:
            raise RecipeError(join(path, "key"), f"is missing; {self._offer()}")
        if not isinstance(value["key"], str):
            raise RecipeError(join(path, "key"), f"{value['key']!r} is not allowed; {self._offer()}")
        try:
            member = self[value["key"]]
        except RecipeError as error:
            raise RecipeError(join(path, "key"), error.problem) from None
        return member.parse({name: option for name, option in value.items() if name != "key"}, path)

    def _offer(self) -> str:
        return f"it must be one of the {self.kind}: {', '.join(self._members)}"


def option(
    default: Any,
    *,
    label: str,
    help: str,
    symbol: str = "",
    low: float | None = None,
    high: float | None = None,
    log: bool = False,
    unit: str = "",
    live: bool = False,
    group: str = "",
) -> Any:
    """Declare one option of a member: everything that a panel, a file and an error text need.

    Args:
        default: the value when none is given, or a function that makes it, for members that are not entered yet.
        label: its name on the panel, a few words in lower case.
        help: one sentence that says what it does.
        symbol: its symbol in the lecture, if it has one.
        low: least value allowed, included.
        high: greatest value allowed, included.
        log: the panel's slider runs over decades.
        unit: of the value, where it has one.
        live: a run in progress can take the change up; otherwise a change starts a new run.
        group: options of one group stand under a heading of this name, folded while all are at their defaults.
    """
    shown = {"label": label, "symbol": symbol, "log": log, "unit": unit, "live": live, "group": group}
    first: dict[str, Any] = {"default_factory" if callable(default) else "default": default}
    return Field(**first, ge=low, le=high, description=help, json_schema_extra=shown)


def member_type(registry: Registry[M]) -> Any:
    """Mark a field as a choice from this registry: the metadata of its ``Annotated`` type."""
    return _Choice(registry)


class _Choice:
    """Marks a field as a choice from a registry, and writes the member out with its key."""

    def __init__(self, registry: Registry[Any]) -> None:
        self.registry = registry

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        written = core_schema.plain_serializer_function_ser_schema(lambda member: member.recipe())
        return core_schema.is_instance_schema(source, serialization=written)


def registry_of(field: FieldInfo) -> Registry[Any] | None:
    """The registry that a field chooses from, if it is such a field."""
    return next((mark.registry for mark in field.metadata if isinstance(mark, _Choice)), None)


def is_live(field: FieldInfo) -> bool:
    """Whether a run in progress can take up a change of this option."""
    extra = field.json_schema_extra
    return bool(isinstance(extra, dict) and extra.get("live"))


def choices_of(annotation: Any) -> tuple[Any, ...]:
    """The values that a ``Literal`` allows, or none for any other type."""
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def range_of(field: FieldInfo) -> tuple[float | None, float | None]:
    """Least and greatest value allowed."""
    low = next((mark.ge for mark in field.metadata if hasattr(mark, "ge")), None)
    high = next((mark.le for mark in field.metadata if hasattr(mark, "le")), None)
    return low, high


def join(path: str, name: str) -> str:
    """The dotted path of a field inside a part of the recipe."""
    return f"{path}.{name}" if path else name


def listing(key: str, allowed: Iterable[str]) -> str:
    """The allowed names in one line, led by the one that was probably meant."""
    names = list(allowed)
    near = difflib.get_close_matches(key, names, n=1)
    return (f"did you mean {near[0]!r}? Allowed: " if near else "allowed: ") + ", ".join(names)


def explain(error: ValidationError, declared: type[BaseModel], path: str) -> RecipeError:
    """Turn pydantic's report into one line: the field's path, its value and what is allowed."""
    first = error.errors()[0]
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, RecipeError):  # a member's own check that knows which of its options is at fault
        return RecipeError(join(path, cause.path), cause.problem, tuple(join(path, way) for way in cause.settings))
    name = str(first["loc"][0]) if first["loc"] else ""
    more = error.error_count() - 1
    tail = f" (and {more} more)" if more else ""
    return RecipeError(join(path, name) if name else path, _problem(dict(first), declared) + tail)


def _problem(report: dict[str, Any], declared: type[BaseModel]) -> str:
    name, *place = report["loc"] or ("",)
    if report["type"] == "extra_forbidden":
        fields = declared.model_fields
        return f"there is no such option; {listing(str(name), fields) if fields else 'there are none here'}"
    if report["type"] == "value_error":
        return str(report["ctx"]["error"])
    # An item that is missing has a place but no value: what is reported then is the list that lacks it.
    where = _item(place if report["type"] != "missing" else place[:-1])
    field = declared.model_fields.get(str(name))
    return f"{report['input']!r}{where} is not allowed; it must be {_allowed(field) or 'right: ' + report['msg']}"


def _item(place: Sequence[int | str]) -> str:
    """Which item of a list, and of a list in it, counted from one."""
    counted = [str(part + 1) if isinstance(part, int) else part for part in place]
    return f" (item {'.'.join(counted)})" if counted else ""


def _allowed(field: FieldInfo | None) -> str:
    if field is None:
        return ""
    choices = choices_of(field.annotation)
    if choices:
        return "one of " + ", ".join(repr(choice) for choice in choices)
    low, high = range_of(field)
    bounds = [
        f"at least {_plain(low)}" if low is not None else "",
        f"at most {_plain(high)}" if high is not None else "",
    ]
    return " ".join(
        part for part in (_kind(field.annotation), " and ".join(bound for bound in bounds if bound)) if part
    )


def _kind(annotation: Any) -> str:
    """What values of a type are called; empty for a type that people do not write."""
    if annotation in _KINDS:
        return _KINDS[annotation][0]
    if _is_declared(annotation):
        return "a table of options"
    return f"a {_list(annotation)}" if get_origin(annotation) is tuple else ""


def _is_declared(annotation: Any) -> TypeGuard[type[Declared]]:
    return isinstance(annotation, type) and issubclass(annotation, Declared)


def _list(annotation: Any) -> str:
    item, *more = get_args(annotation)
    count = "" if ... in more else f"{1 + len(more)} "
    inner = _KINDS[item][1] if item in _KINDS else _list(item).replace("list", "lists", 1)
    return f"list of {count}{inner}"


_KINDS: Final[Mapping[Any, tuple[str, str]]] = {
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("true or false", "truth values"),
    str: ("text", "texts"),
}
"""What values of a type are called: one, and many of them."""


def _plain(number: float) -> str:
    """Without an exponent where it is a whole number that people write out."""
    return f"{number:,.0f}" if number == round(number) and 1e4 <= abs(number) < 1e12 else f"{number:g}"


def discover(package: str, path: Iterable[str]) -> None:
    """Import every file of a folder of members, so that each enters its registry.

    Files whose names begin with an underscore hold what members share and are not imported here.
    """
    for name in sorted(module.name for module in pkgutil.iter_modules(path)):
        if not name.startswith("_"):
            importlib.import_module(f"{package}.{name}")
