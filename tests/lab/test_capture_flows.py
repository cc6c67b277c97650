#!/usr/bin/env python3
"""diagnose capture and capture flows: the same fault seen at the client, in the middle and at the server; counts against tshark's."""
import os
import subprocess
import tempfile
import time

from lab import Case, Topology, main

HOME = Topology("""
    client --- gw ~~~path~~~ core --- server
""", links={"access": ("client", "gw"), "path": ("gw", "core"), "last": ("core", "server")}, routers=("gw", "core"), emulated=("path",))

SERVER = r'''
import http.server, os, socket, struct, threading, time
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if "slow" in self.path: time.sleep(0.25)
        if "mute" in self.path: time.sleep(60)
        if "reset" in self.path:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); self.close_connection = True
            os.close(self.connection.detach()); return
        body = b"x" * (400000 if "large" in self.path else 2000)
        self.send_response(503 if "busy" in self.path else 200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("0.0.0.0", 80), H).serve_forever()
'''
READER = r'''
import socket, sys, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192); s.connect((sys.argv[1], 80))
s.sendall(b"GET /large HTTP/1.0\r\n\r\n"); time.sleep(1.5)
while s.recv(65536): pass
'''
POINTS = {"client": "eth0", "core": "eth0", "server": "eth0"}


class Captures(Case):
    def captured(self, lab, act):
        """What the three capture files hold while act() runs, as paths by point."""
        self.need("tcpdump")
        running, files = [], {}
        for point, interface in POINTS.items():
            files[point] = os.path.join(self.folder, f"{point}.pcap")
            running.append(lab[point].start("tcpdump", "-U", "--immediate-mode", "-Z", "root", "-i", interface, "-s", "200", "-w", files[point]))
        for file in files.values():
            for _ in range(100):  # its header is there once it listens
                if os.path.exists(file) and os.path.getsize(file):
                    break
                time.sleep(0.05)
        act()
        time.sleep(0.3)
        for tcpdump in running:
            tcpdump.stop()
        for file in files.values():
            os.chmod(file, 0o644)
        return files

    def setUp(self):
        super().setUp()
        self.holder = tempfile.TemporaryDirectory()
        self.folder = self.holder.name
        os.chmod(self.folder, 0o755)
        self.addCleanup(self.holder.cleanup)
        self.net = self.lab(HOME)
        self.net.link("path").rtt(30)
        self.net["server"].start("python3", "-c", SERVER).wait_listening(80)

    def get(self, path, count=5, seconds=20):
        for _ in range(count):
            self.net["client"].run("curl", "-s", "-m", str(seconds), "-o", "/dev/null", f"http://{self.net['server'].addr4}/{path}", timeout=60)

    def verdicts(self, act):
        found = {}
        for point, file in self.captured(self.net, act).items():
            answer = self.net["client"].ntsh("diagnose", "capture", file, user=True)
            self.assertIsNotNone(answer.get("result"), answer)
            found[point] = answer["result"]
        return found

    def expect(self, cause, act):
        found = self.verdicts(act)
        self.assertEqual({p: r["verdict"]["cause"] for p, r in found.items()}, {p: cause for p in POINTS})
        for result in found.values():
            ledger = dict(result["ledger"] or {"total_ms": 0})
            total = ledger.pop("total_ms")
            self.assertAlmostEqual(sum(ledger.values()), total, places=2)
        return found

    def test_verdicts(self):
        server = self.net["server"].addr4
        cases = {
            "server.slow-response": lambda: self.get("slow"),
            "server.refused": lambda: self.net["client"].run("curl", "-s", f"http://{server}:81/"),
            "server.not-responding": lambda: self.get("mute", 1, seconds=2),
            "server.reset": lambda: self.get("reset", 3),
            "server.http-error": lambda: self.get("busy", 3),
            "client.not-reading": lambda: self.net["client"].run("python3", "-c", READER, server),
        }
        for cause, act in cases.items():
            with self.subTest(cause):
                found = self.expect(cause, act)
                if cause == "server.slow-response":
                    for point, result in found.items():
                        self.assertTrue(240 < result["ledger"]["server_ms"] < 300, (point, result["ledger"]))
        with self.subTest("network.loss"):
            self.net.link("path").set(loss=4)
            self.expect("network.loss", lambda: self.get("large", 6))
            self.net.link("path").set(loss=0)
        with self.subTest("healthy"):
            found = self.expect("healthy", lambda: self.get("fine", 8))
            self.assertEqual({p: r["vantage"] for p, r in found.items()},
                             {"client": "at the client", "core": "in the middle", "server": "at the server"})
            self.assertTrue(25 < found["core"]["round_trip_ms"] < 60, found["core"]["round_trip_ms"])

    def test_counts_are_those_of_tshark(self):
        self.need("tshark")
        self.net.link("path").set(loss=3)
        files = self.captured(self.net, lambda: self.get("large", 4))
        for point, file in files.items():
            answer = self.net["client"].ntsh("capture", "flows", file)["result"]
            out = subprocess.run(["tshark", "-r", file, "-T", "fields", "-e", "tcp.stream", "-e", "tcp.analysis.retransmission", "-e",
                                  "tcp.analysis.out_of_order"], capture_output=True, text=True).stdout
            rows = [line.split("\t") for line in out.splitlines() if line and line[0].isdigit()]
            # The emulator overtakes nothing: what tshark calls out of order was sent again as well.
            again = sum(1 for row in rows if any(row[1:]))
            ours = sum(f["retransmissions"] for f in answer["flows"]) + sum(f["syns"] - 1 for f in answer["flows"] if f["syns"])
            self.assertEqual(answer["packets"], len(out.splitlines()), point)
            self.assertEqual(answer["tcp"], len({row[0] for row in rows}), point)
            self.assertLessEqual(abs(ours - again), 1 + again // 10, (point, ours, again))


if __name__ == "__main__":
    main()
