#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Finds coroutines that g++ 12 is known to compile wrongly, and ways to start them that are banned.

Usage: coroutines.py ROOT BUILD | coroutines.py --self-test

g++ 12 destroys some temporaries of a statement with co_await twice. gcc12_coroutines.query has one
clang-query matcher for each shape; the cure is always to name the temporary in a statement before.
"""
import pathlib
import re
import sys
import tempfile

import tree

QUERY = pathlib.Path(__file__).with_name("gcc12_coroutines.query")
FINDING = re.compile(r'^(\S+?:\d+:\d+): (?:note|warning): "([\w-]+)" binds here', re.M)
BANNED = {
    r"\bdetached\b": "a detached coroutine swallows its exceptions: spawn it in a TaskGroup",
    r"\bawaitable_operators\b": "|| and && of awaitables lose data and hide errors: use with_timeout "
                                "or a TaskGroup",
}
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)


def look_with(database):
    def look(file):
        command = [tree.CLANG_QUERY, "-p", str(database), "-f", str(QUERY), str(file)]
        status, output = tree.run_tool(command)
        errors = [line for line in output.splitlines() if ": error: " in line]
        if status or errors or "0 matches" not in output and "match" not in output:
            return errors or [f"{file}: clang-query ended with status {status}: {output}"]
        return [f"{place}: {name}" for place, name in FINDING.findall(output)]
    return look


def bans(root):
    for file in tree.cpp_files(root):
        code = COMMENT.sub(lambda found: "\n" * found[0].count("\n"), file.read_text())
        for pattern, why in BANNED.items():
            for found in re.finditer(pattern, code):
                yield f"{file}:{code.count(chr(10), 0, found.start()) + 1}: {why}"


def main(root, build):
    compiled = tree.compile_flags(build)
    flags = {}
    for file in tree.cpp_files(root):
        if "co_await" in COMMENT.sub("", file.read_text()):
            flags[file] = compiled[file] if file in compiled else tree.flags_for(file, compiled)
    memory = tree.CleanFiles(root, tree.cache("coroutines"), tree.version_of(tree.CLANG_QUERY),
                             QUERY.read_text())
    database = tree.write_database(build / "lint" / "coroutine-database", flags)
    found, looked, files = tree.look_at_changed(memory, flags, look_with(database))
    found += bans(root)
    print("\n".join(found))
    print(f"coroutines: {files} files, {looked} of them looked at, {len(found)} findings")
    return bool(found)


# A task that is just enough for the compiler, then one function for each trap, then what is fine.
PLANTED = """
#include <coroutine>
#include <initializer_list>
#include <string>
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  bool await_ready() { return true; }
  void await_suspend(std::coroutine_handle<>) {}
  int await_resume() { return 0; }
};
struct Pair { std::string a; int b; };
Task takes(Pair pair);
Task takes_list(std::initializer_list<std::string> list);
template <class F> Task calls(F f) { return {}; }
void both(Pair pair, int x);
Task aggregate() { co_await takes(Pair{"a", 1}); }
Task inside() { Pair pair{"a", co_await Task{}}; (void)pair; }
Task lambda(std::string s) { co_await calls([s] { return s.size(); }); }
Task ternary(bool b) { int x = b ? co_await Task{} : 0; (void)x; }
Task list() { co_await takes_list({"a", "b"}); }
Task beside(int x) { both(Pair{"a", x}, co_await takes(Pair())); }
Task fine(std::string s, bool b) {
  const Pair pair{"a", 1};
  co_await takes(pair);
  auto call = [s] { return s.size(); };
  co_await calls(call);
  co_await calls([] { return 1; });
  int x = 0;
  if (b) { x = co_await Task(); }
  const auto list = {std::string("a")};
  co_await takes_list(list);
  both(pair, x);
}
"""
TRAPS = {"aggregate": "aggregate-in-co_await", "inside": "co_await-in-aggregate",
         "lambda": "capturing-lambda-in-co_await", "ternary": "co_await-in-ternary",
         "list": "initializer_list-in-co_await", "beside": "aggregate-beside-co_await"}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "planted.cpp"
        file.write_text(PLANTED)
        database = tree.write_database(file.parent, {file: ["-std=c++20"]})
        found = look_with(database)(file)
    expected = {(PLANTED[:PLANTED.index(f"Task {function}(")].count("\n") + 1, trap)
                for function, trap in TRAPS.items()}
    seen = {(int(line.split(":")[1]), line.split(": ")[1]) for line in found if line.count(":") > 2}
    for line, trap in sorted(expected - seen):
        yield f"self-test: {trap} in line {line} was not found; found: {found}"
    lines = {line for line, _ in expected}
    for line, trap in sorted(seen):
        if line not in lines:
            yield f"self-test: line {line} is fine but found to be {trap}"


if __name__ == "__main__":
    if sys.argv[1] == "--self-test":
        problems = list(self_test())
        print("\n".join(problems))
        sys.exit(bool(problems))
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()))
