"""A run without a window that is recorded in a folder as it goes."""

from __future__ import annotations

import math
import platform
import signal
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from explorer.command_line.failure import DIVERGED, INTERRUPTED, Failure
from explorer.command_line.figure import figure
from explorer.command_line.measuring import real_samples
from explorer.command_line.progress import Reporter
from explorer.command_line.sampling import draw_samples, sampling_generator
from explorer.command_line.version import own_version
from models.data._base import few_of
from models.families import Model
from models.measures._base import LogDensity, Reference, Samples
from models.measures.report import report
from models.training._gauge import WIDE
from models.training._levels import log_mass
from models.training.run_folder import FIGURE, RunFolder, replace_file
from models.training.trainer import Diverged, Trainer
from models.training.witness import Witness

EVALUATIONS: Final = 20
"""How often a run is measured and saved, spread evenly over its length."""

GOOD_EVERY: Final = 50
"""Steps between two states that are kept in memory in case training diverges."""

SAMPLES: Final = 10_000
NUMBERS: Final = 10_000_000
"""Limits of ``samples.npy``: samples, and numbers in all."""

WORK: Final = 1 << 38
"""Multiplications by weights that they may take, about half a minute …"""

LEAST_SAMPLES: Final = 64
"""… unless so few take longer."""

HELD_OUT: Final = 2_500
"""Held-out samples that the final measures may need."""

MEASURED_WIDE: Final = 2_500
"""As many of them are measured at the end where data are wide: among all pairs of 10,000 it would take minutes …"""

COMPARED: Final = 784 * MEASURED_WIDE**2
"""… and fewer where they are wider than small pictures: so many numbers are compared when all pairs are."""


@dataclass(frozen=True, eq=False)
class Good:
    """A state of a run whose weights are all finite."""

    step: int
    state: dict[str, Any]

    @property
    def values(self) -> NDArray[np.float32]:
        """``Trainer.values()`` at that step."""
        return self.state["arrays"]["values"]


class RecordedRun:
    """Trains up to a step, measuring and saving at even intervals."""

    def __init__(self, folder: RunFolder, last: int) -> None:
        """Begin, or go on where the folder's checkpoint is.

        Raises:
            RecipeError: the checkpoint is damaged or of another recipe.
        """
        self.folder = folder
        self.experiment = folder.experiment
        self.last = last
        self.trainer = Trainer(self.experiment)
        self._witness = Witness(self.experiment)
        self._witness.prepare(math.inf)
        self._every = max(1, last // EVALUATIONS)
        self._losses: dict[str, list[float]] = defaultdict(list)
        self._stop = threading.Event()
        state = folder.state()
        if state is not None:
            self.trainer.restore(state)
            folder.forget_after(self.trainer.step)
        self._good = Good(self.trainer.step, self.trainer.state())

    @property
    def averaged(self) -> bool:
        """Whether samples and measures are of the averaged weights."""
        return self.experiment.optimizer.ema > 0

    def train(self, reporter: Reporter) -> None:
        """Train to the last step.

        Raises:
            Failure: training diverged, or was interrupted; in both cases the folder holds a state to go on from.
        """
        if self.trainer.step == 0:
            self._save()
        with _interrupts(self._stop.set), reporter:
            self._steps(reporter)
        if self._stop.is_set() and self.trainer.step < self.last:
            self._interrupted()

    def finish(self) -> dict[str, Any]:
        """Write samples, figure and summary of the trained model; return the summary."""
        model = self.folder.model()
        samples = self._write_samples(model)
        drawn = Samples(torch.from_numpy(samples), self._density(model), log_mass(model, self.experiment.data))
        summary = self._summary() | self._final_measures(drawn)
        self.folder.write_summary(summary)
        if summary["remark"]:
            print(f"note: {summary['remark']}", file=sys.stderr)
        return summary

    def _steps(self, reporter: Reporter) -> None:
        try:
            while self.trainer.step < self.last and not self._stop.is_set():
                self._step(reporter)
            self._keep()
        except Diverged as error:
            raise self._diverged(error) from None

    def _step(self, reporter: Reporter) -> None:
        scalars = self.trainer.take_step()
        step = self.trainer.step
        for name, value in scalars.items():
            self._losses[name].append(value)
        evaluates = step % self._every == 0 or step == self.last
        if evaluates or step % GOOD_EVERY == 0:
            self._keep()
        if evaluates:
            self._evaluate()
        reporter.stepped(step, step / max(self.trainer.seconds, 1e-9), scalars)

    def _keep(self) -> None:
        self.trainer.inspect()  # the last move of a step can break the weights while all its scalars were still finite
        self._good = Good(self.trainer.step, self.trainer.state())

    def _evaluate(self) -> None:
        self._witness.load(self._good.values, average=self.averaged)
        losses = {name: float(np.mean(past)) for name, past in self._losses.items()}
        self._losses.clear()
        row = {"step": self.trainer.step, "seconds": self.trainer.seconds, "losses": losses}
        self.folder.append(row | {"measures": self._witness.measure()})
        self._save()

    def _save(self) -> None:
        self.folder.save(self._good.state, self._good.values)

    def _interrupted(self) -> None:
        self._save()
        step, path = self._good.step, self.folder.path
        raise Failure(f"stopped at step {step:,}, saved in {path}; the same command with --resume goes on", INTERRUPTED)

    def _diverged(self, error: Diverged) -> Failure:
        self._save()
        good = self._good.step
        self.folder.forget_after(good)
        what = {"step": error.step, "name": error.name, "value": str(error.value), "advice": error.advice}
        self.folder.write_summary(self._summary() | {"steps": good, "diverged": what})
        return Failure(
            f"training diverged: {error}. {error.advice} "
            f"The last good state, of step {good:,}, is saved in {self.folder.path}.",
            DIVERGED,
        )

    def _write_samples(self, model: Model) -> NDArray[np.float32]:
        most = min(SAMPLES, NUMBERS // self.experiment.data.dimension, WORK // model.sample_work)
        n = max(LEAST_SAMPLES, most)
        samples = draw_samples(model, n, sampling_generator(self.experiment.seed))
        self.folder.write_samples(samples)
        return samples

    def _final_measures(self, samples: Samples) -> dict[str, Any]:
        data = self.experiment.data
        if data.dimension > WIDE:
            few = min(MEASURED_WIDE, math.isqrt(COMPARED // data.dimension))
            samples = samples.of_same(samples.x[:few])
        real = real_samples(data, len(samples.x), sampling_generator(self.experiment.seed + 1))
        if data.is_streamed:  # floors are drawn in as many samples
            samples = samples.of_same(samples.x[: len(real)])
        picture = figure(real.numpy(), samples.x.numpy(), data.image_shape)
        replace_file(self.folder.path / FIGURE, lambda file: file.write(picture))
        return report(samples, self._reference(real), sampling_generator(self.experiment.seed + 2))

    def _reference(self, real: torch.Tensor) -> Reference:
        game, data = self.trainer.game, self.experiment.data
        training = None if game.sample is None else game.model.outward(game.sample).cpu()
        held_out = data.held_out_sample(few_of(data.dimension, HELD_OUT), sampling_generator(self.experiment.seed + 3))
        return Reference(real, data, training, held_out)

    def _density(self, model: Model) -> LogDensity | None:
        """The model's own log density, where its family has one."""
        return model.log_prob if model.density == "exact" else None

    def _summary(self) -> dict[str, Any]:
        trainer = self.trainer
        critic = trainer.game.critic
        return {
            "steps": trainer.step,
            "seconds": trainer.seconds,
            "steps_per_second": trainer.step / trainer.seconds if trainer.seconds else None,
            "parameters": trainer.parameters,
            "critic_parameters": critic.parameters if critic else 0,
            "weights": "averaged" if self.averaged else "newest",
            "seed": self.experiment.seed,
            "remark": trainer.remark,
            "versions": versions(),
        }


def versions() -> dict[str, str]:
    """Versions of what made the numbers."""
    return {
        "pushforward": own_version(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }


@contextmanager
def _interrupts(stop: Callable[[], None]) -> Iterator[None]:
    """Let Ctrl-C ask for a stop between two steps; a second one ends the program at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def first(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        stop()

    before = signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
