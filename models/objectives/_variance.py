"""The part of the variational bound from which a learnt variance is learnt."""

from __future__ import annotations

import torch
from torch import Tensor

from models.families._denoising import DenoisingModel
from models.families._net_field import spread_of
from models.objectives._noised import Noised
from models.schedules import Reversal


def variance_bound(model: DenoisingModel, noised: Noised, answer: Tensor) -> Tensor:
    """Σ over levels of KL(q(u_s | u_t, u₀) ‖ p_θ(u_s | u_t)), estimated at one level for each sample.

    Only the variance of p_θ is differentiated, its mean is held. The last step, to the data themselves, has no
    variance and counts 0.

    Source: Nichol and Dhariwal 2021, arXiv:2102.09672, eq. 4, 6 and 15, and section 3.1.

    Args:
        model: with T levels.
        noised: a batch at some of them.
        answer: of the net, shape (N, 2d).

    Returns:
        Nats a number, shape (N,).
    """
    process, levels = model.process, model.process.levels
    t = noised.t.clamp_min(1 / (levels - 1))  # at t = 0, which is left out below, there is no step to make
    law = Reversal.between(process.at(t), process.at((t - 1 / (levels - 1)).clamp_min(0)))
    d = model.dimension
    guessed, _ = model.prediction.split(answer[:, :d].detach(), noised.place, noised.level)
    missed = (law.data * (noised.clean - guessed)).square()
    low, high = law.least.log(), law.greatest.log()
    log_variance = low + (high - low) * spread_of(answer[:, d:])
    divergence = 0.5 * (log_variance - low + (law.least + missed) * torch.exp(-log_variance) - 1)
    return levels * torch.where(noised.t > 0, divergence, 0.0).mean(1)
