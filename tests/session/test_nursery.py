"""Where processes are born: what they have imported, and what they have not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from explorer.session.nursery import ONE_THREAD, one_thread_environment

HEAVY = ("scipy", "sklearn", "ot", "sympy", "torch._dynamo", "PySide6")

WORK = f"""
import sys
import explorer.session.preloaded
from explorer.session.workshop import ModelsWorkshop
work = ModelsWorkshop()
work.catalogue()
from models.presets import find_preset
recipe = find_preset("ring")
trainer, witness = work.trainer(recipe), work.witness(recipe)
trainer.take_step()
witness.load(trainer.values().numpy())
witness.scene()
witness.observe(["samples", "density", "critic_field"])
work.trainer(find_preset("digits_gan")).take_step()
print([name for name in {HEAVY!r} if name in sys.modules])
witness.measure()
witness.diagnose(0)
print([name for name in {HEAVY!r} if name in sys.modules and name != "scipy"])  # it finds neighbours, once seen
"""


def test_neither_process_imports_what_takes_seconds_and_is_not_needed():
    with one_thread_environment():
        done = subprocess.run([sys.executable, "-c", WORK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", "[]"]


def test_the_window_imports_neither_torch_nor_numpy_before_it_is_shown():
    code = "import sys, explorer.app; print([name for name in ('torch', 'numpy', 'pyqtgraph') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_environment_is_put_back(monkeypatch):
    first, *others = ONE_THREAD
    monkeypatch.setenv(first, "7")
    for name in others:
        monkeypatch.delenv(name, raising=False)
    with one_thread_environment():
        assert {name: os.environ[name] for name in ONE_THREAD} == ONE_THREAD
    assert os.environ[first] == "7"
    assert not any(name in os.environ for name in others)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks")
def test_the_server_runs_no_thread_that_a_fork_would_lose():
    code = "import threading, os, explorer.session.preloaded; print(len(os.listdir('/proc/self/task')))"
    with one_thread_environment():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
