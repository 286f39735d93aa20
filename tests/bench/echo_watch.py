# SPDX-License-Identifier: Apache-2.0
"""Watches which machine answers for each of many addresses, from the client's namespace.

Every address gets an ICMP echo request each ROUND. Whenever all of them have come to be answered
by one machine a line of JSON is written: its MAC, since when the first and the last of them have
been answered from there (CLOCK_MONOTONIC), and how late this program itself was at most. When that
is over, a line says so with the MAC null. The requests follow the kernel's own neighbour table, as
any client's do, so an address counts only when its announcement has arrived.

Run as: python3 echo_watch.py INTERFACE ADDRESS...
"""

import ctypes
import json
import os
import select
import socket
import struct
import sys
import time

ROUND = 0.010
STEPS = 10  # a round is sent in so many bursts, which are easier on the machine
# An address not heard of for so long is not answered any more.
SILENCE = 0.100
# Before what else the machine does, behind the daemons it watches.
NICENESS = -15

_ETH_P_IP = 0x0800
_SO_ATTACH_FILTER = 26
# Of IP packets those with the ICMP protocol (at 9), of type echo reply (at 20: no IP options).
_ECHO_REPLIES = ((0x30, 0, 0, 9), (0x15, 0, 3, 1), (0x30, 0, 0, 20), (0x15, 0, 1, 0),
                 (0x06, 0, 0, 64), (0x06, 0, 0, 0))


def echo_request():
    """The same for all: only who answers matters."""
    header = struct.pack("!BBHHH", 8, 0, 0, 0x4841, 1)
    total = sum(struct.unpack("!4H", header))
    return struct.pack("!BBHHH", 8, 0, ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF, 0x4841, 1)


def _open_replies(interface):
    """A packet socket tells the Ethernet address as well."""
    replies = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, 0)
    program = b"".join(struct.pack("=HBBI", *each) for each in _ECHO_REPLIES)
    memory = ctypes.create_string_buffer(program)
    replies.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER,
                       struct.pack("@HP", len(_ECHO_REPLIES), ctypes.addressof(memory)))
    replies.bind((interface, _ETH_P_IP))
    return replies


class EchoWatch:
    def __init__(self, interface, addresses, output):
        self._targets = [(address, 0) for address in addresses]
        self._answers = {socket.inet_aton(address): None for address in addresses}
        self._steady = None
        self._late = 0.0
        self._output = output
        self._replies = _open_replies(interface)
        self._requests = socket.socket(socket.AF_INET, socket.SOCK_RAW | socket.SOCK_NONBLOCK,
                                       socket.IPPROTO_ICMP)
        # Every reply is queued here as well; nobody reads them.
        self._requests.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)

    def run(self):
        request = echo_request()
        step = 0
        due = time.monotonic()
        while True:
            for target in self._targets[step % STEPS::STEPS]:
                try:
                    self._requests.sendto(request, target)
                except OSError:
                    pass  # no neighbour there yet, or its queue is full: the next round asks again
            step += 1
            if step % STEPS == 0:
                self._tell()
            # What was missed is not made up for: that would be a burst.
            now = time.monotonic()
            due += ROUND / STEPS
            self._late = max(self._late, now - due)
            due = max(due, now)
            while (left := due - time.monotonic()) > 0:
                if select.select([self._replies], [], [], left)[0]:
                    self._read()

    def _read(self):
        while True:
            try:
                packet, (_, _, _, _, mac) = self._replies.recvfrom(64)
            except BlockingIOError:
                return
            now = time.monotonic()
            source = packet[12:16]
            answer = self._answers.get(source, ())
            if answer is None or (answer and answer[0] != mac):
                self._answers[source] = [mac, now, now]
            elif answer:
                answer[2] = now

    def _tell(self):
        """An answer is [MAC, answered since, answered last]."""
        fresh = time.monotonic() - SILENCE
        answers = self._answers.values()
        macs = {answer[0] if answer and answer[2] > fresh else None for answer in answers}
        steady = macs.pop() if len(macs) == 1 else None
        if steady == self._steady:
            return
        self._steady = steady
        line = {"mac": None}
        if steady:
            since = [answer[1] for answer in answers]
            line = {"mac": steady.hex(":"), "first": min(since), "last": max(since),
                    "late": self._late}
        else:
            self._late = 0.0
        print(json.dumps(line), file=self._output, flush=True)


if __name__ == "__main__":
    os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
    EchoWatch(sys.argv[1], sys.argv[2:], sys.stdout).run()
