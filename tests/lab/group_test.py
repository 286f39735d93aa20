# SPDX-License-Identifier: Apache-2.0
"""Virtual routers of one group are on one node together: front and back, IPv4 and IPv6.

All the while the kernels are asked every 2 ms who holds what. "Together" is as exact as an address
can be taken off and put on: the addresses of a group go one after the other.
"""

import contextlib
import ipaddress
import time

from havip_lab import Probe, files, testing, wait_until
from havip_lab.capture import Capture
from havip_lab.dialect import BACK, PUBLIC, PUBLIC6
from havip_lab.lab import NODES
from havip_lab.watch import Watch

NOTICED = 700
UNPLUGGED = 1200
TOLD = 400
TOGETHER = 50

CLIENT_BACK = "198.51.100.100"


def group_toml(routers):
    """For both nodes: dialect's text lists nodes for unicast only."""
    nodes = "".join(f'[[node]]\nname = "{name}"\naddress = "{address}"\npriority = {priority}\n\n'
                    for name, address, priority in NODES)
    text = ""
    for router in routers:
        addresses = ", ".join(f'"{address}"' for address in router.addresses)
        text += (f'[[virtual_router]]\nname = "{router.name}"\ninterface = "{router.interface}"\n'
                 f'vrid = {router.vrid}\naddresses = [{addresses}]\ngroup = "edge"\n\n')
    return nodes + text + '[[track]]\nbackend = "web"\n'


class GroupTest(testing.LabTest):
    routers = ()

    def setUp(self):
        super().setUp()
        self.lab.kept = tuple(address for router in self.routers for address in router.addresses)
        for node in (self.lb1, self.lb2):
            node.configure(group_toml(self.routers))
        self.lab.start()
        self.lb2.until_state("backup")
        self.assert_only_holder(self.lb1)
        self.addCleanup(lambda: self.assertEqual([], [d.name for d in self.lab.crashed()]))

    @contextlib.contextmanager
    def watched(self, longest_without):
        """Meanwhile no node has a part of the addresses, and none is missed for longer."""
        with Watch(self.lab) as watch:
            yield watch
        print(f"\n    {watch}", flush=True)
        self.assertLessEqual(watch.separation(), TOGETHER, watch)
        self.assertLessEqual(watch.overlap(), TOGETHER, watch)
        self.assertLessEqual(watch.vacancy(), longest_without, watch)

    def states(self, node):
        return {router["name"]: router["state"] for router in node.status()["virtual_routers"]}

    def post(self, node, path):
        code, body = node.ask("POST", path)
        self.assertEqual(code, 200, body)

    def assert_drain_loses_nothing(self, addresses):
        """A client of each address asks every 10 ms while all of them move and come back."""
        with contextlib.ExitStack() as closing:
            probes = [Probe(self.lab.client, address) for address in addresses]
            for probe in probes:
                closing.callback(probe.close)
            begin = time.monotonic()
            for probe in probes:
                probe.wait_for_answer("lb1", begin, 5)
            begin = time.monotonic()
            with self.watched(TOLD):
                self.post(self.lb1, "/drain")
                self.assert_only_holder(self.lb2, lasting=1)
                self.post(self.lb1, "/undrain")
                self.lab.until_only_holder("lb1")
                self.assert_only_holder(self.lb1, lasting=1)
            losses = [probe.loss(begin, time.monotonic()) for probe in probes]
        print("".join(f"\n    {address}: {loss}"
                      for address, loss in zip(addresses, losses, strict=True)), flush=True)
        # A connection that is open while its address leaves is cut: at most one of those that are
        # under way at each of the two moves.
        for loss in losses:
            self.assertLessEqual(loss.lost, 2, losses)
            self.assertLessEqual(loss.silence, TOLD, losses)


class FrontAndBack(GroupTest):
    routers = (PUBLIC, BACK)
    lab_options = {"back": True}

    def assert_cable_moves_both(self, cable):
        with self.watched(UNPLUGGED):
            self.lab.switch.pull_cable(cable)
            self.lab.until_only_holder("lb2")
            self.assert_only_holder(self.lb2, lasting=1)
        self.assertEqual(self.states(self.lb2), {"public": "active", "back": "active"})
        self.assertNotIn("active", self.states(self.lb1).values())
        with self.watched(TOLD):
            self.lab.switch.plug_cable(cable)
            self.lab.until_only_holder("lb1", within=20)
            self.assert_only_holder(self.lb1, lasting=1)
        self.assertEqual(self.states(self.lb2), {"public": "backup", "back": "backup"})

    def test_the_front_cable_pulled_moves_both(self):
        self.assert_cable_moves_both("lb1")

    def test_the_back_cable_pulled_moves_both(self):
        self.assert_cable_moves_both("lb1-back")

    def assert_partition_moves_nothing(self, *rules):
        with self.watched(0) as watch:
            self.lab.switch.swallow(*rules)
            # Several times longer than lb2 waits before it claims.
            time.sleep(2)
            self.lab.switch.deliver_all()
            time.sleep(1)
        self.assertEqual(len(watch.history), 1, watch)
        self.assertEqual(self.states(self.lb1), {"public": "active", "back": "active"})
        self.assertEqual(self.states(self.lb2), {"public": "backup", "back": "backup"})

    def test_the_front_network_silently_parted_both_stay_on_one_node(self):
        # The back network still says that lb1 lives, and nobody splits a group.
        self.assert_partition_moves_nothing('iifname "lb1" oifname "lb2"',
                                            'iifname "lb2" oifname "lb1"')

    def test_the_back_network_silently_parted_both_stay_on_one_node(self):
        self.assert_partition_moves_nothing('iifname "lb1-back"', 'oifname "lb1-back"')

    def test_the_active_node_cut_off_from_the_front_at_its_port_both_stay_on_one_node(self):
        self.assert_partition_moves_nothing('iifname "lb1"', 'oifname "lb1"')

    def test_the_front_parted_and_the_active_node_crashed_both_move(self):
        self.lab.switch.swallow('iifname "lb1" oifname "lb2"', 'iifname "lb2" oifname "lb1"')
        time.sleep(1)
        self.lb1.havip.kill()
        wait_until(lambda: len(self.lb2.held(self.lab.kept)) == 2, NOTICED / 1000,
                   "lb2 holds both addresses")

    def test_haproxy_killed_moves_both(self):
        with self.watched(NOTICED):
            self.lb1.haproxy.kill()
            self.lab.until_only_holder("lb2")
            self.assert_only_holder(self.lb2)
        with self.watched(TOLD):
            self.lb1.start_haproxy()
            self.lab.until_only_holder("lb1", within=20)

    def test_a_drain_moves_both_and_back(self):
        self.lab.switch.connect(self.lab.client, [f"{CLIENT_BACK}/{files.PREFIX_LENGTH}"],
                                files.BACK_INTERFACE, "br1", "client-back")
        self.assert_drain_loses_nothing((files.VIRTUAL_ADDRESS, files.BACK_VIRTUAL_ADDRESS))


def neighbour_adverts(frames, address):
    """(source MAC, flags, target link-layer address) of those for the address, sent to all nodes.

    RFC 4861 section 4.4: behind 14 bytes of Ethernet and 40 of IPv6 are type 136, code, checksum,
    the flags, the target (at 8) and options: type 2, its length 1, and the MAC.
    """
    target = ipaddress.ip_address(address).packed
    everybody = ipaddress.ip_address("ff02::1").packed
    return [(frame[6:12].hex(":"), frame[58] & 0xE0, frame[80:86].hex(":")) for frame in frames
            if frame[54] == 136 and frame[38:54] == everybody and frame[62:78] == target
            and frame[78:80] == b"\2\1"]


class BothFamilies(GroupTest):
    routers = (PUBLIC, PUBLIC6)

    def test_the_cable_pulled_moves_both(self):
        with self.watched(UNPLUGGED):
            self.lab.switch.pull_cable("lb1")
            self.lab.until_only_holder("lb2")
            self.assert_only_holder(self.lb2, lasting=1)
        with self.watched(TOLD):
            self.lab.switch.plug_cable("lb1")
            self.lab.until_only_holder("lb1", within=20)
            self.assert_only_holder(self.lb1, lasting=1)

    def test_ipv6_adverts_alone_swallowed_both_stay_on_one_node(self):
        with self.watched(0) as watch:
            self.lab.switch.swallow("ip6 nexthdr 112")
            time.sleep(2)
            self.lab.switch.deliver_all()
            time.sleep(1)
        self.assertEqual(len(watch.history), 1, watch)

    # C59: a deviation.
    def test_a_takeover_is_announced_and_the_client_believes_it(self):
        client = self.lab.client
        client.run("ping", "-c", "1", "-W", "2", files.VIRTUAL_ADDRESS6, within=5)
        self.assertIn(self.lb1.mac(), self.neighbour(files.VIRTUAL_ADDRESS6))
        capture = Capture(client, files.INTERFACE, "icmp6")
        self.lb1.haproxy.kill()
        self.lab.until_only_holder("lb2")
        time.sleep(0.5)  # announcements are paced

        frames = capture.stop()

        lb2 = self.lb2.mac()
        for address in (files.VIRTUAL_ADDRESS6, files.LINK_LOCAL_VIRTUAL_ADDRESS):
            # R = 0x80 and O = 0x20 without S = 0x40: a router, unasked, overriding.
            self.assertEqual({advert for advert in neighbour_adverts(frames, address)
                              if advert[0] == lb2}, {(lb2, 0xA0, lb2)}, address)
        self.assertIn(lb2, self.neighbour(files.VIRTUAL_ADDRESS6))

    def neighbour(self, address):
        return self.lab.client.run("ip", "neighbour", "show", address).stdout

    def test_a_drain_moves_both_and_back(self):
        self.assert_drain_loses_nothing((files.VIRTUAL_ADDRESS, files.VIRTUAL_ADDRESS6))


class Everything(GroupTest):
    routers = (PUBLIC, BACK, PUBLIC6)
    lab_options = {"back": True}

    def test_moves_by_drain_by_death_and_by_any_cable(self):
        with self.watched(UNPLUGGED):
            self.post(self.lb1, "/drain")
            self.lab.until_only_holder("lb2")
            self.post(self.lb1, "/undrain")
            self.lab.until_only_holder("lb1")
            for cable in ("lb1", "lb1-back"):
                self.lab.switch.pull_cable(cable)
                self.lab.until_only_holder("lb2")
                self.lab.switch.plug_cable(cable)
                self.lab.until_only_holder("lb1", within=20)
            self.lb1.haproxy.kill()
            self.lab.until_only_holder("lb2")


if __name__ == "__main__":
    testing.main()
