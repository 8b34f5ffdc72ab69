"""``pushforward sample`` and ``pushforward log-prob``: what a trained model can do."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import torch
from numpy.lib.format import write_array_header_1_0
from numpy.typing import NDArray

from explorer.command_line.failure import Failure
from explorer.command_line.inputs import check_out_file, read_array
from models.families import FAMILIES, Family, Model
from models.training.run_folder import RunFolder, replace_file

CHUNK: Final = 1 << 16
"""Samples that are drawn and written at a time, so that any number of them needs little memory."""


def sample(arguments: Namespace) -> int:
    """Draw from a trained model and write an NPY file, shape (n, d), float32."""
    out = check_out_file(arguments.out, ".npy")
    model = RunFolder.open(Path(arguments.run)).model()
    chance = sampling_generator(arguments.seed)
    replace_file(out, lambda file: _write_samples(file, model, arguments.n, chance))
    return 0


def log_prob(arguments: Namespace) -> int:
    """Write the log density of points, shape (n,), float32, in nats, or a lower bound on it, which is then said.

    Raises:
        Failure: the family has no density, or the points are not of the run's dimension.
    """
    out = check_out_file(arguments.out, ".npy")
    folder = RunFolder.open(Path(arguments.run))
    model = folder.model()
    if model.density == "none":
        raise Failure(f"{arguments.run}: {_no_density(folder.experiment.family)}")
    points = torch.from_numpy(_points_of(arguments.points, model.dimension))
    values = model.log_prob(points).numpy()
    replace_file(out, lambda file: np.save(file, values, allow_pickle=False))
    if model.density == "bound":
        title = folder.experiment.family.title
        print(f"note: {out}: a lower bound on log p(x) ({title}), not log p(x)", file=sys.stderr)
    return 0


def _no_density(family: Family) -> str:
    able = [member.key for member in FAMILIES if {"log_prob", "bound"} & member.capabilities]
    return f"{family.title} has no density; families that have one, or a bound: {', '.join(able)}"


def _points_of(name: str, dimension: int) -> NDArray[np.float32]:
    points = read_array(name)
    if points.shape[1] != dimension:
        numbers = "number" if points.shape[1] == 1 else "numbers"
        raise Failure(f"{name}: a row has {points.shape[1]} {numbers}; points of the run have {dimension}")
    return points


def sampling_generator(seed: int) -> torch.Generator:
    """Chance for drawing samples: apart from the chance that trained a model of the same seed."""
    word = int(np.random.SeedSequence([seed, 1]).generate_state(1, np.uint64)[0])
    return torch.Generator().manual_seed(word >> 1)


def draw_samples(model: Model, n: int, chance: torch.Generator) -> NDArray[np.float32]:
    """Samples of P_θ, shape (n, d): the same as ``sample`` writes for the same n and chance."""
    return np.concatenate(list(_chunks(model, n, chance)))


def _chunks(model: Model, n: int, chance: torch.Generator) -> Iterator[NDArray[Any]]:
    for start in range(0, n, CHUNK):
        yield model.sample(min(CHUNK, n - start), chance).detach().cpu().numpy()


def _write_samples(file: BinaryIO, model: Model, n: int, chance: torch.Generator) -> None:
    write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (n, model.dimension)})
    for part in _chunks(model, n, chance):
        file.write(np.ascontiguousarray(part, dtype="<f4").tobytes())
