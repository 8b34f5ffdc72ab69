"""Generators and autoencoders that are told c: what decides it, the projection critic, and densities in closed form."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, autograd
from torch.distributions import MultivariateNormal
from torch.nn.functional import one_hot, softplus

from models.divergences import DIVERGENCES
from models.divergences._base import SampleDivergence
from models.experiment import Experiment
from models.families._variational import VariationalModel, VariationalModule
from models.objectives._projection import FEATURES, Projection
from models.observations._truth import unknown
from models.registry import RecipeError
from models.training.run_folder import RunFolder
from models.training.setting import build_model
from models.training.trainer import Trainer
from models.training.witness import Witness

NET = {"key": "mlp", "width": 8, "depth": 1}
RING = {"key": "ring", "modes": 3, "weights": [1.0, 2.0, 3.0]}
WORDS = {"key": "shapes", "resolution": 8, "forms": 2, "colours": 2, "places": "centre"}
GAN = {"divergence": "jensen_shannon", "objective": {"key": "adversarial", "critic": NET}}
FAMILIES = ("pushforward", "variational_autoencoder", "diffusion", "flow_matching", "coupling_flow")


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def told(family: str, data: Any = None, options: Any = None, **parts: Any) -> Experiment:
    """A recipe whose model is told what the data tell."""
    data = data or RING
    own = {
        "diffusion": {"sampler": {"key": "ancestral", "steps": 3}},
        "variational_autoencoder": {"encoder": NET},
        "coupling_flow": {"width": 8, "depth": 1, "count": 2, "untold": 0.1},
    }
    latent = {"key": "gaussian", "dimension": 192 if data is WORDS and family in FAMILIES[2:] else 2}
    game = GAN if family == "pushforward" else {}
    made = {"key": family, "conditional": True, **own.get(family, {}), **(options or {})}
    recipe = {"data": data, "latent": latent, "architecture": NET, "batch_size": 12, "steps": 4, "seed": 13}
    return Experiment.from_dict({**recipe, **game, "family": made, **parts})


CASES = [(family, data) for family in FAMILIES for data in (RING, WORDS)]
EACH = pytest.mark.parametrize(("family", "data"), CASES, ids=[f"{f}-{d['key']}" for f, d in CASES])


@EACH
def test_c_is_decided_by_the_last_number_of_z_or_told(family, data):
    experiment = told(family, data)
    model = build_model(experiment, seeded(0))
    model.network.theta.normal_(generator=seeded(1)).mul_(0.3)
    z = model.latent.draw(40, seeded(2))
    labels = model.labels_of(z)
    assert labels is not None
    assert torch.allclose(model.push(z), model.push_given(z, labels), atol=1e-5)
    for index in range(min(3, model.classes)):
        asked = model.of_class(z, index)
        given = torch.full((40,), index)
        decided = model.labels_of(asked)
        assert decided is not None
        assert torch.equal(decided, given)
        assert torch.allclose(model.push(asked), model.push_given(z, given), atol=1e-5)
    captions = experiment.data.captions
    if captions is not None:
        assert model.classes == len(captions.examples)
        assert torch.allclose(model.push(z), model.push_given(z, captions.examples[labels]), atol=1e-5)
    first = model.push_given(z[:, : model.latent_dimension], torch.zeros_like(labels))
    other = model.push_given(z[:, : model.latent_dimension], torch.ones_like(labels))
    assert float((first - other).abs().max()) > 1e-3


@EACH
def test_a_run_that_is_told_c_goes_on_bit_for_bit(family, data, tmp_path):
    made = told(family, data)
    straight, half = Trainer(made), Trainer(made)
    for _ in range(2):
        straight.take_step()
    half.take_step()
    folder = RunFolder.create(tmp_path / "run", made)
    folder.save(half.state(), half.values().numpy())
    resumed, state = Trainer(RunFolder.open(folder.path).experiment), RunFolder.open(folder.path).state()
    assert state is not None
    resumed.restore(state)
    resumed.take_step()
    assert resumed.values().numpy().tobytes() == straight.values().numpy().tobytes()
    witness = Witness(made, points=12)
    witness.load(straight.values().numpy())
    assert torch.equal(witness.sample(9, seeded(1)), straight.game.model.sample(9, seeded(1)))
    words = {"classes", "captions"} & witness.offers()
    assert words == ({"classes"} if data is RING else {"captions"})


def test_without_its_number_a_generator_makes_the_class_that_0_decides():
    model = build_model(told("pushforward"), seeded(0))
    z = model.latent.draw(5, seeded(1))
    assert (model.latent_dimension, model.latent.dimension) == (2, 3)
    half = torch.searchsorted(torch.tensor([1.0, 2.0, 3.0]).cumsum(0) / 6, 0.5, right=True)
    assert torch.equal(model.push(z[:, :2]), model.push_given(z, half.expand(5)))


def plain_projection(weights: list[Tensor], x: Tensor, c: Tensor, packing: int) -> Tensor:
    """ψ(φ(x)) + Σᵢ ⟨e⁽ⁱ⁾_cᵢ, φ(x)⟩ with classes as numbers, shape (N, packing)."""
    w0, b0, w1, b1, psi, bias, e = weights
    phi = torch.nn.functional.leaky_relu(x @ w0.T + b0, 0.2) @ w1.T + b1
    tables = e.T.view(packing, 3, FEATURES)  # one embedding of three classes for each place of a pack
    chosen = torch.stack([tables[i][c[:, i]] for i in range(packing)]).sum(0)
    return phi @ psi.T + bias + (chosen * phi).sum(1, keepdim=True)


@pytest.mark.parametrize("packing", [1, 2])
def test_the_projection_is_the_formula(packing):
    critic = Trainer(told("pushforward").with_settings([f"objective.packing={packing}"])).game.critic
    assert critic is not None
    assert isinstance(critic.module, Projection)
    weights = [p.detach() for p in critic.module.parameters()]
    x, c = torch.randn(7, 2 * packing, generator=seeded(3)), torch.arange(7 * packing).view(7, packing) % 3
    rows = torch.cat([x, one_hot(c, 3).flatten(1)], 1)
    assert torch.allclose(critic.evaluate(rows), plain_projection(weights, x, c, packing), atol=1e-6)


def in_double(settings: list[str]) -> Trainer:
    """A game of pairs whose nets are of double precision and whose batches stay the same."""
    trainer = Trainer(told("pushforward").with_settings([f"objective.{setting}" for setting in settings]))
    game = trainer.game
    assert game.critic is not None
    assert game.told is not None
    for network in (game.model.network, game.critic):
        network.module.double()
        network.move_to(torch.device("cpu"))
    (x, c), z = game.told(), game.latent().double()
    game.told, game.latent = (lambda: (x.double(), c)), (lambda: z)
    return trainer


@pytest.mark.parametrize("packing", [1, 3])
def test_the_gradients_of_a_game_of_pairs_are_those_of_plain_autograd(packing):
    trainer = in_double([f"packing={packing}", "r1=0.7", "r2=0.4", "fade=false"])
    game, objective = trainer.game, trainer.experiment.objective
    assert game.told is not None
    assert game.critic is not None
    (x, c), z = game.told(), game.latent()
    psi = [p.detach().clone().requires_grad_() for p in game.critic.module.parameters()]
    w0, b0, w1, b1 = theta = [p.detach().clone().requires_grad_() for p in game.model.network.module.parameters()]
    seen = torch.cat([z[:, :2], one_hot(c, 3).double()], 1)  # what data are told, samples are told
    fake = torch.nn.functional.leaky_relu(seen @ w0.T + b0, 0.2) @ w1.T + b1
    packs, labels = 12 // packing, c.view(-1, packing)

    def judged(points: Tensor) -> Tensor:
        return plain_projection(psi, points.reshape(packs, -1), labels, packing)

    def steepness(points: Tensor) -> Tensor:
        points = points.detach().reshape(packs, -1).requires_grad_()
        return autograd.grad(judged(points).sum(), points, create_graph=True)[0].square().sum(1).mean()

    loss = softplus(-judged(x)).mean() + softplus(judged(fake.detach())).mean()
    loss = loss + 0.35 * steepness(x) + 0.2 * steepness(fake)
    wanted = torch.cat([g.flatten() for g in autograd.grad(loss, psi)])
    objective.critic_turn(game)
    assert torch.allclose(game.critic.gradient, wanted, atol=1e-12)
    wanted = torch.cat([g.flatten() for g in autograd.grad(softplus(-judged(fake)).mean(), theta)])
    objective.generator_turn(game)
    assert torch.allclose(game.model.network.gradient, wanted, atol=1e-12)


@pytest.mark.parametrize("settings", [[], ["packing=2", "minibatch_std=true"], ["unrolled=2", "dragan=0.5"]])
def test_the_arrow_of_a_sample_is_what_its_generator_descends(settings):
    """Plain autograd through ``sample_loss`` is the gradient that the turn pulls back."""
    trainer = in_double(["generator_loss=minimax", "r1=0.3", "fade=false", *settings])
    game = trainer.game
    assert game.told is not None
    (x, c), z = game.told(), game.latent()
    fake = game.model.push_recorded(z, c).requires_grad_()
    state = game.chance.get_state()
    trainer.experiment.objective.generator_turn(game)
    found = game.model.network.gradient.clone()
    game.chance.set_state(state)
    loss = trainer.experiment.objective.sample_loss(game, fake, x, c)
    game.model.push_recorded(z, c)
    game.model.pull_back(autograd.grad(loss, fake)[0])
    if "dragan=0.5" not in settings:  # whose noise is another for looking
        assert torch.allclose(game.model.network.gradient, found, atol=1e-10)
    assert float(found.abs().max()) > 0


def test_a_critic_of_pairs_is_looked_at_as_its_mean_over_the_classes():
    trainer = Trainer(told("pushforward"))
    game, x = trainer.game, torch.randn(6, 2, generator=seeded(1))
    assert game.critic is not None
    each = [game.critic.evaluate(torch.cat([x, one_hot(torch.full((6,), c), 3)], 1)) for c in range(3)]
    mean = (each[0] + 2 * each[1] + 3 * each[2]) / 6
    seen = trainer.experiment.objective.critic_at(game, x, x, x)
    assert seen is not None
    assert torch.allclose(seen, mean, atol=1e-6)


@pytest.mark.parametrize("divergence", ["mmd", "sinkhorn"])
def test_what_has_a_closed_form_is_the_mean_over_the_classes_of_a_batch(divergence):
    objective = "kernel" if divergence == "mmd" else "transport"
    trainer = Trainer(told("pushforward", divergence=divergence, objective=objective, batch_size=24))
    game = trainer.game
    assert game.told is not None
    (x, c), z = game.told(), game.latent()
    game.told, game.latent = (lambda: (x, c)), (lambda: z)
    scalars = trainer.experiment.objective.generator_turn(game)
    fake, law = game.model.push_recorded(z, c), DIVERGENCES[divergence]()
    assert isinstance(law, SampleDivergence)
    parts = [float((c == k).sum() / 24 * law.estimate(x[c == k], fake[c == k], seeded(0))) for k in range(3)]
    assert min(c.bincount()) > 1
    assert scalars["estimate"] == pytest.approx(sum(parts), rel=1e-4)


def test_a_sample_is_pushed_towards_data_of_its_own_class():
    made = told("pushforward", {"key": "ring", "modes": 3, "radius": 3.0}, divergence="energy", objective="kernel")
    looker = Witness(made, points=200)
    seen = looker.observe(["gradient_arrows", "samples"])[0]
    tail, vector = (torch.from_numpy(seen["gradient_arrows"][name]) for name in ("tail", "vector"))
    turn = torch.from_numpy(seen["samples"]["label"][: len(tail)]) * 2 * math.pi / 3
    goal = 3 * torch.stack([turn.cos(), turn.sin()], 1) - tail
    assert float(torch.cosine_similarity(vector, goal).mean()) > 0.8  # samples of a class repel one another, too
    game = replace(looker.subject, game=Trainer(told("pushforward")).game)
    assert "bound on D of the pairs" in unknown(game)


def linear_gaussian(untold: float) -> tuple[VariationalModel, list[MultivariateNormal]]:
    """x = W z + e_c + b + σε, and its law given each class in closed form."""
    options = {"untold": untold, "likelihood": {"key": "gaussian", "learn_std": False, "std": 0.5}}
    made = told("variational_autoencoder", options=options).with_settings(["architecture.key=affine"])
    model = build_model(made, seeded(0))
    assert isinstance(model, VariationalModel)
    model.network.theta.normal_(generator=seeded(4)).mul_(0.7)
    rows = torch.cat([torch.zeros(4, 2), torch.cat([torch.zeros(1, 3), torch.eye(3)])], 1)
    module = model.network.module
    assert isinstance(module, VariationalModule)
    decoder = module.decoder
    with torch.no_grad():
        centre = decoder(rows)
        across = (decoder(torch.eye(5)[:2]) - centre[:1]).T
    spread = across @ across.T + 0.25 * torch.eye(2)
    return model, [MultivariateNormal(mean, spread) for mean in centre[:, :2]]


def drawn(law: MultivariateNormal, n: int) -> Tensor:
    return law.mean + torch.randn(n, 2, generator=seeded(6)) @ law.scale_tril.T


def test_a_linear_gaussian_model_has_the_density_given_a_class_that_is_known():
    model, laws = linear_gaussian(0.2)
    x = drawn(laws[1], 50)
    for c in range(3):
        found = model.log_prob_given(x, torch.full((50,), c))
        assert torch.allclose(found, laws[c + 1].log_prob(x), atol=5e-3)
        with torch.no_grad():
            bound = model.elbo(x, seeded(1), 200, torch.full((50,), c))
        assert bool((bound < found + 0.05).all())
    mixed = model.log_prob_given(x, torch.arange(50) % 3)
    assert torch.allclose(mixed[1::3], laws[2].log_prob(x[1::3]), atol=5e-3)
    assert torch.allclose(model.log_prob(x), laws[0].log_prob(x), atol=5e-3)  # as it has learnt of the untold


def test_the_density_of_a_model_that_was_told_all_is_the_mixture_of_its_classes():
    model, laws = linear_gaussian(0.0)
    x = drawn(laws[2], 50)
    parts = torch.stack([law.log_prob(x) + math.log((c + 1) / 6) for c, law in enumerate(laws[1:])])
    assert torch.allclose(model.log_prob(x), parts.logsumexp(0), atol=5e-3)
    grid = model.density_map((torch.linspace(-1, 1, 3), torch.linspace(-1, 1, 4)))
    at = torch.tensor([[1.0, -1.0]])
    assert float(grid[0, 2]) == pytest.approx(float(model.log_prob(at).exp()), rel=1e-4)
    z = torch.randn(20_000, 5, generator=seeded(5))
    mean = torch.stack([(c + 1) / 6 * law.mean for c, law in enumerate(laws[1:])]).sum(0)
    assert torch.allclose(model.push(z).mean(0), mean, atol=0.04)


def test_so_much_is_withheld_from_an_autoencoder(monkeypatch):
    trainer = Trainer(told("variational_autoencoder", options={"untold": 0.4}, batch_size=2048))
    model, asked = trainer.game.model, []
    assert isinstance(model, VariationalModel)
    terms = model.bound_terms
    monkeypatch.setattr(model, "bound_terms", lambda u, noise, c: asked.append(c) or terms(u, noise, c))
    trainer.take_step()
    assert float((asked[0] < 0).float().mean()) == pytest.approx(0.4, abs=0.05)
    trainer.adopt(trainer.experiment.with_settings(["family.untold=0.0"]))
    trainer.take_step()
    assert int((asked[1] < 0).sum()) == 0


CRITIC = {"key": "adversarial", "critic": {**NET, "spectral_norm": True}}
REFUSED: dict[str, tuple[Any, str, str]] = {
    "nothing to tell": ({"data": "segment"}, "has no classes to be told", "family.conditional"),
    "a slope that is not bounded": (
        {"divergence": {"key": "wasserstein_1", "gradient_penalty": 0.0}, "objective": CRITIC},
        "spectral norm bounds", "",
    ),
    "captions in a kernel": (
        {"data": WORDS, "divergence": "mmd", "objective": "kernel"}, "hardly any two of a batch", "objective.key",
    ),
    "few of a class": ({"divergence": "mmd", "objective": "kernel", "batch_size": 11}, "take 12", "batch_size"),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "said", "path"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_go_with_being_told_is_refused(parts, said, path):
    recipe = {"data": RING, "family": {"key": "pushforward", "conditional": True}, "batch_size": 12}
    with pytest.raises(RecipeError, match=said) as caught:
        Experiment.from_dict({**recipe, **parts})
    assert caught.value.path == path
    if caught.value.settings:
        plain = Experiment.from_dict({**recipe, **parts, "family": "pushforward"})
        told_then = [*caught.value.settings, *(["family.conditional=true"] if path != "family.conditional" else [])]
        plain.with_settings(told_then)
