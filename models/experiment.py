"""The recipe: data, latent, architecture, family, divergence, objective, optimiser and seed as one frozen value."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import tomli_w
from pydantic import model_validator

from models.architectures import ARCHITECTURES, Architecture
from models.architectures._net import Net
from models.capabilities import phrases
from models.data import DATA, Data
from models.divergences import DIVERGENCES, Divergence
from models.families import FAMILIES, Family
from models.latents import LATENTS, Latent
from models.objectives import OBJECTIVES, Objective
from models.optimizers import OPTIMIZERS, Optimizer
from models.registry import Declared, Member, RecipeError, is_live, listing, member_type, option, registry_of
from models.settings import assign

FORMAT: Final = 1
"""The version of the recipe's file format that this program writes, and the newest that it reads."""

SECTIONS: Final = ("data", "latent", "architecture", "family", "divergence", "objective", "optimizer")
"""The fields of a recipe that are members, in the order of the panel's cards."""

DEFAULTS: Final[Mapping[str, Any]] = {
    "data": "ring",
    "latent": "gaussian",
    "architecture": {"key": "mlp", "width": 64},
    "family": "pushforward",
    "divergence": "jensen_shannon",
    "objective": {"key": "adversarial", "r1": 0.05, "fade": True, "critic": {"key": "mlp", "width": 64}},
    "optimizer": {"key": "adam", "beta1": 0.0, "schedule": "linear", "hold": 0.3, "ema": 0.999},
}
"""The parts of a recipe that names none: small nets, a damped game, and rates that fall, which learn most data of the
scale of 1 in a minute."""

LARGEST_STEP: Final = 2**26
"""Most hidden units that one step may work out, batch times net: about a gigabyte, and seconds of a processor."""


class About(Declared):
    """What a person is told of a recipe; none of it changes what is trained."""

    title: str = option("", label="title", help="What the recipe is called.")
    group: str = option("", label="group", help="What the recipe stands under in the menu of presets.")
    watch: str = option("", label="watch for", help="One sentence: what there is to see.")
    seconds: float = option(0.0, label="time", low=0.0, unit="s", help="How long the run takes on two cores.")
    speed: float = option(
        0.0, label="speed", low=0.0, high=10_000.0, unit="steps/s",
        help="How fast the window trains at first, so that one can follow; 0 for as fast as the machine allows.",
    )  # fmt: skip


class Experiment(Declared):
    """The recipe θ* = argmin D(P_X ‖ P_θ) as one value: two equal recipes train the same numbers."""

    format: Literal[1] = FORMAT
    about: About = About()
    data: Annotated[Data, member_type(DATA)]
    latent: Annotated[Latent, member_type(LATENTS)]
    architecture: Annotated[Architecture, member_type(ARCHITECTURES)]
    family: Annotated[Family, member_type(FAMILIES)]
    divergence: Annotated[Divergence, member_type(DIVERGENCES)]
    objective: Annotated[Objective, member_type(OBJECTIVES)]
    optimizer: Annotated[Optimizer, member_type(OPTIMIZERS)]
    batch_size: int = option(
        128, label="batch", symbol="N", low=1, high=65_536, log=True, live=True,
        help="How many real and how many generated samples enter one step.",
    )  # fmt: skip
    steps: int = option(
        20_000, label="steps", low=1, high=100_000_000, log=True, live=True,
        help="Length of the run: training stops there, and learning rate schedules end there.",
    )  # fmt: skip
    seed: int = option(0, label="seed", low=0, high=2**31 - 1, help="Fixes every random number of the run.")
    device: Literal["cpu", "cuda", "mps"] = option("cpu", label="device", help="Where the networks train.")

    @model_validator(mode="after")
    def _parts_fit(self) -> Experiment:
        for name in SECTIONS:
            member: Member = getattr(self, name)
            for reason in unmet(member, self):
                ways = self._common(name)
                raise RecipeError(
                    f"{name}.key", f"{reason}; {self._instead(name, ways)}", ways or self._one_other(name, member)
                )
            if self.batch_size < member.least_batch:
                needs = f"with the {name} chosen here it must be at least {member.least_batch}"
                raise ValueError(f"batch_size = {self.batch_size} is too small: {needs}")
        for objection in (*self.family.objections(self), *self.objective.objections(self)):
            raise objection
        if self.data.size is not None and self.batch_size > self.data.size:
            problem = (
                f"{self.batch_size} is more than the {self.data.size} training samples there are; choose a smaller"
            )
            fits = f"batch_size={self.data.size}"
            raise RecipeError("batch_size", f"{problem} batch, such as {fits}", (fits,))
        for net in self.nets():
            if net.objection:
                raise RecipeError(f"{net.path}.key", net.objection)
        self._check_step()
        return self

    def nets(self) -> tuple[Net, ...]:
        """All networks that the recipe's architectures build, the model's first."""
        return (*self.family.nets(self), *self.objective.nets(self))

    def _instead(self, name: str, ways: tuple[str, ...]) -> str:
        fitting = self._fitting(name)
        fits = f"what fits: {', '.join(fitting) or 'nothing'}"
        if ways:
            return f"{fits}; {self.family.key} is commonly trained with {' and '.join(ways)}"
        return fits if fitting and name != "family" else "; or ".join([fits, *self._others(name)])

    def _others(self, name: str) -> Iterable[str]:
        """What the other fields could be for the member at this one to stay."""
        for field, needed in getattr(self, name).requires.items():
            if not needed <= getattr(self, field).capabilities:
                able = [member.key for member in registry_of(type(self).model_fields[field]) or ()
                        if needed <= member.capabilities]  # fmt: skip
                yield f"another {field}: {', '.join(able)}"

    def _fitting(self, name: str) -> list[str]:
        """Keys of the members that could stand at a field while all others stay."""
        registry = registry_of(type(self).model_fields[name])
        others: list[Member] = [getattr(self, other) for other in SECTIONS if other != name]
        needed = frozenset[str]().union(*(other.requires.get(name, frozenset()) for other in others))
        able = [member for member in registry or () if needed <= member.capabilities]
        return [member.key for member in able if not unmet(member.model_construct(), self)]

    def _common(self, name: str) -> tuple[str, ...]:
        """Settings of what the family is commonly trained with, where another member at a field alone is no way out."""
        if name != "family" and self._fitting(name):
            return ()
        natural = self.family.natural
        keys = {field: _key(natural[field]) for field in ("divergence", "objective") if field in natural}
        return tuple(f"{field}.key={key}" for field, key in keys.items() if key != getattr(self, field).key)

    def _one_other(self, name: str, member: Member) -> tuple[str, ...]:
        """The one other member that sets a conflict right: an objective that fits, or the noise that a family needs."""
        if name == "objective":
            fitting = sorted(self._fitting(name), key=_needs, reverse=True)
            common = [key for key in fitting if key == _key(self.family.natural.get(name, ""))]
            return tuple(f"{name}.key={key}" for key in (common or fitting)[:1])
        lacking = [field for field, needed in member.requires.items() if needed - getattr(self, field).capabilities]
        if lacking != ["latent"]:
            return ()
        able = [other.key for other in LATENTS if member.requires["latent"] <= other.capabilities]
        return tuple(f"latent.key={key}" for key in able[:1])

    def _check_step(self) -> None:
        units = sum(net.units for net in self.nets())
        if self.batch_size * units > LARGEST_STEP:
            most = max(1, LARGEST_STEP // units)
            allowed = f"at most {most} with {units} hidden units a sample; or choose smaller networks"
            raise ValueError(f"batch_size = {self.batch_size} would make one step take too long: {allowed}")

    @classmethod
    def from_dict(cls, recipe: Mapping[str, Any]) -> Experiment:
        """Read a recipe from plain values; parts left out take their defaults.

        Raises:
            RecipeError: a field is unknown, out of range, or two parts do not fit.
        """
        _check_format(recipe)
        return cls.parse(complete(recipe))

    @classmethod
    def from_toml(cls, text: str, data: Data | Mapping[str, Any] | None = None) -> Experiment:
        """Read a recipe from TOML; ``data`` as in ``load_experiment``.

        Raises:
            RecipeError: the text is no TOML, or the recipe is refused.
        """
        try:
            recipe = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise RecipeError("", f"not valid TOML: {error}") from None
        if isinstance(data, Data):
            recipe["data"] = data
        elif data:
            recipe["data"] = {**recipe.get("data", {}), **data}
        return cls.from_dict(recipe)

    def label(self) -> str:
        """The recipe in a few words: ``Ring of 8 · MLP 3×64 · Jensen–Shannon``."""
        return " · ".join((self.data.short_title(), self.family.label(self.architecture), self.divergence.title))

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain values, every option written out."""
        return {name: _plain(getattr(self, name)) for name in type(self).model_fields}

    def to_toml(self) -> str:
        """The recipe as TOML, every option written out; ``from_toml`` gives an equal recipe back."""
        return tomli_w.dumps(self.to_dict())

    def with_settings(self, settings: Iterable[str]) -> Experiment:
        """The recipe with ``path=value`` settings applied in order.

        Raises:
            RecipeError: a setting has no ``=``, or its result is refused.
        """
        recipe, settings = self.to_dict(), list(settings)
        if not any(setting.strip().startswith("data") for setting in settings):
            recipe["data"] = self.data  # it may be of files that are gone
        for setting in settings:
            assign(recipe, setting)
        return self.from_dict(recipe)


def load_experiment(path: Path, data: Data | Mapping[str, Any] | None = None) -> Experiment:
    """Read a recipe from a TOML file.

    Args:
        path: of the file.
        data: what stands in place of its data, or a table of those of their options that do; None for nothing.

    Raises:
        RecipeError: the file is not there or not text, or the recipe is refused; the text begins with the file's name.
    """
    try:
        return Experiment.from_toml(path.read_text(encoding="utf-8"), data)
    except OSError as error:
        raise RecipeError(str(path), error.strerror or "cannot be read") from None
    except UnicodeDecodeError:
        raise RecipeError(str(path), "is not UTF-8 text") from None
    except RecipeError as error:
        raise RecipeError(str(path), str(error)) from None


def complete(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """Add the default of every part that is left out: what the family is commonly trained with, where it says so.

    A divergence that is named without an objective gets one that can estimate it: from both densities where they are
    known, rather than from samples.
    """
    data = DATA.parse(recipe.get("data", DEFAULTS["data"]), "data")
    natural = FAMILIES.parse(recipe.get("family", DEFAULTS["family"]), "family").natural_for(data)
    full: dict[str, Any] = {**DEFAULTS, **natural, **recipe}
    if "divergence" in recipe and "objective" not in recipe:
        full["objective"] = _objective_for(full, natural.get("objective"))
    return full


def unmet(member: Member, experiment: Experiment) -> list[str]:
    """Why a member cannot be used with the other parts of a recipe; empty if it can."""
    reasons = []
    for field, needed in member.requires.items():
        chosen: Member = getattr(experiment, field)
        lacking = sorted(needed - chosen.capabilities)
        if lacking:
            reasons.append(f"the {field} {chosen.key} has no {phrases(lacking)}, which {member.key} needs")
    return reasons


def needs_restart(old: Experiment, new: Experiment) -> list[str]:
    """Paths of the changed options that a run in progress cannot take up; empty when the change is live."""
    return _frozen_changes(old, new, "")


def _frozen_changes(old: Declared, new: Declared, path: str) -> list[str]:
    if type(old) is not type(new):
        return [] if _can_swap(old, new) else [path]
    changed = []
    for name, field in type(old).model_fields.items():
        before, after = getattr(old, name), getattr(new, name)
        place = f"{path}.{name}" if path else name
        if before == after or place == "about":
            continue
        if registry_of(field):
            changed += _frozen_changes(before, after, place)
        elif not is_live(field):
            changed.append(place)
    return changed


def _can_swap(old: Declared, new: Declared) -> bool:
    return isinstance(old, Member) and isinstance(new, Member) and old.swaps == new.swaps != ""


def _objective_for(recipe: Mapping[str, Any], first: Any) -> Any:
    """An objective that fits: this one, or else the one that makes the most of what is known, the first of several."""
    for objective in ([first] if first else []) + sorted(OBJECTIVES.keys(), key=_needs, reverse=True):
        if _fits(OBJECTIVES.parse(objective, "objective"), recipe):
            return objective
    divergence, family = DIVERGENCES.parse(recipe["divergence"]), FAMILIES.parse(recipe["family"])
    problem = f"no objective estimates {divergence.title} for {family.title}"
    if "divergence" not in family.natural:
        raise RecipeError("objective", problem)
    common = f"divergence.key={_key(family.natural['divergence'])}"
    raise RecipeError("objective", f"{problem}; it is commonly trained with {common}", (common,))


def _needs(objective: str) -> int:
    """How many capabilities an objective asks for."""
    return sum(len(needed) for needed in OBJECTIVES[objective].requires.values())


def _fits(objective: Objective, recipe: Mapping[str, Any]) -> bool:
    """Whether the parts of a complete recipe have what the objective needs."""
    registries = {name: registry_of(Experiment.model_fields[name]) for name in objective.requires}
    chosen = {name: registry.parse(recipe[name], name) for name, registry in registries.items() if registry}
    return all(needed <= chosen[name].capabilities for name, needed in objective.requires.items())


def _check_format(recipe: Mapping[str, Any]) -> None:
    version = recipe.get("format", FORMAT)
    if not isinstance(version, int) or version != FORMAT:
        newer = isinstance(version, int) and version > FORMAT
        advice = "written by a newer Pushforward; update this one to open it" if newer else f"must be {FORMAT}"
        raise RecipeError("format", f"{version!r} is not known here: {advice}")
    for name in recipe:
        if name not in Experiment.model_fields:
            raise RecipeError(name, f"there is no such field; {listing(name, Experiment.model_fields)}")


def _key(part: Any) -> str:
    return part if isinstance(part, str) else part["key"]


def _plain(value: Any) -> Any:
    if isinstance(value, Member):
        return _without_tuples(value.recipe())
    return _without_tuples(value.options()) if isinstance(value, Declared) else value


def _without_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_tuples(item) for name, item in value.items()}
    return [_without_tuples(item) for item in value] if isinstance(value, (tuple, list)) else value
