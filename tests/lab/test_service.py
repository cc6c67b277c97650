#!/usr/bin/env python3
"""diagnose service: each cause that it can name, proved by other programs, and its healthy twin."""
import os
import signal
import subprocess
import sys
import time

from lab import HERE, Case, Topology, main

NET = Topology("client ~~~wire~~~ server", links={"wire": ("client", "server")}, emulated=("wire",))
PLAYER = os.path.join(HERE, "service_player.py")
PORT = 8080


class Service(Case):
    def stage(self, mode, rtt=4, **link):
        lab = self.lab(NET)
        lab.link("wire").rtt(rtt)
        if link:
            lab.link("wire").set(side="ba", **link)
        lab["server"].sysctl(net__ipv4__tcp_syncookies=0)
        self.lab_, self.client, self.server = lab, lab["client"], lab["server"]
        self.program = self.server.start(sys.executable, PLAYER, "server", mode, PORT, stdout=subprocess.PIPE)
        self.assertEqual(self.program.popen.stdout.readline().strip(), b"ready", self.program.output())

    def clients(self, mode="ask", count=4, settle=0.7):
        player = self.client.start(sys.executable, PLAYER, "client", mode, self.server.addr4, PORT, count)
        time.sleep(settle)
        return player

    def judge(self, *causes, also=(), **options):
        answer = self.server.ntsh("diagnose", "service", PORT, "-i", "1200ms", **options)
        result = answer["result"]
        verdict = result["verdict"]
        shown = (verdict["cause"], verdict["summary"], [a["cause"] for a in result["also"]], result.get("clients"))
        self.assertIn(verdict["cause"], causes, shown)
        self.assertEqual(verdict["class"], verdict["cause"].split(".")[0])
        self.assertEqual(answer["exit"], 0 if verdict["cause"] == "healthy" else 1)
        for cause in also:
            self.assertIn(cause, [a["cause"] for a in result["also"]], shown)
        ledger = dict(result["ledger"])
        self.assertAlmostEqual(ledger.pop("total_ms"), sum(ledger.values()), places=2)
        return result

    def sockets(self, *words):
        return self.server.run("ss", "-Htan", *words).stdout.splitlines()

    # --- healthy

    def test_healthy(self):
        self.stage("good")
        self.clients()
        result = self.judge("healthy")
        self.assertEqual(result["clients"][0]["client"], self.client.addr4)
        self.assertEqual(result["connections"], 4)
        # The same as somebody else, who cannot see the process.
        self.assertIsNone(self.judge("healthy", user=True)["process"])

    def test_healthy_in_other_ways(self):
        """Clients that speak last and pause, clients that have left and were let go, many at once, far but not too far."""
        self.stage("good", rtt=60)
        self.clients("last-word", 3, settle=0)
        self.clients("leave", 6, settle=0)
        self.clients("ask", 30, settle=1.2)
        self.judge("healthy")

    def test_healthy_bulk(self):
        """Data as fast as the machine can: nobody is to blame for that."""
        self.stage("bulk", rtt=0)
        self.clients("download", 1)
        # On a machine that is busy with other things this program, which takes all it can get, does wait for the CPU.
        self.judge("healthy", "server.starved")

    def test_idle_and_absent(self):
        self.stage("good")
        result = self.judge("unknown")
        self.assertIn("nobody was connected", result["verdict"]["summary"])
        self.program.stop()
        self.judge("server.refused")

    # --- the program

    def test_does_not_accept(self):
        self.stage("no-accept")
        before = self.server.counter("ListenOverflows")
        self.clients(count=8, settle=1.5)
        line = self.sockets("state", "listening", f"sport = :{PORT}")[0].split()
        self.assertGreater(int(line[0]), int(line[1]), "ss: the queue is full")
        self.assertGreater(self.server.counter("ListenOverflows"), before)
        result = self.judge("server.listen-overflow")
        self.assertTrue(result["verdict"]["fatal"])
        self.assertEqual(result["accept_queue"], int(line[0]))

    def test_does_not_read(self):
        self.stage("no-read")
        self.clients()
        unread = [int(l.split()[0]) for l in self.sockets("state", "established", f"sport = :{PORT}")]
        self.assertEqual(unread, [10] * 4, "ss: unread bytes")
        self.judge("server.not-reading")

    def test_does_not_answer(self):
        self.stage("hang")
        self.clients(settle=2.5)
        self.assertEqual({l.split()[0] for l in self.sockets("state", "established", f"sport = :{PORT}")}, {"0"}, "all was read")
        self.judge("server.not-responding")

    def test_is_stopped(self):
        self.stage("good")
        self.clients()
        self.program.popen.send_signal(signal.SIGSTOP)
        pid = self.program.pid
        time.sleep(0.5)
        self.assertIn("State:\tT", open(f"/proc/{pid}/status", encoding="ascii").read())
        result = self.judge("server.not-reading")
        self.assertIn("stopped", " ".join(e["says"] for e in result["verdict"]["evidence"]))
        self.program.popen.send_signal(signal.SIGCONT)
        time.sleep(0.5)
        self.judge("healthy")

    def test_is_slow(self):
        self.stage("slow")
        self.clients(settle=1.5)
        result = self.judge("server.slow-response")
        self.assertEqual(result["clients"][0]["holder"], "program")

    def test_does_not_close(self):
        self.stage("no-close")
        self.clients("leave", 6)
        self.assertEqual(len(self.sockets("state", "close-wait", f"sport = :{PORT}")), 6)
        result = self.judge("server.not-closing")
        self.assertEqual(result["close_wait"], 6)

    def test_is_starved(self):
        self.stage("compute")
        os.sched_setaffinity(self.program.pid, {0})
        for task in os.listdir(f"/proc/{self.program.pid}/task"):
            os.sched_setaffinity(int(task), {0})
        hogs = [self.server.start(sys.executable, PLAYER, "hog", 0, 4) for _ in range(3)]
        self.clients(count=3)
        self.judge("server.starved")
        for hog in hogs:
            hog.stop()

    def test_syn_flood(self):
        self.stage("good")
        self.server.run("ip", "neigh", "flush", "all")
        player = self.client.start(sys.executable, PLAYER, "client", "flood", self.server.addr4, PORT, 40)
        time.sleep(1)
        self.assertGreater(len(self.sockets("state", "syn-recv")), 30, "ss: half-open connections")
        result = self.judge("server.syn-flood")
        self.assertGreater(result["half_open"], 30)
        player.stop()

    def test_udp_is_not_read(self):
        self.stage("udp")
        self.client.start(sys.executable, PLAYER, "client", "udp", self.server.addr4, PORT, 1)
        time.sleep(0.7)
        before = self.server.counter("RcvbufErrors")
        self.judge("server.not-reading")
        self.assertGreater(self.server.counter("RcvbufErrors"), before)

    # --- the network

    def test_loss(self):
        self.stage("bulk", rtt=10, loss=4)
        self.clients("download", 3)
        result = self.judge("network.loss")
        self.assertGreater(self.server.counter("RetransSegs"), 5)
        self.assertGreater(result["clients"][0]["retransmitted"], 5)

    def test_narrow(self):
        self.stage("bulk", rtt=10, rate="4mbit", limit="400ms")
        self.clients("download", 1)
        self.judge("network.bandwidth")

    def test_far(self):
        self.stage("good", rtt=300)
        self.clients(settle=1.5)
        self.judge("network.latency")

    def test_client_does_not_read(self):
        self.stage("bulk")
        self.clients("stuck", 1, settle=1.5)
        self.assertGreater(int(self.sockets("state", "established", f"sport = :{PORT}")[0].split()[1]), 10000)
        result = self.judge("client.not-reading")
        self.assertEqual(result["verdict"]["where"], self.client.addr4)

    def test_send_buffer(self):
        self.stage("sndbuf", rtt=80)
        self.clients("download", 1)
        self.judge("client.send-buffer")


if __name__ == "__main__":
    main()
