"""Handwritten digits, the standard set."""

from __future__ import annotations

from typing import ClassVar

from models.data._base import DATA
from models.data._fetch import Origin
from models.data._idx_images import IdxImages, idx_files


@DATA.register
class Mnist(IdxImages):
    """60,000 handwritten digits of 28 × 28 pixels to train on, and 10,000 of other writers held out.

    Source: LeCun, Cortes & Burges 1998, The MNIST Database of Handwritten Digits.
    """

    title: ClassVar[str] = "MNIST"
    source: ClassVar[str] = "LeCun, Cortes & Burges 1998, The MNIST Database of Handwritten Digits"
    names: ClassVar[tuple[str, ...]] = tuple("0123456789")
    origin: ClassVar[Origin] = Origin(
        ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        idx_files(
            (9_912_422, 28_881, 1_648_877, 4_542),
            (
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
    )
