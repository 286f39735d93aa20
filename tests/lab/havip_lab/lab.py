# SPDX-License-Identifier: Apache-2.0
"""Two load balancers, a switch and a client, as network namespaces of this machine.

       client 192.0.2.100
          |
       switch ---- lb2 192.0.2.12
          |
         lb1 192.0.2.11            the address they keep: 192.0.2.10

All have an IPv6 address as well, fd00:db8:: with the same last number.

Each load balancer has its own /etc, /run and /var/lib, so that havip and HAProxy run with the
same file and the same default paths as on a real machine. A lab has nothing in common with
another one but the machine's CPUs: any number can run side by side.

    with Lab(havip="build/release/havip") as lab:
        lab.start()
        with lab.probe() as probe: ...

A lab is taken down at the end of the `with`, on SIGINT, SIGTERM and SIGHUP and when the program
ends in any other way; only processes that it started are ended. Of a lab that was killed only
its folder in /tmp can be left; the next lab removes it.
"""

import atexit
import contextlib
import fcntl
import glob
import os
import shutil
import signal
import socket
import sys
import tempfile
import time

from . import files
from .node import Node
from .probe import Probe
from .process import Daemon, LabError, require_tools, wait_until
from .space import Space

_FOLDERS = "havip-lab."
# A folder younger than this may belong to a lab that is about to lock it.
_NEWBORN = 10.0

CLIENT_ADDRESS = "192.0.2.100"
NODES = (("lb1", "192.0.2.11", 150), ("lb2", "192.0.2.12", 100))


def _in_both_families(address):
    host = address.rpartition(".")[2]
    return (f"{address}/{files.PREFIX_LENGTH}", f"{files.NETWORK6}{host}/{files.PREFIX_LENGTH6}")


class Stopped(KeyboardInterrupt):
    """A signal asked the program to end. A KeyboardInterrupt, so that unittest ends as well."""

    def __init__(self, number):
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number


def end_on_signals():
    """Makes SIGINT, SIGTERM and SIGHUP raise Stopped, each once."""
    def stop(number, _):
        ignore_signals()
        raise Stopped(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def ignore_signals():
    """For the time of cleaning up, which must not be cut short by an impatient second Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Not SIG_IGN: Python complains about a signal that is pending already.
        signal.signal(number, lambda *_: None)


class Switch:
    """An Ethernet switch with a cable to each machine."""

    def __init__(self, folder, path):
        self.space = Space("switch", folder, private_files=False, path=path)
        self.add_network("br0")

    def add_network(self, bridge):
        self.space.run("ip", "link", "add", bridge, "type", "bridge", "forward_delay", "0",
                       "stp_state", "0", "mcast_snooping", "0")
        self.space.run("ip", "link", "set", bridge, "up")

    def connect(self, space, addresses, interface=files.INTERFACE, bridge="br0", cable=None):
        """`addresses` with their lengths. The cable is called like the machine if not otherwise."""
        cable = cable or space.name
        self.space.run("ip", "link", "add", cable, "type", "veth",
                       "peer", "name", interface, "netns", str(space.pid))
        self.space.run("ip", "link", "set", cable, "master", bridge, "up")
        for address in addresses:
            space.run("ip", "address", "add", address, "dev", interface)
        space.run("ip", "link", "set", interface, "up")

    def pull_cable(self, name):
        """The machine's interface loses its carrier."""
        self.space.run("ip", "link", "set", name, "down")

    def plug_cable(self, name):
        self.space.run("ip", "link", "set", name, "up")

    def swallow(self, *rules):
        """Drops frames between its ports without a trace until deliver_all(); the cables stay.

        Each rule is a condition of nft(8), like "ip protocol 112". They replace earlier ones.
        """
        drops = "".join(f"add rule bridge lab forward {rule} drop\n" for rule in rules)
        self.space.run("sh", "-c", "printf %s \"$1\" | nft -f -", "sh",
                       "add table bridge lab\ndelete table bridge lab\nadd table bridge lab\n"
                       "add chain bridge lab forward { type filter hook forward priority 0; }\n"
                       + drops)

    def deliver_all(self):
        self.space.run("nft", "delete", "table", "bridge", "lab")


class Lab:
    """See the module. `havip` is the program under test; None where the test brings its own.

    With `back` the nodes have a second network, with a switch of its own. `kept` are the addresses
    that the nodes keep together, as ADDRESS/LENGTH; the lab's own one if a test says nothing else.
    """

    def __init__(self, havip=None, nodes=NODES, back=False):
        require_tools("haproxy", "ip", "nsenter", "unshare", "setpriv", "mount", "curl")
        if havip and not os.access(havip, os.X_OK):
            raise LabError(f"there is no havip at {havip}: build it first")
        _remove_leftovers()
        self.folder = tempfile.mkdtemp(prefix=_FOLDERS)
        self._lock = os.open(self.folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        self._closing = contextlib.ExitStack()
        self._closing.callback(self._remove_folder)
        self._forwarders = []
        self.kept = (f"{files.VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH}",)
        atexit.register(self.close)
        try:
            self._build(havip, nodes, back)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _build(self, havip, nodes, back):
        programs = os.path.join(self.folder, "bin")
        os.mkdir(programs)
        if havip:
            os.symlink(os.path.abspath(havip), os.path.join(programs, "havip"))
        path = f"{programs}:{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
        self.switch = Switch(os.path.join(self.folder, "switch"), path)
        self._closing.callback(self.switch.space.close)
        self.client = Space("client", os.path.join(self.folder, "client"), private_files=False,
                            path=path)
        self._closing.callback(self.client.close)
        self.switch.connect(self.client, _in_both_families(CLIENT_ADDRESS))
        if back:
            self.switch.add_network("br1")
        self.nodes = {}
        for name, address, priority in nodes:
            node = Node(name, address, priority, os.path.join(self.folder, name), path)
            self._closing.callback(node.close)
            self.switch.connect(node.space, _in_both_families(address))
            if back:
                self.switch.connect(node.space, [f"{node.back_address}/{files.PREFIX_LENGTH}"],
                                    files.BACK_INTERFACE, "br1", f"{name}-back")
            node.configure(files.havip_toml(nodes))
            self.nodes[name] = node
        for node in self.nodes.values():
            node.until_network_is_ready()

    def start(self):
        """Starts everything, and returns when the address has its holder and a healthy HAProxy."""
        for node in self.nodes.values():
            node.start_servers()
            node.start_haproxy()
        for node in self.nodes.values():
            node.start_havip()
        best = max(self.nodes.values(), key=lambda node: node.priority)
        self.until_only_holder(best.name, within=10)

    def holders(self):
        """The names of the nodes whose kernel has the addresses, or any of them."""
        return [node.name for node in self.nodes.values() if node.held(self.kept)]

    def only_holder(self):
        """The name of the node that alone has the addresses, and all of them; None if no node."""
        held = {node.name: node.held(self.kept) for node in self.nodes.values()}
        holders = [name for name, addresses in held.items() if addresses]
        complete = len(holders) == 1 and len(held[holders[0]]) == len(self.kept)
        return holders[0] if complete else None

    def until_only_holder(self, name, within=5):
        """Waits until this node alone has the addresses; the LabError says who has them instead."""
        try:
            wait_until(lambda: self.only_holder() == name, within, "")
        except LabError:
            held = [f"{node.name} has {', '.join(node.held(self.kept)) or 'nothing'}"
                    for node in self.nodes.values()]
            raise LabError(f"not within {within:g} s: {name} alone has {', '.join(self.kept)}; "
                           + "; ".join(held)) from None

    @contextlib.contextmanager
    def probe(self):
        """A client that asks through the first kept address from now on; see module probe.

        A link-local one does not count: the client would have to say on which network.
        """
        address = next(kept for kept in self.kept if not kept.startswith("fe80:"))
        probe = Probe(self.client, address.partition("/")[0])
        try:
            yield probe
        finally:
            probe.close()

    def forward(self, node, port=8406):
        """Makes a port of the node's loopback reachable on the host's; returns host's port."""
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            command = node.space.command(
                "env", f"PYTHONPATH={package}", sys.executable, "-m", "havip_lab.forward",
                listener.fileno(), "127.0.0.1", port)
            daemon = Daemon(f"forwarder to {node.name}", command,
                            os.path.join(self.folder, node.name, "forward.log"),
                            keep_descriptors=(listener.fileno(),))
            self._closing.callback(daemon.stop)
            return listener.getsockname()[1]

    def crashed(self):
        """The programs of the nodes that ended though nobody ended them."""
        return [daemon for node in self.nodes.values() for daemon in node.space.crashed()]

    def report(self):
        """The last lines of every program's output: what to look at when a test has failed."""
        text = ""
        for log in sorted(glob.glob(os.path.join(self.folder, "*", "*.log"))):
            with open(log, encoding="utf-8", errors="replace") as file:
                lines = file.readlines()[-30:]
            if lines:
                text += f"--- {os.path.relpath(log, self.folder)}\n{''.join(lines)}"
        return text

    def close(self):
        """Takes everything down; a second call does nothing."""
        atexit.unregister(self.close)
        before = {number: signal.getsignal(number)
                  for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        ignore_signals()
        try:
            self._closing.close()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _remove_folder(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)


def _remove_leftovers():
    """Removes the folders of labs that were killed: those that nobody has locked."""
    for folder in glob.glob(os.path.join(tempfile.gettempdir(), _FOLDERS + "*")):
        try:
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue
        try:
            if time.time() - os.fstat(descriptor).st_mtime > _NEWBORN:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass  # it is alive
        finally:
            os.close(descriptor)
