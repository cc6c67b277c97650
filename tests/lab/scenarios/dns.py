"""The name is at fault."""
import servers
from stage import HOST, Scenario


class ResolverUnreachable(Scenario):
    """The only resolver is silent."""
    expect = "dns.resolver-unreachable"

    def fault(self, s):
        s.resolver.nft("table inet f { chain i { type filter hook input priority 0; meta l4proto { tcp, udp } th dport 53 drop; } }")

    def prove(self, s):
        s.prove(s.dig(HOST, "+time=2")["status"] == "", "dig gets no answer")
        s.prove(s.curl(f"http://{HOST}/", "--resolve", f"{HOST}:80:{s.server.addr4}")["status"] == 200, "the server is fine")


class ResolverSlow(Scenario):
    """The resolver answers late; the path to it is fast."""
    expect = "dns.resolver-slow"

    def fault(self, s):
        s.facts["dns_ms"] = self.delay = s.between(700, 2000) + 4 * s.rtt
        for kind in ("udp", "tcp"):
            s.dns.rule(f"late-{kind}", f"{kind} sport=53 delay={self.delay:.0f}ms", "ba")

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["namelookup"] > self.delay * 0.9 and seen["namelookup"] > 0.5 * seen["total"], "curl waits for the name", seen)
        s.prove(s.ping(s.resolver.addr4, 3)["max"] < 60, "ping of the resolver is fast")


class ResolverBusy(ResolverSlow):
    """The resolver forwards every question to an authority that answers late; what that says must not be cached."""
    url = "http://www.site.example/"

    def prepare(self, s):
        s.distance(self.near, self.far).web(tls_names=("www.site.example",))
        servers.nsd(s.neighbour, {"site.example": servers.zone("site.example", f"ns 0 A {s.neighbour.addr4}",
                                                               f"www 0 A {s.server.addr4}")})
        servers.dnsmasq(s.resolver, [], 53, f"--server={s.neighbour.addr4}", "--cache-size=0")
        s.client.resolvers(s.resolver.addr4)

    def fault(self, s):
        s.facts["dns_ms"] = self.delay = s.between(700, 1500) + 4 * s.rtt
        s.dns.rule("far", f"udp sport=53 delay={self.delay:.0f}ms", "ab")  # the authority's answers to the resolver


class FirstResolverDead(Scenario):
    """The first of two resolvers is silent: every look-up waits for its time-out."""
    expect = "dns.first-resolver-dead"

    def prepare(self, s):
        s.resolver.ip("addr", "add", "10.0.4.3/24", "dev", "eth0")
        s.distance(self.near, self.far).names(config="    interface-automatic: yes\n").web().load()
        self.timeout = s.random.choice([1, 2, 3, 5])
        s.facts["timeout"] = self.timeout
        s.client.resolvers("10.0.4.3", s.resolver.addr4, options="" if self.timeout == 5 else f"timeout:{self.timeout}")

    def fault(self, s):
        s.resolver.nft("table inet f { chain i { type filter hook input priority 0; ip daddr 10.0.4.3 drop; } }")

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["namelookup"] > self.timeout * 950 and seen["status"] == 200, "getaddrinfo waits for the first one", seen)
        s.prove(s.dig(HOST, "@10.0.4.3", "+time=1")["status"] == "", "the first one is silent")
        s.prove(s.dig(HOST, f"@{s.resolver.addr4}")["status"] == "NOERROR", "the second one answers")


class Nxdomain(Scenario):
    expect = "dns.nxdomain"

    def target(self, s, faulty):
        return "http://nosuch.lab.example/" if faulty else self.url

    def prove(self, s):
        s.prove(s.dig("nosuch.lab.example")["status"] == "NXDOMAIN", "dig says so")


class Servfail(Scenario):
    """The authority of the zone has lost its zone file: a real nsd behind a real unbound."""
    expect = "dns.servfail"
    url = "http://www.site.example/"

    def prepare(self, s):
        s.distance(self.near, self.far).web()
        self.nsd = self.start(s, servers.zone("site.example", f"ns 0 A {s.resolver.addr4}", f"www 0 A {s.server.addr4}"))
        s.names(config="stub-zone:\n    name: site.example.\n    stub-addr: 127.0.0.1@5301\n")

    def start(self, s, zone):
        return servers.nsd(s.resolver, {"site.example": zone}, port=5301)

    def fault(self, s):
        self.nsd.stop()
        self.start(s, None)

    def prove(self, s):
        s.prove(s.dig("www.site.example")["status"] == "SERVFAIL", "dig says so", s.dig("www.site.example"))


class DnsRefused(Scenario):
    """The resolver is not for us."""
    expect = "dns.refused"
    twin = False

    def prepare(self, s):
        s.distance(self.near, self.far).names(access="refuse").web()

    def prove(self, s):
        s.prove(s.dig()["status"] == "REFUSED", "dig says so", s.dig())
