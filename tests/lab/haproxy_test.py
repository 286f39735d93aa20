# SPDX-License-Identifier: Apache-2.0
"""HAProxy reloads, stops softly, has no slot left, tells of its servers: what becomes of the address.

Facts: a reload hands the listening sockets to a new worker, and any connection to the Runtime API
that stays open keeps the old one alive. With "grace" a soft stop goes on accepting for a while.
"""

import signal
import socket
import time

from havip_lab import files, testing, wait_until
from havip_lab.node import HAPROXY_SOCKET
from havip_lab.watch import Watch

PLANNED = 400
LOG_LISTEN = "127.0.0.1:8408"


def children_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


class HAProxyTest(testing.LabTest):
    """A pair whose HAProxy is set up by haproxy_cfg()'s arguments; lb1 has the address."""

    haproxy = {}
    toml = ""

    def setUp(self):
        super().setUp()
        nodes = [(node.name, node.address, node.priority) for node in (self.lb1, self.lb2)]
        for node in (self.lb1, self.lb2):
            node.space.write("/etc/haproxy/haproxy.cfg", files.haproxy_cfg(node.name, **self.haproxy))
            node.configure(self.toml + files.havip_toml(nodes))
            node.start_servers()
            self.start_haproxy(node)
        for node in (self.lb1, self.lb2):
            node.start_havip()
        self.lab.until_only_holder("lb1", within=10)
        self.lb2.until_state("backup")

    @staticmethod
    def start_haproxy(node):
        node.start_haproxy()


class WhenItReloads(HAProxyTest):
    haproxy = {"level": "admin", "ring": True}

    @staticmethod
    def start_haproxy(node):
        node.haproxy = node.space.spawn("haproxy", "haproxy", "-W", "-db", "-f",
                                        "/etc/haproxy/haproxy.cfg")
        wait_until(lambda: _answers(node), 5, f"HAProxy of {node.name} answers")

    def worker(self):
        return self.lb1.status()["haproxy"]["pid"]

    def test_the_address_stays_and_the_old_worker_ends(self):
        first = self.worker()
        with Watch(self.lab) as watch, self.lab.probe() as probe:
            probe.wait_for_answer("lb1", time.monotonic(), 5)
            begin = time.monotonic()
            for _ in range(3):
                before = self.worker()
                self.lb1.haproxy.signal(signal.SIGUSR2)
                wait_until(lambda: self.worker() not in (0, before), 10, "havip knows the new worker")
                wait_until(lambda: children_of(self.lb1.haproxy.pid) == [self.worker()], 10,
                           "the old worker has ended")
            time.sleep(1)
            loss = probe.loss(begin, time.monotonic())
        print(f"\n    {loss}", flush=True)
        self.assertNotEqual(self.worker(), first)
        self.assertEqual(loss.lost, 0, loss)
        self.assertEqual((watch.overlap(), watch.vacancy()), (0, 0), watch)
        self.assertEqual(self.lab.only_holder(), "lb1")
        self.assertEqual(self.lb1.router()["transitions"], 2, "init -> backup -> active")


class WhenItStopsSoftly(HAProxyTest):
    haproxy = {"extra": "    grace 3s\n"}

    def test_the_address_is_gone_before_connections_are_refused(self):
        loss = self.assert_loses_at_most(
            PLANNED, self.lb2, lambda: self.lb1.haproxy.signal(signal.SIGUSR1), within=3)
        self.assertEqual(loss.lost, 0, loss)


class WhenOthersTakeAllSlots(HAProxyTest):
    def take_all_slots(self, node):
        """Idle connections that HAProxy does not end; those that it does not answer come too late."""
        for _ in range(15):
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.addCleanup(connection.close)
            connection.settimeout(0.5)
            try:
                connection.connect(node.space.path(HAPROXY_SOCKET))
                connection.sendall(b"prompt\nset timeout cli 1d\n")
                connection.recv(100)
            except (BlockingIOError, TimeoutError):
                return
        self.fail("there is always another slot")

    def test_who_has_one_already_goes_on(self):
        self.take_all_slots(self.lb1)
        until = time.monotonic() + 3
        while time.monotonic() < until:
            self.assertEqual(self.lb1.status()["haproxy"]["state"], "up")
            self.assertEqual(self.lab.only_holder(), "lb1")
            time.sleep(0.1)

    def test_who_comes_later_says_so_and_calls_nobody_hung(self):
        self.take_all_slots(self.lb2)
        self.lb2.havip.stop()
        self.lb2.start_havip()
        wait_until(lambda: "stats maxconn" in self.lb2.ask("GET", "/v1/status")[1], 10,
                   "lb2 says that all slots are taken")
        self.assertEqual(self.lb2.status()["haproxy"]["state"], "unknown")
        self.assertEqual(self.lab.only_holder(), "lb1")


class WhenItTells(HAProxyTest):
    haproxy = {"level": "admin", "ring": True}

    def set_servers(self, state):
        for server in ("web1", "web2"):
            self.lb1.haproxy_says(f"set server web/{server} state {state}")

    def test_by_its_ring_the_source_is_events_and_the_address_moves(self):
        wait_until(lambda: self.lb1.status()["haproxy"]["source"] == "events", 5, "events are heard")
        self.assert_loses_at_most(PLANNED, self.lb2, lambda: self.set_servers("maint"))
        self.assertEqual(self.lb1.router()["priority"]["effective"], 1)
        self.assert_loses_at_most(PLANNED, self.lb1, lambda: self.set_servers("ready"), within=10)

    def test_without_the_ring_it_is_asked_and_the_reason_is_said(self):
        self.lb2.haproxy.kill()
        self.lb2.space.write("/etc/haproxy/haproxy.cfg", files.haproxy_cfg("lb2"))
        self.lb2.start_haproxy()
        wait_until(lambda: self.lb2.status()["haproxy"]["source"] == "poll", 10, "it is asked")
        wait_until(lambda: "havip" in (self.lb2.status()["haproxy"].get("source_reason") or ""), 5,
                   "the ring's name is in the reason")


class WhenItTellsByItsLog(HAProxyTest):
    haproxy = {"level": "admin", "extra": f"    log {LOG_LISTEN} local7 notice\n", "log": True}
    toml = f'[haproxy]\nring = "there-is-none"\nlog_listen = "{LOG_LISTEN}"\n\n'

    def test_the_source_is_events_as_soon_as_one_came_and_the_address_moves(self):
        def all_gone():
            for server in ("web1", "web2"):
                self.lb1.haproxy_says(f"set server web/{server} state maint")

        self.assert_loses_at_most(PLANNED, self.lb2, all_gone)
        self.assertEqual(self.lb1.status()["haproxy"]["source"], "events")


def _answers(node):
    try:
        return "Pid:" in node.haproxy_says("show info")
    except OSError:
        return False


if __name__ == "__main__":
    testing.main()
