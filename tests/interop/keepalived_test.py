# SPDX-License-Identifier: Apache-2.0
"""havip and keepalived 2.2.7 (VRRP version 3) keep one address together, in both roles.

keepalived computes the checksum of version 3 over IPv4 as RFC 5798 has it (with a pseudo-header)
and discards anything else; RFC 9568 leaves the pseudo-header out. havip sends the form that the
others on the wire use.
"""

import ipaddress
import struct
import time
import unittest

from havip_lab import files, testing, wire
from interop_lab import NOTICED, TOLD, HavipAbove, HavipBelow, InteropTest

UNPLUGGED = 1200


def packed(address):
    return ipaddress.ip_address(address).packed


def golden_advert(priority, pseudo_header_source=None):
    """The VRRP message of the lab's virtual router as RFC 9568 section 5.2 draws it.

    Version 3 type 1, VRID, priority, one address, 10 centiseconds, checksum, the address. The
    checksum covers the message alone, or with a source address RFC 5798's pseudo-header too.
    """
    head = bytes([0x31, files.VRID, priority, 1]) + struct.pack("!H", 10)
    address = packed(files.VIRTUAL_ADDRESS)
    message = head + b"\0\0" + address
    covered = message
    if pseudo_header_source:
        covered = wire.pseudo_header(packed(pseudo_header_source), packed(wire.GROUP),
                                     len(message)) + message
    return head + struct.pack("!H", wire.internet_checksum(covered)) + address


class TheGoldenForm(unittest.TestCase):
    def test_of_keepalived_is_what_this_test_computes(self):
        # Recorded from keepalived 2.2.7 (VRID 51, priority 150, 10.9.0.100, 1 s) to prove the
        # computation: pseudo-header form, and the message-only form of 2.4.3.
        message = bytes.fromhex("31339601006400000a090064")
        pseudo = wire.pseudo_header(packed("10.9.0.1"), packed("224.0.0.18"), 12)
        self.assertEqual(wire.internet_checksum(pseudo + message), 0x4361)
        self.assertEqual(wire.internet_checksum(message), 0x2DFA)


class AmongThemselves(InteropTest):
    """Two havip that know of each other, for comparison: the configuration is the lab's own."""

    def setUp(self):
        super().setUp()
        for node in (self.lb1, self.lb2):
            node.start_havip()
        self.lab.until_only_holder("lb1")

    def messages(self):
        """What lb1 has sent; lb2 has its turn only where a test gives it one."""
        return [advert.message for advert in self.judged(checksum="message")["lb1"]]

    # C01 - C04, C09, C10, C17
    def test_an_advert_has_the_golden_form(self):
        time.sleep(1)

        adverts = self.judged(checksum="message")

        self.assertEqual(adverts["lb2"], [])
        self.assertEqual({advert.message for advert in adverts["lb1"]}, {golden_advert(150)})

    def test_a_node_whose_haproxy_died_resigns_once_with_priority_0(self):
        self.lb1.haproxy.kill()
        self.lab.until_only_holder("lb2")

        messages = self.messages()

        self.assertEqual(messages.count(golden_advert(0)), 1)
        self.assertEqual(messages[-1], golden_advert(0))

    # C56
    def test_a_leaving_node_has_itself_relieved_before_it_goes(self):
        self.lb1.havip.stop()
        self.lab.until_only_holder("lb2")

        # It was Backup when it ended: nothing is left to resign (RFC 9568 section 6.4.2).
        messages = self.messages()

        self.assertEqual(messages[-1], golden_advert(1))
        self.assertNotIn(golden_advert(0), messages)


class AloneAmongThemselves(InteropTest):
    # C69
    def test_a_leaving_node_that_nobody_relieves_resigns(self):
        self.lb1.start_havip()
        self.lab.until_only_holder("lb1")
        self.assertEqual(self.lb1.havip.stop(within=10), 0)
        self.assertEqual(self.lab.holders(), [])

        messages = [advert.message for advert in self.judged(checksum="message")["lb1"]]

        self.assertEqual(messages.count(golden_advert(0)), 1)
        self.assertEqual(messages[-1], golden_advert(0))


class HavipAboveKeepalived(HavipAbove, InteropTest):
    def judge_havip(self, adverts):
        # 1 is said by one that is about to go.
        golden = {golden_advert(priority, self.lb1.address) for priority in (150, 1, 0)}
        self.assertLessEqual({advert.message for advert in adverts}, golden)

    def test_havips_cable_pulled_keepalived_takes_over_and_back(self):
        self.assert_loses_at_most(UNPLUGGED, self.lb2, lambda: self.lab.switch.pull_cable("lb1"))
        self.assert_only_holder(self.lb2)
        self.assert_loses_at_most(TOLD, self.lb1, lambda: self.lab.switch.plug_cable("lb1"),
                                  within=20)
        self.assert_only_holder(self.lb1)

    def test_havips_haproxy_killed_keepalived_takes_over_and_back(self):
        self.assert_loses_at_most(NOTICED, self.lb2, self.lb1.haproxy.kill)
        self.assert_only_holder(self.lb2)
        self.assert_loses_at_most(TOLD, self.lb1, self.lb1.start_haproxy, within=20)
        self.assert_only_holder(self.lb1)

    def test_havip_drained_keepalived_takes_over_until_it_is_undrained(self):
        def post(path):
            code, body = self.lb1.ask("POST", path)
            self.assertEqual(code, 200, body)

        self.assert_loses_at_most(TOLD, self.lb2, lambda: post("/drain"))
        self.assert_only_holder(self.lb2, lasting=1)
        self.assert_loses_at_most(TOLD, self.lb1, lambda: post("/undrain"))
        self.assert_only_holder(self.lb1)

    def test_started_first_havip_is_understood_and_one_of_them_leaves(self):
        self.lb2.keepalived.stop()
        self.lb1.havip.stop()
        self.start_havip_on(self.lb1)
        self.lab.until_only_holder("lb1")
        self.start_peer_on(self.lb2)
        time.sleep(1)
        self.assert_only_holder(self.lb1, lasting=1)


class HavipBelowKeepalived(HavipBelow, InteropTest):
    def judge_havip(self, adverts):
        # The same sum as keepalived's: golden, whoever sent it.
        self.assertIn(golden_advert(100, self.lb2.address),
                      [advert.message for advert in adverts])

    def test_keepaliveds_cable_pulled_havip_takes_over_and_back(self):
        self.assert_loses_at_most(UNPLUGGED, self.lb2, lambda: self.lab.switch.pull_cable("lb1"))
        self.assert_only_holder(self.lb2)
        self.assert_loses_at_most(TOLD, self.lb1, lambda: self.lab.switch.plug_cable("lb1"),
                                  within=20)
        self.assert_only_holder(self.lb1)


if __name__ == "__main__":
    testing.main()
