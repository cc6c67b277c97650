#!/usr/bin/env python3
"""dns dig against real servers (the same answers as dig and kdig give, for every type) and against one that misbehaves."""
import base64
import os
import random
import re
import shutil
import subprocess
import sys
import unittest

from lab import Case, HERE, Topology, main

PAIR = Topology("client --wire-- server", links={"wire": ("client", "server")})
ZONE = os.path.join(HERE, "zones", "types.zone")
ODD = os.path.join(HERE, "oddns.py")
# Types whose mnemonics dig knows and the zone file cannot say in another way.
NUMBERS = {"TYPE19": "X25", "TYPE22": "NSAP", "TYPE45": "IPSECKEY", "TYPE55": "HIP", "TYPE99": "SPF"}


def zone_questions():
    """(name, type) of every record set of the zone, in the zone's own spelling."""
    seen = []
    with open(ZONE, encoding="utf-8") as file:
        for line in file:
            found = re.match(r"(\S+)\s+([A-Z0-9]+)\s", line)
            if not found or found.group(1)[0] in ";$" or found.group(1).startswith("*"):
                continue
            name, kind = found.groups()
            name = "types.lab." if name == "@" else f"{name}.types.lab."
            if (name, kind) not in seen:
                seen.append((name, kind))
    return seen + [("x.star.types.lab.", "TXT"), ("nothing.types.lab.", "A"), ("a.types.lab.", "MX"), ("www.dname.types.lab.", "A")]


def normal(data):
    """What differs in writing alone: blanks in base64 and hex, and the quotes of SVCB."""
    return re.sub(r'=("?)([^"\s]*)\1', r"=\2", data)


def dig_rows(text):
    rows = set()
    for line in text.splitlines():
        fields = line.split(None, 4)
        if len(fields) == 5 and not line.startswith(";"):
            rows.add((fields[0].lower(), fields[3], normal(fields[4])))
    return rows


def generated_zone(path, seed=7, count=400):
    """Records of many types with random data that dig can read, in the forms that zone files have for them."""
    rng = random.Random(seed)
    number = lambda top: rng.randrange(top)
    octets = lambda low, high: bytes(rng.randrange(256) for _ in range(rng.randrange(low, high)))
    text = lambda data: '"' + "".join(f"\\{c:03}" if c < 33 or c > 126 or c in b'"\\;()' else chr(c) for c in data) + '"'
    label = lambda: "".join(f"\\{c:03}" for c in octets(1, 6)) if number(4) == 0 else "".join(rng.choice("abcXYZ019-_") for _ in range(1 + number(9))).strip("-") or "x"
    host = lambda: f"{label()}.{label()}.lab."
    hexes = lambda low, high: octets(low, high).hex()
    base64_ = lambda low, high: base64.b64encode(octets(low, high)).decode()
    rfc3597 = lambda data: f"\\# {len(data)} {data.hex()}"
    four = lambda: ".".join(str(number(256)) for _ in range(4))
    forms = {
        "A": four, "AAAA": lambda: ":".join(f"{number(4) and number(65536):x}" for _ in range(8)), "NS": host, "PTR": host, "MX": lambda: f"{number(65536)} {host()}",
        "TXT": lambda: " ".join(text(octets(0, 60)) for _ in range(1 + number(3))), "SRV": lambda: f"{number(65536)} {number(65536)} {number(65536)} {host()}",
        "NAPTR": lambda: f"{number(100)} {number(100)} {text(octets(0, 4))} {text(octets(0, 9))} {text(b'')} {host()}",
        "CAA": lambda: f"{number(256)} issue {text(octets(0, 40))}", "TLSA": lambda: f"{number(256)} {number(256)} {number(256)} {hexes(1, 90)}",
        "SSHFP": lambda: f"{number(5)} 2 {hexes(32, 33)}", "URI": lambda: f"{number(65536)} {number(65536)} {text(octets(1, 60))}",
        "HINFO": lambda: f"{text(octets(0, 20))} {text(octets(0, 20))}", "CERT": lambda: f"{rng.choice(['PKIX', 'PGP', '253', '254', '4711'])} {number(65536)} {rng.choice((number(256), number(18)))} {base64_(1, 200)}",
        "OPENPGPKEY": lambda: base64_(1, 300), "DHCID": lambda: base64_(3, 60), "RP": lambda: f"{host()} {host()}", "AFSDB": lambda: f"{number(65536)} {host()}",
        "KX": lambda: f"{number(65536)} {host()}", "EUI48": lambda: "-".join(f"{c:02x}" for c in octets(6, 7)), "EUI64": lambda: "-".join(f"{c:02x}" for c in octets(8, 9)),
        "LOC": lambda: f"{number(90)} {number(60)} {number(60)}.{number(1000):03} {rng.choice('NS')} {number(180)} {number(60)} {number(60)}.{number(1000):03} {rng.choice('EW')} {number(90000) / 100 - 100:.2f}m {number(9) + 1}m {number(9) + 1}0m {number(9) + 1}m",
        "HTTPS": lambda: f"{1 + number(9)} {host()} alpn=h2 port={number(65536)} key{700 + number(100)}={text(octets(1, 20))}", "TYPE22": lambda: rfc3597(octets(1, 20)),
        "NID": lambda: f"{number(65536)} " + ":".join(f"{number(65536):04x}" for _ in range(4)), "L32": lambda: f"{number(65536)} {four()}", "TYPE19": lambda: rfc3597(b"\x09123456789"),
        "SMIMEA": lambda: f"{number(256)} {number(256)} {number(256)} {hexes(1, 90)}", "ZONEMD": lambda: f"{number(1 << 32)} 1 1 {hexes(48, 49)}",
    }
    with open(path, "w", encoding="ascii") as file:
        file.write("$ORIGIN gen.lab.\n$TTL 60\n@ SOA ns host 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n")
        for i in range(count):
            kind = rng.choice([*forms, None])
            if kind:
                file.write(f"{label()}.{i} {number(1 << 31)} {kind} {forms[kind]()}\n")
            else:
                file.write(f"{label()}.{i} {number(1 << 31)} TYPE{65280 + number(200)} {rfc3597(octets(0, 120))}\n")


def knot(lab, node):
    folder = os.path.join(lab.folder, "knot")
    os.makedirs(os.path.join(folder, "db"))
    signed = os.path.join(folder, "signed.zone")
    with open(ZONE, encoding="utf-8") as file, open(signed, "w", encoding="utf-8") as out:
        keep = [line for line in file if not re.match(r"(dname|cds|cdnskey|dnskey)\b", line)]
        out.write("".join(keep).replace("types.lab", "signed.lab"))
    generated = os.path.join(folder, "gen.zone")
    generated_zone(generated)
    path = os.path.join(folder, "knot.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"""
server:
    rundir: {folder}
    listen: {node.addr4}@53
    nsid: knot-lab
acl:
  - id: any
    action: transfer
    address: 0.0.0.0/0
database:
    storage: {folder}/db
policy:
  - id: p
    nsec3: on
    algorithm: ecdsap256sha256
zone:
  - domain: types.lab
    file: {ZONE}
    acl: any
    zonefile-sync: -1
    journal-content: none
  - domain: gen.lab
    file: {generated}
    acl: any
    zonefile-sync: -1
    journal-content: none
  - domain: signed.lab
    file: {signed}
    zonefile-sync: -1
    journal-content: none
    dnssec-signing: on
    dnssec-policy: p
""")
    return node.start("knotd", "-c", path).wait_listening(53, "udp")


class Answers(Case):
    def setUp(self):
        if not shutil.which("knotd"):
            self.skipTest("knotd is not installed")
        self.net = self.lab(PAIR)
        self.client, self.server = self.net["client"], self.net["server"]
        knot(self.net, self.server)
        self.at = f"@{self.server.addr4}"
        for _ in range(100):
            if self.client.run("kdig", self.at, "signed.lab", "DNSKEY", "+short").stdout.strip():
                break

    def ours(self, names, kind, *more):
        answer = self.client.ntsh("dns", "dig", *names, "-t", kind, self.at, *more)
        return {(r["name"].lower(), r["type"], normal(r["data"])) for r in answer["result"]["answer"]}

    def test_every_type_equals_dig(self):
        kinds = {}
        for name, kind in zone_questions():
            kinds.setdefault(kind, []).append(name)
        compared = 0
        for kind, names in kinds.items():
            words = [w for n in names for w in ("-q", n, "-t", kind)]
            theirs = dig_rows(self.client.run("dig", self.at, "+noall", "+answer", "+nosplit", "+norec", *words).stdout)
            ours = self.ours(names, kind, "+norec")
            with self.subTest(type=kind):
                self.assertEqual(ours, theirs)
            compared += len(ours)
        self.assertGreater(compared, 190)

    def test_short_is_what_dig_prints(self):
        """To the byte, so that a script can switch."""
        kinds = {}
        for name, kind in zone_questions():
            kinds.setdefault(kind, []).append(name)
        for kind, names in kinds.items():
            words = [w for n in names for w in ("-q", n, "-t", kind)]
            theirs = self.client.run("dig", self.at, "+short", "+norec", *words).stdout
            ours = self.client.ntsh_text("dns", "dig", self.at, "+short", "+norec", *[w for n in names for w in ("-q", n)], "-t", kind).stdout
            with self.subTest(type=kind):
                self.assertEqual(sorted(ours.splitlines()), sorted(theirs.splitlines()))
        theirs = self.client.run("dig", self.at, "+noall", "+answer", "signed.lab", "DNSKEY").stdout.expandtabs()
        ours = self.client.ntsh_text("dns", "dig", self.at, "+noall", "+answer", "signed.lab", "DNSKEY").stdout
        self.assertEqual(sorted(ours.splitlines()), sorted(theirs.splitlines()))
        words = (self.at, "+nocmd", "+noall", "+answer", "+nosplit", "signed.lab", "DNSKEY")
        theirs, ours = self.client.run("dig", *words).stdout.expandtabs(), self.client.ntsh_text("dns", "dig", *words).stdout
        self.assertEqual(sorted(ours.splitlines()), sorted(theirs.splitlines()))
        self.assertEqual(self.client.ntsh_text("dns", "dig", self.at, "+short", "a.types.lab").stdout, "192.0.2.1\n192.0.2.2\n")

    def test_generated_records_equal_dig(self):
        theirs = dig_rows(self.client.run("dig", self.at, "+noall", "+answer", "+nosplit", "gen.lab", "AXFR").stdout)
        ours = self.ours(["gen.lab"], "AXFR")
        self.assertGreater(len(theirs), 390)
        self.assertEqual(ours, theirs)

    def test_transfers(self):
        theirs = self.client.run("dig", self.at, "+short", "+norec", "types.lab", "AXFR").stdout.splitlines()
        done = self.client.ntsh_text("dns", "dig", self.at, "+short", "types.lab", "AXFR")
        self.assertEqual(done.stdout.splitlines(), theirs)
        self.assertGreater(len(theirs), 190)
        answer = self.client.ntsh("dns", "dig", self.at, "types.lab", "AXFR")
        asked = answer["result"]["questions"][0]
        self.assertEqual((answer["exit"], asked["transport"], asked["records"]), (0, "TCP", len(answer["result"]["answer"])))
        serial = answer["result"]["answer"][0]["data"].split()[2]
        answer = self.client.ntsh("dns", "dig", self.at, "types.lab", "IXFR", f"+serial={serial}")
        self.assertEqual((answer["exit"], len(answer["result"]["answer"])), (0, 1))
        answer = self.client.ntsh("dns", "dig", self.at, "elsewhere.lab", "AXFR")
        self.assertEqual((answer["exit"], answer["result"]["status"]), (1, "NOTAUTH"))

    def test_many_names_from_a_file(self):
        path = os.path.join(self.net.folder, "names")
        with open(path, "w", encoding="ascii") as file:
            file.write("# names\n\n" + "".join(f"w{i}.star.types.lab TXT\n" for i in range(700)) + "only4.types.lab IN A\nmany.types.lab A\nnope.types.lab\n")
        answer = self.client.ntsh("dns", "dig", "-f", path, self.at)
        result = answer["result"]
        self.assertEqual(result["question_count"], 704)
        self.assertEqual({q["status"] for q in result["questions"][:702]}, {"NOERROR"})
        self.assertEqual([q["name"] for q in result["questions"][:700]], [f"w{i}.star.types.lab" for i in range(700)])
        self.assertEqual(result["questions"][701]["transport"], "TCP")
        self.assertEqual((answer["exit"], result["summary"]), (1, "702 of 703 names have an answer"))
        text = self.client.ntsh_text("dns", "dig", "-f", path, self.at, "+short").stdout.splitlines()
        self.assertEqual(len(text), 700 + 1 + 119)
        self.assertEqual(text[700], "192.0.2.4")

    def test_edns_options(self):
        answer = self.client.ntsh("dns", "dig", "a.types.lab", "A", self.at, "+cookie=0102030405060708", "+subnet=10.1.2.3/20", "+nsid")
        options = {o["name"]: o["value"] for o in answer["result"]["questions"][0]["options"]}
        self.assertEqual(options["NSID"], '"knot-lab"')
        answer = self.client.ntsh("dns", "dig", "a.types.lab", "A", self.at, "+ednsversion=7")
        self.assertEqual(answer["result"]["status"], "BADVERS")

    def test_international_names(self):
        answer = self.client.ntsh("dns", "dig", "bücher.types.lab", "A", self.at)
        self.assertEqual(answer["result"]["questions"][0]["name"], "xn--bcher-kva.types.lab")

    def test_kdig_agrees(self):
        names = ["a.types.lab.", "mx.types.lab.", "srv.types.lab.", "txt.types.lab.", "naptr.types.lab."]
        for name, kind in zip(names, ("A", "MX", "SRV", "TXT", "NAPTR")):
            theirs = dig_rows(self.client.run("kdig", self.at, "+noall", "+answer", name, kind).stdout)
            self.assertEqual(self.ours([name], kind), theirs, kind)

    def test_signatures(self):
        for name, kind in (("signed.lab.", "DNSKEY"), ("a.signed.lab.", "A"), ("signed.lab.", "NSEC3PARAM"), ("signed.lab.", "SOA")):
            theirs = dig_rows(self.client.run("dig", self.at, "+noall", "+answer", "+nosplit", "+dnssec", name, kind).stdout)
            self.assertEqual(self.ours([name], kind, "+dnssec"), theirs, kind)
            self.assertTrue(any(row[1] == "RRSIG" for row in theirs))
        answer = self.client.ntsh("dns", "dig", "nope.signed.lab", "A", self.at, "+dnssec")
        theirs = dig_rows(self.client.run("dig", self.at, "+noall", "+authority", "+nosplit", "+dnssec", "nope.signed.lab", "A").stdout)
        ours = {(r["name"].lower(), r["type"], normal(r["data"])) for r in answer["result"]["questions"][0]["other"] if r["section"] == "authority"}
        self.assertEqual(ours, theirs)
        self.assertTrue(any(row[1] == "NSEC3" for row in ours))

    def test_cut_answers_come_by_tcp(self):
        answer = self.client.ntsh("dns", "dig", "many.types.lab", "A", self.at)
        asked = answer["result"]["questions"][0]
        self.assertEqual((asked["transport"], asked["truncated"], len(answer["result"]["answer"])), ("TCP", True, 119))
        answer = self.client.ntsh("dns", "dig", "many.types.lab", "A", self.at, "+ignore")
        self.assertEqual(answer["result"]["questions"][0]["transport"], "UDP")
        self.server.nft("table inet t { chain c { type filter hook input priority 0; tcp dport 53 drop; } }")
        answer = self.client.ntsh("dns", "dig", "many.types.lab", "A", self.at, "+timeout=300ms")
        self.assertEqual((answer["result"]["status"], answer["exit"]), ("TIMEOUT", 1))
        self.assertIn("cut (TC), and over TCP", answer["result"]["questions"][0]["meaning"])

    def test_words_of_dig(self):
        answer = self.client.ntsh("dns", "dig", "a.types.lab", self.at, "+nsid")
        self.assertEqual(answer["result"]["questions"][0]["nsid"], "knot-lab")
        self.assertEqual({r["type"] for r in answer["result"]["answer"]}, {"A", "AAAA"})
        self.assertEqual(answer["exit"], 0)
        self.assertEqual(self.client.ntsh_text("dns", "dig", "only4.types.lab", "A", self.at, "+short").stdout, "192.0.2.4\n")
        answer = self.client.ntsh("dns", "dig", "version.server", "TXT", "-c", "CH", self.at)
        self.assertEqual(answer["result"]["questions"][0]["type"], "TXT")
        answer = self.client.ntsh("dns", "dig", "CH", "TXT", "version.server", self.at)
        self.assertEqual([(q["name"], q["class"]) for q in answer["result"]["questions"]], [("version.server", "CH")])
        answer = self.client.ntsh("dns", "dig", "types.lab", "IXFR=2026112101", self.at)
        self.assertEqual((answer["exit"], len(answer["result"]["answer"])), (0, 1))
        answer = self.client.ntsh("dns", "dig", "nope.types.lab", self.at)
        self.assertEqual((answer["result"]["status"], answer["exit"], answer["error"]), ("NXDOMAIN", 1, None))
        answer = self.client.ntsh("dns", "dig", "-x", "192.0.2.1", self.at)
        self.assertEqual(answer["result"]["questions"][0]["name"], "1.2.0.192.in-addr.arpa")
        answer = self.client.ntsh("dns", "dig", "a.types.lab", "A", f"{self.at}#53")
        self.assertEqual(answer["exit"], 0)
        answer = self.client.ntsh("dns", "dig", "a.types.lab", "A", f"@{self.server.addr6}#1", "+timeout=2s")
        self.assertEqual(answer["result"]["questions"][0]["server"], f"[{self.server.addr6}]:1")
        answer = self.client.ntsh("dns", "dig", "2001:db8::1", self.at)
        self.assertEqual(answer["result"]["questions"][0]["type"], "PTR")


class Misbehaviour(Case):
    MOODS = ("ok", "dead", "wrongid", "wrongname", "wrongtype", "wrongport", "onlywrong", "flood", "garbage", "cut", "loop", "short",
             "big", "tcnotcp", "tcpclose", "tcphalf", "tcpslow", "slow250", "servfail", "axfrcut", "axfrodd", "axfrstop")

    @classmethod
    def setUpClass(cls):
        from lab import Lab
        cls.net = Lab(Topology("a -- b", links={"wire": ("a", "b")}))
        cls.node = cls.net["a"]
        cls.where = {mood: f"127.0.1.{i}" for i, mood in enumerate(cls.MOODS, 1)}
        process = cls.node.start(sys.executable, "-BS", ODD, *[f"{a}={m}" for m, a in cls.where.items()], stdout=subprocess.PIPE)
        process.read_reply()

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    def ask(self, mood, *more, timeout="400ms", retry=0):
        answer = self.node.ntsh("dns", "dig", "www.lab", "A", f"@{self.where[mood]}", f"+timeout={timeout}", f"+retry={retry}", *more)
        return answer, answer["result"]["questions"][0]

    def test_strays_are_shown_and_waited_past(self):
        for mood, why in (("wrongid", "another id"), ("wrongname", "another name in the question"),
                          ("wrongtype", "another type in the question"), ("wrongport", "another port")):
            answer, asked = self.ask(mood)
            self.assertEqual((answer["result"]["status"], answer["exit"]), ("NOERROR", 0), mood)
            self.assertEqual([s["why"] for s in asked["strays"]], [why])
        self.assertNotEqual(asked["strays"][0]["from"], f"{self.where['wrongport']}:53")
        answer, asked = self.ask("wrongid", "+tcp")
        self.assertEqual(([s["why"] for s in asked["strays"]], answer["exit"]), (["another id"], 0))

    def test_only_strays_end_in_a_timeout(self):
        answer, asked = self.ask("onlywrong")
        self.assertEqual((answer["result"]["status"], answer["exit"], len(asked["strays"])), ("TIMEOUT", 1, 1))
        answer, asked = self.ask("flood", timeout="600ms")
        self.assertEqual(answer["result"]["status"], "TIMEOUT")
        self.assertLess(answer["elapsed_ms"], 6000)
        self.assertEqual(len(asked["strays"]), 32)

    def test_what_is_no_message_is_called_so(self):
        for mood in ("garbage", "cut", "loop"):
            answer, asked = self.ask(mood)
            self.assertEqual((answer["result"]["status"], answer["exit"]), ("MALFORMED", 1), mood)
            self.assertIn("malformed answer", asked["meaning"])
        answer, asked = self.ask("short")
        self.assertEqual((answer["result"]["status"], asked["strays"][0]["why"]), ("TIMEOUT", "too short for a DNS message"))

    def test_larger_than_allowed_is_taken(self):
        answer, asked = self.ask("big")
        self.assertEqual(len(answer["result"]["answer"]), 700)
        self.assertGreater(asked["answer_bytes"], 1232)

    def test_tcp_that_breaks(self):
        answer, asked = self.ask("tcnotcp")
        self.assertEqual(answer["result"]["status"], "PORT-REFUSED")
        self.assertIn("was cut (TC), and over TCP", asked["meaning"])
        for mood, text in (("tcpclose", "closed the connection without an answer"), ("tcphalf", "in the middle of its answer")):
            answer, asked = self.ask(mood)
            self.assertEqual(answer["result"]["status"], "MALFORMED")
            self.assertIn(text, asked["meaning"])
        self.assertEqual(self.ask("tcpslow", timeout="2s")[0]["exit"], 0)
        answer, asked = self.ask("dead", "+tcp")
        self.assertIn("took the question and did not answer", asked["meaning"])

    def test_transfers_that_break(self):
        for mood, status, text in (("axfrcut", "MALFORMED", "before the zone was complete"), ("axfrodd", "MALFORMED", "does not begin with the zone's SOA"),
                                   ("axfrstop", "TIMEOUT", "in the middle of the transfer")):
            answer = self.node.ntsh("dns", "dig", "z.lab", "AXFR", f"@{self.where[mood]}", "+timeout=1500ms")
            self.assertEqual((answer["result"]["status"], answer["exit"]), (status, 1), mood)
            self.assertIn(text, answer["result"]["questions"][0]["meaning"])
            self.assertEqual(len(answer["result"]["answer"]), 1 if mood == "axfrodd" else 502)

    def test_late_and_lost(self):
        answer, asked = self.ask("slow250", timeout="100ms", retry=3)
        self.assertEqual(answer["exit"], 0)
        self.assertGreaterEqual(asked["tries"], 3)
        self.assertGreater(asked["time_ms"], 245)
        self.assertLess(asked["time_ms"], 1000)
        answer, asked = self.ask("dead", timeout="100ms", retry=2)
        self.assertEqual((asked["status"], asked["tries"], answer["exit"], answer["error"]["code"]), ("TIMEOUT", 3, 1, "ETIMEDOUT"))

    def test_resolv_conf_goes_on_to_the_next(self):
        self.node.resolvers("127.0.1.99", self.where["dead"], self.where["ok"])
        answer = self.node.ntsh("dns", "dig", "www.lab", "A", "+timeout=100ms", "+retry=0")
        self.assertEqual(answer["result"]["questions"][0]["server"], f"{self.where['ok']}:53")
        self.assertIn("127.0.1.99", answer["result"]["resolv_conf"])
        answer = self.node.ntsh("dns", "dig", "www.lab", "A", f"@{self.where['servfail']}")
        self.assertEqual((answer["result"]["status"], answer["exit"]), ("SERVFAIL", 1))

    def test_interrupted(self):
        process = subprocess.Popen(["ip", "netns", "exec", self.node.netns, os.environ.get("NTSH") or os.path.join(HERE, "../../build/ntsh"),
                                    "--json", "dns", "dig", "www.lab", f"@{self.where['dead']}", "+timeout=30s"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            process.communicate(timeout=0.5)
        except subprocess.TimeoutExpired:
            process.send_signal(2)
        out, _ = process.communicate(timeout=5)
        self.assertEqual(process.returncode, 130)
        self.assertIn('"code":"EINTR"', out)


if __name__ == "__main__":
    main()
