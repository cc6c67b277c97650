#!/usr/bin/env python3
"""dns compare, watch, bench and reverse, whois, and dns dig over TLS and HTTPS and under loss: with real servers where there are any."""
import os
import subprocess
import sys
import time

import servers
from lab import Case, HERE, Lab, Topology, main

PAIR = Topology("client ~~~path~~~ server", links={"path": ("client", "server")}, emulated=("path",))
RECORDS = ("www.lab.example. A 10.0.1.7", "mail.lab.example. A 192.0.2.25", "25.2.0.192.in-addr.arpa. PTR mail.lab.example.",
           "26.2.0.192.in-addr.arpa. PTR mail.lab.example.", "27.2.0.192.in-addr.arpa. PTR gone.lab.example.")


class Servers(Case):
    """One resolver, over everything that it can do."""

    @classmethod
    def setUpClass(cls):
        cls.net = Lab(PAIR)
        cls.client, cls.server = cls.net["client"], cls.net["server"]
        cls.ca = servers.Authority(cls.net)
        leaf = cls.ca.issue("dns.lab.example", cls.server.addr4)
        secure = f"""    interface: 0.0.0.0@853
    interface: 0.0.0.0@443
    tls-port: 853
    https-port: 443
    tls-service-key: "{leaf['key']}"
    tls-service-pem: "{leaf['cert']}"
    local-zone: "2.0.192.in-addr.arpa." static
"""
        servers.unbound(cls.server, RECORDS, config=secure).wait_listening(853)
        cls.at = f"@{cls.server.addr4}"
        cls.net.warm()

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    def dig(self, *words):
        return self.client.ntsh("dns", "dig", "www.lab.example", "A", self.at, *words)

    def test_tls(self):
        for words, fault in (((), True), (("+tls-hostname=dns.lab.example", f"+tls-ca={self.ca.pem}"), False), ((f"+tls-ca={self.ca.pem}",), False)):
            answer = self.dig("+tls", *words)
            asked = answer["result"]["questions"][0]
            self.assertEqual((answer["exit"], asked["transport"], asked["tls_version"]), (0, "TLS", "TLSv1.3"))
            self.assertEqual([r["data"] for r in answer["result"]["answer"]], ["10.0.1.7"])
            self.assertEqual(bool(asked["tls_fault"]), fault, words)
        for words in (("+tls-hostname=other.example", f"+tls-ca={self.ca.pem}"), ("+tls-ca",)):
            answer = self.dig("+tls", *words)
            self.assertEqual((answer["exit"], answer["result"]["status"], answer["error"]["code"]), (1, "UNTRUSTED", "ECERT"))
        answer = self.dig("+tls", "-p", "53", "+timeout=1s")
        self.assertEqual(answer["exit"], 1)
        self.assertIn(answer["result"]["status"], ("UNTRUSTED", "TIMEOUT"))

    def test_tls_waits_for_nobody(self):
        """Session tickets come before the answer: no acknowledgement may be held back (40 ms) meanwhile."""
        link = self.net.link("path")
        link.rtt(10)
        try:
            median = {way: sorted(self.dig(way)["result"]["time_ms"] for _ in range(7))[3] for way in ("+tcp", "+tls")}
        finally:
            link.clear()
        self.assertLess(median["+tls"], 3 * median["+tcp"])

    def test_https(self):
        answer = self.dig("+https")
        asked = answer["result"]["questions"][0]
        self.assertEqual((answer["exit"], asked["transport"], bool(asked["tls_fault"])), (0, "HTTPS", True))
        answer = self.dig("+https=/dns-query", "+tls-hostname=dns.lab.example", f"+tls-ca={self.ca.pem}")
        self.assertEqual((answer["exit"], [r["data"] for r in answer["result"]["answer"]]), (0, ["10.0.1.7"]))
        answer = self.dig("+https=/nothing")
        self.assertEqual((answer["exit"], answer["result"]["status"]), (1, "MALFORMED"))
        self.assertIn("HTTP 404", answer["result"]["questions"][0]["meaning"])
        answer = self.dig("+https", "+tls-hostname=other.example", f"+tls-ca={self.ca.pem}")
        self.assertEqual((answer["exit"], answer["result"]["status"]), (1, "UNTRUSTED"))

    def test_nothing_is_lost_in_bulk(self):
        path = os.path.join(self.net.folder, "names")
        with open(path, "w", encoding="ascii") as file:
            file.write("www.lab.example A\n" * 2000)
        link = self.net.link("path")
        link.set(loss="1%")
        link.rtt(4)
        try:
            answer = self.client.ntsh("dns", "dig", "-f", path, self.at)
        finally:
            link.clear()
        result = answer["result"]
        self.assertEqual((answer["exit"], result["record_count"], result["summary"]), (0, 2000, "2000 of 2000 names have an answer"))
        self.assertGreater(sum(q["tries"] > 1 for q in result["questions"]), 0)

    def test_bench(self):
        answer = self.client.ntsh("dns", "bench", "www.lab.example", self.at, "@10.0.1.99", "-n", "40", "+timeout=200ms")
        best, other = answer["result"]["servers"]
        self.assertEqual((best["server"], best["answered"], best["loss_percent"]), (f"{self.server.addr4}:53", 40, 0))
        self.assertLessEqual(best["median_ms"], best["p99_ms"])
        self.assertEqual((other["answered"], answer["exit"]), (0, 1))
        answer = self.client.ntsh("dns", "bench", "lab.example", self.at, "-n", "10", "--fresh")
        self.assertEqual(answer["result"]["servers"][0]["codes"], [{"code": "NXDOMAIN", "count": 10}])
        self.assertEqual(answer["exit"], 0)

    def test_reverse(self):
        answer = self.client.ntsh("dns", "reverse", "192.0.2.25", "192.0.2.26", "192.0.2.27", self.at)
        rows = {r["address"]: r for r in answer["result"]["addresses"]}
        self.assertEqual((rows["192.0.2.25"]["confirmed"], rows["192.0.2.26"]["confirmed"]), (True, False))
        self.assertEqual(rows["192.0.2.26"]["forward"], "192.0.2.25")
        self.assertIn("no address", rows["192.0.2.27"]["says"])
        self.assertEqual((answer["result"]["confirmed"], answer["exit"]), (1, 1))
        answer = self.client.ntsh("dns", "reverse", "192.0.2.0/24", self.at)
        self.assertEqual((answer["result"]["asked"], answer["result"]["named"]), (254, 3))
        text = self.client.ntsh_text("dns", "reverse", "192.0.2.0/24", self.at).stdout
        self.assertEqual(sum(line.startswith("192.0.2.") for line in text.splitlines()), 3)


class Several(Case):
    """Servers that do not agree."""

    @classmethod
    def setUpClass(cls):
        cls.net = Lab(Topology("a -- b", links={"wire": ("a", "b")}))
        cls.node = cls.net["a"]
        cls.odd = {mood: f"127.0.1.{i}" for i, mood in enumerate(("ok", "servfail", "nx6", "dead"), 1)}
        process = cls.node.start(sys.executable, "-BS", os.path.join(HERE, "oddns.py"), *[f"{a}={m}" for m, a in cls.odd.items()], stdout=subprocess.PIPE)
        process.read_reply()
        cls.knots = {}
        cls.serve("127.0.3.1", "1", "192.0.2.1")
        cls.serve("127.0.3.2", "2", "192.0.2.2")

    @classmethod
    def serve(cls, address, serial, www):
        folder = os.path.join(cls.net.folder, address)
        os.makedirs(os.path.join(folder, "db"), exist_ok=True)
        with open(os.path.join(folder, "zone"), "w", encoding="ascii") as file:
            file.write(f"""$ORIGIN c.lab.
$TTL 60
@ SOA ns1 host {serial} 3600 600 86400 60
@ NS ns1
@ NS ns2
ns1 A 127.0.3.1
ns2 A 127.0.3.2
www A {www}
same A 192.0.2.9
same A 192.0.2.8
""")
        with open(os.path.join(folder, "conf"), "w", encoding="ascii") as file:
            file.write(f"server:\n    rundir: {folder}\n    listen: {address}@53\ndatabase:\n    storage: {folder}/db\n"
                       f"zone:\n  - domain: c.lab\n    file: {folder}/zone\n    journal-content: none\n    zonefile-sync: -1\n")
        if address in cls.knots:
            cls.knots[address].stop()
        cls.knots[address] = cls.node.start("knotd", "-c", os.path.join(folder, "conf"))
        for _ in range(200):
            if f"{serial} 3600" in cls.node.run("kdig", f"@{address}", "c.lab", "SOA", "+short", "+retry=0", "+timeout=1").stdout:
                return
            time.sleep(0.02)

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    def test_compare(self):
        pair = ("@127.0.3.1", "@127.0.3.2")
        answer = self.node.ntsh("dns", "compare", "same.c.lab", *pair)
        self.assertEqual((answer["result"]["verdict"], answer["exit"]), ("same", 0))
        answer = self.node.ntsh("dns", "compare", "www.c.lab", "A", *pair)
        self.assertEqual((answer["result"]["verdict"], answer["result"]["answer_count"], answer["exit"]), ("different", 2, 1))
        self.assertEqual([s["data"] for s in answer["result"]["servers"]], [["192.0.2.1"], ["192.0.2.2"]])
        self.assertEqual((answer["result"]["differences"][0]["has"], answer["result"]["differences"][0]["lacks"]), ("192.0.2.2", "192.0.2.1"))
        answer = self.node.ntsh("dns", "compare", "same.c.lab", *pair, f"@{self.odd['dead']}", "+timeout=200ms", "+retry=0")
        self.assertEqual((answer["result"]["verdict"], answer["exit"]), ("partial", 1))

    def test_compare_finds_the_authorities(self):
        self.node.resolvers("127.0.3.1")
        answer = self.node.ntsh("dns", "compare", "www.c.lab", "A")
        result = answer["result"]
        self.assertEqual((result["zone"], result["verdict"]), ("c.lab.", "different"))
        self.assertEqual({(s["server"], s["role"]) for s in result["servers"]}, {("127.0.3.1:53", "resolv.conf"), ("127.0.3.2:53", "authority")})

    def test_watch_sees_a_change(self):
        self.serve("127.0.3.2", "3", "192.0.2.3")
        watch = self.node.start(os.environ.get("NTSH") or os.path.join(HERE, "../../build/ntsh"), "--json", "dns", "watch", "www.c.lab", "A",
                                "@127.0.3.2", "-i", "200ms", "+timeout=100ms", "+retry=0", stdout=subprocess.PIPE)
        first = watch.read_reply()["row"]
        self.assertEqual((first["event"], first["has"]), ("first", "192.0.2.3"))
        self.serve("127.0.3.2", "4", "192.0.2.4")
        seen = []
        while not seen or seen[-1]["event"] not in ("changed", "back"):
            seen.append(watch.read_reply()["row"])
        self.assertEqual((seen[-1]["has"], seen[-1]["lost"]), ("192.0.2.4", "192.0.2.3"))
        watch.stop(2)
        self.serve("127.0.3.2", "2", "192.0.2.2")

    def test_fewer_answers_than_questions(self):
        path = os.path.join(self.net.folder, "some")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(f"n{i}.lab A\n" for i in range(60)))
        answer = self.node.ntsh("dns", "dig", "-f", path, f"@{self.odd['dead']}", "+timeout=100ms", "+retry=1")
        self.assertEqual((answer["exit"], answer["result"]["status"]), (1, "TIMEOUT"))
        self.assertEqual({q["tries"] for q in answer["result"]["questions"]}, {2})
        answer = self.node.ntsh("dns", "dig", "-f", path, "@127.0.1.77", "+timeout=30s")
        self.assertEqual({q["status"] for q in answer["result"]["questions"]}, {"PORT-REFUSED"})
        # The first server of resolv.conf refuses, the second is asked.
        self.node.resolvers("127.0.1.77", self.odd["ok"])
        answer = self.node.ntsh("dns", "dig", "-f", path, "+timeout=30s")
        self.assertEqual((answer["exit"], {q["server"] for q in answer["result"]["questions"]}), (0, {f"{self.odd['ok']}:53"}))
        self.node.resolvers(self.odd["dead"], self.odd["ok"])
        answer = self.node.ntsh("dns", "dig", "-f", path, "+timeout=100ms", "+retry=0")
        self.assertEqual((answer["exit"], answer["result"]["questions"][0]["server"]), (0, f"{self.odd['ok']}:53"))


class Whois(Case):
    MOODS = ("iana", "registry", "registrar", "silent", "close", "flood", "circle", "odd")

    @classmethod
    def setUpClass(cls):
        cls.net = Lab(Topology("a -- b", links={"wire": ("a", "b")}))
        cls.node = cls.net["a"]
        cls.where = {mood: f"127.0.2.{i}" for i, mood in enumerate(cls.MOODS, 1)}
        process = cls.node.start(sys.executable, "-BS", os.path.join(HERE, "whoisd.py"), *[f"{a}={m}" for m, a in cls.where.items()], stdout=subprocess.PIPE)
        process.read_reply()

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    def whois(self, what, mood, *words):
        return self.node.ntsh("whois", what, "-h", self.where[mood], *words)

    def test_referrals(self):
        answer = self.whois("reg.lab", "iana")
        result = answer["result"]
        self.assertEqual([s["host"] for s in result["servers"]], ["127.0.2.1", "127.0.2.2", "127.0.2.3"])
        facts = [(f["label"], f["value"]) for f in result["facts"]]
        self.assertIn(("expires", "2030-01-02"), facts)
        self.assertEqual([v for l, v in facts if l == "name server"], ["ns1.reg.lab", "ns2.reg.lab"])
        self.assertEqual((answer["exit"], result["found"]), (0, True))
        self.assertEqual(len(self.whois("reg.lab", "iana", "--no-referral")["result"]["servers"]), 1)
        text = self.node.ntsh_text("-v", "whois", "reg.lab", "-h", self.where["iana"]).stdout
        self.assertNotIn("\x1b[31m", text)
        self.assertIn("\\e[31m", text)

    def test_parents_and_strangers(self):
        result = self.whois("www.reg.lab", "registry")["result"]
        self.assertEqual((result["found"], result["asked"]), (True, "reg.lab"))
        answer = self.whois("other.lab", "registry")
        self.assertEqual((answer["exit"], answer["result"]["found"]), (1, False))

    def test_odd_servers(self):
        answer = self.whois("reg.lab", "silent", "-w", "300ms")
        self.assertEqual((answer["exit"], answer["error"]["code"]), (1, "ETIMEDOUT"))
        self.assertEqual(self.whois("reg.lab", "close")["exit"], 1)
        answer = self.whois("reg.lab", "flood", "-w", "5s")
        self.assertEqual((answer["result"]["servers"][0]["cut"], answer["result"]["servers"][0]["answer_bytes"] > 1000000), (True, True))
        self.assertEqual(len(self.whois("reg.lab", "circle")["result"]["servers"]), 1)
        answer = self.whois("reg.lab", "odd")
        self.assertEqual(len(answer["result"]["servers"]), 1)


if __name__ == "__main__":
    main()
