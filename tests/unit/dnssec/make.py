#!/usr/bin/env python3
"""Makes the answers beside it anew: zones signed by BIND's tools and by Knot, asked for over TCP. Needs root, knotd, dnssec-signzone.

    make.py          writes ZONE.QUESTION as messages in wire form, and `made` with the time at which they were signed"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ALGORITHMS = {"rsasha256": "RSASHA256", "rsasha512": "RSASHA512", "rsasha1": "RSASHA1", "p256": "ECDSAP256SHA256", "p384": "ECDSAP384SHA384",
              "ed25519": "ED25519", "ed448": "ED448"}
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "DS": 43, "DNSKEY": 48}
RECORDS = """$TTL 300
@ SOA Ns.Example. hostmaster 1 3600 600 86400 60
@ NS ns
@ MX 10 Mail
ns A 192.0.2.1
Mail A 192.0.2.2
www A 192.0.2.3
www A 192.0.2.4
alias CNAME WWW
*.wild A 192.0.2.5
*.wild TXT "wild"
here.ent.deep A 192.0.2.6
secure NS ns.secure
secure DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ns.secure A 192.0.2.7
plain NS ns.plain
ns.plain A 192.0.2.8
zz A 192.0.2.9
"""
QUESTIONS = [("", "DNSKEY"), ("", "SOA"), ("", "MX"), ("www", "A"), ("www", "TXT"), ("nope", "A"), ("a.b.nope", "A"), ("zzz", "A"),
             ("alias", "A"), ("x.wild", "A"), ("x.wild", "MX"), ("wild", "A"), ("ent.deep", "A"), ("x.plain", "A"), ("x.secure", "A"),
             ("plain", "DS"), ("www", "DS")]


def sign_with_bind(folder, zone, algorithm, *how):
    path = os.path.join(folder, zone)
    with open(path, "w", encoding="ascii") as file:
        file.write(f"$ORIGIN {zone}.\n{RECORDS}")
    bits = ["-b", "2048"] if algorithm.startswith("RSA") else []
    if "-3" in how and algorithm == "RSASHA1":
        algorithm = "NSEC3RSASHA1"
    for kind in ([], ["-f", "KSK"]):
        subprocess.run(["dnssec-keygen", "-K", folder, "-q", "-a", algorithm, *bits, *kind, zone], check=True, capture_output=True)
    subprocess.run(["dnssec-signzone", "-S", "-K", folder, "-o", zone, "-f", path + ".signed", *how, path], check=True, capture_output=True,
                   cwd=folder)
    return path + ".signed"


def ask(zone, name, kind):
    labels = [l for l in f"{name}.{zone}".strip(".").split(".") if l]
    question = b"".join(bytes([len(l)]) + l.encode() for l in labels) + b"\0" + struct.pack(">HH", TYPES[kind], 1)
    query = struct.pack(">HHHHHH", 4711, 0, 1, 0, 0, 1) + question + b"\0" + struct.pack(">HHIH", 41, 4096, 0x8000, 0)
    with socket.create_connection(("127.0.0.1", 53)) as sock:
        sock.sendall(struct.pack(">H", len(query)) + query)
        file = sock.makefile("rb")
        return file.read(struct.unpack(">H", file.read(2))[0])


def main():
    if "MAKE_INSIDE" not in os.environ:
        os.execvpe("unshare", ["unshare", "-n", sys.executable, "-B", *sys.argv], {**os.environ, "MAKE_INSIDE": "1"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        zones = {}
        for short, algorithm in ALGORITHMS.items():
            zones[f"{short}.example"] = sign_with_bind(folder, f"{short}.example", algorithm)
        zones["nsec3.example"] = sign_with_bind(folder, "nsec3.example", "ECDSAP256SHA256", "-3", "aabbccdd", "-H", "5")
        zones["optout.example"] = sign_with_bind(folder, "optout.example", "ECDSAP256SHA256", "-3", "-", "-H", "0", "-A")
        os.mkdir(f"{folder}/db")
        text = f"server:\n    listen: 127.0.0.1@53\n    rundir: {folder}\ndatabase:\n    storage: {folder}/db\npolicy:\n"
        for policy, iterations in (("knot", 0), ("iterations", 151)):
            text += f"  - id: {policy}\n    algorithm: ecdsap256sha256\n    nsec3: on\n    nsec3-iterations: {iterations}\n"
        text += "zone:\n"
        for zone, path in zones.items():
            text += f"  - domain: {zone}\n    file: {path}\n    zonefile-sync: -1\n    journal-content: none\n"
        for zone in ("knot", "iterations"):
            plain = os.path.join(folder, zone)
            with open(plain, "w", encoding="ascii") as file:
                file.write(f"$ORIGIN {zone}.example.\n{RECORDS}")
            text += f"  - domain: {zone}.example\n    file: {plain}\n    zonefile-sync: -1\n    dnssec-signing: on\n    dnssec-policy: {zone}\n"
        with open(f"{folder}/knot.conf", "w", encoding="ascii") as file:
            file.write(text)
        server = subprocess.Popen(["knotd", "-c", f"{folder}/knot.conf"])
        try:
            time.sleep(4)
            for zone in [*zones, "knot.example", "iterations.example"]:
                small = zone.startswith(("rsa", "p384", "ed"))
                for name, kind in QUESTIONS:
                    if small and (name, kind) not in [("", "DNSKEY"), ("www", "A"), ("nope", "A")]:
                        continue
                    with open(os.path.join(HERE, f"{zone.split('.')[0]}.{name.replace('.', '_') or 'apex'}.{kind}"), "wb") as file:
                        file.write(ask(zone, name, kind))
            with open(os.path.join(HERE, "made"), "w", encoding="ascii") as file:
                file.write(f"{int(time.time())}\n")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
