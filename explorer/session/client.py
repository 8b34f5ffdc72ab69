"""The window's end: a thread that owns both processes, keeps them alive and talks to them. No Qt, no torch."""

from __future__ import annotations

import math
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import wait
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from explorer.session import commands, messages
from explorer.session.channel import Channel
from explorer.session.commands import Command
from explorer.session.history import History
from explorer.session.hosts import Host, LoopHost, ProcessHost
from explorer.session.mailbox import Mailbox
from explorer.session.messages import Message
from explorer.session.processes import Loop, calm_torch, observe, train
from explorer.session.snapshot import Snapshot
from explorer.session.standing import Standing

DEATHS: Final = 3
WITHIN: Final = 10.0  # seconds: as many deaths in so short a time are a loop that restarting does not end
GRACE: Final = 1.0  # seconds that a process is given to end by itself

_Who = messages.Who


class Session:
    """A trainer and an observer, and all that goes back and forth between them and the window."""

    def __init__(self, *, in_process: bool = False, hosts: dict[_Who, Host] | None = None) -> None:
        """Prepare; nothing runs before ``start``.

        Args:
            in_process: run both loops inside the training thread, for debugging and small machines.
            hosts: where the loops live, for tests.
        """
        self.history = History()
        self._mailbox = Mailbox()
        self._folder = Path(tempfile.mkdtemp(prefix="pushforward-"))
        made = hosts or (loop_hosts(self._folder) if in_process else process_hosts(self._folder))
        self._thread = TrainingThread(made, self._mailbox, self.history)

    def start(self) -> None:
        """Start both loops; returns at once, ``Ready`` comes as the first message."""
        self._thread.start()

    def send(self, command: Command) -> None:
        """Hand over a command; never waits. After ``close`` it is dropped."""
        self._thread.send(command)

    def take(self) -> tuple[Snapshot | None, list[Message]]:
        """The newest snapshot, if it is new, and every other message since the last time.

        To be called some sixty times a second. Taking a snapshot lets the observer make the next.
        """
        snapshot, received = self._mailbox.take()
        if snapshot is not None:
            self.send(commands.Taken())
        return snapshot, received

    def close(self, timeout: float = 5.0) -> None:
        """End everything within about ``timeout`` seconds; what had been reported can still be taken."""
        if self._thread.is_alive():
            self.send(commands.Quit())
            self._thread.join(timeout)
            self._thread.kill()
            self._thread.join(1.0)
        shutil.rmtree(self._folder, ignore_errors=True)


class TrainingThread(threading.Thread):
    """Forwards commands and messages, and restarts what dies."""

    def __init__(self, hosts: dict[_Who, Host], mailbox: Mailbox, history: History) -> None:
        super().__init__(name="TrainingThread", daemon=True)
        self._hosts = hosts
        self._mailbox = mailbox
        self._standing = Standing(history)
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._awake = threading.Event()
        self._alarm, self._bell = Pipe(duplex=False)
        self._deaths: dict[_Who, deque[float]] = {who: deque(maxlen=DEATHS) for who in hosts}
        self._down: set[_Who] = set()
        self._is_announced = False
        self._is_quitting = False
        self._has_told = False

    def send(self, command: Command) -> None:
        """Take a command from another thread, and wake up."""
        self._commands.put(command)
        if not self._awake.is_set():
            self._awake.set()
            with suppress(OSError):  # the thread has ended: a timer of the window was late, and nobody obeys any more
                self._bell.send_bytes(b"!")

    def kill(self) -> None:
        """End what did not end by itself, from another thread."""
        for host in self._hosts.values():
            host.kill()

    def run(self) -> None:
        """The thread's loop."""
        for host in self._hosts.values():
            host.start()
        while not self._is_quitting:
            self._has_told = False
            self._route_all()
            pause = min(host.tick() for host in self._hosts.values())
            self._receive_all()
            self._bury_all()
            if not self._is_quitting:
                # A loop in this thread must see at once what this round had to tell it.
                self._sleep(0.0 if self._has_told else pause)
        self._stop()

    def _sleep(self, pause: float) -> None:
        signs = [sign for who, host in self._hosts.items() if who not in self._down for sign in host.signs()]
        ready = wait([self._alarm, *signs], None if pause == math.inf else pause)
        if self._alarm in ready:
            self._alarm.recv_bytes()
            self._awake.clear()  # before the commands are taken: a later one rings again

    def _route_all(self) -> None:
        while not self._is_quitting:
            try:
                self._route(self._commands.get_nowait())
            except Empty:
                return

    def _route(self, command: Command) -> None:
        if isinstance(command, commands.Quit):
            self._is_quitting = True
            return
        self._standing.note(command)
        if isinstance(command, (commands.Start, commands.Load)):
            self._revive_the_fallen()
        self._tell("trainer" if isinstance(command, commands.TrainerCommand) else "observer", command)

    def _tell(self, who: _Who, command: Command) -> None:
        if who not in self._down:
            self._has_told = True
            self._hosts[who].channel.send(command)

    def _receive_all(self) -> None:
        for who in self._hosts:
            if who not in self._down:
                for message in self._hosts[who].channel.receive():
                    self._hand_on(message)

    def _hand_on(self, message: Message) -> None:
        if isinstance(message, messages.Ready):
            if self._is_announced:  # a process that was started again repeats what the window knows
                return
            self._is_announced = True
        elif not self._standing.learn(message):
            if isinstance(message, Snapshot):  # nobody will take it, and the observer waits for that
                self._tell("observer", commands.Taken())
            return
        if isinstance(message, messages.Started):
            if self._mailbox.forget_snapshot():
                self._tell("observer", commands.Taken())
            self._tell("observer", commands.Observe(message.run, message.recipe, message.weights))
        elif isinstance(message, messages.Changed):
            self._tell("observer", commands.Change(message.run, message.recipe))
        self._mailbox.post(message)

    def _bury_all(self) -> None:
        for who, host in self._hosts.items():
            if who not in self._down and (problem := host.death()):
                self._bury(who, problem)

    def _bury(self, who: _Who, problem: str) -> None:
        deaths = self._deaths[who]
        deaths.append(time.monotonic())
        if len(deaths) == DEATHS and deaths[-1] - deaths[0] < WITHIN:
            self._down.add(who)
            problem += (
                f" That was the {DEATHS}rd time in {WITHIN:.0f} seconds, so it stays down until the next run is begun."
            )
        self._mailbox.post(messages.Died(who, problem))
        if who not in self._down:
            self._start_again(who)

    def _revive_the_fallen(self) -> None:
        fallen, self._down = self._down, set()
        for who in fallen:
            self._deaths[who].clear()
            self._hosts[who].start()
        for command in self._standing.settings() if "trainer" in fallen else []:
            self._tell("trainer", command)
        for command in self._standing.observer_commands() if "observer" in fallen else []:
            self._tell("observer", command)

    def _start_again(self, who: _Who) -> None:
        self._has_told = True
        self._hosts[who].start()
        remembered: dict[_Who, Callable[[], list[Command]]] = {
            "trainer": self._standing.trainer_commands,
            "observer": self._standing.observer_commands,
        }
        for command in remembered[who]():
            self._tell(who, command)

    def _stop(self) -> None:
        """End both loops, taking in all that they still report."""
        deadline = time.monotonic() + GRACE
        living: list[_Who] = [who for who in self._hosts if who not in self._down]
        for who in living:
            self._tell(who, commands.Quit())
            self._hosts[who].tick()
        while any(not self._hosts[who].channel.closed for who in living) and time.monotonic() < deadline:
            signs = [sign for who in living for sign in self._hosts[who].signs()]
            if not signs:
                break
            wait(signs, max(0.0, deadline - time.monotonic()))
            self._receive_all()
        self._receive_all()
        for host in self._hosts.values():
            host.stop(deadline)
        self._alarm.close()
        self._bell.close()


def process_hosts(folder: Path) -> dict[_Who, Host]:
    """Each loop in a process of its own."""
    return {
        "trainer": ProcessHost("Pushforward trainer", train, str(folder)),
        "observer": ProcessHost("Pushforward observer", observe, str(folder)),
    }


def loop_hosts(folder: Path) -> dict[_Who, Host]:
    """Both loops in the training thread; they and torch are imported there, after the window is on the screen."""

    def trainer(channel: Channel) -> Loop:
        calm_torch()
        from explorer.session.trainer_loop import TrainerLoop

        return TrainerLoop(channel, folder)

    def observer(channel: Channel) -> Loop:
        from explorer.session.observer_loop import ObserverLoop

        return ObserverLoop(channel)

    return {"trainer": LoopHost(trainer), "observer": LoopHost(observer)}
