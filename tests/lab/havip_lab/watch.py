# SPDX-License-Identifier: Apache-2.0
"""Who holds what, asked of the kernels themselves every few milliseconds.

A netlink socket belongs for life to the network it was made in. So one thread of the test asks
all nodes' kernels in turn, at some 100 microseconds a round, where a process for each question
would take longer than what is looked for.

    with Watch(lab) as watch:
        ...
    print(watch.overlap(), watch.vacancy())

A time is counted from the first look that saw it to the last one; what only one look saw is 0.
"""

import ctypes
import ipaddress
import os
import socket
import struct
import threading
import time

INTERVAL = 0.002

_CLONE_NEWNET = 0x40000000
_RTM_NEWADDR, _RTM_GETADDR = 20, 22
_NLMSG_DONE = 3
_DUMP_REQUEST = 0x301  # NLM_F_REQUEST, NLM_F_DUMP
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_DADFAILED = 0x08


def _netlink_socket(pid):
    """A route netlink socket in the network of the process, made by a thread that enters it."""
    made = []

    def enter():
        libc = ctypes.CDLL(None, use_errno=True)
        network = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            if libc.setns(network, _CLONE_NEWNET) == 0:
                made.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0))
        finally:
            os.close(network)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if not made:
        raise OSError(f"cannot enter the network of process {pid}")
    made[0].settimeout(5)
    return made[0]


def _attributes(data):
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        yield kind, data[at + 4:at + length]
        at += max(4, length + 3 & ~3)


def _addresses_in(data):
    """(whether the answer is complete, the addresses of this part of it)."""
    found = []
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        if kind == _NLMSG_DONE:
            return True, found
        if kind == _RTM_NEWADDR:
            _, bits, flags = struct.unpack_from("=BBB", data, at + 16)
            attributes = dict(_attributes(data[at + 24:at + length]))
            address = attributes.get(_IFA_LOCAL, attributes.get(_IFA_ADDRESS))
            if address and not flags & _DADFAILED:
                found.append((address, bits))
        at += length + 3 & ~3
    return False, found


def held_by(netlink):
    """The addresses, (packed, prefix length), of all interfaces of the socket's network."""
    netlink.send(struct.pack("=IHHIIB7x", 24, _RTM_GETADDR, _DUMP_REQUEST, 0, 0, socket.AF_UNSPEC))
    addresses = set()
    complete = False
    while not complete:
        complete, found = _addresses_in(netlink.recv(65536))
        addresses.update(found)
    return addresses


class Watch:
    """Records what each node holds of lab.kept, from `with` until its end.

    `history` are (first look, last look, {node's name: the addresses it holds}), one for each
    change. `stall` is the longest time between two looks.
    """

    def __init__(self, lab):
        self._kept = {}
        for text in lab.kept:
            interface = ipaddress.ip_interface(text)
            self._kept[(interface.packed, interface.network.prefixlen)] = text
        self._sockets = {node.name: _netlink_socket(node.space.pid)
                         for node in lab.nodes.values()}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.history = []
        self.stall = 0.0

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
        for each in self._sockets.values():
            each.close()

    def _look(self):
        while not self._over.is_set():
            # One after the other: an address that moves in between is seen on both or on none,
            # in this round only.
            held = {name: frozenset(self._kept[address] for address in held_by(each)
                                    if address in self._kept)
                    for name, each in self._sockets.items()}
            now = time.monotonic()
            if self.history:
                self.stall = max(self.stall, now - self.history[-1][1])
            if self.history and self.history[-1][2] == held:
                self.history[-1] = (self.history[-1][0], now, held)
            else:
                self.history.append((now, now, held))
            time.sleep(INTERVAL)

    def spells(self, condition, since=0.0):
        """(begin, seconds) of each time for which condition(held) was true without a break."""
        spells = []
        begin = end = None
        for first, last, held in [*self.history, (0.0, 0.0, None)]:
            if held is not None and condition(held) and last >= since:
                begin = begin or max(first, since)
                end = last
            elif begin:
                spells.append((begin, end - begin))
                begin = None
        return spells

    def _longest(self, condition, since):
        return max((1000 * seconds for _, seconds in self.spells(condition, since)), default=0.0)

    def overlap(self, since=0.0):
        """The longest time in ms for which some address was on two nodes."""
        def on_two(held):
            first, *others = held.values()
            return any(first & other for other in others)

        return self._longest(on_two, since)

    def vacancy(self, since=0.0):
        """The longest time in ms for which some address was on no node."""
        return self._longest(
            lambda held: not set(self._kept.values()) <= set().union(*held.values()), since)

    def separation(self, since=0.0):
        """The longest time in ms for which two nodes each held some of the addresses."""
        return self._longest(lambda held: sum(map(bool, held.values())) > 1, since)

    def __str__(self):
        return (f"on two nodes for {self.overlap():.0f} ms, on none for {self.vacancy():.0f} ms, "
                f"separated for {self.separation():.0f} ms, looked at every "
                f"{1000 * self.stall:.0f} ms or more often; "
                f"moves: {self._moves()}")

    def _moves(self):
        begin = self.history[0][0]
        return "; ".join(
            f"{moment - begin:.3f} " + (", ".join(f"{name} {len(addresses)}" for name, addresses
                                                  in held.items() if addresses) or "nobody")
            for moment, _, held in self.history)
