# SPDX-License-Identifier: Apache-2.0
"""What else makes a node less fit: an interface without a cable, a gateway that does not answer."""

from havip_lab import files, testing, wait_until
from havip_lab.lab import CLIENT_ADDRESS, NODES

GATEWAY = CLIENT_ADDRESS
TRACKS = f"""
[[track]]
interface = "{files.BACK_INTERFACE}"
otherwise = "fault"
[[track]]
gateway = "{GATEWAY}"
interval = "100ms"
fall = 3
otherwise = "yield"
"""
# The kernel tells of the cable, and the next node need not wait.
PULLED = 400
# Three questions of 100 ms, and what a yielding node's successor needs.
UNANSWERED = 900


class TracksTest(testing.PairTest):
    lab_options = {"back": True}

    def setUp(self):
        testing.LabTest.setUp(self)
        for node in self.lab.nodes.values():
            node.configure(files.havip_toml(NODES) + TRACKS)
        self.lab.start()
        self.lb2.until_state("backup")
        self.addCleanup(lambda: self.assertEqual([], [d.name for d in self.lab.crashed()]))

    def track(self, node, what):
        return next(track for track in node.status()["tracks"] if track["what"] == what)

    def test_are_all_well_at_first(self):
        self.assertEqual({track["what"]: track["state"] for track in self.lb1.status()["tracks"]},
                         {"backend web": "well", "interface eth1": "well",
                          f"gateway {GATEWAY}": "well"})

    def test_a_cable_that_is_pulled_moves_the_address_at_once(self):
        self.assert_loses_at_most(PULLED, self.lb2,
                                  lambda: self.lab.switch.pull_cable("lb1-back"))
        self.assertEqual(self.lb1.router()["why"], "interface eth1 has no carrier")
        self.assertEqual(self.track(self.lb1, "interface eth1")["state"], "failed")

        self.lab.switch.plug_cable("lb1-back")
        self.lab.until_only_holder("lb1", within=10)

    def test_a_gateway_that_one_node_does_not_reach_moves_the_address(self):
        cut = (f"ether saddr {self.lb1.mac()} arp daddr ip {GATEWAY}",
               f"ether saddr {self.lb1.mac()} icmp type echo-request")
        self.assert_loses_at_most(UNANSWERED, self.lb2, lambda: self.lab.switch.swallow(*cut))
        self.assertEqual(self.track(self.lb1, f"gateway {GATEWAY}")["detail"], "does not answer")
        self.assertEqual(self.lb1.router()["priority"]["effective"], 1)

        self.lab.switch.deliver_all()
        self.lab.until_only_holder("lb1", within=10)

    def test_a_gateway_that_is_dead_for_all_moves_nothing(self):
        self.lab.switch.swallow(f"arp daddr ip {GATEWAY}", "icmp type echo-request")
        for node in self.lab.nodes.values():
            wait_until(lambda: self.track(node, f"gateway {GATEWAY}")["state"] == "failed", 5,
                       f"{node.name} misses its gateway")
        self.assert_only_holder(self.lb1 if self.lb1.holds_address() else self.lb2, lasting=2)


if __name__ == "__main__":
    testing.main()
