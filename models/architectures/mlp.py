"""The multilayer perceptron."""
from __future__ import annotations
