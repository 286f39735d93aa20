#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How soon the other node answers when HAProxy dies, hangs, or has no server left.

A pair of nodes that list each other, adverts every second, real HAProxy on both, and a client that
opens a connection every 5 ms. The address is on lb1; what counts is the time from the fault there
to the first answer by lb2. Faults:

    killed   SIGKILL to HAProxy
    hung     SIGSTOP to HAProxy; havip's timeout is its default of 1 s
    empty    HAProxy itself knows that its last server is out of use: when the command that said so
             has been acknowledged. With a ring of events, and by polling alone.

Beside havip, in the same run: keepalived with track_process (its best), and with a script each 2 s
(how most are set up). keepalived hears of process starts and ends only in the host's own network
namespace: it runs there and is told to keep its addresses in the lab's.

As root:
    tests/bench/health.py --havip build/release/havip [--trials N] [--json FILE]
"""

import argparse
import json
import os
import signal
import statistics
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

from havip_lab import Lab, LabError, Probe, end_on_signals, files, wait_until
from havip_lab.process import Daemon, require_tools

EACH = 0.005
NODES = (("lb1", "192.0.2.11", 150), ("lb2", "192.0.2.12", 100))
POLLS = '[haproxy]\nring = "there-is-none"\n\n'


class Fault:
    def __init__(self, name, words):
        self.name = name
        self.words = words


class Killed(Fault):
    @staticmethod
    def befall(node):
        begin = time.monotonic()
        node.haproxy.kill()
        return begin

    @staticmethod
    def mend(node):
        start_haproxy(node)


class Hung(Fault):
    @staticmethod
    def befall(node):
        begin = time.monotonic()
        node.haproxy.signal(signal.SIGSTOP)
        return begin

    @staticmethod
    def mend(node):
        node.haproxy.signal(signal.SIGCONT)


class Empty(Fault):
    @staticmethod
    def befall(node):
        node.haproxy_says("set server web/web1 state maint")
        node.haproxy_says("set server web/web2 state maint")
        return time.monotonic()

    @staticmethod
    def mend(node):
        for server in ("web1", "web2"):
            node.haproxy_says(f"set server web/{server} state ready")


KILLED = Killed("killed", "HAProxy is killed")
HUNG = Hung("hung", "HAProxy hangs")
EMPTY = Empty("empty", "HAProxy's last server goes")


def program_of(node):
    """HAProxy under a name of the node's own: keepalived looks for processes by name, and those of
    both nodes and their servers are processes of one machine."""
    return f"haproxy-{node.name}"


def start_haproxy(node):
    node.haproxy = node.space.spawn("haproxy", program_of(node), "-db", "-f",
                                    "/etc/haproxy/haproxy.cfg")
    wait_until(lambda: "Pid:" in _info(node), 5, f"HAProxy of {node.name} answers")


def _info(node):
    try:
        return node.haproxy_says("show info")
    except OSError:
        return ""


class Havip:
    cannot = {}

    def __init__(self, name, toml):
        self.name = name
        self._toml = toml

    def start(self, lab):
        for node in lab.nodes.values():
            node.configure(self._toml)
            node.start_havip()


class Keepalived:
    cannot = {"hung": "does not notice", "empty": "does not notice"}

    def __init__(self, name, check, track):
        self.name = name
        self._check = check
        self._track = track

    def start(self, lab):
        for node in lab.nodes.values():
            space = node.space
            space.run("sh", "-c", "mkdir -p /run/netns && touch /run/netns/lab && "
                                  "mount --bind /proc/self/ns/net /run/netns/lab")
            space.write("/etc/keepalived.conf", f"""\
global_defs {{
    vrrp_version 3
    vrrp_garp_master_delay 1
    script_user root
    enable_script_security
}}
{self._check.format(program=program_of(node))}
vrrp_instance public {{
    state BACKUP
    interface {files.INTERFACE}
    virtual_router_id {files.VRID}
    priority {node.priority}
    advert_int 1
    {self._track} {{
        haproxy
    }}
    virtual_ipaddress {{
        {files.VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH}
    }}
}}
""")
            command = ["nsenter", "--target", str(space.pid), "--mount", "--uts", "--root", "--wd",
                       "--", "keepalived", "--dont-fork", "--log-console", "--vrrp",
                       "--namespace=lab", "--use-file", "/etc/keepalived.conf"]
            node.keepalived = Daemon(f"{node.name}: keepalived", command,
                                     os.path.join(space.folder, "keepalived.log"))


AT_BEST = Keepalived("keepalived, track_process",
                     "vrrp_track_process haproxy {{\n    process {program}\n}}", "track_process")
AS_USUAL = Keepalived("keepalived, script each 2 s",
                      'vrrp_script haproxy {{\n    script "/usr/bin/pgrep -x {program}"\n'
                      "    interval 2\n    fall 2\n    rise 2\n}}", "track_script")


def stop(lab):
    for node in lab.nodes.values():
        if getattr(node, "keepalived", None):
            node.keepalived.stop()


def trial(lab, fault):
    """Milliseconds from the fault to the first answer by the other node."""
    lb1, lb2 = lab.nodes.values()
    probe = Probe(lab.client, files.VIRTUAL_ADDRESS, interval=EACH)
    try:
        probe.wait_for_answer("lb1", time.monotonic(), 10)
        begin = fault.befall(lb1)
        return 1000 * (probe.wait_for_answer(lb2.name, begin, 30) - begin)
    finally:
        fault.mend(lb1)
        probe.close()


def settle(lab):
    """lb1 has the address and has had it for a while: announcements and recoveries are over."""
    lab.until_only_holder("lb1", within=60)
    time.sleep(1.5)
    lab.until_only_holder("lb1", within=60)


def measure(options, product, fault, ring, trials):
    with Lab(havip=options.havip, nodes=NODES) as lab:
        try:
            for node in lab.nodes.values():
                os.symlink("/usr/sbin/haproxy", os.path.join(lab.folder, "bin", program_of(node)))
                node.space.write("/etc/haproxy/haproxy.cfg",
                                 files.haproxy_cfg(node.name, level="admin", ring=ring))
                node.start_servers()
                start_haproxy(node)
            product.start(lab)
            times = []
            for _ in range(trials):
                settle(lab)
                times.append(trial(lab, fault))
            stop(lab)
            return times
        except LabError as error:
            stop(lab)
            raise LabError(f"{product.name}, {fault.name}: {error}\n{lab.report()}") from None


def plan(options):
    # One server is enough, so that only the last one counts.
    toml = files.havip_toml(NODES, extra='advert_interval = "1s"') + "at_least = 1\n"
    events = Havip("havip", toml)
    polls = Havip("havip, polling", POLLS + toml)
    rows = [(events, KILLED, True), (events, HUNG, True), (events, EMPTY, True),
            (polls, KILLED, False), (polls, EMPTY, False),
            (AT_BEST, KILLED, False), (AS_USUAL, KILLED, False)]
    if options.quick:
        rows = [(events, KILLED, True), (events, EMPTY, True), (AT_BEST, KILLED, False)]
    return [row for row in rows if not options.only or row[1].name in options.only]


def table(results):
    lines = ["| fault | product | trials | least | median | most (ms) |", "|---|---|---|---|---|---|"]
    for fault in (KILLED, HUNG, EMPTY):
        for row in (row for row in results if row["fault"] == fault.name):
            times = row["ms"]
            lines.append(f"| {fault.words} | {row['product']} | {len(times)} | {min(times):.0f} "
                         f"| {statistics.median(times):.0f} | {max(times):.0f} |")
        if fault.name in Keepalived.cannot and any(row["fault"] == fault.name for row in results):
            lines.append(f"| {fault.words} | keepalived | - | {Keepalived.cannot[fault.name]} | | |")
    return "\n".join(lines)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--havip", default=os.environ.get("HAVIP"), metavar="FILE",
                        help="the program to measure [the environment's HAVIP]")
    parser.add_argument("--trials", type=int, default=11, help="of each fault [11]")
    parser.add_argument("--only", action="append", choices=["killed", "hung", "empty"])
    parser.add_argument("--json", metavar="FILE", help="writes all figures there as well")
    parser.add_argument("--quick", action="store_true",
                        help="one trial of each: shows that it works, not how well")
    options = parser.parse_args()
    if not options.havip:
        parser.error("--havip FILE is needed")
    options.trials = 1 if options.quick else options.trials
    return options


def load():
    with open("/proc/loadavg", encoding="ascii") as file:
        return file.read().split()[0]


def main():
    options = arguments()
    end_on_signals()
    require_tools("keepalived", "pgrep")
    before = load()
    results = []
    for product, fault, ring in plan(options):
        times = measure(options, product, fault, ring, options.trials)
        results.append({"product": product.name, "fault": fault.name, "ms": times})
        print(f"{product.name}, {fault.name}: {' '.join(f'{each:.0f}' for each in times)} ms",
              file=sys.stderr, flush=True)
    print(f"{os.cpu_count()} CPUs, kernel {os.uname().release}; load before {before}, "
          f"after {load()}; adverts each second, a request every {1000 * EACH:.0f} ms\n")
    print(table(results))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    try:
        main()
    except LabError as failure:
        sys.exit(str(failure))
