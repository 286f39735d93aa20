# SPDX-License-Identifier: Apache-2.0
"""Sends VRRP advertisements that somebody else should have sent: the lab's own attacker.

Run in the client's namespace as: python3 -m havip_lab.forger SOURCE DESTINATION TTL PRIORITY COUNT
Each is wellformed version 3 for the lab's virtual router, one every 20 ms; the Ethernet address is
the client's, the rest is the forger's choice.

start() sends packets that the test has made: others, forged in more than one way, or recorded ones.
"""

import hashlib
import hmac
import ipaddress
import os
import socket
import struct
import sys
import time

from . import files, wire

INTERVAL = 0.020
_DESTINATION = slice(16, 20)


def _signature(message, source, key, key_id, now):
    """The trailer of draft-cassen-vrrp-auth-hmac as keepalived 2.4.3 has it."""
    stamp = struct.pack("!BBHIHH", 1, key_id, 0, int(now), int(now % 1 * 65536), 0)
    pseudo = bytes([4, message[0] >> 4, message[1], 0]) + source + bytes(12)
    # The checksum is read as 0.
    covered = pseudo + message[:6] + bytes(2) + message[8:] + stamp + bytes(16)
    return stamp + hmac.digest(key, covered, hashlib.sha256)[:16]


def packet(source, destination, ttl, priority, key=None, key_id=1, bad_checksum=False):
    """An IPv4 packet; the kernel fills its length, identification and checksum in.

    With a key it is signed as of now.
    """
    source, destination = (ipaddress.ip_address(text).packed for text in (source, destination))
    head = bytes([0x31, files.VRID, priority, 1]) + struct.pack("!H", 10)
    address = ipaddress.ip_address(files.VIRTUAL_ADDRESS).packed
    whole = head + b"\0\0" + address
    covered = wire.pseudo_header(source, destination, len(whole)) + whole
    checksum = wire.internet_checksum(covered) ^ (0x1234 if bad_checksum else 0)
    message = head + struct.pack("!H", checksum) + address
    if key:
        message += _signature(message, source, key, key_id, time.time())
    return struct.pack("!BBHHHBBH", 0x45, 0xC0, 0, 0, 0, ttl, wire.VRRP, 0) \
        + source + destination + message


def start(lab, packets, interval=INTERVAL, count=1):
    """Sends each of the IPv4 packets `count` times from the client, one every `interval` seconds
    in turn. Returns the Daemon that does."""
    folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return lab.client.spawn("forger", "env", f"PYTHONPATH={folder}", sys.executable, "-B", "-m",
                            "havip_lab.forger", "--packets", interval, count,
                            *(each.hex() for each in packets))


def send(packets, interval, count):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, files.INTERFACE.encode())
        due = time.monotonic()
        for _ in range(count):
            for each in packets:
                raw.sendto(each, (str(ipaddress.ip_address(each[_DESTINATION])), 0))
                due += interval
                time.sleep(max(0.0, due - time.monotonic()))


def main():
    if sys.argv[1] == "--packets":
        interval, count, *packets = sys.argv[2:]
        send([bytes.fromhex(each) for each in packets], float(interval), int(count))
    else:
        source, destination, ttl, priority, count = sys.argv[1:]
        send([packet(source, destination, int(ttl), int(priority))], INTERVAL, int(count))


if __name__ == "__main__":
    main()
