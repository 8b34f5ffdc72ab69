"""Ways through latent space: from one latent to another, and along directions through one of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

from models.families import Model
from models.families._denoising import DenoisingModel
from models.latents import Latent
from models.observations._base import Subject
from models.observations._display import only_pictures

Way = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From two ends, shape (…, k) each, and shares of the way, shape (n,), to the places there, shape (n, …, k)."""

SECONDS: Final = 0.2
"""How much of the processor's time the pictures of one look may take."""

FEWEST: Final = 8
"""Pictures, however slow a push is."""

TIMED: Final = 4
"""Pictures by which it is found how slow a push is."""

CLOSE: Final = 1e-4
"""Sine of the angle below which two directions are one, or opposite: then no great circle is told from another."""


def linear(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """(1 − s) z₀ + s z₁."""
    s = share.view(-1, *[1] * first.ndim)
    return (1 - s) * first + s * second


def spherical(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    """(sin((1 − s)ω) z₀ + sin(sω) z₁) / sin ω with ω the angle between the ends; straight where it is 0 or π.

    Normal noise of many dimensions lies near a sphere; the straight way between two of its points leads through the
    inside, where it hardly ever is.

    Source: White 2016, Sampling generative networks, arXiv:1609.04468 (after Shoemake 1985).
    """
    s = share.view(-1, *[1] * first.ndim)
    lengths = first.norm(dim=-1, keepdim=True) * second.norm(dim=-1, keepdim=True)
    cosine = ((first * second).sum(-1, keepdim=True) / lengths.clamp_min(1e-12)).clamp(-1, 1)
    angle = cosine.acos()
    sine = angle.sin()
    round_about = (((1 - s) * angle).sin() * first + (s * angle).sin() * second) / sine.clamp_min(CLOSE)
    return torch.where(sine < CLOSE, linear(first, second, share), round_about)


def between(ends: Tensor, count: int, way: Way) -> Tensor:
    """Places between two ends, shape (2, k) to (1, n, k), or on a sheet with four corners, (4, k) to (n, n, k).

    Of the corners the first two are at the top, from left to right, the others at the bottom.
    """
    share = torch.linspace(0, 1, count)
    if len(ends) == 2:
        return way(ends[0], ends[1], share)[None]
    top, bottom = way(ends[0], ends[1], share), way(ends[2], ends[3], share)
    return way(top, bottom, share)


def is_round(subject: Subject) -> bool:
    """Whether the law of z is a standard normal one, so that the round way is the likelier."""
    return "standard_normal" in _source(subject).capabilities


def _source(subject: Subject) -> Latent:
    model = subject.game.model
    return model.source if isinstance(model, DenoisingModel) else subject.experiment.latent


def only_mapped(subject: Subject) -> str:
    """Why z does not decide a picture of this model, in one sentence; empty if it does."""
    model, family = subject.game.model, subject.experiment.family
    if reason := only_pictures(subject):
        return reason
    if model.is_map or "push" in family.capabilities:
        return ""
    if isinstance(model, DenoisingModel):
        named = model.sampler.title
        return f"{named}: fresh noise enters at each step, so z does not decide the picture. DDIM or Heun adds none."
    return f"{family.title} pushes no z to a picture."


def affordable(subject: Subject) -> int:
    """How many pictures a look has time for: found once, and again when the family's live options change."""
    return subject.once_for("affordable pictures", (subject.experiment.family,), lambda: _affordable(subject))


def _affordable(subject: Subject) -> int:
    subject.game.model.push(subject.noise[:TIMED])  # the first pass of a net takes longer
    began = time.thread_time()
    subject.game.model.push(subject.noise[:TIMED])
    each = (time.thread_time() - began) / TIMED
    return max(FEWEST, min(len(subject.noise), int(SECONDS / max(each, 1e-9))))


def pushed(model: Model, z: Tensor, like: Tensor) -> Tensor:
    """The pictures of z, shape (N, k), to (N, d), data units: of a decoder that draws, the means.

    Args:
        model: which.
        z: the numbers that come first.
        like: all noise of one sample, shape (K,), or of each, (N, K): it decides the class where there are any.
    """
    told = model.labels_of(like.view(-1, like.shape[-1]))
    return model.push(z) if told is None else model.push_given(z, told.expand(len(z)))
