"""``pushforward sample`` and ``pushforward log-prob``: what a trained model can do."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
import torch
from numpy.lib.format import write_array_header_1_0
from numpy.typing import NDArray
from torch import Tensor

from explorer.command_line.failure import Failure
from explorer.command_line.figure import png, sheet
from explorer.command_line.inputs import check_out_file, read_array
from explorer.command_line.telling import told_by, untold
from models.data._picture import Picture
from models.experiment import Experiment, needs_restart
from models.families import FAMILIES, Family, Model
from models.families._denoising import DenoisingFamily
from models.registry import is_live
from models.training.run_folder import RunFolder, replace_file

CHUNK: Final = 1 << 16
"""Samples that are drawn and written at a time, so that any number of them needs little memory …"""

HELD: Final = 1 << 24
"""… and fewer where they have so many numbers."""

MOST_PICTURES: Final = 1 << 26
"""Pixels of the largest sheet of pictures."""


def sample(arguments: Namespace) -> int:
    """Draw from a trained model and write an NPY file, shape (n, d), float32, or a sheet of pictures as a PNG file.

    Raises:
        Failure: a setting needs another run, there is no such class, a word of the caption is not known, or samples
            that are no pictures are to be one.
    """
    out = check_out_file(arguments.out, ".npy", ".png")
    folder = RunFolder.open(Path(arguments.run))
    shape = _shape_of_sheet(folder.recalled, arguments) if out.suffix.lower() == ".png" else None
    model = folder.model()
    if arguments.set:
        model.adopt(_set_otherwise(folder.recalled, arguments.set).family)
    told = told_by(arguments, folder.recalled)
    source = Source(model, sampling_generator(arguments.seed), told)
    if shape:
        pictures = np.concatenate(list(source.chunks(arguments.n)))
        content = png(sheet(pictures, shape, folder.recalled.data.image_range))
        replace_file(out, lambda file: file.write(content))
    else:
        replace_file(out, lambda file: _write_samples(file, source, arguments.n))
    return 0


def _shape_of_sheet(experiment: Experiment, arguments: Namespace) -> Picture:
    shape = experiment.data.image_shape
    if shape is None:
        raise Failure(f"{arguments.out}: must end in .npy: samples of {experiment.data.title} are no pictures")
    most = MOST_PICTURES // (shape.rows * shape.columns)
    if arguments.n > most:
        raise Failure(f"-n {arguments.n}: a sheet holds at most {most:,} pictures of {shape.rows} × {shape.columns}")
    return shape


def _set_otherwise(trained: Experiment, settings: Sequence[str]) -> Experiment:
    """The recipe with these settings, which change the way to samples and nothing that was trained."""
    wanted = trained.with_settings(settings)
    changed = needs_restart(trained, wanted)
    changed += [name for name in Experiment.model_fields
                if name not in ("family", "about") and getattr(wanted, name) != getattr(trained, name)]  # fmt: skip
    if changed:
        path = next((setting.partition("=")[0] for setting in settings if setting.startswith(changed[0])), changed[0])
        raise Failure(f"{path}: cannot change after training, it would need a new run; {_left_open(trained.family)}")
    if trained.family != wanted.family and _guidance(wanted.family) and not wanted.family.condition(wanted.data):
        raise Failure(f"family.guidance: {untold(wanted)}")
    return wanted


def _left_open(family: Family) -> str:
    names = [f"family.{name}" for name, field in type(family).model_fields.items() if is_live(field)]
    return f"what can: {', '.join(names)}" if names else f"{family.title} samples in one way"


def _guidance(family: Family) -> float:
    return family.guidance if isinstance(family, DenoisingFamily) else 0.0


def log_prob(arguments: Namespace) -> int:
    """Write the log density of points, shape (n,), float32, in nats, or a lower bound on it, which is then said.

    Raises:
        Failure: the family has no density, or the points are not of the run's dimension.
    """
    out = check_out_file(arguments.out, ".npy")
    folder = RunFolder.open(Path(arguments.run))
    model = folder.model()
    if model.density == "none":
        raise Failure(f"{arguments.run}: {model.density_remark or _no_density(folder.recalled.family)}")
    points = torch.from_numpy(_points_of(arguments.points, model.dimension))
    values = model.log_prob(points).numpy()
    replace_file(out, lambda file: np.save(file, values, allow_pickle=False))
    if model.density == "bound":
        title = folder.recalled.family.title
        print(f"note: {out}: a lower bound on log p(x) ({title}), not log p(x)", file=sys.stderr)
    elif model.density_remark:
        print(f"note: {out}: {model.density_remark}", file=sys.stderr)
    return 0


def _no_density(family: Family) -> str:
    able = [member.key for member in FAMILIES if {"log_prob", "bound", "process"} & member.capabilities]
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


@dataclass(frozen=True, eq=False)
class Source:
    """What samples are drawn from.

    Attributes:
        model: P_θ.
        chance: the only source of chance.
        told: the class, shape (1,), or the caption, shape (1, L), that all of them are told; None for classes in their
            proportions, or captions as the data have them.
    """

    model: Model
    chance: torch.Generator
    told: Tensor | None = None

    def draw(self, n: int) -> NDArray[Any]:
        """Shape (n, d)."""
        z = self.model.latent.draw(n, self.chance).to(self.model.network.theta.device)
        if self.told is None:
            return self.model.push(z).detach().cpu().numpy()
        told = self.told.to(z.device).expand(n, *self.told.shape[1:])
        return self.model.push_given(z, told).detach().cpu().numpy()

    def chunks(self, n: int) -> Iterator[NDArray[Any]]:
        """So many of them, in parts."""
        step = max(1, min(CHUNK, HELD // self.model.dimension))
        return (self.draw(min(step, n - start)) for start in range(0, n, step))


def draw_samples(model: Model, n: int, chance: torch.Generator) -> NDArray[np.float32]:
    """Samples of P_θ, shape (n, d): the same as ``sample`` writes for the same n and chance."""
    return np.concatenate(list(Source(model, chance).chunks(n)))


def _write_samples(file: BinaryIO, source: Source, n: int) -> None:
    write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (n, source.model.dimension)})
    for part in source.chunks(n):
        file.write(np.ascontiguousarray(part, dtype="<f4").tobytes())
