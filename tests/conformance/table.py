#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins the protocol's statements with the tests that prove them, as the table of README.md.

Usage: table.py ROOT | table.py --write ROOT | table.py --self-test

Without an option it checks that README.md is what --write would make, that every statement of
statements.toml has a test or a reason to have none, and that no test carries an unknown number.

A test carries numbers in the first line of the comment right before it: `// C72`, or several as in
`// C01, C09 - C11: why`. It is a TEST, TEST_F or TEST_P, or an INSTANTIATE_TEST_SUITE_P for all of
its suite; in Python (`# C72`) a test method or a class. A comment that begins with a number
anywhere else is a mistake, and so is a number in a test's name.
"""
import dataclasses
import pathlib
import re
import sys
import tempfile
import tomllib

FOLDERS = ("unit", "conformance", "interop", "lab", "sim")
HERE = "tests/conformance"
NUMBERS = r"[CU]\d+(?: - [CU]\d+)?(?:, [CU]\d+(?: - [CU]\d+)?)*"
MARK = re.compile(rf"({NUMBERS})(?:[:.,] .*|[:.])?$")
LOOKS_LIKE_MARK = re.compile(r"[CU]\d+\b")
CPP_TEST = re.compile(r"(TEST(?:_[FP])?|INSTANTIATE_TEST_SUITE_P)\(\s*(\w+),\s*(\w+)")
PYTHON_TEST = re.compile(r"( *)(class|def) (\w+)")
NUMBER_IN_NAME = re.compile(r"(?:^|_)[CU]\d+(?:_|$)")
KEYS = {"section", "says", "note", "deviates", "not_applicable"}


@dataclasses.dataclass(frozen=True)
class Test:
    file: str
    name: str


def numbers_of(text):
    """["C01", "C09", "C10"] of "C01, C09 - C10"."""
    for item in text.split(", "):
        first, _, last = item.partition(" - ")
        last = last or first
        if first[0] != last[0] or int(first[1:]) > int(last[1:]):
            raise ValueError(f"{item} is no range")
        digits = len(first) - 1
        for value in range(int(first[1:]), int(last[1:]) + 1):
            yield f"{first[0]}{value:0{digits}}"


def comment_blocks(lines, sign):
    """(index of the first line, its text, index of what follows) of comments on their own lines."""
    index = 0
    while index < len(lines):
        start = index
        while index < len(lines) and lines[index].lstrip().startswith(sign):
            index += 1
        if index > start:
            yield start, lines[start].lstrip()[len(sign):].strip(), index
        else:
            index += 1


def cpp_test_at(lines, index):
    found = CPP_TEST.match(" ".join(lines[index:index + 4]))
    if not found:
        return None
    kind, suite, name = found.groups()
    # Of an instantiation these are its own name and the suite's.
    return f"{suite}/{name}" if kind.startswith("INSTANTIATE") else f"{suite}.{name}"


def python_test_at(lines, index):
    found = PYTHON_TEST.match(lines[index]) if index < len(lines) else None
    if not found or found[2] == "def" and not found[3].startswith("test_"):
        return None
    if found[2] == "class":
        return found[3]
    for line in reversed(lines[:index]):
        around = PYTHON_TEST.match(line)
        if around and around[2] == "class" and len(around[1]) < len(found[1]):
            return f"{around[3]}.{found[3]}"
    return found[3]


def read_marks(name, text, faults):
    """Yields (number, Test) of one file."""
    cpp = name.endswith((".cpp", ".hpp"))
    sign, test_at = ("//", cpp_test_at) if cpp else ("#", python_test_at)
    lines = text.splitlines()
    for start, said, behind in comment_blocks(lines, sign):
        if not LOOKS_LIKE_MARK.match(said):
            continue
        place, found, test = f"{name}:{start + 1}", MARK.match(said), test_at(lines, behind)
        if not found:
            faults.append(f"{place}: {said!r} is not written as `C01, C09 - C11: why`")
        elif not test:
            faults.append(f"{place}: {found[1]} is not right before a test")
        else:
            try:
                yield from ((number, Test(name, test)) for number in numbers_of(found[1]))
            except ValueError as error:
                faults.append(f"{place}: {error}")
    for index, line in enumerate(lines):
        trailing = line.partition(f" {sign} ")
        if trailing[0].strip() and LOOKS_LIKE_MARK.match(trailing[2]):
            faults.append(f"{name}:{index + 1}: a number behind code belongs before the test")
        test = test_at(lines, index)
        if test and any(NUMBER_IN_NAME.search(part) for part in test.split(".")):
            faults.append(f"{name}:{index + 1}: {test} has a number in its name")


def read_tests(root, faults):
    """Number -> the tests that carry it, in the order of the files."""
    tests = {}
    for folder in FOLDERS:
        for file in sorted((root / "tests" / folder).glob("**/*")):
            name = file.relative_to(root).as_posix()
            if file.suffix in (".cpp", ".hpp", ".py") and name != f"{HERE}/table.py":
                for number, test in read_marks(name, file.read_text(), faults):
                    if test not in tests.setdefault(number, []):
                        tests[number].append(test)
    return tests


def order(number):
    return number[0], int(number[1:])


def read_statements(root, faults):
    statements = tomllib.loads((root / HERE / "statements.toml").read_text())
    for number, row in statements.items():
        if not re.fullmatch(r"[CU]\d+", number):
            faults.append(f"{number} is no number of a statement")
        elif not {"section", "says"} <= row.keys() <= KEYS:
            faults.append(f"{number} has {', '.join(row)}; section and says are required, {KEYS} allowed")
        elif "not_applicable" in row and row.keys() & {"deviates", "note"}:
            faults.append(f"{number} does not apply, and yet there is more to say")
    if list(statements) != sorted(statements, key=order):
        faults.append("the statements are not in order")
    for letter in sorted({number[0] for number in statements}):
        found = [int(number[1:]) for number in statements if number[0] == letter]
        missing = set(range(1, max(found) + 1)) - set(found)
        faults += [f"{letter}{number} is missing among the statements" for number in sorted(missing)]
    return statements


def join(statements, tests, faults):
    for number, row in statements.items():
        if "not_applicable" in row and number in tests:
            faults.append(f"{number} does not apply, but {tests[number][0].name} carries it")
        elif "not_applicable" not in row and number not in tests:
            faults.append(f"{number} has neither a test nor a reason to have none: {row['says']}")
    for number in sorted(tests.keys() - statements.keys()):
        faults.append(f"{tests[number][0].file}: there is no statement {number}")


def kind(row):
    return next((key for key in ("not_applicable", "deviates") if key in row), "met")


def test_cell(tests):
    by_file = {}
    for test in tests:
        by_file.setdefault(test.file, []).append(test.name)
    return "<br>".join(
        f"[{pathlib.PurePath(file).name}](../{file.removeprefix('tests/')}): " + ", ".join(names)
        for file, names in by_file.items())


def row_of(number, row, tests):
    said = {"met": "", "deviates": "**Deviates.** ", "not_applicable": "*Does not apply.* "}[kind(row)]
    remark = said + row.get("deviates", row.get("not_applicable", row.get("note", "")))
    cells = (number, row["section"], row["says"], remark.strip(), test_cell(tests))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def readme(statements, tests):
    kinds = [kind(row) for row in statements.values()]
    met, deviates, not_applicable = (kinds.count(each) for each in ("met", "deviates", "not_applicable"))
    marked = {test for number in statements for test in tests.get(number, ())}
    lines = [
        "<!-- Made by table.py from statements.toml and the tests. Do not edit: `table.py --write`. -->",
        "# Conformance",
        "",
        "What RFC 9568 (version 3 of VRRP), RFC 3768 (version 2) and the draft on unicast ask for,",
        "statement by statement, and the tests that prove it. Sections are RFC 9568's unless another",
        "one is named.",
        "",
        "| statements | are met | are deviated from, as said and tested | do not apply |",
        "|---|---|---|---|",
        f"| {len(statements)} | {met} | {deviates} | {not_applicable} |",
        "",
        f"{len(marked)} tests carry a number: in the first line of the comment right before them, as in",
        "`// C72` or `// C01, C09 - C11: why`. `ctest -R conformance/table` fails where a statement has",
        "neither a test nor a reason to have none, and where this page is not what the tests say.",
        "",
        "[golden/](golden) holds frames that keepalived really sent (2.2.7 unless they say otherwise),",
        "from the Ethernet header on: VRID 51, priority 150, from 10.9.0.1 for 10.9.0.100.",
        "",
        "| number | section | what it asks for | how havip keeps it | tests |",
        "|---|---|---|---|---|",
    ]
    lines += [row_of(number, row, tests.get(number, [])) for number, row in statements.items()]
    return "\n".join(lines) + "\n"


def judge(root):
    """(what is wrong, what README.md should be)"""
    faults = []
    statements = read_statements(root, faults)
    tests = read_tests(root, faults)
    join(statements, tests, faults)
    return faults, "" if faults else readme(statements, tests)


def violations(root):
    faults, wanted = judge(root)
    page = root / HERE / "README.md"
    if not faults and (not page.is_file() or page.read_text() != wanted):
        faults.append(f"{HERE}/README.md is out of date; table.py --write ROOT makes it")
    return faults


STATEMENTS = """[C01]
section = "1"
says = "a"
[C02]
section = "2"
says = "b"
deviates = "so"
[C03]
section = "3"
says = "c"
not_applicable = "none"
"""
GOOD = "// C01 - C02: why\nTEST(A,\n     B) {}\n"
# (statements, a C++ test, a Python test, the one fault; None where there is none)
PLANTED = (
    (STATEMENTS, GOOD, "", None),
    (STATEMENTS, "// C01\n// more\nTEST_P(A, B) {}\n", "class T:\n    # C02\n    def test_x(self):\n", None),
    (STATEMENTS, "", "# C01, C02\nclass T:\n    pass\n", None),
    (STATEMENTS, "// C01, C02\nINSTANTIATE_TEST_SUITE_P(\n    All,\n    Suite, 1);\n", "", None),
    (STATEMENTS, "// C01\nTEST(A, B) {}\n", "", "C02 has neither a test nor a reason"),
    (STATEMENTS, GOOD + "// C03\nTEST(A, C) {}\n", "", "C03 does not apply, but A.C carries it"),
    (STATEMENTS, GOOD + "// C04\nTEST(A, C) {}\n", "", "there is no statement C04"),
    (STATEMENTS, GOOD + "// C01\n\nTEST(A, C) {}\n", "", "test.cpp:4: C01 is not right before a test"),
    (STATEMENTS, GOOD, "class T:\n    # C01\n    def helper(self):\n", "test.py:2: C01 is not right"),
    (STATEMENTS, GOOD + "// C01 and more\nTEST(A, C) {}\n", "", "is not written as"),
    (STATEMENTS, GOOD + "// C02 - C01\nTEST(A, C) {}\n", "", "C02 - C01 is no range"),
    (STATEMENTS, GOOD + "int a;  // C01\n", "", ":4: a number behind code"),
    (STATEMENTS, GOOD + "TEST(A, C01_Holds) {}\n", "", "A.C01_Holds has a number in its name"),
    (STATEMENTS.replace("[C03]", "[C04]"), GOOD, "", "C3 is missing among the statements"),
    (STATEMENTS + 'note = "more"\n', GOOD, "", "C03 does not apply, and yet"),
    (STATEMENTS + 'why = "x"\n', GOOD, "", "C03 has section, says, not_applicable, why"),
)


def self_test():
    for statements, cpp, python, fault in PLANTED:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in ((f"{HERE}/statements.toml", statements),
                               ("tests/unit/test.cpp", cpp), ("tests/lab/test.py", python)):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            found, page = judge(root)
            if fault is None:
                (root / HERE / "README.md").write_text(page)
                found += violations(root)
                (root / HERE / "README.md").write_text(page + "x")
                if not violations(root):
                    yield f"self-test: {cpp!r}: an old README.md is not noticed"
        if fault is None and found or fault and not (len(found) == 1 and fault in found[0]):
            yield f"self-test: {cpp!r} {python!r}: expected {fault!r}, found {found}"


def main(arguments):
    if arguments == ["--self-test"]:
        return list(self_test())
    root = pathlib.Path(arguments[-1]).resolve()
    if arguments[0] != "--write":
        return violations(root)
    faults, page = judge(root)
    if not faults:
        (root / HERE / "README.md").write_text(page)
    return faults


if __name__ == "__main__":
    problems = main(sys.argv[1:])
    print("\n".join(problems))
    sys.exit(bool(problems))
