# SPDX-License-Identifier: Apache-2.0
"""The lab's own promises: it leaves nothing behind, changes nothing, and stands beside another."""

import os
import signal
import subprocess
import sys
import time
import unittest

from havip_lab import Lab, end_on_signals, wait_until

# A lab in a process of its own; says what it started, and waits to be ended.
A_LAB = """
import sys, time
from havip_lab import Lab, end_on_signals
end_on_signals()
with Lab() as lab:
    for node in lab.nodes.values():
        node.start_servers()
        node.start_haproxy()
    with lab.probe():
        pids = [lab.client.pid, lab.switch.space.pid]
        for node in lab.nodes.values():
            pids += [node.space.pid, node.haproxy.pid, node.servers["web1"].pid]
        print(lab.folder, *pids, flush=True)
        if sys.argv[1] == "fail":
            raise RuntimeError("a test that breaks")
        time.sleep(60)
"""


def start_lab(argument="wait"):
    """Returns the process, its folder and the pids of what it started."""
    process = subprocess.Popen([sys.executable, "-B", "-c", A_LAB, argument], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env=dict(os.environ, PYTHONPATH=os.path.dirname(__file__)))
    folder, *pids = process.stdout.readline().split()
    process.stdout.close()
    return process, folder, [int(pid) for pid in pids]


def alive(pid):
    """Not counting one that has ended and that its parent has not asked about yet."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def host_view():
    links = subprocess.run(["ip", "-brief", "address"], text=True, capture_output=True, check=True)
    named = sorted(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else []
    return links.stdout, named, sorted(os.listdir("/etc")), sorted(os.listdir("/run"))


class ALabThatEnds(unittest.TestCase):
    def assert_nothing_is_left(self, folder, pids):
        wait_until(lambda: not any(map(alive, pids)), 5, f"all of {pids} have ended")
        self.assertFalse(os.path.exists(folder))

    def test_it_is_gone_after_each_signal_that_asks_to_end(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number.name):
                process, folder, pids = start_lab()
                process.send_signal(number)
                self.assertNotEqual(process.wait(20), 0)
                self.assert_nothing_is_left(folder, pids)

    def test_it_is_gone_after_an_exception(self):
        process, folder, pids = start_lab("fail")
        self.assertEqual(process.wait(20), 1)
        self.assert_nothing_is_left(folder, pids)

    def test_a_killed_lab_leaves_only_its_folder_and_the_next_lab_removes_it(self):
        process, folder, pids = start_lab()
        process.kill()
        process.wait()
        wait_until(lambda: not any(map(alive, pids)), 5, f"all of {pids} have ended")
        self.assertTrue(os.path.exists(folder))
        # Folders of the last seconds are spared: their lab may just be starting.
        long_ago = time.time() - 3600
        os.utime(folder, (long_ago, long_ago))

        with Lab(nodes=()):
            self.assertFalse(os.path.exists(folder))


class ALabThatRuns(unittest.TestCase):
    def test_it_changes_nothing_on_the_host(self):
        before = host_view()
        with Lab() as lab:
            lab.nodes["lb1"].space.run("touch", "/etc/havip/marker", "/var/lib/havip/marker")
            self.assertEqual(host_view(), before)
            self.assertFalse(os.path.exists("/etc/havip/marker"))
            self.assertFalse(os.path.exists("/var/lib/havip/marker"))
        self.assertEqual(host_view(), before)

    def test_two_labs_have_the_same_addresses_and_nothing_in_common(self):
        with Lab() as first, Lab() as second:
            for lab in (first, second):
                lab.nodes["lb1"].start_servers()
                lab.nodes["lb1"].start_haproxy()
            first.nodes["lb1"].haproxy.kill()

            ask = ["curl", "-sS", "--max-time", "2", "http://192.0.2.11/"]
            self.assertEqual(first.client.run(*ask, check=False).returncode, 7)  # refused
            self.assertEqual(second.client.run(*ask).stdout[:6], "web1 o")

    @staticmethod
    def link_of(node):
        return node.space.run("ip", "link", "show", "eth0").stdout

    def test_a_pulled_cable_takes_the_carrier_away(self):
        with Lab() as lab:
            lab.switch.pull_cable("lb1")
            self.assertIn("NO-CARRIER", self.link_of(lab.nodes["lb1"]))

            lab.switch.plug_cable("lb1")
            self.assertIn("LOWER_UP", self.link_of(lab.nodes["lb1"]))

    def test_a_port_inside_can_be_asked_from_the_host(self):
        with Lab() as lab:
            lab.nodes["lb2"].start_servers()
            port = lab.forward(lab.nodes["lb2"], 8002)
            wait_until(lambda: subprocess.run(
                ["curl", "-s", f"http://127.0.0.1:{port}/"], capture_output=True, text=True,
                check=False).stdout == "web2 of lb2\n", 5, "web2 answers through the forwarder")


if __name__ == "__main__":
    end_on_signals()
    unittest.main(verbosity=2)
