"""The laws of the house, each held in a fresh process: what is imported along with what."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def fresh(code: str) -> str:
    """What a new interpreter prints when it runs this."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def loaded(importing: str, *families: str) -> str:
    """Which packages of these families stand in ``sys.modules`` after an import."""
    tests = f"sorted({{name.split('.')[0] for name in sys.modules}} & {set(families)!r})"
    return fresh(f"import sys; {importing}; print({tests})")


def test_the_mathematics_brings_no_qt():
    everything = "import models.catalogue, models.presets, models.training.trainer, models.training.run_folder"
    assert loaded(everything, "PySide6", "shiboken6", "pyqtgraph", "explorer") == "[]"


@pytest.mark.gui
def test_the_window_brings_no_torch_and_no_mathematics():
    assert loaded("import explorer.app", "torch", "models", "sklearn", "scipy", "pydantic") == "[]"


def test_the_command_line_is_light_until_a_command_needs_more():
    assert loaded("import explorer.cli", "torch", "models", "numpy", "PySide6", "rich", "pydantic") == "[]"


def test_naming_a_preset_for_the_window_needs_no_torch():
    choosing = "from explorer.command_line.window import choose; choose('ring')"
    assert loaded(choosing, "torch", "PySide6") == "[]"


PROBE = """
import gc, sys
from PySide6.QtCore import QObject, Signal

class Sender(QObject):
    said = Signal(int)

sender, heard = Sender(), []
sender.said.connect(heard.append)
before = sys.getrefcount(True), sys.getrefcount(None)
for number in range(200):
    sender.said.emit(number)
    sender.blockSignals(False)
after = sys.getrefcount(True), sys.getrefcount(None)
print(len(heard), max(abs(b - a) for a, b in zip(before, after)) < 100)
"""


@pytest.mark.gui
def test_this_pyside_drops_no_reference_at_a_signal():
    assert fresh(PROBE) == "200 True"
