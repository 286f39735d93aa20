# SPDX-License-Identifier: Apache-2.0
"""havip's groups beside keepalived's vrrp_sync_groups: all of a group is on one node, always."""

import time

from havip_lab import testing
from havip_lab.dialect import BACK, PUBLIC, PUBLIC6
from interop_lab import HavipAbove, HavipBelow, InteropTest, Setting

# Without priority 0: the cable is out. keepalived waits for its netlink news, havip likewise.
UNPLUGGED = 1500


class FrontAndBack:
    """One address on each of two networks: a load balancer that forwards between them."""

    setting = Setting(routers=(PUBLIC, BACK), group="edge")
    lab_options = {"back": True}

    def test_a_cable_out_on_one_network_moves_both_addresses_and_back(self):
        switch = self.lab.switch
        for cable in ("lb1-back", "lb1"):
            with self.subTest(cable=cable):
                begin = time.monotonic()
                switch.pull_cable(cable)
                self.assert_within(UNPLUGGED, self.lb2)
                print(f"\n    {1000 * (time.monotonic() - begin):.0f} ms", flush=True)
                self.assert_only_holder(self.lb2, lasting=1)
                switch.plug_cable(cable)
                self.lab.until_only_holder("lb1", within=20)
                self.assert_only_holder(self.lb1, lasting=1)


class BothFamilies:
    """IPv4 and IPv6 addresses of one service."""

    setting = Setting(routers=(PUBLIC, PUBLIC6), group="edge")


class FrontAndBackAbove(FrontAndBack, HavipAbove, InteropTest):
    pass


class FrontAndBackBelow(FrontAndBack, HavipBelow, InteropTest):
    pass


class BothFamiliesAbove(BothFamilies, HavipAbove, InteropTest):
    pass


class BothFamiliesBelow(BothFamilies, HavipBelow, InteropTest):
    pass


if __name__ == "__main__":
    testing.main()
