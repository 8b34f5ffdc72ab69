"""Files for the data sets that are read from files."""

from __future__ import annotations

import numpy as np
import pytest

from .picture_files import by_class, idx_bytes, write_folder, write_published_cifar, write_published_idx


@pytest.fixture(scope="session")
def own_files(tmp_path_factory):
    """Key of each data set that needs files to the options that name them."""
    folder = tmp_path_factory.mktemp("files")
    points = np.random.default_rng(0).normal(size=(600, 2))
    np.savetxt(folder / "points.csv", points, delimiter=",", header="x,y", comments="")
    x, labels = by_class(40, (6, 5))
    (folder / "pictures").write_bytes(idx_bytes(x))
    np.savez(folder / "pictures.npz", x=x, y=labels)
    published = {"path": str(write_published_idx(folder / "mnist"))}
    return {
        "table": {"path": str(folder / "points.csv")},
        "idx": {"path": str(folder / "pictures")},
        "image_arrays": {"path": str(folder / "pictures.npz")},
        "image_folder": {"path": str(write_folder(folder / "flat", size=(8, 8)) / "dark"), "resolution": 8},
        **dict.fromkeys(("mnist", "fashion_mnist", "kmnist"), published),
        "cifar10": {"path": str(write_published_cifar(folder / "cifar"))},
    }
