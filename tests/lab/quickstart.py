# SPDX-License-Identifier: Apache-2.0
"""The tour that packaging/quickstart gives: what a client notices of each thing that happens.

Every step is performed while the client asks, has a bound on what the client may lose, and must
end with the right load balancer alone holding the address. Exit status 0 when all did.
"""

import argparse
import dataclasses
import os
import signal
import sys
import time
from typing import Callable

from havip_lab import Lab, LabError, Stopped, end_on_signals, wait_until
from havip_lab.files import VIRTUAL_ADDRESS
from havip_lab.probe import INTERVAL

# How long the client is watched after the other load balancer has answered it first.
AFTERMATH = 0.3

PICTURE = """\
                   client     asks http://{address}/ every {interval:.0f} ms,
                      |       each time by a new connection
          +-------- switch --------+
          |                        |
   +------+-------+         +------+-------+
   | lb1          |         | lb2          |     on each: HAProxy, two web servers
   | 192.0.2.11   |         | 192.0.2.12   |     behind it, and havip with the
   | priority 150 |         | priority 100 |     same havip.toml
   +--------------+         +--------------+
"""

TRY = """\
The pair stays up until Ctrl-C (or: kill {pid}). What the client loses is shown as it happens.

  status pages    {pages}
  a shell on lb1  {folder}/enter-lb1          (enter-lb2, enter-client, enter-switch)

Things to try, from another terminal:
  {folder}/enter-lb1 havip status
  {folder}/enter-lb1 curl localhost:8406/v1/status
  {folder}/enter-client curl -i http://{address}/
  {folder}/enter-lb1 curl -X POST localhost:8406/drain      maintenance; undrain: its end
  {folder}/enter-switch ip link set lb1 down                pull a cable; up: back in
  kill -9 {haproxy}            HAProxy of lb1 dies; it is started again 5 s later
  kill -9 {havip}            havip of lb1 dies; it is started again 5 s later
"""


@dataclasses.dataclass(frozen=True)
class Step:
    """`name` is for the verdict, `title` for the reader. The bound is in ms of silence."""

    name: str
    title: str
    act: Callable[[Lab], None]
    then: str
    bound: float
    within: float = 10.0


def stop_haproxy(lab):
    lab.nodes["lb1"].haproxy.kill()


def start_haproxy(lab):
    lab.nodes["lb1"].start_haproxy()


def admin_post(path):
    def act(lab):
        # Exactly what an operator types on the node.
        done = lab.nodes["lb1"].space.run("curl", "-sS", "--fail-with-body", "-X", "POST",
                                          f"localhost:8406{path}", within=30, check=False)
        if done.returncode != 0:
            raise LabError(f"curl -X POST localhost:8406{path}: {done.stderr}{done.stdout}".strip())
    return act


STEPS = (
    Step("HAProxy killed", "lb1's HAProxy is killed (kill -9)", stop_haproxy, "lb2", 700),
    Step("HAProxy back", "lb1's HAProxy is started again", start_haproxy, "lb1", 400, within=20),
    Step("cable pulled", "lb1's network cable is pulled",
         lambda lab: lab.switch.pull_cable("lb1"), "lb2", 1200),
    Step("cable back", "lb1's network cable is back",
         lambda lab: lab.switch.plug_cable("lb1"), "lb1", 400, within=20),
    Step("drain", "on lb1: curl -X POST localhost:8406/drain", admin_post("/drain"), "lb2", 400),
    Step("undrain", "on lb1: curl -X POST localhost:8406/undrain", admin_post("/undrain"), "lb1",
         400, within=20),
)


class Screen:
    """Lines of the tour; in colour on a terminal only."""

    def __init__(self):
        self._colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self._width = max(len(step.title) for step in STEPS)

    def colour(self, number, text):
        return f"\033[{number}m{text}\033[0m" if self._colours else text

    def say(self, text="", end="\n"):
        print(text, end=end, flush=True)

    def head(self):
        self.say(f"  {'what happens':{self._width}}  answers  lost requests   silence    bound")

    def begin(self, title):
        self.say(f"  {title:{self._width}}", end="")

    def end(self, node, loss, bound, good):
        verdict = self.colour(32, "ok") if good else self.colour(31, "MISSED")
        limit = f"{bound:4.0f} ms  {verdict}" if bound else ""
        figures = f"{loss.lost:4} of {loss.requests:<6}  {loss.silence:4.0f} ms"
        self.say(f"  {node:7}  {figures}   {limit}")
        if loss.stall > 20 * INTERVAL * 1000:
            self.say(f"      (a busy machine: the client itself was late by {loss.stall:.0f} ms)")


class Failure(Exception):
    """A step did not do what it must."""


def perform(step, lab, probe, screen):
    """Returns what the client lost; raises Failure when it was too much or nobody took over."""
    screen.begin(step.title)
    begin = time.monotonic()
    try:
        step.act(lab)
        probe.wait_for_answer(step.then, begin, step.within)
        lab.until_only_holder(step.then)
        time.sleep(AFTERMATH)
        loss = probe.loss(begin, time.monotonic())
    except LabError as error:
        screen.say()
        raise Failure(f"{step.name}: {error}") from None
    # One request is due every INTERVAL: as many may be lost as fit into the bound.
    good = loss.silence <= step.bound and loss.lost * INTERVAL * 1000 <= step.bound
    screen.end(step.then, loss, step.bound, good)
    if not good:
        raise Failure(f"{step.name}: the client {loss}, allowed are {step.bound:.0f} ms")
    return f"{step.name} {loss.silence:.0f} ms ({loss.lost} lost)"


def tour(lab, probe, screen):
    """Returns the figures of all steps as text."""
    screen.head()
    screen.begin("nothing, for a second")
    begin = probe.wait_for_answer("lb1", time.monotonic(), 5)
    time.sleep(1)
    screen.end("lb1", probe.loss(begin, begin + 1), None, True)
    return ", ".join(perform(step, lab, probe, screen) for step in STEPS)


def keep(lab, probe, screen, ports):
    """Shows what the client loses until a signal ends it, and starts again what was killed."""
    node = lab.nodes["lb1"]
    screen.say("\n" + TRY.format(
        pid=os.getpid(), folder=lab.folder, address=VIRTUAL_ADDRESS, haproxy=node.haproxy.pid,
        havip=node.havip.pid, pages="  ".join(f"{name} http://127.0.0.1:{port}/"
                                              for name, port in ports.items())))
    begin = time.monotonic()
    before = probe.answering()
    dead = {}
    while True:
        time.sleep(0.2)
        now, answering = time.monotonic(), probe.answering()
        revive(lab, dead, screen)
        # One line for one disturbance: it is over when a second was good.
        if now - begin < 2 or (probe.loss(now - 1, now).lost and now - begin < 60):
            continue
        loss = probe.loss(begin, now)
        if loss.lost or answering != before:
            screen.say(f"  {time.strftime('%H:%M:%S')}  {answering} answers; the client {loss}")
        begin, before = now, answering


def revive(lab, dead, screen):
    """Starts a killed program again after 5 s, as a service manager would."""
    for node in lab.nodes.values():
        for name, start in (("haproxy", node.start_haproxy), ("havip", node.start_havip)):
            daemon = getattr(node, name)
            if daemon.running():
                continue
            died = dead.setdefault(daemon, time.monotonic())
            if time.monotonic() - died >= 5:
                start()
                screen.say(f"  {time.strftime('%H:%M:%S')}  {name} of {node.name} started again, "
                           f"pid {getattr(node, name).pid}")


def run(options, screen):
    with Lab(havip=options.havip) as lab:
        screen.say()
        screen.say(PICTURE.format(address=VIRTUAL_ADDRESS, interval=INTERVAL * 1000))
        try:
            lab.start()
            wait_until(lambda: lab.nodes["lb2"].state() == "backup", 5, "lb2 is backup")
            ports = {name: lab.forward(node) for name, node in lab.nodes.items()}
            screen.say(f"lb1 is active: {VIRTUAL_ADDRESS} is on it. Status pages of havip: "
                       + "  ".join(f"{name} http://127.0.0.1:{port}/"
                                   for name, port in ports.items()) + "\n")
            with lab.probe() as probe:
                verdict, good = judge(lab, probe, screen)
                if options.keep:
                    screen.say("\n" + verdict)
                    keep_until_told(lab, probe, screen, ports)
        except LabError as error:
            verdict, good = failed(error), False
        if not good:
            screen.say("\nwhat the programs said last:\n" + lab.report())
    screen.say("\n" + screen.colour(32 if good else 31, verdict))
    return 0 if good else 1


def failed(reason):
    """The last line of a bad tour: one line, whatever a program had to say."""
    return "quickstart: failed: " + " ".join(str(reason).split())


def judge(lab, probe, screen):
    """The tour's last line, and whether it is a good one."""
    try:
        figures = tour(lab, probe, screen)
    except Failure as failure:
        return failed(failure), False
    crashed = lab.crashed()
    if crashed:
        return failed(f"{crashed[0].name} ended with status {crashed[0].status}"), False
    return f"quickstart: ok: {figures}", True


def keep_until_told(lab, probe, screen, ports):
    try:
        keep(lab, probe, screen, ports)
    except Stopped as stopped:
        screen.say(f"  {stopped}: taking the pair down")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--havip", required=True, help="the program under test")
    parser.add_argument("--keep", action="store_true", help="leave the pair running until Ctrl-C")
    options = parser.parse_args()
    end_on_signals()
    screen = Screen()
    try:
        return run(options, screen)
    except Stopped as stopped:
        screen.say(f"\nquickstart: {stopped}")
        return 128 + stopped.number
    except LabError as error:
        screen.say(failed(error))
        return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        # The reader went away (| head). What is still buffered cannot be written either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(128 + signal.SIGPIPE)
