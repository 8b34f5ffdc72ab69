"""What the banner says of the reports of a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from explorer.session import messages
from explorer.session.control import Control
from explorer.widgets.banner import Action, Remark


def refused(message: messages.Refused, ways: Sequence[Action] = (), *, goes_on: bool) -> Remark:
    """A recipe that cannot be used, with buttons that make it usable."""
    where = f"{message.path}: " if message.path else ""
    rest = " The run goes on with the recipe it has." if goes_on else ""
    return Remark("alarm", "Not possible", f"{where}{sentence(message.problem)}{rest}", ways)


def noticed(message: messages.Noticed) -> Remark:
    """Something about the data."""
    return Remark("notice", "About the data", message.text)


def finished(message: messages.Finished, go_on: Callable[[], object]) -> Remark:
    """The last step is taken."""
    return Remark("good", "Finished", f"All {message.step:,} steps are taken.", (("Go on", go_on),))


def failed(message: messages.Failed, control: Control) -> Remark:
    """A run that cannot go on."""
    kept = f"Step {message.step:,}, the last good one, is kept."
    text = f"{sentence(message.problem)} {sentence(message.advice)} {kept}"
    actions = (("Look at it", lambda: control.look(message.step)), ("Restart", control.reset))
    return Remark("alarm", "Training stopped", text, actions)


def died(message: messages.Died) -> Remark:
    """A process that is gone."""
    text = f"{sentence(message.problem)} It is being started again from the last kept state."
    return Remark("alarm", f"The {message.who} ended unexpectedly", text)


def saved(message: messages.Saved) -> Remark:
    """Where a run was written."""
    return Remark("good", "Run saved", message.folder, stays_s=6)


def not_saved(message: messages.NotSaved) -> Remark:
    """Why a run was not written."""
    return Remark("alarm", "Run not saved", f"{message.folder}: {sentence(message.problem)}")


def sentence(text: str) -> str:
    """A text with a full stop, unless it has one."""
    text = text.strip()
    return text if not text or text[-1] in ".!?" else text + "."
