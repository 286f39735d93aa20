# SPDX-License-Identifier: Apache-2.0
"""What running programs cost: CPU time of every thread, and memory."""

import os
import time


def tree(pid):
    """The process and its descendants: keepalived is two."""
    pids = [pid]
    for each in pids:
        for task in os.listdir(f"/proc/{each}/task"):
            with open(f"/proc/{each}/task/{task}/children", encoding="ascii") as file:
                pids += map(int, file.read().split())
    return pids


def _cpu_seconds(pids):
    """By thread, from the scheduler's own nanoseconds; {"name tid": seconds}."""
    seconds = {}
    for pid in pids:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                seconds[f"{pid}/{task}"] = int(file.read().split()[0]) / 1e9
    return seconds


def _busy_seconds():
    """Of all CPUs of the machine together."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def pss_mib(pids):
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            total += next(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total / 1024


def measure(daemons, seconds):
    """Watches {name: pid} for so long; returns {name: cost}, and how busy the machine was.

    CPU time is in percent of one core; `threads` are its parts.
    """
    pids = {name: tree(pid) for name, pid in daemons.items()}
    before = {name: _cpu_seconds(each) for name, each in pids.items()}
    busy = _busy_seconds()
    begin = time.monotonic()
    time.sleep(seconds)
    after = {name: _cpu_seconds(each) for name, each in pids.items()}
    lasted = time.monotonic() - begin
    busy = 100 * (_busy_seconds() - busy) / lasted
    costs = {}
    for name, threads in after.items():
        parts = {task: 100 * (used - before[name].get(task, 0)) / lasted
                 for task, used in threads.items()}
        costs[name] = {"cpu_percent": sum(parts.values()), "threads": parts,
                       "pss_mib": pss_mib(pids[name])}
    return costs, busy
