"""A small encoder of captions, which is trained with the network that it tells them to."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from models.data._captions import PADDING


class TextEncoder(nn.Module):
    """Words and their places as vectors, one layer of self-attention over them, and the mean of what comes of it.

    h_i = w_{c_i} + p_i; y = W · mean over words of (h_i + V Σ_j softmax_j(⟨Q h_i, K h_j⟩ / √E) h_j). Empty words take
    no part; a caption of none gives 0.

    Source: Vaswani et al. 2017, arXiv:1706.03762, eq. 1, with one head.
    """

    def __init__(self, words: int, length: int, width: int, generator: torch.Generator) -> None:
        """Fresh weights.

        Args:
            words: how many there are in the vocabulary.
            length: most words of a caption, L.
            width: numbers of a word and of the encoding, E.
            generator: the only source of chance.
        """
        super().__init__()
        self.word = nn.Parameter(torch.randn(words, width, generator=generator))
        self.place = nn.Parameter(0.3 * torch.randn(length, width, generator=generator))
        self.asked, self.answered, self.value, self.said = (nn.Linear(width, width, bias=False) for _ in range(4))
        for layer in (self.asked, self.answered, self.value, self.said):
            nn.init.normal_(layer.weight, std=1 / math.sqrt(width), generator=generator)

    def forward(self, tokens: Tensor) -> Tensor:
        """Numbers of words, shape (N, L), to encodings, (N, E)."""
        index = tokens.long()
        there = (index != PADDING).to(self.word)[:, :, None]
        h = self.word[index] + self.place
        h = (h + self._attended(h, there)) * there
        # Of five words or so each counts for less than of one: so that encodings stay of one size, a root.
        return self.said(h.sum(1) / there.sum(1).clamp_min(1).sqrt())

    def _attended(self, h: Tensor, there: Tensor) -> Tensor:
        likeness = self.asked(h) @ self.answered(h).transpose(1, 2) / math.sqrt(h.shape[2])
        # No −∞: in a row of empty words it would leave no number.
        return (likeness + 1e4 * (there.transpose(1, 2) - 1)).softmax(2) @ self.value(h)


class Reader(nn.Module):
    """A network behind an encoder of the last numbers of each row."""

    def __init__(self, net: nn.Module, encoder: nn.Module, columns: int) -> None:
        super().__init__()
        self.net, self.encoder, self.columns = net, encoder, columns

    def forward(self, rows: Tensor) -> Tensor:
        """Rows that end with the encoded numbers, shape (N, inputs + columns) to (N, outputs)."""
        seen, told = rows[:, : -self.columns], rows[:, -self.columns :]
        return self.net(torch.cat([seen, self.encoder(told)], 1))
