"""What our engine is held against: the training loop that a good user would write by hand, in plain eager PyTorch.

The same nets, the same draws and batch, torch's own Adam with the recipe's rate and betas, autograd throughout. Nets
of pictures are torch's own layers as our architectures put them together: there is one way to write them by hand.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy
from torch.nn.functional import mse_loss

from models.architectures import Architecture
from models.architectures._net import Net
from models.architectures.mlp import Mlp
from models.data._picture import Shape, numbers, times
from models.divergences.mmd import Mmd
from models.divergences.wasserstein_1 import Wasserstein1
from models.experiment import Experiment
from models.families._denoising import DenoisingFamily
from models.families.diffusion import Diffusion
from models.families.variational_autoencoder import VariationalAutoencoder
from models.objectives.adversarial import Adversarial
from models.optimizers.adam import Adam

MODULES: Final[Mapping[str, type[nn.Module]]] = MappingProxyType(
    {"relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "tanh": nn.Tanh, "silu": nn.SiLU}
)


def plain_mlp(inputs: int, outputs: int, mlp: Mlp) -> nn.Sequential:
    """Linear layers with the activation in between."""
    widths = [inputs, *[mlp.width] * mlp.depth, outputs]
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers += [nn.Linear(before, after), MODULES[mlp.activation]()]
    return nn.Sequential(*layers[:-1])


def plain_net(architecture: Architecture, inputs: Shape, outputs: Shape, condition: int = 0) -> nn.Module:
    """A net of the architecture, a condition behind its inputs."""
    if isinstance(architecture, Mlp):
        return plain_mlp(numbers(inputs) + condition, numbers(outputs), architecture)
    return deepcopy(Net("", architecture, inputs, outputs, condition).build(torch.Generator().manual_seed(0)).module)


def plain_adam(net: nn.Module, lr: float, adam: Adam) -> torch.optim.Adam:
    """Torch's own Adam, as it comes."""
    return torch.optim.Adam(net.parameters(), lr=lr, betas=(adam.beta1, adam.beta2))


class Plain:
    """Draws and nets that every loop below has."""

    def __init__(self, experiment: Experiment) -> None:
        assert isinstance(experiment.optimizer, Adam), "the baseline is written for Adam"
        self.experiment = experiment
        self.chance = torch.Generator().manual_seed(experiment.seed)
        self.generator = self.net()
        self.optimizer = plain_adam(self.generator, experiment.optimizer.lr, experiment.optimizer)

    def net(self) -> nn.Module:
        """From the latent law to data."""
        return plain_net(self.experiment.architecture, self.experiment.latent.dimension, self.experiment.data.shape)

    def real(self) -> Tensor:
        """One batch of data, shape (N, d)."""
        return self.experiment.data.draw(self.experiment.batch_size, self.chance)

    def fake(self) -> Tensor:
        """One batch of samples, shape (N, d)."""
        return self.generator(self.experiment.latent.draw(self.experiment.batch_size, self.chance))

    def descend(self, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        """One step."""
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


class PlainGan(Plain):
    """Non-saturating GAN, Goodfellow et al. 2014, Algorithm 1."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment)
        objective = experiment.objective
        assert isinstance(objective, Adversarial), "the baseline needs a critic"
        assert isinstance(experiment.optimizer, Adam), "the baseline is written for Adam"
        self.critic = plain_net(objective.critic, experiment.data.shape, 1)
        self.critic_optimizer = plain_adam(self.critic, objective.critic_lr, experiment.optimizer)
        self.critic_steps = objective.critic_steps
        self.r1 = objective.r1
        self.ones = torch.ones(experiment.batch_size, 1)
        self.zeros = torch.zeros(experiment.batch_size, 1)

    def step(self) -> None:
        """The critic's steps, then the generator's."""
        for _ in range(self.critic_steps):
            self.descend(self.critic_loss(self.real(), self.fake().detach()), self.critic_optimizer)
        self.descend(self.generator_loss(self.critic(self.fake())), self.optimizer)

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Cross entropy of telling data from samples, with R1 where the recipe asks for it."""
        if not self.r1:
            return cross_entropy(self.critic(real), self.ones) + cross_entropy(self.critic(fake), self.zeros)
        real = real.requires_grad_()
        scores = self.critic(real)
        (slope,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
        loss = cross_entropy(scores, self.ones) + cross_entropy(self.critic(fake), self.zeros)
        return loss + 0.5 * self.r1 * slope.pow(2).sum(1).mean()

    def generator_loss(self, scores: Tensor) -> Tensor:
        """Cross entropy of being taken for data."""
        return cross_entropy(scores, self.ones)


class PlainWgan(PlainGan):
    """WGAN-GP, Gulrajani et al. 2017, Algorithm 1."""

    def critic_loss(self, real: Tensor, fake: Tensor) -> Tensor:
        """Scores apart, slope near 1."""
        divergence = self.experiment.divergence
        assert isinstance(divergence, Wasserstein1), "this loop is WGAN-GP"
        mix = torch.rand(len(real), 1)
        between = (mix * real + (1 - mix) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(self.critic(between).sum(), between, create_graph=True)
        penalty = (slope.norm(2, dim=1) - 1).pow(2).mean()
        return self.critic(fake).mean() - self.critic(real).mean() + divergence.gradient_penalty * penalty

    def generator_loss(self, scores: Tensor) -> Tensor:
        """Higher scores."""
        return -scores.mean()


class PlainVae(Plain):
    """A variational autoencoder with a learnt Gaussian likelihood, Kingma and Welling 2014, eq. 10."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment)
        family = experiment.family
        assert isinstance(family, VariationalAutoencoder), "this loop is a variational autoencoder"
        assert isinstance(experiment.optimizer, Adam), "the baseline is written for Adam"
        self.encoder = plain_net(family.encoder, experiment.data.shape, 2 * experiment.latent.dimension)
        self.log_std = nn.Parameter(torch.tensor(math.log(0.1)))
        parts = nn.ModuleList([self.generator, self.encoder]).append(nn.ParameterList([self.log_std]))
        self.optimizer = plain_adam(parts, experiment.optimizer.lr, experiment.optimizer)

    def step(self) -> None:
        """One step of both nets up the bound."""
        self.descend(-self.bound(self.real()), self.optimizer)

    def bound(self, x: Tensor) -> Tensor:
        """E log p(x|z) − KL(q ‖ p) with one draw of z each."""
        mean, log_std = self.encoder(x).chunk(2, 1)
        std = log_std.exp()
        error = (x - self.generator(mean + std * torch.randn_like(mean))).square().sum(1)
        likelihood = -0.5 * error / (2 * self.log_std).exp() - x.shape[1] * (self.log_std + 0.5 * math.log(2 * math.pi))
        return (likelihood - (0.5 * (mean.square() + std.square() - 1) - log_std).sum(1)).mean()


class PlainMmd(Plain):
    """Generative moment matching, Li et al. 2015, with a sum of Gaussian kernels."""

    def step(self) -> None:
        """One step of the generator."""
        real, fake = self.real(), self.fake()
        n = len(real)
        divergence = self.experiment.divergence
        assert isinstance(divergence, Mmd), "this loop is MMD"
        k = len(divergence.bandwidths)
        within = (self.kernel(real, real).sum() + self.kernel(fake, fake).sum() - 2 * n * k) / (n * (n - 1))
        self.descend(within - 2 * self.kernel(real, fake).mean(), self.optimizer)

    def kernel(self, x: Tensor, y: Tensor) -> Tensor:
        """Σ exp(−‖x − y‖² / 2h²), shape (N, M)."""
        divergence = self.experiment.divergence
        assert isinstance(divergence, Mmd), "this loop is MMD"
        squares = ((x[:, None] - y[None]) ** 2).sum(-1)
        return sum((torch.exp(-squares / (2 * h**2)) for h in divergence.bandwidths), torch.zeros(()))


class PlainDenoiser(Plain):
    """A net that sees a noised sample beside sines and cosines of its time, and of its place where asked for."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment)
        family = experiment.family
        assert isinstance(family, DenoisingFamily), "this loop denoises"
        self.time_frequencies = math.pi / 2 * 2.0 ** torch.arange(family.time_features)
        self.place_frequencies = math.pi / 4 * 2.0 ** torch.arange(family.place_features)
        x = self.real()
        self.centre, self.scale = x.mean(0), x.std()

    def net(self) -> nn.Module:
        """From a noised sample, beside its time, to what is said of it."""
        family, shape = self.experiment.family, self.experiment.data.shape
        assert isinstance(family, DenoisingFamily), "this loop denoises"
        seen, condition = times(shape, 1 + 2 * family.place_features), 1 + 2 * family.time_features
        return plain_net(self.experiment.architecture, seen, shape, condition)

    def learn(self, x: Tensor, t: Tensor, target: Tensor) -> None:
        """One step towards the target, shape (N, d), at places x, shape (N, d), and times t, shape (N, 1)."""
        places = (x[:, None] * self.place_frequencies[:, None]).flatten(1)
        angles = t * self.time_frequencies
        said = self.generator(torch.cat([x, places.cos(), places.sin(), t, angles.cos(), angles.sin()], 1))
        self.descend(mse_loss(said, target), self.optimizer)

    def standard(self) -> Tensor:
        """One batch of data of mean 0 and variance 1."""
        return (self.real() - self.centre) / self.scale


class PlainDiffusion(PlainDenoiser):
    """DDPM, Ho et al. 2020, Algorithm 1."""

    def __init__(self, experiment: Experiment) -> None:
        super().__init__(experiment)
        family = experiment.family
        assert isinstance(family, Diffusion), "this loop is DDPM"
        self.levels = family.levels
        level = family.process.at(torch.linspace(0, 1, self.levels))
        self.alpha, self.sigma = level.alpha, level.sigma

    def step(self) -> None:
        """One step of the net towards the noise."""
        clean = self.standard()
        index = torch.randint(self.levels, (len(clean), 1))
        noise = torch.randn_like(clean)
        noised = self.alpha[index] * clean + self.sigma[index] * noise
        self.learn(noised, index / (self.levels - 1), noise)


class PlainFlowMatching(PlainDenoiser):
    """Conditional flow matching with independent pairs, Lipman et al. 2023."""

    def step(self) -> None:
        """One step of the net towards the velocity."""
        clean = self.standard()
        source = torch.randn_like(clean)
        t = torch.rand(len(clean), 1)
        self.learn((1 - t) * clean + t * source, t, source - clean)


LOOPS: Final[Mapping[str, type[PlainGan | PlainVae | PlainMmd | PlainDiffusion | PlainFlowMatching]]] = (
    MappingProxyType(
        {
            "jensen_shannon": PlainGan,
            "wasserstein_1": PlainWgan,
            "kl_forward": PlainVae,
            "mmd": PlainMmd,
            "fisher": PlainDiffusion,
            "velocity": PlainFlowMatching,
        }
    )
)
"""Divergence to the loop that minimises it."""


def plain_step(experiment: Experiment) -> Callable[[], None]:
    """One step of the hand-written loop for a recipe."""
    torch.manual_seed(experiment.seed)
    return LOOPS[experiment.divergence.key](experiment).step
