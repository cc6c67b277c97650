#!/usr/bin/env python3
"""Targets given by name: hosts file, resolv.conf and namespace are honoured, and what goes wrong is said in one sentence."""
import os
import subprocess
import sys
import time

from lab import Case, HERE, Lab, Topology, main, program

ODD = os.path.join(HERE, "oddns.py")
MOODS = {"ok": "127.0.1.1", "dead": "127.0.1.2", "servfail": "127.0.1.3", "refused": "127.0.1.4", "nodata": "127.0.1.5",
         "icmp": "127.0.1.6", "tc": "127.0.1.7", "nodata6": "127.0.1.8"}


class Resolve(Case):
    @classmethod
    def setUpClass(cls):
        cls.net = Lab(Topology("a -- b", links={"wire": ("a", "b")}))
        cls.node = cls.net["a"]
        process = cls.node.start(sys.executable, "-BS", ODD, *[f"{a}={m}" for m, a in MOODS.items()], stdout=subprocess.PIPE)
        process.read_reply()

    @classmethod
    def tearDownClass(cls):
        cls.net.close()

    def look(self, name, *moods, options="", family=(), by_option=True):
        self.node.resolvers(*[MOODS[m] for m in moods], options=options)
        began = time.monotonic()
        answer = self.node.ntsh("route", "get", *family, name, by_option=by_option)
        answer["seconds"] = time.monotonic() - began
        return answer

    def test_good_names(self):
        for by_option in (True, False):
            answer = self.look("www.lab", "ok", by_option=by_option)
            self.assertIn(answer["result"]["destination"], ("192.0.2.1", "2001:db8::1"))
        self.assertEqual(self.look("www.lab", "ok", family=("-4",))["result"]["destination"], "192.0.2.1")
        self.assertEqual(self.look("www.lab", "ok", family=("-6",))["result"]["destination"], "2001:db8::1")
        self.assertEqual(self.look("www.lab", "nodata6")["result"]["destination"], "192.0.2.1")
        self.assertEqual(self.look("www.lab", "tc", family=("-4",))["result"]["destination"], "192.0.2.1")

    def test_search_list(self):
        self.node.etc("resolv.conf", f"nameserver {MOODS['ok']}\nsearch q.lab search.lab\n")
        answer = self.node.ntsh("route", "get", "web", by_option=True)
        self.assertIn(answer["result"]["destination"], ("192.0.2.1", "2001:db8::1"))

    def test_hosts_of_the_namespace(self):
        self.node.hosts("10.0.1.2 pinned.lab")
        self.assertEqual(self.look("pinned.lab", "dead")["result"]["destination"], "10.0.1.2")

    def test_a_dead_first_server_is_passed(self):
        answer = self.look("www.lab", "dead", "ok")
        self.assertIn(answer["result"]["destination"], ("192.0.2.1", "2001:db8::1"))
        self.assertLess(answer["seconds"], 4)

    def test_failures_are_sentences(self):
        for mood, code, text in (("ok", "NXDOMAIN", "name nx.lab does not exist (NXDOMAIN from 127.0.1.1)"),
                                 ("nodata", "NODATA", "name www.lab exists, but has no address"),
                                 ("servfail", "SERVFAIL", "failed to find out about www.lab"),
                                 ("icmp", "ECONNREFUSED", "no name server of this machine takes the question")):
            answer = self.look("nx.lab" if mood == "ok" else "www.lab", mood)
            with self.subTest(mood=mood, error=answer["error"]):
                self.assertEqual(answer["exit"], 1)
                self.assertIn(answer["error"]["code"], (code, "ECONNREFUSED"))
                if answer["error"]["code"] == code:
                    self.assertIn(text, answer["error"]["message"])
        answer = self.look("www.lab", "dead")
        self.assertEqual((answer["exit"], answer["error"]["code"]), (1, "ETIMEDOUT"))
        self.assertLess(answer["seconds"], 8)

    def test_words_that_are_no_names(self):
        for word in ("a b", "a..b", "x" * 64 + ".lab", ".".join(["y" * 60] * 5), ""):
            done = self.node.ntsh_text("route", "get", word)
            self.assertEqual((done.returncode, len(done.stderr.splitlines())), (2, 1), word)

    def test_interrupted_and_out_of_time(self):
        self.node.resolvers(MOODS["dead"])
        answer = self.node.ntsh("--timeout", "300ms", "route", "get", "www.lab", by_option=True)
        self.assertLess(answer["elapsed_ms"], 900)
        self.assertEqual(answer["exit"], 1)
        process = subprocess.Popen([program(), "-n", self.node.netns, "route", "get", "www.lab"], stderr=subprocess.PIPE, text=True)
        time.sleep(0.4)
        process.send_signal(2)
        process.communicate(timeout=5)
        self.assertEqual(process.returncode, 130)


if __name__ == "__main__":
    main()
