# SPDX-License-Identifier: Apache-2.0
"""havip and keepalived 2.2.7 keep IPv6 addresses together; the first of them is link-local."""

from havip_lab import testing
from havip_lab.dialect import PUBLIC6
from interop_lab import HavipAbove, HavipBelow, InteropTest, Setting


class IPv6:
    setting = Setting(routers=(PUBLIC6,))

    def judge_havip(self, adverts):
        # lb1 or lb2, whichever runs havip: it has sent from its interface's own address.
        self.assertIn({advert.source for advert in adverts},
                      ({self.lb1.link_local()}, {self.lb2.link_local()}))


# C05 - C08, C18, C20
class HavipAboveKeepalived(IPv6, HavipAbove, InteropTest):
    pass


class HavipBelowKeepalived(IPv6, HavipBelow, InteropTest):
    pass


if __name__ == "__main__":
    testing.main()
