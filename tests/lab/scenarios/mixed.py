"""Two things are wrong: the one that costs more is the verdict, the other is found as well."""
from stage import Scenario


class SlowDnsOutweighs(Scenario):
    expect = "dns.resolver-slow"
    also = ("server.slow-response",)
    far = 60
    twin = False

    def fault(self, s):
        dns, think = s.between(1800, 2800), s.between(600, 800)
        s.facts.update(dns_ms=dns, think_ms=think)
        s.dns.rule("late", f"udp sport=53 delay={dns:.0f}ms", "ba")
        s.httpd.change(think_ms=think)
        self.dns, self.think = dns, think

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["namelookup"] > self.dns and seen["starttransfer"] - seen["connect"] > self.think and
                seen["status"] == 200, "both are slow", seen)


class SlowServerOutweighs(SlowDnsOutweighs):
    expect = "server.slow-response"
    also = ("dns.resolver-slow",)

    def fault(self, s):
        self.dns, self.think = s.between(600, 800), s.between(1900, 2800)
        s.facts.update(dns_ms=self.dns, think_ms=self.think)
        s.dns.rule("late", f"udp sport=53 delay={self.dns:.0f}ms", "ba")
        s.httpd.change(think_ms=self.think)


class SlowServerWithLoss(Scenario):
    """A little loss beside a server that thinks for seconds: the server."""
    expect = "server.slow-response"
    near, far = 5, 60
    twin = False

    def fault(self, s):
        self.think = s.between(2500, 3500)
        s.facts.update(think_ms=self.think)
        s.path.set(loss="1.0")
        s.httpd.change(think_ms=self.think)

    def prove(self, s):
        seen = s.curl(self.url)
        s.prove(seen["total"] > self.think, "the server thinks", seen)
