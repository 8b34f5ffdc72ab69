"""The way from noise to data by hand: a Gaussian that shrinks, its density and its field at three times."""

import dataclasses

import numpy as np

from .handmade import BOUNDS, line_scene, plane, ring_scene

TIME = np.array([1.0, 0.5, 0.0], np.float32)
SPREAD = np.array([0.8, 0.5, 0.2])
SIDE = 21
LOW, HIGH = BOUNDS[0], BOUNDS[2]


def way_scene(d=2, **offers):
    base = ring_scene() if d == 2 else line_scene()
    return dataclasses.replace(base, offers=frozenset({"sample", "process", "denoise"}), critic_parameters=0, **offers)


def process(d=2, n=50):
    ways = SPREAD[:, None, None] * np.random.default_rng(0).standard_normal((1, n, d))
    return {
        "time": TIME, "noise": np.array([30.0, 1.0, 0.0], np.float32), "number": np.arange(3), "steps": np.array(2),
        "reverse": ways.astype(np.float32), "forward": ways.astype(np.float32), "rescaled": np.array(0),
        "label": np.full(n, -1), "hue": np.linspace(0, 1, n, endpoint=False, dtype=np.float32),
        "sampler": np.array("Euler"),
    }  # fmt: skip


def density(points):
    """Of the Gaussian at each time, shape (..., d) to (3, ...)."""
    d = points.shape[-1]
    heights = [np.exp(-0.5 * (points**2).sum(-1) / s**2) / (2 * np.pi * s**2) ** (d / 2) for s in SPREAD]
    return np.stack(heights).astype(np.float32)


def marginals(d=2):
    cells = plane(40, middles=True) if d == 2 else plane(40, middles=True)[0, :, :1]
    found = {"time": TIME, "bounds": np.array(BOUNDS, np.float32), "density": density(cells)}
    return found | {"exact": np.array([1, 1, 0])}


def field(d=2, *, known=True, off=0.25):
    """The score of the Gaussian, learnt as half of it more to the right; the velocity of its shrinking."""
    grid = plane(SIDE, middles=True).reshape(-1, 2)[: SIDE if d == 1 else None, :d]
    score = np.stack([-grid / s**2 for s in SPREAD])
    velocity = np.stack([0.6 * grid / s for s in SPREAD])
    shift = np.zeros(d)
    shift[0] = off
    high = density(grid)
    found = {
        "time": TIME, "bounds": np.array(BOUNDS, np.float32), "grid": grid, "score": score + shift,
        "velocity": velocity + shift, "peopled": (high > 0.01 * high.max(1, keepdims=True)).astype(np.int64),
    }  # fmt: skip
    if known:
        for name, exact in (("score", score), ("velocity", velocity)):
            found |= {
                f"{name}_exact": exact,
                f"{name}_error": np.full(3, off),
                f"{name}_size": np.array([1.0, 2.0, 3.0]),
            }
    plain = {key: np.asarray(a, a.dtype if a.dtype == np.int64 else np.float32) for key, a in found.items()}
    return plain | {"unknown": np.array("" if known else "The right answer is not known.")}
