"""Cursive Japanese characters in the form of MNIST."""

from __future__ import annotations

from typing import ClassVar

from models.data._base import DATA
from models.data._fetch import Origin
from models.data._idx_images import IdxImages, idx_files


@DATA.register
class Kmnist(IdxImages):
    """60,000 cursive Japanese characters of 28 × 28 pixels to train on, and 10,000 held out.

    Source: Clanuwat et al. 2018, Deep Learning for Classical Japanese Literature, arXiv:1812.01718.
    """

    title: ClassVar[str] = "Kuzushiji-MNIST"
    source: ClassVar[str] = "Clanuwat et al. 2018, arXiv:1812.01718"
    names: ClassVar[tuple[str, ...]] = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    origin: ClassVar[Origin] = Origin(
        ("https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"),
        idx_files(
            (18_165_135, 29_497, 3_041_136, 5_120),
            (
                "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
                "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
                "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
                "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            ),
        ),
    )
