# SPDX-License-Identifier: Apache-2.0
"""One virtual router in the words of each program: havip's, keepalived's and FRR's configuration.

A Dialect says how the routers talk, a VirtualRouter what they keep. The functions write the
configuration of a node in it: node.name, node.address, node.priority and so on.
"""

import dataclasses

from . import files

KEY_FILE = "/etc/havip/vrrp.key"


@dataclasses.dataclass(frozen=True)
class VirtualRouter:
    """What is kept together: addresses of one family, as ADDRESS/LENGTH."""

    name: str
    interface: str
    vrid: int
    addresses: tuple


PUBLIC = VirtualRouter("public", files.INTERFACE, files.VRID,
                       (f"{files.VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH}",))
PUBLIC6 = VirtualRouter("public6", files.INTERFACE, files.VRID,
                        (f"{files.LINK_LOCAL_VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH6}",
                         f"{files.VIRTUAL_ADDRESS6}/{files.PREFIX_LENGTH6}"))
BACK = VirtualRouter("back", files.BACK_INTERFACE, files.BACK_VRID,
                     (f"{files.BACK_VIRTUAL_ADDRESS}/{files.PREFIX_LENGTH}",))


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How the routers of a lab talk. Version 2 has whole seconds for its interval."""

    version: int = 3
    interval_ms: int = 100
    unicast: bool = False
    password: str = ""

    def with_interval(self, milliseconds):
        return dataclasses.replace(self, interval_ms=milliseconds)

    def address_of(self, node, router):
        """Where the others reach a node, for unicast."""
        return node.address6 if ":" in router.addresses[0] else node.address


def _quoted(values):
    return ", ".join(f'"{value}"' for value in values)


def havip_toml(dialect, node, peers=(), routers=(PUBLIC,), group=None, extra=""):
    """havip's, on `node`, beside routers of other makes.

    It lists nodes only for unicast, where havip must know whom to send to. `extra` are lines for
    each virtual router. The password, if any, is in KEY_FILE.
    """
    text = ""
    if dialect.unicast:
        for each in sorted((node, *peers), key=lambda each: each.name):
            text += (f'[[node]]\nname = "{each.name}"\n'
                     f'address = "{dialect.address_of(each, routers[0])}"\n'
                     f"priority = {each.priority}\n\n")
    for router in routers:
        text += f'[[virtual_router]]\nname = "{router.name}"\ninterface = "{router.interface}"\n'
        text += f"vrid = {router.vrid}\naddresses = [{_quoted(router.addresses)}]\n"
        text += f"version = {dialect.version}\nadvert_interval = \"{dialect.interval_ms}ms\"\n"
        if dialect.unicast:
            text += 'transport = "unicast"\n'
        else:
            text += f"priority = {node.priority}\n"
        if group:
            text += f'group = "{group}"\n'
        if dialect.password:
            text += f'auth = {{ type = "pass", key_file = "{KEY_FILE}" }}\n'
        text += f"{extra}\n"
    return text + '[[track]]\nbackend = "web"\n'


def keepalived_conf(dialect, node, peers=(), routers=(PUBLIC,), group=None, state="BACKUP"):
    """keepalived's, on `node`; a group becomes its vrrp_sync_group."""
    text = f"global_defs {{\n    vrrp_version {dialect.version}\n    vrrp_garp_master_delay 1\n}}\n"
    if group:
        members = "".join(f"        {router.name}\n" for router in routers)
        text += f"vrrp_sync_group {group} {{\n    group {{\n{members}    }}\n}}\n"
    for router in routers:
        text += f"vrrp_instance {router.name} {{\n    state {state}\n"
        text += f"    interface {router.interface}\n    virtual_router_id {router.vrid}\n"
        text += f"    priority {node.priority}\n    advert_int {dialect.interval_ms / 1000:g}\n"
        if dialect.unicast:
            own, *others = (dialect.address_of(each, router) for each in (node, *peers))
            text += f"    unicast_src_ip {own}\n    unicast_peer {{\n"
            text += "".join(f"        {other}\n" for other in others) + "    }\n"
            # Its default is 255 in IPv4 and 64 in IPv6; havip takes 255 alone.
            text += "    unicast_ttl 255\n"
        if dialect.password:
            text += "    authentication {\n        auth_type PASS\n"
            text += f"        auth_pass {dialect.password}\n    }}\n"
        addresses = "".join(f"        {address}\n" for address in router.addresses)
        text += f"    virtual_ipaddress {{\n{addresses}    }}\n}}\n"
    return text


def vrrpd_conf(dialect, node, routers):
    """FRR's, on `node`; FRR keeps IPv4 and IPv6 addresses of one VRID side by side."""
    text = "debug vrrp protocol\n"
    for router in routers:
        vrrp = f" vrrp {router.vrid}"
        text += (f"interface {router.interface}\n{vrrp} version {dialect.version}\n"
                 f"{vrrp} priority {node.priority}\n"
                 f"{vrrp} advertisement-interval {dialect.interval_ms}\n")
        for address in router.addresses:
            family = "ipv6" if ":" in address else "ip"
            text += f"{vrrp} {family} {address.partition('/')[0]}\n"
    return text
