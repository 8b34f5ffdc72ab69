"""Channels over pipes and in memory keep the same promises."""

from __future__ import annotations

from multiprocessing import Pipe

import pytest

from explorer.session.channel import PipeChannel, Postbox, memory_channels


def pipe_channels():
    (ours, to_us), (theirs, to_them) = Pipe(duplex=False), Pipe(duplex=False)
    return PipeChannel(ours, to_them), PipeChannel(theirs, to_us)


def postboxes():
    here, there = pipe_channels()
    return here, Postbox(there)


@pytest.fixture(params=[memory_channels, pipe_channels, postboxes])
def ends(request):
    here, there = request.param()
    yield here, there
    here.close()
    there.close()


def receive(channel, n):
    items = []
    while len(items) < n:
        assert channel.wait(10.0)
        items += channel.receive()
    return items


def test_everything_arrives_in_order_both_ways(ends):
    here, there = ends
    for number in range(100):
        here.send(number)
        there.send(-number)
    assert receive(there, 100) == list(range(100))
    assert receive(here, 100) == [-number for number in range(100)]


def test_with_nothing_there_nothing_waits(ends):
    for end in ends:
        assert end.receive() == []
        assert not end.has_pending()
        assert not end.wait(0.0)
        assert not end.closed


def test_what_has_arrived_is_pending(ends):
    here, there = ends
    here.send("x")
    assert there.wait(10.0)
    assert there.has_pending()
    assert there.receive() == ["x"]


def test_the_end_of_one_is_noticed_by_the_other(ends):
    here, there = ends
    here.send("last")
    here.close()
    items = []
    while not there.closed:
        there.wait(10.0)
        items += there.receive()
    assert items + there.receive() == ["last"]
    there.send("into the void")


def test_two_that_send_more_than_a_pipe_holds_do_not_wait_for_each_other():
    here, there = postboxes()
    large = bytes(10_000_000)
    there.send(large)  # returns, though nobody reads yet
    here.send(large)
    assert receive(here, 1) == receive(there, 1) == [large]
    here.close()
    there.close()
