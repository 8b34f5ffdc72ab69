"""What the two loops need of the mathematics, as protocols, and the real thing, which imports torch when first used."""

# ruff: noqa: D102  (methods are documented once, on the protocol)

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from explorer.session.commands import State, Turn
from explorer.session.snapshot import Array


class Trainer(Protocol):
    """See ``models.training.trainer.Trainer``."""

    experiment: Any
    step: int
    seconds: float

    @property
    def parameters(self) -> int: ...
    @property
    def critic_parameters(self) -> int: ...
    @property
    def remark(self) -> str: ...
    def take_step(self, turn: Turn = "both") -> Mapping[str, float]: ...
    def adopt(self, experiment: Any) -> None: ...
    def state(self) -> State: ...
    def restore(self, state: State) -> None: ...
    def inspect(self) -> None: ...
    def values(self) -> Any: ...
    def rehearse(self) -> float: ...


class Witness(Protocol):
    """See ``models.training.witness.Witness``."""

    @property
    def sample_size(self) -> int: ...
    def adopt(self, experiment: Any) -> None: ...
    def load(self, values: Array, *, average: bool = False) -> None: ...
    def scene(self) -> Mapping[str, Any]: ...
    def offers(self) -> frozenset[str]: ...
    def observe(self, keys: Iterable[str]) -> tuple[Mapping[str, Mapping[str, Array]], Mapping[str, str]]: ...
    def prepare(self, seconds: float) -> bool: ...
    @property
    def gathers(self) -> bool: ...
    def gather(self) -> bool: ...
    @property
    def unsettled(self) -> bool: ...
    def measure(self) -> Mapping[str, float]: ...
    def truth(self) -> Mapping[str, float]: ...
    def unknown(self) -> str: ...
    def diagnose(self, step: int) -> Mapping[str, Any] | None: ...
    def floors(
        self, keys: Iterable[str] | None = None
    ) -> tuple[Mapping[str, tuple[float, float, float]], Mapping[str, str], Mapping[str, str]]: ...
    def answer(self, question: str, arrays: Mapping[str, Array]) -> Mapping[str, Array]: ...


class Workshop(Protocol):
    """Makes what the loops work with; tests bring their own."""

    def catalogue(self) -> Mapping[str, Any]:
        """Every member, and the presets."""
        ...

    def experiment(self, recipe: Mapping[str, Any]) -> Any:
        """Check a recipe. Raises ``RecipeError``."""
        ...

    def label(self, experiment: Any) -> str:
        """A recipe in a few words."""
        ...

    def trainer(self, experiment: Any) -> Trainer:
        """A trainer at step 0. Raises ``RecipeError``."""
        ...

    def cost(self, trainer: Trainer) -> Mapping[str, float]:
        """What a run costs: see ``models.cost``."""
        ...

    def witness(self, experiment: Any) -> Witness:
        """A witness with fresh weights."""
        ...

    def save(self, trainer: Trainer, folder: Path) -> None:
        """Write a run into a run folder. Raises ``RecipeError`` or ``OSError``."""
        ...

    def load(self, folder: Path) -> tuple[Any, State]:
        """Experiment and last state of a run folder. Raises ``RecipeError`` or ``OSError``."""
        ...


class ModelsWorkshop:
    """The real thing. Torch is imported at the first call, never before."""

    def catalogue(self) -> dict[str, Any]:
        from models.catalogue import catalogue
        from models.presets import presets

        return {**catalogue(), "presets": presets()}

    def experiment(self, recipe: Mapping[str, Any]) -> Any:
        from models.experiment import Experiment

        return Experiment.from_dict(recipe)

    def label(self, experiment: Any) -> str:
        return experiment.label()

    def trainer(self, experiment: Any) -> Trainer:
        from models.training.trainer import Trainer as RealTrainer

        return RealTrainer(experiment)  # type: ignore[return-value]

    def cost(self, trainer: Trainer) -> dict[str, float]:
        from models.cost import cost_of_run

        return dict(cost_of_run(trainer.experiment, trainer.parameters, trainer.critic_parameters).plain())

    def witness(self, experiment: Any) -> Witness:
        from models.training.witness import Witness as RealWitness

        return RealWitness(experiment)  # type: ignore[return-value]

    def save(self, trainer: Trainer, folder: Path) -> None:
        from models.training.run_folder import RunFolder

        RunFolder.resume(folder, trainer.experiment).save(trainer.state(), as_array(trainer.values()))

    def load(self, folder: Path) -> tuple[Any, State]:
        from models.registry import RecipeError
        from models.training.run_folder import RunFolder

        run = RunFolder.open(folder)
        state = run.state()
        if state is None:
            raise RecipeError(str(folder), "holds no state to go on from: the run was stopped before its first one")
        return run.experiment, state


def as_array(values: Any) -> Array:
    """The vector of ``Trainer.values()`` as an array, without copying if it lies in the processor's memory."""
    return values.detach().cpu().numpy()
