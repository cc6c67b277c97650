"""Servers for the nodes of a lab: HTTP(S) that misbehaves, nginx, real name servers, certificates, traffic."""
import datetime
import json
import os
import subprocess
import sys

from lab import HERE, LabError

STAMP = "%Y%m%d%H%M%SZ"


class Authority:
    """A certificate authority of the lab's own, in the lab's folder."""

    def __init__(self, lab):
        self.lab, self.folder, self.count = lab, os.path.join(lab.folder, "ca"), 0
        os.makedirs(self.folder)
        self.pem = self._path("ca.pem")
        for name, text in (("index.txt", ""), ("serial", "1000\n"), ("ca.cnf", f"""
[ca]
default_ca = lab
[lab]
dir = {self.folder}
database = $dir/index.txt
serial = $dir/serial
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
""")):
            with open(self._path(name), "w", encoding="ascii") as file:
                file.write(text)
        self._self_signed("ca", "Lab Authority", ["-addext", "keyUsage=critical,keyCertSign,cRLSign"])

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *args):
        done = subprocess.run(["openssl", *args], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise LabError(f"openssl {args[0]}: {done.stderr}")
        return done.stdout

    def _self_signed(self, name, subject, more):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "60",
                      "-keyout", self._path(f"{name}.key"), "-out", self._path(f"{name}.pem"), "-subj", f"/CN={subject}", *more)

    def issue(self, *names, days=60, age=10, self_signed=False):
        """A certificate for DNS names and addresses, valid from `age` days ago for `days` days from now (negative: expired).
        Returns {"cert": FILE, "key": FILE} as a listen entry of httpd takes it."""
        self.count += 1
        base = f"leaf{self.count}"
        alternatives = ",".join(f"{'IP' if n.replace('.', '').isdigit() or ':' in n else 'DNS'}:{n}" for n in names)
        extension = ["-addext", f"subjectAltName={alternatives}"]
        if self_signed:
            self._self_signed(base, names[0], extension)
        else:
            now = datetime.datetime.now(datetime.timezone.utc)
            start, end = now - datetime.timedelta(days=max(age, 1 - days)), now + datetime.timedelta(days=days)
            self._openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                          self._path(f"{base}.key"), "-out", self._path(f"{base}.csr"), "-subj", f"/CN={names[0]}", *extension)
            self._openssl("ca", "-batch", "-notext", "-config", self._path("ca.cnf"), "-in", self._path(f"{base}.csr"), "-out",
                          self._path(f"{base}.pem"), "-startdate", start.strftime(STAMP), "-enddate", end.strftime(STAMP))
        return {"cert": self._path(f"{base}.pem"), "key": self._path(f"{base}.key")}

    def trust(self, node):
        """Programs in the node trust this authority and no other: it becomes their /etc/ssl."""
        certs = f"/etc/netns/{node.netns}/ssl/certs"
        os.makedirs(certs, exist_ok=True)
        hashed = self._openssl("x509", "-in", self.pem, "-noout", "-hash").strip()
        with open(self.pem, encoding="ascii") as file:
            text = file.read()
        for name in ("ca-certificates.crt", f"{hashed}.0"):
            with open(os.path.join(certs, name), "w", encoding="ascii") as file:
                file.write(text)
        if os.path.exists("/etc/ssl/openssl.cnf"):
            with open("/etc/ssl/openssl.cnf", encoding="utf-8") as file:
                node.etc("ssl/openssl.cnf", file.read())


class Httpd:
    """httpd.py in a node. listen: entries as in its description, or just port numbers."""

    def __init__(self, node, listen=(80,), paths=None, seed=1, **default):
        listen = [place if isinstance(place, dict) else {"port": place} for place in listen]
        given = {"listen": listen, "default": default, "paths": paths or {}, "seed": seed}
        self.process = node.start(sys.executable, "-BS", os.path.join(HERE, "httpd.py"), json.dumps(given),
                                  stdout=subprocess.PIPE)
        self.process.read_reply()

    def change(self, paths=None, **default):
        self.process.ask(json.dumps({"default": default, "paths": paths or {}}))

    def stats(self):
        return self.process.ask('{"stats": true}')["stats"]

    def stop(self):
        self.process.stop()


def _write(node, name, text):
    path = os.path.join(node.lab.folder, f"{node.name}-{name}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def unbound(node, records=(), port=53, config="", zone="lab.example.", access="allow"):
    """A resolver that answers from `records` ("www.lab.example. A 10.0.3.2"), says NXDOMAIN for the rest of `zone`, and what
    else `config` (lines of unbound.conf after the server section's) makes it do."""
    data = "".join(f'    local-data: "{r}"\n' for r in records)
    path = _write(node, f"unbound-{port}.conf", f"""
server:
    interface: 0.0.0.0@{port}
    interface: ::0@{port}
    username: ""
    chroot: ""
    pidfile: ""
    directory: "{node.lab.folder}"
    use-syslog: no
    logfile: ""
    module-config: "iterator"
    do-not-query-localhost: no
    access-control: 0.0.0.0/0 {access}
    access-control: ::/0 {access}
    num-threads: 1
    so-reuseport: no
    minimal-responses: yes
    local-zone: "example." nodefault
    local-zone: "{zone}" {'static' if records else 'nodefault'}
{data}{config}
remote-control:
    control-enable: no
""")
    return node.start("unbound", "-d", "-c", path).wait_listening(port, "udp")


def nsd(node, zones, port=53):
    """Authoritative: zones is {"lab.example": "@ SOA ... (zone file text)"}; a zone with None is configured but has no file, so
    that it is answered with SERVFAIL."""
    text = f"""
server:
    ip-address: 0.0.0.0@{port}
    ip-address: ::0@{port}
    username: ""
    chroot: ""
    pidfile: ""
    zonesdir: "{node.lab.folder}"
    xfrdfile: ""
    database: ""
    zonelistfile: "{node.lab.folder}/{node.name}-zones.list"
    xfrdir: "{node.lab.folder}"
    server-count: 1
remote-control:
    control-enable: no
"""
    for name, content in zones.items():
        path = f"{node.lab.folder}/missing" if content is None else _write(node, f"{name}.zone", content)
        text += f'zone:\n    name: "{name}"\n    zonefile: "{path}"\n'
    return node.start("nsd", "-d", "-c", _write(node, f"nsd-{port}.conf", text)).wait_listening(port, "udp")


def zone(origin, *records):
    """Text of a zone file: zone("lab.example", "www A 10.0.3.2")."""
    return (f"$ORIGIN {origin}.\n$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\n" +
            "".join(f"{r}\n" for r in records))


def dnsmasq(node, records=(), port=53, *options):
    """records: ("www.lab.example", "10.0.3.2") pairs."""
    hosts = [f"--host-record={name},{address}" for name, address in records]
    return node.start("dnsmasq", "-k", "-C", "/dev/null", f"--port={port}", "--no-resolv", "--no-hosts", "--user=root",
                      "--pid-file=", *hosts, *options).wait_listening(port, "udp")


def knot(node, zones, port=53):
    """Authoritative, like nsd()."""
    text = (f"server:\n    listen: [0.0.0.0@{port}, ::@{port}]\n    rundir: {node.lab.folder}\n"
            f"database:\n    storage: {node.lab.folder}/knot-{node.name}\nlog:\n  - target: stderr\n    any: warning\nzone:\n")
    for name, content in zones.items():
        text += f"  - domain: {name}\n    file: {_write(node, f'{name}.zone', content)}\n    zonefile-sync: -1\n"
    return node.start("knotd", "-c", _write(node, f"knot-{port}.conf", text)).wait_listening(port, "udp")


def nginx(node, certificate=None, ports=(80,), tls_port=443, body=200):
    """A static site; with a certificate also HTTP/2 over TLS."""
    root = os.path.join(node.lab.folder, f"{node.name}-www")
    os.makedirs(root, exist_ok=True)
    with open(f"{root}/index.html", "wb") as file:
        file.write(b"x" * body)
    listens = "".join(f"        listen {p}; listen [::]:{p};\n" for p in ports)
    if certificate:
        listens += (f"        listen {tls_port} ssl http2; listen [::]:{tls_port} ssl http2;\n"
                    f"        ssl_certificate {certificate['cert']}; ssl_certificate_key {certificate['key']};\n")
    temporary = "".join(f"    {kind}_temp_path {root}-{kind};\n"
                        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = _write(node, "nginx.conf", f"""
daemon off; master_process off; pid {root}.pid; error_log stderr;
events {{ worker_connections 256; }}
http {{
    access_log off;
{temporary}    server {{
{listens}        root {root};
    }}
}}
""")
    process = node.start("nginx", "-e", "stderr", "-c", path)
    for port in (*ports, *([tls_port] if certificate else [])):
        process.wait_listening(port)
    return process


def fetch_forever(node, url, rate="100k", pause=0.2):
    """Background load: somebody else who fetches the URL again and again, at most so many bytes a second."""
    return node.start("sh", "-c", f"while :; do curl -s -m 20 --limit-rate {rate} -o /dev/null '{url}'; sleep {pause}; done")
