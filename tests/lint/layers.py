#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that each room includes only what lies below it, and that pure rooms stay pure.

Usage: layers.py ROOT | layers.py --self-test

LAYERS is the architecture: room -> (our rooms it may include, outside headers it may include). A
room is a folder, except that haproxy/ has three: the facts, the pure files that understand
HAProxy's answers, and the client that talks to it. A room that is not named here may not exist.
Standard headers (<vector>) are allowed everywhere; what a pure room may not do with them is in
IMPURE.
"""
import pathlib
import re
import sys
import tempfile

import tree

RESULT = r"boost/system/result\.hpp$"
ASIO = r"boost/(asio|system)\b"
BEAST = r"boost/(asio|beast|system|core|url)\b"
KERNEL = r"(linux|net|netinet|netpacket|arpa|sys)/|(unistd|fcntl|poll|errno|string|time|ifaddrs|grp|pwd)\.h$"
BASE = {"sidecar/base"}
CORE = BASE | {"sidecar/vrrp", "haproxy/facts"}
PORTS = CORE | {"sidecar/ports"}
LAYERS = {
    "sidecar/base": (set(), r"boost/system/"),
    "haproxy/facts": (BASE, None),
    "sidecar/vrrp": (BASE, RESULT),
    "sidecar/config": (CORE - {"haproxy/facts"}, r"toml\+\+/|" + RESULT),
    "haproxy": (CORE, RESULT),
    "sidecar/ports": (CORE, RESULT),
    "sidecar/engine": (PORTS | {"sidecar/config", "haproxy"}, RESULT),
    "sidecar/async": (BASE, ASIO + r"|boost/beast/src\.hpp$|" + KERNEL),
    "haproxy/client": (PORTS | {"haproxy", "sidecar/async"}, ASIO + "|" + KERNEL),
    "sidecar/net": (PORTS, KERNEL),
    "sidecar/netlink": (PORTS, r"netlink/|" + KERNEL),
    "sidecar/nft": (PORTS | {"sidecar/async"}, ASIO + "|" + KERNEL),
    "sidecar/peer": (PORTS | {"sidecar/async"}, r"openssl/|nlohmann/|" + ASIO + "|" + KERNEL),
    "sidecar/process": (BASE | {"sidecar/async"}, r"(signal|sched|spawn)\.h$|" + ASIO + "|" + KERNEL),
    "sidecar/http": (PORTS | {"sidecar/async"}, r"nlohmann/|" + BEAST + "|" + KERNEL),
    "metrics": (PORTS, r"prometheus/"),
    "sidecar/cli": (CORE | {"sidecar/config", "sidecar/async"},
                    r"nlohmann/|CLI/|" + BEAST + "|" + KERNEL),
    "sidecar/app": (None, r"nlohmann/|CLI/|systemd/|boost/lockfree/|signal\.h$|sched\.h$|pthread\.h$|"
                    + BEAST + "|" + KERNEL),
}
# Files of haproxy/ that talk to HAProxy; the others are pure.
HAPROXY_CLIENT = re.compile(r"haproxy/\w*(client|watch|process|poll|listener)\w*\.[ch]pp$")
PURE = ("sidecar/base", "haproxy/facts", "sidecar/vrrp", "sidecar/config", "haproxy",
        "sidecar/ports", "sidecar/engine")
# (what it is, how it looks, files that may)
IMPURE = (
    ("the clock", r"_clock::now\b|\b(clock_gettime|gettimeofday|localtime|gmtime)\w*\s*\(|\btime\s*\(\s*(nullptr|NULL|0)\s*\)", ()),
    ("the environment", r"\b(secure_)?getenv\s*\(|\benviron\b|\bgethostname\s*\(", ()),
    ("randomness", r"\brandom_device\b|\bs?rand(om)?\s*\(|\bgetrandom\s*\(|\bmt19937", ()),
    ("a thread or a lock", r"\bstd::(jthread|thread|mutex|atomic|condition_variable)\b", ()),
    ("a wait", r"\bsleep_(for|until)\b|\b(u|nano)?sleep\s*\(", ()),
    ("a file", r"\bstd::[io]?fstream\b|\bfopen\s*\(|\bstd::filesystem\b",
     ("sidecar/config/load.hpp", "sidecar/config/load.cpp")),
)
# A variable that outlives a call and can change: `static` or `thread_local` anywhere, or a
# declaration at the left margin (the margin is namespace scope: namespaces are not indented).
GLOBALS = (
    re.compile(r"^[ \t]*(?:inline\s+)?(?:static|thread_local)\s+(?!.*\b(?:const|constexpr|constinit const)\b)"
               r"[\w:<>,&*\s]+?\b\w+\s*(?:=|\{|;)", re.M),
    re.compile(r"^(?:inline\s+)?(?!(?:using|namespace|return|class|struct|enum|union|friend|template|extern"
               r"|typedef|const|constexpr|static|inline|concept|case|default|public|private)\b)"
               r"[A-Za-z_][\w:]*(?:<[^;()]*>)?[&*\s]+(?<!\bconst )\w+(?:\s*=[^;()]*|\s*\{[^;()]*\})?;", re.M),
)
# The only system headers in pure rooms. Closing a descriptor, the text of an address and the meaning of a glob are
# the C library's, and HMAC is OpenSSL's; the loader is the one file of config/ that touches the disk.
ALLOWED = {
    "sidecar/base/ip.cpp": ("arpa/inet.h", "netinet/in.h"),
    "sidecar/base/descriptor.hpp": ("unistd.h",),
    "sidecar/vrrp/trailer.cpp": ("openssl/crypto.h", "openssl/evp.h", "openssl/hmac.h"),
    "sidecar/engine/health_gate.cpp": ("fnmatch.h",),
    "sidecar/config/load.cpp": ("fcntl.h", "unistd.h", "sys/stat.h"),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
STANDARD = re.compile(r"^[a-z_0-9]+$")  # <vector>, <cstdint>: no slash, no dot
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"', re.S)


def room_of(path):
    parts = path.split("/")
    if parts[0] == "sidecar":
        return "/".join(parts[:2])
    if path == "haproxy/facts.hpp":
        return "haproxy/facts"
    return "haproxy/client" if HAPROXY_CLIENT.match(path) else parts[0]


def wrong_includes(root, name, text):
    ours, outside = LAYERS[room_of(name)]
    for quote, header in INCLUDE.findall(text):
        target = room_of(header)
        if quote == '"' and not (root / header).is_file():
            yield f'{name}: "{header}" is not a file; paths are written from the root'
        elif quote == '"' and target not in LAYERS:
            yield f"{name}: may not include {header}, which is in no room"
        elif quote == '"':
            if ours is not None and target != room_of(name) and target not in ours:
                yield f"{name}: {room_of(name)} may not include {target} ({header})"
        elif header in ALLOWED.get(name, ()) or STANDARD.match(header):
            continue
        elif not (outside and re.match(outside, header)):
            yield f"{name}: {room_of(name)} may not include <{header}>"


def impurities(name, text):
    # Line numbers stay true: what is no code is replaced by as many line ends.
    code = NOT_CODE.sub(lambda found: "\n" * found[0].count("\n") or '""', text)
    for what, pattern, may in IMPURE:
        for found in re.finditer(pattern, code):
            if name not in may:
                yield f"{name}:{code.count(chr(10), 0, found.start()) + 1}: a pure room uses {what}"
    for pattern in GLOBALS:
        for found in pattern.finditer(code):
            line = code.count("\n", 0, found.end()) + 1
            yield f"{name}:{line}: a pure room has a variable that outlives a call"


def test_includes(root, name, text):
    """Tests may include every room, by a path from the root that is really there."""
    for quote, header in INCLUDE.findall(text):
        if quote == '"' and not (root / header).is_file():
            yield f'{name}: "{header}" is not a file; paths are written from the root'


def violations(root):
    for file in tree.cpp_files(root):
        name = file.relative_to(root).as_posix()
        text = file.read_text()
        if name.startswith("tests/"):
            yield from test_includes(root, name, text)
        elif room_of(name) not in LAYERS:
            yield f"{name}: the room {room_of(name)} is not in LAYERS"
        else:
            yield from wrong_includes(root, name, text)
            if room_of(name) in PURE:
                yield from impurities(name, text)


# A tree in which every line of the right column is the only fault of its file.
PLANTED = {
    "sidecar/base/ip.hpp": ("#pragma once\n", None),
    "sidecar/base/ip.cpp": ("#include <arpa/inet.h>\n", None),
    "haproxy/facts.hpp": ('#include "sidecar/base/ip.hpp"\n', None),
    "haproxy/stat.hpp": ('#include "haproxy/facts.hpp"\n', None),
    "haproxy/client.hpp": ('#include <boost/asio/awaitable.hpp>\n#include "haproxy/stat.hpp"\n', None),
    "sidecar/engine/engine.hpp": ('#include "haproxy/stat.hpp"\n', None),
    "sidecar/app/main.cpp": ('#include "sidecar/engine/engine.hpp"\nstd::atomic<int> stop{0};\n', None),
    "sidecar/vrrp/fine.cpp": ("constexpr int a = 1;\nconst int b = 2;\nstruct C;\nstatic int f(int x);\n"
                              "// getenv(\nint g() {\n  static constexpr int two = 2;\n"
                              "  static const std::string s = \"steady_clock::now\";\n  return two;\n}\n", None),
    "tests/unit/vrrp/fine.cpp": ('#include "sidecar/engine/engine.hpp"\n', None),
    "sidecar/base/up.cpp": ('#include "sidecar/app/up.hpp"\n', "is not a file"),
    "sidecar/vrrp/sideways.cpp": ('#include "sidecar/engine/engine.hpp"\n', "may not include sidecar/engine"),
    "sidecar/vrrp/asio.cpp": ("#include <boost/asio/post.hpp>\n", "may not include <boost/asio/post.hpp>"),
    "sidecar/vrrp/socket.cpp": ("#include <sys/socket.h>\n", "may not include <sys/socket.h>"),
    "sidecar/engine/client.cpp": ('#include "haproxy/client.hpp"\n', "may not include haproxy/client"),
    "sidecar/engine/clock.cpp": ("auto f() {\n  return std::chrono::steady_clock::now();\n}\n", ":2: a pure room uses the clock"),
    "sidecar/engine/test.cpp": ('#include "tests/unit/vrrp/fine.cpp"\n', "in no room"),
    "sidecar/config/env.cpp": ('void f() { std::getenv("HOME"); }\n', "the environment"),
    "sidecar/config/file.cpp": ("void f() { std::ifstream in; }\n", "uses a file"),
    "haproxy/dice.cpp": ("void f() { std::random_device dice; }\n", "randomness"),
    "sidecar/vrrp/global.cpp": ("int count = 0;\n", ":1: a pure room has a variable"),
    "sidecar/vrrp/global2.cpp": ("std::map<int, int> seen;\n", "has a variable"),
    "sidecar/vrrp/local.cpp": ("int f() {\n  static int calls = 0;\n  return ++calls;\n}\n", "has a variable"),
    "sidecar/attic/old.cpp": ("", "is not in LAYERS"),
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, (text, _) in PLANTED.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        found = list(violations(root))
    for name, (_, fault) in PLANTED.items():
        of_file = [line for line in found if line.startswith(name + ":")]
        if fault is None and of_file or fault and not (len(of_file) == 1 and fault in of_file[0]):
            yield f"self-test: {name}: expected {fault!r}, found {of_file}"


if __name__ == "__main__":
    problems = list(self_test() if sys.argv[1] == "--self-test"
                    else violations(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(problems))
    sys.exit(bool(problems))
