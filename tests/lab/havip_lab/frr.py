# SPDX-License-Identifier: Apache-2.0
"""FRR's vrrpd on a node of the lab.

FRR keeps each virtual router's addresses on a macvlan interface that has the virtual MAC. The
interface is there from the beginning, with its addresses; vrrpd has zebra put it into "protodown"
(no carrier) while it is Backup. FRR does not make these interfaces; FrrRouter does.
"""

from . import dialect as dialects
from .process import wait_until

_FOLDER = "/run/frr"
_PROGRAMS = "/usr/lib/frr"
_COMMON = ("-u", "root", "-g", "root", "--vty_socket", _FOLDER, "-z", f"{_FOLDER}/zserv.api",
           "--log", "stdout")


class FrrRouter:
    """zebra and vrrpd for some virtual routers. Stopped and killed is vrrpd; zebra stays."""

    def __init__(self, node, dialect, routers):
        self._space = node.space
        self._zebra = None
        self.vrrpd = None
        # They run as root: a program that changes its user is no longer bound to the lab's life.
        # FRR drops root's rights all the same, and then /etc/frr is closed to it.
        self._space.run("sed", "-i", "s/^frrvty:.*/&,root/", "/etc/group")
        self._space.run("mkdir", "-p", _FOLDER)
        self._space.write(f"{_FOLDER}/zebra.conf", "")
        self._space.write(f"{_FOLDER}/vrrpd.conf", dialects.vrrpd_conf(dialect, node, routers))
        for router in routers:
            self._add_interface(router, int(node.address.rpartition(".")[2]))

    def start(self):
        """Returns when vrrpd has taken its configuration over."""
        if not self._zebra:
            self._zebra = self._spawn("zebra")
            wait_until(lambda: self._listens("zebra"), 10, "zebra listens")
        self.vrrpd = self._spawn("vrrpd")
        wait_until(lambda: self._listens("vrrpd"), 10, "vrrpd listens")

    def stop(self):
        """vrrpd resigns; its interfaces are left in protodown."""
        return self.vrrpd.stop()

    def kill(self):
        """A crash: interfaces stay as they are, and the addresses with them."""
        self.vrrpd.kill()

    def _spawn(self, program):
        return self._space.spawn(program, f"{_PROGRAMS}/{program}", *_COMMON, "-i",
                                 f"{_FOLDER}/{program}.pid", "-f", f"{_FOLDER}/{program}.conf")

    def _listens(self, program):
        vtysh = ("vtysh", "--vty_socket", _FOLDER, "-d", program, "-c", "show version")
        return self._space.run(*vtysh, check=False).returncode == 0

    def _add_interface(self, router, host):
        family = 6 if ":" in router.addresses[0] else 4
        name = f"vrrp{family}-{router.vrid}"
        mac = f"00:00:5e:00:{1 if family == 4 else 2:02x}:{router.vrid:02x}"
        self._space.run("ip", "link", "add", name, "link", router.interface, "address", mac,
                        "type", "macvlan", "mode", "bridge")
        # The link-local address that the kernel makes of the MAC would be the same on each router.
        self._space.set_sysctl(f"net/ipv6/conf/{name}/addr_gen_mode", 1)
        # The addresses of an interface in protodown must not be answered for by its parent.
        self._space.set_sysctl(f"net/ipv4/conf/{router.interface}/arp_ignore", 1)
        self._space.run("ip", "link", "set", name, "up")
        addresses = list(router.addresses)
        if family == 6:
            addresses.append(f"fe80::{router.vrid:x}:{host}/64")  # the source of the adverts
        for address in addresses:
            self._space.run("ip", "address", "add", address, "dev", name,
                            *(["nodad"] if family == 6 else []))
