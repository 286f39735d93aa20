#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that no file and no function is too long, and says how long they are.

Usage: sizes.py ROOT | sizes.py --self-test
"""
import pathlib
import re
import statistics
import sys

import tree

FILE_LINES, TEST_FILE_LINES, FUNCTION_LINES = 400, 500, 60
# What may hold braces without being code. A raw string's end repeats its beginning.
NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|\bR"([^(\n]*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
                      r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.S | re.M)
PARENTHESES = re.compile(r"\([^()]*\)")
TEMPLATE = re.compile(r"\btemplate\s*<[^<>]*(?:<[^<>]*>[^<>]*)*>|\balignas\b|\brequires\b")
SCOPE = re.compile(r"\b(class|struct|union|enum|namespace)\b|\bextern\s*$")


def opens_function(head):
    """Whether `head`, the text between the last statement and a brace, is a function's."""
    if "(" not in head or head.rstrip()[-1:] in tuple("(,={["):
        return False
    head = TEMPLATE.sub("", head)
    while PARENTHESES.search(head):
        head = PARENTHESES.sub("", head)
    return not SCOPE.search(head)


def functions(text):
    """(line, lines of the body) of each function that is in no other function."""
    code = NOT_CODE.sub(lambda found: "\n" * found[0].count("\n"), text)
    line, head, depth, start = 1, "", 0, None  # start: (line, depth) of the function we are in
    for position, char in enumerate(code):
        line += char == "\n"
        if char == "{":
            depth += 1
            if start is None and opens_function(head):
                start = (line, depth)
            elif start is None:
                head = ""
        elif char == "}":
            if start and depth == start[1]:
                # A member initialised with braces, `: a_{1}, b_{2} {`, is not the body.
                if code[position + 1:].lstrip()[:1] not in (",", "{"):
                    yield start[0], line - start[0]
                    head = ""
                start = None
            elif start is None:
                head = ""
            depth -= 1
        elif char == ";" and start is None and head.count("(") == head.count(")"):
            head = ""
        elif start is None:
            head += char


def faults(name, text):
    limit = TEST_FILE_LINES if name.startswith("tests/") else FILE_LINES
    if text.count("\n") > limit:
        yield f"{name}: {text.count(chr(10))} lines; at most {limit}"
    for line, lines in functions(text):
        if lines > FUNCTION_LINES:
            yield f"{name}:{line}: a function of {lines} lines; at most {FUNCTION_LINES}"


SHAPES = """namespace a {
class alignas(8) B final : public C<int(int)> {
 public:
  explicit B(int x)
      : x_{x}, y_{f({x})} {
    if (x) { "}"; '{'; }  // }
  }
  template <class T>
  auto f(T x) const -> int {
    return R"({{)";
  }
  bool operator()(int) const = default;
};
constexpr auto table = std::to_array<Row>({
    {"a", f(1)},
});
#define OPEN(x) \\
  {
int old(struct tm* when) noexcept {
  for (;;) {
  }
}
TEST(Situation, Consequence) {
  EXPECT_EQ(1'000, 1);
}
}
"""
EXPECTED = [(5, 2), (9, 2), (19, 3), (23, 2)]


def self_test():
    found = list(functions(SHAPES))
    if found != EXPECTED:
        yield f"self-test: expected {EXPECTED}, found {found}"
    body = "  f();\n" * FUNCTION_LINES
    if list(faults("sidecar/a.cpp", "void g() {\n" + body + "}\n")) != [
            "sidecar/a.cpp:1: a function of 61 lines; at most 60"]:
        yield "self-test: a function of 61 lines was not found"
    if len(list(faults("sidecar/a.cpp", "\n" * 401))) != 1 or list(faults("tests/a.cpp", "\n" * 500)):
        yield "self-test: a file's length is judged wrongly"


def check(root):
    files = {file.relative_to(root).as_posix(): file.read_text() for file in tree.cpp_files(root)}
    for kind, test in (("the program", False), ("tests", True)):
        mine = [text for name, text in files.items() if name.startswith("tests/") is test]
        lengths = [text.count("\n") for text in mine] or [0]
        bodies = [lines for text in mine for _, lines in functions(text)] or [0]
        print(f"{kind}: {len(mine)} files, median {statistics.median(lengths):.0f} lines, longest "
              f"{max(lengths)}; {len(bodies)} functions, median {statistics.median(bodies):.0f}, "
              f"longest {max(bodies)}")
    return [fault for name, text in files.items() for fault in faults(name, text)]


if __name__ == "__main__":
    problems = list(self_test() if sys.argv[1] == "--self-test"
                    else check(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(problems))
    sys.exit(bool(problems))
