"""What a tool tip says of an option or a member: the sentence of help, what is allowed, and what a change does."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from explorer.panels.scale import Option, allowed, show_number


def option_tip(option: Option, path: str) -> str:
    """Help on an option, as rich text."""
    facts = [_range(option), _default(option), f"<tt>{path}</tt>"]
    return _tip(_name(option), option["help"], [fact for fact in facts if fact], effect(option))


def effect(option: Option) -> str:
    """What a change of the option does to the run in progress."""
    return "Changes the run in progress." if option["live"] else "Starts a new run."


def member_tip(member: Mapping[str, Any], reason: str = "") -> str:
    """Help on a member, as rich text; led by the reason why it cannot be chosen, if there is one."""
    told = " ".join(filter(None, (member["summary"], member.get("explanation"))))
    return _tip(member["title"], told, [html.escape(member["source"])], reason)


def spoken_name(option: Option) -> str:
    """The option's name for screen readers."""
    return f"{option['label']} {option['symbol'].replace('_', ' ')}".strip()


def words(choice: object) -> str:
    """A choice as people write it: ``leaky_relu`` is "leaky relu"."""
    return str(choice).replace("_", " ")


def show_value(value: Any) -> str:
    """Any plain value in few characters."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, (int, float)):
        return show_number(value)
    return words(value) if isinstance(value, str) else f"{len(value)} values" if value else "none"


def _name(option: Option) -> str:
    letter, _, index = html.escape(option["symbol"]).partition("_")
    symbol = f" <i>{letter}<sub>{index}</sub></i>" if letter else ""
    return f"{html.escape(option['label'])}{symbol}"


def _range(option: Option) -> str:
    if option["choices"]:
        return "one of " + html.escape(", ".join(words(choice) for choice in option["choices"]))
    return html.escape(allowed(option))


def _default(option: Option) -> str:
    default = option["default"]
    if default is None or isinstance(default, (dict, list)) or default == "":
        return ""
    return f"default {html.escape(show_value(default))}"


def _tip(title: str, help_text: str, facts: list[str], last: str) -> str:
    lines = [f"<b>{title}</b>", html.escape(help_text), " · ".join(facts), html.escape(last)]
    return "<br>".join(line for line in lines if line)
