"""Samplers: declared orders measured without chance, and every sampler on every process, at any number of steps."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from models.diagnosis.remedies import _more_steps
from models.experiment import Experiment
from models.registry import RecipeError
from models.reproduction import PROTOCOLS
from models.reproduction.sampler_order import (
    CLOSE,
    EXPLODING,
    PRESERVING,
    WHOLE,
    Impulses,
    LinearField,
    law_error,
    measured_order,
    path_error,
    variants,
    with_steps,
)
from models.samplers import SAMPLERS, Field, Keyed, State, Stepper
from models.schedules import SCHEDULES, NoiseProcess
from models.training.trainer import Trainer

SAMPLERS_BY_TITLE = variants()
STRAIGHT = NoiseProcess(SCHEDULES["straight"]())
KEYS = SAMPLERS.keys()


def named(key, **options):
    return SAMPLERS.parse({"key": key, **options})


def seeded(seed):
    return torch.Generator().manual_seed(seed)


class Counting(Field):
    """The exact field, and how often it was looked at."""

    def __init__(self, process):
        self.process, self.looks, self._exact = process, 0, LinearField(process)

    def split(self, u, t):
        self.looks += 1
        return self._exact.split(u, t)


@pytest.mark.parametrize("title", SAMPLERS_BY_TITLE)
def test_the_measured_order_is_the_declared_one(title):
    sampler = SAMPLERS_BY_TITLE[title]
    if sampler.order is None:
        coarse, fine = (law_error(with_steps(sampler, steps), WHOLE) for steps in (100, 400))
        assert fine < min(0.07, coarse / 2)
    else:
        assert measured_order(sampler, (64, 128)) == pytest.approx(sampler.order, abs=CLOSE)


@pytest.mark.parametrize("key", [key for key in KEYS if named(key).is_deterministic])
def test_what_is_deterministic_keeps_its_order_on_the_straight_path(key):
    sampler = named(key)
    errors = [path_error(with_steps(sampler, steps), STRAIGHT) for steps in (64, 128)]
    assert errors[0] / errors[1] > 2 ** (sampler.order - 0.15)


def test_adaptive_keeps_to_its_tolerance_and_yields_the_steps_it_took():
    for process in (EXPLODING, PRESERVING, STRAIGHT):
        counts = []
        for tolerance in (1e-3, 1e-6, 1e-8):
            sampler = named("adaptive").model_copy(update={"tolerance": tolerance})
            assert path_error(sampler, process) < 10 * tolerance
            u = torch.linspace(-3, 3, 7, dtype=torch.float64)[:, None]
            states = list(sampler.states(LinearField(process), u, Impulses()))
            times = [state.time for state in states]
            assert times[0] == 1
            assert times[-1] == 0
            assert all(a > b for a, b in pairwise(times[: len(times) - process.ends_noisy]))
            counts.append(len(states))
        assert 9 <= counts[0] <= counts[1] < counts[2]


def test_adaptive_gives_up_on_a_field_without_bounds():
    class Wild(LinearField):
        def split(self, u, t):
            return 1e6 * torch.sin(1e6 * u), 1e6 * torch.cos(1e6 * u)

    *_, last = named("adaptive").states(Wild(EXPLODING), torch.ones(3, 1), Impulses())
    assert bool(last.u.isnan().all())


def test_ddim_with_all_its_noise_is_the_chain_and_with_none_is_euler_on_a_straight_path():
    z = torch.randn(50, 1, generator=seeded(3))
    field = LinearField(PRESERVING)
    pairs = [list(named(key, steps=9, **more).states(field, z, Keyed(z)))
             for key, more in (("ddim", {"eta": 1.0}), ("ancestral", {}))]  # fmt: skip
    for ours, chain in zip(*pairs, strict=True):
        assert ours.time == chain.time
        assert ours.u.numpy() == pytest.approx(chain.u.numpy(), abs=1e-5)
    u = z.double()
    ends = [deque_end(named(key, steps=7).states(LinearField(STRAIGHT), u, Impulses())) for key in ("ddim", "euler")]
    assert ends[0].numpy() == pytest.approx(ends[1].numpy(), abs=1e-12)


def deque_end(states):
    *_, last = states
    return last.u


def test_ddim_and_the_chain_step_between_any_two_times_as_bayes_rule_says():
    """Of a single datum everything is known: u_s given u_t and u₀ has a mean and a variance in closed form."""
    datum = torch.tensor([[0.7]], dtype=torch.float64)

    class Known(Field):
        process = PRESERVING

        def split(self, u, t):
            level = self.process.at(t)
            return datum.expand_as(u), (u - level.alpha * datum) / level.sigma

    u = torch.full((3, 1), 1.3, dtype=torch.float64)
    before, after = PRESERVING.at(0.8), PRESERVING.at(0.2)
    ends = named("ancestral").step(Known(), State(0.8, u), 0.2, Impulses())
    # Joint normal law of (u_s, u_t) given u₀: u_t = r u_s + noise of variance σ_t² − r²σ_s².
    ratio = before.alpha / after.alpha
    gain = ratio * after.sigma**2 / before.sigma**2
    mean = after.alpha * 0.7 + gain * (1.3 - before.alpha * 0.7)
    variance = after.sigma**2 - gain * ratio * after.sigma**2
    assert float(ends[0]) == pytest.approx(float(mean))
    assert float(ends[2] - ends[0]) ** 2 == pytest.approx(float(variance))
    still = named("ddim").step(Known(), State(0.8, u), 0.2, Impulses())
    hidden = (1.3 - before.alpha * 0.7) / before.sigma
    assert float(still[0]) == pytest.approx(float(after.alpha * 0.7 + after.sigma * hidden))


@pytest.mark.parametrize("key", KEYS)
def test_the_last_step_brings_no_noise(key):
    field = LinearField(PRESERVING)
    sampler = with_steps(named(key), 5)
    z = torch.zeros(4, 1, dtype=torch.float64)
    *_, before, last = sampler.states(field, z, Keyed(torch.randn(4, 1, generator=seeded(0))))
    assert last.u.numpy() == pytest.approx(field.denoised(before.u, before.time).numpy())


@pytest.mark.parametrize("key", KEYS)
def test_the_cost_is_how_often_the_field_is_looked_at(key):
    for process in (EXPLODING, PRESERVING):
        sampler, field = named(key), Counting(process)
        deque_end(sampler.states(field, torch.linspace(-2, 2, 5)[:, None], Keyed(torch.zeros(5, 1))))
        most = sampler.cost * 4 if key == "adaptive" else sampler.cost + 1
        least = sampler.cost / 4 if key == "adaptive" else sampler.cost * 0.95
        assert least <= field.looks <= most


def recipe(sampler, **parts):
    plain = {
        "data": {"key": "gaussian_mixture_1d"}, "latent": {"key": "gaussian", "dimension": 1},
        "architecture": {"key": "mlp", "width": 8, "depth": 1},
        "family": {"key": "diffusion", "levels": 10, "schedule": "linear", "sampler": sampler},
        "batch_size": 16, "seed": 11,
    }  # fmt: skip
    return Experiment.from_dict(plain | parts)


def model_of(experiment):
    trainer = Trainer(experiment)
    trainer.take_step()
    return trainer.game.model


COUNTED = [(key, {"steps": steps}) for key in KEYS if issubclass(SAMPLERS[key], Stepper) for steps in (1, 2, 10, 23)]


@pytest.mark.parametrize(("key", "options"), [*COUNTED, ("adaptive", {})])
def test_any_sampler_takes_any_number_of_steps_of_a_trained_model(key, options):
    model = model_of(recipe({"key": key, **options}))
    z = model.latent.draw(40, seeded(1))
    x = model.push(z)
    assert x.shape == (40, 1)
    assert bool(x.isfinite().all())
    assert torch.equal(x, model.push(z))
    # What becomes of a row does not depend on the others, but for the steps of a solver that looks at all of them.
    assert model.push(z[:7]).numpy() == pytest.approx(x[:7].numpy(), rel=0.1 if key == "adaptive" else 1e-4, abs=1e-3)


@pytest.mark.parametrize("key", KEYS)
def test_any_sampler_serves_a_model_of_classes(key):
    parts = {"data": "moons", "latent": {"key": "gaussian", "dimension": 2}}
    family = {"key": "diffusion", "levels": 10, "sampler": key, "conditional": True, "guidance": 1.5}
    model = model_of(recipe(key, **parts, family=family))
    z = model.latent.draw(30, seeded(1))
    x = model.push(z)
    assert x.shape == (30, 2)
    assert bool(x.isfinite().all())


@pytest.mark.parametrize("key", KEYS)
def test_a_capability_is_what_a_sampler_is_at_its_defaults(key):
    member = SAMPLERS[key]
    assert named(key).is_deterministic == ("deterministic" in member.capabilities)
    assert ("steps" in member.model_fields) == issubclass(member, Stepper)
    # Fresh noise is seen in the samples exactly where there is some.
    start, field = torch.zeros(2, 1), LinearField(PRESERVING)
    ends = deque_end(named(key).states(field, start, Keyed(torch.randn(2, 1, generator=seeded(0)))))
    assert (float(ends[0]) == float(ends[1])) == named(key).is_deterministic


def test_flow_matching_takes_ddim_only_without_noise():
    parts = {"family": {"key": "flow_matching", "sampler": {"key": "ddim", "eta": 0.0}}}
    plain = {"data": "gaussian_mixture_1d", "latent": {"key": "gaussian", "dimension": 1}}
    assert Experiment.from_dict(plain | parts).family.sampler.is_deterministic
    parts["family"]["sampler"]["eta"] = 0.5
    with pytest.raises(RecipeError, match=r"family\.sampler"):
        Experiment.from_dict(plain | parts)


def test_the_protocol_holds_every_sampler_to_its_word():
    protocol = PROTOCOLS["sampler_order"]()
    assert len(protocol.cases()) == len(KEYS) + 1
    (row,) = protocol.judge("DDIM", {0: protocol.trial("DDIM", 0, lambda share: None)})
    assert (row.met, row.published) == (True, 1.0)
    (wrong,) = protocol.judge("DDIM", {0: {row.quantity: 1.3}})
    assert not wrong.met


@pytest.mark.parametrize("key", KEYS)
def test_a_remedy_asks_every_sampler_for_a_smaller_error_of_its_own(key):
    experiment = recipe({"key": key})
    better = experiment.with_settings(_more_steps(experiment).settings).family.sampler
    assert better.cost >= experiment.family.sampler.cost or better.steps == experiment.family.levels
    assert type(better) is SAMPLERS[key]
