#!/usr/bin/env python3
"""An HTTP/1.1 server that misbehaves on demand. Started with its configuration as one argument (JSON):

    {"listen": [{"port": 80}, {"port": 443, "cert": FILE, "key": FILE}], "default": BEHAVIOUR, "paths": {"/x": BEHAVIOUR}}

It prints {"ready":true}, then takes lines of JSON on standard input (the same keys; "default" and "paths" are merged in), answers
each with {"ok":true}, or {"stats":{...}} for {"stats":true}, and ends with its input. BEHAVIOUR, all optional:

    accept         "normal", "reset" (RST at once), "close" (FIN at once), "never" (nobody calls accept: the queue overflows)
    accept_ms      pause between two accepts              backlog        of listen(), when it starts
    crowd          other clients that keep connecting and hold a place of the queue each (crowd_ms: their pause)
    tls_ms         pause before the TLS handshake         think_ms       from the request to the first byte; [low, high]: random
    every          think only at every n-th request (or odds: this often, 0..1)
    status, size, type, headers                           answer         false: reads the request and never answers
    chunk, pause_ms   the body in pieces with pauses      reset_at       RST after so many bytes of the body
    close_at       FIN after so many                      keep_alive     false: closes after each answer
"""
import json
import os
import random
import socket
import ssl
import struct
import sys
import threading
import time

REASONS = {200: "OK", 301: "Moved Permanently", 404: "Not Found", 500: "Internal Server Error", 502: "Bad Gateway",
           503: "Service Unavailable", 504: "Gateway Timeout"}
config = {"default": {}, "paths": {}}
stats = {"accepted": 0, "requests": 0, "think_ms": [], "tls_ms": [], "body_ms": []}
lock = threading.Lock()
chooser = random.Random()


def behaviour(path=None):
    with lock:
        return {**config["default"], **config["paths"].get(path, {})}


def note(name, began):
    with lock:
        stats[name].append(round((time.monotonic() - began) * 1000, 1))
        del stats[name][:-200]


def abort(connection):
    """Closes with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(connection, ssl.SSLSocket):
        os.close(connection.detach())
    else:
        connection.close()


def read_request(reader):
    """The path of the next request, or None at the end."""
    first = reader.readline(65536).decode("latin-1").split()
    if len(first) < 2:
        return None, False
    length, keep = 0, True
    while True:
        line = reader.readline(65536).decode("latin-1").strip()
        if not line:
            break
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            length = int(value)
        if name.lower() == "connection" and "close" in value.lower():
            keep = False
    while length > 0:
        got = reader.read(min(length, 65536))
        if not got:
            break
        length -= len(got)
    return first, keep


def thinks(how):
    with lock:
        stats["requests"] += 1
        number = stats["requests"]
    wait = how.get("think_ms", 0)
    if isinstance(wait, list):
        wait = chooser.uniform(*wait)
    if number % how.get("every", 1) or chooser.random() > how.get("odds", 1):
        return 0
    return wait


def send_body(connection, how, size):
    began, sent = time.monotonic(), 0
    chunk, pause = how.get("chunk", 65536), how.get("pause_ms", 0) / 1000
    stop = min(size, how.get("reset_at", size), how.get("close_at", size))
    while sent < stop:
        piece = min(chunk, stop - sent)
        connection.sendall(b"x" * piece)
        sent += piece
        if pause and sent < stop:
            time.sleep(pause)
    note("body_ms", began)
    return sent == size


def answer(connection, words, keep):
    """Returns False when the connection is to be closed."""
    path = words[1]
    how, began = behaviour(path), time.monotonic()
    time.sleep(thinks(how) / 1000)
    note("think_ms", began)
    if how.get("answer") is False:
        while connection.recv(4096):
            pass
        return False
    status, size = how.get("status", 200), how.get("size", 200)
    keep = keep and how.get("keep_alive", True)
    head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", f"Content-Length: {size}",
            f"Content-Type: {how.get('type', 'text/plain')}", f"Connection: {'keep-alive' if keep else 'close'}",
            *(f"{k}: {v}" for k, v in how.get("headers", {}).items())]
    connection.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
    if words[0] == "HEAD":
        return keep
    if not send_body(connection, how, size):
        if "reset_at" in how:
            time.sleep(0.05)
            abort(connection)
        return False
    return keep


def serve(connection, context):
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context:
            how, began = behaviour(), time.monotonic()
            time.sleep(how.get("tls_ms", 0) / 1000)
            connection = context.wrap_socket(connection, server_side=True)
            note("tls_ms", began)
        reader = connection.makefile("rb")
        while True:
            words, keep = read_request(reader)
            if not words or not answer(connection, words, keep):
                break
    except (OSError, ValueError):
        pass
    finally:
        try:
            connection.close()
        except OSError:
            pass


def accept_loop(listener, context):
    while True:
        if behaviour().get("accept") == "never":
            time.sleep(0.1)
            continue
        connection, _ = listener.accept()
        how = behaviour()
        kind = how.get("accept", "normal")
        with lock:
            stats["accepted"] += 1
        if kind == "reset":
            abort(connection)
        elif kind == "close":
            connection.close()
        else:
            threading.Thread(target=serve, args=(connection, context), daemon=True).start()
        if how.get("accept_ms"):
            time.sleep(how["accept_ms"] / 1000)


def crowd_member(port, address, pause):
    """Another client: comes again when the server is done with it. It is impatient: no kernel's ever longer pauses between SYNs."""
    while True:
        try:
            with socket.create_connection((address, port), chooser.uniform(0.4, 1.2)) as connection:
                connection.settimeout(10)
                connection.sendall(b"GET /crowd HTTP/1.1\r\nConnection: close\r\n\r\n")
                while connection.recv(65536):
                    pass
        except OSError:
            pass
        time.sleep(chooser.uniform(pause / 2, pause * 1.5))


def listen(place, how):
    context = None
    if place.get("cert"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place["cert"], place["key"])
        context.set_alpn_protocols(["http/1.1"])
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((address, place["port"]))
        listener.listen(how.get("backlog", 128))
        threading.Thread(target=accept_loop, args=(listener, context), daemon=True).start()
        for _ in range(how.get("crowd", 0)):
            loopback = "127.0.0.1" if family == socket.AF_INET else "::1"
            threading.Thread(target=crowd_member, args=(place["port"], loopback, how.get("crowd_ms", 100) / 1000),
                             daemon=True).start()


def main():
    given = json.loads(sys.argv[1])
    config["default"], config["paths"] = given.get("default", {}), given.get("paths", {})
    chooser.seed(given.get("seed", 1))
    threading.stack_size(256 * 1024)
    for place in given["listen"]:
        listen(place, config["default"])
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        change = json.loads(line)
        with lock:
            config["default"].update(change.get("default", {}))
            config["paths"].update(change.get("paths", {}))
            reply = {"stats": stats} if change.get("stats") else {"ok": True}
            text = json.dumps(reply)
        print(text, flush=True)


if __name__ == "__main__":
    main()
