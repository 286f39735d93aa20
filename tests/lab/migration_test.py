# SPDX-License-Identifier: Apache-2.0
"""A running pair goes from VRRP version 2 to version 3 and back, one node at a time.

RFC 9568 section 8.4 has no way for this without two Active routers or an outage: a router discards
the other version. havip understands both and answers a router of version 2 in its own version.

Each node is stopped in good order, gets its new havip.toml and is started. All the while the
kernels are asked every 2 ms who holds the address.
"""

import time

from havip_lab import files, testing, wait_until, wire
from havip_lab.capture import Capture
from havip_lab.dialect import KEY_FILE
from havip_lab.lab import NODES
from havip_lab.watch import Watch

# Active_Down_Interval of priority 100 at 1 s, 3 s + 156/256 s, and one interval: what nobody may
# ever exceed. A planned move stays below testing.PLANNED.
LONGEST = 4610

VERSION_2 = 'version = 2\nadvert_interval = "1s"\n'
VERSION_3 = 'version = 3\nadvert_interval = "100ms"\n'
PASSWORD = f'auth = {{ type = "pass", key_file = "{KEY_FILE}" }}\n'

# A node of version 2 that comes back listens for Active_Down_Interval.
SETTLED = 10


class MigrationTest(testing.LabTest):
    before = VERSION_2
    after = VERSION_3

    def setUp(self):
        super().setUp()
        for node in (self.lb1, self.lb2):
            node.space.write(KEY_FILE, "secret12\n")
            node.space.run("chmod", "600", KEY_FILE)
            node.configure(files.havip_toml(NODES, extra=self.before))
        self.lab.start()
        self.lb2.until_state("backup")
        self.addCleanup(lambda: self.assertEqual([], [d.name for d in self.lab.crashed()]))

    def move(self, node):
        """This node alone to the new configuration, until the pair has come to rest."""
        node.restart_havip(files.havip_toml(NODES, extra=self.after))
        self.lab.until_only_holder("lb1", within=SETTLED)
        self.lb2.until_state("backup", within=SETTLED)
        self.assertEqual(self.lb1.state(), "active")
        # Longer than anybody waits before it claims: nobody was overheard.
        time.sleep(LONGEST / 1000)

    def assert_moves(self, *nodes):
        """Checks the way from `before` to `after` in this order of the nodes."""
        with Watch(self.lab) as watch, self.lab.probe() as probe:
            probe.wait_for_answer("lb1", time.monotonic(), 5)
            begin = time.monotonic()
            for node in nodes:
                self.move(node)
            loss = probe.loss(begin, time.monotonic())
        print(f"\n    {loss}\n    {watch}", flush=True)
        self.assert_moves_were_planned(watch, loss)

    def assert_speaks(self, *versions):
        """lb1, of the newest configuration, is the only one on the wire."""
        capture = Capture(self.lab.switch.space, "br0", wire.FILTER)
        time.sleep(2.5)
        adverts = [wire.decode(frame) for frame in capture.stop()]
        self.assertEqual({(advert.source, advert.version, advert.priority, advert.checksum)
                          for advert in adverts},
                         {(self.lb1.address, version, 150, "message") for version in versions})

    def assert_nothing_is_left_to_tell(self):
        # What was wrong is shown for 10 s after it was seen last.
        wait_until(lambda: [node.router()["problems"] for node in (self.lb1, self.lb2)] == [[], []],
                   15, "nobody has a problem")


class ToVersion3(MigrationTest):
    # C85
    def test_the_backup_first(self):
        self.assert_moves(self.lb2, self.lb1)
        self.assert_speaks(3)
        self.assert_nothing_is_left_to_tell()

    # C85
    def test_the_active_node_first(self):
        self.assert_moves(self.lb1, self.lb2)
        # A Backup is silent: lb1 has to take lb2 for a router of version 2 until it speaks.
        self.assert_speaks(2, 3)
        for path, holder in (("/drain", "lb2"), ("/undrain", "lb1")):
            self.assertEqual(self.lb1.ask("POST", path)[0], 200)
            self.lab.until_only_holder(holder)
        self.assert_speaks(3)
        self.assert_nothing_is_left_to_tell()

    def test_half_way_a_crash_is_survived_by_either_version(self):
        self.lb2.restart_havip(files.havip_toml(NODES, extra=VERSION_3))
        self.lb2.until_state("backup", within=SETTLED)
        with Watch(self.lab) as watch:
            # HAProxy of the version 2 node dies: the version 3 node takes over as it hears of it.
            self.lb1.haproxy.kill()
            self.lab.until_only_holder("lb2", within=SETTLED)
            self.lb1.start_haproxy()
            self.lab.until_only_holder("lb1", within=3 * SETTLED)
        self.assertLessEqual(watch.overlap(), testing.OVERLAP, watch)
        self.assertLessEqual(watch.vacancy(), LONGEST, watch)


class ToVersion2(MigrationTest):
    before = VERSION_3
    after = VERSION_2

    # C85
    def test_the_backup_first(self):
        self.assert_moves(self.lb2, self.lb1)
        self.assert_speaks(2)

    # C85
    def test_the_active_node_first(self):
        self.assert_moves(self.lb1, self.lb2)
        self.assert_speaks(2)


class FromAPasswordToVersion3(ToVersion3):
    before = VERSION_2 + PASSWORD


class ToAPasswordFromVersion3(ToVersion2):
    after = VERSION_2 + PASSWORD


class ARollingRestart(testing.PairTest):
    def test_that_waits_for_nothing_but_readyz_costs_what_a_planned_move_costs(self):
        with Watch(self.lab) as watch:
            for node in (self.lb2, self.lb1):
                node.havip.stop()
                node.start_havip()
                wait_until(lambda: node.ask("GET", "/readyz")[0] == 200, 10,
                           f"{node.name} is ready")
            self.lab.until_only_holder("lb1")
        print(f"\n    {watch}", flush=True)
        self.assert_moves_were_planned(watch)


if __name__ == "__main__":
    testing.main()
