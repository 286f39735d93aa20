#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what every source file has (a licence line, a last newline) and has not (tabs, trailing
blanks, a path of the machine it was written on). Usage: spdx.py ROOT"""
import pathlib
import re
import sys

SUFFIXES = (".cpp", ".hpp", ".py", ".sh", ".cmake", ".service", ".scd", ".query")
NAMES = ("CMakeLists.txt", "rules")
SKIPPED = re.compile(r"(^|/)(\.git|build[^/]*|out|__pycache__)(/|$)")
WITHOUT_LICENCE = (".query",)  # clang-query knows no comments
NEEDS_TABS = ("/rules", ".scd")  # make's and scdoc's own rules
MACHINE = re.compile(r"/(?:home|work|root)/(?=\w)|/tmp/(?:b-|w/)")


def is_source(file):
    if file.suffix in SUFFIXES or file.name in NAMES:
        return True
    with file.open("rb") as text:
        return text.read(2) == b"#!"


def faults(name, text):
    lines = text.splitlines()
    if not name.endswith(WITHOUT_LICENCE) and not any(
            "SPDX-License-Identifier: Apache-2.0" in line for line in lines[:4]):
        yield f"{name}: no SPDX-License-Identifier in the first lines"
    if name.endswith(".hpp") and lines[:1] != ["#pragma once"]:
        yield f"{name}: a header begins with #pragma once"
    if not text.endswith("\n") or text.endswith("\n\n"):
        yield f"{name}: ends with one newline"
    for number, line in enumerate(lines, 1):
        if "\t" in line and not name.endswith(NEEDS_TABS):
            yield f"{name}:{number}: a tab"
        if line != line.rstrip():
            yield f"{name}:{number}: blanks at the end"
        if MACHINE.search(line):
            yield f"{name}:{number}: a path of one machine: {MACHINE.search(line)[0]}"


def main(root):
    files = {file.relative_to(root).as_posix(): file for file in sorted(root.rglob("*"))
             if file.is_file() and not file.is_symlink()}
    ours = {name: file for name, file in files.items()
            if not SKIPPED.search(name) and is_source(file)}
    found = [fault for name, file in ours.items() for fault in faults(name, file.read_text())]
    print("\n".join(found))
    print(f"{len(ours)} source files")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
