# SPDX-License-Identifier: Apache-2.0
"""A load balancer of the lab: HAProxy, two web servers behind it, and who keeps the address."""

import glob
import http.client
import json
import os
import signal
import socket

from . import files
from .frr import FrrRouter
from .process import LabError, wait_until
from .space import Space

ADMIN_SOCKET = "/run/havip/admin.sock"
HAPROXY_SOCKET = "/run/haproxy/admin.sock"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Node:
    """Nothing runs at first. The start_* functions return when what they start answers."""

    def __init__(self, name, address, priority, folder, path):
        self.name = name
        self.address = address
        host = address.rpartition(".")[2]
        self.address6 = f"{files.NETWORK6}{host}"
        self.back_address = f"{files.BACK_NETWORK}{host}"
        self.priority = priority
        self.space = Space(name, folder, private_files=True, path=path)
        self.servers = {}
        self.haproxy = None
        self.havip = None
        self.keepalived = None
        self.frr = None
        self.space.write("/etc/haproxy/haproxy.cfg", files.haproxy_cfg(name))
        for server, port in (("web1", 8001), ("web2", 8002)):
            self.space.write(f"/etc/haproxy/{server}.cfg", files.server_cfg(server, port))

    def until_network_is_ready(self):
        """Until the link-local addresses that the kernel makes can be used.

        What comes after is checked for duplicates as on any machine, unless its owner asks for
        something else: addresses that move must.
        """
        interfaces = {link["ifname"] for link, _ in self._addresses()} - {"lo"}
        for interface in interfaces:
            wait_until(lambda: self.link_local(interface), 5,
                       f"{interface} of {self.name} has a link-local address")
            self.space.set_sysctl(f"net/ipv6/conf/{interface}/accept_dad", 1)

    # HAProxy and the servers behind it

    def start_servers(self):
        """They answer when this returns: HAProxy would find them dead for a moment otherwise."""
        for server in ("web1", "web2"):
            self.servers[server] = self.space.spawn(
                server, "haproxy", "-db", "-f", f"/etc/haproxy/{server}.cfg")
        for server, daemon in self.servers.items():
            self._until_it_listens(daemon, f"/run/haproxy/{server}.sock")

    def start_haproxy(self):
        self.haproxy = self.space.spawn("haproxy", "haproxy", "-db", "-f",
                                        "/etc/haproxy/haproxy.cfg")
        self._until_it_listens(self.haproxy, HAPROXY_SOCKET)

    def haproxy_says(self, command):
        """Asks HAProxy's Runtime API."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5)
            connection.connect(self.space.path(HAPROXY_SOCKET))
            connection.sendall(command.encode() + b"\n")
            answer = b""
            while data := connection.recv(65536):
                answer += data
            return answer.decode()

    # havip

    def configure(self, havip_toml):
        self.space.write("/etc/havip/havip.toml", havip_toml)

    def start_havip(self):
        self.havip = self.space.spawn("havip", "havip", "run")
        self._until_it_listens(self.havip, ADMIN_SOCKET)

    def restart_havip(self, havip_toml):
        """As an operator changes the configuration: stop in good order, new file, start."""
        if self.havip.stop() != 0:
            raise LabError(f"{self.havip.name} ended with status {self.havip.status}")
        self.configure(havip_toml)
        self.start_havip()

    def mac(self, interface=files.INTERFACE):
        """As text: 02:00:..."""
        return self.space.run("cat", f"/sys/class/net/{interface}/address").stdout.strip()

    def rejected(self):
        """havip's counters of what it discarded, by reason, of the lab's one virtual router."""
        body = self.ask("GET", "/metrics", accept="text/plain")[1]
        counters = (line for line in body.splitlines()
                    if line.startswith("havip_vrrp_advertisements_rejected_total"))
        return {line.partition('reason="')[2].partition('"')[0]: int(float(line.rpartition(" ")[2]))
                for line in counters}

    def ask(self, method, path, accept="application/json"):
        """A request to havip's unix socket; returns the status and the body."""
        connection = _UnixConnection(self.space.path(ADMIN_SOCKET))
        try:
            connection.request(method, path, headers={"Accept": accept})
            response = connection.getresponse()
            return response.status, response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise LabError(f"{self.name}: havip does not answer {method} {path}: {error}") from None
        finally:
            connection.close()

    def status(self):
        """GET /v1/status as a dictionary."""
        code, body = self.ask("GET", "/v1/status")
        if code != 200:
            raise LabError(f"{self.name}: GET /v1/status: {code} {body}")
        return json.loads(body)

    def router(self):
        """The status of the lab's one virtual router."""
        return self.status()["virtual_routers"][0]

    def state(self):
        """init, backup, active or fault; "dead" when no havip answers."""
        try:
            return self.router()["state"]
        except LabError:
            return "dead"

    def until_state(self, state, within=5):
        wait_until(lambda: self.state() == state, within, f"{self.name} is {state}")

    # keepalived, as the neighbour of a mixed pair

    def start_keepalived(self, conf):
        """`conf` is the text of its configuration; see dialect.keepalived_conf()."""
        self.space.write("/etc/keepalived.conf", conf)
        # Of a killed one whose process table entry lingers it would say "already running".
        for pid_file in glob.glob(self.space.path("/run/*.pid")):
            os.unlink(pid_file)
        self.keepalived = self.space.spawn(
            "keepalived", "keepalived", "--dont-fork", "--log-console", "--vrrp",
            "--use-file", "/etc/keepalived.conf")

    def kill_keepalived(self):
        """Both of its processes: the parent would start the child again, and the child would
        tidy up when its parent died. The address stays on the node, as it does after a crash."""
        with open(f"/proc/{self.keepalived.pid}/task/{self.keepalived.pid}/children",
                  encoding="ascii") as file:
            children = [int(pid) for pid in file.read().split()]
        self.keepalived.signal(signal.SIGSTOP)
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        self.keepalived.kill()

    # FRR, likewise

    def start_frr(self, dialect, routers):
        self.frr = self.frr or FrrRouter(self, dialect, routers)
        self.frr.start()

    # The kernel

    def addresses(self):
        """The IPv4 addresses of the interface, as ADDRESS/LENGTH."""
        shown = self.space.run("ip", "-json", "-4", "address", "show", "dev", files.INTERFACE)
        return [f"{address['local']}/{address['prefixlen']}"
                for link in json.loads(shown.stdout) for address in link.get("addr_info", [])]

    def holds_address(self):
        return bool(self.held((f"{files.VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH}",)))

    def held(self, addresses):
        """Those of the addresses, ADDRESS/LENGTH, that the kernel answers for.

        Not those of an interface in protodown (see frr.py), nor one found to be a duplicate.
        """
        there = {f"{address['local']}/{address['prefixlen']}"
                 for link, address in self._addresses()
                 if not link.get("proto_down") and not address.get("dadfailed")}
        return [address for address in addresses if address in there]

    def link_local(self, interface=files.INTERFACE):
        """The link-local address that the interface has of its own; None before it is usable."""
        born = (address["local"] for link, address in self._addresses()
                if link["ifname"] == interface and address["local"].startswith("fe80:")
                and address["local"] != files.LINK_LOCAL_VIRTUAL_ADDRESS
                and not address.get("tentative"))
        return next(born, None)

    def _addresses(self):
        """(link, address), as ip(8) describes them, for each address."""
        shown = json.loads(self.space.run("ip", "-json", "address", "show").stdout)
        return [(link, address) for link in shown for address in link.get("addr_info", [])
                if "local" in address]

    def add_address(self):
        """Somebody's hand, or another program's."""
        self.space.run("ip", "address", "add",
                       f"{files.VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH}", "dev", files.INTERFACE)

    def remove_address(self):
        self.space.run("ip", "address", "delete",
                       f"{files.VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH}", "dev", files.INTERFACE)

    def close(self):
        # havip first, as at a shutdown: the address leaves before HAProxy does.
        for daemon in (self.havip, self.keepalived, self.haproxy):
            if daemon:
                daemon.stop()
        self.space.close()

    def _until_it_listens(self, daemon, socket_inside):
        path = self.space.path(socket_inside)

        def listens():
            if not daemon.running():
                return True
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                return os.path.exists(path) and connection.connect_ex(path) == 0

        wait_until(listens, 10, f"{daemon.name} listens on {socket_inside}")
        if not daemon.running():
            raise LabError(f"{daemon.name} ended with status {daemon.status}:\n{daemon.said()}")
