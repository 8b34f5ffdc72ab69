"""The mailbox between two threads."""

from __future__ import annotations

import threading

import numpy as np

from explorer.session.mailbox import Mailbox
from explorer.session.messages import Finished, Kept, Progress, Rows
from explorer.session.snapshot import Snapshot


def snapshot(step):
    return Snapshot(run=1, step=step, seconds=0.0, live=True, pictures={})


def test_the_newest_snapshot_wins_and_is_given_once():
    mailbox = Mailbox()
    mailbox.post(snapshot(1))
    mailbox.post(snapshot(2))
    assert mailbox.take()[0].step == 2
    assert mailbox.take() == (None, [])


def test_messages_keep_their_order_and_progress_is_the_newest():
    mailbox = Mailbox()
    for message in (Progress(1, 1, 0, 0, True), Finished(1, 2), Progress(1, 2, 0, 0, False)):
        mailbox.post(message)
    assert mailbox.take()[1] == [Finished(1, 2), Progress(1, 2, 0, 0, False)]


def test_states_that_were_asked_for_are_all_handed_over():
    mailbox = Mailbox()
    for step, asked in ((1, True), (2, False), (3, False), (4, True)):
        mailbox.post(Kept(1, step, 0.0, {}, asked))
    assert [message.step for message in mailbox.take()[1]] == [1, 3, 4]


def test_no_row_is_lost_between_two_threads():
    mailbox = Mailbox()
    n = 5_000
    seen: list[int] = []

    def post():
        for step in range(n):
            mailbox.post(Rows(1, ("loss",), np.array([step]), np.array([[0.0]])))
            mailbox.post(snapshot(step))

    thread = threading.Thread(target=post)
    thread.start()
    newest = -1
    while thread.is_alive():
        shown, messages = mailbox.take()
        seen += [int(rows.steps[0]) for rows in messages]
        if shown is not None:
            assert shown.step > newest
            newest = shown.step
    thread.join()
    seen += [int(rows.steps[0]) for rows in mailbox.take()[1]]
    assert seen == list(range(n))
