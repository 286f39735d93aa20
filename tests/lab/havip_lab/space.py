# SPDX-License-Identifier: Apache-2.0
"""A machine of the lab: a network of its own and, where wanted, its own /etc, /run and /var/lib.

The namespaces have no names and belong to one sleeping process (the holder). They are gone when
it and all that runs in them are gone, so nothing of a lab can be left behind in the kernel. The
host's own network, its /etc and its /run are never changed.
"""

import os
import shlex
import subprocess

from .process import Daemon, LabError, wait_until

# For interfaces that are to come: an IPv6 address can be used as soon as it is there (without the
# second of duplicate address detection), and nobody's router advertisement changes anything.
_NETWORK = """
ip link set lo up
for key in accept_dad accept_ra; do echo 0 >/proc/sys/net/ipv6/conf/default/$key; done
"""

# Runs as the holder before it sleeps. In a chroot "/" is no mount point and cannot be made
# private; entering the mount namespace once more leads to its real root, which can.
_PRIVATE_FILES = """
set -e
export PATH="$PATH:/usr/sbin:/sbin"
hostname "$1"
mount --make-rprivate / 2>/dev/null || nsenter --mount=/proc/self/ns/mnt mount --make-rprivate /
mount -t tmpfs -o mode=755 lab /run
for folder in /etc /var/lib; do
  own=/run/.lab$folder
  mkdir -p "$own/upper" "$own/work"
  mount -t overlay -o "lowerdir=$folder,upperdir=$own/upper,workdir=$own/work" lab "$folder"
done
mount -t sysfs lab /sys 2>/dev/null || true
mkdir -p /run/havip /run/haproxy /run/lock /etc/havip /etc/haproxy /var/lib/havip
printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$1" >/etc/hosts
""" + _NETWORK + """
echo ready
exec sleep infinity
"""

_NETWORK_ONLY = """
set -e
export PATH="$PATH:/usr/sbin:/sbin"
""" + _NETWORK + """
echo ready
exec sleep infinity
"""


class Space:
    """One machine. `folder`, in the lab's own, takes what its programs print."""

    def __init__(self, name, folder, private_files, path):
        self.name = name
        self.folder = folder
        self._daemons = []
        self._environment = dict(os.environ, PATH=path)
        os.makedirs(folder, exist_ok=True)
        kinds = ["--mount", "--net", "--uts"] if private_files else ["--net"]
        flags = ["--propagation", "unchanged"] if private_files else []
        script = _PRIVATE_FILES if private_files else _NETWORK_ONLY
        self._holder = Daemon(
            f"{name}'s namespace",
            ["unshare", *kinds, *flags, "sh", "-c", script, "sh", name],
            os.path.join(folder, "namespace.log"), self._environment)
        # The kinds entered must be those that are the machine's own: nothing else of it differs.
        self._enter = ["nsenter", "--target", str(self._holder.pid), *kinds]
        if private_files:
            self._enter += ["--root", "--wd"]
        wait_until(lambda: "ready\n" in self._holder.said() or not self._holder.running(), 10,
                   f"the namespace of {name} is ready")
        if not self._holder.running():
            raise LabError(f"no namespace for {name}: {self._holder.said().strip()}")
        self._write_enter_script()

    @property
    def pid(self):
        return self._holder.pid

    def path(self, inside):
        """The host's path of a file inside; good for unix sockets too."""
        return f"/proc/{self.pid}/root{inside}"

    def write(self, inside, text):
        with open(self.path(inside), "w", encoding="utf-8") as file:
            file.write(text)

    def set_sysctl(self, key, value):
        """`key` as a path, like net/ipv4/ip_forward."""
        self.run("sh", "-c", f"echo {value} >/proc/sys/{key}")

    def command(self, *command):
        """The command line that runs a command inside."""
        return [*self._enter, "--", *map(str, command)]

    def run(self, *command, within=10, check=True):
        """Runs a command inside and returns its CompletedProcess with text output.

        Raises LabError when it takes longer or, unless check is false, when it fails.
        """
        try:
            done = subprocess.run(self.command(*command), stdin=subprocess.DEVNULL, text=True,
                                  capture_output=True, timeout=within, env=self._environment)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.name}: {shlex.join(map(str, command))}: "
                           f"no end within {within:g} s") from None
        if check and done.returncode != 0:
            raise LabError(f"{self.name}: {shlex.join(map(str, command))}: "
                           f"status {done.returncode}: {done.stderr.strip()}")
        return done

    def spawn(self, name, *command, keep_descriptors=()):
        """Starts a program inside that runs in the background; what it prints is in NAME.log."""
        daemon = Daemon(f"{self.name}: {name}", self.command(*command),
                        os.path.join(self.folder, f"{name}.log"), self._environment,
                        keep_descriptors)
        self._daemons.append(daemon)
        return daemon

    def crashed(self):
        """The programs that ended without being told to."""
        return [daemon for daemon in self._daemons if daemon.died()]

    def close(self):
        for daemon in reversed(self._daemons):
            daemon.stop(2.0)
        self._holder.kill()

    def _write_enter_script(self):
        self.enter_script = os.path.join(os.path.dirname(self.folder), f"enter-{self.name}")
        with open(self.enter_script, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n"
                       f"# Runs a command on {self.name}, or a shell.\n"
                       f"export PATH={shlex.quote(self._environment['PATH'])}\n"
                       '[ $# -gt 0 ] || set -- bash --norc\n'
                       f"export PS1='{self.name}# '\n"
                       f'exec {shlex.join(self._enter)} -- "$@"\n')
        os.chmod(self.enter_script, 0o755)
