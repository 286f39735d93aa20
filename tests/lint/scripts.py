#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every script can at least be read by its interpreter; shell scripts by shellcheck
too, where it is installed. Usage: scripts.py ROOT"""
import pathlib
import re
import shutil
import sys

import tree
from spdx import SKIPPED

SHELL = re.compile(r"#!.*\b(ba|da)?sh\b")


def faults(file):
    text = file.read_text(errors="replace")
    if file.suffix == ".py" or re.match(r"#!.*\bpython3\b", text):
        try:
            compile(text, str(file), "exec")
        except SyntaxError as error:
            yield f"{file}:{error.lineno}: {error.msg}"
    elif SHELL.match(text):
        shell = "bash" if "bash" in text.split("\n", 1)[0] else "sh"
        status, output = tree.run_tool([shell, "-n", str(file)])
        if status:
            yield output
        elif shutil.which("shellcheck"):
            # SC1091: a sourced file is checked by itself.
            status, output = tree.run_tool(["shellcheck", "-f", "gcc", "-e", "SC1091", str(file)])
            if status:
                yield output.rstrip()


def is_script(file):
    with file.open("rb") as text:
        return file.suffix == ".py" or text.read(2) == b"#!"


if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1]).resolve()
    scripts = [file for file in sorted(root.rglob("*"))
               if file.is_file() and not SKIPPED.search(file.relative_to(root).as_posix())
               and is_script(file)]
    problems = [fault for file in scripts for fault in faults(file)]
    print("\n".join(problems))
    print(f"{len(scripts)} scripts" + ("" if shutil.which("shellcheck") else "; shellcheck is not here"))
    sys.exit(bool(problems))
