"""Captions: the encoder that reads them, how they are withheld, and what a model makes of a caption that is typed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from explorer.cli import main
from models.data import DATA
from models.data._captions import Captions
from models.data.shapes import Shapes
from models.experiment import Experiment
from models.families._condition import NOTHING, ByCaption, ByClass, condition_of
from models.families._denoising import DenoisingModel
from models.families._text import TextEncoder
from models.objectives._told import told_batch
from models.registry import RecipeError
from models.training.run_folder import RunFolder
from models.training.setting import Streams, set_up
from models.training.trainer import Trainer

WORDS = {"key": "shapes", "resolution": 8, "forms": 2, "colours": 2, "places": "centre"}
NET = {"key": "mlp", "width": 16, "depth": 1}


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def captioned(**parts: Any) -> Experiment:
    family = {"key": "flow_matching", "conditional": True, "place_features": 0, "sampler": {"key": "euler", "steps": 4}}
    recipe = {"data": WORDS, "latent": {"key": "gaussian", "dimension": 192}, "architecture": NET, "batch_size": 64}
    return Experiment.from_dict({**recipe, "family": {**family, **parts.pop("family", {})}, **parts})


@pytest.fixture
def vocabulary() -> Captions:
    found = DATA.parse(WORDS).captions
    assert found is not None
    return found


def test_data_tell_captions_before_classes_and_else_nothing():
    assert isinstance(condition_of(DATA.parse(WORDS)), ByCaption)
    assert isinstance(condition_of(DATA.parse({**WORDS, "tell": "form"})), ByClass)
    assert condition_of(DATA.parse("segment")) is NOTHING


def test_empty_words_take_no_part_and_an_empty_caption_is_0():
    encoder = TextEncoder(words=9, length=6, width=32, generator=seeded(0))
    short = torch.tensor([[3.0, 5.0, 2.0, 0.0, 0.0, 0.0]])
    with torch.no_grad():
        alone, beside = encoder(short), encoder(torch.cat([short, torch.tensor([[1.0, 4.0, 2.0, 8.0, 7.0, 6.0]])]))
        encoder.place[3:] = 100.0
        encoder.word[0] = 100.0
        assert torch.equal(encoder(short), alone)
        assert torch.allclose(beside[:1], alone, atol=1e-6)
        assert torch.equal(encoder(torch.zeros(2, 6)), torch.zeros(2, 32))


def test_one_word_is_read_as_the_formula_has_it():
    encoder = TextEncoder(words=9, length=6, width=8, generator=seeded(0)).double()
    h = encoder.word[4] + encoder.place[0]  # alone, a word attends to itself
    wanted = encoder.said.weight @ (h + encoder.value.weight @ h)
    assert torch.allclose(encoder(torch.tensor([[4.0, 0, 0, 0, 0, 0]]))[0], wanted)


def test_the_order_of_words_counts():
    encoder = TextEncoder(words=9, length=4, width=32, generator=seeded(0))
    with torch.no_grad():
        one, other = encoder(torch.tensor([[1.0, 2.0, 3.0, 0.0], [3.0, 2.0, 1.0, 0.0]]))
    assert float((one - other).norm()) > 0.1


@pytest.mark.parametrize("untold", [0.0, 0.5])
def test_captions_are_withheld_whole(untold, vocabulary):
    game, _ = set_up(captioned(family={"untold": untold}, batch_size=1024), Streams.from_seed(3))
    assert isinstance(game.model, DenoisingModel)
    v, tokens = told_batch(game, game.model)
    assert tokens is not None
    assert tokens.shape == (1024, vocabulary.length)
    empty = (tokens == 0).all(1)
    assert float(empty.float().mean()) == pytest.approx(untold, abs=0.06)
    assert int((tokens[~empty, 0] == vocabulary.numbers["a"]).sum()) == int((~empty).sum())
    law = DATA.parse(WORDS)
    assert isinstance(law, Shapes)
    red = law.asked(tokens)[:, 2] == 0  # a picture that is told to be red has no blue in it
    x = game.model.out_of_process(v).view(-1, 3, 64)
    assert float((x[red, 0].mean() - x[red, 1].mean()) / x[red, 0].std()) > 0.3


def test_what_is_told_enters_the_net_as_its_words_and_no_caption_as_none(vocabulary):
    game, _ = set_up(captioned(), Streams.from_seed(3))
    model = game.model
    assert isinstance(model, DenoisingModel)
    model.network.theta.normal_(generator=seeded(1)).mul_(0.2)
    v, t = torch.randn(3, 192, generator=seeded(2)), torch.full((1, 1), 0.4)
    typed = torch.stack([vocabulary.tokens(text) for text in ("a small red circle", "a large shape", "")])
    rows = model.embed(v, t, typed)
    assert torch.equal(rows[:, -vocabulary.length :].long(), typed)
    said, untold = model.evaluate(v, t, typed), model.evaluate(v, t)
    assert torch.equal(said[2], untold[2])
    assert float((said[:2] - untold[:2]).abs().amax(1).min()) > 1e-3
    numbers = torch.tensor([5, -1, 7])  # of captions that are drawn from
    known = model.embed(v, t, numbers)[:, -vocabulary.length :].long()
    assert torch.equal(known[::2], vocabulary.examples[[5, 7]])
    assert int(known[1].sum()) == 0


def test_pairs_of_noise_and_data_keep_their_captions():
    """Independent pairs alone, for others would let z tell of the caption."""
    with pytest.raises(RecipeError, match="would let z tell of the caption") as caught:
        captioned(objective={"key": "conditional_flow_matching", "coupling": "optimal_transport"})
    assert caught.value.settings == ("objective.coupling.key=independent",)
    with pytest.raises(RecipeError, match="0 is not allowed with captions"):
        Experiment.from_dict(
            {"data": WORDS, "family": {"key": "variational_autoencoder", "conditional": True, "untold": 0.0}}
        )


def test_a_caption_moves_samples_to_what_it_asks_for(vocabulary):
    """After a short run: red against green, the only two colours."""
    family = {"key": "diffusion", "prediction": "data", "sampler": {"key": "ddim", "steps": 4}, "guidance": 1.0}
    trainer = Trainer(captioned(steps=80, seed=14, family=family))
    for _ in range(80):
        trainer.take_step()
    z = trainer.game.model.latent.draw(40, seeded(1))
    made = {}
    for colour in ("red", "green"):
        tokens = vocabulary.tokens(f"a large {colour} square").expand(40, -1)
        made[colour] = trainer.game.model.push_given(z, tokens).view(40, 3, 64).mean((0, 2))
    assert float(made["red"][0] - made["green"][0]) > 0.2
    assert float(made["green"][1] - made["red"][1]) > 0.1


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of one step."""
    experiment = captioned(steps=10, seed=12)
    trainer = Trainer(experiment)
    trainer.take_step()
    folder = RunFolder.create(tmp_path_factory.mktemp("runs") / "run", experiment)
    folder.save(trainer.state(), trainer.values().numpy())
    return folder.path


def sampled(run, place, *words) -> int:
    return main(["sample", str(run), "-n", "4", "--out", str(place / "x.npy"), *words])


def test_samples_of_a_caption_are_written(run, tmp_path, vocabulary):
    assert sampled(run, tmp_path, "--caption", "A tiny red disc!") == 0
    x = np.load(tmp_path / "x.npy")
    folder = RunFolder.open(run)
    from explorer.command_line.sampling import sampling_generator

    z = folder.model().latent.draw(4, sampling_generator(0))
    wanted = folder.model().push_given(z, vocabulary.tokens("a small red circle").expand(4, -1))
    assert np.array_equal(x, wanted.numpy())
    assert sampled(run, tmp_path) == 0
    assert np.array_equal(np.load(tmp_path / "x.npy"), folder.model().push(z).numpy())


@pytest.mark.parametrize(("words", "said"), [
    (("--caption", "a smal red dog"), ("'smal' is not known: did you mean 'small'?", "'dog' is not known")),
    (("--class", "red"), ("Drawn shapes with captions has no classes; its samples have captions",)),
])  # fmt: skip
def test_what_cannot_be_asked_for_is_named(run, tmp_path, capsys, words, said):
    assert sampled(run, tmp_path, *words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(part in line for part in said)
    assert not (tmp_path / "x.npy").exists()
