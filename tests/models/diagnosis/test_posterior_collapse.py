"""Posterior collapse: the rule on hand-made looks, and the whole instrument on small real runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.diagnosis import Instrument
from models.diagnosis.chronicle import Chronicle
from models.diagnosis.evidence import of_use, weigh
from models.diagnosis.posterior import spread
from models.diagnosis.remedies import remedies
from models.diagnosis.signs import Signs
from models.diagnosis.verdict import Judge
from models.diagnosis.wording import sentence
from models.experiment import Experiment
from models.presets import find_preset
from models.training.trainer import Trainer
from models.training.witness import Witness

K, N, STEPS, EVERY = 4, 400, 10_000, 200
EVEN = np.full(K, 1 / K)
ASLEEP = {"active": 0.0, "rate": 0.003, "short": 1.5}
AWAKE = {"active": 2.0, "rate": 2.5, "short": 0.4}


def look(step: int, **inferred: float) -> Signs:
    nothing = np.full(K, math.nan)
    usual = {"good": 0.3, "spread": 1.0, "far": 0.1, "latent": 2.0, "needed": 2.0, **AWAKE}
    return Signs(step, np.repeat(np.arange(K), N // K), EVEN, EVEN, nothing, nothing, **usual | inferred)


def judged(series: list[Signs]) -> tuple[str, list[tuple[int, str]], str]:
    """The last verdict, all alarms, and the last sentence."""
    chronicle, judge, kept, alarms, verdict, text = Chronicle(EVEN, N), Judge(), [], [], "", ""
    for signs in series:
        kept = of_use([*kept, signs], STEPS)
        chronicle.look(signs.step, signs.mode)
        evidence = weigh(kept, chronicle, STEPS)
        verdict, alarm = judge.judge(evidence)
        alarms += [(signs.step, verdict)] if alarm else []
        text = sentence(verdict, evidence, chronicle, signs, tuple("1234"), named=True)
    return verdict, alarms, text


def run(inferred_at) -> list[Signs]:
    return [look(step, **inferred_at(step)) for step in range(0, 6_001, EVERY)]


def test_no_dimension_in_use_rings_once_and_says_so():
    verdict, alarms, text = judged(run(lambda _: ASLEEP))
    assert verdict == "posterior_collapse"
    assert [key for _, key in alarms] == ["posterior_collapse"]
    assert text == (
        "0 of 2 latent dimensions in use: q(z|x) is the prior, the decoder ignores z (rate 0.003 nats)."
    )  # fmt: skip


def test_a_rate_that_tells_nothing_is_not_called_the_prior():
    assert "q(z|x) is the same for every x" in judged(run(lambda _: ASLEEP | {"rate": 0.7}))[2]


def test_one_of_two_in_use_is_not_blamed():
    assert judged(run(lambda _: AWAKE | {"active": 1.0}))[1] == []


def test_few_of_many_in_use_are_blamed_if_the_data_needs_more():
    few = {"active": 1.0, "latent": 8.0, "rate": 0.4, "short": 3.0}
    verdict, _, text = judged(run(lambda _: few | {"needed": 6.3}))
    assert verdict == "posterior_collapse"
    assert text.startswith("1 of 8 latent dimensions in use")
    assert judged(run(lambda _: few | {"needed": 2.0}))[1] == []


def test_data_that_needs_no_latent_is_not_blamed():
    """P_θ without z is P_X already; where P_X has no density its samples tell."""
    assert judged(run(lambda _: ASLEEP | {"short": 0.02}))[1] == []
    assert judged(run(lambda _: ASLEEP | {"short": math.nan, "good": 0.9}))[1] == []
    assert judged(run(lambda _: ASLEEP | {"short": math.nan}))[1] != []


def test_a_latent_that_wakes_up_late_is_learning():
    assert judged(run(lambda step: ASLEEP if step < 1_800 else AWAKE))[1] == []


def test_a_latent_that_falls_asleep_rings_then():
    ((step, _),) = judged(run(lambda step: AWAKE if step < 3_000 else ASLEEP))[1]
    assert 3_000 < step <= 5_000


def test_models_without_inference_are_never_judged_so():
    empty = dict.fromkeys(("latent", "active", "needed", "rate", "short"), math.nan)
    assert judged(run(lambda _: empty))[1] == []


def test_the_data_varies_in_as_many_directions_as_it_was_given():
    u = torch.randn(4_000, 5, generator=torch.Generator().manual_seed(0))
    assert spread(u) == pytest.approx(5, abs=0.02)
    assert spread(u * torch.tensor([1.0, 1.0, 0.0, 0.0, 0.0])) == pytest.approx(2, abs=0.01)
    few = u[:20] @ torch.randn(u.shape[1], 50, generator=torch.Generator().manual_seed(1))
    share = torch.linalg.eigvalsh(torch.cov(few.T)).clamp_min(0)
    assert spread(few) == pytest.approx(float(torch.special.entr(share / share.sum()).sum().exp()), rel=1e-4)
    assert spread(torch.randn(9, 100_000, generator=torch.Generator().manual_seed(0))) == pytest.approx(8, rel=1e-2)


def autoencoder(std: float = 0.1, *, learn_std: bool = True, **bound: float) -> Experiment:
    return Experiment.from_dict({
        "data": "ring", "batch_size": 64, "seed": 11, "steps": 450,
        "architecture": {"key": "mlp", "width": 16, "depth": 1},
        "family": {
            "key": "variational_autoencoder", "encoder": {"key": "mlp", "width": 16, "depth": 1},
            "likelihood": {"key": "gaussian", "std": std, "learn_std": learn_std},
        },
        "objective": {"key": "variational_bound", **bound},
    })  # fmt: skip


def watched(recipe: Experiment) -> tuple[list[str], list[str], Signs]:
    """Verdicts and alarms at every fiftieth step, and the last signs."""
    trainer, witness = Trainer(recipe), Witness(recipe, points=1_000)
    instrument, verdicts, alarms = Instrument(witness.subject), [], []
    while trainer.step < recipe.steps:
        for _ in range(50):
            trainer.take_step()
        witness.load(trainer.values().numpy())
        found = instrument.look(witness.subject, trainer.step)
        verdicts.append(found["verdict"])
        alarms += [found["verdict"]] if found["alarm"] else []
    return verdicts, alarms, instrument.signs


def test_a_run_that_collapses_rings_and_its_first_remedy_cures_it():
    """With a fixed σ of 1 the ring of radius 1 is worth no rate: the bound is highest with z unused."""
    recipe = autoencoder(std=1.0, learn_std=False)
    _, alarms, signs = watched(recipe)
    assert "posterior_collapse" in alarms
    assert signs.active == 0
    assert signs.rate < 0.05
    verdicts, _, signs = watched(recipe.with_settings(remedies("posterior_collapse", recipe)[0].settings))
    assert signs.active == 2
    assert "posterior_collapse" not in verdicts


def test_a_run_that_warms_up_is_not_blamed():
    verdicts, _, signs = watched(autoencoder(warm_up=0.5))
    assert "posterior_collapse" not in verdicts
    assert signs.active == 2


def test_every_remedy_can_be_taken_up_and_changes_something():
    recipe = autoencoder(std=1.0, beta=30.0)
    offered = remedies("posterior_collapse", recipe)
    assert {"A β of 1", "A smaller σ", "A slow start of β", "Free bits", "20 importance samples"} == {
        remedy.title for remedy in offered
    }
    assert all(recipe.with_settings(remedy.settings) != recipe for remedy in offered)
    fixed = remedies("posterior_collapse", autoencoder(learn_std=False))
    assert fixed[0].title == "A smaller σ"
    assert {"A smaller β", "A learnt σ"} <= {remedy.title for remedy in fixed}


def test_an_autoencoder_that_underfits_is_offered_what_autoencoders_have():
    fixed = [remedy.title for remedy in remedies("underfitting", autoencoder(learn_std=False))]
    assert fixed[:2] == ["A smaller σ", "A learnt σ"]
    learnt = remedies("underfitting", autoencoder())
    assert [remedy.title for remedy in learnt[:2]] == ["A learnt prior", "A larger decoder"]
    assert all(autoencoder().with_settings(remedy.settings) != autoencoder() for remedy in learnt)
    game = {remedy.title for remedy in remedies("underfitting", find_preset("collapse"))}
    assert not {"A learnt prior", "A learnt σ"} & game
