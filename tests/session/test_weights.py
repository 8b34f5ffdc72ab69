"""The file of weights: newest wins, never torn."""

from __future__ import annotations

import errno
import threading
import time

import numpy as np
import pytest

from explorer.session.weights import WeightsReader, WeightsWriter


def test_a_reader_gets_each_weights_once(tmp_path):
    writer = WeightsWriter(tmp_path, 1, 3)
    reader = WeightsReader(writer.path)
    assert reader.read() is None
    writer.write(5, 0.25, np.array([1, 2, 3], np.float32))
    step, seconds, values, _ = reader.read()
    assert (step, seconds) == (5, 0.25)
    np.testing.assert_array_equal(values, [1, 2, 3])
    assert reader.read() is None


def test_weights_of_one_read_never_change(tmp_path):
    writer = WeightsWriter(tmp_path, 1, 3)
    reader = WeightsReader(writer.path)
    writer.write(1, 0.0, np.ones(3, np.float32))
    before = reader.read()
    writer.write(2, 0.0, np.zeros(3, np.float32))
    np.testing.assert_array_equal(before.values, np.ones(3))


def test_nothing_torn_is_read_under_a_hammering_writer(tmp_path):
    n = 2_000
    writer = WeightsWriter(tmp_path, 1, n)
    reader = WeightsReader(writer.path)
    stop = threading.Event()

    def hammer():
        step = 0
        while not stop.is_set():
            step += 1
            writer.write(step, float(step), np.full(n, step, np.float32))

    thread = threading.Thread(target=hammer)
    thread.start()
    last = reads = 0
    until = time.monotonic() + 10
    while reads < 50 and time.monotonic() < until:
        weights = reader.read()
        if weights is not None:
            reads += 1
            assert weights.step > last
            assert weights.seconds == weights.step
            assert (weights.values == weights.step).all()
            last = weights.step
    stop.set()
    thread.join()
    assert reads == 50


def test_a_writer_that_died_in_the_middle_is_not_believed(tmp_path):
    writer = WeightsWriter(tmp_path, 1, 3)
    writer.write(1, 0.0, np.ones(3, np.float32))
    reader = WeightsReader(writer.path)
    writer._fields.numbers[0] += 1
    assert reader.read() is None


def test_a_full_disk_is_an_error_at_once_and_leaves_nothing(tmp_path, monkeypatch):
    def fdopen(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("explorer.session.weights.os.fdopen", fdopen)
    with pytest.raises(OSError, match="No space"):
        WeightsWriter(tmp_path, 1, 3)
    assert list(tmp_path.iterdir()) == []


def test_closing_removes_the_file(tmp_path):
    writer = WeightsWriter(tmp_path, 1, 3)
    writer.close()
    assert list(tmp_path.iterdir()) == []
