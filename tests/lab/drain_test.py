# SPDX-License-Identifier: Apache-2.0
"""Maintenance: `curl -X POST localhost:8406/drain` on a node, as root, and what becomes of it."""

import json
import time

from havip_lab import testing, wait_until

TOLD = 400  # nobody waits out a detection time

DRAIN = "localhost:8406/drain"
UNDRAIN = "localhost:8406/undrain"


class DrainTest(testing.PairTest):
    def curl(self, node, *arguments, before=()):
        """Runs curl on the node; returns the status and the body."""
        done = node.space.run(*before, "curl", "-sS", "-w", "\n%{http_code}", *arguments, within=30)
        body, _, code = done.stdout.rpartition("\n")
        return int(code), body

    def drain(self, node):
        code, body = self.curl(node, "-X", "POST", DRAIN)
        self.assertEqual(code, 200, body)

    def assert_drained(self, node):
        self.assertTrue(node.status()["drained"])
        self.assertIn(node.state(), ("backup", "fault"))


class ADrain(DrainTest):
    def test_moves_the_address_and_an_undrain_brings_it_back(self):
        self.assert_loses_at_most(TOLD, self.lb2, lambda: self.drain(self.lb1))
        self.assert_drained(self.lb1)
        self.assert_only_holder(self.lb2, lasting=1)

        def undrain():
            code, body = self.curl(self.lb1, "-X", "POST", UNDRAIN)
            self.assertEqual(code, 200, body)

        self.assert_loses_at_most(TOLD, self.lb1, undrain)
        self.assertFalse(self.lb1.status()["drained"])
        self.assert_only_holder(self.lb1)

    def test_is_over_when_curl_returns(self):
        self.drain(self.lb1)
        self.assertFalse(self.lb1.holds_address())
        self.assertTrue(self.lb2.holds_address())

    def test_of_a_backup_moves_nothing_and_keeps_it_backup(self):
        self.drain(self.lb2)
        self.assert_drained(self.lb2)
        self.assert_only_holder(self.lb1)

    def test_again_is_no_error(self):
        self.drain(self.lb1)
        self.drain(self.lb1)
        self.assert_drained(self.lb1)
        self.assert_only_holder(self.lb2)

    def test_keeps_its_reason(self):
        code, body = self.curl(self.lb1, "-X", "POST", DRAIN + "?reason=new%20kernel")
        self.assertEqual(code, 200, body)
        self.assertEqual(self.lb1.status()["drain"]["reason"], "new kernel")

    def test_can_be_given_on_the_command_line(self):
        self.assertEqual(self.lb1.space.run("havip", "drain", "--reason", "disks").returncode, 0)
        self.assert_drained(self.lb1)
        self.assert_only_holder(self.lb2)

        self.assertEqual(self.lb1.space.run("havip", "undrain").returncode, 0)
        self.lab.until_only_holder("lb1")


class ADrainedNode(DrainTest):
    def setUp(self):
        super().setUp()
        self.drain(self.lb1)
        self.lab.until_only_holder("lb2")

    def test_stays_drained_over_a_restart(self):
        self.lb1.havip.stop()
        self.lb1.start_havip()
        # From the first answer on, though it may not have asked HAProxy yet.
        self.assertTrue(self.lb1.status()["drained"])
        # Undrained it would have taken over within 400 ms.
        self.assert_only_holder(self.lb2, lasting=1.5)
        self.assert_drained(self.lb1)

    def test_stays_drained_when_the_daemon_was_killed(self):
        self.lb1.havip.kill()
        self.lb1.start_havip()
        self.assert_only_holder(self.lb2, lasting=1.5)
        self.assert_drained(self.lb1)

    def test_that_was_undrained_stays_so_over_a_restart(self):
        self.lb1.ask("POST", "/undrain")
        self.lab.until_only_holder("lb1")
        self.lb1.havip.stop()
        self.lb1.start_havip()
        self.lab.until_only_holder("lb1")
        self.assertFalse(self.lb1.status()["drained"])

    def test_says_so_when_asked(self):
        code, body = self.curl(self.lb1, "-H", "Accept: application/json", DRAIN)
        self.assertEqual(code, 200)
        self.assertTrue(json.loads(body)["drained"])


class WithoutAFitPeer(DrainTest):
    def assert_refused(self):
        def refused():
            code, body = self.curl(self.lb1, "-X", "POST", DRAIN)
            self.assertEqual(code, 409, body)

        self.assert_loses_at_most(TOLD, self.lb1, refused)
        self.assertFalse(self.lb1.status()["drained"])
        self.assert_only_holder(self.lb1, lasting=1)

    def test_a_drain_is_refused_and_the_address_stays(self):
        self.lb2.havip.stop()
        self.assert_refused()

    def test_whose_haproxy_is_dead_a_drain_is_refused_and_the_address_stays(self):
        self.lb2.haproxy.kill()
        wait_until(lambda: self.lb2.state() == "fault", 5, "lb2 is in fault")
        self.assert_refused()


class WhoMayDrain(DrainTest):
    NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--")

    def test_a_user_without_rights_may_look_but_not_touch(self):
        code, _ = self.curl(self.lb1, "localhost:8406/v1/status", before=self.NOBODY)
        self.assertEqual(code, 200)

        for path in ("drain", "undrain", "announce"):
            code, _ = self.curl(self.lb1, "-X", "POST", f"localhost:8406/{path}",
                                before=self.NOBODY)
            self.assertEqual(code, 403, path)
        self.assertFalse(self.lb1.status()["drained"])
        self.assert_only_holder(self.lb1)

    def test_looking_never_drains(self):
        code, _ = self.curl(self.lb1, UNDRAIN)
        self.assertEqual(code, 405)
        code, _ = self.curl(self.lb1, DRAIN)
        self.assertEqual(code, 200)
        time.sleep(0.3)
        self.assertFalse(self.lb1.status()["drained"])


if __name__ == "__main__":
    testing.main()
