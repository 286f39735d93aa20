# SPDX-License-Identifier: Apache-2.0
"""What a client notices: requests sent on schedule, and what became of each.

The prober (prober.py) is a program of its own in the client's namespace. Every 10 ms it opens a
new TCP connection and asks for "/", whether or not the earlier requests were answered (an open
loop: a client that waits for its answers would count one lost request where a thousand users
lose one each). A request is *good* when the head of an answer with status 200 has come within
0.9 s; it says in X-Node which load balancer answered. All else is *lost*: refused, reset, no
route, another status, nothing. 0.9 s because the kernel repeats a lost SYN after 1 s: a request
that only the repetition brought through is lost to its user, too.

Figures for a window of time:

    requests   sent in the window
    lost       those of them that were lost
    silence    the longest time between the arrivals of two successive good answers, counting
               from the last one before the window to the first one after its end. Undisturbed it
               is the interval of 10 ms plus what the machine adds.
    stall      the latest that a request of the window left after it was due. The figures cannot
               be finer than that; when it is large the machine was busy, not the address silent.

Times are CLOCK_MONOTONIC, which all namespaces of a machine share.
"""

import collections
import dataclasses
import os
import subprocess
import sys
import threading
import time

from .process import LabError, bound_to_this_thread

INTERVAL = 0.010
PATIENCE = 0.9
# What is remembered, for a lab that is left up for days: ten minutes.
_MEMORY = 60_000


@dataclasses.dataclass(frozen=True)
class Record:
    """One request. `answer` is the node that answered, or what went wrong."""

    sent: float
    ended: float
    good: bool
    late: float
    answer: str


@dataclasses.dataclass(frozen=True)
class Loss:
    """What a client lost in a window; the module says what each figure is. Times in ms."""

    requests: int
    lost: int
    silence: float
    stall: float
    errors: dict

    def __str__(self):
        text = f"lost {self.lost} of {self.requests} requests, silence {self.silence:.0f} ms"
        if self.errors:
            text += " (" + ", ".join(f"{count} {what}" for what, count in self.errors.items()) + ")"
        return text


class Probe:
    """The prober seen from the lab: starts it, collects its records, counts."""

    def __init__(self, space, address, port=80, interval=INTERVAL):
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        command = space.command(sys.executable, "-m", "havip_lab.prober", address, port,
                                interval)
        self._process = subprocess.Popen(
            bound_to_this_thread(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            text=True, start_new_session=True, env=dict(os.environ, PYTHONPATH=package))
        self._records = collections.deque(maxlen=_MEMORY)
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def wait_for_answer(self, node, since, within):
        """Waits for a good answer by `node` to a request sent after `since`; returns when it came.

        Raises LabError when none has come `within` seconds of `since`.
        """
        with self._news:
            while True:
                first = None
                for record in reversed(self._records):
                    if record.ended < since:
                        break
                    if record.good and record.answer == node and record.sent >= since:
                        first = record.ended
                if first:
                    return first
                left = since + within - time.monotonic()
                if left <= 0:
                    raise LabError(f"not within {within:g} s: {node} answers the client")
                self._alive()
                self._news.wait(min(left, 0.2))

    def answering(self):
        """The node that gave the newest good answer; None before the first."""
        with self._news:
            for record in reversed(self._records):
                if record.good:
                    return record.answer
        return None

    def loss(self, begin, end):
        """What the client lost between two moments; waits until all those requests are decided."""
        # Two intervals more than the last request can take, for the prober's own granularity.
        settled = end + PATIENCE + 2 * INTERVAL
        while time.monotonic() < settled:
            self._alive()
            time.sleep(min(0.05, max(0.0, settled - time.monotonic())))
        with self._news:
            records = list(self._records)
        return count(records, begin, end)

    def _alive(self):
        if self._process.poll() is not None:
            raise LabError(f"the prober ended with status {self._process.returncode}")

    def _collect(self):
        for line in self._process.stdout:
            sent, ended, good, late, answer = line.split(" ", 4)
            record = Record(float(sent), float(ended), good == "1", float(late), answer.strip())
            with self._news:
                self._records.append(record)
                self._news.notify_all()


def count(records, begin, end):
    """The figures of the window from `begin` to `end`."""
    window = [record for record in records if begin <= record.sent < end]
    errors = {}
    for record in window:
        if not record.good:
            errors[record.answer] = errors.get(record.answer, 0) + 1
    arrivals = sorted(record.ended for record in records if record.good)
    before = [moment for moment in arrivals if moment < begin][-1:] or [begin]
    after = [moment for moment in arrivals if moment >= end][:1] or [end]
    moments = before + [moment for moment in arrivals if begin <= moment < end] + after
    silence = max(later - earlier for earlier, later in zip(moments, moments[1:]))
    return Loss(requests=len(window), lost=sum(errors.values()), silence=silence * 1000,
                stall=max((record.late for record in window), default=0.0) * 1000, errors=errors)
