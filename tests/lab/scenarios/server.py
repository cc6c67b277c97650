"""The server is at fault; the way to it is fine."""
from stage import HOST, Scenario


class SlowResponse(Scenario):
    expect = "server.slow-response"

    def prepare(self, s):
        super().prepare(s)
        self.url = f"http{s.random.choice(['', 's'])}://{HOST}/"

    def fault(self, s):
        s.facts["think_ms"] = self.think = s.between(800, 2500) + 5 * s.rtt
        s.httpd.change(think_ms=self.think)

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["starttransfer"] - max(seen["appconnect"], seen["connect"]) > self.think, "curl waits for the first byte", seen)
        s.prove(s.httpd.stats()["think_ms"][-1] >= self.think * 0.99, "the server says how long it thought")


class SlowResponseQuiet(SlowResponse):
    """ICMP is filtered everywhere, which must neither help nor harm the server's case."""
    def prepare(self, s):
        super().prepare(s)
        s.quiet_icmp(s.gw, s.core)
        s.quiet_icmp(s.server, hook="input")

    def prove(self, s):
        super().prove(s)
        s.prove(s.ping(count=3)["lost"] == 100, "ping gets nothing")


class SlowResponseFar(SlowResponse):
    near, far = 120, 200


class SlowTls(Scenario):
    expect = "server.slow-tls"
    url = f"https://{HOST}/"

    def fault(self, s):
        s.facts["tls_ms"] = self.wait = s.between(800, 2200) + 5 * s.rtt
        s.httpd.change(tls_ms=self.wait)

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["appconnect"] - seen["connect"] > self.wait, "the handshake takes as long", seen)


class SlowTransfer(Scenario):
    """The server pauses while it sends."""
    expect = "server.slow-transfer"

    def fault(self, s):
        pause = s.between(150, 350) + s.rtt
        s.facts["pause_ms"] = pause
        pieces = int(s.between(2500, 4500) / pause) + 1
        s.httpd.change(chunk=int(s.between(500, 4000)), pause_ms=pause, size=0)
        chunk = int(s.between(500, 4000))
        s.httpd.change(chunk=chunk, size=chunk * pieces)
        self.least = pause * (pieces - 1)

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["total"] - seen["starttransfer"] > 0.95 * self.least, "the body dribbles", seen)
        stats = s.path.stats()["ba"]
        s.prove(sum(n for name, n in stats.items() if name.startswith("dropped")) == 0, "the path lost nothing", stats)


class ListenOverflow(Scenario):
    """The program accepts slowly and others crowd at its door: SYNs are dropped while ping is fast."""
    expect = "server.listen-overflow"
    near, far = 1, 60
    twin = True

    def prepare(self, s):
        s.distance(self.near, self.far).names().web(backlog=3)

    def fault(self, s):
        s.httpd.stop()
        accept = s.between(150, 350)
        s.facts["accept_ms"] = accept
        s.web_again(backlog=1, accept_ms=accept, crowd=3 + int(1500 / accept), crowd_ms=accept * 0.7)
        s.client.run("sleep", "2")

    def prove(self, s):
        before = s.server.counter("ListenOverflows")
        times = [s.curl(f"http://{s.server.addr4}/", seconds=4)["connect"] or 4000 for _ in range(6)]
        s.prove(max(times) > 900, "some connects wait for another SYN", times)
        s.prove(s.server.counter("ListenOverflows") > before, "the kernel counts overflows")
        s.prove(s.ping(count=20)["lost"] == 0, "ping is fine")


class ListenOverflowStuck(Scenario):
    """Nobody accepts any more."""
    expect = "server.listen-overflow"
    accept = ("server.not-responding",)
    near, far = 1, 60

    def prepare(self, s):
        s.distance(self.near, self.far).names().web(backlog=3)

    def fault(self, s):
        s.httpd.stop()
        s.web_again(backlog=1, accept="never", crowd=4)
        s.client.run("sleep", "1")

    def prove(self, s):
        s.prove(s.curl(f"http://{s.server.addr4}/", seconds=4)["exit"] == 28, "curl cannot connect")
        s.prove(s.server.counter("ListenOverflows") > 0, "the kernel counts overflows")
        s.prove(s.ping(count=10)["lost"] == 0, "ping is fine")
        out = s.server.run("ss", "-Hltn", "sport", "=", ":80").stdout.split()
        s.prove(int(out[1]) > int(out[2]), "the queue is full", out)


class Refused(Scenario):
    """Nothing listens at the port."""
    expect = "server.refused"

    def target(self, s, faulty):
        return f"http://{HOST}:{8081 if faulty else 80}/"

    def prove(self, s):
        seen = s.curl(f"http://{s.server.addr4}:8081/")
        s.prove(seen["exit"] == 7 and "refused" in seen["says"].lower() or seen["exit"] == 7, "curl is refused", seen)


class Reset(Scenario):
    """Accepts and resets at once."""
    expect = "server.reset"

    def fault(self, s):
        s.httpd.change(accept="reset")

    def prove(self, s):
        seen = s.curl(self.url)  # a curl that was kept waiting meets the reset while it still looks at its connect
        s.prove(seen["exit"] in (7, 56) and s.httpd.stats()["accepted"] > 0, "curl is reset after the handshake", seen)


class ResetBody(Scenario):
    """Resets in the middle of the body."""
    expect = "server.reset"

    def fault(self, s):
        s.httpd.change(size=30000, reset_at=int(s.between(3000, 20000)))

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["exit"] == 56 and seen["status"] == 200, "curl is reset after the head", seen)


class HttpError(Scenario):
    expect = "server.http-error"

    def fault(self, s):
        s.facts["status"] = self.status = s.random.choice([500, 502, 503, 504])
        s.httpd.change(status=self.status)

    def prove(self, s):
        s.prove(s.curl(self.url)["status"] == self.status, "curl sees the status")


class TlsCertificate(Scenario):
    """Expired, for another name, or from nobody known."""
    expect = "server.tls-certificate"
    url = f"https://{HOST}/"

    def prepare(self, s):
        s.distance(self.near, self.far).names()

    def fault(self, s):
        kind = s.random.choice(["expired", "name", "self-signed"])
        s.facts["certificate"] = kind
        s.web(tls_names=("other.lab.example",) if kind == "name" else (HOST,), days=-3 if kind == "expired" else 60,
              self_signed=kind == "self-signed")

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["exit"] == 60, "curl does not trust it", seen)
        s.prove(s.curl(self.url, "-k")["status"] == 200, "but for the certificate it works")

    def prove_twin(self, s):
        s.web()
        super().prove_twin(s)


class NotResponding(Scenario):
    """Accepts, reads the request, and never answers."""
    expect = "server.not-responding"

    def fault(self, s):
        s.httpd.change(answer=False)

    def prove(self, s):
        seen = s.curl(self.url, seconds=4)
        s.prove(seen["exit"] == 28 and seen["connect"] > 0 and seen["size"] == 0, "curl connects and gets nothing", seen)
        s.prove(s.httpd.stats()["requests"] > 0, "the server has read the request")


class Flapping(Scenario):
    """Every third or fourth request is slow."""
    expect = "server.flapping"
    far = 100

    def prepare(self, s):
        s.distance(self.near, self.far).names().web()

    def fault(self, s):
        s.facts["every"] = every = s.random.choice([3, 4])
        s.facts["think_ms"] = self.think = s.between(1000, 2000) + 4 * s.rtt
        s.httpd.change(every=every, think_ms=self.think)

    def prove(self, s):
        times = [s.curl(self.url)["starttransfer"] for _ in range(8)]
        slow = sum(t > self.think for t in times)
        s.prove(2 <= slow <= 3, "some are slow, most are not", times)
