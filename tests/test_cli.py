"""The command line as a contract: what is printed, what is written, and how bad input ends."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import stat
import subprocess
import sys
import zlib

import numpy as np
import pytest

from explorer.cli import main
from explorer.command_line.baseline import plain_step
from explorer.command_line.bench import image_recipe
from explorer.command_line.measuring import table
from models.experiment import Experiment
from models.reproduction import PROTOCOLS
from models.training.trainer import Trainer

SMALL = """\
batch_size = 16
steps = 40
seed = 3
data = { key = "ring" }
architecture = { key = "mlp", width = 8, depth = 1 }
objective = { key = "adversarial", critic = { key = "mlp", width = 8, depth = 1 } }
"""

FEW = 400


@pytest.fixture(scope="module", autouse=True)
def few():
    """Few samples: what is measured here are files and lines."""
    from explorer.command_line import measuring, recorded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorded, "SAMPLES", FEW)
        patch.setattr(measuring, "LEAST_DRAWS", FEW)
        patch.setattr(recorded, "EVALUATIONS", 4)
        yield


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return str(path)


@pytest.fixture(scope="module")
def run(tmp_path_factory, few):
    """A run of 40 steps."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "small.toml").write_text(SMALL)
    assert main(["train", str(folder / "small.toml"), "--out", str(folder / "run")]) == 0
    return folder / "run"


def refused(capsys, *words, status=2):
    """The one line on standard error with which a command line is refused."""
    assert main([str(word) for word in words]) == status
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1, lines
    assert lines[0].startswith("pushforward: ")
    return lines[0]


# ---- what a run leaves behind


def test_a_run_folder_holds_what_is_promised(run):
    summary = json.loads((run / "summary.json").read_text())
    assert summary["steps"] == 40
    assert summary["parameters"] == 2 * 8 + 8 + 8 * 2 + 2
    assert summary["steps_per_second"] == pytest.approx(40 / summary["seconds"])
    assert {"python", "torch", "numpy", "pushforward"} <= summary["versions"].keys()
    samples = np.load(run / "samples.npy")
    assert samples.shape == (FEW, 2)
    assert samples.dtype == np.float32
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [10, 20, 30, 40]
    assert rows[-1].keys() == {"step", "seconds", "losses", "measures"}
    assert rows[-1]["measures"].keys() & summary["measures"].keys()


def test_measures_have_the_promised_shape(run, capsys):
    assert main(["measure", "--samples", str(run / "samples.npy"), "--data", "ring", "--json"]) == 0
    measures = json.loads(capsys.readouterr().out)["measures"]
    assert {"modes_captured", "high_quality", "mode_kl", "sliced_wasserstein", "energy"} <= measures.keys()
    for entry in [*measures.values(), *json.loads((run / "summary.json").read_text())["measures"].values()]:
        assert {"value", "floor", "interval", "n", "unit"} <= entry.keys()
        assert len(entry["interval"]) == len(entry["n"]) == 2


def test_the_figure_is_a_png_of_two_pictures(run):
    content = (run / "figure.png").read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(content[16:20]), int.from_bytes(content[20:24]) == (972, 480)
    start = content.index(b"IDAT") + 4
    pixels = np.frombuffer(zlib.decompress(content[start:-16]), np.uint8).reshape(480, -1)[:, 1:].reshape(480, 972, 3)
    assert (pixels[:, :480, 2].astype(int) - pixels[:, :480, 0]).max() > 50  # data are blue
    assert (pixels[:, 492:, 0].astype(int) - pixels[:, 492:, 2]).max() > 50  # the model is orange


def test_the_recipe_of_a_run_trains_the_same_again(run, tmp_path):
    assert main(["train", str(run / "recipe.toml"), "--out", str(tmp_path / "again")]) == 0
    for name in ("model.safetensors", "samples.npy", "recipe.toml"):
        assert (tmp_path / "again" / name).read_bytes() == (run / name).read_bytes()


def test_a_resumed_run_is_the_run_that_was_never_stopped(run, recipe, tmp_path, capsys):
    out = str(tmp_path / "run")
    assert main(["train", recipe, "--out", out, "--steps", "14"]) == 0
    assert main(["train", recipe, "--out", out, "--resume"]) == 0
    assert "goes on at step 14" in capsys.readouterr().out
    for name in ("model.safetensors", "samples.npy", "recipe.toml"):
        assert (tmp_path / "run" / name).read_bytes() == (run / name).read_bytes()
    steps = [json.loads(line)["step"] for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert steps == sorted(set(steps))
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["steps"] == 40


@pytest.mark.parametrize("steps", ["25", "40"])
def test_a_resumed_run_that_is_already_there_says_so(run, recipe, tmp_path, capsys, steps):
    out = tmp_path / "run"
    shutil.copytree(run, out)
    assert main(["train", recipe, "--out", str(out), "--resume", "--steps", steps]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0] == f"already at step 40, and {steps} are asked for: nothing is trained"
    assert "goes on" not in said
    assert json.loads((out / "summary.json").read_text())["steps"] == 40
    for name in ("model.safetensors", "samples.npy", "metrics.jsonl"):
        assert (out / name).read_bytes() == (run / name).read_bytes()


def test_a_run_is_measured_by_its_density_where_its_family_has_one(tmp_path, monkeypatch):
    """The stand-in says of itself that it is N(0, I): its likelihood on the ring has a closed form."""
    from models.families import FAMILIES
    from models.families.pushforward import Pushforward, PushforwardModel

    class NormalModel(PushforwardModel):
        density = "exact"

        def log_prob(self, x):
            return -(x**2).sum(1) / 2 - math.log(2 * math.pi)

    class Normal(Pushforward):
        key = "normal"
        capabilities = Pushforward.capabilities | {"log_prob"}

        def build_for(self, recipe, generator):
            (net,), condition = self.nets(recipe), self.condition(recipe.data)
            return NormalModel(net, recipe.latent, condition, generator)

    monkeypatch.setitem(FAMILIES._members, "normal", Normal)
    (tmp_path / "normal.toml").write_text(SMALL + 'family = "normal"\n')
    out = tmp_path / "run"
    assert main(["train", str(tmp_path / "normal.toml"), "--out", str(out), "--steps", "2"]) == 0
    measures = json.loads((out / "summary.json").read_text())["measures"]
    radius, std = 1.0, 0.05  # of the ring
    expected = -(radius**2 + 2 * std**2) / 2 - math.log(2 * math.pi)
    assert measures["log_likelihood"]["value"] == pytest.approx(expected, abs=0.02)


def test_ctrl_c_saves_and_says_how_to_go_on(recipe, tmp_path, capsys, monkeypatch):
    from models.training.trainer import Trainer

    take_step = Trainer.take_step

    def interrupted(self, *turn):
        if self.step == 6:
            signal.raise_signal(signal.SIGINT)
        return take_step(self, *turn)

    monkeypatch.setattr(Trainer, "take_step", interrupted)
    line = refused(capsys, "train", recipe, "--out", tmp_path / "run", status=130)
    assert "step 7" in line
    assert "--resume" in line
    monkeypatch.undo()
    assert main(["train", recipe, "--out", str(tmp_path / "run"), "--resume"]) == 0
    assert "goes on at step 7" in capsys.readouterr().out


def test_divergence_ends_with_status_3_and_keeps_the_last_good_state(recipe, tmp_path, capsys):
    out = tmp_path / "run"
    line = refused(capsys, "train", recipe, "--out", out, "--set", "optimizer.lr=1e6", status=3)
    assert "diverged" in line
    assert str(out) in line
    assert main(["sample", str(out), "-n", "10", "--out", str(tmp_path / "s.npy")]) == 0
    assert np.isfinite(np.load(tmp_path / "s.npy")).all()
    assert json.loads((out / "summary.json").read_text())["diverged"]["advice"]


# ---- what a trained model can do


def test_samples_depend_on_the_seed_alone(run, tmp_path):
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        assert main(["sample", str(run), "-n", "500", "--seed", seed, "--out", str(tmp_path / f"{name}.npy")]) == 0
    a, b, c = (np.load(tmp_path / f"{name}.npy") for name in "abc")
    assert a.shape == (500, 2)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_a_recorded_sample_is_what_sample_draws(run, tmp_path):
    assert main(["sample", str(run), "-n", str(FEW), "--seed", "3", "--out", str(tmp_path / "s.npy")]) == 0
    assert np.array_equal(np.load(tmp_path / "s.npy"), np.load(run / "samples.npy"))


def test_a_pushforward_has_no_density(run, tmp_path, capsys):
    line = refused(capsys, "log-prob", run, "--points", run / "samples.npy", "--out", tmp_path / "l.npy")
    assert "has no density" in line


def test_two_arrays_are_measured_against_each_other(run, tmp_path, capsys):
    same = np.random.default_rng(0).normal(size=(300, 2))
    np.save(tmp_path / "a.npy", same)
    np.save(tmp_path / "b.npy", same + np.array([5.0, 0.0]))
    assert main(["measure", "--samples", str(tmp_path / "a.npy"), "--against", str(tmp_path / "b.npy"), "--json"]) == 0
    ours = ["measure", "--samples", str(tmp_path / "a.npy"), "--against", str(tmp_path / "b.npy"), "--set", "std=1"]
    assert main(ours) == 2  # an option of no data set would do nothing
    measures = json.loads(capsys.readouterr().out)["measures"]
    assert measures["sliced_wasserstein"]["n"] == [300, 300]
    assert measures["sliced_wasserstein"]["value"] > 10 * measures["sliced_wasserstein"]["floor"]
    assert "modes_captured" not in measures


def test_a_table_for_people_names_every_measure(run, capsys):
    assert main(["measure", "--samples", str(run / "samples.npy"), "--data", "ring", "--set", "std=0.1"]) == 0
    text = capsys.readouterr().out
    assert text.splitlines()[0].split() == ["measure", "value", "interval", "floor", "unit"]
    assert len(text.splitlines()) > 4


# ---- the catalogue


def test_the_catalogue_lists_every_kind(capsys):
    assert main(["catalog", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    kinds = ("data", "latents", "architectures", "families", "divergences", "objectives", "optimizers", "measures")
    inner = ("likelihoods", "schedules", "predictions", "samplers", "couplings")
    for kind in (*kinds, *inner, "presets"):
        assert listed[kind]
        assert all(entry["key"] and entry["title"] for entry in listed[kind])
    options = {
        option["name"]: option for entry in listed["data"] if entry["key"] == "ring" for option in entry["options"]
    }
    assert (options["modes"]["type"], options["modes"]["default"], options["modes"]["range"]) == ("int", 8, [1, 64])
    assert all("key" in entry for entries in listed.values() for entry in entries)
    assert {"watch", "seconds", "recipe"} <= listed["presets"][0].keys()


def test_the_catalogue_is_readable(capsys):
    assert main(["catalog"]) == 0
    text = capsys.readouterr().out
    assert "ring: Ring of Gaussians" in text
    assert "PRESETS" in text


# ---- speed


@pytest.mark.parametrize("key", ["diffusion", "flow_matching"])
def test_the_loop_that_bench_holds_ours_against_learns_the_same(key):
    """Some steps of either bring the loss of the same net on the same data about as far down."""
    recipe = Experiment.from_dict({"family": key, "architecture": {"key": "mlp", "width": 16, "depth": 1}})
    plain, losses = plain_step(recipe).__self__, []
    descend = plain.descend
    plain.descend = lambda loss, optimizer: (losses.append(float(loss.detach())), descend(loss, optimizer))
    ours = Trainer(recipe)
    name = {"diffusion": "denoising_loss", "flow_matching": "flow_matching_loss"}[key]
    found = []
    for _ in range(300):
        plain.step()
        found.append(ours.take_step()[name])
    assert np.mean(losses[-50:]) == pytest.approx(np.mean(found[-50:]), rel=0.15)
    assert np.mean(losses[-50:]) < np.mean(losses[:10])


@pytest.mark.parametrize(("key", "name"), [("digits_vae", "negative_elbo"), ("digits_diffusion", "denoising_loss")])
def test_the_loops_of_pictures_learn_the_same(key, name):
    """A few steps of either bring the loss of the same net about as far down."""
    recipe = image_recipe(key).with_settings(["architecture.channels=4", "batch_size=16"])
    plain, losses = plain_step(recipe).__self__, []
    descend = plain.descend
    plain.descend = lambda loss, optimizer: (losses.append(float(loss.detach())), descend(loss, optimizer))
    ours, found = Trainer(recipe), []
    for _ in range(60):
        plain.step()
        found.append(ours.take_step()[name])
    assert np.mean(losses[-20:]) == pytest.approx(np.mean(found[-20:]), rel=0.4)
    assert np.mean(losses[-20:]) < 0.9 * np.mean(losses[:5])


# ---- bad input


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "rign", "--out", "x"], "did you mean 'ring'"),
        (["train", "nothing.toml", "--out", "x"], "nothing.toml: No such file"),
        (["trian", "ring", "--out", "x"], "did you mean 'train'"),
        (["rign"], "did you mean 'ring'"),
        (["train", "ring"], "--out"),
        (["train", "ring", "--out", "x", "--steps", "0"], "--steps"),
        (["train", "ring", "--out", "x", "--seed", "-1"], "--seed"),
        (["train", "ring", "--out", "x", "--set", "data.modez=3"], "did you mean 'modes'"),
        (["train", "ring", "--out", "x", "--set", "latent.dimension=0"], "latent.dimension: 0 is not allowed"),
        (["train", "ring", "--out", "x", "--set", "batch_size=0"], "batch_size: 0 is not allowed"),
        (["train", "ring", "--out", "x", "--set", "nonsense"], "path=value"),
        (["train", "ring", "--out", "no/such/folder"], "there is no folder"),
        (["sample", "nowhere", "-n", "5", "--out", "x.npy"], "nowhere: there is no such run"),
        (["sample", "nowhere", "-n", "0", "--out", "x.npy"], "whole number"),
        (["sample", "nowhere", "-n", "5", "--out", "no/such/x.npy"], "there is no folder"),
        (["sample", "nowhere", "-n", "5", "--out", "x.csv"], "must end in .npy"),
        (["measure", "--samples", "none.npy", "--data", "ring"], "none.npy: No such file"),
        (["measure", "--samples", "none.npy"], "--against"),
        (["show", "ring", "--screenshot", "no/such/x.png"], "there is no folder"),
        (["show", "ring", "--screenshot", "x.png", "--size", "big"], "WxH"),
        (["show", "ring", "--screenshot", "x.png", "--theme", "pink"], "light"),
    ],
)
def test_bad_input_is_one_line(words, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said in refused(capsys, *words)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data = ", "not valid TOML"),
        ('dta = "ring"', "dta: there is no such field; did you mean 'data'"),
        ("format = 99", "newer"),
        ('[data]\nkey = "ring"\nstd = -1.0', "data.std: -1.0 is not allowed; it must be a number at least 0.001"),
        ('[data]\nkey = "ring"\nstd = nan', "data.std"),
        ('data = "ringg"', "did you mean 'ring'"),
        ('batch_size = 500\ndata = { key = "ring", n = 100 }', "batch_size"),
        ("\xff", "UTF-8"),
    ],
)
def test_a_bad_recipe_names_file_field_and_what_is_allowed(text, said, capsys, tmp_path):
    path = tmp_path / "bad.toml"
    path.write_bytes(text.encode("latin-1"))
    line = refused(capsys, "train", path, "--out", tmp_path / "run")
    assert "bad.toml" in line
    assert said in line
    assert not (tmp_path / "run").exists()


ARRAYS = {
    "text": (np.array([["a", "b"]]), "real numbers"),
    "complex": (np.ones((3, 2), complex), "real numbers"),
    "cube": (np.ones((2, 2, 2)), "shape (2, 2, 2)"),
    "empty": (np.ones((0, 2)), "shape (0, 2)"),
    "nan": (np.array([[0.0, 1.0], [np.nan, 0.0]]), "row 1"),
    "huge": (np.array([[1e300, 1.0]]), "row 0"),
    "short": (np.ones((3, 2)), "3 rows"),
    "wide": (np.ones((9, 3)), "3 columns"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_a_bad_array_is_named_with_what_is_wrong(name, capsys, tmp_path):
    array, said = ARRAYS[name]
    np.save(tmp_path / "a.npy", array)
    line = refused(capsys, "measure", "--samples", tmp_path / "a.npy", "--data", "ring")
    assert said in line
    assert "a.npy" in line


def test_files_that_are_no_arrays_are_refused_unopened(capsys, tmp_path):
    np.save(tmp_path / "pickled.npy", np.array([{"a": 1}]), allow_pickle=True)
    (tmp_path / "text.npy").write_text("1,2\n")
    (tmp_path / "void.npy").write_bytes(b"")
    np.savez(tmp_path / "many.npz", a=np.ones(3))
    for name in ("pickled.npy", "text.npy", "void.npy", "many.npz"):
        assert name in refused(capsys, "measure", "--samples", tmp_path / name, "--data", "ring")
    assert "folder" in refused(capsys, "measure", "--samples", tmp_path, "--data", "ring")


def test_a_run_is_never_overwritten(run, recipe, capsys):
    before = (run / "model.safetensors").read_bytes()
    assert "--resume" in refused(capsys, "train", recipe, "--out", run)
    line = refused(capsys, "train", recipe, "--out", run, "--resume", "--seed", "4")
    assert "another recipe" in line
    assert "seed" in line
    assert (run / "model.safetensors").read_bytes() == before


def test_a_device_that_is_not_there_leaves_no_folder(recipe, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("models.training.trainer.devices", lambda: ("cpu",))
    out = tmp_path / "run"
    assert "it has cpu" in refused(capsys, "train", recipe, "--out", out, "--set", "device=cuda")
    assert not out.exists()


def test_a_table_in_large_units_is_sampled_in_its_own(capsys, tmp_path):
    """Training, samples, summary and ``measure`` all speak the units of the file."""
    table, out, samples = tmp_path / "far.csv", tmp_path / "run", tmp_path / "x.npy"
    x = np.array([300.0, -5000.0]) + np.array([100.0, 0.1]) * np.random.default_rng(0).normal(size=(500, 2))
    np.savetxt(table, x, delimiter=",", header="length,depth", comments="")
    (tmp_path / "far.toml").write_text(SMALL.replace('{ key = "ring" }', f'{{ key = "table", path = "{table.name}" }}'))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)  # the path in a recipe is as the person wrote it
        assert main(["train", "far.toml", "--out", str(out)]) == 0
    assert main(["sample", str(out), "-n", "50", "--out", str(samples)]) == 0
    assert np.abs((np.load(samples) - [300, -5000]) / [100, 0.1]).max() < 10
    capsys.readouterr()
    words = ["measure", "--samples", str(samples), "--data", "table", "--set", f"path={table}", "--json"]
    assert main(words) == 0
    measured = json.loads(capsys.readouterr().out)["measures"]["sliced_wasserstein"]["value"]
    summary = json.loads((out / "summary.json").read_text())["measures"]["sliced_wasserstein"]["value"]
    assert measured == pytest.approx(summary, rel=0.5)
    assert measured < 200


def test_places_that_cannot_be_written_are_named(recipe, capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert "is a file" in refused(capsys, "train", recipe, "--out", tmp_path / "file")
    if os.geteuid() != 0:  # nothing is read-only to root
        (tmp_path / "locked").mkdir()
        (tmp_path / "locked").chmod(stat.S_IRUSR | stat.S_IXUSR)
        assert "read-only" in refused(capsys, "train", recipe, "--out", tmp_path / "locked" / "run")


def test_a_full_disk_is_one_line(recipe, capsys, tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    out = tmp_path / "run"
    assert f"{out}/recipe.toml: No space left" in refused(capsys, "train", recipe, "--out", out)


def test_a_process_ends_with_its_status_and_no_traceback(tmp_path):
    words = [sys.executable, "-m", "explorer", "train", "ring", "--out", str(tmp_path / "no" / "run")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    version = subprocess.run(
        [sys.executable, "-m", "explorer", "--version"], capture_output=True, text=True, check=True
    )
    assert version.stdout.startswith("pushforward ")


def test_the_table_of_measures_is_aligned_and_says_what_is_infinite_or_not_known():
    entry = {
        "value": 0.25,
        "floor": float("nan"),
        "interval": [-float("inf"), float("inf")],
        "n": [9, 9],
        "unit": "nats",
    }
    lines = table(
        {"kl_forward": entry, "chi_squared": entry | {"value": float("inf"), "floor": 0.5, "unit": ""}}
    ).split("\n")
    width = lines[0].index("floor") + len("floor")
    assert lines[1].split() == ["Forward", "KL", "0.25", "[−∞,", "∞]", "–", "nats"]
    assert lines[2].split() == ["Pearson", "χ²", "∞", "[−∞,", "∞]", "0.5"]
    assert len(lines[2]) == width == lines[1].index("–") + 1


def test_reproduce_lists_what_there_is_and_refuses_what_there_is_not(capsys):
    assert main(["reproduce", "rng"]) == 2
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "did you mean 'ring'" in line
    assert main(["reproduce", "--seeds", "0,x"]) == 2
    capsys.readouterr()
    assert main(["reproduce", "ring", "--list"]) == 0
    assert [entry["key"] for entry in json.loads(capsys.readouterr().out)] == ["ring"]


def test_help_of_reproduce_names_every_protocol(capsys):
    assert main(["reproduce", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"{', '.join(PROTOCOLS.keys())}; all if none is named" in said


def test_a_run_whose_data_cannot_be_had_leaves_no_folder(tmp_path, capsys):
    train = ["train", "ring", "--set", "data.key=table", "--set", "data.path=nowhere.csv", "--out"]
    assert main([*train, str(tmp_path / "run")]) == 2
    assert "nowhere.csv" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
    (tmp_path / "mine").mkdir()
    assert main([*train, str(tmp_path / "mine")]) == 2
    assert not any(tmp_path.joinpath("mine").glob("recipe*"))
