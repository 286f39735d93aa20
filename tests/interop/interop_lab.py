# SPDX-License-Identifier: Apache-2.0
"""What the tests beside routers of other makes have in common.

A Setting says how two routers talk and what they keep; a Peer is the other make. The tests of a
Setting are the same for all: havip above the peer, havip below it, each stopped, killed and
brought back, and afterwards the recorded adverts are judged twice, by Wireshark and by wire.py.
"""

import dataclasses

from havip_lab import LabError, files, testing, wait_until, wire
from havip_lab.capture import Capture
from havip_lab.dialect import KEY_FILE, PUBLIC, Dialect, havip_toml, keepalived_conf

# Bounds in ms at an interval of 100 ms: the successor was told (priority 0, then Skew_Time), or
# had to notice (Active_Down_Interval, 340 to 400 ms); the rest is the machine's.
TOLD = 400
NOTICED = 700


def is_ipv6(address):
    return ":" in address


@dataclasses.dataclass(frozen=True)
class Setting:
    """How the two talk, what they keep, and how long the clients may miss it."""

    dialect: Dialect = Dialect()
    routers: tuple = (PUBLIC,)
    group: str = None
    told: int = TOLD
    noticed: int = NOTICED

    @property
    def kept(self):
        return tuple(address for router in self.routers for address in router.addresses)


class Keepalived:
    """keepalived as the peer."""

    name = "keepalived"

    @staticmethod
    def start(node, setting, others):
        node.start_keepalived(keepalived_conf(
            setting.dialect, node, others, setting.routers, setting.group))

    @staticmethod
    def stop(node):
        node.keepalived.stop()

    @staticmethod
    def kill(node):
        node.kill_keepalived()


class Frr:
    """FRR's vrrpd as the peer."""

    name = "vrrpd"

    @staticmethod
    def start(node, setting, _):
        node.start_frr(setting.dialect, setting.routers)

    @staticmethod
    def stop(node):
        node.frr.stop()

    @staticmethod
    def kill(node):
        node.frr.kill()


class InteropTest(testing.LabTest):
    """Each test says which node runs which program; HAProxy is on both."""

    setting = Setting()
    peer = Keepalived

    def setUp(self):
        super().setUp()
        self.lab.kept = self.setting.kept
        for node in (self.lb1, self.lb2):
            node.start_servers()
            node.start_haproxy()
        self.captures = {interface: Capture(self.lab.switch.space, bridge, wire.FILTER)
                         for interface, bridge in self.bridges().items()}

    def bridges(self):
        """The switch's bridge of each interface that a virtual router of the setting is on."""
        bridges = {files.INTERFACE: "br0", files.BACK_INTERFACE: "br1"}
        return {router.interface: bridges[router.interface] for router in self.setting.routers}

    def others(self, node):
        return [other for other in self.lab.nodes.values() if other is not node]

    def start_havip_on(self, node, extra=""):
        setting = self.setting
        if setting.dialect.password:
            node.space.write(KEY_FILE, f"{setting.dialect.password}\n")
            node.space.run("chmod", "600", KEY_FILE)
        node.configure(havip_toml(setting.dialect, node, self.others(node),
                                          setting.routers, setting.group, extra))
        node.start_havip()

    def start_peer_on(self, node):
        self.peer.start(node, self.setting, self.others(node))

    def assert_within(self, milliseconds, node):
        """This node has all the addresses so soon; a crashed one may not have let go of them."""
        kept = self.lab.kept
        wait_until(lambda: len(node.held(kept)) == len(kept), milliseconds / 1000,
                   f"{node.name} holds {', '.join(kept)}")

    def sources_of(self, node, router):
        """The addresses that a router on this node may send from."""
        if self.setting.dialect.unicast:
            return {self.setting.dialect.address_of(node, router)}
        if is_ipv6(router.addresses[0]):
            own = node.link_local(router.interface)
            return {own, f"fe80::{router.vrid:x}:{node.address.rpartition('.')[2]}"}
        return {node.back_address if router.interface == files.BACK_INTERFACE else node.address}

    def judged(self, checksum="pseudo-header"):
        """Ends the recording; returns the adverts of each node by its name, oldest first.

        `checksum` is the form of version 3 over IPv4 that Wireshark is to insist on.

        Fails unless Wireshark finds nothing malformed and each checksum right, and unless all that
        the standard fixes is so: hop count, destination, VRID, list of addresses.
        """
        adverts = {node.name: [] for node in self.lab.nodes.values()}
        for interface, capture in self.captures.items():
            decoded = [wire.decode(frame) for frame in capture.stop()]
            self._ask_wireshark(capture, len(decoded), checksum)
            for advert in decoded:
                (router,) = (router for router in self.setting.routers
                             if (router.interface, router.vrid) == (interface, advert.vrid)
                             and is_ipv6(router.addresses[0]) == is_ipv6(advert.source))
                senders = [node for node in self.lab.nodes.values()
                           if advert.source in self.sources_of(node, router)]
                self.assertEqual(len(senders), 1, advert)
                self._judge(advert, router, senders[0])
                adverts[senders[0].name].append(advert)
        return adverts

    def _judge(self, advert, router, sender):
        v6 = is_ipv6(advert.source)
        if self.setting.dialect.unicast:
            (other,) = self.others(sender)
            destination = self.setting.dialect.address_of(other, router)
        else:
            destination = wire.GROUP6 if v6 else wire.GROUP
            self.assertEqual(advert.to_mac, "33:33:00:00:00:12" if v6 else "01:00:5e:00:00:12")
        self.assertEqual((advert.destination, advert.hops, advert.tos, advert.version, advert.vrid),
                         (destination, 255, 0xC0, self.setting.dialect.version, router.vrid))
        self.assertEqual(advert.addresses,
                         tuple(address.partition("/")[0] for address in router.addresses))
        self.assertIn(advert.priority, (0, 1, sender.priority))

    def _ask_wireshark(self, capture, frames, checksum):
        self.assertGreater(frames, 2)
        seen = capture.dissected(
            ["vrrp.version", "vrrp.checksum.status", "_ws.malformed", "_ws.expert.message"],
            [f"vrrp.v3_checksum_as_in_v2:{'TRUE' if checksum == 'message' else 'FALSE'}"])
        self.assertEqual(len(seen), frames)
        version = str(self.setting.dialect.version)
        # 1: the checksum is good.
        self.assertEqual({tuple(values) for values in seen}, {(version, "1", "", "")})

    def expect_checksum(self, adverts):
        """Version 2 has one form, and the peers know of RFC 5798's alone in version 3."""
        form = "message" if self.setting.dialect.version == 2 else "pseudo-header"
        self.assertEqual({advert.checksum for advert in adverts}, {form})

    def expect_interval(self, adverts, milliseconds=None):
        wanted = milliseconds or self.setting.dialect.interval_ms
        self.assertEqual({advert.interval_ms for advert in adverts}, {wanted})


class HavipAbove:
    """havip on lb1 outranks the peer on lb2."""

    def setUp(self):
        super().setUp()
        self.start_peer_on(self.lb2)
        self.lab.until_only_holder("lb2", within=20)
        self.start_havip_on(self.lb1)
        self.lab.until_only_holder("lb1", within=20)

    def test_havip_holds_the_addresses_and_stopped_the_peer_takes_over_at_once_and_back(self):
        self.assert_only_holder(self.lb1, lasting=1)
        self.assert_loses_at_most(self.setting.told, self.lb2, self.lb1.havip.stop)
        self.assert_only_holder(self.lb2, lasting=1)
        self.assert_loses_at_most(self.setting.told, self.lb1, self.lb1.start_havip, within=20)
        self.assert_only_holder(self.lb1, lasting=1)

        adverts = self.judged()

        sent = adverts["lb1"]
        self.expect_checksum(sent)
        self.expect_interval(sent)
        self.expect_resignation(sent)
        self.judge_havip(sent)

    def test_havip_killed_the_peer_takes_over_and_the_restarted_havip_takes_it_back(self):
        self.lb1.havip.kill()
        self.assert_within(self.setting.noticed, self.lb2)
        self.lb1.start_havip()
        self.lab.until_only_holder("lb1", within=20)
        self.assert_only_holder(self.lb1, lasting=1)
        self.expect_checksum(self.judged()["lb1"])

    def expect_resignation(self, adverts):
        """Once for each virtual router, when it was stopped."""
        self.assertEqual([advert.priority for advert in adverts].count(0),
                         len(self.setting.routers))

    def judge_havip(self, adverts):
        """For a setting that promises more about what havip sends."""


class HavipBelow:
    """The peer on lb1 outranks havip on lb2."""

    def setUp(self):
        super().setUp()
        self.start_peer_on(self.lb1)
        self.start_havip_on(self.lb2)
        self.lab.until_only_holder("lb1", within=20)
        wait_until(lambda: self.states() == {"backup"}, 5, "havip is backup")

    def states(self):
        try:
            return {router["state"] for router in self.lb2.status()["virtual_routers"]}
        except LabError:
            return set()

    def test_the_peer_holds_the_addresses_and_stopped_havip_takes_over_at_once_and_back(self):
        self.assert_only_holder(self.lb1, lasting=1)
        self.assert_havip_knows_the_peer()
        self.assert_loses_at_most(self.setting.told, self.lb2, lambda: self.peer.stop(self.lb1))
        self.assert_only_holder(self.lb2, lasting=1)
        self.assert_loses_at_most(self.setting.told, self.lb1,
                                  lambda: self.start_peer_on(self.lb1), within=20)
        self.assert_only_holder(self.lb1, lasting=1)

        adverts = self.judged()

        self.expect_checksum(adverts["lb2"])
        self.assertIn(0, [advert.priority for advert in adverts["lb1"]], "the peer has resigned")
        self.judge_havip(adverts["lb2"])

    def test_the_peer_killed_havip_takes_over_and_it_comes_back(self):
        # A daemon that has just started listens for longer before it claims anything.
        self.assert_only_holder(self.lb1, lasting=1.5)
        self.peer.kill(self.lb1)
        self.assert_within(self.setting.noticed, self.lb2)
        self.assertEqual(self.states(), {"active"})
        # What a crashed peer left on its node only its restart removes.
        self.assertEqual(self.lab.holders(), ["lb1", "lb2"])
        self.start_peer_on(self.lb1)
        self.lab.until_only_holder("lb1", within=20)
        self.assert_only_holder(self.lb1, lasting=1)
        self.assertEqual(self.states(), {"backup"})
        self.expect_checksum(self.judged()["lb2"])

    def assert_havip_knows_the_peer(self):
        for wanted, router in zip(self.setting.routers, self.lb2.status()["virtual_routers"],
                                  strict=True):
            active = router["active_router"]
            self.assertIn(active["address"], self.sources_of(self.lb1, wanted))
            self.assertEqual(active["priority"], self.lb1.priority)

    def judge_havip(self, adverts):
        """For a setting that promises more about what havip sends."""
