"""Fetching published files into the user's cache directory: whole, checked by hash, and unpacked, or not at all."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import shutil
import tarfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Final, NamedTuple
from urllib.parse import urlsplit

from models.registry import RecipeError

WAIT_S: Final = 30.0
"""How long a server may be silent, seconds."""

PIECE: Final = 1 << 16

UNFINISHED: Final = ".part"

Tell = Callable[[int, int], object]
"""Told how many bytes have come, and of how many."""


class NotFetched(Exception):
    """Files did not come, or not as they were published: why, in one line for people."""


class NotReached(NotFetched):
    """There is no way to the server."""


class Lack(NamedTuple):
    """Data that is not on this machine yet.

    Attributes:
        key: of the data.
        title: of the data.
        bytes: how much there is to fetch.
        host: where it comes from.
    """

    key: str
    title: str
    bytes: int
    host: str


class NotHere(RecipeError):
    """Data that must be fetched first, or pointed at.

    Attributes:
        lack: which.
    """

    def __init__(self, path: str, problem: str, lack: Lack) -> None:
        super().__init__(path, problem)
        self.lack = lack

    def __reduce__(self) -> tuple[type[RecipeError], tuple[str, str, Any]]:
        """Keep all parts when the error crosses from one process to another."""
        return type(self), (self.path, self.problem, self.lack)


@dataclass(frozen=True)
class Remote:
    """A published file.

    Attributes:
        name: of the file, below each mirror.
        bytes: its length.
        sha256: its SHA-256 hash, 64 hexadecimal digits.
        unpacked: what is kept of it: the file in a gzip file, or members of a tar file.
    """

    name: str
    bytes: int
    sha256: str
    unpacked: tuple[str, ...]


@dataclass(frozen=True)
class Origin:
    """Where a data set is published.

    Attributes:
        mirrors: addresses that its files stand below, the best first.
        files: all of them.
    """

    mirrors: tuple[str, ...]
    files: tuple[Remote, ...]

    @property
    def bytes(self) -> int:
        """Length of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def host(self) -> str:
        """The server of the first mirror."""
        return urlsplit(self.mirrors[0]).netloc

    def is_in(self, folder: Path) -> bool:
        """Whether all that is kept of the files is in a folder."""
        return all((folder / name).is_file() for file in self.files for name in file.unpacked)


def megabytes(count: int) -> str:
    """A length for people."""
    return f"{count / 1e6:.0f} MB" if count >= 1e7 else f"{count / 1e6:.1f} MB"


def fetch(origin: Origin, folder: Path, tell: Tell, source: str = "") -> None:
    """Fetch, check and unpack what is not in the folder yet.

    Args:
        origin: what.
        folder: where to; it is made if it is not there.
        tell: told of progress.
        source: a folder or an address to take the files from instead.

    Raises:
        NotFetched: there is no way to the files, they are others than were published, or they cannot be written.
    """
    mirrors = (_address(source),) if source else origin.mirrors
    done = 0
    with _written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for rest in folder.glob(f"*{UNFINISHED}"):
            rest.unlink()
    for file in origin.files:
        tell(done, origin.bytes)
        if not all((folder / name).is_file() for name in file.unpacked):
            before = done
            packed = _fetch_one(file, mirrors, folder, lambda came, b=before: tell(b + came, origin.bytes))
            with _written(folder), _unpacking(packed, file.name):
                _unpack(packed, file, folder)
        done += file.bytes
    tell(done, origin.bytes)


def _address(source: str) -> str:
    if "://" in source:
        return source if source.endswith("/") else f"{source}/"
    folder = Path(source).expanduser()
    if not folder.is_dir():
        raise NotFetched(f"{source}: there is no such folder")
    return f"{folder.resolve().as_uri()}/"


def _fetch_one(file: Remote, mirrors: tuple[str, ...], folder: Path, tell: Callable[[int], object]) -> Path:
    """The file, checked, under an unfinished name; what is wrong at one mirror is asked of the next."""
    packed = folder / f"{file.name}{UNFINISHED}"
    reasons: list[NotFetched] = []
    for mirror in mirrors:
        try:
            _download(f"{mirror}{file.name}", packed, file, tell)
        except NotFetched as error:
            reasons.append(error)
        else:
            return packed
    packed.unlink(missing_ok=True)
    hint = "; is there a network?" if all(isinstance(reason, NotReached) for reason in reasons) else ""
    raise NotFetched("; ".join(str(reason) for reason in reasons) + hint)


def _download(address: str, packed: Path, file: Remote, tell: Callable[[int], object]) -> None:
    digest, came = hashlib.sha256(), 0
    with _reached(address), urllib.request.urlopen(address, timeout=WAIT_S) as stream, _opened(packed) as out:
        while piece := _next(stream, address):
            with _written(packed.parent):
                out.write(piece)
            digest.update(piece)
            came += len(piece)
            tell(came)
    if came < file.bytes:
        raise NotFetched(f"{address}: broke off after {came:,} of {file.bytes:,} bytes; try again")
    if digest.hexdigest() != file.sha256:
        problem = f"is not the file that was published (SHA-256 {digest.hexdigest()[:12]}…, not {file.sha256[:12]}…)"
        raise NotFetched(f"{address}: {problem}")


def _next(stream: BinaryIO, address: str) -> bytes:
    try:
        return stream.read(PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise NotFetched(f"{address}: broke off ({_why(error)}); try again") from None


@contextmanager
def _opened(packed: Path) -> Iterator[BinaryIO]:
    with _written(packed.parent):
        out = packed.open("wb")
    try:
        yield out
    finally:
        with _written(packed.parent):
            out.close()


@contextmanager
def _reached(address: str) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        raise NotFetched(f"{address}: the server answers {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        if isinstance(getattr(error, "reason", None), FileNotFoundError):
            raise NotFetched(f"{address}: there is no such file") from None
        raise NotReached(f"{address}: cannot be reached ({_why(error)})") from None


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotFetched(f"{folder}: cannot be written: {_why(error)}") from None


@contextmanager
def _unpacking(packed: Path, name: str) -> Iterator[None]:
    try:
        yield
    except (EOFError, KeyError, tarfile.TarError, zlib.error) as error:
        raise NotFetched(f"{name}: cannot be unpacked: {error}") from None
    finally:
        with suppress(OSError):
            packed.unlink(missing_ok=True)


def _why(error: BaseException) -> str:
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or str(reason) or type(reason).__name__


def _unpack(packed: Path, file: Remote, folder: Path) -> None:
    """Only the members that are known by name, whatever else there is; each is renamed once it is whole."""
    if not file.name.endswith(".tar.gz"):
        with gzip.open(packed) as stream:
            _keep(stream, folder / file.unpacked[0])
        return
    with tarfile.open(packed, "r:gz") as archive:
        members = {PurePosixPath(member.name).name: member for member in archive if member.isfile()}
        for name in file.unpacked:
            stream = archive.extractfile(members[name])
            assert stream is not None, "a plain file has content"
            _keep(stream, folder / name)


def _keep(stream: IO[bytes] | gzip.GzipFile, place: Path) -> None:
    unfinished = place.with_name(f"{place.name}{UNFINISHED}")
    try:
        with unfinished.open("wb") as out:
            shutil.copyfileobj(stream, out, PIECE)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)
