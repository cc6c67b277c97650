"""A DNS of its own for the lab: a private root, a top-level domain and zones below, signed or not, on real authorities (nsd), with real
resolvers (unbound).

    client ~~~path~~~ world     world holds all servers, each at addresses of its own: 10.0.1.10 the root, .20 corp, .30 its zones ...

    world = World(self.lab(TOPOLOGY))
    world.zone("site.corp", ["www A 192.0.2.80"], servers=("10.0.1.30", "10.0.1.31"))
    world.start()                      signs, delegates, serves; world.hints is the file for --root
    world.resolver("10.0.1.53")        an unbound that validates from this root
"""
import os
import re
import subprocess
import time

from lab import LabError, Topology

TOPOLOGY = Topology("client ~~~path~~~ world", links={"path": ("client", "world")}, emulated=("path",))
ROOT, TLD, SITE = ("10.0.1.10", "10.0.1.11"), ("10.0.1.20", "10.0.1.21"), ("10.0.1.30", "10.0.1.31")
RESOLVER = "10.0.1.53"


class Zone:
    def __init__(self, name, records, servers, **how):
        self.name, self.records, self.servers = name.strip("."), list(records), servers
        self.signed = how.pop("signed", True)
        self.nsec3 = how.pop("nsec3", False)
        self.ds = how.pop("ds", True)                # False: the parent does not know; a text: this DS instead
        self.ns = how.pop("ns", None)                # names instead of ns1, ns2 ... in the zone
        self.parent_ns = how.pop("parent_ns", None)  # what the parent says instead: [(name, address or None)]
        self.glue = how.pop("glue", True)
        self.soa = how.pop("soa", "3600 600 86400 60")
        self.times = how.pop("times", ())            # of dnssec-signzone: ("-s", "...", "-e", "...", "-P")
        self.strip = how.pop("strip", None)          # a pattern of lines that are lost after signing
        self.serve = how.pop("serve", True)          # False: its servers do not know the zone
        self.per_server = how.pop("per_server", {})  # address: records instead
        self.serial = how.pop("serial", 1)
        self.apex = how.pop("apex", [])              # more at the apex
        if how:
            raise LabError(f"unknown: {list(how)}")

    origin = property(lambda self: self.name + "." if self.name else ".")

    def server_names(self):
        return self.ns or [f"ns{i}.{self.origin}".replace("..", ".") for i in range(1, len(self.servers) + 1)]

    def text(self, records=None, serial=None):
        lines = [f"$ORIGIN {self.origin}", "$TTL 300",
                 f"@ SOA {self.server_names()[0]} hostmaster.{self.origin if self.name else 'root.'} {serial or self.serial} {self.soa}"]
        for i, name in enumerate(self.server_names()):
            lines.append(f"@ NS {name}")
            if i < len(self.servers) and (name.endswith("." + self.origin) or not self.name):
                lines.append(f"{name} {'AAAA' if ':' in self.servers[i] else 'A'} {self.servers[i]}")
        return "\n".join(lines + [f"@ {r}" for r in self.apex] + list(self.records if records is None else records)) + "\n"


class World:
    def __init__(self, lab):
        self.lab, self.client, self.node = lab, lab["client"], lab["world"]
        self.device = self.node.interface("path")
        self.zones, self.here, self.servers = {}, set(), {}
        self.folder = os.path.join(lab.folder, "dns")
        os.makedirs(self.folder)
        self.hints = os.path.join(self.folder, "hints")
        self.zone("", [], ROOT)
        self.zone("corp", [], TLD)

    def zone(self, name, records, servers=SITE, **how):
        self.zones[name.strip(".")] = Zone(name, records, servers, **how)
        return self.zones[name.strip(".")]

    def address(self, *addresses):
        for address in addresses:
            if address not in self.here:
                self.here.add(address)
                self.node.ip("addr", "add", f"{address}/{64 if ':' in address else 24}", "dev", self.device, *(["nodad"] if ":" in address else []))

    def _tool(self, *args):
        done = subprocess.run(args, cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise LabError(f"{args[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def _parent(self, name):
        while name:
            name = name.partition(".")[2]
            if name in self.zones:
                return self.zones[name]
        return None

    def _delegation(self, zone):
        lines = []
        names = zone.parent_ns or [(n, zone.servers[i] if i < len(zone.servers) else None) for i, n in enumerate(zone.server_names())]
        for name, address in names:
            lines.append(f"{zone.origin} NS {name}")
            if address and zone.glue and (name.endswith("." + zone.origin) or zone.parent_ns):
                lines.append(f"{name} {'AAAA' if ':' in address else 'A'} {address}")
        if isinstance(zone.ds, str):
            lines.append(f"{zone.origin} DS {zone.ds}")
        elif zone.signed and zone.ds:
            lines.append(self._tool("dnssec-dsfromkey", "-2", zone.key).strip())
        return lines

    def _keys(self, zone):
        zone.key = self._tool("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", zone.origin).strip() + ".key"

    def sign(self, zone, suffix="", records=None, serial=None):
        """Writes the zone (again). Returns its file."""
        path = os.path.join(self.folder, f"{zone.name or 'root'}{suffix}.zone")
        below = [z for z in self.zones.values() if z is not zone and self._parent(z.name) is zone]
        with open(path, "w", encoding="ascii") as file:
            file.write(zone.text(records, serial) + "".join(line + "\n" for z in below for line in self._delegation(z)))
        if not zone.signed:
            return path
        nsec3 = ["-3", "-", "-H", "0"] if zone.nsec3 else []
        self._tool("dnssec-signzone", "-z", "-S", "-P", "-K", self.folder, "-o", zone.origin, "-f", path + ".signed", *nsec3, *zone.times, path)
        if zone.strip:
            with open(path + ".signed", encoding="ascii") as file:
                text = "".join(line.split(";")[0].rstrip() + "\n" for line in file)
            text = re.sub(r"\(([^)]*)\)", lambda match: " ".join(match.group(1).split()), text)  # one line for each record
            with open(path + ".signed", "w", encoding="ascii") as file:
                file.write("".join(line + "\n" for line in text.splitlines() if not re.search(zone.strip, line)))
        return path + ".signed"

    def start(self):
        for zone in self.zones.values():
            if zone.signed:
                self._keys(zone)
        for zone in sorted(self.zones.values(), key=lambda z: -len(z.name)):
            zone.file = self.sign(zone)
        addresses = sorted({a for z in self.zones.values() for a in z.servers})
        self.address(*addresses)
        for address in addresses:
            self.serve(address)
        root = self.zones[""]
        with open(self.hints, "w", encoding="ascii") as file:
            file.write("".join(f"{n}. 3600 A {a}\n" for n, a in zip(("ns1", "ns2"), root.servers)))
            if root.signed:
                with open(os.path.join(self.folder, root.key), encoding="ascii") as key:
                    file.write("".join(line for line in key if not line.startswith(";")))
        return self

    def serve(self, address, port=53):
        """One nsd for the zones of one address."""
        text = f"""server:
    ip-address: {address}@{port}
    username: ""
    chroot: ""
    pidfile: ""
    zonesdir: "{self.folder}"
    xfrdfile: ""
    database: ""
    zonelistfile: "{self.folder}/{address}.list"
    xfrdir: "{self.folder}"
    server-count: 1
    reuseport: no
remote-control:
    control-enable: no
"""
        for zone in self.zones.values():
            if address in zone.servers and zone.serve:
                file = self.sign(zone, "-" + address, *zone.per_server[address]) if address in zone.per_server else zone.file
                text += f'zone:\n    name: "{zone.origin}"\n    zonefile: "{file}"\n'
        path = os.path.join(self.folder, f"nsd-{address}.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        self.servers[address] = self.node.start("nsd", "-d", "-c", path)
        self._wait(address, port)

    def _wait(self, address, port=53):
        wanted = f":{port:04X}"
        local = "".join(f"{int(p):02X}" for p in reversed(address.split("."))) if ":" not in address else None
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with open(f"/proc/{self.servers[address].pid}/net/udp{'6' if ':' in address else ''}", encoding="ascii") as file:
                if any(wanted in line.split()[1] and (not local or line.split()[1].startswith(local)) for line in file.readlines()[1:]):
                    return
            time.sleep(0.01)
        raise LabError(f"nothing listens at {address}: {self.servers[address].output()}")

    def stop(self, address):
        self.servers.pop(address).stop()

    def resolver(self, address=RESOLVER, config="", validate=True, client=True):
        """An unbound that starts at this root."""
        self.address(address)
        path = os.path.join(self.folder, f"unbound-{address}.conf")
        anchor = f'    trust-anchor-file: "{self.hints}.key"\n' if validate and self.zones[""].signed else ""
        if anchor:
            with open(self.hints + ".key", "w", encoding="ascii") as file, open(self.hints, encoding="ascii") as hints:
                file.write("".join(line for line in hints if " DNSKEY " in line or "\tDNSKEY\t" in line))
        plain = os.path.join(self.folder, "root.hints")
        with open(plain, "w", encoding="ascii") as file:
            file.write("".join(f". 3600 NS ns{i}.\nns{i}. 3600 A {a}\n" for i, a in enumerate(self.zones[""].servers, 1)))
        with open(path, "w", encoding="ascii") as file:
            file.write(f"""
server:
    interface: {address}
    outgoing-interface: {address}
    username: ""
    chroot: ""
    directory: "{self.folder}"
    pidfile: ""
    use-syslog: no
    access-control: 0.0.0.0/0 allow
    num-threads: 1
    so-reuseport: no
    do-not-query-localhost: no
    root-hints: "{plain}"
    module-config: "{'validator iterator' if anchor else 'iterator'}"
    ede: yes
    val-log-level: 2
{anchor}{config}
remote-control:
    control-enable: no
""")
        self.servers[address] = self.node.start("unbound", "-d", "-c", path)
        self._wait(address)
        if client:
            self.client.resolvers(address)
        return self

    def dig(self, *words):
        """What dig sees from the client: its whole text."""
        return self.client.run("dig", "+tries=1", "+time=2", *words).stdout

    def trace(self, name, *words, **options):
        return self.client.ntsh("dns", "trace", name, "--root", self.hints, *words, **options)
