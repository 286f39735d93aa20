# SPDX-License-Identifier: Apache-2.0
"""havip and FRR's vrrpd 8.4 (VRRP version 3) keep addresses together, in IPv4 and IPv6.

vrrpd answers with the virtual MAC, havip with its interface's; a client must follow both ways.
"""

from havip_lab import testing
from havip_lab.dialect import PUBLIC6
from interop_lab import Frr, HavipAbove, HavipBelow, InteropTest, Setting


class IPv4:
    peer = Frr


class IPv6:
    peer = Frr
    setting = Setting(routers=(PUBLIC6,))


class IPv4Above(IPv4, HavipAbove, InteropTest):
    pass


class IPv4Below(IPv4, HavipBelow, InteropTest):
    pass


class IPv6Above(IPv6, HavipAbove, InteropTest):
    pass


class IPv6Below(IPv6, HavipBelow, InteropTest):
    pass


if __name__ == "__main__":
    testing.main()
