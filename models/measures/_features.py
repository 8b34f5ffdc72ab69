"""Pictures as few numbers that tell what they show: the feature space of a small classifier trained on the same data.

Where samples have no class, it is the space of their first principal components.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import Tensor

from models.data import Data
from models.data._base import few_of
from models.data._cache import cache_directory, write_whole
from models.data._principal import principal_components, shrunk, shrunk_shape
from models.measures._classifier import Classifier

COMPONENTS: Final = 64
"""Principal components, at most."""

LEARNT_FROM: Final = 4_096
"""Samples that features are learnt from, at most …"""

READ: Final = 1 << 26
"""… and numbers in them, before they are shrunk: large pictures take long to read."""

SPANNED: Final = 1_024
"""Samples that principal components come from, at most: all pairs of them are compared."""

AT_ONCE: Final = 256
"""Samples that are drawn in one piece of work."""

FORMAT: Final = 2
"""Counted up when features are learnt in another way, so that no kept ones of the old way are read."""

PRINTED: Final = 8
"""Samples that tell one set of data from another of the same recipe, as when a file has changed."""

Tensors = Mapping[str, Tensor]


class Features:
    """A map from samples to feature vectors, centred and scaled so that real ones have a total variance of 1.

    Attributes:
        name: what a person calls the origin of the numbers.
        classes: how many classes ``probabilities`` tells apart; 0 where samples have none.
        accuracy: share of held-out samples of which the classifier tells all labels; NaN where there is none.
    """

    def __init__(self, data: Data, tensors: Tensors) -> None:
        """Make the map from what one of the two ways to learn it has found."""
        self._shape = data.shape
        self._centre, self._scale = tensors["centre"], float(tensors["scale"])
        self._classifier = _classifier(data, tensors) if "values" in tensors else None
        self._axes = tensors.get("axes", torch.empty(0))
        origin = "principal components" if self._classifier is None else "a small classifier"
        self.name = f"{origin} of {data.short_title()}"
        # Of pictures in parts, as a stack of digits, it knows the parts and not every combination.
        known = len(data.class_names)
        self.classes = known if known <= int(tensors["classes"]) else 0
        self.accuracy = float(tensors["accuracy"])

    def of(self, x: Tensor) -> Tensor:
        """Feature vectors of samples in data units, without gradient: shape (N, d) to (N, F), float32."""
        small = self._small(x)
        if self._classifier is None:
            return (small - self._centre) @ self._axes / self._scale
        return (self._classifier.hidden(small) - self._centre) / self._scale

    def probabilities(self, x: Tensor) -> Tensor:
        """How probable each class is to the classifier: shape (N, d) to (N, C).

        Raises:
            ValueError: samples have no class.
        """
        if self._classifier is None or not self.classes:
            raise ValueError(f"{self.name} tell no classes apart")
        return self._classifier.logits(self._small(x))[:, 0, : self.classes].softmax(dim=1)

    def _small(self, x: Tensor) -> Tensor:
        return shrunk(x.detach().cpu().float(), self._shape)


def _classifier(data: Data, tensors: Tensors) -> Classifier:
    made = Classifier(shrunk_shape(data.shape), int(tensors["labels"]), int(tensors["classes"]))
    made.network.values.copy_(tensors["values"])
    return made


class Learning:
    """Learns the features of one data set in pieces, or finds them in the cache directory.

    Attributes:
        features: once they are learnt, else None.
    """

    def __init__(self, data: Data) -> None:
        self.features: Features | None = None
        self._data = data
        self._work = self._learn()

    def advance(self, seconds: float) -> bool:
        """Go on for about so long.

        Returns:
            Whether the features are learnt.
        """
        until = time.perf_counter() + seconds
        while self.features is None and time.perf_counter() < until:
            next(self._work, None)
        return self.features is not None

    def finish(self) -> Features:
        """Go on to the end."""
        while self.features is None:
            next(self._work, None)
        return self.features

    def _learn(self) -> Iterator[None]:
        path = cache_directory() / "features" / f"{_print(self._data)}.safetensors"
        yield
        tensors = _kept(path)
        if tensors is None:
            tensors = (yield from _schooled(self._data)) or (yield from _spanned(self._data))
            _keep(path, tensors)
        self.features = Features(self._data, tensors)


def learning(data: Data) -> Learning:
    """The learning of this data's features, the same one for equal recipes."""
    return _learning(cast("Any", data))


@lru_cache(maxsize=4)
def _learning(data: Data) -> Learning:
    return Learning(data)


def features_of(data: Data) -> Features:
    """The features of this data: found, or learnt now, which takes seconds; from a fixed seed and then kept."""
    return learning(data).finish()


def _schooled(data: Data) -> Generator[None, None, dict[str, Tensor] | None]:
    """Train a classifier of all that is known of this data's samples; None where nothing is."""
    chance = torch.Generator().manual_seed(0)
    x, y = yield from _labelled(data, chance)
    if not y.numel():
        return None
    classes = max(int(y.max()) + 1, len(data.class_names))  # of some there may be no picture that can be read
    made = Classifier(shrunk_shape(data.shape), y.shape[1], classes)
    yield from made.school(x, y)
    found = {"values": made.network.values, "labels": torch.tensor(y.shape[1]), "classes": torch.tensor(classes)}
    return found | _frame(made.hidden(x)) | {"accuracy": torch.tensor(made.accuracy)}


def _labelled(data: Data, chance: torch.Generator) -> Generator[None, None, tuple[Tensor, Tensor]]:
    """Samples, shrunk, and their labels: all at once if they are held, else a few at a time; empty without labels."""
    parts, left = [], _sample_size(data)
    is_held = data.size is not None and not data.is_streamed
    while left > 0:
        known = data.labelled_sample(left if is_held else min(left, few_of(data.dimension, AT_ONCE)), chance)
        if known is None:
            return torch.empty(0), torch.empty(0)
        parts.append((shrunk(known[0], data.shape), known[1]))
        left -= left if is_held else len(known[1])
        yield
    return torch.cat([x for x, _ in parts]), torch.cat([y for _, y in parts])


def _frame(real: Tensor) -> dict[str, Tensor]:
    """Centre and scale of raw features of real samples, shape (n, F)."""
    spread = (real - real.mean(dim=0)).square().sum(dim=1).mean().sqrt()
    return {"centre": real.mean(dim=0), "scale": spread if float(spread) > 0 else torch.tensor(1.0)}


def _spanned(data: Data) -> Generator[None, None, dict[str, Tensor]]:
    """Find the first principal components of this data."""
    chance, parts, left = torch.Generator().manual_seed(0), [], min(_sample_size(data), SPANNED)
    while left > 0:
        parts.append(shrunk(data.draw(min(left, few_of(data.dimension, AT_ONCE)), chance), data.shape))
        left -= len(parts[-1])
        yield
    found = principal_components(torch.cat(parts), data.shape, COMPONENTS)
    unknown = {"labels": torch.tensor(0), "classes": torch.tensor(0), "accuracy": torch.tensor(torch.nan)}
    return {"centre": found.centre, "axes": found.axes, "scale": found.variances.sum().sqrt(), **unknown}


def _sample_size(data: Data) -> int:
    return max(2, min(LEARNT_FROM, READ // data.dimension))


def _print(data: Data) -> str:
    """A name that other data, other contents of a file, and features learnt in another way do not share."""
    recipe = json.dumps([FORMAT, torch.__version__, data.recipe()], sort_keys=True, default=str)
    some = data.draw(PRINTED, torch.Generator().manual_seed(0)).contiguous()
    return hashlib.sha256(recipe.encode() + some.numpy().tobytes()).hexdigest()[:32]


def _kept(path: Path) -> dict[str, Tensor] | None:
    """What was kept, if it is there and whole."""
    try:
        return load_file(path)
    except (OSError, SafetensorError):
        return None


def _keep(path: Path, tensors: Tensors) -> None:
    """Keep it for the next time, where the disk allows; without, it is learnt again."""
    with suppress(OSError):
        write_whole(path, save({name: tensor.contiguous() for name, tensor in tensors.items()}))
