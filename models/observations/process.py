"""From noise to data, state by state, beside the way of the data into the noise."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from models.observations._base import OBSERVATIONS, Arrays, Observation, Subject, plain
from models.observations._display import shown_pictures
from models.observations._frames import Frames, frames, only_processes, process_model, shown
from models.observations._pairs import paths


@OBSERVATIONS.register
class Process(Observation):
    """The sampler's states u_t of fixed noise, and noised data α u₀ + σ ε at the same times.

    Where the model is right both have one law at every time.

    Source: Ho et al. 2020, arXiv:2006.11239, figure 2; Song et al. 2021, arXiv:2011.13456, figure 2.
    """

    title: ClassVar[str] = "noise to data"
    source: ClassVar[str] = "Song et al. 2021, arXiv:2011.13456, figure 2"

    def missing(self, subject: Subject) -> str:
        """For families with a way in time."""
        return only_processes(subject)

    def observe(self, subject: Subject) -> Arrays:
        """F frames, first noise and last data, each a state that the sampler held; places in data units.

        ``time``, ``noise`` = σ/α and ``number`` of the step, shape (F,); ``steps``, shape (): how many there are.
        ``reverse``, shape (F, N, d), and ``forward``, (F, M, d), of which pictures are reduced if large and all else
        has its first two coordinates alone; where ``rescaled``, shape (), is 1, both are divided by √(α² + σ²).
        ``label``, shape (N,), int64, −1 for none; ``hue``, shape (N,), in [0, 1): where a particle starts.
        ``sampler``, shape (): its title.
        """
        found = frames(subject)
        return {
            "time": plain(found.time),
            "noise": plain(found.noise),
            "number": plain(found.number),
            "steps": np.array(found.steps),
            "reverse": plain(_seen(shown(found.states, subject), subject)),
            "forward": plain(_seen(shown(_forward(found, subject), subject), subject)),
            "rescaled": np.array(int(bool((found.scale != 1).any()))),
            "label": plain(found.labels),
            "hue": plain(_hue(found.states[0])),
            "sampler": np.array(process_model(subject).sampler.title),
        }


def _seen(x: Tensor, subject: Subject) -> Tensor:
    """The coordinates that a picture has, shape (F, N, d) to (F, N, 1), (F, N, 2) or, of pictures, (F, N, d′)."""
    return shown_pictures(subject, x) if subject.experiment.data.image_shape else x[:, :, :2]


def _forward(found: Frames, subject: Subject) -> Tensor:
    """Real samples on their way into the noise, units of the process, shape (F, M, d)."""
    ways = paths(subject, found.states.shape[1])
    blur = torch.tensor([ways.blur(t) for t in found.time.tolist()])
    noise = torch.randn(ways.data.shape, generator=torch.Generator().manual_seed(3))
    straight = found.alpha[:, None, None] * ways.data + found.sigma[:, None, None] * ways.source
    return straight + blur[:, None, None] * noise


def _hue(z: Tensor) -> Tensor:
    """The angle of a start, shape (N, d), around the middle of the source in turns; its rank where it is a number."""
    offset = z - z.mean(0)
    if z.shape[1] == 1:
        return offset[:, 0].argsort().argsort() / max(1, len(z)) * 0.7
    return torch.atan2(offset[:, 1], offset[:, 0]) / (2 * math.pi) % 1.0
