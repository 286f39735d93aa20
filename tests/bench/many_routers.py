#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What 200 virtual routers cost, and how soon the last of 200 addresses answers after a crash.

A pair of nodes runs havip and then, configured the same, keepalived, in one run on one machine:
what counts is the ratio. Each virtual router has one IPv4 address, version 3, multicast and an
interval of 100 ms. The crash is silent: the switch forwards nothing from or to the Active Router's
port any more, at a random moment of its interval, and the client asks each address every 10 ms.

Without loss the Backup Router waits 3 x 100 ms + (256 - 100) / 256 x 100 ms = 361 ms after the
last advertisement, which was sent up to 100 ms before the crash: 261 to 361 ms for one address, and
what is above is the product's.

As root:
    tests/bench/many_routers.py --havip build/release/havip [--json FILE] [--trials N]
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "lab"))

from havip_lab import Lab, LabError, end_on_signals, files, wait_until
from havip_lab.dialect import Dialect, VirtualRouter, havip_toml, keepalived_conf
from havip_lab.process import bound_to_this_thread, require_tools
import cost

MANY = 200
NODES = (("lb1", "192.0.2.251", 150), ("lb2", "192.0.2.252", 100))
# The client is 192.0.2.100.
HOSTS = [host for host in range(1, MANY + 2) if host != 100]
DIALECT = Dialect()


def routers(count):
    return tuple(VirtualRouter(f"vr{vrid}", files.INTERFACE, vrid,
                               (f"192.0.2.{host}/{files.PREFIX_LENGTH}",))
                 for vrid, host in enumerate(HOSTS[:count], start=1))


class Havip:
    name = "havip"

    @staticmethod
    def start(node, kept):
        node.configure(havip_toml(DIALECT, node, routers=kept))
        node.start_havip()

    @staticmethod
    def daemon(node):
        return node.havip


class Keepalived:
    name = "keepalived"
    # What havip does unasked: real-time priority and memory that is never swapped out. With many
    # virtual routers the start takes longer than the 10 ms after which it would be killed.
    best = ("global_defs {\n    vrrp_rt_priority 2\n    vrrp_rlimit_rttime 1000000\n"
            "    vrrp_no_swap\n")

    @classmethod
    def start(cls, node, kept):
        conf = keepalived_conf(DIALECT, node, routers=kept)
        node.start_keepalived(conf.replace("global_defs {\n", cls.best, 1))

    @staticmethod
    def daemon(node):
        return node.keepalived


class SwitchPort:
    """A port of the switch that can fall silent within a millisecond; its carrier stays."""

    def __init__(self, switch, name):
        self._name = name
        # It carries a line out when it has read it, so no program need be started at the cut.
        self._bridge = subprocess.Popen(
            bound_to_this_thread(switch.space.command("bridge", "-force", "-batch", "-")),
            stdin=subprocess.PIPE, text=True)

    def _set(self, state):
        asked = time.monotonic()
        self._bridge.stdin.write(f"link set dev {self._name} state {state}\n")
        self._bridge.stdin.flush()
        return asked

    def cut(self):
        """Returns when it was cut, or some microseconds before."""
        return self._set("disabled")

    def join(self):
        self._set("forwarding")

    def close(self):
        self._bridge.stdin.close()
        self._bridge.wait(5)


class Answers:
    """Who answers the client: the lines of echo_watch.py."""

    def __init__(self, lab, addresses):
        self._daemon = lab.client.spawn("echo_watch", sys.executable, "-B",
                                        os.path.join(HERE, "echo_watch.py"),
                                        files.INTERFACE, *addresses)
        self._macs = {name: node.space.run("cat", f"/sys/class/net/{files.INTERFACE}/address")
                      .stdout.strip() for name, node in lab.nodes.items()}

    def _lines(self):
        with open(self._daemon.log, encoding="utf-8") as file:
            return [line for line in file if line.endswith("\n")]

    def until_all_from(self, name, lasting=0.0, within=60):
        """Waits until the node has answered for all addresses for so long; returns the line."""
        mac = self._macs[name]
        seen = []  # the lines, and when there was a new one

        def steady():
            nonlocal seen
            lines = self._lines()
            if not seen or len(lines) != seen[0]:
                seen = [len(lines), time.monotonic()]
            line = json.loads(lines[-1]) if lines else {"mac": None}
            return line if line["mac"] == mac and time.monotonic() - seen[1] >= lasting else None

        return wait_until(steady, within, f"{name} answers for every address for {lasting:g} s")

    def close(self):
        self._daemon.stop()


def crash_trials(lab, addresses, trials, dice):
    """Outages in ms: of the first and of the last address that the other node answers for."""
    port = SwitchPort(lab.switch, "lb1")
    answers = Answers(lab, addresses)
    outages = []
    try:
        for _ in range(trials):
            # The announcements after the return are over, and the phase is any.
            answers.until_all_from("lb1", 6 + dice.random() if trials > 1 else 1)
            cut = port.cut()
            line = answers.until_all_from("lb2")
            outage = {"first_ms": 1000 * (line["first"] - cut),
                      "last_ms": 1000 * (line["last"] - cut), "client_late_ms": 1000 * line["late"]}
            if outage["first_ms"] < 0:
                raise LabError(f"an address moved before the crash: {outage}")
            outages.append(outage)
            port.join()
    finally:
        answers.close()
        port.close()
    return outages


def run(product, count, options, trials, dice):
    """One product with so many virtual routers; returns its figures."""
    kept = routers(count)
    with Lab(havip=options.havip, nodes=NODES) as lab:
        try:
            lab.kept = tuple(router.addresses[0] for router in kept)
            for node in lab.nodes.values():
                node.start_servers()
                node.start_haproxy()
            for node in lab.nodes.values():
                product.start(node, kept)
            wait_until(lambda: lab.only_holder() == "lb1", 30, "lb1 alone has every address")
            # Both repeat their announcements for some seconds.
            time.sleep(1 if options.quick else 10)
            costs, busy = cost.measure({name: product.daemon(node).pid
                                        for name, node in lab.nodes.items()}, options.seconds)
            addresses = [address.partition("/")[0] for address in lab.kept]
            outages = crash_trials(lab, addresses, trials, dice) if trials else []
            crashed = [daemon.name for daemon in lab.crashed()]
            if crashed:
                raise LabError(f"ended by themselves: {', '.join(crashed)}")
        except LabError as error:
            raise LabError(f"{product.name}, {count} virtual routers: {error}\n{lab.report()}") \
                from None
    figures = {"active_cpu_percent": costs["lb1"]["cpu_percent"],
               "backup_cpu_percent": costs["lb2"]["cpu_percent"],
               "active_pss_mib": costs["lb1"]["pss_mib"],
               "backup_pss_mib": costs["lb2"]["pss_mib"]}
    if outages:
        for key, words in (("first_ms", "first_answers"), ("last_ms", "last_answers")):
            times = [outage[key] for outage in outages]
            for how, of in (("min", min), ("median", statistics.median), ("max", max)):
                figures[f"{words}_{how}_ms"] = of(times)
    return {"figures": figures, "threads": {name: each["threads"] for name, each in costs.items()},
            "trials": outages, "machine_busy_percent": busy}


ROWS = (("active_cpu_percent", "CPU of the active node, % of a core", 2),
        ("backup_cpu_percent", "CPU of the backup node, % of a core", 2),
        ("active_pss_mib", "memory of the active node, MiB (PSS)", 1),
        ("backup_pss_mib", "memory of the backup node, MiB (PSS)", 1),
        ("first_answers_median_ms", "silent crash: first address answers, ms, median", 0),
        ("last_answers_min_ms", "silent crash: last address answers, ms, least", 0),
        ("last_answers_median_ms", "silent crash: last address answers, ms, median", 0),
        ("last_answers_max_ms", "silent crash: last address answers, ms, most", 0))


def table(results):
    lines = ["| virtual routers | | havip | keepalived | ratio |", "|---|---|---|---|---|"]
    for count, products in results.items():
        ours, theirs = (products[name]["figures"] for name in ("havip", "keepalived"))
        for key, words, digits in ROWS:
            if key in ours:
                lines.append(f"| {count} | {words} | {ours[key]:.{digits}f} "
                             f"| {theirs[key]:.{digits}f} | {ours[key] / theirs[key]:.2f} |")
    return "\n".join(lines)


def machine():
    with open("/proc/loadavg", encoding="ascii") as file:
        load = [float(word) for word in file.read().split()[:3]]
    return {"cpus": os.cpu_count(), "kernel": os.uname().release, "load": load}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--havip", default=os.environ.get("HAVIP"), metavar="FILE",
                        help="the program to measure [the environment's HAVIP]")
    parser.add_argument("--routers", type=int, action="append", metavar="N",
                        help="how many virtual routers; may be repeated [1 and 200]")
    parser.add_argument("--trials", type=int, default=7, help="crashes of each product [7]")
    parser.add_argument("--seconds", type=float, default=15, help="of steady state [15]")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of the crashes [1]")
    parser.add_argument("--json", metavar="FILE", help="writes all figures there as well")
    parser.add_argument("--quick", action="store_true",
                        help="one crash after a short wait: shows that it works, not how well")
    options = parser.parse_args()
    if not options.havip:
        parser.error("--havip FILE is needed")
    if options.quick:
        options.trials, options.seconds = 1, 2
    options.routers = options.routers or ([MANY] if options.quick else [1, MANY])
    return options


def main():
    options = arguments()
    end_on_signals()
    require_tools("keepalived", "bridge")
    before = machine()
    results = {}
    for count in options.routers:
        results[count] = {}
        for product in (Havip, Keepalived):
            # The same moments for both.
            results[count][product.name] = run(product, count, options, options.trials,
                                               random.Random(options.seed))
            print(f"{product.name}, {count}: {results[count][product.name]['figures']}",
                  file=sys.stderr, flush=True)
    after = machine()
    print(f"{before['cpus']} CPUs, kernel {before['kernel']}; load before {before['load'][0]}, "
          f"after {after['load'][0]}; {options.trials} crashes of each")
    for count, products in results.items():
        for name, result in products.items():
            late = max((trial["client_late_ms"] for trial in result["trials"]), default=0)
            print(f"{name}, {count} virtual router(s): all of the machine was at "
                  f"{result['machine_busy_percent']:.0f} % of a core while the cost was measured; "
                  f"the client asked up to {late:.0f} ms late")
    print(f"\n{table(results)}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"before": before, "after": after, "results": results}, file, indent=1)


if __name__ == "__main__":
    try:
        main()
    except LabError as failure:
        sys.exit(str(failure))
