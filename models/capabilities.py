"""What capabilities are called before people: one phrase for each word that members declare and require."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

PHRASES: Final[Mapping[str, str]] = {
    # of data and latent laws
    "captions": "caption of each sample",
    "classes": "class of each sample",
    "everywhere": "density that is positive everywhere",
    "images": "pictures as samples",
    "labels": "labels",
    "modes": "modes of its own",
    "noised": "closed form under noise",
    "sample": "samples without end",
    "standard_normal": "standard normal law",
    # of families, and what they are made of
    "bound": "variational bound",
    "components": "Gaussians that it is a mixture of",
    "denoise": "answer to what is behind noise",
    "em": "closed form for expectation maximisation",
    "encode": "way back from x to z",
    "log_prob": "exact density",
    "particles": "way to hold many models at once",
    "posterior": "posterior over z",
    "process": "way from noise to data in time",
    "push": "gradients through its samples",
    "reparameterised": "gradients through its samples and their density",
    "smooth": "gradients through what it draws",
    # of divergences and objectives
    "arrows": "push on each sample",
    "critic": "bound that a critic can raise",
    "independent": "pairs that know nothing of one another",
    "kernel": "closed form on samples",
    "known_density": "form against a known density",
    "likelihood": "form as a likelihood",
    "per_sample_loss": "loss that is a mean over the data",
    "score": "form as a regression of scores",
    "transport": "estimate by transport of batches",
    "velocity": "velocity that carries a source to data",
}
"""Each continues the words "has no"."""


def phrase(capability: str) -> str:
    """The words for a capability; its own, where it has no others."""
    return PHRASES.get(capability, capability.replace("_", " "))


def phrases(capabilities: Iterable[str]) -> str:
    """Several in one phrase, in alphabetical order of the capabilities."""
    named = [phrase(capability) for capability in sorted(capabilities)]
    return " and no ".join(named)
