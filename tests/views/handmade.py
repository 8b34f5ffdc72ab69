"""Scenes and snapshots made by hand: a ring, a line, pictures, a table. No training and no models here."""

from functools import cache

import numpy as np

from explorer.session.snapshot import Scene, Snapshot, freeze

BOUNDS = (-1.7, -1.7, 1.7, 1.7)
STD = 0.05


def gaussians(means, std, weights, n, seed):
    chance = np.random.default_rng(seed)
    which = chance.choice(len(means), size=n, p=np.asarray(weights) / np.sum(weights))
    return (means[which] + std * chance.standard_normal((n, means.shape[1]))).astype(np.float32)


def ring_means(modes=8):
    angle = 2 * np.pi * np.arange(modes) / modes
    return np.stack([np.cos(angle), np.sin(angle)], 1).astype(np.float32)


def plane(side, bounds=BOUNDS, middles=False):
    left, bottom, right, top = bounds
    x, y = (np.linspace(a, b, side) for a, b in ((left, right), (bottom, top)))
    if middles:
        x, y = (a + (np.arange(side) + 0.5) * (b - a) / side for a, b in ((left, right), (bottom, top)))
    return np.stack(np.meshgrid(x, y), -1)


def mixture(points, means, std, weights):
    squared = ((points[..., None, :] - means) ** 2).sum(-1)
    d = means.shape[1]
    return (np.exp(-0.5 * squared / std**2) * np.asarray(weights)).sum(-1) / (2 * np.pi * std**2) ** (d / 2)


def scene(**changes):
    values = {
        "run": 1, "title": "Ring of 8", "dimension": 2, "latent_dimension": 2, "bounds": BOUNDS, "latent_extent": 3.0,
        "image_shape": None, "image_range": (0.0, 1.0), "real": np.zeros((0, 2), np.float32),
        "density": np.zeros(0, np.float32), "exact": True, "mode_means": np.zeros((0, 2), np.float32),
        "mode_radii": np.zeros(0, np.float32), "mode_weights": np.zeros(0, np.float32), "mode_names": (),
        "parameters": 17_154, "critic_parameters": 17_025, "offers": frozenset({"sample", "push", "arrows"}),
    }  # fmt: skip
    return Scene(**(values | changes))


@cache
def ring_scene(modes=8, n_real=10_000):
    means, weights = ring_means(modes), np.full(modes, 1 / modes, np.float32)
    return scene(
        real=gaussians(means, STD, weights, n_real, 0),
        density=mixture(plane(128), means, STD, weights).astype(np.float32),
        mode_means=means,
        mode_radii=np.full(modes, 3 * STD, np.float32),
        mode_weights=weights,
        mode_names=tuple(str(i + 1) for i in range(modes)),
    )


def snapshot(pictures, step=12_400, missing=None, live=True):
    frozen = {key: freeze(arrays) for key, arrays in pictures.items()}
    return Snapshot(run=1, step=step, seconds=8.4, live=live, pictures=frozen, missing=missing or {})


MASS = np.array([0.24, 0.13, 0.12, 0.002, 0.125, 0.27, 0.09, 0.0], np.float32)


def ring_pictures(n=10_000, mass=MASS, seed=1):
    """A model that has lost modes 4 and 8 and puts a tenth of its samples between the others."""
    means, chance = ring_means(len(mass)), np.random.default_rng(seed)
    x = gaussians(means, 0.06, mass, n, seed)
    stray = chance.random(n) < 0.06
    x[stray] = gaussians(means * 0.8, 0.22, mass, int(stray.sum()), seed + 1)
    grid = plane(64)
    t = 3.0 * (
        np.exp(-((grid - means[3]) ** 2).sum(-1) / 0.15)
        + np.exp(-((grid - means[7]) ** 2).sum(-1) / 0.15)
        - 0.9 * np.exp(-((grid - means[5]) ** 2).sum(-1) / 0.15)
        - 0.7 * np.exp(-((grid - means[0]) ** 2).sum(-1) / 0.15)
    )
    z = chance.standard_normal((4000, 2)).astype(np.float32)
    turned = np.arctan2(z[:, 1], z[:, 0]) + 0.9 * np.linalg.norm(z, axis=1)
    lines = np.linspace(-3, 3, 15)
    along = np.linspace(-3, 3, 81)
    straight = np.concatenate([
        np.stack(np.broadcast_arrays(lines[:, None], along[None]), -1),
        np.stack(np.broadcast_arrays(along[None], lines[:, None]), -1),
    ])  # fmt: skip
    radius = np.linalg.norm(straight, axis=-1, keepdims=True)
    q = mixture(plane(128, middles=True), means, 0.07, mass / mass.sum())
    latent = plane(48, (-3, -3, 3, 3))
    return {
        "samples": {"x": x},
        "density": {"q": q.astype(np.float32)},
        "critic_field": {"t": t.astype(np.float32)},
        "gradient_arrows": {"tail": x[:300], "vector": (means[3] - x[:300]) * chance.random((300, 1), np.float32)},
        "latent_warp": {"lines": (straight * np.tanh(radius) / np.maximum(radius, 1e-9) * 1.15).astype(np.float32)},
        "latent_map": {
            "z": z,
            "hue": (turned / (2 * np.pi) % 1).astype(np.float32),
            "mode": (turned / (2 * np.pi) % 1 * 8).astype(np.int64) - (np.linalg.norm(z, axis=1) < 0.4) * 100,
        },
        "jacobian": {"log_det": (-0.5 * np.abs(np.sin(2 * latent)).sum(-1) - 0.3 * latent[..., 0]).astype(np.float32)},
        "modes": {
            "mass": mass,
            "good": 0.9 * mass,
            "target": np.full(len(mass), 1 / len(mass), np.float32),
            "quality": np.array(0.942),
        },
    }


def line_scene():
    means, weights = np.array([[-2.0], [0.5], [2.2]], np.float32), np.array([0.3, 0.5, 0.2], np.float32)
    x = np.linspace(-4, 4, 256)[:, None]
    return scene(
        title="Mixture on a line", dimension=1, latent_dimension=1, bounds=(-4.0, -1.0, 4.0, 1.0),
        real=gaussians(means, 0.4, weights, 10_000, 3), density=mixture(x, means, 0.4, weights).astype(np.float32),
        mode_means=means, mode_radii=np.full(3, 1.2, np.float32), mode_weights=weights, mode_names=("1", "2", "3"),
    )  # fmt: skip


def line_pictures():
    means, weights = np.array([[-1.6], [0.7]], np.float32), np.array([0.45, 0.55])
    x = gaussians(means, 0.45, weights, 10_000, 4)
    edges = -4 + (np.arange(256) + 0.5) * 8 / 256
    z = np.random.default_rng(5).standard_normal(4000).astype(np.float32)
    return {
        "samples": {"x": x},
        "density": {"q": mixture(edges[:, None], means, 0.45, weights).astype(np.float32)},
        "critic_field": {"t": (2 * np.sin(np.linspace(-4, 4, 256)) + 0.5).astype(np.float32)},
        "gradient_arrows": {"tail": x[:300], "vector": -np.sin(x[:300])},
        "latent_map": {
            "z": np.stack([z, 0 * z], 1),
            "hue": (np.clip(z / 6 + 0.5, 0, 1) * 0.7).astype(np.float32),
            "mode": (z > 0).astype(np.int64),
        },
        "jacobian": {"log_det": np.linspace(-2, 1, 48, dtype=np.float32)[None]},
        "modes": {
            "mass": np.array([0.42, 0.5, 0.01]),
            "good": np.array([0.42, 0.5, 0.01]),
            "target": np.array([0.3, 0.5, 0.2]),
            "quality": np.array(0.93),
        },
    }


def glyphs(n, seed):
    """Pictures of 8 × 8 with strokes, grey levels 0 to 1."""
    chance = np.random.default_rng(seed)
    rows, columns = np.mgrid[:8, :8]
    radius = np.hypot(rows - 3.5, columns - 3.5)[None] - chance.uniform(1.5, 3, (n, 1, 1))
    stroke = np.abs(columns[None] - chance.uniform(2, 5, (n, 1, 1)))
    which = chance.random((n, 1, 1)) < 0.5
    return np.exp(-(np.where(which, radius, stroke) ** 2)).astype(np.float32)


def digits_scene():
    return scene(
        title="Digits", dimension=64, latent_dimension=16, image_shape=(1, 8, 8), real=glyphs(64, 0).reshape(64, 64),
        density=np.zeros(0, np.float32),
    )  # fmt: skip


def digits_pictures():
    made = np.clip(glyphs(64, 9) + 0.1 * np.random.default_rng(1).random((64, 8, 8)), 0, 1)
    return {"images": {"images": made.reshape(64, 64)}}


def table_scene():
    real = np.random.default_rng(7).standard_normal((500, 5)).astype(np.float32)
    return scene(title="table.csv", dimension=5, latent_dimension=4, bounds=(-4.0, -4.0, 4.0, 4.0), real=real)


def table_pictures():
    return {"samples": {"x": np.random.default_rng(8).standard_normal((10_000, 5)).astype(np.float32)}}


NO_GRID = "Needs one or two data dimensions; this has 5."
TABLE_MISSING = {
    "density": NO_GRID,
    "critic_field": NO_GRID,
    "gradient_arrows": NO_GRID,
    "latent_warp": "Needs data in the plane; this has 5 dimensions.",
}
