"""The answer to a caption: what the model makes of it, or which words it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import torch
from torch import Tensor

from models.data._captions import Captions, UnknownWords
from models.families import Model
from models.families._denoising import DenoisingModel
from models.observations._base import Array, Subject, plain
from models.observations._display import shown_pictures
from models.observations._latent_ways import FEWEST, affordable

PICTURES: Final = 12
"""Samples of one caption; half as many where a push is slow: whole rows."""

EXAMPLES: Final = 12
"""Captions that are offered."""


def caption_answer(subject: Subject, asked: Mapping[str, Array]) -> dict[str, Array]:
    """Samples of p(x|c) for a caption c that a person wrote.

    Args:
        subject: the model.
        asked: ``text``: of shape (), a string; optional ``z``: shape (n, k), else the fixed noise; optional
            ``guidance``: w, shape (), else the model's own.

    Returns:
        ``x``: shape (n, d′), data units; where words are not known instead ``unknown``, shape (m,), strings, and
        ``problem``, shape (), which says of each what is known that is like it. Always ``words``, shape (W,), all that
        are known, and ``examples``, shape (≤ 12,); and of models that are guided ``own``, their w, shape (). Nothing of
        models that are told no captions.
    """
    captions = subject.experiment.data.captions
    if captions is None or not subject.game.model.classes:
        return {}
    known = {"words": np.array(captions.words[1:]), "examples": np.array(_examples(captions)), **_own(subject)}
    try:
        tokens = captions.tokens(str(asked["text"]))
    except UnknownWords as error:
        return known | {"unknown": np.array(error.words), "problem": np.array(str(error))}
    return known | {"x": plain(shown_pictures(subject, _samples(subject, tokens, asked)))}


def _samples(subject: Subject, tokens: Tensor, asked: Mapping[str, Array]) -> Tensor:
    model = subject.game.model
    count = PICTURES if affordable(subject) > FEWEST else PICTURES // 2
    z = subject.noise[:count, : subject.latent_dimension]
    if "z" in asked:
        z = torch.from_numpy(np.array(asked["z"], np.float32))
    told = tokens.expand(len(z), -1)
    if "guidance" in asked and (free := guided(model)) is not None:
        return free.push_along(free.field(told, torch.full((len(z),), float(asked["guidance"]))), z)
    return model.push_given(z, told)


def guided(model: Model) -> DenoisingModel | None:
    """The model, if p(x), which guidance leads away from, is learnt as well."""
    return model if isinstance(model, DenoisingModel) and not model.is_mixed else None


def _own(subject: Subject) -> dict[str, Array]:
    model = guided(subject.game.model)
    return {} if model is None else {"own": np.array(model.guidance, np.float32)}


def _examples(captions: Captions) -> list[str]:
    """Captions from all over the list, the same ones always."""
    step = max(1, len(captions.examples) // EXAMPLES)
    return list(dict.fromkeys(captions.text(row) for row in captions.examples[::step][:EXAMPLES]))
