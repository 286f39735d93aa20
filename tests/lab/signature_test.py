# SPDX-License-Identifier: Apache-2.0
"""auth = hmac: rolled out while the pair serves, and what forgers achieve against it: a count.

keepalived stops advertising while it hears adverts that it must discard (TTL 254, a wrong
checksum): its clients lose the address for as long as somebody sends them.
"""

import re
import secrets
import time

from havip_lab import files, forger, testing, wait_until, wire
from havip_lab.capture import Capture
from havip_lab.dialect import KEY_FILE
from havip_lab.lab import CLIENT_ADDRESS, NODES
from havip_lab.watch import Watch

# At 100 ms: what is not a hole, for a busy machine.
LONGEST_PAUSE = 0.25

MODES = ("receive-only", "permissive", "enforce")


def signed(mode):
    return (f'auth = {{ type = "hmac", key_file = "{KEY_FILE}", key_id = 1, '
            f'mode = "{mode}" }}\n')


class SignatureTest(testing.LabTest):
    at_first = signed("enforce")

    def setUp(self):
        super().setUp()
        self.key = secrets.token_bytes(32)
        for node in (self.lb1, self.lb2):
            self.write_key(node, self.key.hex())
            node.configure(files.havip_toml(NODES, extra=self.at_first))
        self.lab.start()
        self.lb2.until_state("backup")
        self.addCleanup(self.look_for_the_key)
        self.addCleanup(lambda: self.assertEqual([], [d.name for d in self.lab.crashed()]))

    def write_key(self, node, text, mode="600"):
        node.space.write(KEY_FILE, f"{text}\n")
        node.space.run("chmod", mode, KEY_FILE)

    def assert_secret(self, text, where):
        """No eight digits of the key in a row."""
        digits = self.key.hex()
        shown = [digits[at:at + 8] for at in range(len(digits) - 7)
                 if digits[at:at + 8] in text.lower()]
        self.assertEqual(shown, [], where)

    def log(self, node):
        with open(node.havip.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def look_for_the_key(self):
        """Whatever the test did: in nothing that is told is the key."""
        for node in (self.lb1, self.lb2):
            self.assert_secret(self.log(node), f"log of {node.name}")
            if node.havip.running():
                for path in ("/v1/status", "/metrics", "/v1/config", "/"):
                    self.assert_secret(node.ask("GET", path)[1], path)
                self.assert_secret(node.space.run("havip", "status").stdout, "status")

    def recorded(self, seconds, act=None):
        """What passes the switch meanwhile, as IP packets and decoded."""
        capture = Capture(self.lab.switch.space, "br0", wire.FILTER)
        if act:
            act()
        time.sleep(seconds)
        frames = capture.stop()
        return [frame[14:] for frame in frames], [wire.decode(frame) for frame in frames]


class TheRollOut(SignatureTest):
    at_first = ""

    # C87: a deviation, on request.
    def test_by_three_modes_node_after_node_costs_no_more_than_the_planned_moves(self):
        with Watch(self.lab) as watch, self.lab.probe() as probe:
            probe.wait_for_answer("lb1", time.monotonic(), 5)
            begin = time.monotonic()
            for mode in MODES:
                for node in (self.lb2, self.lb1):
                    node.restart_havip(files.havip_toml(NODES, extra=signed(mode)))
                    self.lab.until_only_holder("lb1")
                    self.lb2.until_state("backup")
                    time.sleep(1)
            loss = probe.loss(begin, time.monotonic())
        print(f"\n    {loss}\n    {watch}", flush=True)
        self.assert_moves_were_planned(watch, loss)
        for node in (self.lb1, self.lb2):
            rejected = node.rejected()
            self.assertEqual((rejected["auth"], rejected["replay"]), (0, 0))
        _, adverts = self.recorded(1)
        self.assertEqual({len(advert.trailer) for advert in adverts}, {wire.TRAILER_LENGTH})
        self.assertEqual(len({advert.trailer for advert in adverts}), len(adverts))

    def test_back_to_none_by_the_same_way_costs_no_more_either(self):
        for node in (self.lb1, self.lb2):
            node.restart_havip(files.havip_toml(NODES, extra=signed("enforce")))
        self.lab.until_only_holder("lb1")
        self.lb2.until_state("backup")
        with Watch(self.lab) as watch:
            for extra in (signed("permissive"), signed("receive-only"), ""):
                for node in (self.lb2, self.lb1):
                    node.restart_havip(files.havip_toml(NODES, extra=extra))
                    self.lab.until_only_holder("lb1")
                    self.lb2.until_state("backup")
                    time.sleep(1)
        self.assert_moves_were_planned(watch)


class AFlood(SignatureTest):
    ROUNDS = 1000
    INTERVAL = 0.001

    def forged(self):
        """One of each kind, and the reason for which it is discarded."""
        everybody = wire.GROUP
        return [
            ("auth", forger.packet(CLIENT_ADDRESS, everybody, 255, 255)),
            ("auth", forger.packet(CLIENT_ADDRESS, everybody, 255, 254, secrets.token_bytes(32))),
            ("auth", forger.packet(CLIENT_ADDRESS, everybody, 255, 0, self.key, key_id=2)),
            ("ttl", forger.packet(CLIENT_ADDRESS, everybody, 254, 254, self.key)),
            ("checksum", forger.packet(CLIENT_ADDRESS, everybody, 255, 254, self.key,
                                       bad_checksum=True)),
        ]

    def flood(self, packets, rounds=ROUNDS):
        forger.start(self.lab, packets, self.INTERVAL, rounds).wait(30)

    # C29, C33, C36
    def test_of_forged_adverts_changes_nothing_but_counters_and_a_line_for_each_reason(self):
        kinds = self.forged()
        before = {node.name: node.rejected() for node in (self.lb1, self.lb2)}
        transitions = [node.router()["transitions"] for node in (self.lb1, self.lb2)]
        logged = {node.name: len(self.log(node)) for node in (self.lb1, self.lb2)}
        capture = Capture(self.lab.switch.space, "lb1", f"{wire.FILTER} and inbound")

        with Watch(self.lab) as watch, self.lab.probe() as probe:
            probe.wait_for_answer("lb1", time.monotonic(), 5)
            begin = time.monotonic()
            self.flood([packet for _, packet in kinds])
            took = time.monotonic() - begin
            loss = probe.loss(begin, time.monotonic())

        print(f"\n    {took:.1f} s; {loss}\n    {watch}", flush=True)
        self.assertEqual((len(watch.history), loss.lost), (1, 0), watch)
        self.assertEqual([node.router()["transitions"] for node in (self.lb1, self.lb2)],
                         transitions)
        self.assert_advertised_at_its_rate(capture, took)
        for node in (self.lb1, self.lb2):
            for reason in {reason for reason, _ in kinds}:
                sent = self.ROUNDS * [each for each, _ in kinds].count(reason)
                counted = node.rejected()[reason] - before[node.name][reason]
                self.assertTrue(0.9 * sent <= counted <= sent, (node.name, reason, counted))
            said = self.log(node)[logged[node.name]:]
            told = re.findall(r"discarded an advertisement from (\S+): (.*)", said)
            self.assertEqual({sender for sender, _ in told}, {CLIENT_ADDRESS})
            # Once each; the flood may be long enough for a second time after 10 s.
            self.assertEqual(len({why for _, why in told}), 3, said)
            self.assertLessEqual(len(told), 3 * (1 + int(took / 10)), said)

    def test_is_named_in_the_status_while_it_lasts(self):
        flood = forger.start(self.lab, [packet for _, packet in self.forged()], 0.005, 200)
        for node in (self.lb1, self.lb2):
            wait_until(lambda: any(CLIENT_ADDRESS in problem for problem in
                                   node.router()["problems"]), 3, f"{node.name} names the forger")
        flood.wait(30)

    def assert_advertised_at_its_rate(self, capture, seconds):
        adverts = [(at, wire.decode(frame)) for frame, at in
                   zip(capture.stop(), capture.times, strict=True)]
        own = [at for at, advert in adverts if advert.source == self.lb1.address]
        self.assertEqual({advert.priority for _, advert in adverts
                          if advert.source == self.lb1.address}, {150})
        pauses = [later - earlier for earlier, later in zip(own, own[1:])]
        self.assertLess(max(pauses), LONGEST_PAUSE)
        # Neither fewer nor, provoked, more than one each 100 ms.
        recorded = own[-1] - own[0]
        self.assertGreater(recorded, seconds)
        self.assertAlmostEqual(len(own) / recorded, 10, delta=1)


class AReplay(SignatureTest):
    def drain(self, node):
        self.assertEqual(node.ask("POST", "/drain")[0], 200)

    def test_of_a_dead_nodes_adverts_does_not_make_it_live(self):
        packets, adverts = self.recorded(1)
        self.assertEqual({advert.priority for advert in adverts}, {150})
        self.lb1.havip.stop()
        self.lab.until_only_holder("lb2")
        before = self.lb2.rejected()["replay"]

        with Watch(self.lab) as watch:
            # Longer than the window of 5 s: at first the stamps are fresh, then they are not.
            forger.start(self.lab, packets, 0.01, 700 // len(packets)).wait(30)

        self.assertEqual(len(watch.history), 1, watch)
        self.assertEqual(self.lb2.state(), "active")
        sent = 700 // len(packets) * len(packets)
        self.assertGreaterEqual(self.lb2.rejected()["replay"] - before, 0.9 * sent)
        self.assertEqual(len(re.findall("it was sent before", self.log(self.lb2))), 1)

    def test_of_a_wish_to_be_relieved_does_not_move_the_address(self):
        def drain_and_undrain():
            self.drain(self.lb1)
            self.lab.until_only_holder("lb2")
            self.assertEqual(self.lb1.ask("POST", "/undrain")[0], 200)
            self.lab.until_only_holder("lb1")

        packets, adverts = self.recorded(0.5, drain_and_undrain)
        leaving = [packet for packet, advert in zip(packets, adverts, strict=True)
                   if advert.priority < 100]
        self.assertTrue(leaving)
        before = self.lb2.rejected()["replay"]
        lowest = {advert.source for advert in adverts if advert.priority < 100}
        self.assertIn(self.lb1.address, lowest)

        with Watch(self.lab) as watch:
            forger.start(self.lab, leaving, 0.01, 100).wait(30)

        self.assertEqual(len(watch.history), 1, watch)
        self.assertGreater(self.lb2.rejected()["replay"], before)

    def test_of_its_own_adverts_to_a_node_changes_nothing(self):
        packets, _ = self.recorded(1)
        with Watch(self.lab) as watch:
            forger.start(self.lab, packets, 0.01, 10).wait(30)
        self.assertEqual(len(watch.history), 1, watch)

    def test_of_its_own_adverts_is_told_to_the_operator_where_the_kernel_lets_them_in(self):
        # What claims to come from the node itself Linux drops before any socket sees it, otherwise.
        self.lb1.space.set_sysctl(f"net/ipv4/conf/{files.INTERFACE}/accept_local", 1)
        packets, _ = self.recorded(1)
        with Watch(self.lab) as watch:
            forger.start(self.lab, packets, 0.01, 10).wait(30)
            wait_until(lambda: self.lb1.router()["problems"], 3, "lb1 has a problem")
        self.assertIn("this node's own address 192.0.2.11 come in",
                      self.lb1.router()["problems"][0])
        wait_until(lambda: self.lb1.rejected()["own"] == 10 * len(packets), 5,
                   "each of them is counted")
        self.assertEqual(len(watch.history), 1, watch)


class TheKey(SignatureTest):
    def test_stays_secret_whatever_is_wrong_with_its_file(self):
        digits = self.key.hex()
        for text, mode in ((digits, "644"), (digits[:-1], "600"), (digits[:40], "600"),
                           (digits + " x", "600"), (f"key = {digits}", "600"),
                           (f"{digits}\n{digits}", "600"), (digits * 3, "600")):
            with self.subTest(length=len(text), mode=mode):
                self.write_key(self.lb2, text, mode)
                done = self.lb2.space.run("havip", "check", check=False)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(KEY_FILE, done.stdout + done.stderr)
                self.assert_secret(done.stdout + done.stderr, "check")

    def test_that_another_node_has_not_makes_two_actives_and_both_say_why(self):
        self.lb2.havip.stop()
        self.write_key(self.lb2, secrets.token_hex(32))
        self.lb2.start_havip()
        wait_until(lambda: self.lab.holders() == ["lb1", "lb2"], 5, "both hold the address")
        for node, other in ((self.lb1, "lb2 (192.0.2.12)"), (self.lb2, "lb1 (192.0.2.11)")):
            wait_until(lambda: f"discarded an advertisement from {other}" in self.log(node), 3,
                       f"{node.name} says what it does not believe")
            wait_until(lambda: any(other in problem for problem in node.router()["problems"]), 3,
                       f"the status of {node.name} names {other}")


if __name__ == "__main__":
    testing.main()
