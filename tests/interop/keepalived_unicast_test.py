# SPDX-License-Identifier: Apache-2.0
"""havip and keepalived 2.2.7 by unicast, where the network carries no multicast.

havip knows keepalived as a [[node]] then, listens to nobody else, and takes only what has come
straight from it (TTL 255); keepalived itself would take any.
"""

import os
import sys
import time

from havip_lab import files, testing, wait_until
from havip_lab.dialect import PUBLIC6, Dialect
from interop_lab import HavipAbove, HavipBelow, InteropTest, Setting


class IPv4:
    setting = Setting(Dialect(unicast=True))


class IPv6:
    setting = Setting(Dialect(unicast=True), routers=(PUBLIC6,))


class Above(HavipAbove):
    def expect_resignation(self, adverts):
        """Among nodes it may have itself relieved before it goes, and has nothing to resign."""
        self.assertTrue({0, 1} & {advert.priority for advert in adverts})


# U2
class IPv4Above(IPv4, Above, InteropTest):
    pass


class IPv4Below(IPv4, HavipBelow, InteropTest):
    pass


class StartedFirst(IPv4, InteropTest):
    def test_havip_is_understood_soon_though_it_has_heard_nobody_yet(self):
        self.start_havip_on(self.lb1)
        self.lab.until_only_holder("lb1", within=20)
        self.start_peer_on(self.lb2)
        # keepalived may not know the first checksum; havip follows as soon as it speaks.
        time.sleep(1.5)
        self.assert_only_holder(self.lb1, lasting=1.5)


class IPv6Above(IPv6, Above, InteropTest):
    pass


class IPv6Below(IPv6, HavipBelow, InteropTest):
    pass


class ForgedAdverts(IPv4, InteropTest):
    """Somebody on the network says that it has priority 254."""

    def setUp(self):
        super().setUp()
        self.start_peer_on(self.lb2)
        self.start_havip_on(self.lb1)
        self.lab.until_only_holder("lb1", within=20)
        self.rejected_before = self.rejected()

    def rejected(self):
        """The counters of what havip discarded, by reason."""
        _, body = self.lb1.ask("GET", "/metrics", accept="text/plain")
        counters = (line for line in body.splitlines()
                    if line.startswith("havip_vrrp_advertisements_rejected_total"))
        return {line.partition('reason="')[2].partition('"')[0]: float(line.rpartition(" ")[2])
                for line in counters}

    def forge(self, source, ttl, destination=None, count=50):
        package = os.path.dirname(os.path.dirname(os.path.abspath(files.__file__)))
        self.lab.client.spawn("forger", "env", f"PYTHONPATH={package}", sys.executable, "-B", "-m",
                              "havip_lab.forger", source, destination or self.lb1.address, ttl,
                              254, count)

    def assert_only_counted_as(self, reason, count=50):
        self.assert_only_holder(self.lb1, lasting=1.2)
        before = self.rejected_before[reason]
        wait_until(lambda: self.rejected()[reason] - before == count, 2,
                   f"{count} adverts are counted as {reason}: {self.rejected()}")
        self.assertEqual(self.lb1.router()["state"], "active")

    # U4
    def test_of_a_stranger_change_nothing(self):
        self.forge("192.0.2.100", 255)
        self.assert_only_counted_as("unknown_peer")

    # C29, U3
    def test_that_came_through_a_router_change_nothing(self):
        self.forge(self.lb2.address, 254)
        self.assert_only_counted_as("ttl")

    # U5
    def test_sent_to_everybody_change_nothing(self):
        self.forge("192.0.2.100", 255, destination="224.0.0.18")
        self.assert_only_counted_as("unknown_peer")


if __name__ == "__main__":
    testing.main()
