"""Batches for denoising: data in the units of the process, with the classes that the net is told."""

from __future__ import annotations

import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.objectives._base import Game


def told_batch(game: Game, model: DenoisingModel) -> tuple[Tensor, Tensor | None]:
    """One batch of data, units of the process, shape (N, d), and the class of each, (N,); −1 where it is not told.

    None for a model that knows no classes. Source of leaving some untold: Ho and Salimans 2022, arXiv:2207.12598,
    algorithm 1.
    """
    if not model.classes:
        return model.standard(game.real()), None
    assert game.told is not None, "a game of data with classes can tell them"
    u, labels = game.told()
    return model.standard(u), untold_some(labels, model, game.chance)


def untold_some(labels: Tensor, model: DenoisingModel, chance: torch.Generator) -> Tensor:
    """The same classes, shape (N,), but −1 for the share that the net is not told."""
    kept = torch.rand(len(labels), generator=chance).to(labels.device) >= model.untold
    return torch.where(kept, labels, -1)
