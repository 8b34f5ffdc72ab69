"""The folder that a run leaves behind: what was trained, how it went, and all that is needed to go on.

    recipe.toml             the recipe, every option written out
    metrics.jsonl           a row an evaluation: step, seconds, losses, measures
    summary.json            final measures, speed, versions
    samples.npy             samples of the trained model, shape (n, d), float32
    model.safetensors       weights by name: ``model.…``, ``critic.…``, ``averaged.…``
    checkpoint.safetensors  weights, optimiser, random generators and step: training goes on from it bit for bit
    figure.png              data beside samples
    data.json               what is known of data of the user's own, so that a model can do without their files

Every file is written under a temporary name and then renamed, so a run that is killed leaves a folder that opens.
Nothing is ever unpickled: arrays are safetensors or NPY, everything else is JSON or TOML.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from models.architectures._network import Network
from models.data._remembered import Remembered, is_of_files, remembered
from models.experiment import Experiment, load_experiment, needs_restart
from models.families import Model
from models.registry import RecipeError
from models.training.setting import build_model

Array = NDArray[Any]

RECIPE: Final = "recipe.toml"
METRICS: Final = "metrics.jsonl"
SUMMARY: Final = "summary.json"
SAMPLES: Final = "samples.npy"
WEIGHTS: Final = "model.safetensors"
CHECKPOINT: Final = "checkpoint.safetensors"
FIGURE: Final = "figure.png"
DATA_KNOWN: Final = "data.json"


@dataclass(frozen=True)
class RunFolder:
    """One run on disk. Made by :meth:`create` or :meth:`open`."""

    path: Path

    @classmethod
    def create(cls, path: Path, experiment: Experiment) -> RunFolder:
        """Begin a run in a new or empty folder.

        Raises:
            RecipeError: there is something in the folder already.
            OSError: it cannot be made or written.
        """
        if (path / RECIPE).exists():
            raise RecipeError(str(path), "holds a run already; continue it with --resume, or choose another folder")
        if path.is_dir() and any(path.iterdir()):
            raise RecipeError(str(path), "is not empty and holds no run; choose a new or an empty folder")
        path.mkdir(exist_ok=True)
        folder = cls(path)
        folder.write_recipe(experiment)
        return folder

    def withdraw(self) -> None:
        """Take back the folder of a run that did not begin: the recipe, and the folder if nothing else is in it."""
        (self.path / RECIPE).unlink(missing_ok=True)
        if not any(self.path.iterdir()):
            self.path.rmdir()

    @classmethod
    def open(cls, path: Path) -> RunFolder:
        """Open the folder of a run.

        Raises:
            RecipeError: it is not there, or it is no run.
        """
        if not path.exists():
            raise RecipeError(str(path), "there is no such run folder")
        if not path.is_dir():
            raise RecipeError(str(path), "is a file; a run is the folder that train --out made")
        if not (path / RECIPE).is_file():
            raise RecipeError(str(path), f"is no run folder: it has no {RECIPE}")
        return cls(path)

    @classmethod
    def resume(cls, path: Path, experiment: Experiment) -> RunFolder:
        """Open a run that is to go on with this recipe; where there is none yet, create it.

        Raises:
            RecipeError: the run in the folder is of another recipe; the text names the first field that differs.
        """
        if not (path / RECIPE).exists():
            return cls.create(path, experiment)
        folder = cls.open(path)
        changed = needs_restart(folder.recalled, folder.with_own_data(experiment))
        if changed:
            raise RecipeError(
                str(path), f"holds a run of another recipe ({', '.join(changed)} differ); it cannot go on"
            )
        folder.write_recipe(experiment)
        return cls(path)

    @cached_property
    def experiment(self) -> Experiment:
        """The recipe of the run."""
        return load_experiment(self.path / RECIPE)

    @cached_property
    def recalled(self) -> Experiment:
        """The recipe of the run; if its data are gone, with what is known of them: enough to sample, not to train.

        Raises:
            RecipeError: it cannot be read, or nothing is known of data that are gone.
        """
        try:
            return self.experiment
        except RecipeError as error:
            if (self.path / DATA_KNOWN).exists():
                return load_experiment(self.path / RECIPE, self._known_data())
            if not error.problem.startswith("data."):
                raise
            lacking = f"the run holds no {DATA_KNOWN}, so it needs them where they were"
            raise RecipeError(error.path, f"{error.problem}; {lacking}") from None

    def _known_data(self) -> Remembered:
        path = self.path / DATA_KNOWN
        try:
            return Remembered.parse(json.loads(path.read_text(encoding="utf-8")))
        except OSError as error:
            raise RecipeError(str(path), error.strerror or "cannot be read") from None
        except (ValueError, RecursionError) as error:
            raise RecipeError(str(path), f"is damaged: {error}") from None

    def with_own_data(self, experiment: Experiment) -> Experiment:
        """A recipe with the data of this run in place of its own, where they are the same and only lie elsewhere."""
        known = self.recalled.data
        is_same = isinstance(known, Remembered) and remembered(experiment.data) == known
        return experiment.model_copy(update={"data": known}) if is_same else experiment

    def write_recipe(self, experiment: Experiment) -> None:
        """Write the recipe, every option written out."""
        replace_file(self.path / RECIPE, lambda file: file.write(experiment.to_toml().encode()))

    def save(self, state: Mapping[str, Any], values: Array) -> None:
        """Keep a state of the run and the weights that belong to it.

        Args:
            state: ``Trainer.state()``.
            values: ``Trainer.values()`` at the same step, shape (P,), float32.
        """
        replace_file(self.path / WEIGHTS, lambda file: file.write(save(name_weights(self.experiment, values))))
        replace_file(self.path / CHECKPOINT, lambda file: file.write(pack(state)))
        if is_of_files(self.experiment.data):
            known = json.dumps(remembered(self.experiment.data).options())
            replace_file(self.path / DATA_KNOWN, lambda file: file.write(known.encode()))

    def state(self) -> dict[str, Any] | None:
        """The last state that was kept, or None.

        Raises:
            RecipeError: the file is damaged.
        """
        path = self.path / CHECKPOINT
        return unpack(path) if path.exists() else None

    def model(self) -> Model:
        """The trained model, with the averaged weights where the recipe averages them (``optimizer.ema`` > 0).

        Raises:
            RecipeError: there are no weights yet, they are damaged, or they do not fit the recipe.
        """
        experiment = self.recalled
        model = build_model(experiment, torch.Generator().manual_seed(0))  # the weights are replaced below
        prefix = "averaged" if experiment.optimizer.ema > 0 else "model"
        weights = self._weights()
        for name, place in named_parts(model.network):
            tensor = weights.get(f"{prefix}.{name}")
            if tensor is None or tensor.shape != tuple(place.shape):
                raise RecipeError(
                    str(self.path / WEIGHTS), f"does not fit the recipe: {prefix}.{name} is not of its shape"
                )
            place.copy_(torch.from_numpy(tensor))
        model.network.module.eval()
        return model

    def _weights(self) -> dict[str, Array]:
        path = self.path / WEIGHTS
        if not path.exists():
            raise RecipeError(str(path), "is missing: the run was stopped before its first weights were saved")
        try:
            return load_file(path)
        except SafetensorError as error:
            raise RecipeError(str(path), f"is damaged: {error}") from None

    def append(self, row: Mapping[str, Any]) -> None:
        """Add one evaluation to the metrics."""
        line = json.dumps(plain_json(row)) + "\n"
        with (self.path / METRICS).open("a", encoding="utf-8") as file:
            file.write(line)

    def rows(self) -> list[dict[str, Any]]:
        """All evaluations; a last line that was cut short by the end of the process is left out."""
        path = self.path / METRICS
        return list(_whole_rows(path)) if path.exists() else []

    def forget_after(self, step: int) -> None:
        """Drop evaluations of steps that are going to be taken again."""
        kept = [json.dumps(row) + "\n" for row in self.rows() if row["step"] <= step]
        replace_file(self.path / METRICS, lambda file: file.write("".join(kept).encode()))

    def write_samples(self, samples: Array) -> None:
        """Write samples of the trained model, shape (n, d)."""
        replace_file(self.path / SAMPLES, lambda file: np.save(file, samples, allow_pickle=False))

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write how the run ended."""
        text = json.dumps(plain_json(summary), indent=2) + "\n"
        replace_file(self.path / SUMMARY, lambda file: file.write(text.encode()))


def replace_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all: under a temporary name in the same folder, then renamed.

    Raises:
        OSError: it cannot be written; whatever stood there before still does.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            error.filename = str(path)  # a full disk does not know which file it had no room for
        raise


def name_weights(experiment: Experiment, values: Array) -> dict[str, Array]:
    """Cut the flat vector of ``Trainer.values()`` into named arrays.

    Args:
        experiment: the recipe.
        values: [model | critic | averaged model], shape (P,).

    Returns:
        ``model.NAME``, ``critic.NAME`` and ``averaged.NAME``, each of its parameter's shape.

    Raises:
        ValueError: there are more or fewer values than the recipe has weights.
    """
    shapes = dict(_shapes(experiment))
    ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
    if ends[-1] != len(values):
        raise ValueError(f"{len(values)} values do not fit the recipe's {ends[-1]} weights")
    parts = np.split(np.asarray(values, dtype=np.float32), ends[:-1])
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def _shapes(experiment: Experiment) -> Iterator[tuple[str, tuple[int, ...]]]:
    model = build_model(experiment, torch.Generator().manual_seed(0)).network
    critic = experiment.objective.build_critic(experiment, torch.Generator().manual_seed(0))
    for prefix, network in (("model", model), ("critic", critic), ("averaged", model)):
        for name, place in named_parts(network) if network else ():
            yield f"{prefix}.{name}", tuple(place.shape)


def named_parts(network: Network) -> Iterator[tuple[str, torch.Tensor]]:
    """Name and tensor of all that ``Network.values`` holds, in its order."""
    for name, parameter in network.module.named_parameters():
        yield name, parameter.data
    for name, buffer in network.module.named_buffers():
        if buffer.is_floating_point():
            yield name, buffer


def pack(state: Mapping[str, Any]) -> bytes:
    """A state as one safetensors file: its arrays as tensors, everything else as JSON in the header."""
    arrays: dict[str, Array] = {}
    tree = _without_arrays(state, "", arrays)
    return save(arrays, metadata={"state": json.dumps(tree)})


def unpack(path: Path) -> dict[str, Any]:
    """Read what ``pack`` wrote.

    Raises:
        RecipeError: the file is damaged or something else.
    """
    try:
        arrays = load_file(path)
        with safe_open(path, framework="numpy") as file:
            tree = json.loads((file.metadata() or {})["state"])
    except (SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise RecipeError(str(path), f"is damaged: {error}") from None
    return _with_arrays(tree, arrays)


def _without_arrays(value: Any, path: str, arrays: dict[str, Array]) -> Any:
    if isinstance(value, np.ndarray):
        arrays[path] = np.asarray(value, order="C")
        return {"$array": path}
    if isinstance(value, Mapping):
        return {
            name: _without_arrays(item, f"{path}.{name}" if path else str(name), arrays) for name, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_without_arrays(item, f"{path}.{index}", arrays) for index, item in enumerate(value)]
    return value.item() if isinstance(value, np.generic) else value


def _with_arrays(tree: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(tree, dict):
        if tree.keys() == {"$array"}:
            return arrays[tree["$array"]]
        return {name: _with_arrays(item, arrays) for name, item in tree.items()}
    return [_with_arrays(item, arrays) for item in tree] if isinstance(tree, list) else tree


def _whole_rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            yield json.loads(line)


def plain_json(value: Any) -> Any:
    """Values that JSON can hold: NaN and infinities become null."""
    if isinstance(value, Mapping):
        return {str(name): plain_json(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
