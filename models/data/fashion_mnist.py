"""Pieces of clothing in the form of MNIST."""

from __future__ import annotations

from typing import ClassVar

from models.data._base import DATA
from models.data._fetch import Origin
from models.data._idx_images import IdxImages, idx_files


@DATA.register
class FashionMnist(IdxImages):
    """60,000 grey pictures of clothes of 28 × 28 pixels to train on, and 10,000 held out.

    Source: Xiao, Rasul & Vollgraf 2017, Fashion-MNIST, arXiv:1708.07747.
    """

    title: ClassVar[str] = "Fashion-MNIST"
    source: ClassVar[str] = "Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747"
    names: ClassVar[tuple[str, ...]] = (
        "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
    )  # fmt: skip
    origin: ClassVar[Origin] = Origin(
        (
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        ),
        idx_files(
            (26_421_880, 29_515, 4_422_102, 5_148),
            (
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
            ),
        ),
    )
