#!/usr/bin/env python3
"""diagnose dns: each cause with real servers, proved by dig, and its healthy twin."""
import os
import subprocess
import sys

from lab import Case, HERE, Lab, main
from dnsworld import RESOLVER, ROOT, SITE, TLD, TOPOLOGY, World

ODD = os.path.join(HERE, "oddns.py")
NAME, DEAD, SECOND, FILTER = "www.site.corp", "10.0.1.99", "10.0.1.54", "table inet t { chain c { type filter hook input priority 0; %s drop; } }"


class Stage(Case):
    """A world for each test; what is well in it comes from here."""
    timeout = 120

    def world(self, *zones, start=True, **site):
        world = World(self.lab(TOPOLOGY))
        self.client, self.node, self.w = world.client, world.node, world
        world.zone("site.corp", site.pop("records", ["www A 192.0.2.80", "www AAAA 2001:db8::80"]), **site)
        for name, records, how in zones:
            world.zone(name, records, **how)
        return world.start().resolver() if start else world

    def ask(self, name=NAME, **options):
        return self.client.ntsh("diagnose", "dns", name, "--root", self.w.hints, **options)

    def healthy(self, name=NAME):
        answer = self.ask(name)
        verdict = answer["result"]["verdict"]
        self.assertEqual((verdict["cause"], answer["exit"]), ("healthy", 0), verdict)
        return answer

    def faulty(self, cause, party, name=NAME, **options):
        answer = self.ask(name, **options)
        result = answer["result"]
        verdict = result["verdict"]
        self.assertEqual((verdict["cause"], verdict["class"], answer["exit"]), (cause, "dns", 1), verdict)
        self.assertEqual(result["responsible"], party, verdict)
        self.assertLess(result["took_ms"], 8000)
        parts = {k: v for k, v in result["ledger"].items() if k != "total_ms"}
        self.assertAlmostEqual(sum(parts.values()), result["ledger"]["total_ms"], 2)
        return answer

    def dig(self, *words):
        return self.w.dig(*words)

    def odd(self, address, mood):
        self.w.address(address)
        self.node.start(sys.executable, "-BS", ODD, f"{address}={mood}", stdout=subprocess.PIPE).read_reply()


class Resolver(Stage):
    def test_healthy(self):
        self.world()
        answer = self.healthy()
        self.assertIn("the authority says the same", answer["result"]["verdict"]["evidence"][1]["says"])
        self.assertLess(answer["result"]["took_ms"], 3000)
        self.healthy(NAME + ".")

    def test_unreachable(self):
        self.world()
        self.node.nft(FILTER % f"ip daddr {RESOLVER} meta l4proto {{ tcp, udp }} th dport 53")
        self.assertIn("no servers could be reached", self.dig(NAME))
        self.faulty("dns.resolver-unreachable", "the resolver")
        self.w.stop(RESOLVER)
        self.node.run("nft", "flush", "ruleset")
        self.faulty("dns.resolver-unreachable", "the resolver")
        self.client.resolvers("10.0.9.9")
        self.faulty("dns.resolver-unreachable", "this host's configuration")
        self.node.nft(FILTER % f"ip daddr {RESOLVER}")
        self.client.resolvers(RESOLVER)
        self.faulty("dns.resolver-unreachable", "the network between")

    def test_first_dead(self):
        self.world()
        self.w.address(DEAD)
        self.node.nft(FILTER % f"ip daddr {DEAD}")
        self.client.resolvers(DEAD, RESOLVER, options="timeout:2")
        answer = self.faulty("dns.first-resolver-dead", "the network between")
        self.assertEqual(answer["result"]["verdict"]["where"], DEAD)
        self.assertAlmostEqual(answer["result"]["verdict"]["cost_ms"], 2000, delta=200)
        self.client.resolvers(RESOLVER)
        self.healthy()

    def test_slow(self):
        self.world()
        link = self.w.lab.link("path")
        for kind in ("udp", "tcp"):
            link.rule(f"late-{kind}", f"{kind} sport=53 delay=300ms", "ba")
        self.faulty("dns.resolver-slow", "the resolver")
        link.unrule()
        self.healthy()

    def test_refused(self):
        self.world()
        self.w.stop(RESOLVER)
        self.w.resolver(config="    access-control: 10.0.1.1/32 refuse\n")
        self.assertIn("status: REFUSED", self.dig(NAME))
        self.faulty("dns.refused", "the resolver")

    def test_aaaa_dropped(self):
        self.world(records=["www A 192.0.2.1", "www AAAA 2001:db8::1"])
        self.w.stop(RESOLVER)
        self.odd(RESOLVER, "no6")
        self.client.resolvers(RESOLVER, options="timeout:1")
        self.assertIn("status: NOERROR", self.dig(NAME))
        self.assertIn("no servers", self.dig(NAME, "AAAA"))
        answer = self.ask()
        found = [answer["result"]["verdict"], *answer["result"]["also"]]
        self.assertIn("dns.aaaa-broken", [v["cause"] for v in found])
        verdict = next(v for v in found if v["cause"] == "dns.aaaa-broken")
        self.assertAlmostEqual(verdict["cost_ms"], 3000, delta=300)

    def test_first_closed(self):
        self.world()
        self.w.address(DEAD)
        self.client.resolvers(DEAD, RESOLVER)
        self.faulty("dns.first-resolver-dead", "the resolver")

    def test_tcp_blocked_with_a_cut_answer(self):
        many = [f"www TXT {'x' * 200}{i}" for i in range(9)] + [f"www A 192.0.2.{i}" for i in range(1, 120)]
        self.world(records=many)
        self.healthy()
        self.node.nft(FILTER % f"ip daddr {RESOLVER} tcp dport 53")
        self.assertIn("tc", self.dig(NAME, "+ignore").split("flags:")[1].split(";")[0])
        self.faulty("dns.tcp-blocked", "the network between")

    def test_large_answers_lost(self):
        self.world(records=[f"www A 192.0.2.{i}" for i in range(1, 60)])
        self.w.stop(RESOLVER)
        self.w.resolver(config="    edns-buffer-size: 4096\n    max-udp-size: 4096\n")
        self.healthy()
        self.w.lab.link("path").rule("large", "udp sport=53 min=700 drop", "ba")
        self.assertIn("no servers", self.dig(NAME, "+bufsize=4096", "+ignore"))
        self.faulty("dns.large-answers-lost", "the network between")

    def test_hosts_file(self):
        self.world()
        self.client.hosts(f"10.9.9.9 {NAME}")
        self.assertIn("10.9.9.9", self.client.run("getent", "ahosts", NAME).stdout)
        self.faulty("dns.hosts-file", "this host's configuration")
        self.client.hosts(f"192.0.2.80 {NAME}")
        self.healthy()

    def test_search_list(self):
        self.world(("inner.corp", ["*.inner.corp. A 10.9.9.9"], {"servers": ("10.0.1.40",), "signed": False}))
        self.client.etc("resolv.conf", f"nameserver {RESOLVER}\nsearch inner.corp\noptions ndots:3\n")
        self.assertIn("10.9.9.9", self.client.run("getent", "ahosts", NAME).stdout)
        self.faulty("dns.search-list", "this host's configuration")
        self.client.etc("resolv.conf", f"nameserver {RESOLVER}\nsearch inner.corp\n")
        self.healthy()
        self.client.etc("resolv.conf", f"nameserver {RESOLVER}\nsearch site.corp\n")
        self.healthy("www")


class Answers(Stage):
    def test_nxdomain(self):
        self.world()
        self.assertIn("status: NXDOMAIN", self.dig("wwww.site.corp"))
        self.faulty("dns.nxdomain", "the zone's owner", "wwww.site.corp")
        self.client.etc("resolv.conf", f"nameserver {RESOLVER}\nsearch corp\n")
        answer = self.faulty("dns.nxdomain", "this host's configuration", "www")
        self.assertIn("the search list makes of it", " ".join(e["says"] for e in answer["result"]["verdict"]["evidence"]))

    def change(self, records, serial):
        for address in SITE:
            self.w.stop(address)
        self.w.zones["site.corp"].records[:] = records
        self.w.zones["site.corp"].serial = serial
        self.w.zones["site.corp"].file = self.w.sign(self.w.zones["site.corp"])
        for address in SITE:
            self.w.serve(address)

    def test_negative_cache(self):
        self.world(records=["other A 192.0.2.1"], soa="3600 600 86400 300")
        self.dig(NAME)
        self.dig(NAME, "AAAA")
        self.change(["www A 192.0.2.80"], 2)
        self.assertIn("status: NXDOMAIN", self.dig(NAME))
        answer = self.faulty("dns.nxdomain", "the resolver")
        self.assertIn("negative cache", answer["result"]["verdict"]["summary"])

    def test_stale_cache(self):
        self.world()
        self.healthy()
        self.change(["www A 192.0.2.99", "www AAAA 2001:db8::80"], 2)
        self.assertIn("192.0.2.80", self.dig(NAME))
        self.assertIn("192.0.2.99", self.dig(NAME, f"@{SITE[0]}"))
        self.faulty("dns.stale-cache", "the resolver")

    def test_hijacked(self):
        self.world()
        self.w.stop(RESOLVER)
        self.w.address(SECOND)
        self.w.resolver(SECOND, client=False)
        self.node.start("dnsmasq", "-k", "-C", "/dev/null", f"--listen-address={RESOLVER}", "--bind-interfaces", "--no-resolv", "--no-hosts", "--user=root",
                        "--pid-file=", f"--server={SECOND}", f"--address=/{NAME}/10.66.66.66", "--cache-size=0")
        self.w.servers[RESOLVER] = self.w.lab.processes[-1]
        self.w._wait(RESOLVER)
        self.assertIn("10.66.66.66", self.dig(NAME))
        self.faulty("dns.hijacked", "the resolver")

    def test_redirected(self):
        self.world()
        self.w.stop(RESOLVER)
        self.odd(RESOLVER, "ok")
        self.assertIn("192.0.2.1", self.dig("surely-not.corp"))
        self.faulty("dns.hijacked", "the resolver", "wwww.site.corp")

    def test_split_horizon(self):
        self.world(signed=False)
        self.w.stop(RESOLVER)
        self.w.resolver(config=f'    local-zone: "site.corp." static\n    local-data: "site.corp. SOA inner. root. 7 1 1 1 1"\n    local-data: "{NAME}. A 10.5.5.5"\n')
        self.assertIn("10.5.5.5", self.dig(NAME))
        answer = self.faulty("dns.inconsistent-answers", "the resolver")
        self.assertIn("split horizon", answer["result"]["verdict"]["summary"])

    def test_split_horizon_by_another_authority(self):
        self.world(("inner.corp", [], {"servers": ("10.0.1.70",), "signed": False}), signed=False)
        path = os.path.join(self.w.folder, "inside.zone")
        with open(path, "w", encoding="ascii") as file:
            file.write("$ORIGIN site.corp.\n$TTL 300\n@ SOA inner.corp. me.corp. 99 14400 3600 604800 300\n@ NS ns\nns A 10.0.1.71\nwww A 10.5.5.5\n")
        zone = self.w.zones["site.corp"]
        self.w.address("10.0.1.71")
        before, zone.file, zone.servers = (zone.file, zone.servers), path, ("10.0.1.71",)
        self.w.serve("10.0.1.71")
        zone.file, zone.servers = before
        self.w.stop(RESOLVER)
        self.w.resolver(validate=False, config="stub-zone:\n    name: site.corp.\n    stub-addr: 10.0.1.71\n")
        self.assertIn("10.5.5.5", self.dig(NAME))
        self.faulty("dns.inconsistent-answers", "the resolver")

    def test_inconsistent(self):
        self.world(start=False, per_server={SITE[1]: (["www A 192.0.2.81"], 2)})
        self.w.start().resolver()
        self.faulty("dns.inconsistent-answers", "the zone's owner")


class Zones(Stage):
    def test_bogus(self):
        ds = "12345 13 2 " + "ab" * 32
        self.world(("expired.corp", ["www A 192.0.2.1"], {"servers": ("10.0.1.41",), "times": ("-s", "20200101000000", "-e", "20200201000000")}),
                   ("wrongds.corp", ["www A 192.0.2.1"], {"servers": ("10.0.1.42",), "ds": ds}),
                   ("nosig.corp", ["www A 192.0.2.1"], {"servers": ("10.0.1.43",), "nsec3": True, "strip": r"\sRRSIG\s+(A|NSEC3)\s"}))
        self.healthy()
        for zone, party in (("expired", "the zone's owner"), ("wrongds", "the parent zone"), ("nosig", "the zone's owner")):
            name = f"www.{zone}.corp"
            self.assertIn("status: SERVFAIL", self.dig(name))
            self.assertIn("status: NOERROR", self.dig(name, "+cd"))
            self.faulty("dns.dnssec-bogus", party, name)
        self.faulty("dns.dnssec-bogus", "the zone's owner", "nope.nosig.corp")

    def test_bogus_by_the_resolvers_clock(self):
        self.world()
        self.w.stop(RESOLVER)
        self.w.resolver(config='    val-override-date: "20400101000000"\n')
        self.assertIn("status: SERVFAIL", self.dig(NAME))
        self.faulty("dns.dnssec-bogus", "the resolver")

    def test_lame(self):
        self.world(("lame.corp", ["www A 192.0.2.1"], {"servers": ("10.0.1.44",), "signed": False}))
        self.w.stop("10.0.1.44")
        self.w.zones["lame.corp"].serve = False
        self.w.zone("else.corp", [], ("10.0.1.44",), signed=False)
        self.w.zones["else.corp"].file = self.w.sign(self.w.zones["else.corp"])
        self.w.serve("10.0.1.44")
        self.assertIn("status: REFUSED", self.dig("www.lame.corp", "@10.0.1.44"))
        self.faulty("dns.lame-delegation", "the zone's owner", "www.lame.corp")

    def test_mismatch(self):
        self.world(("moved.corp", ["www A 192.0.2.1", "ns9 A 10.0.1.45"], {"servers": ("10.0.1.45",), "parent_ns": [("ns9.moved.corp.", "10.0.1.45")]}),
                   ("half.corp", ["www A 192.0.2.1"], {"parent_ns": [("ns1.half.corp.", SITE[0]), ("ns9.half.corp.", "10.0.1.77")]}))
        self.faulty("dns.delegation-mismatch", "the parent zone", "www.moved.corp")
        answer = self.faulty("dns.delegation-mismatch", "the parent zone", "www.half.corp")
        self.assertEqual([a["cause"] for a in answer["result"]["also"]], ["dns.lame-delegation"])

    def test_authority_without_its_zone(self):
        self.world(("lost.corp", ["www A 192.0.2.1"], {"servers": ("10.0.1.79",), "signed": False}),
                   ("noglue.corp", ["www A 192.0.2.1"], {"servers": ("10.0.1.34",), "glue": False}))
        self.w.stop("10.0.1.79")
        self.w.zones["lost.corp"].file = "/nonexistent"
        self.w.serve("10.0.1.79")
        self.assertIn("status: SERVFAIL", self.dig("www.lost.corp"))
        answer = self.faulty("dns.servfail", "the zone's owner", "www.lost.corp")
        self.assertIn("they answer SERVFAIL", answer["result"]["verdict"]["summary"])
        self.faulty("dns.lame-delegation", "the parent zone", "www.noglue.corp")

    def test_servfail(self):
        self.world(("dead.corp", ["www A 192.0.2.1"], {"servers": ("10.0.1.46",)}))
        self.healthy("www.dead.corp")
        self.w.stop("10.0.1.46")
        self.w.stop(RESOLVER)
        self.w.resolver()
        self.assertNotIn("status: NOERROR", self.dig("www.dead.corp"))
        self.faulty("dns.servfail", "the zone's owner", "www.dead.corp")
        self.healthy()


if __name__ == "__main__":
    main()
