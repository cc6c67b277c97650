#!/usr/bin/env python3
"""The lab itself: its servers do what they are told, and nothing of it is left behind, however it ends."""
import json
import os
import re
import signal
import subprocess
import sys
import time

import lab
import servers
from lab import Case, main
from stage import HOST, Stage

HOLD = "import lab, stage, sys, time; lab.tidy(); s = stage.Stage('hold', 1); print(s.lab.name, s.lab.folder, flush=True); time.sleep(60)"


class Servers(Case):
    def stage(self, name="test"):
        stage = Stage(name, 1)
        self.addCleanup(stage.close)
        return stage

    def test_http_behaviour(self):
        s = self.stage().names().web(think_ms=0, size=5000, paths={
            "/slow": {"think_ms": 400}, "/dribble": {"size": 4000, "chunk": 1000, "pause_ms": 150}, "/gone": {"status": 503},
            "/torn": {"reset_at": 2000}, "/cut": {"close_at": 2000}, "/silent": {"answer": False}})
        s.path.rtt(20)
        base = f"https://{HOST}"
        plain = s.curl(f"{base}/")
        self.assertEqual((plain["status"], plain["size"], plain["exit"]), (200, 5000, 0))
        self.assertAlmostEqual(s.curl(f"{base}/slow")["starttransfer"] - plain["starttransfer"], 400, delta=60)
        self.assertGreater(s.curl(f"{base}/dribble")["total"], 450)
        self.assertEqual(s.curl(f"{base}/gone")["status"], 503)
        self.assertEqual(s.curl(f"http://{HOST}/torn")["exit"], 56)
        self.assertIn(s.curl(f"{base}/cut")["exit"], (18, 56))  # "partial file", or in newer ones "failure when receiving"
        self.assertEqual(s.curl(f"{base}/silent", seconds=1)["exit"], 28)
        s.httpd.change(tls_ms=300)
        seen = s.curl(f"{base}/")
        self.assertAlmostEqual(seen["appconnect"] - seen["connect"], 320, delta=60)
        s.httpd.change(tls_ms=0, every=3, think_ms=500)
        slow = [s.curl(f"http://{HOST}/")["total"] > 500 for _ in range(6)]
        self.assertEqual(sum(slow), 2)

    def test_certificates(self):
        s = self.stage().names()
        authority = servers.Authority(s.lab)
        authority.trust(s.client)
        kinds = {443: authority.issue(HOST, s.server.addr4), 444: authority.issue(HOST, days=-2), 445: authority.issue("other.example"),
                 446: authority.issue(HOST, self_signed=True)}
        servers.Httpd(s.server, [{"port": port, **certificate} for port, certificate in kinds.items()])
        says = {port: s.curl(f"https://{HOST}:{port}/") for port in kinds}
        self.assertEqual(says[443]["exit"], 0)
        self.assertIn("expired", says[444]["says"])
        self.assertIn("name", says[445]["says"])
        self.assertIn("self", says[446]["says"])
        self.assertEqual(s.curl(f"https://{s.server.addr4}/")["exit"], 0)

    def test_nginx_speaks_http2(self):
        self.need("nginx")
        s = self.stage().names()
        authority = servers.Authority(s.lab)
        authority.trust(s.client)
        servers.nginx(s.server, authority.issue(HOST))
        out = s.client.run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", f"https://{HOST}/")
        self.assertEqual(out.stdout, "2 200")

    def test_name_servers(self):
        s = self.stage()
        text = servers.zone("site.example", f"ns A {s.resolver.addr4}", "www A 192.0.2.7", "www AAAA 2001:db8::7")
        ports = {}
        for port, program, start in ((5301, "nsd", lambda p: servers.nsd(s.resolver, {"site.example": text}, p)),
                                     (5302, "knotd", lambda p: servers.knot(s.resolver, {"site.example": text}, p)),
                                     (5303, "dnsmasq", lambda p: servers.dnsmasq(s.resolver, [("www.site.example", "192.0.2.7")], p)),
                                     (5304, "unbound", lambda p: servers.unbound(s.resolver, ["www.site.example. A 192.0.2.7"], p,
                                                                                 zone="site.example."))):
            if lab.shutil.which(program):
                start(port)
                ports[port] = program
        for port, program in ports.items():
            for address in (s.resolver.addr4, s.resolver.addr6):
                out = s.client.run("dig", "+short", "+tries=1", "-p", port, f"@{address}", "www.site.example").stdout
                self.assertEqual(out.strip(), "192.0.2.7", program)

    def test_full_accept_queue_drops_syns(self):
        s = self.stage()
        servers.Httpd(s.server, [80], backlog=1, accept="never", crowd=4)
        time.sleep(0.5)
        self.assertEqual(s.curl(f"http://{s.server.addr4}/", seconds=2)["exit"], 28)
        self.assertGreater(s.server.counter("ListenOverflows"), 0)
        self.assertEqual(s.ping(count=3)["lost"], 0)

    def test_resolver_files_and_user(self):
        s = self.stage().names()
        self.assertIn(s.server.addr4, s.client.run("getent", "ahostsv4", HOST).stdout)
        self.assertEqual(s.client.run("id", "-u", user=True).stdout.strip(), "65534")
        self.assertIn("1 received", s.client.run("ping", "-c1", s.server.addr4, user=True).stdout)


class Cleanup(Case):
    def start(self):
        popen = subprocess.Popen([sys.executable, "-B", "-c", HOLD], cwd=lab.HERE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(popen.wait)
        self.addCleanup(popen.kill)
        name, folder = popen.stdout.readline().split()
        self.assertTrue(self.traces(name, folder))
        return popen, name, folder

    def traces(self, name, folder):
        """What is there of a lab: namespaces, resolver files, its folder, processes."""
        names = [n for place in ("/run/netns", "/etc/netns") if os.path.isdir(place) for n in os.listdir(place)]
        return [n for n in names if n.startswith(name + "-")] + ([folder] if os.path.exists(folder) else [])

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            popen, name, folder = self.start()
            popen.send_signal(number)
            popen.wait(20)
            self.assertEqual(self.traces(name, folder), [], number)

    def test_killed_is_swept_by_the_next(self):
        popen, name, folder = self.start()
        popen.kill()
        popen.wait()
        self.assertTrue(self.traces(name, folder))
        Stage("sweeper", 1).close()
        self.assertEqual(self.traces(name, folder), [])

    def test_two_at_once(self):
        first, second = self.start(), self.start()
        self.assertNotEqual(first[1], second[1])
        first[0].terminate()
        first[0].wait(20)
        self.assertEqual(self.traces(*first[1:]), [])
        self.assertTrue(self.traces(*second[1:]))

    def test_the_machine_itself_is_left_alone(self):
        def look():
            text = "".join(subprocess.run(["ip", *words], capture_output=True, text=True).stdout
                           for words in (["-br", "link"], ["-br", "addr"], ["route"], ["-6", "route"]))
            return re.sub(r"expires \d+sec", "", "\n".join(line for line in text.splitlines() if not line.startswith("veth")))
        before = look()
        stage = Stage("alone", 1)
        during = look()
        stage.close()
        self.assertEqual((before, before), (during, look()))

    def test_a_failing_build_leaves_nothing(self):
        before = set(os.listdir("/run/netns"))
        os.environ["LAB_EMU"], kept = "/nonexistent", os.environ.get("LAB_EMU")
        try:
            with self.assertRaises(Exception):
                Stage("broken", 1)
        finally:
            os.environ["LAB_EMU"] = kept or ""
        left = [n for n in set(os.listdir("/run/netns")) - before if n.startswith(f"nl{os.getpid()}-")]
        self.assertEqual(left, [])


class Records(Case):
    def test_a_record_is_one_line_of_json(self):
        out = subprocess.run([sys.executable, "-B", os.path.join(lab.HERE, "scenario.py"), "nxdomain", "--proof"],
                             capture_output=True, text=True).stdout
        record = json.loads(out)
        self.assertEqual((record["expect"], record["proved"]), ("dns.nxdomain", True))


if __name__ == "__main__":
    main()
