# SPDX-License-Identifier: Apache-2.0
"""The figures of the probe, on records made by hand."""

import unittest

from havip_lab.probe import Loss, Record, count


def good(sent, ended, late=0.0):
    return Record(sent, ended, True, late, "lb1")


def bad(sent, answer="timeout"):
    return Record(sent, sent + 0.9, False, 0.0, answer)


class FiguresOfAWindow(unittest.TestCase):
    def test_an_undisturbed_client_is_silent_for_one_interval(self):
        records = [good(i / 100, i / 100 + 0.001) for i in range(100)]

        loss = count(records, 0.2, 0.7)

        self.assertEqual((loss.requests, loss.lost, round(loss.silence)), (50, 0, 10))

    def test_silence_lasts_from_the_last_answer_to_the_first_of_the_successor(self):
        # Answers at 0.101 and 0.401; the requests sent in between are lost.
        records = [good(0.10, 0.101), bad(0.2, "ECONNREFUSED"), bad(0.3), good(0.4, 0.401)]

        loss = count(records, 0.15, 0.45)

        self.assertEqual(loss, Loss(requests=3, lost=2, silence=loss.silence, stall=0.0,
                                    errors={"ECONNREFUSED": 1, "timeout": 1}))
        self.assertEqual(round(loss.silence), 300)

    def test_an_answer_that_was_only_late_is_not_lost_but_the_silence_shows_it(self):
        records = [good(0.1, 0.101), good(0.2, 0.601), good(0.3, 0.602), good(0.4, 0.603)]

        loss = count(records, 0.15, 0.45)

        self.assertEqual((loss.requests, loss.lost, round(loss.silence)), (3, 0, 500))

    def test_a_window_that_ends_in_silence_counts_until_the_answer_after_it(self):
        records = [good(0.1, 0.1), bad(0.2), bad(0.3), good(0.5, 0.5)]

        self.assertEqual(round(count(records, 0.15, 0.35).silence), 400)

    def test_nothing_but_silence_counts_to_the_end_of_the_window(self):
        records = [bad(0.2), bad(0.3)]

        self.assertEqual(round(count(records, 0.1, 0.4).silence), 300)

    def test_the_stall_is_the_latest_request_of_the_window(self):
        records = [good(0.1, 0.1, late=0.9), good(0.2, 0.2, late=0.03), good(0.3, 0.3, late=0.01)]

        self.assertEqual(round(count(records, 0.15, 0.35).stall), 30)


if __name__ == "__main__":
    unittest.main()
