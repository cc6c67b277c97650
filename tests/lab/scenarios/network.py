"""The way is at fault."""
import servers
from stage import HOST, Scenario


class Latency(Scenario):
    """So far that the round trips alone are a wait that a person notices."""
    expect = "network.latency"
    url = f"https://{HOST}/"

    def fault(self, s):
        s.rtt = s.between(450, 700)
        s.facts["rtt_ms"] = s.rtt
        s.path.rtt(s.rtt)

    def prove(self, s):
        seen, ping = s.curl(self.url), s.ping(count=3)
        s.prove(ping["min"] >= s.rtt and seen["total"] > 3 * s.rtt and seen["total"] < 5 * s.rtt + 200,
                "the wait is round trips", (seen, ping))


class Loss(Scenario):
    expect = "network.loss"
    near, far = 5, 100

    def prepare(self, s):
        s.standard(self.near, self.far, size=int(s.between(100000, 200000)))

    def fault(self, s):
        s.facts["loss"] = self.loss = s.between(5, 10)
        s.path.set(loss=f"{self.loss:.2f}")

    def prove(self, s):
        ping = s.ping(None, 300)
        s.prove(self.loss * 0.8 < ping["lost"] < self.loss * 3.2, "ping loses as much as was ordered", (ping, self.loss))
        s.curl(f"http://{s.server.addr4}/")
        s.prove(s.server.counter("RetransSegs") > 0, "the server's kernel had to send again")


class LossOneWay(Loss):
    """Only what comes from the server is lost, and in bursts."""
    def fault(self, s):
        self.loss = s.between(5, 9)
        s.facts["loss"] = self.loss
        s.path.set("ba", ge=f"{self.loss / 3 / (1 - self.loss / 100):.3f},33.3")

    def prove(self, s):
        ping = s.ping(None, 400)
        s.prove(1.5 < ping["lost"] < 22, "ping loses in the order of what was ordered", (ping, self.loss))
        stats = s.path.stats()
        s.prove(stats["ab"]["dropped_loss"] == 0 and stats["ba"]["dropped_loss"] > 0, "in one direction", stats)


class Bandwidth(Scenario):
    """A thin line with a queue of a decent length."""
    expect = "network.bandwidth"
    near, far = 4, 80

    def prepare(self, s):
        self.rate = s.between(400e3, 1.5e6)
        s.distance(self.near, self.far).names().web(size=int(self.rate / 8 * s.between(2.5, 4)))

    def fault(self, s):
        s.facts["rate"] = self.rate
        s.path.set(rate=f"{self.rate:.0f}", limit=f"{max(60, s.rtt):.0f}ms")

    def prove(self, s):
        seen = s.curl(self.url)
        rate = seen["size"] * 8 / (seen["total"] - seen["starttransfer"]) * 1000
        s.prove(0.6 * self.rate < rate < 1.02 * self.rate, "curl gets the rate of the line", (rate, self.rate))

    def prove_twin(self, s):
        seen = s.curl(self.target(s, False))
        s.prove(seen["exit"] == 0 and seen["total"] < 700 + 12 * s.rtt, "curl gets it quickly", seen)


class Congestion(Scenario):
    """Somebody else fetches large files through the same line, whose queue holds a second. That the queue is so long is a fault of
    its own: both are right."""
    expect = "network.congestion"
    accept = ("network.bufferbloat",)
    near, far = 5, 60

    def prepare(self, s):
        s.distance(self.near, self.far).names().web(size=2000)

    def fault(self, s):
        rate, queue = s.between(2e6, 6e6), s.between(700, 1500)
        s.facts.update(rate=rate, queue_ms=queue)
        s.path.set(rate=f"{rate:.0f}", limit=f"{queue:.0f}ms")
        servers.Httpd(s.server, [8088], size=int(rate / 8 * s.between(4, 6)))
        for _ in range(2):
            servers.fetch_forever(s.neighbour, f"http://{s.server.addr4}:8088/", "100M", 0.5)
        s.client.run("sleep", "2")

    def prove(self, s):
        ping = s.ping(s.server.addr4, 100)
        s.prove(ping["mean"] > s.rtt + 150, "round trips wait in the queue", (ping, s.rtt))
        s.prove(s.path.stats()["ba"]["queue_max_ms"] > 300, "the queue is long", s.path.stats()["ba"])


class Bufferbloat(Bandwidth):
    """Our own page fills a queue of seconds before a line that is thin as well: both are right."""
    expect = "network.bufferbloat"
    accept = ("network.bandwidth",)
    near, far = 4, 40

    def fault(self, s):
        s.facts.update(rate=self.rate)
        s.path.set(rate=f"{self.rate:.0f}", limit=f"{s.between(1500, 2500):.0f}ms")

    def prove(self, s):
        fetch = s.client.start("curl", "-s", "-o", "/dev/null", f"http://{s.server.addr4}/")
        s.client.run("sleep", "1.5")
        ping = s.ping(None, 10)
        fetch.popen.wait(20)
        s.prove(ping["mean"] > s.rtt + 300, "under load round trips wait in the queue", (ping, s.rtt))


class Jitter(Scenario):
    expect = "network.jitter"
    near, far = 4, 40

    def fault(self, s):
        s.facts["jitter_ms"] = self.jitter = s.between(120, 250)
        s.path.set(jitter=f"{self.jitter:.0f}ms")

    def prove(self, s):
        out = s.client.run("ping", "-q", "-i0.3", "-c20", s.server.addr4).stdout
        low, _, high, deviation = map(float, out.split("= ")[1].split()[0].split("/"))
        s.prove(deviation > 0.2 * self.jitter and high - low > 0.7 * self.jitter, "ping sees it", out)


class Reordering(Scenario):
    expect = "network.reordering"
    near, far = 15, 60

    def prepare(self, s):
        s.standard(self.near, self.far, size=int(s.between(300000, 600000)))

    def fault(self, s):
        percent, by = s.between(15, 30), s.between(8, 20)
        s.facts.update(percent=percent, by_ms=by)
        s.path.set("ba", reorder=f"{percent:.1f}", reorder_by=f"{by:.1f}ms")

    def prove(self, s):
        s.curl(self.url)
        s.prove(s.client.counter("TCPOFOQueue") > 20, "the client's kernel queued segments out of order")
        stats = s.path.stats()["ba"]
        s.prove(stats["dropped_loss"] == 0 and stats["reordered"] > 20, "nothing was lost", stats)

    def prove_twin(self, s):
        seen = s.curl(self.url)
        s.prove(seen["exit"] == 0 and seen["total"] < 700 + 12 * s.rtt, "curl gets it quickly", seen)


class PmtuBlackhole(Scenario):
    """Full-sized packets vanish, and nobody says so."""
    expect = "network.pmtu-blackhole"

    def prepare(self, s):
        s.standard(self.near, self.far, size=int(s.between(8000, 30000)))
        self.url = f"http{s.random.choice(['', 's'])}://{HOST}/"

    def fault(self, s):
        s.facts["mtu"] = self.mtu = int(s.between(1280, 1460))
        s.path.set(mtu=self.mtu)

    def prove(self, s):
        s.prove(s.ping(None, 2, "-Mdo", "-s", "1200")["lost"] == 0, "small packets pass")
        s.prove(s.ping(None, 2, "-Mdo", "-s", "1472")["lost"] == 100, "large ones do not")
        seen = s.curl(f"http://{s.server.addr4}/", seconds=4)
        s.prove(seen["exit"] == 28 and seen["connect"] > 0, "curl connects and then waits for ever", seen)


class Filtered(Scenario):
    """A router drops what goes to the port, or everything but ping to the host, without a word."""
    expect = "network.filtered"

    def fault(self, s):
        what = s.random.choice(["tcp dport { 80, 443 }", "meta l4proto { tcp, udp }"])
        s.facts["rule"] = what
        router = s.gw  # before the last router: what comes after it never sees the packets
        router.nft("table inet f { chain c { type filter hook forward priority 0; oifname %s %s drop; } }"
                   % (router.interface("path"), what))

    def prove(self, s):
        s.prove(s.curl(f"http://{s.server.addr4}/", seconds=3)["exit"] == 28, "curl gets no answer")
        s.prove(s.ping(count=3)["lost"] == 0, "ping is fine")
        s.prove(s.server.run("curl", "-s", "-m3", f"http://{s.server.addr4}/", "-o", "/dev/null").returncode == 0,
                "at the server itself it works")


class Rejected(Scenario):
    """A router refuses, and says so."""
    expect = "network.rejected"

    def fault(self, s):
        s.core.nft("table inet f { chain c { type filter hook forward priority 0; tcp dport { 80, 443 } counter reject with icmpx "
                   "type admin-prohibited; } }")

    def prove(self, s):
        seen = s.curl(f"http://{s.server.addr4}/", seconds=5)
        s.prove(seen["exit"] == 7 and "No route to host" in seen["says"] or seen["exit"] == 7, "curl is told", seen)
        s.prove("packets 0" not in s.core.run("nft", "list", "ruleset").stdout, "the rule counted")


class Unreachable(Scenario):
    """A router knows no way to the server's network, or the last one does not find the host."""
    expect = "network.unreachable"

    def fault(self, s):
        kind = s.random.choice(["route", "host"])
        s.facts["kind"] = kind
        if kind == "route":
            s.gw.ip("route", "replace", "unreachable", "10.0.3.0/24")
            s.gw.ip("-6", "route", "del", "2001:db8:3::/64")
            s.gw.ip("-6", "route", "add", "unreachable", "2001:db8:3::/64")
        else:
            s.server.ip("addr", "flush", "dev", "eth0")
            s.core.ip("neigh", "flush", "all")

    def prove(self, s):
        out = s.client.run("ping", "-c2", "-W4", s.server.addr4).stdout
        s.prove("Unreachable" in out, "a router says so", out)


class RoutingLoop(Scenario):
    expect = "network.routing-loop"

    def fault(self, s):
        s.core.ip("route", "add", s.server.addr4, "via", s.gw.addresses4["path"])
        s.core.ip("-6", "route", "add", s.server.addr6, "via", s.gw.addresses6["path"])

    def prove(self, s):
        out = s.client.run("ping", "-c1", "-W20", s.server.addr4).stdout
        s.prove("Time to live exceeded" in out, "the time to live runs out", out)


class Ipv6Broken(Scenario):
    """The name has an IPv6 address, but IPv6 goes nowhere; IPv4 is fine."""
    expect = "network.ipv6-broken"

    def fault(self, s):
        s.core.nft("table ip6 f { chain c { type filter hook forward priority 0; drop; } }")

    def prove(self, s):
        s.prove(s.curl(self.url, "-6", seconds=3)["exit"] == 28, "nothing over IPv6")
        s.prove(s.curl(self.url, "-4", seconds=9)["status"] == 200, "IPv4 works")
