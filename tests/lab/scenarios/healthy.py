"""Nothing is wrong: the verdicts that a tool which cries wolf gets wrong."""
import servers
from stage import HOST, Scenario


class Healthy(Scenario):
    twin = False

    def prove(self, s):
        self.prove_twin(s)


class HealthyNear(Healthy):
    near, far = 1, 8


class HealthyHttps(Healthy):
    url = f"https://{HOST}/"
    far = 80


class HealthyFar(Healthy):
    near, far = 80, 200

    def prepare(self, s):
        super().prepare(s)
        self.url = f"http{s.random.choice(['', 's'])}://{HOST}/"


class HealthyIcmpFiltered(Healthy):
    """No ICMP gets through, in either direction: ping says the server is dead, and it is not."""
    url = f"https://{HOST}/"
    far = 120

    def prepare(self, s):
        super().prepare(s)
        s.quiet_icmp(s.core, s.gw)

    def prove(self, s):
        super().prove(s)
        s.prove(s.ping(count=3)["lost"] == 100, "ping gets nothing")


class HealthyHttp2(Healthy):
    """nginx with HTTP/2 over TLS 1.3."""
    url = f"https://{HOST}/"
    far = 100

    def prepare(self, s):
        s.distance(self.near, self.far).names()
        s.authority = servers.Authority(s.lab)
        s.authority.trust(s.client)
        servers.nginx(s.server, s.authority.issue(HOST), body=int(s.between(200, 12000)))


class HealthyAddress(Healthy):
    """HOST:PORT without a name: no look-up, no HTTP to be sure of."""
    far = 150

    def target(self, s, faulty):
        return f"http://{s.server.addr4}/"


class HealthyLarge(Healthy):
    """A page that takes several round trips, on a path with enough bandwidth."""
    near, far = 2, 40

    def prepare(self, s):
        s.standard(self.near, self.far, size=int(s.between(150000, 400000)))
        s.path.set(rate="50mbit", limit="500kb")  # so long that slow start does not overrun it
