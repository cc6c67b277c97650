#!/usr/bin/env python3
"""The split of http and tls behind a path of 40 ms: the round trips are the network's, thinking is the server's (needs root)."""
import os
import statistics
import subprocess
import tempfile
import threading

from lab import Case, Topology, main
from servers import Httpd

FAR = Topology("""
    client --access-- gw ~~path~~ server
""", links={"access": ("client", "gw"), "path": ("gw", "server")}, routers=("gw",), emulated=("path",))

RTT, THINK = 40, 250


class Far(Case):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.cert, self.key = (os.path.join(self.folder.name, name) for name in ("c.pem", "k.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.cert, "-days", "30",
                        "-subj", "/CN=far", "-addext", "subjectAltName=DNS:far.test"], check=True, capture_output=True)
        self.network = self.lab(FAR)
        self.network.link("path").rtt(RTT)
        self.network.warm()
        self.client, self.server = self.network["client"], self.network["server"]
        self.http = Httpd(self.server, listen=(80, {"port": 443, "cert": self.cert, "key": self.key}), think_ms=THINK)

    def split(self, *words):
        out = self.client.ntsh(*words)
        self.assertEqual(out["status"], 0, out)
        return out["result"]

    def assert_wait(self, exchanges):
        """By the median: the emulated path itself hiccups when this machine is busy."""
        for name, wanted, delta in (("wait_network_ms", RTT, RTT / 5), ("wait_server_ms", THINK, THINK / 10)):
            values = [exchange[name] for exchange in exchanges]
            self.assertAlmostEqual(statistics.median(values), wanted, delta=delta, msg=f"{name} {values}")

    def test_new_and_kept(self):
        for url in (f"http://{self.server.addr4}/", f"https://{self.server.addr4}/"):
            result = self.split("http", url, "-n", "6", "-k")
            for kind in ("new", "kept"):
                self.assert_wait([e for e in result["exchanges"] if e["connection"] == kind])
            self.assertAlmostEqual(result["phases"]["connect_ms"], RTT, delta=RTT / 5)
        self.assertAlmostEqual(result["phases"]["tls_network_ms"], RTT, delta=RTT / 5)
        self.assertLess(result["phases"]["tls_server_ms"], RTT / 2)

    def test_slow_tls(self):
        self.http.change(tls_ms=120)
        out = self.client.ntsh("tls", f"{self.server.addr4}:443", "--cacert", self.cert, "--servername", "far.test")
        result = out["result"]
        self.assertEqual((out["status"], result["round_trips"]), (0, 1), out)
        self.assertAlmostEqual(result["network_ms"], RTT, delta=RTT / 4)
        self.assertAlmostEqual(result["server_ms"], 120, delta=30)

    def test_lost_request_is_the_networks(self):
        path = self.network.link("path")
        path.rule("lost", "tcp dport=80 min=80 drop", side="ab")
        cure = threading.Timer(0.8, path.unrule)
        cure.start()
        result = self.split("http", f"http://{self.server.addr4}/")
        cure.join()
        self.assertAlmostEqual(result["phases"]["wait_server_ms"], THINK, delta=THINK / 10)
        self.assertGreater(result["phases"]["wait_network_ms"], 5 * RTT)
        self.assertGreaterEqual(result["retransmissions"], 1)


if __name__ == "__main__":
    main()
