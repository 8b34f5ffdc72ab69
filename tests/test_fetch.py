"""Fetching published data sets: from a server on this machine, whole or not at all."""

from __future__ import annotations

import gzip
import hashlib
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from explorer.cli import main
from models.data import DATA
from models.data._fetch import NotFetched, Origin, Remote, fetch
from models.data.cifar10 import TEST, TRAIN

from .models.picture_files import cifar_archive

CONTENT = bytes(range(256)) * 64


class Server(BaseHTTPRequestHandler):
    """Hands out what ``files`` holds; a file under /short/ breaks off in the middle."""

    files: ClassVar[dict[str, bytes]] = {}

    def do_GET(self):
        found = self.files.get(self.path.rpartition("/")[2])
        if found is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(found)))
        self.end_headers()
        self.wfile.write(found[: len(found) // 2] if "/short/" in self.path else found)

    def log_message(self, *_):
        """Be silent."""


@pytest.fixture
def server():
    with HTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def remote(name: str, content: bytes, *unpacked: str, sha256: str = "") -> Remote:
    return Remote(name, len(content), sha256 or hashlib.sha256(content).hexdigest(), unpacked)


@pytest.fixture
def origin(server):
    packed = gzip.compress(CONTENT)
    Server.files = {"a.gz": packed}
    return lambda *, below="", **changes: Origin((f"{server}{below}",), (remote("a.gz", packed, "a", **changes),))


def left_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir()) if folder.exists() else []


def test_a_file_comes_whole_is_checked_and_unpacked(origin, tmp_path):
    told: list[tuple[int, int]] = []
    fetch(origin(), tmp_path / "new" / "place", lambda came, of: told.append((came, of)))
    assert (tmp_path / "new" / "place" / "a").read_bytes() == CONTENT
    assert left_in(tmp_path / "new" / "place") == ["a"]
    assert told[0][0] == 0
    assert told[-1][0] == told[-1][1] == origin().bytes
    Server.files = {}
    fetch(origin(), tmp_path / "new" / "place", lambda *_: None)  # nothing is asked of the server again


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sha256": "0" * 64}, r"a.gz: is not the file that was published \(SHA-256 .*…, not 000000000000…\)"),
        ({"below": "short/"}, r"a.gz: broke off .*; try again"),
    ],
)
def test_what_does_not_come_well_is_told_and_dropped(origin, tmp_path, changes, problem):
    with pytest.raises(NotFetched, match=problem) as caught:
        fetch(origin(**changes), tmp_path, lambda *_: None)
    assert "\n" not in str(caught.value)
    assert left_in(tmp_path) == []


def test_the_next_mirror_is_asked(origin, tmp_path):
    good = origin()
    fetch(Origin(("http://127.0.0.1:9/", *good.mirrors), good.files), tmp_path, lambda *_: None)
    assert left_in(tmp_path) == ["a"]


def test_without_a_network_one_line_says_so(origin, tmp_path):
    with pytest.raises(NotFetched, match=r"^http://127.0.0.1:9/a.gz: cannot be reached .*; is there a network\?$"):
        fetch(Origin(("http://127.0.0.1:9/",), origin().files), tmp_path, lambda *_: None)
    Server.files = {}
    with pytest.raises(NotFetched, match=r"a.gz: the server answers 404"):
        fetch(origin(), tmp_path, lambda *_: None)


def test_what_a_killed_fetch_left_is_cleared_away(origin, tmp_path):
    (tmp_path / "a.gz.part").write_bytes(b"half")
    fetch(origin(), tmp_path, lambda *_: None)
    assert left_in(tmp_path) == ["a"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told(origin, tmp_path, monkeypatch):
    import models.data._fetch as module

    monkeypatch.setattr(module, "UNFINISHED", ".full")
    (tmp_path / "a.gz.full").symlink_to("/dev/full")
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    with pytest.raises(NotFetched, match=r"cannot be written: No space left on device"):
        fetch(origin(), tmp_path, lambda *_: None)


def test_a_place_that_cannot_be_written_is_told(origin, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotFetched, match=r"file/data: cannot be written: Not a directory"):
        fetch(origin(), tmp_path / "file" / "data", lambda *_: None)


@pytest.fixture
def small_cifar(monkeypatch, tmp_path):
    """CIFAR-10 as if it had been published with few pictures, in a folder, and an empty cache."""
    packed = cifar_archive()
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "cifar-10-binary.tar.gz").write_bytes(packed)
    published = Origin(("http://127.0.0.1:9/",), (remote("cifar-10-binary.tar.gz", packed, *TRAIN, *TEST),))
    monkeypatch.setattr(DATA["cifar10"], "origin", published)
    monkeypatch.setattr(DATA["cifar10"], "counts", (100, 20))
    monkeypatch.setenv("PUSHFORWARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "published"


def test_the_command_fetches_from_a_folder_and_only_what_it_knows(small_cifar, tmp_path, capsys):
    assert main(["fetch", "cifar10", "--from", str(small_cifar)]) == 0
    assert capsys.readouterr().out.startswith("CIFAR-10: ")
    assert left_in(tmp_path / "cache" / "data" / "cifar10") == sorted((*TRAIN, *TEST))
    law = DATA.parse("cifar10")
    x, labels = law.draw_told(200, torch.Generator().manual_seed(0))
    assert (law.size, len(law.held_out_sample(99, torch.Generator()))) == (100, 20)
    assert x.shape == (200, 3072)
    assert set(labels.tolist()) == set(range(10))


def test_the_command_says_in_one_line_what_is_wrong(small_cifar, capsys):
    assert main(["fetch", "cifar10"]) == 2
    assert "CIFAR-10: http://127.0.0.1:9/cifar-10-binary.tar.gz: cannot be reached" in capsys.readouterr().err
    assert main(["fetch", "cifar11"]) == 2
    assert "did you mean 'cifar10'" in capsys.readouterr().err
    assert main(["fetch", "mnist", "--from", os.devnull]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_progress_is_streamed_for_programs(small_cifar, capsys):
    assert main(["fetch", "cifar10", "--stream", "--from", str(small_cifar)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith('{"bytes": 0, "of": ')
    assert 2 <= len(lines) <= 101
