# SPDX-License-Identifier: Apache-2.0
"""What the lints share: which files are ours, how each is compiled, and a memory of clean files.

clang's tools take seconds for a file. A file is not looked at again while nothing changed that the
answer depends on: its text, our headers that it includes (through any number of others), the flags
it is compiled with, the tool and the tool's settings. The memory is a folder of empty files, each
named by the hash of all that, in the user's cache: a fresh checkout of the same text is known.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import subprocess
import time

ROOMS = ("sidecar", "haproxy", "metrics", "tests")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)
# clang 14, Debian 12's default, cannot read its libstdc++: no std::source_location, no views, no
# capture of a structured binding.
CLANG_TIDY, CLANG_QUERY = "clang-tidy-16", "clang-query-16"
KEPT_FLAGS = ("-I", "-D", "-std=", "-isystem")


def cpp_files(root, *suffixes):
    """Our C++ files below `root`, in order; all suffixes when none is named."""
    suffixes = suffixes or (".cpp", ".hpp")
    return sorted(file for room in ROOMS for file in (root / room).glob("**/*")
                  if file.suffix in suffixes and file.is_file())


def own_headers(root, file):
    """`file` and every header of ours that it includes, directly or not."""
    found, waiting = set(), [file]
    while waiting:
        now = waiting.pop()
        if now in found:
            continue
        found.add(now)
        for name in INCLUDE.findall(now.read_text()):
            waiting += [path for path in (root / name, now.parent / name) if path.is_file()]
    return found


def compile_flags(build):
    """Source file -> the flags that say what it means; those on warnings and code are left out,
    because the compiler they were made for need not be clang."""
    flags = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        kept = []
        for word, following in zip(words, words[1:] + [""]):
            if word in ("-I", "-isystem", "-D"):
                kept += [word, following]
            elif word.startswith(KEPT_FLAGS):
                kept.append(word)
        flags[pathlib.Path(entry["file"])] = kept
    return flags


def flags_for(header, flags):
    """A header's flags: those of the source files around it, or of any."""
    near = [file for file in flags if file.parent == header.parent] or list(flags)
    return flags[sorted(near)[0]] + ["-x", "c++", "-Wno-pragma-once-outside-header"]


def write_database(folder, flags):
    """Writes a compile_commands.json for clang's tools and returns its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = [{"directory": str(folder), "file": str(file),
                "arguments": ["clang++", *words, "-c", str(file)]}
               for file, words in sorted(flags.items())]
    (folder / "compile_commands.json").write_text(json.dumps(entries, indent=1))
    return folder


def cache(name):
    """The folder of a memory: $XDG_CACHE_HOME/havip/NAME."""
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(home) / "havip" / name


class CleanFiles:
    """Remembers which files a tool found nothing in."""

    def __init__(self, root, folder, *identity):
        self.root, self.folder = root, folder
        self.identity = hashlib.sha256("\0".join(identity).encode()).hexdigest()
        folder.mkdir(parents=True, exist_ok=True)

    def key(self, file, flags):
        told = " ".join(flags).replace(str(self.root), ".")
        digest = hashlib.sha256(f"{self.identity}\0{told}".encode())
        for header in [file, *sorted(own_headers(self.root, file) - {file})]:
            digest.update(f"\0{header.relative_to(self.root)}\0".encode() + header.read_bytes())
        return self.folder / digest.hexdigest()

    def forget_old(self):
        oldest = time.time() - 30 * 24 * 3600
        for entry in self.folder.iterdir():
            if entry.stat().st_mtime < oldest:
                entry.unlink()


def run_tool(command):
    """Exit status and output, both streams in one."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False)
    return done.returncode, done.stdout


def version_of(tool):
    return run_tool([tool, "--version"])[1]


def look_at_changed(memory, flags, look):
    """Calls `look(file)` for every file that is not known to be clean, one per processor at a time.

    `look` returns its findings, a list of lines. Returns (all findings without repetition, how
    many files were looked at, how many there are).
    """
    keys = {file: memory.key(file, flags[file]) for file in sorted(flags)}
    changed = [file for file, key in keys.items() if not key.exists()]
    found = []
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for file, findings in zip(changed, pool.map(look, changed)):
            found += findings
            if not findings:
                keys[file].touch()
        for file, key in keys.items():
            if file not in changed:
                key.touch()
    memory.forget_old()
    return list(dict.fromkeys(found)), len(changed), len(keys)
