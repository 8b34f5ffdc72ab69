"""Settings on plain values: the same as the checked recipe's own."""

import pytest

from explorer.session.settings import with_settings
from models.experiment import Experiment

SETTINGS = (
    ("optimizer.lr=3e-4",),
    ("steps=500", "seed=7"),
    ("objective.fade=false", "optimizer.schedule=constant"),
    ("divergence.key=wasserstein_1", "objective.critic.width=32"),
    ("data.key=grid", "data.rows=3"),
)


@pytest.mark.parametrize("settings", SETTINGS)
def test_they_mean_what_they_mean_on_the_command_line(settings):
    experiment = Experiment.from_dict({"data": {"key": "ring", "modes": 5}})
    before = experiment.to_dict()
    applied = with_settings(before, settings)
    assert Experiment.from_dict(applied) == experiment.with_settings(settings)
    assert before == experiment.to_dict()


def test_another_key_clears_the_options_of_the_member_before():
    recipe = {"data": {"key": "ring", "modes": 5}, "latent": "gaussian"}
    assert with_settings(recipe, ["data.key=grid"])["data"] == {"key": "grid"}
    assert with_settings(recipe, ["latent.dimension=3"])["latent"] == {"key": "gaussian", "dimension": 3}


def test_a_member_in_a_member_that_was_set_by_its_key_takes_options():
    diffusion = Experiment.from_dict({"family": "diffusion"})
    made = diffusion.with_settings(["family.sampler=heun", "family.sampler.steps=7"])
    assert made.family.sampler.recipe() == {"key": "heun", "steps": 7}
    with pytest.raises(ValueError, match=r"^family\.key: \{.*\} is not allowed; it must be one of the families"):
        diffusion.with_settings(["family.key.sampler=heun"])


@pytest.mark.parametrize("setting", ["data.modes", "=3", "seed.inner=1"])
def test_what_is_no_setting_is_refused(setting):
    with pytest.raises(ValueError, match=r"path=value|no options"):
        with_settings({"seed": 0}, [setting])
