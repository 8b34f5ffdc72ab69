"""``pushforward log-prob``: densities of every family that has one, bounds named as bounds, one line for the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.cli import main
from models.data import DATA
from models.experiment import Experiment
from models.families import FAMILIES
from models.training.run_folder import RunFolder
from models.training.trainer import Trainer

SIDE = 100
REACH = 7.0

DENSE = [member.key for member in FAMILIES if "log_prob" in member.capabilities]
BOUNDED = [member.key for member in FAMILIES if "bound" in member.capabilities]
FLOWING = [member.key for member in FAMILIES if "process" in member.capabilities]


def trained(place: Path, recipe: dict, steps: int = 3) -> Path:
    """A run of so many steps, saved as ``train`` saves it."""
    experiment = Experiment.from_dict({"data": {"key": "moons", "n": 200}, "batch_size": 32, "steps": 40, **recipe})
    trainer = Trainer(experiment)
    for _ in range(steps):
        trainer.take_step()
    folder = RunFolder.create(place, experiment)
    folder.save(trainer.state(), trainer.values().numpy())
    return place


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Family to the folder of a short run on moons; made when first asked for."""
    place, made = tmp_path_factory.mktemp("runs"), {}

    def run(family: str) -> Path:
        if family not in made:
            made[family] = trained(place / family, {"family": family})
        return made[family]

    return run


def grid() -> np.ndarray:
    line = (np.arange(SIDE) + 0.5) / SIDE * 2 * REACH - REACH
    return np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)


def written(run: Path, points: np.ndarray, place: Path) -> np.ndarray:
    np.save(place / "points.npy", points)
    assert main(["log-prob", str(run), "--points", str(place / "points.npy"), "--out", str(place / "out.npy")]) == 0
    return np.load(place / "out.npy")


def refused(capsys, *words) -> str:
    """The one line on standard error with which a command line is refused."""
    assert main(["log-prob", *map(str, words)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("pushforward: ")
    return line


@pytest.mark.parametrize("family", DENSE)
def test_what_is_written_is_a_density_and_the_model_s_own(family, runs, tmp_path, capsys):
    points = grid()
    values = written(runs(family), points, tmp_path)
    assert (values.shape, values.dtype) == ((SIDE**2,), np.float32)
    assert capsys.readouterr().err == ""
    own = RunFolder.open(runs(family)).model().log_prob(torch.from_numpy(points).float())
    np.testing.assert_allclose(values, own.numpy(), rtol=1e-5, atol=1e-5)
    assert np.exp(values.astype(float)).sum() * (2 * REACH / SIDE) ** 2 == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("family", [*DENSE, *BOUNDED])
def test_a_bound_is_named_as_one_and_nothing_else_is(family, runs, tmp_path, capsys):
    assert written(runs(family), np.zeros((5, 2)), tmp_path).shape == (5,)
    said = capsys.readouterr().err.splitlines()
    is_bound = RunFolder.open(runs(family)).model().density == "bound"
    assert len(said) == is_bound
    assert all("a lower bound on log p(x)" in line and line.endswith("not log p(x)") for line in said)


def test_a_model_that_only_bounds_its_density_says_so(runs, tmp_path, capsys, monkeypatch):
    from models.families._flow import FlowModel

    monkeypatch.setattr(FlowModel, "density", "bound")
    written(runs("spline_flow"), np.zeros((5, 2)), tmp_path)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("a lower bound on log p(x) (Neural spline flow), not log p(x)")


@pytest.mark.parametrize("family", FLOWING)
def test_the_density_of_a_probability_flow_is_written_and_named(family, runs, tmp_path, capsys):
    points = DATA["moons"]().draw(20, torch.Generator().manual_seed(3)).numpy()
    values = written(runs(family), points, tmp_path)
    own = RunFolder.open(runs(family)).model().log_prob(torch.from_numpy(points))
    np.testing.assert_allclose(values, own.numpy(), rtol=1e-5, atol=1e-5)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"note: {tmp_path / 'out.npy'}: the density of the probability flow")


def test_a_flow_from_a_source_without_a_density_says_why_it_has_none(tmp_path, capsys):
    run = trained(tmp_path / "run", {"family": "flow_matching", "latent": {"key": "data_set", "data": "segment"}})
    model = RunFolder.open(run).model()
    assert model.density == "none"
    np.save(tmp_path / "x.npy", np.zeros((3, 2)))
    line = refused(capsys, run, "--points", tmp_path / "x.npy", "--out", tmp_path / "l.npy")
    assert "is not known, so neither is that of what flows from it" in line


def test_on_the_line_a_plain_list_of_numbers_will_do(tmp_path):
    run = trained(tmp_path / "line", {
        "data": "gaussian_mixture_1d", "latent": {"key": "gaussian", "dimension": 1}, "family": "spline_flow",
    })  # fmt: skip
    x = np.linspace(-8, 8, 801)
    values = written(run, x, tmp_path)
    assert np.exp(values.astype(float)).sum() * 0.02 == pytest.approx(1, abs=0.01)


def test_a_family_without_a_density_is_told_which_have_one(runs, tmp_path, capsys):
    np.save(tmp_path / "x.npy", np.zeros((3, 2)))
    line = refused(capsys, runs("pushforward"), "--points", tmp_path / "x.npy", "--out", tmp_path / "l.npy")
    assert "Pushforward has no density" in line
    for family in (*DENSE, *BOUNDED, *FLOWING):
        assert family in line
    assert not (tmp_path / "l.npy").exists()


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (np.zeros((4, 3)), "a row has 3 numbers; points of the run have 2"),
        (np.zeros(4), "a row has 1 number; points of the run have 2"),
        (np.array([[0.0, 1.0], [np.nan, 2.0]]), "row 1 holds nan in column 0; only finite numbers are allowed"),
        (np.zeros((0, 2)), "has shape (0, 2); (n, d) with n and d at least 1 is needed"),
        (np.array([["a", "b"]]), "real numbers are needed"),
    ],
)
def test_points_that_will_not_do_end_in_one_line(points, said, runs, tmp_path, capsys):
    np.save(tmp_path / "x.npy", points)
    line = refused(capsys, runs("spline_flow"), "--points", tmp_path / "x.npy", "--out", tmp_path / "l.npy")
    assert str(tmp_path / "x.npy") in line
    assert said in line
    assert not (tmp_path / "l.npy").exists()


def test_files_that_are_not_there_or_empty_end_in_one_line(runs, tmp_path, capsys):
    out = ["--out", tmp_path / "l.npy"]
    (tmp_path / "empty.npy").write_bytes(b"")
    flow = runs("spline_flow")
    assert "no NPY file" in refused(capsys, flow, "--points", tmp_path / "empty.npy", *out)
    assert "No such file" in refused(capsys, flow, "--points", tmp_path / "none.npy", *out)
    np.save(tmp_path / "x.npy", np.zeros((3, 2)))
    points = ["--points", tmp_path / "x.npy"]
    assert "there is no such run folder" in refused(capsys, tmp_path / "nowhere", *points, *out)
    assert "is no run folder" in refused(capsys, tmp_path, *points, *out)
    assert "must end in .npy" in refused(capsys, flow, *points, "--out", tmp_path / "l.txt")
    assert "there is no folder" in refused(capsys, flow, *points, "--out", tmp_path / "none" / "l.npy")
