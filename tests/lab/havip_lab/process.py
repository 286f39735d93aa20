# SPDX-License-Identifier: Apache-2.0
"""Programs that run inside a namespace, and how they end.

Every program started here dies with the lab, whatever happens to the lab: at the end it is told
to stop and waited for, and should the lab itself be killed without a chance to do so, the kernel
kills it (PR_SET_PDEATHSIG). That signal comes when the *thread* that started the program ends, so
start programs from the main thread.
"""

import os
import signal
import subprocess
import time


class LabError(Exception):
    """The lab could not do what it was asked to: what failed, for the person who reads it."""


def wait_until(condition, within, what):
    """Waits until condition() is true and returns its value; asks every 10 ms.

    Raises LabError naming `what` when that has not happened within so many seconds.
    """
    deadline = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise LabError(f"not within {within:g} s: {what}")
        time.sleep(0.01)


def bound_to_this_thread(command):
    """The command line that runs `command` and has the kernel kill it when this thread ends."""
    return ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)]


class Daemon:
    """A program that runs in the background, with all that it prints kept in a file.

    It leads a session of its own, so that Ctrl-C in the terminal reaches only the lab.
    """

    def __init__(self, name, command, log, environment=None, keep_descriptors=()):
        self.name = name
        self.log = log
        self._killed = False
        with open(log, "ab") as output:
            self._process = subprocess.Popen(
                bound_to_this_thread(command), stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True, env=environment,
                pass_fds=keep_descriptors)

    @property
    def pid(self):
        return self._process.pid

    @property
    def status(self):
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def running(self):
        return self.status is None

    def signal(self, number):
        """Does nothing when it has ended already: its pid may be somebody else's by now."""
        if self.running():
            self._process.send_signal(number)

    def wait(self, within=5.0):
        """Returns the exit status."""
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name} (pid {self.pid}) did not end within {within:g} s") from None

    def kill(self):
        """SIGKILL: the program learns nothing and cleans nothing up."""
        self._killed = True
        self.signal(signal.SIGKILL)
        return self.wait()

    def stop(self, within=5.0):
        """SIGTERM, and SIGKILL if that is not heard; returns the exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(within)
        except LabError:
            return self.kill()

    def died(self):
        """Whether it ended though nobody killed it: how a test finds a crash."""
        well = (0, -signal.SIGTERM)
        return not self.running() and not self._killed and self.status not in well

    def said(self, lines=15):
        """The last lines that it printed."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return "".join(file.readlines()[-lines:])
        except FileNotFoundError:
            return ""


def require_tools(*names):
    """Raises LabError unless root runs this and each program is there."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root: it makes network namespaces")
    path = os.environ.get("PATH", os.defpath)
    # Debian keeps haproxy and ip where only root's PATH looks.
    search = path.split(":") + ["/usr/sbin", "/sbin"]
    for name in names:
        if not any(os.access(os.path.join(folder, name), os.X_OK) for folder in search):
            raise LabError(f"{name} is not installed; run: packaging/install-deps build run test")
