"""``pushforward train``: a run without a window, in a folder."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from explorer.command_line.inputs import PLACES, check_run_place, for_steps, read_recipe
from explorer.command_line.measuring import table
from explorer.command_line.progress import reporter
from explorer.command_line.recorded import RecordedRun
from explorer.session.cost_words import cost_words
from models.cost import check_memory, cost_of_run
from models.experiment import Experiment
from models.registry import RecipeError
from models.training.run_folder import RunFolder
from models.training.trainer import check_device


def train(arguments: Namespace) -> int:
    """Train a recipe and leave a run folder.

    Raises:
        Failure: training diverged or was interrupted; the folder holds the last good state.
        RecipeError: the recipe or the folder cannot be used.
    """
    recipe = _recipe(arguments)
    experiment, last = for_steps(recipe, arguments.steps)
    path = Path(arguments.out)
    check_device(experiment.device)  # before there is a folder
    check_memory(experiment)
    check_run_place(path)
    run = _resumed(path, experiment, last) if arguments.resume else _begun(path, experiment, last)
    if run.trainer.step >= last:
        print(f"already at step {run.trainer.step:,}, and {last:,} are asked for: nothing is trained", flush=True)
    else:
        _train(run, last)
    print("measuring what was learnt", flush=True)
    summary = run.finish()
    _tell(path, summary)
    return 0


def _recipe(arguments: Namespace) -> Experiment:
    try:
        return read_recipe(arguments.recipe, arguments.set, arguments.seed)
    except RecipeError as error:
        where = error.problem.partition(":")[0]
        if where not in PLACES or any(setting.startswith(where) for setting in arguments.set):
            raise
        raise RecipeError(error.path, f"{error.problem}; if it is elsewhere now, --set {where}=… says where") from None


def _resumed(path: Path, experiment: Experiment, last: int) -> RecordedRun:
    return RecordedRun(RunFolder.resume(path, experiment), last)


def _begun(path: Path, experiment: Experiment, last: int) -> RecordedRun:
    """A new run; where its data cannot be had, no folder is left that would stand in the way of the next try."""
    folder = RunFolder.create(path, experiment)
    try:
        return RecordedRun(folder, last)
    except RecipeError:
        folder.withdraw()
        raise


def _train(run: RecordedRun, last: int) -> None:
    if run.trainer.step:
        print(f"goes on at step {run.trainer.step:,}", flush=True)
    else:
        trainer = run.trainer
        cost = cost_of_run(trainer.experiment, trainer.parameters, trainer.critic_parameters)
        print(cost_words(cost.plain()), flush=True)
    run.train(reporter(run.trainer.step, last))


def _tell(path: Path, summary: dict[str, Any]) -> None:
    rate = summary["steps_per_second"] or 0.0
    print(
        f"{summary['steps']:,} steps in {summary['seconds']:.1f} s, {rate:,.0f} steps/s; {summary['weights']} weights"
    )
    print(table(summary["measures"]))
    print(f"saved in {path}")
