#!/usr/bin/env python3
"""dns resolver: the way of a program, beside what getent really gets and how long it really waits."""
import time

from lab import Case, Lab, main
from dnsworld import RESOLVER, TOPOLOGY, World

DEAD, NAME = "10.0.1.99", "www.site.corp"


class Program(Case):
    @classmethod
    def setUpClass(cls):
        cls.net = Lab(TOPOLOGY)
        try:
            world = cls.world = World(cls.net)
            world.zone("site.corp", ["www A 192.0.2.80", "only4 A 192.0.2.81", "www AAAA 2001:db8::80"])
            world.zone("inner.corp", ["*.inner.corp. A 10.9.9.9"], signed=False)
            world.start().resolver()
            world.address(DEAD)
            world.node.nft(f"table inet t {{ chain c {{ type filter hook input priority 0; ip daddr {DEAD} drop; }} }}")
            cls.client = world.client
        except BaseException:
            cls.net.close()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    def setUp(self):
        self.client.hosts()
        self.client.etc("nsswitch.conf", "hosts: files dns\n")

    def conf(self, *lines):
        self.client.etc("resolv.conf", "".join(line + "\n" for line in lines))

    def ask(self, *name):
        answer = self.client.ntsh("dns", "resolver", *name)
        return answer, answer["result"]

    def getent(self, name):
        began = time.monotonic()
        out = self.client.run("getent", "ahosts", name).stdout
        return {line.split()[0] for line in out.splitlines()}, (time.monotonic() - began) * 1000

    def test_same_as_getent(self):
        self.conf(f"nameserver {RESOLVER}")
        for name in (NAME, "only4.site.corp", "nope.site.corp", "127.0.0.1"):
            answer, result = self.ask(name)
            addresses, _ = self.getent(name)
            self.assertEqual(set(result["addresses"]), addresses, name)
            self.assertEqual(answer["exit"], 0 if addresses else 1)

    def test_hosts_file_that_pins(self):
        self.conf(f"nameserver {RESOLVER}")
        self.client.hosts(f"10.9.9.9 {NAME}")
        answer, result = self.ask(NAME)
        self.assertEqual((result["source"], result["addresses"]), ("hosts", ["10.9.9.9"]))
        self.assertIn("DNS says something else", result["remarks"][0]["text"])
        self.assertEqual([s["decides"] for s in result["sources"]], [True, False])
        self.assertEqual({w["says"] for w in result["wire"]}, {"192.0.2.80", "2001:db8::80"})
        self.client.etc("nsswitch.conf", "hosts: dns [NOTFOUND=return] files\n")
        answer, result = self.ask(NAME)
        self.assertEqual((result["source"], result["sources"][0]["action"]), ("dns", "NOTFOUND=return"))

    def test_schedule_of_a_dead_first_server(self):
        self.conf(f"nameserver {DEAD}", f"nameserver {RESOLVER}", "search other.corp site.corp", "options timeout:1")
        answer, result = self.ask("www")
        self.assertEqual(result["names"], ["www.other.corp", "www.site.corp", "www"])
        steps = [(s["name"], s["server"], s["end"]) for s in result["steps"]]
        self.assertEqual(steps, [("www.other.corp", DEAD, "silent"), ("www.other.corp", RESOLVER, "no such name"),
                                 ("www.site.corp", DEAD, "silent"), ("www.site.corp", RESOLVER, "answered")])
        addresses, took = self.getent("www")
        self.assertEqual(set(result["addresses"]), addresses)
        self.assertLess(abs(took - result["program_wait_ms"]), 0.25 * took)
        self.assertLess(answer["elapsed_ms"], 6000)

    def test_search_list_that_makes_another_name(self):
        self.conf(f"nameserver {RESOLVER}", "search inner.corp", "options ndots:3")
        answer, result = self.ask(NAME)
        self.assertEqual((result["found_as"], result["addresses"]), (f"{NAME}.inner.corp", ["10.9.9.9"]))
        self.assertEqual(self.getent(NAME)[0], {"10.9.9.9"})
        self.assertIn("the search list made", " ".join(r["text"] for r in result["remarks"]))

    def test_configuration_alone(self):
        self.conf(f"nameserver {RESOLVER}", f"nameserver {DEAD}", f"nameserver {RESOLVER}", "nameserver 10.0.1.98", "options rotate edns0 trust-ad")
        answer, result = self.ask()
        self.assertEqual((answer["exit"], result["servers"], result["rotate"], result["edns0"], result["trust_ad"], result["use_vc"]),
                         (1, [RESOLVER, DEAD, RESOLVER], True, True, True, False))
        self.assertEqual([w["status"] for w in result["wire"]], ["NOERROR", "TIMEOUT", "NOERROR"])
        self.assertIn("1 servers more than libc reads", result["remarks"][0]["text"])
        self.assertIn("2 of 3 name servers", self.client.ntsh_text("dns", "resolver").stdout)

    def test_in_a_namespace_and_as_a_user(self):
        self.conf(f"nameserver {RESOLVER}")
        answer = self.client.ntsh("dns", "resolver", NAME, by_option=True)
        self.assertEqual((answer["exit"], set(answer["result"]["addresses"])), (0, {"192.0.2.80", "2001:db8::80"}))
        self.assertEqual(self.client.ntsh("dns", "resolver", NAME, user=True)["exit"], 0)


if __name__ == "__main__":
    main()
