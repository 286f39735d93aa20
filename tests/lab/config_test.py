# SPDX-License-Identifier: Apache-2.0
"""A wrong file is refused whole by the program itself: FILE:LINE:COL, all problems, status 78.

What is wrong with which file is the unit tests' business (tests/unit/config).
"""

from havip_lab import files, testing
from havip_lab.lab import NODES

FILE = "/etc/havip/havip.toml"
EX_CONFIG = 78


class ConfigTest(testing.LabTest):
    def havip(self, *arguments):
        done = self.lb1.space.run("havip", *arguments, check=False)
        return done.returncode, done.stderr

    def assert_refused(self, text, *places):
        """Both `run` and `check` refuse the file and name these places, and `run` does nothing."""
        self.lb1.configure(text)
        for command in ("check", "run"):
            with self.subTest(command=command):
                status, said = self.havip(command)
                self.assertEqual(status, EX_CONFIG, said)
                for place in places:
                    self.assertRegex(said, rf"(?m)^{FILE}:{place}: .+")
        self.assertFalse(self.lb1.holds_address())


class AWrongFile(ConfigTest):
    def test_a_syntax_error_is_placed(self):
        self.assert_refused('[[virtual_router]]\nname = "public\n', r"2:\d+")

    def test_an_unknown_key_is_placed_and_the_meant_one_named(self):
        good = files.havip_toml(NODES)
        line = good[:good.index("interface =")].count("\n") + 1
        self.assert_refused(good.replace("interface =", "interfaec ="), rf"{line}:1")
        self.assertIn("interface", self.havip("check")[1])

    def test_a_value_out_of_range_is_placed(self):
        good = files.havip_toml(NODES)
        line = good[:good.index("vrid =")].count("\n") + 1
        self.assert_refused(good.replace("vrid = 51", "vrid = 256"), rf"{line}:\d+")

    def test_all_problems_are_said_in_one_go(self):
        good = files.havip_toml(NODES)
        vrid = good[:good.index("vrid =")].count("\n") + 1
        priority = good[:good.index("priority =")].count("\n") + 1
        wrong = good.replace("vrid = 51", "vrid = 0").replace("priority = 150", "priority = 255")
        self.assert_refused(wrong, rf"{vrid}:\d+", rf"{priority}:\d+")


class TheRightFile(ConfigTest):
    def test_is_good_for_every_node_in_it(self):
        status, said = self.havip("check")
        self.assertEqual((status, said), (0, ""))

    def test_on_a_host_that_is_no_node_is_refused_naming_the_nodes(self):
        status, said = self.havip("run", "--node", "lb3")
        self.assertEqual(status, EX_CONFIG, said)
        for word in ("lb3", "lb1", "lb2"):
            self.assertIn(word, said)

    def test_that_is_not_there_is_refused(self):
        status, said = self.havip("run", "--config", "/etc/havip/nothing.toml")
        self.assertEqual(status, EX_CONFIG, said)
        self.assertIn("/etc/havip/nothing.toml", said)


if __name__ == "__main__":
    testing.main()
