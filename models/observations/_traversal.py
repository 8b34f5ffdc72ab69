"""Answers about pictures between latents, along directions from one of them, and at one place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.observations._base import Array, Subject, plain
from models.observations._display import shown_pictures
from models.observations._latent_directions import Ranked, Span, ranked
from models.observations._latent_ways import Way, affordable, between, is_round, linear, only_mapped, pushed, spherical

PLACES: Final = 11
"""Pictures from one end to the other …"""

SIDE: Final = 7
"""… and along each side of a sheet with four corners …"""

VALUES: Final = 7
"""… and along a direction."""

ROWS: Final = 8
"""Directions of which there are pictures, at most; fewer where a push is slow."""

FEWEST_ROWS: Final = 2
FEWEST: Final = 3


def interpolation_answer(subject: Subject, asked: Mapping[str, Array]) -> dict[str, Array]:
    """Pictures between two or four latents.

    Args:
        subject: the model.
        asked: ``ends``: numbers of fixed latents, shape (2,) or (4,); ``round``: of four, 1 for great circles.

    Returns:
        ``x``: shape (rows · columns, d′), row by row; ``columns``: (). Between two, the straight way and then, where
        the noise is normal, the round one; of four, a sheet with these corners. The class is that of the first end.
        Nothing where z does not decide a picture.
    """
    if only_mapped(subject):
        return {}
    noise = _noise(subject, asked["ends"])
    z, count = noise[:, : subject.latent_dimension], _affordable(subject, len(noise))
    places = torch.cat([between(z, count, way) for way in _ways(subject, asked)]).flatten(0, 1)
    x = pushed(subject.game.model, places, noise[0])
    return {"x": plain(shown_pictures(subject, x)), "columns": np.array(count)}


def _ways(subject: Subject, asked: Mapping[str, Array]) -> list[Way]:
    if not is_round(subject):
        return [linear]
    return [linear, spherical] if len(asked["ends"]) == 2 else [spherical if int(asked["round"]) else linear]


def _affordable(subject: Subject, ends: int) -> int:
    most = affordable(subject)
    wished, allowed = (PLACES, most // 2) if ends == 2 else (SIDE, math.isqrt(most))
    return max(FEWEST, min(wished, allowed))


def traversal_answer(subject: Subject, asked: Mapping[str, Array]) -> dict[str, Array]:
    """Pictures along the directions through one latent: z − (zᵀv) v + c v for each direction v and each value c.

    Args:
        subject: the model.
        asked: ``number`` of a fixed latent, (); ``axes``: 1 for coordinates, 0 for directions of the Jacobian; and to
            keep those of an earlier answer its ``mix``, ``axis``, ``rate`` and ``used``.

    Returns:
        ``x``: shape (J · V, d′), V to a direction; ``values``: c, shape (V,); ``own``: zᵀv, shape
        (J,); ``change``: by how much a pixel changes per unit of z, root mean square over the row, data units, (J,);
        what ``Ranked`` says; ``many``: (), how many directions there are in all.
    """
    if only_mapped(subject):
        return {}
    noise, span = _noise(subject, asked["number"])[0], Span.of(subject)
    found = _kept(asked) if "mix" in asked else ranked(subject, noise, _rows(subject), axes=bool(asked["axes"]))
    directions, z = span.directions(found.mix), noise[: span.dimension]
    values = (torch.arange(VALUES) - VALUES // 2) * (2 / (VALUES - 1)) * subject.game.model.latent.extent
    x = pushed(subject.game.model, _along(z, directions, values), noise)
    made = {"values": plain(values), "own": plain(directions @ z), "change": plain(_change(x, values))}
    return {"x": plain(shown_pictures(subject, x)), **made, **found.arrays(), "many": np.array(span.size)}


def latent_answer(subject: Subject, asked: Mapping[str, Array]) -> dict[str, Array]:
    """The picture of one latent whose components along some directions are set.

    Args:
        subject: the model.
        asked: ``number`` of a fixed latent, (); ``mix`` of the directions, shape (J, r); ``places``: values, (J,).

    Returns:
        ``x``: shape (1, d). Nothing where z does not decide a picture.
    """
    if only_mapped(subject):
        return {}
    noise, span = _noise(subject, asked["number"])[0], Span.of(subject)
    directions, z = span.directions(_tensor(asked["mix"])), noise[: span.dimension]
    moved = z + (_tensor(asked["places"]) - directions @ z) @ directions
    return {"x": plain(pushed(subject.game.model, moved[None], noise))}


def _along(z: Tensor, directions: Tensor, values: Tensor) -> Tensor:
    """Places on all lines, shape (J · V, k)."""
    away = values - (directions @ z)[:, None]
    return (z + away[..., None] * directions[:, None]).flatten(0, 1)


def _change(x: Tensor, values: Tensor) -> Tensor:
    """Root mean square of the change from one picture of a row to the next, per unit of z, shape (J,)."""
    rows = x.view(-1, len(values), x.shape[1])
    return rows.diff(dim=1).square().mean((1, 2)).sqrt() / (values[1] - values[0])


def _rows(subject: Subject) -> int:
    return max(FEWEST_ROWS, min(ROWS, affordable(subject) // VALUES))


def _kept(asked: Mapping[str, Array]) -> Ranked:
    axis, used = (torch.from_numpy(np.array(asked[name], np.int64)) for name in ("axis", "used"))
    return Ranked(_tensor(asked["mix"]), axis, _tensor(asked["rate"]), used.bool())


def _noise(subject: Subject, numbers: Array) -> Tensor:
    """All noise of these samples, the same at every step, shape (M, K)."""
    return subject.noise[torch.from_numpy(np.array(numbers, np.int64).reshape(-1)) % len(subject.noise)]


def _tensor(array: Array) -> Tensor:
    return torch.from_numpy(np.array(array, np.float32))
