"""Everything that the window can do, once: words, shortcut and help. Menus and the shortcuts sheet are made from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Deed:
    """One thing to do.

    Attributes:
        words: in the menu.
        keys: shortcut, or none.
        help: one sentence.
        needs_run: whether it makes sense only when there is a run.
        needs_critic: whether it makes sense only when two players train.
        checkable: whether it is a switch.
    """

    words: str
    keys: str = ""
    help: str = ""
    needs_run: bool = False
    needs_critic: bool = False
    checkable: bool = False


DEEDS: Final[dict[str, Deed]] = {
    "new": Deed("New from preset", "N", "Begin again from a recipe that is known to work."),
    "open_recipe": Deed("Open recipe…", "Ctrl+O", "Open a recipe from a TOML file."),
    "open_run": Deed("Open run…", "Ctrl+Shift+O", "Go on with a run that was saved in a folder."),
    "open_data": Deed("Open data file…", "", "Learn your own table (CSV, NPY, NPZ) or pictures (NPZ, NPY, IDX)."),
    "open_pictures": Deed("Open folder of pictures…", "", "Learn your own pictures: all in a folder and below it."),
    "save_recipe": Deed("Save recipe", "Ctrl+S", "Write the recipe to its file.", needs_run=True),
    "save_recipe_as": Deed("Save recipe as…", "Ctrl+Shift+S", "Write the recipe to another file.", needs_run=True),
    "save_run": Deed("Save run…", "", "Write recipe, weights and samples into a folder.", needs_run=True),
    "export_picture": Deed(
        "Picture of the data space…", "Ctrl+E", "Write the data space as PNG or SVG.", needs_run=True
    ),
    "export_numbers": Deed("Export numbers…", "Ctrl+Shift+E", "Write losses and measures as CSV.", needs_run=True),
    "copy": Deed("Copy recipe as text", "Ctrl+Shift+C", "Copy the whole recipe as TOML.", needs_run=True),
    "quit": Deed("Quit", "Ctrl+Q", "Close the window and end the run."),
    "play": Deed("Play or pause", "Space", "Train, or stop between two steps.", needs_run=True),
    "step": Deed("One step", "Right", "Take one whole step.", needs_run=True),
    "step_critic": Deed("Critic step", "C", "Let only the critic move.", needs_run=True, needs_critic=True),
    "step_generator": Deed("Generator step", "G", "Let only the generator move.", needs_run=True, needs_critic=True),
    "reset": Deed("Restart", "R", "Back to step 0 with the same seed.", needs_run=True),
    "reseed": Deed("Restart with a new seed", "Shift+R", "Back to step 0 with other random numbers.", needs_run=True),
    "stop_at": Deed("Train up to step…", "Ctrl+G", "Train, and pause at a step of your choice.", needs_run=True),
    "slower": Deed("Slower", "[", "Fewer steps a second."),
    "faster": Deed("Faster", "]", "More steps a second."),
    "back": Deed("One kept step back", "Left", "Look at an earlier step; training goes on.", needs_run=True),
    "forth": Deed("One kept step forward", "Shift+Right", "Look at a later step.", needs_run=True),
    "newest": Deed("Newest step", "End", "Look at the newest step again.", needs_run=True),
    "play_from_here": Deed("Play from here", "Shift+Space", "Train on from the step that is shown.", needs_run=True),
    "average": Deed(
        "Show averaged weights",
        "",
        "Draw the model with the running average of its weights.",
        needs_run=True,
        checkable=True,
    ),
    "alarm": Deed(
        "Alarm on collapse", "", "Say on the banner when the modes go wrong, and what to try.", checkable=True
    ),
    "auto_pause": Deed("Pause on alarm", "", "Stop training when the alarm rings.", checkable=True),
    "middle": Deed("Next card in the middle", "D", "Turn from the data space to noise to data, or back."),
    "play_middle": Deed("Play noise to data", "P", "Play the way from noise to data and back, or pause it."),
    "theme": Deed("Change theme", "Ctrl+T", "Change between light and dark."),
    "presenter": Deed("Presenter mode", "F11", "Larger text and lines, and the full screen.", checkable=True),
    "recipe": Deed("Recipe panel", "F4", "Fold the recipe panel away, or bring it back."),
    "reset_layout": Deed("Reset layout", "", "Put every card back to its first place."),
    "shortcuts": Deed("Shortcuts", "F1", "Show every shortcut."),
    "reproduce": Deed("Reproduce published numbers…", "", "Published tables beside our own numbers, run now."),
    "about": Deed("About Pushforward", "", "Versions, and sources of the methods in use."),
}

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "Run": ("play", "step", "step_critic", "step_generator", "reset", "reseed", "stop_at", "slower", "faster"),
    "Time": ("back", "forth", "newest", "play_from_here"),
    "File": ("new", "open_recipe", "open_run", "save_recipe", "save_recipe_as", "export_picture", "export_numbers",
             "copy", "quit"),
    "View": ("middle", "play_middle", "theme", "presenter", "recipe", "shortcuts"),
}  # fmt: skip
"""How the shortcuts sheet is arranged."""


class Actions:
    """The deeds as Qt actions of one window."""

    def __init__(self, window: QWidget) -> None:
        self._made = {name: self._make(deed, window) for name, deed in DEEDS.items()}
        self._is_running, self._has_critic = False, True

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def bind(self, doings: Mapping[str, Callable[[], object]]) -> None:
        """Say what is done.

        Raises:
            KeyError: there is no such deed.
        """
        for name, do in doings.items():
            self._made[name].triggered.connect(lambda _checked=False, do=do: do())

    def set_running(self, ready: bool) -> None:  # noqa: FBT001
        """Offer what needs a run, or not."""
        self._is_running = ready
        self._offer()

    def set_critic(self, there: bool) -> None:  # noqa: FBT001
        """Offer what needs a critic, or not."""
        self._has_critic = there
        self._offer()

    def _offer(self) -> None:
        for name, deed in DEEDS.items():
            if deed.needs_run:
                self._made[name].setEnabled(self._is_running and (self._has_critic or not deed.needs_critic))

    def _make(self, deed: Deed, window: QWidget) -> QAction:
        action = QAction(deed.words, window)
        action.setShortcut(QKeySequence(deed.keys))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setStatusTip(deed.help)
        action.setToolTip(deed.help)
        action.setCheckable(deed.checkable)
        window.addAction(action)
        return action


def shown_keys(name: str) -> str:
    """A deed's shortcut as it is written on this system's keys."""
    arrows = {"Right": "→", "Left": "←", "Shift+Right": "Shift+→"}
    keys = DEEDS[name].keys
    return arrows.get(keys) or QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
