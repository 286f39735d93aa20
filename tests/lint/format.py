#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that clang-format would change nothing. Usage: format.py ROOT [--fix]"""
import pathlib
import re
import sys

import tree

if __name__ == "__main__":
    root = pathlib.Path(sys.argv[1]).resolve()
    files = [str(file) for file in tree.cpp_files(root)]
    how = ["-i"] if "--fix" in sys.argv[2:] else ["--dry-run", "-Werror"]
    status, output = tree.run_tool(["clang-format", *how, f"--style=file:{root}/.clang-format", *files])
    places = re.findall(r"^(\S+?):(\d+):\d+: error: code should be clang-formatted", output, re.M)
    for file in dict.fromkeys(file for file, _ in places):
        print(f"{file}: not formatted in lines {', '.join(line for f, line in places if f == file)}")
    if status:
        print("" if places else output, f"{sys.argv[0]} {root} --fix formats them", sep="")
    print(f"{len(files)} files")
    sys.exit(status)
