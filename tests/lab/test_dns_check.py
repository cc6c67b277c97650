#!/usr/bin/env python3
"""dns check on zones with one fault of each family, and on one without."""
import os
import re
import subprocess
import sys

from lab import Case, HERE, Lab, main
from dnsworld import SITE, TOPOLOGY, World

ODD = os.path.join(HERE, "oddns.py")
GOOD = "14400 3600 1209600 3600"


class Audit(Case):
    timeout = 120

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
        cls.world, ds = world, "12345 13 2 " + "ab" * 32

        def zone(name, records=(), servers=SITE, **how):
            world.zone(f"{name}.corp", ["www A 192.0.2.80", "mail A 192.0.2.25", *records], servers, **{"soa": GOOD, "apex": ["MX 10 mail"], **how})
        zone("good", nsec3=True)
        zone("soa", soa="600 900 300 200000")
        zone("mail", ["alias CNAME mail"], apex=["MX 10 alias", "MX 20 nowhere", 'TXT "v=spf1 -all"', 'TXT "v=spf1 mx -all"'])
        zone("names", ns=["ns1.names.corp.", "ns_2.names.corp."])
        zone("single", servers=("10.0.1.30",))
        zone("twins", ["ns2 A 10.0.1.30"], ("10.0.1.30",), ns=["ns1.twins.corp.", "ns2.twins.corp."])
        zone("moved", parent_ns=[("ns1.moved.corp.", "10.0.1.62"), ("ns9.moved.corp.", "10.0.1.30")])
        zone("serial", per_server={SITE[1]: (["www A 192.0.2.81"], 7)})
        zone("unsigned-ds", signed=False, ds=ds)
        zone("wrongds", ds=ds)
        zone("nods", ds=False)
        zone("expired", times=("-s", "20200101000000", "-e", "20200201000000"))
        zone("long", times=("-s", "20260101000000", "-e", "20360101000000"))
        zone("nosig", nsec3=True, strip=r"\sRRSIG\s+(SOA|NSEC3)\s")
        zone("lame", servers=("10.0.1.30", "10.0.1.64"))
        zone("odd", servers=("10.0.1.30", "10.0.1.65"), signed=False)
        zone("open", servers=("10.0.1.30", "10.0.1.66"), signed=False)
        world.start()
        for address in ("10.0.1.64", "10.0.1.65", "10.0.1.66"):
            world.stop(address)
        world.zone("else.corp", [], ("10.0.1.64",), signed=False)
        world.zones["lame.corp"].servers = ("10.0.1.30",)
        world.zones["else.corp"].file = world.sign(world.zones["else.corp"])
        world.serve("10.0.1.64")
        world.node.start(sys.executable, "-BS", ODD, "10.0.1.65=no6", stdout=subprocess.PIPE).read_reply()
        world.resolver("10.0.1.66", client=False)

    def check(self, name, least=("error", "warning", "notice")):
        answer = self.world.client.ntsh("dns", "check", name, "--root", self.world.hints, "--wait", "600ms")
        result = answer["result"]
        found = {}
        for finding in result["findings"]:
            self.assertTrue(finding["says"] and finding["severity"])
            if finding["severity"] in least:
                found.setdefault(finding["id"], []).append(finding)
        for one in ("CONNECTIVITY04", "ADDRESS02"):  # one network, and no reverse zone: so is the lab
            found.pop(one, None)
        found["DELEGATION01"] = [f for f in found.get("DELEGATION01", []) if "IPv6" not in f["says"]]
        if not found["DELEGATION01"]:
            del found["DELEGATION01"]
        return answer, found

    def expect(self, name, *ids):
        answer, found = self.check(f"{name}.corp")
        self.assertEqual(set(found), set(ids), {k: [f["says"] for f in v] for k, v in found.items()})
        return answer, found

    def test_good(self):
        answer, _ = self.expect("good")
        self.assertEqual((answer["result"]["zone"], answer["result"]["parent"], answer["result"]["errors"]), ("good.corp.", "corp.", 0))
        self.assertEqual(self.check("www.good.corp")[0]["result"]["zone"], "good.corp.")
        self.assertTrue(any(c["state"] == "good" for c in answer["result"]["cases"]))

    def test_covers_most_of_zonemaster(self):
        cases = {c["id"] for c in self.check("good.corp")[0]["result"]["cases"]}
        theirs = {c for c in cases if re.fullmatch(r"(BASIC|ADDRESS|CONNECTIVITY|CONSISTENCY|DELEGATION|NAMESERVER|SYNTAX|ZONE|DNSSEC)\d\d", c)}
        self.assertGreaterEqual(len(theirs), 60)
        self.assertEqual(len(cases), len(self.check("good.corp")[0]["result"]["cases"]))

    def test_records(self):
        self.expect("soa", "ZONE02", "ZONE03", "ZONE04", "ZONE05", "ZONE06")
        answer, found = self.expect("mail", "ZONE08", "ZONE11")
        self.assertEqual(len(found["ZONE08"]), 2)
        self.expect("names", "SYNTAX04")

    def test_delegation(self):
        self.expect("single", "DELEGATION01")
        self.expect("twins", "DELEGATION02")
        answer, found = self.check("moved.corp")
        for one in ("DELEGATION07", "CONSISTENCY05", "NAMESERVER06", "CONNECTIVITY01"):
            self.assertIn(one, found)
        self.assertEqual(answer["exit"], 1)

    def test_servers(self):
        answer, found = self.check("serial.corp")
        self.assertIn("CONSISTENCY01", found)
        self.assertIn("its serial is", found["CONSISTENCY01"][0]["says"])
        answer, found = self.check("lame.corp")
        self.assertIn("REFUSED", found["DELEGATION04"][0]["says"])
        answer, found = self.check("odd.corp")
        self.assertLessEqual({"DELEGATION04", "NAMESERVER02", "NAMESERVER05"}, set(found))
        answer, found = self.check("open.corp")
        self.assertIn("NAMESERVER01", found)

    def test_signatures(self):
        self.expect("unsigned-ds", "DNSSEC02", "DNSSEC07", "DNSSEC11", "CHAIN01")
        self.expect("wrongds", "DNSSEC02", "CHAIN01")
        self.expect("nods", "DNSSEC07")
        self.expect("expired", "DNSSEC04", "DNSSEC08", "DNSSEC09", "DNSSEC10", "CHAIN01")
        self.expect("long", "DNSSEC04")
        answer, found = self.check("nosig.corp")
        self.assertLessEqual({"DNSSEC09", "DNSSEC10", "DNSSEC11"}, set(found))

    def test_for_people(self):
        done = self.world.client.ntsh_text("dns", "check", "wrongds.corp", "--root", self.world.hints, user=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("ERRORS", done.stdout)
        self.assertIn("(DNSSEC02)", done.stdout)


if __name__ == "__main__":
    main()
