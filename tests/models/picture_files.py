"""Small files of pictures, written as the ones that people have: arrays, IDX files, folders, published sets."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
from pathlib import Path

import numpy as np
from PIL import Image

IDX_NAMES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def by_class(n: int, shape: tuple[int, ...], seed: int = 0, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Noisy pictures of a pattern for each class, each with a black and a white number, and their classes in turn."""
    chance = np.random.default_rng(1)
    patterns = chance.integers(40, 215, (classes, *shape))
    labels = np.arange(n) % classes
    noise = np.random.default_rng(seed).integers(-20, 21, (n, *shape))
    x = (patterns[labels] + noise).astype(np.uint8)
    x.reshape(n, -1)[:, 0], x.reshape(n, -1)[:, 1] = 0, 255
    return x, labels.astype(np.uint8)


def idx_bytes(array: np.ndarray, kind: int = 8) -> bytes:
    return struct.pack(f">4B{array.ndim}I", 0, 0, kind, array.ndim, *array.shape) + array.tobytes()


def write_published_idx(folder: Path, *, zipped: bool = False, n: int = 60, test: int = 20) -> Path:
    """The four files of MNIST, with few pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for (images, labels), count, seed in ((IDX_NAMES["train"], n, 0), (IDX_NAMES["test"], test, 5)):
        for name, array in zip((images, labels), by_class(count, (28, 28), seed), strict=True):
            content = idx_bytes(array)
            (folder / (f"{name}.gz" if zipped else name)).write_bytes(gzip.compress(content, 1) if zipped else content)
    return folder


def cifar_records(n: int, seed: int = 0) -> bytes:
    x, labels = by_class(n, (3, 32, 32), seed)
    return np.concatenate([labels[:, None], x.reshape(n, -1)], 1).tobytes()


CIFAR_NAMES = (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin")


def write_published_cifar(folder: Path, n: int = 20) -> Path:
    """The six files of CIFAR-10's binary version, with few pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed, name in enumerate(CIFAR_NAMES):
        (folder / name).write_bytes(cifar_records(n, seed))
    return folder


def cifar_archive(n: int = 20) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
        for seed, name in enumerate((*CIFAR_NAMES, "../outside.bin")):
            content = cifar_records(n, seed)
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def write_folder(folder: Path, n: int = 30, size: tuple[int, int] = (20, 24)) -> Path:
    """PNG files in two subfolders."""
    x, labels = by_class(n, (*size, 3), classes=2)
    for number, (picture, label) in enumerate(zip(x, labels, strict=True)):
        place = folder / ("light" if label else "dark")
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(place / f"{number:03d}.png")
    return folder
