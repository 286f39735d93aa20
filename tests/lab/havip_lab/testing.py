# SPDX-License-Identifier: Apache-2.0
"""What the tests of the lab have in common: a pair for each, and a report of what went wrong.

The program under test is named by the environment variable HAVIP.
"""

import os
import time
import unittest

from .lab import Lab, end_on_signals

# Long enough for requests that were under way to be answered and for a flap to show.
AFTERMATH = 0.3
# In milliseconds. What a move costs between two nodes that both know of it: the new one has the
# address as the old one takes it off. The rest is the machine's.
OVERLAP = 50
PLANNED = 400


class LabTest(unittest.TestCase):
    """A test with a lab of its own. setUp() makes it; what runs in it is the test's business."""

    lab_options = {}  # what else Lab() is to be told

    def setUp(self):
        self.lab = Lab(havip=os.environ["HAVIP"], **self.lab_options)
        self.addCleanup(self.lab.close)
        self.lb1, self.lb2 = self.lab.nodes.values()

    def assert_loses_at_most(self, milliseconds, node, act, within=10):
        """Performs act() while the client asks, until `node` alone holds the address and answers.

        Fails when the client hears nothing for longer, or loses more requests than are due in
        that time. Returns the Loss.
        """
        with self.lab.probe() as probe:
            holder = self.lab.holders()[0]
            probe.wait_for_answer(holder, time.monotonic(), 5)
            begin = time.monotonic()
            act()
            probe.wait_for_answer(node.name, begin, within)
            self.lab.until_only_holder(node.name)
            time.sleep(AFTERMATH)
            loss = probe.loss(begin, time.monotonic())
        print(f"\n    {loss}", flush=True)
        self.assertLessEqual(loss.silence, milliseconds, loss)
        self.assertLessEqual(loss.lost * 10, milliseconds, loss)
        return loss

    def assert_only_holder(self, node, lasting=0.5):
        """A stable state: for this long the node, and no other, has the addresses."""
        self.lab.until_only_holder(node.name)
        deadline = time.monotonic() + lasting
        while time.monotonic() < deadline:
            self.assertEqual(self.lab.only_holder(), node.name)
            time.sleep(0.02)

    def assert_moves_were_planned(self, watch, loss=None):
        """By what a Watch of the kernels saw of any number of moves, and by a client's Loss."""
        self.assertLessEqual(watch.overlap(), OVERLAP, watch)
        self.assertLessEqual(watch.vacancy(), PLANNED, watch)
        if loss:
            self.assertLessEqual(loss.silence, PLANNED + loss.stall, loss)
            self.assertLessEqual(loss.lost * 10, PLANNED, loss)


class PairTest(LabTest):
    """Both load balancers run havip, all is well, and lb1 holds the address."""

    def setUp(self):
        super().setUp()
        self.lab.start()
        self.lb2.until_state("backup")
        self.addCleanup(lambda: self.assertEqual([], [d.name for d in self.lab.crashed()]))


class _Result(unittest.TextTestResult):
    """Shows what the programs of the lab said when a test fails."""

    def addError(self, test, err):
        super().addError(test, err)
        self._report(test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._report(test)

    def _report(self, test):
        lab = getattr(test, "lab", None)
        if lab:
            self.stream.writeln("\n" + lab.report())


def main():
    end_on_signals()
    unittest.main(testRunner=unittest.TextTestRunner(resultclass=_Result, verbosity=2))
