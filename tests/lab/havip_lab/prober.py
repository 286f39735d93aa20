# SPDX-License-Identifier: Apache-2.0
"""The program that asks, in the client's namespace; the module probe says what it counts.

Run as: python3 -m havip_lab.prober ADDRESS PORT SECONDS_BETWEEN_TWO
"""

import errno
import os
import select
import socket
import sys
import time

from .probe import PATIENCE

# PATIENCE / interval requests wait at most; more only if the prober itself was held up.
MOST_WAITING = 256


class Prober:
    """Writes one line for each request: when it was sent and ended, and the rest of a Record."""

    def __init__(self, address, port, interval, output):
        self._interval = interval
        self._target = (address, port)
        self._family = socket.AF_INET6 if ":" in address else socket.AF_INET
        host = f"[{address}]" if ":" in address else address
        self._request = (f"GET / HTTP/1.1\r\nHost: {host}\r\n"
                         "Connection: close\r\n\r\n").encode()
        self._output = output
        self._epoll = select.epoll()
        self._waiting = {}  # descriptor -> [socket, sent, late, bytes received]; oldest first

    def run(self):
        start = time.monotonic()
        slot = 0
        while True:
            due = start + slot * self._interval
            now = time.monotonic()
            if now >= due:
                self._send(now, now - due)
                # Slots missed altogether are not made up for: that would be a burst.
                slot = int((now - start) / self._interval) + 1
            self._give_up(now)
            for descriptor, _ in self._epoll.poll(max(0.0, due - time.monotonic())):
                self._advance(descriptor)
            self._output.flush()

    def _send(self, now, late):
        if len(self._waiting) >= MOST_WAITING:
            return
        connection = socket.socket(self._family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        error = connection.connect_ex(self._target)
        if error not in (0, errno.EINPROGRESS):
            connection.close()
            self._record(now, late, False, errno.errorcode[error])
            return
        self._waiting[connection.fileno()] = [connection, now, late, None]
        self._epoll.register(connection.fileno(), select.EPOLLOUT)

    def _advance(self, descriptor):
        entry = self._waiting[descriptor]
        connection, _, _, received = entry
        try:
            if received is None:
                error = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if error:
                    raise OSError(error, os.strerror(error))
                connection.send(self._request)
                entry[3] = b""
                self._epoll.modify(descriptor, select.EPOLLIN)
                return
            data = connection.recv(4096)
        except BlockingIOError:
            return
        except OSError as error:
            self._finish(descriptor, False, errno.errorcode.get(error.errno, str(error)))
            return
        entry[3] += data
        if b"\r\n\r\n" in entry[3]:
            self._finish(descriptor, *self._judge(entry[3]))
        elif not data:
            self._finish(descriptor, False, "closed")

    @staticmethod
    def _judge(head):
        lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        status = (lines[0].split(" ") + ["", ""])[1]
        if status != "200":
            return False, f"status-{status}"
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "x-node":
                return True, value.strip()
        return True, "unnamed"

    def _give_up(self, now):
        for descriptor, entry in list(self._waiting.items()):
            if now - entry[1] < PATIENCE:
                break
            self._finish(descriptor, False, "timeout")

    def _finish(self, descriptor, good, answer):
        connection, sent, late, _ = self._waiting.pop(descriptor)
        connection.close()
        self._record(sent, late, good, answer)

    def _record(self, sent, late, good, answer):
        print(f"{sent:.6f} {time.monotonic():.6f} {int(good)} {late:.6f} {answer}",
              file=self._output)


if __name__ == "__main__":
    Prober(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.stdout).run()
