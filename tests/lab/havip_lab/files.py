# SPDX-License-Identifier: Apache-2.0
"""The configuration files of the lab's load balancers."""

VIRTUAL_ADDRESS = "192.0.2.10"
PREFIX_LENGTH = 24
INTERFACE = "eth0"
VRID = 51

# The same in IPv6, where a virtual router's first address is link-local.
LINK_LOCAL_VIRTUAL_ADDRESS = "fe80::10:51"
VIRTUAL_ADDRESS6 = "fd00:db8::10"
NETWORK6 = "fd00:db8::"
PREFIX_LENGTH6 = 64

# The second network of a lab that has one.
BACK_INTERFACE = "eth1"
BACK_NETWORK = "198.51.100."
BACK_VIRTUAL_ADDRESS = "198.51.100.10"
BACK_VRID = 52


def havip_toml(nodes, http_listen=None, extra=""):
    """The havip.toml that all nodes share. `nodes` are (name, address, priority).

    `extra` are lines for the virtual router.
    """
    text = "# The same file on every node: a node finds itself in it by its host name.\n"
    if http_listen:
        text += f"[http]\nlisten = {http_listen}\n\n"
    for name, address, priority in nodes:
        text += f'[[node]]\nname = "{name}"\naddress = "{address}"\npriority = {priority}\n\n'
    return text + f"""\
[[virtual_router]]
name = "public"
interface = "{INTERFACE}"
vrid = {VRID}
addresses = ["{VIRTUAL_ADDRESS}/{PREFIX_LENGTH}"]
{extra}
[[track]]
backend = "web"
"""


_RING = """
ring havip
    format timed
    maxlen 1024
    size 1048576
"""


def haproxy_cfg(name, level="operator", ring=False, log=False, extra=""):
    """A load balancer in front of two servers. X-Node tells the client who answered.

    With a ring it tells havip of what happens to its servers. `extra` are lines of "global"; with
    `log` its proxies follow the targets named there.
    """
    target, section = ("    log ring@havip local0 notice\n", _RING) if ring else ("", "")
    log = "    log global\n" if ring or log else ""
    return f"""\
global
    maxconn 2000
    stats socket /run/haproxy/admin.sock mode 660 level {level}
{target}{extra}{section}
defaults
{log}    mode http
    timeout connect 500ms
    timeout client 10s
    timeout server 10s

frontend public
    bind :80
    bind [::]:80 v6only
    http-response set-header X-Node {name}
    default_backend web

backend web
    option httpchk GET /health
    default-server check inter 200ms fall 2 rise 2
    server web1 127.0.0.1:8001
    server web2 127.0.0.1:8002
"""


def server_cfg(name, port):
    """A web server: a second HAProxy that answers by itself is the cheapest there is."""
    return f"""\
global
    stats socket /run/haproxy/{name}.sock mode 600

defaults
    mode http
    timeout client 10s

frontend server
    bind 127.0.0.1:{port}
    http-request return status 200 content-type text/plain lf-string "{name} of %[hostname]\\n"
"""
