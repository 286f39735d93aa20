# SPDX-License-Identifier: Apache-2.0
"""VRRP advertisements as they were on the wire, read by a decoder that shares nothing with havip.

Version 2 is RFC 3768, version 3 RFC 9568 and, where the checksum differs, RFC 5798.
"""

import dataclasses
import ipaddress
import struct

VRRP = 112
GROUP = "224.0.0.18"
GROUP6 = "ff02::12"
TRAILER_LENGTH = 28
# What a capture must let through.
FILTER = f"ip proto {VRRP} or ip6 proto {VRRP}"


def internet_checksum(data):
    """RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def pseudo_header(source, destination, length):
    """RFC 5798 section 5.2.8 for IPv4; RFC 8200 section 8.1 for IPv6. Addresses as bytes."""
    if len(source) == 4:
        return source + destination + struct.pack("!BBH", 0, VRRP, length)
    return source + destination + struct.pack("!IBBBB", length, 0, 0, 0, VRRP)


@dataclasses.dataclass(frozen=True)
class Advert:
    """One advertisement. `checksum` says what it covers: "message", "pseudo-header" or "wrong"."""

    to_mac: str
    source: str
    destination: str
    hops: int
    tos: int
    version: int
    vrid: int
    priority: int
    interval_ms: int
    addresses: tuple
    auth: tuple  # version 2: its type and its eight bytes; empty in version 3
    checksum: str
    message: bytes
    trailer: bytes = b""  # of draft-cassen-vrrp-auth-hmac, which the checksum does not cover


def _checksum_covers(message, source, destination):
    if internet_checksum(message) == 0:
        return "message"
    covered = pseudo_header(source, destination, len(message)) + message
    return "pseudo-header" if internet_checksum(covered) == 0 else "wrong"


def decode(frame):
    """The Advert in an Ethernet frame, which must be one."""
    packet = frame[14:]
    if packet[0] >> 4 == 4:
        header = (packet[0] & 0xF) * 4
        tos, hops, width = packet[1], packet[8], 4
        source, destination = packet[12:16], packet[16:20]
        message = packet[header:struct.unpack_from("!H", packet, 2)[0]]
    else:
        tos, hops, width = (packet[0] & 0xF) << 4 | packet[1] >> 4, packet[7], 16
        source, destination = packet[8:24], packet[24:40]
        message = packet[40:40 + struct.unpack_from("!H", packet, 4)[0]]
    version = message[0] >> 4
    assert message[0] & 0xF == 1, "the only type is 1"
    end = 8 + message[3] * width
    addresses = tuple(str(ipaddress.ip_address(message[at:at + width]))
                      for at in range(8, end, width))
    whole = end + 8 if version == 2 else end
    message, trailer = message[:whole], message[whole:]
    assert len(trailer) in (0, TRAILER_LENGTH), "nothing follows but a signature"
    if version == 2:
        interval_ms, auth = message[5] * 1000, (message[4], message[end:end + 8])
        assert len(message) == whole, "eight bytes of authentication data, whatever its type"
    else:
        interval_ms, auth = (struct.unpack_from("!H", message, 4)[0] & 0xFFF) * 10, ()
    return Advert(
        to_mac=frame[:6].hex(":"), source=str(ipaddress.ip_address(source)),
        destination=str(ipaddress.ip_address(destination)), hops=hops, tos=tos, version=version,
        vrid=message[1], priority=message[2], interval_ms=interval_ms, addresses=addresses,
        auth=auth, checksum=_checksum_covers(message, source, destination), message=message,
        trailer=trailer)
