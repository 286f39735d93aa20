# SPDX-License-Identifier: Apache-2.0
"""A pair keeps its address on a healthy HAProxy, whatever dies. Real kernel, packets and HAProxy.

Bounds: adverts every 100 ms, so a silent node is noticed after 3 x 100 ms + skew, at most
361 ms for priority 100; the rest is room for a busy machine.
"""

import signal
import time

from havip_lab import files, testing, wait_until
from havip_lab.capture import Capture

TOLD = 400       # the leaving node says so: priority 0
NOTICED = 700    # HAProxy's death is felt at once, or the adverts stop
UNPLUGGED = 1200


class AtTheStart(testing.PairTest):
    # C51, C55
    def test_the_node_of_higher_priority_alone_holds_the_address(self):
        self.assert_only_holder(self.lb1, lasting=1)
        self.assertEqual([self.lb1.state(), self.lb2.state()], ["active", "backup"])

    def test_both_tell_the_same_story(self):
        for node, state, configured in ((self.lb1, "active", 150), (self.lb2, "backup", 100)):
            status = node.status()
            router = node.router()
            self.assertEqual((status["node"], status["drained"]), (node.name, False))
            self.assertEqual(status["haproxy"]["state"], "up")
            self.assertEqual(status["haproxy"]["pid"], node.haproxy.pid)
            self.assertEqual(
                {key: router[key] for key in ("name", "vrid", "family", "version", "interface",
                                              "group", "state", "advert_interval_seconds")},
                {"name": "public", "vrid": 51, "family": "ipv4", "version": 3,
                 "interface": "eth0", "group": None, "state": state,
                 "advert_interval_seconds": 0.1})
            self.assertEqual(router["priority"]["configured"], configured)
            self.assertEqual(router["priority"]["effective"], configured)
            self.assertEqual(router["active_router"],
                             {"address": "192.0.2.11", "priority": 150, "name": "lb1"})
            self.assertEqual([(address["address"], address["present"])
                              for address in router["addresses"]],
                             [("192.0.2.10/24", state == "active")])

    def test_checks_and_metrics_agree_with_the_state(self):
        for node, active in ((self.lb1, 200), (self.lb2, 503)):
            codes = {path: node.ask("GET", path)[0] for path in ("/livez", "/readyz", "/active")}
            self.assertEqual(codes, {"/livez": 200, "/readyz": 200, "/active": active})
        metrics = self.lb1.ask("GET", "/metrics")[1]
        self.assertRegex(metrics, r'(?m)^havip_vrrp_state\{[^}]*state="active"[^}]*\} 1$')
        self.assertRegex(metrics, r'(?m)^havip_vrrp_state\{[^}]*state="backup"[^}]*\} 0$')

    # C68: a deviation.
    def test_the_client_answers_come_from_the_active_node(self):
        seen = self.lab.client.run("curl", "-sSi", f"http://{files.VIRTUAL_ADDRESS}/").stdout
        self.assertIn("x-node: lb1", seen.lower())


class WhenHAProxyFails(testing.PairTest):
    def test_killed_the_other_node_takes_over_and_it_comes_back_when_haproxy_does(self):
        self.assert_loses_at_most(NOTICED, self.lb2, self.lb1.haproxy.kill)
        self.assert_only_holder(self.lb2)
        self.assertEqual(self.lb1.state(), "fault")
        self.assertEqual(self.lb1.status()["haproxy"]["state"], "down")

        self.assert_loses_at_most(TOLD, self.lb1, self.lb1.start_haproxy, within=20)
        self.assert_only_holder(self.lb1)
        self.assertEqual(self.lb2.state(), "backup")

    def test_hung_the_other_node_takes_over(self):
        self.addCleanup(lambda: self.lb1.haproxy.signal(signal.SIGCONT))
        # No answer for 1 s (haproxy.timeout) is hung; it is asked every 200 ms.
        self.assert_loses_at_most(2500, self.lb2,
                                  lambda: self.lb1.haproxy.signal(signal.SIGSTOP))
        self.assertEqual(self.lb1.status()["haproxy"]["state"], "hung")
        self.assert_only_holder(self.lb2)

        self.lb1.haproxy.signal(signal.SIGCONT)
        self.lab.until_only_holder("lb1", within=20)

    def test_on_the_backup_the_client_notices_nothing(self):
        def kill_and_start():
            self.lb2.haproxy.kill()
            wait_until(lambda: self.lb2.state() == "fault", 5, "lb2 is in fault")
            self.lb2.start_haproxy()
            wait_until(lambda: self.lb2.state() == "backup", 20, "lb2 is backup again")

        loss = self.assert_loses_at_most(250, self.lb1, kill_and_start)
        self.assertEqual(loss.lost, 0)

    def test_on_both_nobody_holds_the_address_until_one_is_back(self):
        self.lb2.haproxy.kill()
        self.lb1.haproxy.kill()
        wait_until(lambda: self.lab.holders() == [], 5, "nobody holds the address")
        self.assertEqual([self.lb1.state(), self.lb2.state()], ["fault", "fault"])

        self.lb2.start_haproxy()
        self.lab.until_only_holder("lb2", within=20)
        self.lb1.start_haproxy()
        self.lab.until_only_holder("lb1", within=20)


class WhenServersFail(testing.PairTest):
    def test_half_of_them_gone_halves_the_priority_and_the_other_node_takes_over(self):
        self.lb1.servers["web2"].kill()
        self.lab.until_only_holder("lb2", within=10)

        priority = self.lb1.router()["priority"]
        self.assertEqual((priority["configured"], priority["effective"]), (150, 75))
        self.assertEqual(priority["reasons"], [{"what": "backend web", "change": -75}])
        self.assertEqual(self.lb1.state(), "backup")

    def test_all_of_them_gone_on_both_nodes_one_node_still_answers(self):
        for node in (self.lb1, self.lb2):
            for server in node.servers.values():
                server.kill()
        wait_until(lambda: [node.router()["priority"]["effective"]
                            for node in (self.lb1, self.lb2)] == [1, 1], 10,
                   "both nodes have priority 1")
        wait_until(lambda: len(self.lab.holders()) == 1, 5, "one node holds the address")
        self.assert_only_holder(self.lab.nodes[self.lab.holders()[0]], lasting=1)


class WhenTheCableIsPulled(testing.PairTest):
    def test_the_other_node_takes_over_until_it_is_back(self):
        self.assert_loses_at_most(UNPLUGGED, self.lb2, lambda: self.lab.switch.pull_cable("lb1"))
        self.assert_only_holder(self.lb2)
        self.assertEqual(self.lb1.state(), "fault")

        self.assert_loses_at_most(TOLD, self.lb1, lambda: self.lab.switch.plug_cable("lb1"),
                                  within=20)
        self.assert_only_holder(self.lb1)
        self.assertEqual(self.lb2.state(), "backup")

    def test_of_the_node_that_took_over_the_first_one_takes_it_back(self):
        self.lb1.haproxy.kill()
        self.lab.until_only_holder("lb2")
        self.lb1.start_haproxy()
        self.lab.switch.pull_cable("lb2")
        self.lab.until_only_holder("lb1", within=20)
        wait_until(lambda: self.lb1.router()["priority"]["effective"] == 150, 20,
                   "lb1 trusts its HAProxy again")

        self.lab.switch.plug_cable("lb2")
        wait_until(lambda: self.lb2.state() == "backup", 20, "lb2 is backup")
        self.assert_only_holder(self.lb1)


class WhenTheDaemonEnds(testing.PairTest):
    def test_asked_to_it_takes_the_address_off_and_the_other_node_takes_over_at_once(self):
        self.assert_loses_at_most(TOLD, self.lb2, self.lb1.havip.stop)
        self.assertEqual(self.lb1.havip.status, 0)
        self.assert_only_holder(self.lb2)

        self.assert_loses_at_most(TOLD, self.lb1, self.lb1.start_havip)
        self.assert_only_holder(self.lb1)

    def test_killed_the_other_node_takes_over_and_a_restart_sorts_it_out(self):
        self.lb1.havip.kill()
        wait_until(self.lb2.holds_address, NOTICED / 1000, "lb2 holds the address")

        self.lb1.start_havip()
        self.assert_only_holder(self.lb1, lasting=1)

    def test_killed_and_restarted_as_a_backup_it_removes_what_it_left_behind(self):
        # lb2 is active only while lb1 cannot be: it dies with the address on it.
        self.lb1.haproxy.kill()
        self.lab.until_only_holder("lb2")
        self.lb2.havip.kill()
        self.lb1.start_haproxy()
        self.lb1.until_state("active", within=20)

        self.lb2.start_havip()
        self.lab.until_only_holder("lb1", within=2)
        self.assertEqual(self.lb2.state(), "backup")


class TheAddress(testing.PairTest):
    def test_removed_by_hand_is_back_at_once_and_nothing_moves(self):
        transitions = self.lb1.router()["transitions"]

        self.lb1.remove_address()
        removed = time.monotonic()
        wait_until(self.lb1.holds_address, 2, "lb1 has put the address back")
        # Looking takes a few ms itself.
        self.assertLess(time.monotonic() - removed, 0.2)

        self.assert_only_holder(self.lb1)
        self.assertEqual(self.lb1.router()["state"], "active")
        self.assertEqual(self.lb1.router()["transitions"], transitions)
        self.assertEqual(self.lb2.state(), "backup")


def claims(frames, mac):
    """The ARP operations by which this MAC told everybody that the virtual address is its own."""
    address = bytes(int(part) for part in files.VIRTUAL_ADDRESS.split("."))
    return [int.from_bytes(frame[20:22], "big") for frame in frames
            if frame[:6] == b"\xff" * 6 and frame[12:14] == b"\x08\x06"
            and frame[22:28] == mac and frame[28:32] == address and frame[38:42] == address]


class TheNeighbours(testing.PairTest):
    def mac_of(self, node):
        text = node.space.run("cat", "/sys/class/net/eth0/address").stdout
        return bytes.fromhex(text.strip().replace(":", ""))

    def test_are_told_in_both_forms_at_a_takeover(self):
        capture = Capture(self.lab.client, "eth0", "arp")
        self.lb1.havip.stop()
        self.lab.until_only_holder("lb2")
        time.sleep(0.5)  # announcements are paced

        told = claims(capture.stop(), self.mac_of(self.lb2))

        self.assertLessEqual({1, 2}, set(told))  # gratuitous request and reply

    def test_are_told_again_when_an_operator_asks(self):
        time.sleep(1)  # the announcements of the start are over, or nearly so
        capture = Capture(self.lab.client, "eth0", "arp")
        done = self.lb1.space.run("havip", "announce")
        self.assertEqual(done.returncode, 0)
        time.sleep(0.3)

        self.assertLessEqual({1, 2}, set(claims(capture.stop(), self.mac_of(self.lb1))))

    def test_a_backup_refuses_to_announce(self):
        self.assertEqual(self.lb2.ask("POST", "/v1/announce")[0], 409)
        self.assertEqual(self.lb2.space.run("havip", "announce", check=False).returncode, 1)


class TheCommandLine(testing.PairTest):
    def test_status_is_for_people_and_for_programs(self):
        text = self.lb1.space.run("havip", "status").stdout
        for word in ("lb1", "public", "active", files.VIRTUAL_ADDRESS):
            self.assertIn(word, text)
        self.assertRegex(self.lb1.space.run("havip", "status", "--json").stdout,
                         r'"state": ?"active"')

    def test_without_a_daemon_it_says_so_in_one_line(self):
        self.lb2.havip.stop()
        done = self.lb2.space.run("havip", "status", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_status_asks_where_it_is_told_to(self):
        done = self.lb1.space.run("havip", "status", "--url", "http://127.0.0.1:8406")
        self.assertIn("lb1", done.stdout)


if __name__ == "__main__":
    testing.main()
