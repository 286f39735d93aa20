# SPDX-License-Identifier: Apache-2.0
"""transport = "both" and "unicast" on a network that swallows one of the two ways.

A switch with IGMP snooping and no querier forgets multicast groups after minutes, and a firewall
may know nothing of protocol 112: here nftables on the switch plays either.
"""

import time

from havip_lab import files, forger, testing, wait_until
from havip_lab.lab import CLIENT_ADDRESS, NODES
from havip_lab.watch import Watch

NOTICED = 700
TOLD = 400
# A way is silent after 2 s, by the engine's clock.
TOLD_OF = 4

MULTICAST = "ip protocol 112 ip daddr 224.0.0.18"
UNICAST = "ip protocol 112 ip daddr != 224.0.0.18"


class TransportTest(testing.LabTest):
    transport = "both"

    def setUp(self):
        super().setUp()
        for node in (self.lb1, self.lb2):
            node.configure(files.havip_toml(NODES, extra=f'transport = "{self.transport}"\n'))
        self.lab.start()
        self.lb2.until_state("backup")
        self.addCleanup(lambda: self.assertEqual([], [d.name for d in self.lab.crashed()]))

    def problems(self):
        return [node.router()["problems"] for node in (self.lb1, self.lb2)]

    def transitions(self):
        return [node.router()["transitions"] for node in (self.lb1, self.lb2)]


class BothWays(TransportTest):
    def assert_is_told_and_not_obeyed(self, swallowed, silent, other):
        """Only the Backup hears anybody, so it is the one that can tell."""
        before = self.transitions()
        with Watch(self.lab) as watch:
            self.lab.switch.swallow(swallowed)
            wait_until(lambda: self.problems()[1], TOLD_OF, f"lb2 misses {silent}")
            (problem,) = self.problems()[1]
            self.assertTrue(problem.startswith(
                f"nothing comes by {silent} from lb1 (192.0.2.11), only by {other}: "), problem)
            self.assertIn(problem, self.lb2.space.run("havip", "status").stdout)
            # It stays, and is not told again and again.
            time.sleep(3)
            self.assertEqual(self.problems(), [[], [problem]])
            with open(self.lb2.havip.log, encoding="utf-8") as log:
                self.assertEqual(log.read().count(f"nothing comes by {silent}"), 1)
            self.lab.switch.deliver_all()
            wait_until(lambda: self.problems() == [[], []], 2, "nobody misses anything")
        self.assertEqual(watch.overlap(), 0, watch)
        self.assertEqual(watch.vacancy(), 0, watch)
        self.assertEqual(self.transitions(), before)

    # U1: a deviation, on request.
    def test_multicast_swallowed_nothing_moves_and_the_status_says_so_until_it_is_back(self):
        self.assert_is_told_and_not_obeyed(MULTICAST, "multicast", "unicast")

    def test_unicast_swallowed_nothing_moves_and_the_status_says_so_until_it_is_back(self):
        self.assert_is_told_and_not_obeyed(UNICAST, "unicast", "multicast")

    def test_by_either_way_alone_the_address_moves_and_comes_back(self):
        for swallowed in (MULTICAST, UNICAST):
            with self.subTest(swallowed=swallowed):
                self.lab.switch.swallow(swallowed)
                self.assert_loses_at_most(NOTICED, self.lb2, self.lb1.haproxy.kill)
                self.assert_only_holder(self.lb2)
                self.assert_loses_at_most(TOLD, self.lb1, self.lb1.start_haproxy, within=20)
                self.assert_only_holder(self.lb1)
                self.lab.switch.deliver_all()


class AStranger(TransportTest):
    """By unicast, which only the nodes may use, and only where it is configured."""

    def assert_counts_only(self, reason, source, destination=None):
        """lb1 hears somebody say for a second that he has priority 254."""
        before = self.lb1.rejected()
        states = self.transitions()
        with Watch(self.lab) as watch:
            forged = forger.packet(source, destination or self.lb1.address, 255, 254)
            forger.start(self.lab, [forged], interval=0.02, count=50).wait()
            wait_until(lambda: self.lb1.rejected()[reason] == before[reason] + 50, 3,
                       f"50 adverts are counted as {reason}")
        self.assertEqual(watch.history[-1][2], watch.history[0][2], watch)
        self.assertEqual(self.transitions(), states)

    # U4
    def test_a_strangers_unicast_changes_nothing(self):
        self.assert_counts_only("unknown_peer", CLIENT_ADDRESS)


class UnicastAlone(AStranger):
    transport = "unicast"

    # U2
    def test_the_pair_works_where_multicast_is_swallowed(self):
        self.lab.switch.swallow(MULTICAST)
        with Watch(self.lab) as watch:
            self.assert_loses_at_most(TOLD, self.lb2, self.lb1.havip.stop)
            self.assert_only_holder(self.lb2)
            self.assert_loses_at_most(TOLD, self.lb1, self.lb1.start_havip)
            self.assert_only_holder(self.lb1, lasting=1)
        self.assertLessEqual(watch.overlap(), testing.OVERLAP, watch)
        self.assertEqual(self.problems(), [[], []])

        self.lb1.havip.kill()
        wait_until(self.lb2.holds_address, NOTICED / 1000, "lb2 holds the address")
        self.lb1.start_havip()
        self.assert_only_holder(self.lb1, lasting=1)

    # U5
    def test_a_strangers_multicast_changes_nothing(self):
        self.assert_counts_only("unknown_peer", CLIENT_ADDRESS, "224.0.0.18")


class MulticastAlone(AStranger):
    """The default. A unicast advert is none of its business, whoever sent it."""

    transport = "multicast"

    # U5
    def test_a_nodes_unicast_changes_nothing(self):
        self.assert_counts_only("unknown_peer", self.lb2.address)


if __name__ == "__main__":
    testing.main()
