"""What samples are told by in words: a vocabulary, captions as rows of its numbers, and the way back."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

PADDING: Final = 0
"""Number of the empty word, which fills a caption up to its length."""


class UnknownWords(ValueError):
    """A caption holds words that its vocabulary lacks, or more words than are read.

    Attributes:
        words: those that are not understood, in their order.
    """

    def __init__(self, problem: str, words: Sequence[str]) -> None:
        """Say what is wrong, and with which words."""
        super().__init__(problem)
        self.words = tuple(words)


@dataclass(frozen=True, eq=False)
class Captions:
    """A vocabulary, and captions of at most L words of it.

    Attributes:
        words: the vocabulary; a word's number is its place, and number 0 is the empty word.
        length: most words of a caption, L.
        examples: captions to draw from where none is told, shape (M, L), int64.
        synonyms: other ways to write a word, and the word of the vocabulary that is meant.
    """

    words: tuple[str, ...]
    length: int
    examples: Tensor
    synonyms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Every word that can be written, and its number."""
        known = {word: number for number, word in enumerate(self.words) if word}
        return {**{other: known[word] for other, word in self.synonyms.items() if word in known}, **known}

    def tokens(self, text: str) -> Tensor:
        """A caption as the numbers of its words, shape (L,), int64, filled up with 0.

        Case and punctuation do not count.

        Raises:
            UnknownWords: the text has words that are not in the vocabulary, or more than L words.
        """
        written = re.findall(r"[^\W_]+", text.lower())
        unknown = [word for word in dict.fromkeys(written) if word not in self.numbers]
        if unknown:
            raise UnknownWords("; ".join(self._unlike(word) for word in unknown), unknown)
        if len(written) > self.length:
            surplus = written[self.length :]
            raise UnknownWords(f"a caption has at most {self.length} words: leave out {' '.join(surplus)!r}", surplus)
        return self.padded(self.numbers[word] for word in written)

    def padded(self, numbers: Iterable[int]) -> Tensor:
        """At most L numbers of words as a row of L, filled up with 0, int64."""
        row = list(numbers)
        return torch.tensor(row + [PADDING] * (self.length - len(row)))

    def text(self, tokens: Tensor) -> str:
        """The words of a caption, shape (L,), with blanks between."""
        return " ".join(self.words[int(number)] for number in tokens if int(number) != PADDING)

    def _unlike(self, word: str) -> str:
        near = difflib.get_close_matches(word, self.numbers, n=3, cutoff=0.5)
        meant = dict.fromkeys(self.words[self.numbers[other]] for other in near)
        known = f"did you mean {' or '.join(map(repr, meant))}?" if meant else f"known are {', '.join(self.words[1:])}"
        return f"{word!r} is not known: {known}"
