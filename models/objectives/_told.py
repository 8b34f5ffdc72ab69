"""Batches with what the net is told of each sample, its class or its caption, and of some nothing."""

from __future__ import annotations

import torch
from torch import Tensor

from models.families import Model
from models.families._denoising import DenoisingModel
from models.objectives._base import Game


def told_batch(game: Game, model: DenoisingModel) -> tuple[Tensor, Tensor | None]:
    """One batch of data, units of the process, shape (N, d), and what is told of each: (N,) or (N, L).

    None for a model that is told nothing. Source of leaving some untold: Ho and Salimans 2022, arXiv:2207.12598,
    algorithm 1.
    """
    u, told = game.batch()
    return model.standard(u), None if told is None else untold_some(told, model, game.chance)


def untold_some(told: Tensor, model: Model, chance: torch.Generator) -> Tensor:
    """The same classes, shape (N,), or captions, (N, L), but none for the share that the net is not told."""
    kept = torch.rand(len(told), generator=chance).to(told.device) >= model.untold
    return model.condition.withheld(told, kept)
