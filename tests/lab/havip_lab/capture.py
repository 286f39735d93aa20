# SPDX-License-Identifier: Apache-2.0
"""What went over the wire: frames as bytes, and Wireshark's opinion of them."""

import os
import signal
import struct
import subprocess
import time

from .process import LabError, wait_until


class Capture:
    """Records the frames that pass an interface of a space, from creation until stop().

    The filter is a pcap-filter(7) expression. After stop() `times` has the moments of the frames,
    by the wall clock.
    """

    def __init__(self, space, interface, filter_):
        self._file = os.path.join(space.folder, f"capture-{interface}.pcap")
        self.times = []
        self._daemon = space.spawn("dumpcap", "dumpcap", "-q", "-P", "-i", interface,
                                   "-f", filter_, "-w", self._file)
        # The header is written when the socket is open.
        wait_until(lambda: os.path.exists(self._file) and os.path.getsize(self._file) >= 24, 10,
                   f"dumpcap listens on {interface}")

    def stop(self):
        """Ends the recording; returns the frames in order, each as bytes."""
        time.sleep(0.3)  # the kernel hands frames over in blocks, and a block may wait so long
        self._daemon.signal(signal.SIGINT)
        self._daemon.wait()
        with open(self._file, "rb") as file:
            data = file.read()
        frames = []
        at = 24
        while at + 16 <= len(data):
            seconds, fraction, length = struct.unpack_from("=III", data, at)
            self.times.append(seconds + fraction / 1e6)
            frames.append(data[at + 16:at + 16 + length])
            at += 16 + length
        return frames

    def dissected(self, fields, options=()):
        """After stop(): tshark's view, one list of values for each frame."""
        command = ["tshark", "-r", self._file, "-T", "fields"]
        for option in options:
            command += ["-o", option]
        for field in fields:
            command += ["-e", field]
        done = subprocess.run(command, text=True, capture_output=True, timeout=60, check=False)
        if done.returncode != 0:
            raise LabError(f"tshark: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]
