"""The recipe as one value: read, written, completed, set and refused."""

from __future__ import annotations

import pytest

from models.experiment import SECTIONS, Experiment, load_experiment, needs_restart
from models.presets import presets
from models.registry import RecipeError


@pytest.mark.parametrize(
    ("family", "label"),
    [
        ({"key": "diffusion", "levels": 60}, "Ring of 8 · Diffusion (DDPM), T = 60 · MLP 2×16 · Fisher"),
        ("score_based", "Ring of 8 · Score-based (SDE) · MLP 2×16 · Fisher"),
        ("flow_matching", "Ring of 8 · Flow matching · MLP 2×16 · Velocity"),
    ],
)
def test_a_family_that_denoises_is_complete_by_its_name_and_says_what_matters(family, label):
    made = Experiment.from_dict({"family": family, "architecture": {"key": "mlp", "width": 16, "depth": 2}})
    assert made.label() == label
    assert made.objective.key in ("denoising", "conditional_flow_matching")
    assert made.latent.dimension == made.data.dimension


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset["key"])
def test_every_preset_survives_toml(preset):
    recipe = Experiment.from_dict(preset["recipe"])
    assert Experiment.from_toml(recipe.to_toml()) == recipe
    assert preset["title"]
    assert preset["watch"].endswith(".")
    assert preset["seconds"] > 0


def test_a_bare_recipe_is_completed():
    recipe = Experiment.from_dict({})
    assert [getattr(recipe, name).key for name in SECTIONS][:2] == ["ring", "gaussian"]
    assert recipe.label() == "Ring of 8 · MLP 3×64 · Jensen–Shannon"


def test_a_family_that_has_no_use_for_the_network_is_called_by_its_name():
    recipe = Experiment.from_dict({"data": "moons", "family": "spline_flow"})
    assert recipe.label() == "Two moons · Neural spline flow · KL"
    assert (
        Experiment.from_dict({"family": "variational_autoencoder"}).label()
        == "Ring of 8 · Variational autoencoder · KL"
    )


def test_the_objective_follows_the_divergence():
    assert Experiment.from_dict({"divergence": "mmd"}).objective.key == "kernel"
    assert Experiment.from_dict({"divergence": "wasserstein_1"}).objective.key == "adversarial"


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"data": {"key": "rnig"}}, r"^data\.key: 'rnig' .* did you mean 'ring'"),
        ({"data": {"key": "ring", "modes": 0}}, r"^data\.modes: 0 is not allowed; .* at least 1 and at most 64"),
        (
            {"family": {"key": "diffusion", "sampler": {"key": "heun", "steps": True}}},
            r"^family\.sampler\.steps: true is not allowed; it must be a whole number at least 1",
        ),
        ({"steps": False}, r"^steps: false is not allowed; it must be a whole number"),
        (
            {"family": {"key": "diffusion", "prediction": {"key": "noise", "weight": 1}}},
            r"^family\.prediction\.weight: there is no such option; there are none here$",
        ),
        ({"data": {"key": "ring", "mods": 3}}, r"^data\.mods: there is no such option; did you mean 'modes'"),
        ({"latent": {"key": "gaussian", "dimension": 0}}, r"^latent\.dimension: 0 is not allowed"),
        ({"batch_size": 0}, r"^batch_size: 0 is not allowed"),
        (
            {"batch_size": 500, "data": {"key": "ring", "n": 100}},
            r"^batch_size: 500 is more than the 100 .* batch_size=100$",
        ),
        ({"format": 2}, r"^format: 2 .* newer Pushforward"),
        ({"bogus": 1}, r"^bogus: there is no such field"),
        (
            {"divergence": "mmd", "objective": "adversarial"},
            r"^objective\.key: the divergence mmd has no bound that a critic can raise, which .*; what fits: kernel$",
        ),
        (
            {"family": "mixture", "divergence": "jensen_shannon", "objective": "adversarial"},
            r"^objective\.key: the family mixture .*nothing; mixture is commonly trained with "
            r"divergence\.key=kl_forward and objective\.key=maximum_likelihood$",
        ),
        (
            {"family": "ensemble", "objective": "em"},
            r"^family\.key: .*; what fits: mixture; ensemble is commonly trained with objective\.key=langevin$",
        ),
        (
            {"latent": "uniform", "family": "variational_autoencoder"},
            r"^family\.key: the latent uniform .*; what fits: nothing; or another latent: gaussian, gaussian_mixture$",
        ),
        (
            {"data": "dirac", "family": "mixture", "objective": "em"},
            r"^data\.key: dirac is not allowed: expectation maximisation goes over one training sample .* finite one$",
        ),
        (
            {"data": "moons", "family": "mixture", "objective": "em"},
            r"^data\.n: 0 is not allowed: expectation .*; set it to 2000, say$",
        ),
        (
            {"objective": {"key": "adversarial", "critic": {"key": "mlp", "width": -1}}},
            r"^objective\.critic\.width: -1 is not allowed",
        ),
        ({"optimizer": {"key": "adam", "lr": float("nan")}}, r"^optimizer\.lr: nan is not allowed"),
        ({"data": 3}, r"^data: 3 is not allowed; it must be one of the data: .*ring.*table$"),
        ({"data": {"key": 5}}, r"^data\.key: 5 is not allowed; it must be one of the data: .*ring.*table$"),
        ({"data": {}}, r"^data\.key: is missing; it must be one of the data: "),
        ({"objective": {"key": "adversarial", "critic": 7}}, r"^objective\.critic: 7 is not allowed; .* mlp, "),
        (
            {"divergence": {"key": "mmd", "bandwidths": [1, "a"]}},
            r"^divergence\.bandwidths: 'a' \(item 2\) is not allowed; it must be a list of numbers$",
        ),
        (
            {"data": {"key": "gaussian_mixture", "means": [[1, 2], [3, "b"]]}},
            r"^data\.means: 'b' \(item 2\.2\) is not allowed; it must be a list of lists of numbers$",
        ),
        (
            {"data": {"key": "segment", "start": [0]}},
            r"^data\.start: \[0\] is not allowed; it must be a list of 2 numbers$",
        ),
        ({"seed": 1.5}, r"^seed: 1\.5 is not allowed; .* at least 0 and at most 2,147,483,647$"),
        (
            {"objective": {"key": "adversarial", "fade": 3}},
            r"^objective\.fade: 3 is not allowed; it must be true or false$",
        ),
        ({"about": 3}, r"^about: 3 is not allowed; it must be a table of options$"),
        ({"about": {"title": 3}}, r"^about\.title: 3 is not allowed; it must be text$"),
        ({"about": {"titel": "x"}}, r"^about\.titel: there is no such option; did you mean 'title'"),
    ],
)
def test_a_bad_recipe_is_refused_in_one_line(recipe, words):
    with pytest.raises(RecipeError, match=words) as caught:
        Experiment.from_dict(recipe)
    assert "\n" not in str(caught.value)


def test_a_step_that_would_take_minutes_is_refused_with_what_is_allowed():
    settings = ["architecture.width=1024", "architecture.depth=12", "batch_size=65536"]
    with pytest.raises(RecipeError, match="at most 5295 with 12672 hidden units a sample"):
        Experiment.from_dict({}).with_settings(settings)
    allowed = Experiment.from_dict({}).with_settings([*settings[:2], "batch_size=5295"])
    assert allowed.batch_size == 5295


def test_settings_reach_nested_options_and_a_new_key_clears_the_old_options():
    recipe = Experiment.from_dict({}).with_settings(
        ["data.key=grid", "data.rows=3", "objective.critic.width=32", "optimizer.lr=3e-4", "data.std=0.2"]
    )
    assert recipe.data.recipe()["rows"] == 3
    assert recipe.objective.recipe()["critic"]["width"] == 32
    assert recipe.optimizer.lr == 3e-4
    with pytest.raises(RecipeError, match="must be written path=value"):
        recipe.with_settings(["data.rows"])


def test_only_live_options_change_without_a_restart():
    old = Experiment.from_dict({})
    live = ["optimizer.lr=1e-4", "objective.critic_steps=3", "objective.r1=0.5", "batch_size=64", "steps=77"]
    assert needs_restart(old, old.with_settings(live)) == []
    frozen = old.with_settings(["data.modes=5", "objective.critic.width=32", "seed=3"])
    assert needs_restart(old, frozen) == ["data.modes", "objective.critic.width", "seed"]
    assert needs_restart(old, old.with_settings(["optimizer.key=sgd"])) == ["optimizer"]


def test_files_are_named_in_errors(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text("[data\n", encoding="utf-8")
    for path, words in ((bad, "not valid TOML"), (tmp_path / "none.toml", "No such file"), (tmp_path, "directory")):
        with pytest.raises(RecipeError, match=words) as caught:
            load_experiment(path)
        assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize(
    ("data", "family", "objective"),
    [
        ("ring", "spline_flow", "known_density"),
        ("ring", "mixture", "known_density"),
        ("ring", "pushforward", "adversarial"),
        ("checkerboard", "spline_flow", "adversarial"),
    ],
)
def test_reverse_kl_alone_takes_both_densities_where_they_are_known(data, family, objective):
    made = Experiment.from_dict({"data": data, "family": family, "divergence": "kl_reverse"})
    assert made.objective.key == objective


def test_a_family_that_does_not_go_with_a_recipe_comes_with_settings_that_make_it():
    ring = Experiment.from_dict({"data": "ring"})
    with pytest.raises(RecipeError) as caught:
        ring.with_settings(["family.key=mixture"])
    made = ring.with_settings(["family.key=mixture", *caught.value.settings])
    assert (made.divergence.key, made.objective.key) == ("kl_forward", "maximum_likelihood")


@pytest.mark.parametrize(
    ("parts", "settings"),
    [
        ({"family": "spline_flow", "latent": "uniform"}, ("latent.key=gaussian",)),
        (
            {"data": "checkerboard", "family": "spline_flow", "divergence": "kl_reverse", "objective": "known_density"},
            ("objective.key=adversarial",),
        ),
        (
            {"family": "spline_flow", "divergence": "kl_reverse", "objective": "maximum_likelihood"},
            ("objective.key=known_density",),
        ),
    ],
)
def test_a_conflict_that_one_other_member_solves_comes_with_it(parts, settings):
    with pytest.raises(RecipeError) as refused:
        Experiment.from_dict(parts)
    assert refused.value.settings == settings
    recipe = {name: {"key": part} for name, part in parts.items()}
    ((path, key),) = (setting.split("=") for setting in settings)
    recipe[path.removesuffix(".key")] = {"key": key}
    assert Experiment.from_dict(recipe)


@pytest.mark.parametrize(
    ("parts", "settings"),
    [
        ({"family": "spline_flow", "objective": "em"}, ("objective.key=maximum_likelihood",)),
        ({"family": "mixture", "divergence": "mmd"}, ("divergence.key=kl_forward",)),
    ],
)
def test_what_is_offered_first_is_what_the_family_is_commonly_trained_with(parts, settings):
    with pytest.raises(RecipeError) as caught:
        Experiment.from_dict(parts)
    assert caught.value.settings == settings


def test_a_family_comes_with_nets_of_pictures_for_images_alone():
    plain = Experiment.from_dict({"family": "diffusion"})
    image = Experiment.from_dict(
        {"data": "digits", "latent": {"key": "gaussian", "dimension": 64}, "family": "diffusion"}
    )
    assert (plain.architecture.key, image.architecture.key) == ("mlp", "unet")
    assert plain.optimizer == image.optimizer
    assert Experiment.from_dict({"data": "digits", "architecture": "mlp"}).architecture.key == "mlp"
