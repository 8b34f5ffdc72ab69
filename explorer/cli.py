"""The command line: what is said, which command obeys it, and how errors end.

Nothing heavy is imported here: each command brings what it needs, so that the window is on the screen at once.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from explorer.command_line.failure import BAD_INPUT, INTERRUPTED, Failure
from explorer.command_line.version import own_version

COMMANDS: Final = {
    "open": ("window", "open_window"),
    "catalog": ("catalog", "catalog"),
    "train": ("training", "train"),
    "sample": ("sampling", "sample"),
    "log-prob": ("sampling", "log_prob"),
    "measure": ("measuring", "measure"),
    "show": ("window", "show"),
    "fetch": ("fetching", "fetch"),
    "reproduce": ("reproducing", "reproduce"),
    "bench": ("bench", "bench"),
}
"""Command to the module of ``explorer.command_line`` and the function in it that obeys."""

DESCRIPTION: Final = """\
An explorer of generative models: pick data, generator and divergence, and watch the model move onto the data.
Without a command, opens the window (with a recipe or a run, if one is named).
RECIPE is a preset's key or a TOML file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Obey a command line.

    Args:
        arguments: without the program's name; those of the process if None.

    Returns:
        The exit status: 0; 2 for bad input; 3 when training diverged; 130 when interrupted.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        chosen = build_parser().parse_args(_with_command(words))
        return _command(chosen.command)(chosen)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else BAD_INPUT
    except Failure as failure:
        return _fail(str(failure), failure.status)
    except KeyboardInterrupt:
        return _fail("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing may be flushed into the closed pipe at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (OSError, ValueError, MemoryError) as error:
        return _bad_input(error)


def _with_command(words: list[str]) -> list[str]:
    """Put the command in front that is meant when none is given: the window is opened, with a recipe or without.

    Raises:
        Failure: the first of several words is no command.
    """
    if words and words[0] in (*COMMANDS, "-h", "--help", "--version"):
        return words
    if len(words) > 1 and not any(word.startswith("-") for word in words[:2]):
        near = difflib.get_close_matches(words[0], COMMANDS, n=1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise Failure(f"{words[0]!r} is not a command; {meant}Commands: {', '.join(COMMANDS)}")
    return ["open", *words]


def _bad_input(error: OSError | ValueError | MemoryError) -> int:
    """Tell what was wrong with the input in one line; let a bug through with its traceback."""
    if isinstance(error, OSError):
        return _fail(f"{error.filename or 'a file'}: {error.strerror or error}", BAD_INPUT)
    if isinstance(error, MemoryError):
        return _fail(f"not enough memory: {error}", BAD_INPUT)
    from models.registry import RecipeError

    if isinstance(error, RecipeError):
        return _fail(str(error), BAD_INPUT)
    raise error


def _fail(line: str, status: int) -> int:
    print(f"pushforward: {' '.join(line.split())}", file=sys.stderr)
    return status


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    module, function = COMMANDS[name]
    return getattr(importlib.import_module(f"explorer.command_line.{module}"), function)


class Parser(argparse.ArgumentParser):
    """Refuses in one line instead of printing its usage."""

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        raise Failure(f"{message} (see {self.prog} --help)")


def build_parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    parser = Parser(prog="pushforward", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", action="version", version=f"pushforward {own_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for add in ADDITIONS:
        add(commands)
    return parser


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["Parser"]


def _add_open(commands: Commands) -> None:
    parser = commands.add_parser("open", help="open the window; the same as no command", description="Open the window.")
    parser.add_argument("recipe", nargs="?", metavar="RECIPE_OR_RUN", help="preset's key, TOML file or run folder")
    _add_theme(parser)
    parser.add_argument("--in-process", action="store_true", help="train in the window's own process, for debugging")


def _add_catalog(commands: Commands) -> None:
    parser = commands.add_parser("catalog", help="list every data set, latent, architecture, divergence … and preset")
    _add_json(parser)


def _add_train(commands: Commands) -> None:
    parser = commands.add_parser("train", help="train without a window and leave a run folder")
    parser.add_argument("recipe", metavar="RECIPE", help="preset's key or TOML file")
    parser.add_argument("--out", required=True, metavar="RUN", help="the run folder to make")
    parser.add_argument(
        "--steps", type=_positive, metavar="N", help="stop at step N; schedules keep the recipe's own length"
    )
    parser.add_argument("--seed", type=_seed, metavar="S", help="instead of the recipe's")
    _add_set(parser, "change one field of the recipe, such as --set optimizer.lr=3e-4")
    parser.add_argument("--resume", action="store_true", help="go on with the run in the folder")


def _add_sample(commands: Commands) -> None:
    parser = commands.add_parser("sample", help="draw from a trained model")
    parser.add_argument("run", metavar="RUN", help="run folder")
    parser.add_argument("-n", type=_positive, required=True, metavar="N", help="how many")
    parser.add_argument("--seed", type=_seed, default=0, metavar="S", help="default 0")
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help="FILE.npy: an array of shape (N, d), float32; FILE.png: a sheet of pictures, small ones made larger",
    )
    told = parser.add_mutually_exclusive_group()
    told.add_argument("--class", dest="label", metavar="CLASS", help="only of this class, by name or by number from 1")
    told.add_argument("--caption", metavar="TEXT", help='only what is asked for in words, such as "a small red square"')
    _add_set(parser, "sample in another way, such as --set family.sampler.steps=20 or --set family.guidance=2")


def _add_log_prob(commands: Commands) -> None:
    parser = commands.add_parser("log-prob", help="log density of points, where the family has one")
    parser.add_argument("run", metavar="RUN", help="run folder")
    parser.add_argument("--points", required=True, metavar="FILE.npy", help="array of shape (N, d)")
    parser.add_argument("--out", required=True, metavar="FILE.npy", help="array of shape (N,), nats")


def _add_measure(commands: Commands) -> None:
    parser = commands.add_parser("measure", help="how far samples are from data, with noise floors")
    parser.add_argument("--samples", required=True, metavar="A.npy", help="of the model, shape (N, d)")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--against", metavar="B.npy", help="of the data, shape (M, d)")
    target.add_argument("--data", metavar="KEY", help="a data set of the catalogue")
    _add_set(parser, "an option of the data set, such as --set std=0.01")
    parser.add_argument("--seed", type=_seed, default=0, metavar="S", help="default 0")
    _add_json(parser)


def _add_show(commands: Commands) -> None:
    parser = commands.add_parser("show", help="a picture of the real window, trained N steps; needs no screen")
    parser.add_argument("recipe", metavar="RECIPE_OR_RUN", help="preset's key, TOML file or run folder")
    parser.add_argument("--steps", type=_natural, metavar="N", help="train to step N first; default 0")
    parser.add_argument("--screenshot", required=True, metavar="FILE.png", help="the picture to write")
    parser.add_argument("--size", type=_size, default=(1280, 800), metavar="WxH", help="default 1280x800")
    _add_theme(parser)


def _add_fetch(commands: Commands) -> None:
    parser = commands.add_parser("fetch", help="fetch a published data set, such as mnist, into the cache directory")
    parser.add_argument("name", metavar="NAME", help="mnist, fashion_mnist, kmnist or cifar10")
    parser.add_argument(
        "--from", dest="source", metavar="PATH", help="a folder, or an address, that holds the published files"
    )
    parser.add_argument("--stream", action="store_true", help=argparse.SUPPRESS)


def _add_reproduce(commands: Commands) -> None:
    parser = commands.add_parser(
        "reproduce",
        help="published tables beside our own numbers, run now",
        description="Run published protocols and print our numbers beside theirs. A check that is not met is stated in "
        "the table; the exit status is 0 all the same.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(_protocols())}; all if none is named")
    parser.add_argument("--seeds", type=_seeds, default=(0, 1, 2), metavar="S,S,…", help="default 0,1,2")
    parser.add_argument("--list", action="store_true", help="print what there is, as JSON, and run nothing")
    parser.add_argument("--stream", action="store_true", help=argparse.SUPPRESS)
    _add_json(parser)


def _protocols() -> list[str]:
    """Keys of the published protocols: names of files, for importing the protocols takes seconds."""
    names = (Path(entry.name) for entry in files("models").joinpath("reproduction").iterdir())
    return sorted(name.stem for name in names if name.suffix == ".py" and not name.stem.startswith("_"))


def _add_bench(commands: Commands) -> None:
    parser = commands.add_parser("bench", help="measure speed and memory on this machine")
    _add_json(parser)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _add_set(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help=text)


def _add_theme(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", choices=("light", "dark"), help="default: as the system")


def _whole(text: str, low: int, high: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from {low:,} to {high:,}")
    return number


def _positive(text: str) -> int:
    return _whole(text, 1, 100_000_000)


def _natural(text: str) -> int:
    return _whole(text, 0, 100_000_000)


def _seed(text: str) -> int:
    return _whole(text, 0, 2**31 - 1)


def _seeds(text: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(_seed(part.strip()) for part in text.split(",")))


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    try:
        return _whole(width, 640, 7680), _whole(height, 400, 4320)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} must be WxH, from 640x400 to 7680x4320") from None


ADDITIONS: Final = (
    _add_open,
    _add_catalog,
    _add_train,
    _add_sample,
    _add_log_prob,
    _add_measure,
    _add_show,
    _add_fetch,
    _add_reproduce,
    _add_bench,
)
"""What enters each command, in the order of the help."""
