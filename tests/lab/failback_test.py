# SPDX-License-Identifier: Apache-2.0
"""The story that havip must make impossible: the primary is rebooted, and nobody can reach the
address when it comes back.

A reboot of the lab: havip and HAProxy end, nothing of the address and no neighbour is left in the
kernel, then havip starts, and HAProxy 5 s later.
"""

import time

from havip_lab import testing, wait_until

HAPROXY_IS_LATE = 5.0
# After HAProxy's first health checks havip waits 2 s before it preempts (process_recovery).
TRUSTED_AFTER = 1.5


class AReboot(testing.PairTest):
    def shut_down(self, crash=False):
        if crash:
            self.lb1.havip.kill()
            self.lb1.haproxy.kill()
        else:
            self.lb1.havip.stop()
            self.lb1.haproxy.stop()
        self.lb1.space.run("ip", "neighbour", "flush", "all")
        if self.lb1.holds_address():
            self.lb1.remove_address()
        self.lab.until_only_holder("lb2")

    def boot(self):
        self.lb1.start_havip()
        begin = time.monotonic()
        wait_until(lambda: self.lb1.status()["virtual_routers"], 5, "the election has begun")
        while time.monotonic() < begin + HAPROXY_IS_LATE:
            self.assertIn(self.lb1.state(), ("init", "fault"))
            self.assertEqual(self.lab.only_holder(), "lb2")
            time.sleep(0.1)
        self.assertIn("HAProxy is down", self.lb1.router()["why"])
        self.lb1.start_haproxy()
        return time.monotonic()

    def fail_back(self):
        """Boots lb1 while a client asks; answers when lb1 had the address, after HAProxy."""
        with self.lab.probe() as probe:
            probe.wait_for_answer("lb2", time.monotonic(), 5)
            begin = time.monotonic()
            served = self.boot()
            probe.wait_for_answer("lb1", served, 15)
            took = time.monotonic() - served
            self.lab.until_only_holder("lb1")
            time.sleep(testing.AFTERMATH)
            loss = probe.loss(begin, time.monotonic())
        print(f"\n    {loss}, {took:.1f} s after HAProxy", flush=True)
        return loss, took

    def assert_nothing_was_lost(self, loss):
        self.assertEqual(loss.lost, 0, loss)
        self.assertLessEqual(loss.silence, testing.PLANNED + loss.stall, loss)

    def test_gives_the_address_back_without_a_lost_request(self):
        self.shut_down()
        loss, took = self.fail_back()
        self.assert_nothing_was_lost(loss)
        self.assertGreaterEqual(took, TRUSTED_AFTER)
        self.assert_only_holder(self.lb1)

    def test_after_a_crash_gives_it_back_just_so(self):
        self.shut_down(crash=True)
        loss, _ = self.fail_back()
        self.assert_nothing_was_lost(loss)

    def test_takes_the_address_at_once_when_nobody_else_can(self):
        self.shut_down()
        self.boot()
        # It yields for 2 s after HAProxy came back, which keeps it from preempting only.
        wait_until(lambda: self.lb1.state() == "backup", 5, "lb1 takes part")
        self.assertEqual(self.lb1.router()["priority"]["effective"], 1)
        self.lb2.haproxy.kill()
        self.lab.until_only_holder("lb1")


if __name__ == "__main__":
    testing.main()
