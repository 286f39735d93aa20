# SPDX-License-Identifier: Apache-2.0
"""havip and keepalived 2.2.7 (VRRP version 3) keep one address together, in both roles.

keepalived computes the checksum of version 3 over IPv4 as RFC 5798 has it (with a pseudo-header)
and discards anything else; RFC 9568 leaves the pseudo-header out. havip sends the form that the
others on the wire use.
"""

import struct
import time
import unittest

from havip_lab import files, testing, wait_until
from havip_lab.capture import Capture

TOLD = 400
NOTICED = 700
UNPLUGGED = 1200


def internet_checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(text):
    return bytes(int(part) for part in text.split("."))


def golden_advert(priority, pseudo_header_source=None):
    """The VRRP message of the lab's virtual router as RFC 9568 section 5.2 draws it.

    Version 3 type 1, VRID, priority, one address, 10 centiseconds, checksum, the address. The
    checksum covers the message alone, or with a source address RFC 5798's pseudo-header too.
    """
    head = bytes([0x31, files.VRID, priority, 1]) + struct.pack("!H", 10)
    address = ipv4(files.VIRTUAL_ADDRESS)
    message = head + b"\0\0" + address
    covered = message
    if pseudo_header_source:
        covered = (ipv4(pseudo_header_source) + ipv4("224.0.0.18")
                   + struct.pack("!BBH", 0, 112, len(message)) + message)
    return head + struct.pack("!H", internet_checksum(covered)) + address


def adverts_of(frames, source):
    """(destination MAC, TOS, TTL, destination, VRRP message) of each advert from a source."""
    return [(frame[:6].hex(":"), frame[15], frame[22], ".".join(map(str, frame[30:34])),
             frame[34:14 + int.from_bytes(frame[16:18], "big")])
            for frame in frames if frame[26:30] == ipv4(source)]


class InteropTest(testing.LabTest):
    """Each test says which node runs which program; HAProxy is on both."""

    def setUp(self):
        super().setUp()
        for node in (self.lb1, self.lb2):
            node.start_servers()
            node.start_haproxy()
        self.capture = Capture(self.lab.switch.space, "br0", "ip proto 112")

    def start_havip_on(self, node):
        node.configure(files.havip_toml_beside_foreign(node.priority))
        node.start_havip()

    def assert_wellformed(self, checksum_with_pseudo_header=True):
        """Wireshark finds nothing malformed and every checksum right. Returns the frames."""
        frames = self.capture.stop()
        self.assertGreater(len(frames), 2)
        as_version_2 = "FALSE" if checksum_with_pseudo_header else "TRUE"
        seen = self.capture.dissected(
            ["vrrp.version", "vrrp.checksum.status", "_ws.malformed", "_ws.expert.message"],
            [f"vrrp.v3_checksum_as_in_v2:{as_version_2}"])
        self.assertEqual(len(seen), len(frames))
        # 1: the checksum is good.
        self.assertEqual({tuple(values) for values in seen}, {("3", "1", "", "")})
        return frames


class TheGoldenForm(unittest.TestCase):
    def test_of_keepalived_is_what_this_test_computes(self):
        # Recorded from keepalived 2.2.7 (VRID 51, priority 150, 10.9.0.100, 1 s) to prove the
        # computation: pseudo-header form, and the message-only form of 2.4.3.
        message = bytes.fromhex("31339601006400000a090064")
        pseudo = ipv4("10.9.0.1") + ipv4("224.0.0.18") + struct.pack("!BBH", 0, 112, 12)
        self.assertEqual(internet_checksum(pseudo + message), 0x4361)
        self.assertEqual(internet_checksum(message), 0x2DFA)


class AmongThemselves(InteropTest):
    def test_an_advert_has_the_golden_form(self):
        for node in (self.lb1, self.lb2):
            node.start_havip()
        self.lab.until_only_holder("lb1")
        time.sleep(1)

        frames = self.assert_wellformed(checksum_with_pseudo_header=False)

        self.assertEqual(adverts_of(frames, self.lb2.address), [])
        self.assertEqual(set(adverts_of(frames, self.lb1.address)),
                         {("01:00:5e:00:00:12", 0xC0, 255, "224.0.0.18", golden_advert(150))})

    def messages_of(self, node):
        frames = self.assert_wellformed(checksum_with_pseudo_header=False)
        return [advert[4] for advert in adverts_of(frames, node.address)]

    def test_a_node_whose_haproxy_died_resigns_once_with_priority_0(self):
        for node in (self.lb1, self.lb2):
            node.start_havip()
        self.lab.until_only_holder("lb1")
        self.lb1.haproxy.kill()
        self.lab.until_only_holder("lb2")

        messages = self.messages_of(self.lb1)

        self.assertEqual(messages.count(golden_advert(0)), 1)
        self.assertEqual(messages[-1], golden_advert(0))

    def test_a_leaving_node_has_itself_relieved_before_it_goes(self):
        for node in (self.lb1, self.lb2):
            node.start_havip()
        self.lab.until_only_holder("lb1")
        self.lb1.havip.stop()
        self.lab.until_only_holder("lb2")

        # It was Backup when it ended: nothing is left to resign (RFC 9568 section 6.4.2).
        messages = self.messages_of(self.lb1)

        self.assertEqual(messages[-1], golden_advert(1))
        self.assertNotIn(golden_advert(0), messages)

    def test_a_leaving_node_that_nobody_relieves_resigns(self):
        self.lb1.start_havip()
        self.lab.until_only_holder("lb1")
        self.assertEqual(self.lb1.havip.stop(within=10), 0)
        self.assertEqual(self.lab.holders(), [])

        messages = self.messages_of(self.lb1)

        self.assertEqual(messages.count(golden_advert(0)), 1)
        self.assertEqual(messages[-1], golden_advert(0))


class HavipAboveKeepalived(InteropTest):
    def setUp(self):
        super().setUp()
        self.lb2.start_keepalived()
        self.lab.until_only_holder("lb2")
        self.start_havip_on(self.lb1)
        self.lab.until_only_holder("lb1")

    def test_havip_holds_the_address_and_its_adverts_have_the_form_of_the_peer(self):
        self.assert_only_holder(self.lb1, lasting=1)
        frames = self.capture.stop()
        self.assertEqual(adverts_of(frames, self.lb1.address)[-1],
                         ("01:00:5e:00:00:12", 0xC0, 255, "224.0.0.18",
                          golden_advert(150, self.lb1.address)))

    def test_all_that_is_sent_is_wellformed(self):
        self.lb1.havip.stop()
        self.lab.until_only_holder("lb2")
        self.assert_wellformed()

    def test_havip_stopped_keepalived_takes_over_at_once_and_back(self):
        self.assert_loses_at_most(TOLD, self.lb2, self.lb1.havip.stop)
        self.assert_only_holder(self.lb2)
        self.assert_loses_at_most(TOLD, self.lb1, self.lb1.start_havip)
        self.assert_only_holder(self.lb1)

    def test_havip_killed_keepalived_takes_over_and_the_restarted_havip_takes_it_back(self):
        self.lb1.havip.kill()
        wait_until(self.lb2.holds_address, NOTICED / 1000, "keepalived holds the address")
        self.lb1.start_havip()
        self.assert_only_holder(self.lb1, lasting=1)

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

    def test_started_first_havip_learns_the_checksum_and_one_of_them_leaves(self):
        self.lb2.keepalived.stop()
        self.lb1.havip.stop()
        self.start_havip_on(self.lb1)
        self.lab.until_only_holder("lb1")
        self.lb2.start_keepalived()
        time.sleep(1)
        self.assert_only_holder(self.lb1, lasting=1)


class HavipBelowKeepalived(InteropTest):
    def setUp(self):
        super().setUp()
        self.lb1.start_keepalived()
        self.start_havip_on(self.lb2)
        self.lab.until_only_holder("lb1")
        self.lb2.until_state("backup")

    def test_keepalived_holds_the_address_and_havip_knows(self):
        self.assert_only_holder(self.lb1, lasting=1)
        router = self.lb2.router()
        self.assertEqual(router["state"], "backup")
        self.assertEqual((router["active_router"]["address"], router["active_router"]["priority"]),
                         (self.lb1.address, 150))
        frames = self.assert_wellformed()
        self.assertEqual(adverts_of(frames, self.lb2.address), [])

    def test_keepalived_stopped_havip_takes_over_at_once_and_back(self):
        self.assert_loses_at_most(TOLD, self.lb2, self.lb1.keepalived.stop)
        self.assert_only_holder(self.lb2)
        # The same sum as keepalived's: golden, whoever sent it.
        self.assert_loses_at_most(TOLD, self.lb1, self.lb1.start_keepalived)
        self.assert_only_holder(self.lb1)
        frames = self.assert_wellformed()
        self.assertIn(golden_advert(100, self.lb2.address),
                      [advert[4] for advert in adverts_of(frames, self.lb2.address)])

    def test_keepalived_killed_havip_takes_over_and_it_comes_back(self):
        self.lb1.kill_keepalived()
        wait_until(self.lb2.holds_address, NOTICED / 1000, "havip holds the address")
        # What a crashed keepalived left on its node only its restart removes.
        self.assertEqual(self.lab.holders(), ["lb1", "lb2"])
        self.lb1.start_keepalived()
        self.assert_only_holder(self.lb1, lasting=1)

    def test_keepaliveds_cable_pulled_havip_takes_over_and_back(self):
        self.assert_loses_at_most(UNPLUGGED, self.lb2, lambda: self.lab.switch.pull_cable("lb1"))
        self.assert_only_holder(self.lb2)
        self.assert_loses_at_most(TOLD, self.lb1, lambda: self.lab.switch.plug_cable("lb1"),
                                  within=20)
        self.assert_only_holder(self.lb1)


if __name__ == "__main__":
    testing.main()
