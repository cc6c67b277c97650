#!/usr/bin/env python3
"""dns trace over a private root: what it finds on a healthy way, and what each fault looks like, beside dig and delv."""
import os
import subprocess
import sys
import unittest

from lab import Case, HERE, Lab, main
from dnsworld import SITE, TOPOLOGY, World

ODD, HOSTILE = os.path.join(HERE, "oddns.py"), os.path.join(HERE, "hostile_dns.py")


class Way(Case):
    """One world for all: zones that are well beside zones with one fault each."""

    @classmethod
    def setUpClass(cls):
        cls.net = Lab(TOPOLOGY)
        try:
            cls.build(World(cls.net))
        except BaseException:
            cls.net.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    @classmethod
    def build(cls, world):
        cls.world = world
        world.zone("site.corp", ["www A 192.0.2.80", "www AAAA 2001:db8::80", "alias CNAME www", "far CNAME www.plain.corp.", "loop CNAME pool",
                                 "pool CNAME loop", "*.wild A 192.0.2.82", "mx MX 10 www"])
        world.zone("plain.corp", ["www A 192.0.2.81"], ("10.0.1.40",), signed=False)
        world.zone("expired.corp", ["www A 192.0.2.83"], ("10.0.1.41",), times=("-s", "20200101000000", "-e", "20200201000000"))
        world.zone("future.corp", ["www A 192.0.2.83"], ("10.0.1.41",), times=("-s", "20350101000000", "-e", "20350201000000"))
        world.zone("wrongds.corp", ["www A 192.0.2.84"], ("10.0.1.42",), ds="12345 13 2 " + "ab" * 32)
        world.zone("nosig.corp", ["www A 192.0.2.85"], ("10.0.1.43",), nsec3=True, strip=r"\sRRSIG\s+(A|NSEC3)\s")
        world.zone("unsigned-ds.corp", ["www A 192.0.2.85"], ("10.0.1.43",), signed=False, ds="12345 13 2 " + "ab" * 32)
        world.zone("lame.corp", ["www A 192.0.2.86"], ("10.0.1.44", "10.0.1.45"))
        world.zone("dead.corp", ["www A 192.0.2.87"], ("10.0.1.46", "10.0.1.47"))
        world.zone("glueless.corp", ["www A 192.0.2.88"], ("10.0.1.48",), ns=["ns.plain.corp."])
        world.zone("noglue.corp", ["www A 192.0.2.88"], ("10.0.1.48",), glue=False)
        world.zone("circle-a.corp", ["www A 192.0.2.88"], ("10.0.1.48",), ns=["ns.circle-b.corp."])
        world.zone("circle-b.corp", ["www A 192.0.2.88"], ("10.0.1.48",), ns=["ns.circle-a.corp."])
        world.zone("sub.site.corp", ["www A 192.0.2.89"], SITE)
        world.zone("plainsub.site.corp", ["www A 192.0.2.89"], SITE, signed=False)
        world.zone("differs.corp", ["www A 192.0.2.90"], ("10.0.1.49", "10.0.1.50"), per_server={"10.0.1.50": (["www A 192.0.2.91"], 2)})
        world.zone("strays.corp", ["www A 192.0.2.1"], ("10.0.1.51", "10.0.1.52"), signed=False)
        world.zones["plain.corp"].records.append("ns A 10.0.1.48")
        world.start()
        # What the authorities of these zones really are.
        with open(os.path.join(world.folder, "nsd-10.0.1.45.conf"), encoding="ascii") as file:
            text = file.read()
        world.stop("10.0.1.45")
        with open(os.path.join(world.folder, "nsd-10.0.1.45.conf"), "w", encoding="ascii") as file:
            file.write(text[:text.index("zone:")])
        world.servers["10.0.1.45"] = world.node.start("nsd", "-d", "-c", file.name)
        world._wait("10.0.1.45")
        world.stop("10.0.1.46")
        world.stop("10.0.1.47")
        world.node.nft("table inet t { chain c { type filter hook input priority 0; ip daddr 10.0.1.47 drop; } }")
        world.stop("10.0.1.52")
        world.node.start(sys.executable, "-BS", ODD, "10.0.1.52=wrongid", stdout=subprocess.PIPE).read_reply()
        world.resolver()
        cls.client = world.client

    def ask(self, name, *more):
        answer = self.world.trace(name, *more, timeout=30)
        return answer, answer["result"], {z["name"]: z for z in answer["result"]["zones"] if not z["aside"] and not z["again"]}

    def delv(self, name, kind="A"):
        return self.client.run("delv", "-a", self.anchors(), "+root", "@10.0.1.53", "+cd", name, kind).stdout

    def test_the_whole_way(self):
        answer, result, zones = self.ask("www.site.corp")
        self.assertEqual((answer["exit"], result["outcome"], result["security"]), (0, "answer", "signed"))
        self.assertEqual(list(zones), [".", "corp.", "site.corp."])
        for name, reply in ((".", "referral"), ("corp.", "referral"), ("site.corp.", "answer")):
            zone = zones[name]
            self.assertEqual((zone["addresses"], zone["good"], zone["lame"], zone["dead"], zone["security"]), (2, 2, 0, 0, "signed"), name)
            for server in zone["servers"]:
                self.assertEqual((server["reply"], server["edns"], server["tcp"], server["says"]), (reply, "yes", "yes", None))
                self.assertEqual(server["clock"], "kernel")
        self.assertEqual([r["data"] for r in result["answer"]], ["192.0.2.80"])
        self.assertTrue(result["resolvers"][0]["same"])
        self.assertIn("ad", self.world.dig("www.site.corp", "+dnssec").split("flags:")[1].split(";")[0])

    def test_types_and_denials(self):
        for name, kind, outcome in (("www.site.corp", "AAAA", "answer"), ("mx.site.corp", "MX", "answer"), ("www.site.corp", "TXT", "no such record"),
                                    ("nope.site.corp", "A", "no such name"), ("x.wild.site.corp", "A", "answer"), ("corp", "NS", "answer"),
                                    ("site.corp", "DNSKEY", "answer"), (".", "SOA", "answer")):
            answer, result, _ = self.ask(name, kind)
            self.assertEqual((result["outcome"], result["security"], answer["exit"]), (outcome, "signed", 0 if outcome == "answer" else 1), (name, kind))
            self.assertTrue(result["resolvers"][0]["same"], (name, kind))

    def test_aliases(self):
        answer, result, zones = self.ask("alias.site.corp")
        self.assertEqual((answer["exit"], result["final_name"], result["security"]), (0, "www.site.corp.", "signed"))
        answer, result, zones = self.ask("far.site.corp")
        self.assertEqual((answer["exit"], result["final_name"], result["aliases"], result["security"]), (0, "www.plain.corp.", 1, "unsigned"))
        self.assertIn("plain.corp.", zones)
        answer, result, zones = self.ask("loop.site.corp")
        self.assertEqual(answer["exit"], 1)
        self.assertIn("a loop", result["summary"])

    def test_cuts_that_no_referral_shows(self):
        answer, result, zones = self.ask("www.sub.site.corp")
        self.assertEqual((answer["exit"], result["security"], zones["sub.site.corp."]["hidden"]), (0, "signed", True))
        answer, result, zones = self.ask("www.plainsub.site.corp")
        self.assertEqual((answer["exit"], result["security"], zones["plainsub.site.corp."]["hidden"]), (0, "unsigned", True))

    def test_broken_chains_are_named(self):
        for zone, text in (("expired", "expired on 2020-02-01"), ("future", "is not valid before 2035-01-01"), ("wrongds", "fits none of the keys"),
                           ("nosig", "comes without a signature"), ("unsigned-ds", "which has no DNSKEY")):
            answer, result, zones = self.ask(f"www.{zone}.corp")
            self.assertEqual((answer["exit"], result["security"]), (1, "bogus"), zone)
            self.assertIn(text, result["security_says"])
            self.assertIn("status: SERVFAIL", self.world.dig(f"www.{zone}.corp"))
            self.assertIn("status: NOERROR", self.world.dig(f"www.{zone}.corp", "+cd"))
            self.assertEqual(result["resolvers"][0]["status"], "SERVFAIL")
        answer, result, zones = self.ask("nope.nosig.corp")
        self.assertEqual((result["outcome"], result["security"]), ("no such name", "bogus"))

    def test_lame_and_dead(self):
        answer, result, zones = self.ask("www.lame.corp")
        zone = zones["lame.corp."]
        self.assertEqual((answer["exit"], zone["good"], zone["lame"]), (0, 1, 1))
        self.assertEqual({s["address"]: s["reply"] for s in zone["servers"]}, {"10.0.1.44": "answer", "10.0.1.45": "lame: refuses"})
        answer, result, zones = self.ask("www.dead.corp", "--wait", "300ms")
        self.assertEqual((answer["exit"], zones["dead.corp."]["dead"]), (1, 2))
        self.assertEqual({s["address"]: s["reply"] for s in zones["dead.corp."]["servers"]}, {"10.0.1.46": "port closed", "10.0.1.47": "silent"})
        self.assertIn("no server of dead.corp. gives a good answer", result["summary"])

    def test_glue(self):
        answer, result, zones = self.ask("www.glueless.corp")
        self.assertEqual((answer["exit"], zones["glueless.corp."]["servers"][0]["from"]), (0, "looked up"))
        answer, result, zones = self.ask("www.noglue.corp")
        self.assertEqual(answer["exit"], 1)
        self.assertIn("(glue)", zones["noglue.corp."]["servers"][0]["says"])
        answer, result, zones = self.ask("www.circle-a.corp")
        self.assertEqual(answer["exit"], 1)
        self.assertLess(answer["elapsed_ms"], 5000)

    def test_servers_that_differ(self):
        answer, result, zones = self.ask("www.differs.corp")
        self.assertIn("give different records", zones["differs.corp."]["differs"])

    def test_strays_are_told(self):
        answer, result, zones = self.ask("www.strays.corp")
        servers = {s["address"]: s for s in zones["strays.corp."]["servers"]}
        self.assertEqual((servers["10.0.1.52"]["strays"], servers["10.0.1.52"]["stray_why"]), (1, "another id"))
        self.assertEqual(servers["10.0.1.52"]["reply"], "lame: not authoritative")
        self.assertEqual(answer["exit"], 0)

    def test_as_a_person_and_without_privilege(self):
        done = self.client.ntsh_text("dns", "trace", "www.site.corp", "--root", self.world.hints, user=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("FOUND", done.stdout)
        self.assertIn("says the same as the authority", done.stdout)
        self.assertIn("chain    signed", done.stdout)
        done = self.client.ntsh_text("-v", "dns", "trace", "www.site.corp", "--root", self.world.hints)
        self.assertIn("EDNS yes, TCP yes in", done.stdout)


class Harm(Case):
    """Authorities that mean harm: each is told for what it is, in bounded time."""
    MOODS = ("up", "self", "crowd", "chain", "garbage", "loop", "empty", "late", "spoofed", "cut", "huge", "other")

    @classmethod
    def setUpClass(cls):
        cls.net = Lab(TOPOLOGY)
        try:
            world = cls.world = World(cls.net)
            cls.where = {mood: f"10.0.1.{100 + i}" for i, mood in enumerate(cls.MOODS)}
            for mood, address in cls.where.items():
                world.zone(f"{mood}.corp", [], (address,), signed=False)
            world.start()
            for address in cls.where.values():
                world.stop(address)
            world.node.start(sys.executable, "-BS", HOSTILE, *[f"{a}={m}" for m, a in cls.where.items()], stdout=subprocess.PIPE).read_reply()
        except BaseException:
            cls.net.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    def test_each(self):
        expected = {"up": "lame: refers upwards", "self": "lame: refers upwards", "garbage": "malformed answer", "loop": "malformed answer", "empty": "silent",
                    "late": "silent", "spoofed": "answer", "cut": "port closed", "huge": "no such record", "other": "silent"}
        for mood, reply in expected.items():
            answer = self.world.trace(f"www.a.{mood}.corp", "--wait", "400ms", "--no-resolver", timeout=40)
            zone = next(z for z in answer["result"]["zones"] if z["name"] == f"{mood}.corp.")
            self.assertEqual(zone["servers"][0]["reply"], reply, mood)
            self.assertEqual(answer["exit"], 0 if mood == "spoofed" else 1)
            self.assertLess(answer["elapsed_ms"], 6000, mood)
            if mood in ("spoofed", "other"):
                self.assertGreater(zone["servers"][0]["strays"], 0)

    def test_crowds_and_chains_are_bounded(self):
        answer = self.world.trace("www.a.crowd.corp", "--wait", "300ms", "--no-resolver", timeout=60)
        self.assertEqual(answer["exit"], 1)
        self.assertLess(answer["result"]["queries"], 600)
        self.assertLess(answer["elapsed_ms"], 22000)
        answer = self.world.trace("www.chain.corp", "--wait", "300ms", "--no-resolver", timeout=60)
        self.assertIn("a loop", answer["result"]["summary"])
        self.assertLess(answer["elapsed_ms"], 8000)

    def test_other_commands_survive_them(self):
        for mood in ("garbage", "spoofed", "huge", "self"):
            for command in ("check", "trace"):
                answer = self.world.client.ntsh("dns", command, f"{mood}.corp", "--root", self.world.hints, "--wait", "300ms", timeout=60)
                self.assertIn(answer["exit"], (0, 1), (mood, command))


if __name__ == "__main__":
    main()
