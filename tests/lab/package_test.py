# SPDX-License-Identifier: Apache-2.0
"""The Debian package on a Debian machine of its own: installed, configured, drained, stopped, purged.

The machine is a bare Debian 12 booted by systemd-nspawn, in a network namespace of its own. It has
no way to the outside, so what the package depends on is put into it before it boots; that tree is
kept as a tarball beside the package and made anew only when the dependencies change.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Beside the program under test, where the build tree is; otherwise where build-deb puts it.
OUT = pathlib.Path(os.environ.get("HAVIP_PACKAGE_DIR") or (
    pathlib.Path(os.environ["HAVIP"]).parent / "package" if "HAVIP" in os.environ
    else ROOT / "out"))
BARE = ["systemd", "systemd-sysv", "dbus", "iproute2", "haproxy", "curl", "procps"]
ADDRESS = "192.0.2.10"
HAPROXY_SOCKET = "/run/haproxy/admin.sock"
NEEDED = (1 << 12) | (1 << 13)  # CAP_NET_ADMIN, CAP_NET_RAW: linux/capability.h
WHOLE_TEST = 600  # seconds; a first build and a first root of the machine are the most of it


def run(*command, timeout=60, check=True, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=timeout, check=False, stdin=subprocess.DEVNULL, **more)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
    return done


def wait_until(what, holds, seconds=10):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


def build_package():
    """The .deb, and what lintian said about it."""
    said = run(str(ROOT / "packaging/build-deb"), str(OUT), timeout=WHOLE_TEST).stdout
    lines = said.strip().splitlines()
    return pathlib.Path(lines[-1]), [line for line in lines if re.match(r"[EW]: ", line)]


def bare_root(deb):
    """A tarball of a Debian 12 that has what the package depends on."""
    depends = run("dpkg-deb", "--field", str(deb), "Depends").stdout
    names = BARE + [re.match(r"\s*([\w.+-]+)", one)[1] for one in depends.split(",")]
    packages = ",".join(sorted(set(names)))
    tarball = OUT / f"root-{hashlib.sha256(packages.encode()).hexdigest()[:16]}.tar"
    if not tarball.exists():
        unfinished = tarball.with_name("unfinished.tar")
        run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "bookworm",
            str(unfinished), timeout=300)
        unfinished.rename(tarball)
    return tarball


class Machine:
    """A booted Debian with one cable, `eth0`, 10.0.0.11/24."""

    def __init__(self, tarball):
        self.name = f"havip-package-{os.getpid()}"
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="root-", dir=OUT))
        self.process, self.leader, self.groups = None, None, []
        run("tar", "-C", str(self.folder), "-xf", str(tarball))
        self.write("/etc/hostname", "lb1\n")

    def boot(self):
        self._plug_in()
        self.groups = self._control_groups()
        join = "".join(f"echo $$ >{group}/cgroup.procs; " for group in self.groups)
        # --pdeathsig: the machine does not outlive this test, even when the test is killed.
        self.process = subprocess.Popen(
            ["bash", "-c", join + 'exec setsid setpriv --pdeathsig TERM "$@"', "bash",
             "systemd-nspawn", "--quiet", f"--directory={self.folder}", f"--machine={self.name}",
             "--boot", "--register=no", "--keep-unit",
             # SYS_RESOURCE: systemd raises the limits that the unit asks for.
             "--capability=CAP_NET_ADMIN,CAP_SYS_RESOURCE",
             f"--network-namespace-path=/run/netns/{self.name}", "--console=read-only",
             "--resolv-conf=off", "--timezone=off"],
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until("the machine has an init", self._find_leader, 20)
        wait_until("systemd is up", lambda: self.run(
            "systemctl", "is-system-running", check=False).stdout.strip() in (
                "running", "degraded"), 60)

    def _plug_in(self):
        run("ip", "netns", "add", self.name)
        for words in ("link set lo up", "link add eth0 type veth peer name cable",
                      "link set cable up", "link set eth0 up", "address add 10.0.0.11/24 dev eth0"):
            run("ip", "-n", self.name, *words.split())

    def _control_groups(self):
        """A group for the machine in each hierarchy that systemd uses."""
        hierarchies = [path for path in map(pathlib.Path, ("/sys/fs/cgroup/unified",
                                                          "/sys/fs/cgroup/systemd"))
                       if path.is_dir()] or [pathlib.Path("/sys/fs/cgroup")]
        for hierarchy in hierarchies:
            (hierarchy / self.name).mkdir()
        return [hierarchy / self.name for hierarchy in hierarchies]

    def _find_leader(self):
        if self.process.poll() is not None:
            raise AssertionError(f"systemd-nspawn ended: {self.process.stderr.read()}")
        pid = self.process.pid
        for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            # Before, it is a systemd-nspawn that makes the namespaces.
            if run("ps", "-o", "comm=", "-p", child, check=False).stdout == "systemd\n":
                self.leader = child
        return self.leader

    def run(self, *command, **more):
        """Runs a command in the machine."""
        return run("nsenter", "-t", self.leader, "-a", "--", *command, **more)

    def write(self, path, text):
        (self.folder / path.lstrip("/")).write_text(text)

    def has(self, path):
        return os.path.lexists(self.folder / path.lstrip("/"))

    def unit(self, name):
        """A property of the unit."""
        return self.run("systemctl", "show", "havip", "--value", f"--property={name}").stdout.strip()

    def addresses(self):
        links = json.loads(self.run("ip", "-json", "-4", "address", "show", "dev", "eth0").stdout)
        return [info["local"] for info in links[0]["addr_info"]]

    def switch_off(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process:
            self.process.stderr.close()
        run("ip", "netns", "delete", self.name, check=False)
        for group in self.groups:
            # What is in it dies with the machine, a moment later.
            for below in [*sorted(group.rglob("*/"), reverse=True), group]:
                if below.is_dir():
                    wait_until(f"{below} is empty", lambda path=below: removed(path))
        shutil.rmtree(self.folder, ignore_errors=True)


def removed(group):
    try:
        group.rmdir()
    except OSError:
        return False
    return True


def may_raise_limits():
    """Whether this sandbox has CAP_SYS_RESOURCE, 24 in linux/capability.h."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(re.search(r"CapEff:\s*(\w+)", status)[1], 16) >> 24 & 1 == 1


# What runs as the daemon's user, under all that the unit forbids.
PROGRAMS = """
[[track]]
command = ["/usr/bin/test", "-e", "/etc/hostname"]
otherwise = "yield"

[[hook]]
command = ["/bin/sh", "-c", 'echo "$HAVIP_VIRTUAL_ROUTER $HAVIP_STATE" >>/run/havip/told']
"""


def configuration():
    """The packaged example with programs; both its servers are taken as well."""
    haproxy = (ROOT / "packaging/examples/haproxy.cfg").read_text()
    haproxy = re.sub(r"(server web\d) \S+ check", r"\1 127.0.0.1:9", haproxy)
    return (ROOT / "packaging/examples/pair.toml").read_text() + PROGRAMS, haproxy


class Package(unittest.TestCase):
    """One life of one package: the steps build on each other, so they are one test."""

    @classmethod
    def setUpClass(cls):
        def too_long(*_):
            raise TimeoutError(f"the test was not done after {WHOLE_TEST} s")

        signal.signal(signal.SIGALRM, too_long)
        signal.signal(signal.SIGTERM, too_long)
        signal.alarm(WHOLE_TEST)
        OUT.mkdir(parents=True, exist_ok=True)
        cls.deb, cls.lintian = build_package()
        cls.machine = Machine(bare_root(cls.deb))
        cls.addClassCleanup(cls.machine.switch_off)
        cls.machine.boot()

    def test_its_life_from_installation_to_purge(self):
        machine = self.machine
        for step in (self.installed_it_waits_for_a_configuration, self.started_it_holds_the_address,
                     self.it_runs_with_few_rights, self.it_runs_programs,
                     self.it_tells_a_full_haproxy_from_a_hung_one, self.the_operator_drains_it,
                     self.killed_it_is_back, self.stopped_it_gives_the_address_up,
                     self.wrong_configuration_is_not_tried_twice, self.purged_nothing_is_left):
            try:
                step(machine)
            except Exception as error:
                error.add_note(f"in step {step.__name__}; the machine's journal:")
                error.add_note(machine.run("journalctl", "--no-pager", "-n", "40", "-u", "havip",
                                           "-u", "haproxy", check=False).stdout)
                raise

    def test_lintian_has_nothing_to_say(self):
        self.assertEqual(self.lintian, [])

    def installed_it_waits_for_a_configuration(self, machine):
        shutil.copy(self.deb, machine.folder / "havip.deb")
        machine.run("dpkg", "--install", "/havip.deb")
        self.assertEqual((machine.unit("UnitFileState"), machine.unit("ActiveState"),
                          machine.unit("ConditionResult")), ("enabled", "inactive", "no"))
        self.assertFalse(machine.has("/etc/havip/havip.toml"))
        self.assertEqual(machine.addresses(), ["10.0.0.11"])

    def started_it_holds_the_address(self, machine):
        havip, haproxy = configuration()
        machine.write("/etc/havip/havip.toml", havip)
        machine.write("/etc/haproxy/haproxy.cfg", haproxy)
        # The example binds the virtual address, which needs the package's sysctl. A container may
        # not set one: it is done from outside.
        run("nsenter", f"--net=/run/netns/{machine.name}", "sysctl", "--quiet", "--load",
            str(machine.folder / "usr/lib/sysctl.d/60-havip.conf"))
        machine.run("systemctl", "restart", "haproxy")
        machine.run("havip", "check")
        machine.run("systemctl", "start", "havip")  # returns when the daemon says READY=1
        self.assertEqual(machine.unit("ActiveState"), "active")
        self.holds_the_address(machine)
        status = self.status(machine)
        router = status["virtual_routers"][0]
        self.assertEqual((status["node"], status["haproxy"]["state"], router["state"],
                          router["priority"]["effective"]), ("lb1", "up", "active", 150))

    def it_runs_with_few_rights(self, machine):
        pid = machine.unit("MainPID")
        process = dict(line.split(":\t", 1) for line in
                       machine.run("cat", f"/proc/{pid}/status").stdout.splitlines() if ":\t" in line)
        self.assertEqual({name: int(process[name], 16) for name in
                          ("CapPrm", "CapEff", "CapBnd", "CapAmb")},
                         dict.fromkeys(("CapPrm", "CapEff", "CapBnd", "CapAmb"), NEEDED))
        self.assertEqual((process["NoNewPrivs"], process["Seccomp"]), ("1", "2"))
        owner = machine.run("ps", "-o", "user=,group=", "-p", pid).stdout.split()
        self.assertEqual(owner, ["_havip", "_havip"])
        if not may_raise_limits():
            return  # nor may systemd in the machine; the daemon goes on at normal priority
        # Without a capability for it, the limits are enough: one thread, the election's.
        classes = machine.run("ps", "-L", "-o", "cls=", "-p", pid).stdout.split()
        self.assertEqual(sorted(classes), ["FF", "TS"])
        self.assertNotEqual(process["VmLck"].strip(), "0 kB")

    def it_runs_programs(self, machine):
        wait_until("the hook told of the state", lambda: machine.run(
            "cat", "/run/havip/told", check=False).stdout.endswith("public active\n"))
        states = [track["state"] for track in self.status(machine)["tracks"]
                  if track["what"].startswith("command /usr/bin/test")]
        self.assertEqual(states, ["well"])

    def it_tells_a_full_haproxy_from_a_hung_one(self, machine):
        machine.run("systemctl", "stop", "havip")
        with contextlib.ExitStack() as slots:
            for _ in range(15):
                connection = slots.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
                connection.settimeout(0.5)
                try:
                    connection.connect(f"/proc/{machine.leader}/root{HAPROXY_SOCKET}")
                    connection.sendall(b"prompt\nset timeout cli 1d\n")
                    connection.recv(100)
                except (BlockingIOError, TimeoutError):
                    break
            machine.run("systemctl", "start", "havip")
            wait_until("the daemon says that all slots are taken", lambda: "stats maxconn" in str(
                self.status(machine)["haproxy"]))
            self.assertEqual(self.status(machine)["haproxy"]["state"], "unknown")
        wait_until("HAProxy is up again", lambda: self.status(machine)["haproxy"]["state"] == "up",
                   20)
        self.holds_the_address(machine)

    def the_operator_drains_it(self, machine):
        machine.run("useradd", "--system", "visitor")
        self.assertEqual(self.post(machine, "/drain?force=true", "visitor"), "403")
        self.holds_the_address(machine)
        # There is no second node here that could take the address.
        self.assertEqual(self.post(machine, "/drain"), "409")
        self.holds_the_address(machine)
        self.assertEqual(self.post(machine, "/drain?force=true&wait=0"), "202")
        self.assertTrue(self.status(machine)["drained"])
        self.assertEqual(self.post(machine, "/undrain"), "200")
        self.holds_the_address(machine)

    def killed_it_is_back(self, machine):
        machine.run("systemctl", "kill", "--signal=KILL", "havip")
        wait_until("the daemon was started again", lambda: (
            machine.unit("NRestarts"), machine.unit("ActiveState")) == ("1", "active"))
        self.holds_the_address(machine)

    def stopped_it_gives_the_address_up(self, machine):
        machine.run("systemctl", "stop", "havip")
        self.assertEqual(machine.addresses(), ["10.0.0.11"])
        self.assertEqual((machine.unit("ActiveState"), machine.unit("Result")),
                         ("inactive", "success"))

    def wrong_configuration_is_not_tried_twice(self, machine):
        machine.write("/etc/havip/havip.toml", 'nonsense = "yes"\n')
        self.assertNotEqual(machine.run("systemctl", "start", "havip", check=False).returncode, 0)
        self.assertEqual((machine.unit("ActiveState"), machine.unit("ExecMainStatus"),
                          machine.unit("NRestarts")), ("failed", "78", "0"))

    def purged_nothing_is_left(self, machine):
        machine.write("/etc/havip/havip.toml", configuration()[0])
        machine.run("systemctl", "start", "havip")
        self.holds_the_address(machine)
        machine.run("dpkg", "--purge", "havip")
        self.assertEqual(machine.addresses(), ["10.0.0.11"])
        left = [path for path in ("/etc/havip", "/var/lib/havip", "/run/havip", "/usr/sbin/havip",
                                  "/usr/share/doc/havip", "/lib/systemd/system/havip.service",
                                  "/etc/systemd/system/multi-user.target.wants/havip.service",
                                  "/usr/lib/sysctl.d/60-havip.conf") if machine.has(path)]
        self.assertEqual(left, [])
        self.assertEqual(machine.unit("LoadState"), "not-found")

    def status(self, machine):
        return json.loads(machine.run("curl", "-sS", "localhost:8406/v1/status").stdout)

    def post(self, machine, path, user="root"):
        """The status code of a POST by `user`."""
        return machine.run("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
                           "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-m", "30",
                           "-X", "POST", f"http://localhost:8406{path}").stdout

    def holds_the_address(self, machine):
        wait_until(f"{ADDRESS} is on eth0", lambda: ADDRESS in machine.addresses())


if __name__ == "__main__":
    unittest.main()
