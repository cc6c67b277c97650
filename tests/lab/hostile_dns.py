#!/usr/bin/env python3
"""An authority that means harm: hostile_dns.py ADDRESS=BEHAVIOUR ... (port 53, UDP).

    up       refers to the root            self     refers to the zone itself
    crowd    refers to 120 name servers without glue
    chain    CNAMEs without end, each to a new name
    garbage loop empty    no message, a compression loop, a header alone
    late     the right answer after 4 seconds
    spoofed  a hundred answers with wrong ids, names and types before the right one
    cut      TC, and nobody listens over TCP
    huge     a message of 60,000 octets
    other    the right answer, to another question"""
import itertools
import socket
import struct
import sys
import threading

COUNTER = itertools.count()


def name(text):
    return b"".join(bytes([len(l)]) + l.encode() for l in text.strip(".").split(".") if l) + b"\0"


def record(owner, kind, data, ttl=60):
    return owner + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def message(ident, asked, flags, answer=(), authority=(), additional=()):
    counts = (len(answer), len(authority), len(additional))
    return ident + struct.pack(">HHHHH", flags, 1, *counts) + asked + b"".join([*answer, *authority, *additional])


def replies(query, mood):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    kind, asked, ident = struct.unpack(">H", query[at + 1:at + 3])[0], query[12:at + 5], query[:2]
    zone = ".".join(labels[-2:])
    right = message(ident, asked, 0x8400, [record(b"\xc0\x0c", 1, bytes([192, 0, 2, 66]))] if kind == 1 else [])
    wrong = bytes([ident[0] ^ 0x33, ident[1]])
    if mood == "up":
        return [message(ident, asked, 0x8000, authority=[record(b"\0", 2, name("ns.evil"))])]
    if mood == "self":
        return [message(ident, asked, 0x8000, authority=[record(name(zone), 2, name("ns." + zone))])]
    if mood == "crowd":
        cut = name(".".join(labels[-3:]))
        return [message(ident, asked, 0x8000, authority=[record(cut, 2, name(f"ns{i}.nowhere{i}.corp")) for i in range(120)])]
    if mood == "chain":
        return [message(ident, asked, 0x8400, [record(b"\xc0\x0c", 5, name(f"x{next(COUNTER)}.{zone}"))])]
    if mood == "spoofed":
        strays = [wrong + right[2:], message(ident, name("wrong.corp") + asked[-4:], 0x8400), message(ident, asked[:-4] + b"\0\x10\0\1", 0x8400)]
        return strays * 33 + [right]
    return {"garbage": [ident + b"\x84\0" + b"\xff" * 50], "loop": [message(ident, b"\xc0\x0c" + asked[-4:], 0x8400)], "empty": [ident + b"\x84\0"],
            "cut": [message(ident, asked, 0x8600)], "huge": [message(ident, asked, 0x8400, [record(b"\xc0\x0c", 16, b"\xff" + b"x" * 255)] * 220)],
            "other": [message(ident, name("other.corp") + asked[-4:], 0x8400)]}.get(mood, [right])


def serve(sock, mood):
    while True:
        query, peer = sock.recvfrom(4096)
        for octets in replies(query, mood):
            if mood == "late":
                threading.Timer(4, sock.sendto, (octets, peer)).start()
            else:
                sock.sendto(octets, peer)


for word in sys.argv[1:]:
    place, behaviour = word.split("=")
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.bind((place, 53))
    threading.Thread(target=serve, args=(listener, behaviour), daemon=True).start()
print("{}", flush=True)
threading.Event().wait()
