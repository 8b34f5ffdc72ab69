"""``pushforward sample`` of one class, and in another way than the run was trained with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.cli import main
from explorer.command_line.figure import sheet
from models.experiment import Experiment
from models.training.run_folder import RunFolder
from models.training.trainer import Trainer

CONDITIONAL = {"family": {"key": "diffusion", "conditional": True, "sampler": {"key": "ancestral", "steps": 15}}}


def trained(place: Path, recipe: dict, steps: int) -> Path:
    """A run of so many steps, saved as ``train`` saves it."""
    experiment = Experiment.from_dict({"steps": 1000, "seed": 12, "batch_size": 128, **recipe})
    trainer = Trainer(experiment)
    for _ in range(steps):
        trainer.take_step()
    RunFolder.create(place, experiment).save(trainer.state(), trainer.values().numpy())
    return place


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> dict[str, Path]:
    """Moons told by class, and not told, of which only the first has learnt anything; and a plain generator."""
    place = tmp_path_factory.mktemp("runs")
    moons = {"data": {"key": "moons", "scale": 2.0}}
    return {
        "told": trained(place / "told", {**moons, **CONDITIONAL}, 1000),
        "untold": trained(place / "untold", {**moons, "family": "diffusion"}, 1),
        "plain": trained(place / "plain", {}, 1),
        "mixture": trained(place / "mixture", {"family": "mixture"}, 1),
        "segment": trained(place / "segment", {"data": "segment", "family": "diffusion"}, 1),
    }


def drawn(run: Path, place: Path, *words: str, n: int = 300) -> np.ndarray:
    assert main(["sample", str(run), "-n", str(n), "--out", str(place / "x.npy"), *words]) == 0
    return np.load(place / "x.npy")


def refused(capsys, run: Path, place: Path, *words: str) -> str:
    """The one line on standard error."""
    assert main(["sample", str(run), "-n", "5", "--out", str(place / "x.npy"), *words]) == 2
    assert not (place / "x.npy").exists()
    (line,) = capsys.readouterr().err.splitlines()
    return line.removeprefix("pushforward: ")


def test_samples_of_a_class_lie_where_that_class_lies(runs, tmp_path):
    upper, lower = drawn(runs["told"], tmp_path, "--class", "upper"), drawn(runs["told"], tmp_path, "--class", "lower")
    mean = RunFolder.open(runs["told"]).experiment.data.draw_told(20_000, torch.Generator().manual_seed(0))
    truth = [mean[0][mean[1] == label].mean(0).numpy() for label in range(2)]
    assert np.abs(upper.mean(0) - truth[0]).max() < 0.35
    assert np.abs(lower.mean(0) - truth[1]).max() < 0.35


def test_a_class_is_named_or_numbered_from_one(runs, tmp_path):
    named = drawn(runs["told"], tmp_path, "--class", "lower")
    assert np.array_equal(named, drawn(runs["told"], tmp_path, "--class", "2"))


def test_without_a_class_all_come_in_their_shares(runs, tmp_path):
    x = drawn(runs["told"], tmp_path, n=2000)
    model = RunFolder.open(runs["told"]).model()
    upper = drawn(runs["told"], tmp_path, "--class", "1", n=2000).mean(0)
    lower = drawn(runs["told"], tmp_path, "--class", "2", n=2000).mean(0)
    assert np.allclose(x.mean(0), (upper + lower) / 2, atol=0.12)
    assert model.classes == 2


def test_another_sampler_and_number_of_steps_can_be_had_of_a_trained_run(runs, tmp_path):
    usual = drawn(runs["told"], tmp_path)
    words = ("--set", "family.sampler.key=euler", "--set", "family.sampler.steps=20")
    other = drawn(runs["told"], tmp_path, *words)
    assert not np.array_equal(usual, other)
    run = RunFolder.open(runs["told"])
    model, family = run.model(), run.experiment.with_settings([words[1], words[3]]).family
    model.adopt(family)
    assert (model.sampler.key, model.sampler.steps) == ("euler", 20)
    assert np.allclose(other.std(0), usual.std(0), atol=0.25)  # of the same law, but for the error of the steps
    assert np.array_equal(usual, drawn(runs["told"], tmp_path))  # and the run itself is as it was


def test_guidance_moves_samples_away_from_the_other_class(runs, tmp_path):
    plain, guided = (drawn(runs["told"], tmp_path, "--class", "upper", *more) for more in ((), GUIDED))
    assert guided[:, 1].mean() > plain[:, 1].mean() + 0.1  # the other moon lies below


GUIDED = ("--set", "family.guidance=3")


@pytest.mark.parametrize(
    ("run", "words", "said"),
    [
        ("told", ("--class", "uper"), "--class 'uper': there is no such class; did you mean 'upper'? Allowed: upper, "),
        (
            "told",
            ("--class", "3"),
            "--class '3': there is no such class; allowed: upper, lower; or a number from 1 to 2",
        ),
        ("told", ("--class", "0"), "--class '0': there is no such class"),
        ("untold", ("--class", "upper"), "--class upper: the model was trained without classes; train one with --set "),
        ("plain", ("--class", "1"), "--class 1: the model was trained without classes; train one with --set "),
        ("mixture", ("--class", "1"), "--class 1: Mixture of Gaussians learns no classes; families that can: "),
        ("segment", ("--class", "1"), "--class 1: Line segment has no classes"),
        ("untold", GUIDED, "family.guidance: the model was trained without classes; train one with --set "),
        ("told", ("--set", "family.levels=20"), "family.levels: cannot change after training, it would need a new run"),
        ("told", ("--set", "data.noise=0.2"), "data.noise: cannot change after training"),
        ("told", ("--set", "optimizer.lr=0.1"), "optimizer.lr: cannot change after training"),
        ("told", ("--set", "family.guidance=11"), "family.guidance: 11 is not allowed"),
        ("told", ("--set", "family.sampler.key=eular"), "family.sampler"),
        ("plain", ("--set", "latent.dimension=3"), "latent.dimension: cannot change after training"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(runs, tmp_path, capsys, run, words, said):
    assert refused(capsys, runs[run], tmp_path, *words).startswith(said)


def test_what_can_change_is_named(runs, tmp_path, capsys):
    line = refused(capsys, runs["told"], tmp_path, "--set", "family.levels=20")
    assert line.endswith("what can: family.sampler, family.untold, family.guidance")


def test_pictures_are_sampled_as_a_sheet_with_every_pixel(tmp_path, runs, capsys):
    run = trained(tmp_path / "digits", {"data": "digits", "batch_size": 16, "steps": 10}, 1)
    words = ["sample", str(run), "-n", "5", "--out"]
    assert main([*words, str(tmp_path / "x.npy")]) == main([*words, str(tmp_path / "x.png")]) == 0
    x = np.load(tmp_path / "x.npy").reshape(5, 8, 8)
    with Image.open(tmp_path / "x.png") as image:
        board = np.asarray(image)
    assert board.shape == (8 * (2 * 9 + 1), 8 * (3 * 9 + 1), 3)
    levels = np.round((x[4].clip(-1, 1) + 1) * 127.5).repeat(8, 0).repeat(8, 1)
    assert (board[80:144, 80:144] == levels[..., None]).all()
    assert sheet(np.zeros((4, 1600), np.float32), (1, 40, 40), (-1, 1)).shape == (92, 92, 3)  # not enlarged
    assert main(["sample", str(runs["plain"]), "-n", "5", "--out", str(tmp_path / "y.png")]) == 2
    assert "y.png: must end in .npy: samples of Ring" in capsys.readouterr().err
