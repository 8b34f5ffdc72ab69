"""``pushforward measure``: how far samples are from data, each measure with its noise floor."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.command_line.failure import Failure
from explorer.command_line.inputs import read_array, read_data
from explorer.command_line.sampling import sampling_generator
from models.data import Data
from models.measures import MEASURES
from models.measures._base import Reference
from models.measures.report import report
from models.training.run_folder import plain_json

LEAST_DRAWS: Final = 10_000
"""Draws of a known law that samples are held against, at least: so that few samples do not meet few draws."""

LEAST_SAMPLES: Final = 8
"""Rows below which halves of a sample, from which intervals come, say nothing."""


def measure(arguments: Namespace) -> int:
    """Print every measure that the samples allow, as a table or as JSON."""
    samples = _several(arguments.samples)
    reference = _reference(arguments, samples)
    if reference.x.shape[1] != samples.shape[1]:
        other = arguments.against or arguments.data
        raise Failure(f"{arguments.samples}: has {samples.shape[1]} columns, but {other} has {reference.x.shape[1]}")
    result = report(torch.from_numpy(samples), reference, sampling_generator(arguments.seed))
    print(json.dumps(plain_json(result), indent=2) if arguments.json else table(result["measures"]))
    return 0


def _several(name: str) -> NDArray[np.float32]:
    array = read_array(name)
    if len(array) < LEAST_SAMPLES:
        raise Failure(f"{name}: has {len(array)} rows; at least {LEAST_SAMPLES} are needed to measure anything")
    return array


def _reference(arguments: Namespace, samples: NDArray[Any]) -> Reference:
    if arguments.against:
        if arguments.set:
            raise Failure(f"--set {arguments.set[0]}: is for --data; the samples of --against are what they are")
        return Reference(torch.from_numpy(_several(arguments.against)))
    data = read_data(arguments.data, arguments.set)
    draws = max(len(samples), LEAST_DRAWS)
    chance = sampling_generator(arguments.seed + 1)
    real = real_samples(data, draws, chance)
    if data.size is None or "n" in type(data).model_fields:  # a sample of n is another one in every run
        return Reference(real, data)
    return Reference(real, data, data.training_set(chance), data.held_out_sample(draws, chance))


def real_samples(data: Data, n: int, chance: torch.Generator) -> torch.Tensor:
    """What stands for P_X: n draws where there is an exact sampler, all that there is where there is only a sample.

    Of samples that are read from files as they are asked for there may be fewer.
    """
    if data.is_streamed:
        return data.specimens(n, chance)
    if "sample" in data.capabilities or data.size is None:
        return data.draw(n, chance)
    everything = data.training_set(chance)
    assert everything is not None, "data of a finite size has a training set"
    return everything


def table(measures: dict[str, Any]) -> str:
    """Measures as a table of text: value, 95 % interval, and what a perfect sampler of the same size scores."""
    rows = [f"{'measure':<34}{'value':>12}{'interval':>26}{'floor':>12}  unit"]
    for key, entry in measures.items():
        title = MEASURES[key].title if key in MEASURES.keys() else key  # noqa: SIM118
        low, high = entry["interval"]
        interval = f"[{_number(low)}, {_number(high)}]"
        value, floor = _number(entry["value"]), _number(entry["floor"])
        rows.append(f"{title:<34}{value:>12}{interval:>26}{floor:>12}  {entry['unit']}".rstrip())
    return "\n".join(rows)


def _number(value: float | None) -> str:
    """Four digits; a dash for what is not known."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:.4g}".replace("inf", "∞").replace("-", "−", 1) if math.isinf(value) else f"{value:.4g}"
