"""A file with fewer rows than a batch: what is refused says what would do, and that does."""

from __future__ import annotations

import pickle

import pytest

from explorer.session.channel import memory_channels
from explorer.session.commands import Start
from explorer.session.messages import Refused, Started
from explorer.session.settings import with_settings
from explorer.session.trainer_loop import TrainerLoop
from models.experiment import Experiment
from models.registry import RecipeError


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("".join(f"{i},{i * i}\n" for i in range(50)))
    return {"data": {"key": "table", "path": str(path)}, "batch_size": 128}


def test_the_refusal_brings_the_settings_that_make_the_recipe_usable(recipe, tmp_path):
    channel, theirs = memory_channels()
    loop = TrainerLoop(theirs, tmp_path)
    channel.send(Start(1, recipe))
    loop.tick()
    refused = next(message for message in channel.receive() if isinstance(message, Refused))
    assert refused.path == "batch_size"
    assert refused.problem.startswith("128 is more than the 50 training samples")
    channel.send(Start(2, with_settings(recipe, refused.settings)))
    loop.tick()
    started = next(message for message in channel.receive() if isinstance(message, Started))
    assert started.recipe["batch_size"] == 50
    loop.close()


def test_a_refusal_crosses_processes_whole(recipe):
    with pytest.raises(RecipeError) as caught:
        Experiment.from_dict(recipe)
    again = pickle.loads(pickle.dumps(caught.value))
    assert (again.path, again.problem, again.settings) == ("batch_size", caught.value.problem, ("batch_size=50",))
