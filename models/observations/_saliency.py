"""Where a critic looks: how steeply its value changes with each pixel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, autograd

from models.architectures._network import Network
from models.divergences._base import CriticDivergence
from models.observations._base import Subject


class _Traced:
    """A critic whose evaluation can be differentiated in its inputs, by whichever pass it has."""

    def __init__(self, critic: Network) -> None:
        self._critic = critic

    def __getattr__(self, name: str) -> Any:
        return getattr(self._critic, name)

    def evaluate(self, x: Tensor) -> Tensor:
        """The net at x, shape (N, inputs) to (N, outputs), in torch's graph."""
        return cast("Tensor", _Evaluation.apply(x, self._critic))


class _Evaluation(autograd.Function):
    """Pulls a gradient back through a network's own pass, which remembers the last evaluation alone."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, critic: Network) -> Tensor:
        ctx.save_for_backward(x)
        ctx.critic = critic
        return critic.forward(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors  # of several evaluations the pass may have forgotten this one
        ctx.critic.forward(x)
        return ctx.critic.pull(gradients[0]), None


def judged(subject: Subject, x: Tensor, among: tuple[Tensor, Tensor]) -> Tensor:
    """T of the divergence's supremum at samples, shape (N, d) to (N,).

    Args:
        subject: with a critic.
        x: samples in data units.
        among: data and samples, in data units, that a critic which judges more than one at once sees beside each.
    """
    with torch.no_grad():
        return _values(subject, subject.game.model.inward(x), among, subject.game.critic)


def slopes(subject: Subject, x: Tensor, among: tuple[Tensor, Tensor]) -> Tensor:
    """∂T/∂x at samples in data units, shape (N, d); the arguments are those of ``judged``."""
    assert subject.game.critic is not None, "only a critic has slopes"
    with torch.enable_grad():
        point = x.detach().requires_grad_()
        traced = cast("Network", _Traced(subject.game.critic))
        values = _values(subject, subject.game.model.inward(point), among, traced)
        return autograd.grad(values.sum(), point)[0]


def _values(subject: Subject, u: Tensor, among: tuple[Tensor, Tensor], critic: Network | None) -> Tensor:
    game, divergence = replace(subject.game, critic=critic), subject.game.divergence
    real, fake = (subject.game.model.inward(part) for part in among)
    outputs = subject.experiment.objective.critic_at(game, u, real, fake)
    assert outputs is not None
    assert isinstance(divergence, CriticDivergence)
    return divergence.statistic(outputs)[:, 0]
