# SPDX-License-Identifier: Apache-2.0
"""The administrator's programs: hooks that are told, hang and fail; a command that is a track.

None of them may delay the election, keep the daemon's rights or outlive it.
"""

import json
import os
import time

from havip_lab import files, testing, wait_until
from havip_lab.lab import NODES

NOTICED = 700  # as without any hook: HAProxy's death is felt at once

# The hooks are not root, and the folder takes what they write.
FOLDER = "/run/told"
TELL = ("echo $HAVIP_SEQUENCE $HAVIP_VIRTUAL_ROUTER $HAVIP_PREVIOUS_STATE $HAVIP_STATE "
        "$HAVIP_NODE >>" + FOLDER)
PROGRAMS = {
    "tell": f"{TELL}/tell",
    "hang": f"echo $$ >>{FOLDER}/hang; exec sleep 1000",
    "fail": f"{TELL}/fail; echo no answer from the cloud >&2; exit 3",
    "rights": f"id -u >{FOLDER}/uid; grep -E '^(Cap|NoNew|SigIgn)' /proc/self/status >{FOLDER}/rights",
    "check": f"[ ! -e {FOLDER}/bad ] || {{ echo disk full; exit 2; }}",
}
TRACK = """
[[track]]
command = ["/etc/havip/check"]
interval = "100ms"
timeout = "1s"
otherwise = { lower = 100 }
"""


def hooks(*names):
    return "".join(f'\n[[hook]]\ncommand = ["/etc/havip/{name}"]\n' for name in names)


class ProgramsTest(testing.LabTest):
    more = ""  # of the configuration

    def setUp(self):
        super().setUp()
        for node in self.lab.nodes.values():
            node.space.run("mkdir", "--mode", "1777", FOLDER)
            for name, script in PROGRAMS.items():
                node.space.write(f"/etc/havip/{name}", f"#!/bin/sh\n{script}\n")
                node.space.run("chmod", "755", f"/etc/havip/{name}")
            node.configure(files.havip_toml(NODES) + self.more)
        self.lab.start()
        self.lb2.until_state("backup")
        self.addCleanup(lambda: self.assertEqual([], [d.name for d in self.lab.crashed()]))

    def lines(self, node, name):
        """What a program wrote, as lists of words."""
        try:
            with open(node.space.path(f"{FOLDER}/{name}"), encoding="ascii") as file:
                return [line.split() for line in file]
        except FileNotFoundError:
            return []

    def until_told(self, node, state, within=10):
        wait_until(lambda: (self.lines(node, "tell") or [[""] * 5])[-1][3] == state, within,
                   f"the hook of {node.name} is told of {state}")

    def assert_gone(self, pid):
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), 5, f"process {pid} is gone")


class Hooks(ProgramsTest):
    more = hooks("tell", "hang", "fail", "rights")

    def test_are_told_of_each_transition_in_order_whatever_the_others_do(self):
        self.until_told(self.lb1, "active")
        self.until_told(self.lb2, "backup")
        self.assert_loses_at_most(NOTICED, self.lb2, self.lb1.haproxy.kill)
        self.until_told(self.lb1, "fault")
        self.until_told(self.lb2, "active")
        self.lb1.start_haproxy()
        self.lab.until_only_holder("lb1", within=15)
        self.until_told(self.lb1, "active")
        self.until_told(self.lb2, "backup")

        for node in (self.lb1, self.lb2):
            told = self.lines(node, "tell")
            self.assertEqual([int(line[0]) for line in told], list(range(1, len(told) + 1)))
            self.assertEqual({(line[1], line[4]) for line in told}, {("public", node.name)})
                # Each run begins where the one before it ended.
            self.assertEqual([line[2] for line in told], ["init"] + [line[3] for line in told[:-1]])

    def test_that_fail_are_tried_again_and_the_log_says_why(self):
        self.until_told(self.lb1, "active")
        tries = wait_until(
            lambda: [line for line in self.lines(self.lb1, "fail") if line[3] == "active"][1:], 10,
            "the hook that fails is tried again")
        self.assertGreater(int(tries[0][0]), 1)
        self.assertIn('hook /etc/havip/fail: public active: exit status 3: '
                      '"no answer from the cloud"; again in', self.lb1.havip.said(100))

    def test_have_none_of_the_daemons_rights(self):
        rights = wait_until(lambda: self.lines(self.lb1, "rights"), 10, "the hook has run")
        found = dict(rights)
        self.assertEqual({name: int(found[name], 16) for name in
                          ("CapInh:", "CapPrm:", "CapEff:", "CapAmb:", "NoNewPrivs:")},
                         {"CapInh:": 0, "CapPrm:": 0, "CapEff:": 0, "CapAmb:": 0,
                          "NoNewPrivs:": 1})
        # The daemon ignores SIGPIPE; a program that did would go on writing to nobody. 32 and 33
        # are the C library's.
        self.assertEqual(int(found["SigIgn:"], 16) & ~(3 << 31), 0)
        self.assertNotEqual(self.lines(self.lb1, "uid"), [["0"]])

    def test_that_hang_do_not_keep_the_daemon_from_ending(self):
        pid = wait_until(lambda: self.lines(self.lb1, "hang"), 10, "the hook hangs")[0][0]
        begin = time.monotonic()
        self.assertEqual(self.lb1.havip.stop(within=10), 0)
        # The farewell is 2 s; 500 ms are for the hand-over.
        self.assertLess(time.monotonic() - begin, 5)
        self.assert_gone(pid)
        self.assertIn("hook /etc/havip/hang: not told before the end", self.lb1.havip.said(100))

    def test_die_with_a_daemon_that_is_killed(self):
        pid = wait_until(lambda: self.lines(self.lb1, "hang"), 10, "the hook hangs")[0][0]
        self.lb1.havip.kill()
        self.assert_gone(pid)


class ACommandTrack(ProgramsTest):
    more = TRACK

    def test_that_fails_moves_the_address_and_brings_it_back_when_it_is_well(self):
        bad = self.lb1.space.path(f"{FOLDER}/bad")

        def fail():
            with open(bad, "w", encoding="ascii"):
                pass

        self.assert_loses_at_most(NOTICED, self.lb2, fail)
        status = self.lb1.status()
        # 150 - 100 is less than the other node's 100.
        self.assertEqual(status["virtual_routers"][0]["priority"]["effective"], 50)
        self.assertIn("disk full", json.dumps(status))

        # recover_after is 2 s.
        self.assert_loses_at_most(NOTICED, self.lb1, lambda: os.unlink(bad), within=15)
        self.assertEqual(self.lb1.router()["priority"]["effective"], 150)
        self.assert_only_holder(self.lb1, lasting=1)


if __name__ == "__main__":
    testing.main()
