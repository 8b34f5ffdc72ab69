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


@pytest.mark.parametrize("setting", ["data.modes", "=3", "seed.inner=1"])
def test_what_is_no_setting_is_refused(setting):
    with pytest.raises(ValueError, match=r"path=value|no options"):
        with_settings({"seed": 0}, [setting])
