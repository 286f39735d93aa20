#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy, with the settings of .clang-tidy, over every source file that is compiled.

Usage: tidy.py ROOT BUILD [--analyzer] [ROOM...]      (a room: sidecar/vrrp, haproxy, tests/unit/net)

With --analyzer only the path-sensitive analyzer runs, which takes minutes for a room.
"""
import pathlib
import re
import sys

import tree

NOISE = re.compile(r"^\d+ warnings? |^Suppressed \d|^Use -header-filter|^$|warnings? treated as error")


def look_with(database, *options):
    def look(file):
        status, output = tree.run_tool([tree.CLANG_TIDY, "--quiet", "-p", str(database), *options,
                                        str(file)])
        lines = [line for line in output.splitlines() if not NOISE.search(line)]
        # A finding in a header comes up in every file that includes it: kept as one block each,
        # so that repetitions fall away.
        blocks = []
        for line in lines:
            if re.match(r"\S+:\d+:\d+: (error|warning)", line) or not blocks:
                blocks.append(line)
            else:
                blocks[-1] += "\n" + line
        # The analyzer looks into other people's headers too, and sees ghosts in Asio's coroutines.
        blocks = [block for block in blocks if not block.startswith("/usr/") or " error: " in block
                  and "[clang-diagnostic-error]" in block]
        if status and not blocks and not lines:
            return [f"{file}: clang-tidy ended with status {status}"]
        return blocks
    return look


def settings_of(root, file):
    """The text of each .clang-tidy between the root and `file`; the nearest one decides."""
    folders = [folder for folder in file.parents if folder == root or root in folder.parents]
    return "".join((folder / ".clang-tidy").read_text() for folder in folders
                   if (folder / ".clang-tidy").is_file())


def main(root, build, arguments):
    options = ["--checks=-*,clang-analyzer-*"] if "--analyzer" in arguments else []
    rooms = [argument for argument in arguments if argument != "--analyzer"]
    flags = {file: words for file, words in tree.compile_flags(build).items()
             if root in file.parents and file.is_file() and build not in file.parents}
    database = tree.write_database(build / "lint" / "database", flags)
    settings = "".join(sorted({settings_of(root, file) for file in flags}))
    if rooms:
        flags = {file: words for file, words in flags.items()
                 if file.relative_to(root).as_posix().startswith(tuple(rooms))}
    memory = tree.CleanFiles(root, tree.cache("tidy"), tree.version_of(tree.CLANG_TIDY), settings,
                             *options)
    found, looked, files = tree.look_at_changed(memory, flags, look_with(database, *options))
    print("\n".join(found))
    print(f"clang-tidy: {files} files, {looked} of them looked at, {len(found)} findings")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(),
                  sys.argv[3:]))
