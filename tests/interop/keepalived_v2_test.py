# SPDX-License-Identifier: Apache-2.0
"""havip and keepalived 2.2.7 in VRRP version 2, keepalived's default: plain and with a password.

An interval of version 2 is whole seconds, so a silent crash costs 3 to 4 of them.
"""

import dataclasses

from havip_lab import testing, wait_until
from havip_lab.dialect import Dialect
from interop_lab import HavipAbove, HavipBelow, InteropTest, Setting

# Skew_Time is (256 - 100) / 256 s = 0.61 s, Active_Down_Interval 3 s more.
PLAIN = Setting(Dialect(version=2, interval_ms=1000), told=1200, noticed=5000)


def with_password(password):
    return dataclasses.replace(PLAIN, dialect=dataclasses.replace(PLAIN.dialect,
                                                                  password=password))


class Plain:
    setting = PLAIN

    def judge_havip(self, adverts):
        self.assertEqual({advert.auth for advert in adverts}, {(0, bytes(8))})


# C26 - C28
class PlainAbove(Plain, HavipAbove, InteropTest):
    pass


class PlainBelow(Plain, HavipBelow, InteropTest):
    pass


class PasswordAbove(HavipAbove, InteropTest):
    setting = with_password("secret12")

    def judge_havip(self, adverts):
        self.assertEqual({advert.auth for advert in adverts}, {(1, b"secret12")})


class ShortPasswordBelow(HavipBelow, InteropTest):
    setting = with_password("short")

    def judge_havip(self, adverts):
        self.assertEqual({advert.auth for advert in adverts}, {(1, b"short\0\0\0")})


class IntervalsThatDiffer(InteropTest):
    """keepalived advertises every 2 s, havip is configured for 1 s.

    A version 2 router discards what has another interval than its own (RFC 3768 section 7.1), and
    keepalived does: one of them must adapt, or both are Active.
    """

    setting = PLAIN

    def start_slow_peer_on(self, node):
        slow = dataclasses.replace(PLAIN, dialect=PLAIN.dialect.with_interval(2000))
        self.peer.start(node, slow, self.others(node))
        self.lab.until_only_holder(node.name, within=20)

    # C40: a deviation.
    def test_havip_below_learns_it_and_takes_over_and_gives_back(self):
        self.start_slow_peer_on(self.lb1)
        self.start_havip_on(self.lb2)
        self.lb2.until_state("backup")
        # Longer than three of havip's own intervals and Skew_Time.
        self.assert_only_holder(self.lb1, lasting=5)
        self.peer.stop(self.lb1)
        self.lab.until_only_holder("lb2", within=10)
        self.start_slow_peer_on(self.lb1)
        self.assert_only_holder(self.lb1, lasting=5)
        self.judged()

    def test_havip_above_is_understood_and_alone_active(self):
        self.start_slow_peer_on(self.lb2)
        self.start_havip_on(self.lb1)
        self.lab.until_only_holder("lb1", within=20)
        # Longer than keepalived would wait before it took over: 3 x 2 s + 0.61 s.
        self.assert_only_holder(self.lb1, lasting=8)
        self.expect_interval(self.judged()["lb1"][-3:], 2000)

    # C40
    def test_strict_asks_for_the_letter_of_the_rfc_and_gets_two(self):
        self.start_slow_peer_on(self.lb1)
        self.start_havip_on(self.lb2, extra="strict = true\n")
        wait_until(lambda: self.lab.holders() == ["lb1", "lb2"], 8, "both hold the address")


class PasswordsThatDiffer(InteropTest):
    # C42
    def test_neither_obeys_the_other(self):
        self.setting = with_password("secret12")
        self.start_peer_on(self.lb1)
        self.lab.until_only_holder("lb1", within=20)
        self.setting = with_password("secret13")
        self.start_havip_on(self.lb2)
        wait_until(lambda: self.lab.holders() == ["lb1", "lb2"], 8, "both hold the address")


if __name__ == "__main__":
    testing.main()
