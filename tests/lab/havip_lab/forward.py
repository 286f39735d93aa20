# SPDX-License-Identifier: Apache-2.0
"""Makes a port inside a namespace reachable on the host's loopback, for a browser.

The listening socket is made on the host and handed to a program inside, where it stays a socket
of the host; the connections it makes on are the namespace's. The daemon sees this program's user
as the caller. Run as: python3 -m havip_lab.forward DESCRIPTOR ADDRESS PORT
"""

import socket
import sys
import threading


def carry(source, sink):
    """Copies until the end of the stream and passes the end on; a broken stream ends both ways."""
    how = socket.SHUT_WR
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        how = socket.SHUT_RDWR
    for end in (sink, source) if how == socket.SHUT_RDWR else (sink,):
        try:
            end.shutdown(how)
        except OSError:
            pass  # gone already


def serve(connection, target):
    with connection:
        try:
            inside = socket.create_connection(target, 5)
        except OSError:
            return
        with inside:
            inside.settimeout(None)
            back = threading.Thread(target=carry, args=(inside, connection), daemon=True)
            back.start()
            carry(connection, inside)
            back.join()


def main():
    listener = socket.socket(fileno=int(sys.argv[1]))
    target = (sys.argv[2], int(sys.argv[3]))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, target), daemon=True).start()


if __name__ == "__main__":
    main()
