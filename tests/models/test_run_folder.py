"""What is kept of a run: whole files, states that come back bit for bit, weights by name."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from models.experiment import Experiment
from models.registry import RecipeError
from models.training.run_folder import RunFolder, name_weights, pack, plain_json, replace_file, unpack
from models.training.trainer import Trainer

from .picture_files import write_folder

SMALL = {
    "data": "ring",
    "architecture": {"key": "mlp", "width": 8, "depth": 1},
    "objective": {"key": "adversarial", "critic": {"key": "mlp", "width": 8, "depth": 1}},
    "batch_size": 16,
    "steps": 40,
}


def experiment(**changes):
    return Experiment.from_dict({**SMALL, **changes})


def trained(steps, recipe=None):
    trainer = Trainer(recipe or experiment())
    for _ in range(steps):
        trainer.take_step()
    return trainer


def test_a_state_on_disk_continues_bit_for_bit(tmp_path):
    straight = trained(12)
    half = trained(6)
    folder = RunFolder.create(tmp_path / "run", half.experiment)
    folder.save(half.state(), half.values().numpy())
    again = Trainer(RunFolder.open(folder.path).experiment)
    again.restore(folder.state())
    assert again.step == 6
    for _ in range(6):
        again.take_step()
    assert again.values().numpy().tobytes() == straight.values().numpy().tobytes()


def test_pack_keeps_every_plain_value_and_array(tmp_path):
    state = {
        "step": 3,
        "rate": 0.1,
        "name": "σ",
        "none": None,
        "nested": {"bytes": np.arange(5, dtype=np.uint8), "scalar": np.float32(2.5), "zero": np.array(7.0)},
        "list": [1, np.arange(6.0).reshape(2, 3)[:, ::-1]],
    }
    path = tmp_path / "state.safetensors"
    path.write_bytes(pack(state))
    back = unpack(path)
    assert (back["step"], back["rate"], back["name"], back["none"]) == (3, 0.1, "σ", None)
    assert back["nested"]["bytes"].dtype == np.uint8
    assert back["nested"]["scalar"] == 2.5
    assert back["nested"]["zero"].shape == ()
    assert np.array_equal(back["list"][1], [[2, 1, 0], [5, 4, 3]])


def test_weights_are_named_and_make_the_same_samples(tmp_path):
    trainer = trained(5, experiment(optimizer={"key": "adam"}))
    folder = RunFolder.create(tmp_path / "run", trainer.experiment)
    folder.save(trainer.state(), trainer.values().numpy())
    names = load_file(folder.path / "model.safetensors")
    assert {name.split(".")[0] for name in names} == {"model", "critic", "averaged"}
    assert names["model.layers.0.weight"].shape == (8, 2)
    z = torch.randn(7, 2, generator=torch.Generator().manual_seed(1))
    assert torch.equal(folder.model().push(z), trainer.game.model.push(z))


def test_averaged_weights_are_taken_where_there_are_any(tmp_path):
    recipe = experiment(optimizer={"key": "adam", "ema": 0.9})
    trainer = trained(8, recipe)
    folder = RunFolder.create(tmp_path / "run", recipe)
    folder.save(trainer.state(), trainer.values().numpy())
    values = folder.model().network.values
    assert torch.equal(values, trainer.average)
    assert not torch.equal(values, trainer.game.model.network.values)


def test_named_weights_refuse_a_vector_of_another_recipe():
    values = trained(0).values().numpy()
    with pytest.raises(ValueError, match="do not fit"):
        name_weights(experiment(), values[:-1])


def test_rows_survive_a_torn_line_and_forget_what_is_taken_again(tmp_path):
    folder = RunFolder.create(tmp_path / "run", experiment())
    for step in (10, 20, 30):
        folder.append({"step": step, "losses": {"bad": math.nan}})
    with (folder.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 40, "los')
    assert [row["step"] for row in folder.rows()] == [10, 20, 30]
    folder.forget_after(20)
    assert [json.loads(line)["step"] for line in (folder.path / "metrics.jsonl").read_text().splitlines()] == [10, 20]
    assert folder.rows()[0]["losses"] == {"bad": None}


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("before")

    def breaks(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        replace_file(path, breaks)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("do not touch")
    with pytest.raises(RecipeError, match="not empty"):
        RunFolder.create(tmp_path, experiment())
    with pytest.raises(RecipeError, match="no run folder"):
        RunFolder.open(tmp_path)


def test_resume_refuses_another_recipe_and_takes_up_live_changes(tmp_path):
    folder = RunFolder.create(tmp_path / "run", experiment())
    with pytest.raises(RecipeError, match=r"architecture\.width"):
        RunFolder.resume(folder.path, experiment(architecture={"key": "mlp", "width": 9, "depth": 1}))
    changed = RunFolder.resume(folder.path, experiment(batch_size=32))
    assert changed.experiment.batch_size == 32


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x08\0\0\0\0\0\0\0{}      "])
def test_damaged_files_are_named(tmp_path, content):
    folder = RunFolder.create(tmp_path / "run", experiment())
    for name in ("checkpoint.safetensors", "model.safetensors"):
        (folder.path / name).write_bytes(content)
    with pytest.raises(RecipeError, match=r"checkpoint\.safetensors.*damaged"):
        folder.state()
    with pytest.raises(RecipeError, match=r"model\.safetensors"):
        folder.model()


def test_plain_json_has_no_nan():
    assert plain_json({"a": (np.float32(1), math.inf), 3: [np.int64(4)]}) == {"a": [1.0, None], "3": [4]}


def of_own(options):
    """An autoencoder of a person's own data, told their classes where they have some."""
    net = {"key": "mlp", "width": 8, "depth": 1}
    family = {"key": "variational_autoencoder", "encoder": net, "conditional": options["key"] == "image_folder"}
    return experiment(
        data=options, architecture=net, family=family, divergence="kl_forward", objective="variational_bound"
    )


@pytest.fixture(params=["pictures", "numbers"])
def away(request, tmp_path):
    """A saved run of own data whose files have gone: the folder, its recipe, and where the files are now."""
    place = tmp_path / "own data"
    place.mkdir()
    if request.param == "pictures":
        options = {"key": "image_folder", "path": str(write_folder(place, size=(4, 4))), "resolution": 4}
    else:
        (place / "a.csv").write_text("".join(f"{row},{7 * row % 30}\n" for row in range(30)))
        options = {"key": "table", "path": str(place / "a.csv")}
    trainer = trained(2, of_own(options))
    folder = RunFolder.create(tmp_path / "run", trainer.experiment)
    folder.save(trainer.state(), trainer.values().numpy())
    chance = torch.Generator().manual_seed(3)
    samples = folder.model().sample(8, chance)
    place.rename(tmp_path / "elsewhere")
    name_now = options["path"].replace("own data", "elsewhere")
    return folder, samples, {**options, "path": name_now}


def test_a_model_does_without_the_files_that_it_learnt_from(away):
    folder, samples, _ = away
    again = RunFolder.open(folder.path)
    assert torch.equal(again.model().sample(8, torch.Generator().manual_seed(3)), samples)
    assert again.recalled.data.class_names == folder.experiment.data.class_names
    assert again.recalled.with_settings(["seed=5"]).data == again.recalled.data
    with pytest.raises(RecipeError, match=r"recipe.toml: data.path: .*No such file or directory"):
        RunFolder.open(folder.path).experiment  # noqa: B018
    with pytest.raises(RecipeError, match="the data of this run are gone"):
        again.recalled.data.draw(1, torch.Generator())


def test_a_run_goes_on_with_the_same_data_elsewhere_and_with_no_others(away):
    folder, _, options = away
    moved = of_own(options)
    assert RunFolder.resume(folder.path, moved).experiment.data == moved.data
    RunFolder.resume(folder.path, moved).write_recipe(folder.experiment)
    fewer = next(Path(options["path"]).parent.rglob("*0.png"), None)
    if fewer:
        fewer.unlink()
        with pytest.raises(RecipeError, match=r"holds a run of another recipe \(data differ\)"):
            RunFolder.resume(folder.path, of_own({**options, "held_out": 0.1}))


def test_damaged_knowledge_of_data_that_are_gone_is_one_line(away):
    folder, _, _ = away
    path = folder.path / "data.json"
    good = json.loads(path.read_text())
    wrong = {"axes": [], "level_count": 1, "shares": [0.5], "scale": [1.0]}
    damaged = [json.dumps({**good, name: value}) for name, value in wrong.items()]
    for content in (*damaged, "{}", "[]", "null", "", json.dumps(good)[:20], "[" * 100_000):
        path.write_text(content)
        with pytest.raises(RecipeError, match=r"data\.json: is damaged: [^\n]*$"):
            RunFolder.open(folder.path).recalled  # noqa: B018
    path.unlink()
    with pytest.raises(
        RecipeError, match=r"recipe\.toml: data\.path: .*; the run holds no data\.json, so it needs them"
    ):
        RunFolder.open(folder.path).recalled  # noqa: B018
