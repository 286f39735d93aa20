# SPDX-License-Identifier: Apache-2.0
"""Two nodes that do not hear each other, in space (the switch swallows) or in time (one stands
still), and what becomes of it when they do again."""

import signal
import time

from havip_lab import files, testing, wait_until, wire
from havip_lab.capture import Capture
from havip_lab.watch import Watch
from pair_test import claims

# lb1's next advert, or lb2's, ends it: one interval of 100 ms; the rest is the machine's.
HEALED = 0.3
REACHED = 1000
# What an address may outlive its daemon: a lease is whole seconds, at least one, and the kernel
# looks at leases once a second or so.
LEASE = 2.5

BETWEEN_NODES = ('iifname "lb1" oifname "lb2" ip protocol 112',
                 'iifname "lb2" oifname "lb1" ip protocol 112')


class APartition(testing.PairTest):
    """Only adverts are lost, and only between the nodes: the client hears both."""

    def part(self):
        self.lab.switch.swallow(*BETWEEN_NODES)
        wait_until(lambda: self.lab.holders() == ["lb1", "lb2"], 3, "both hold the address")
        self.assertEqual([self.lb1.state(), self.lb2.state()], ["active", "active"])

    def neighbour(self):
        return self.lab.client.run("ip", "neighbour", "show", files.VIRTUAL_ADDRESS).stdout

    def mislead_the_client(self):
        """It believes the node that is going to lose. A client does not change its mind twice
        within a second (locktime), so it may have to be told again."""
        # What is announced changes an entry, and makes none.
        self.lab.client.run("ping", "-c", "1", "-W", "2", files.VIRTUAL_ADDRESS, within=5)

        def misled():
            if self.lb2.mac() in self.neighbour():
                return True
            self.lb2.ask("POST", "/v1/announce")
            time.sleep(0.2)
            return False

        wait_until(misled, 8, "the client believes lb2")

    # C72, C73
    def test_ends_with_one_holder_its_rival_has_resigned_and_the_client_knows(self):
        self.part()
        time.sleep(6)  # the announcements of the takeover are over: the last is 5 s after it
        self.mislead_the_client()
        capture = Capture(self.lab.client, files.INTERFACE, f"arp or {wire.FILTER}")
        with Watch(self.lab) as watch, self.lab.probe() as probe:
            probe.wait_for_answer("lb2", time.monotonic(), 3)
            begin, wall = time.monotonic(), time.time()
            self.lab.switch.deliver_all()
            answered = probe.wait_for_answer("lb1", begin, 5)
            time.sleep(1)
            loss = probe.loss(begin, time.monotonic())

        print(f"\n    reached after {1000 * (answered - begin):.0f} ms; {loss}\n    {watch}",
              flush=True)
        self.assertLessEqual(watch.overlap(since=begin), 1000 * HEALED, watch)
        self.assertEqual(watch.vacancy(), 0, watch)
        self.assertEqual(watch.history[-1][2]["lb2"], frozenset())
        self.assertLessEqual(1000 * (answered - begin), REACHED)
        self.assertLessEqual(loss.silence, REACHED, loss)
        self.assert_resigned_and_announced(capture, wall)
        self.assertIn(self.lb1.mac(), self.neighbour())
        self.assert_only_holder(self.lb1, lasting=1)
        self.assertEqual([self.lb1.state(), self.lb2.state()], ["active", "backup"])

    def assert_resigned_and_announced(self, capture, since):
        frames = capture.stop()
        heard = [(at, frame) for at, frame in zip(capture.times, frames, strict=True)
                 if at >= since]
        adverts = [(at, wire.decode(frame)) for at, frame in heard if frame[12:14] == b"\x08\x00"]
        resigned = [at for at, advert in adverts
                    if (advert.source, advert.priority) == (self.lb2.address, 0)]
        self.assertEqual(len(resigned), 1)
        lb1 = bytes.fromhex(self.lb1.mac().replace(":", ""))
        # In both forms, and after the rival had said its last word.
        arps = [frame for at, frame in heard if at >= resigned[0]]
        self.assertLessEqual({1, 2}, set(claims(arps, lb1)))
        self.assertEqual([advert for at, advert in adverts
                          if at > resigned[0] and advert.source == self.lb2.address], [])

    def test_of_one_direction_is_no_partition_for_the_better_node(self):
        """lb2 hears nothing, lb1 hears lb2: two claim the address until lb2 hears again."""
        self.lab.switch.swallow(BETWEEN_NODES[0])
        wait_until(lambda: self.lab.holders() == ["lb1", "lb2"], 3, "both hold the address")
        begin = time.monotonic()
        with Watch(self.lab) as watch:
            self.lab.switch.deliver_all()
            self.lab.until_only_holder("lb1", within=3)
            self.assert_only_holder(self.lb1, lasting=1)
        self.assertLessEqual(watch.overlap(since=begin), 1000 * HEALED, watch)

    def test_that_the_better_node_does_not_hear_moves_nothing(self):
        self.lab.switch.swallow(BETWEEN_NODES[1])
        with Watch(self.lab) as watch:
            time.sleep(2)
        self.assertEqual(len(watch.history), 1, watch)

    def test_that_comes_and_goes_leaves_one_holder(self):
        for _ in range(5):
            self.lab.switch.swallow(*BETWEEN_NODES)
            time.sleep(0.45)  # about when lb2 loses patience
            self.lab.switch.deliver_all()
            time.sleep(0.1)
        time.sleep(HEALED)
        self.assert_only_holder(self.lb1, lasting=1)


class APause(testing.PairTest):
    """SIGSTOP: the daemon stands still, its kernel goes on answering for the address."""

    PAUSE = 3.0

    def setUp(self):
        super().setUp()
        self.addCleanup(lambda: self.lb1.havip.signal(signal.SIGCONT))
        self.addCleanup(lambda: self.lb2.havip.signal(signal.SIGCONT))

    def assert_never_two_after_the_lease(self, act):
        """Pauses lb1, does act() and lets it go on; its address must have gone before."""
        with Watch(self.lab) as watch:
            paused = time.monotonic()
            self.lb1.havip.signal(signal.SIGSTOP)
            time.sleep(self.PAUSE)
            act()
            resumed = time.monotonic()
            self.lb1.havip.signal(signal.SIGCONT)
            time.sleep(2)
        print(f"\n    on two nodes after the pause began for {watch.overlap():.0f} ms, "
              f"after its lease for {watch.overlap(since=paused + LEASE):.0f} ms", flush=True)
        self.assertLessEqual(watch.vacancy(), 700, watch)
        self.assertLessEqual(watch.overlap(), 1000 * LEASE, watch)
        self.assertLessEqual(watch.overlap(since=paused + LEASE), testing.OVERLAP, watch)
        return watch, resumed

    def test_of_the_active_node_its_lease_ends_and_it_listens_before_it_claims_again(self):
        capture = Capture(self.lab.switch.space, "br0", wire.FILTER)

        watch, resumed = self.assert_never_two_after_the_lease(lambda: None)

        at_the_end = [held for first, _, held in watch.history if first <= resumed][-1]
        self.assertEqual([name for name, held in at_the_end.items() if held], ["lb2"])
        # lb1 is the better one and may come back, once it has listened: 3 x 100 ms + skew of 41 ms.
        back = [1000 * (first - resumed) for first, _, held in watch.history
                if held["lb1"] and first > resumed]
        self.assertGreater(min(back), 300, watch)
        self.assertIn("stood still", self.lb1.havip.said(100))
        self.assert_no_burst(capture)
        self.lab.until_only_holder("lb1")
        self.assert_only_holder(self.lb1, lasting=1)

    def assert_no_burst(self, capture):
        """Of what waited in its sockets nothing is answered one by one."""
        frames = capture.stop()
        own = [at for at, frame in zip(capture.times, frames, strict=True)
               if wire.decode(frame).source == self.lb1.address]
        most = max(sum(begin <= at < begin + 0.05 for at in own) for begin in own)
        self.assertLessEqual(most, 3, "adverts of lb1 within 50 ms")

    def test_of_the_active_node_that_is_the_worse_one_meanwhile_changes_nothing_more(self):
        def lower():
            # Drained while it stands still is not possible; its HAProxy can die, though.
            self.lb1.haproxy.kill()

        watch, resumed = self.assert_never_two_after_the_lease(lower)

        self.assertFalse([first for first, _, held in watch.history
                          if held["lb1"] and first > resumed], watch)
        self.assert_only_holder(self.lb2, lasting=1)

    def test_shorter_than_anybodys_patience_changes_nothing(self):
        with Watch(self.lab) as watch:
            for _ in range(5):
                self.lb1.havip.signal(signal.SIGSTOP)
                time.sleep(0.15)
                self.lb1.havip.signal(signal.SIGCONT)
                time.sleep(0.4)
        self.assertEqual(len(watch.history), 1, watch)

    def test_of_the_backup_it_reads_what_waits_before_it_believes_its_timer(self):
        with Watch(self.lab) as watch:
            self.lb2.havip.signal(signal.SIGSTOP)
            time.sleep(self.PAUSE)
            self.lb2.havip.signal(signal.SIGCONT)
            time.sleep(1)
        self.assertEqual(len(watch.history), 1, watch)
        self.assertEqual([self.lb1.state(), self.lb2.state()], ["active", "backup"])

    def test_of_both_ends_with_one_holder(self):
        with Watch(self.lab) as watch:
            for node in (self.lb1, self.lb2):
                node.havip.signal(signal.SIGSTOP)
            time.sleep(self.PAUSE)
            resumed = time.monotonic()
            for node in (self.lb2, self.lb1):
                node.havip.signal(signal.SIGCONT)
            self.lab.until_only_holder("lb1")
            self.assert_only_holder(self.lb1, lasting=1)
        self.assertLessEqual(watch.overlap(), testing.OVERLAP, watch)
        # Nobody is there to overhear: Active_Down_Interval and one interval after they wake up.
        self.assertLessEqual(watch.vacancy(since=resumed), 700, watch)
        said = self.lb1.havip.said(100)
        self.assertIn("stood still", said)


if __name__ == "__main__":
    testing.main()
