#!/usr/bin/env python3
"""A name server that misbehaves on purpose: oddns.py ADDRESS=BEHAVIOUR ... (port 53, UDP and TCP).

Behaviours: words joined by '+', of which the first that fits decides.
    ok          A 192.0.2.1 and AAAA 2001:db8::1, over UDP and TCP
    dead        takes questions and says nothing; over TCP it accepts and says nothing
    icmp        nobody listens
    servfail refused formerr notimp nodata nx lame
    no6 nx6 nodata6 servfail6    the same for AAAA alone, A is ok
    slowN       answers after N milliseconds
    tc          cut over UDP; over TCP as `ok`
    tcnotcp     cut over UDP; nobody listens over TCP
    wrongid wrongname wrongtype  first an answer with that wrong, then the right one
    wrongport   first the right answer from another port
    onlywrong   an answer with another id, and nothing else
    flood       strays without end, then nothing
    garbage cut loop short       something that is no message
    big         an answer beyond what was asked for
    tcpclose tcphalf tcpslow     over TCP: closes at once, in the middle, sends octet by octet
    axfrcut axfrodd axfrstop     zone transfers: ends before its end, without a SOA, goes silent in the middle
Names that begin with nx do not exist; of names under search.lab only web exists."""
import socket
import struct
import sys
import threading
import time

TYPES = {1: bytes([192, 0, 2, 1]), 28: bytes.fromhex("20010db8000000000000000000000001")}
CODES = {"formerr": 1, "servfail": 2, "nx": 3, "notimp": 4, "refused": 5}


def question(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    return ".".join(labels), struct.unpack(">H", query[at + 1:at + 3])[0], query[12:at + 5]


def message(ident, asked, code=0, records=(), flags=0x8180):
    return ident + struct.pack(">HHHHH", flags | code, 1, len(records), 0, 0) + asked + b"".join(records)


def record(kind, data, ttl=60):
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def plain(query, kind_of):
    """The answer of an honest server in this mood."""
    name, kind, asked = question(query)
    ident = query[:2]
    if name.startswith("nx") or (name.endswith("search.lab") and not name.startswith("web.")):
        return message(ident, asked, 3)
    if kind == 28 and kind_of.endswith("6"):
        kind_of = kind_of[:-1]
    elif kind_of.endswith("6"):
        kind_of = "ok"
    if kind_of in CODES:
        return message(ident, asked, CODES[kind_of])
    if kind_of == "lame":
        return message(ident, asked, flags=0x8000)
    if kind_of == "nodata" or kind not in TYPES:
        return message(ident, asked)
    return message(ident, asked, records=[record(kind, TYPES[kind])])


def udp_answers(query, mood):
    """What is sent, in order: (seconds to wait before it, octets)."""
    name, kind, asked = question(query)
    ident, other = query[:2], bytes([query[0] ^ 0x55, query[1]])
    good = plain(query, mood)
    if mood == "dead" or (mood == "no6" and kind == 28):
        return []
    if mood.startswith("slow"):
        return [(int(mood[4:]) / 1000, plain(query, "ok"))]
    if mood in ("tc", "tcnotcp", "tcpclose", "tcphalf", "tcpslow"):
        return [(0, message(ident, asked, flags=0x8380))]
    if mood == "onlywrong":
        return [(0, other + good[2:])]
    if mood == "wrongid":
        return [(0, other + good[2:]), (0, good)]
    if mood == "wrongname":
        return [(0, message(ident, b"\5wrong\3lab\0" + asked[-4:])), (0, good)]
    if mood == "wrongtype":
        return [(0, message(ident, asked[:-4] + struct.pack(">HH", kind ^ 0x0f00, 1))), (0, good)]
    if mood == "flood":
        return [(0, other + good[2:])] * 3000
    broken = {"garbage": ident + b"\x81\x80" + b"\xff" * 40, "cut": good[:-3], "short": ident + b"\x81",
              "loop": message(ident, b"\xc0\x0c" + asked[-4:]),
              "big": message(ident, asked, records=[record(kind, TYPES.get(kind, b""))] * 700)}
    return [(0, broken.get(mood, good))]


def serve_udp(sock, mood):
    stray = socket.socket(sock.family, socket.SOCK_DGRAM)
    stray.bind((sock.getsockname()[0], 0))
    while True:
        query, peer = sock.recvfrom(4096)
        if mood == "wrongport":
            stray.sendto(plain(query, "ok"), peer)
        for wait, octets in udp_answers(query, mood):
            if wait:
                threading.Timer(wait, sock.sendto, (octets, peer)).start()
            else:
                sock.sendto(octets, peer)


def transfer(connection, query, mood):
    _, _, asked = question(query)
    soa = record(6, b"\0\0" + struct.pack(">IIIII", 7, 1, 2, 3, 4))
    first = [record(1, TYPES[1])] if mood == "axfrodd" else [soa, record(1, TYPES[1])]
    for records in (first, [record(1, TYPES[1])] * 500):
        octets = message(query[:2], asked, records=records, flags=0x8400)
        connection.sendall(struct.pack(">H", len(octets)) + octets)
    if mood == "axfrstop":
        time.sleep(3600)
    connection.close()


def serve_one(connection, mood):
    while True:
        head = connection.recv(2, socket.MSG_WAITALL)
        if len(head) < 2:
            return
        query = connection.recv(struct.unpack(">H", head)[0], socket.MSG_WAITALL)
        answer = plain(query, "ok" if mood.startswith("tc") else mood)
        octets = struct.pack(">H", len(answer)) + answer
        if mood == "dead":
            time.sleep(3600)
        elif mood.startswith("axfr"):
            transfer(connection, query, mood)
            return
        elif mood == "tcpclose":
            connection.close()
            return
        elif mood == "tcphalf":
            connection.sendall(octets[:len(octets) // 2])
            connection.close()
            return
        elif mood == "tcpslow":
            for at in range(len(octets)):
                connection.sendall(octets[at:at + 1])
                time.sleep(0.001)
        elif mood == "wrongid":
            wrong = struct.pack(">H", len(answer)) + bytes([answer[0] ^ 0x55]) + answer[1:]
            connection.sendall(wrong + octets)
        else:
            connection.sendall(octets)


def serve_tcp(listener, mood):
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve_one, args=(connection, mood), daemon=True).start()


def main():
    for word in sys.argv[1:]:
        address, mood = word.split("=")
        if mood == "icmp":
            continue
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_DGRAM)
        sock.bind((address, 53))
        threading.Thread(target=serve_udp, args=(sock, mood), daemon=True).start()
        if mood != "tcnotcp":
            listener = socket.socket(family)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((address, 53))
            listener.listen(16)
            threading.Thread(target=serve_tcp, args=(listener, mood), daemon=True).start()
    print("{}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
