"""Services and clients of every kind, for test_service.py: service_player.py server MODE PORT | client MODE ADDRESS PORT N."""
import os
import resource
import socket
import struct
import sys
import threading
import time

RUN_SECONDS = 30


def listen(port, backlog=64, **options):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if options.get("sndbuf"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, options["sndbuf"])
    sock.bind(("0.0.0.0", port))
    sock.listen(backlog)
    return sock


def spin(seconds):
    """Uses the CPU, as a program that computes does."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def answer(conn, mode):
    """Requests of 10 bytes, each answered by 10, but for what the mode is about."""
    served = 0
    while True:
        request = conn.recv(10)
        if not request:
            if mode == "no-close":
                time.sleep(RUN_SECONDS)
            return conn.close()
        if request.startswith(b"W"):
            continue  # wants no answer
        served += 1
        if mode == "slow":
            time.sleep(0.8)
        if mode == "compute":
            spin(0.05)
        if mode == "hang" and served > 1:
            time.sleep(RUN_SECONDS)
        if mode == "no-read" and served > 1:
            time.sleep(RUN_SECONDS)
        if mode == "bulk":
            try:
                while True:
                    conn.sendall(b"x" * 65536)
            except OSError:
                return None
        conn.sendall(b"0123456789")
        if mode == "no-read" and served == 1:
            time.sleep(RUN_SECONDS)
    return None


def udp_server(port):
    """Reads nothing."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    sock.bind(("0.0.0.0", port))
    print("ready", flush=True)
    time.sleep(RUN_SECONDS)


def udp_client(address, port):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    end = time.monotonic() + RUN_SECONDS
    while time.monotonic() < end:
        sock.sendto(b"x" * 1000, (address, port))
        time.sleep(0.02)


def server(mode, port):
    if mode == "udp":
        return udp_server(port)
    sock = listen(port, backlog=2 if mode == "no-accept" else 64, sndbuf=8192 if mode == "sndbuf" else 0)
    print("ready", flush=True)
    if mode == "no-accept":
        time.sleep(RUN_SECONDS)
    while True:
        conn, _ = sock.accept()
        threading.Thread(target=answer, args=(conn, "bulk" if mode == "sndbuf" else mode), daemon=True).start()


def ask(address, port, mode):
    end = time.monotonic() + RUN_SECONDS
    while time.monotonic() < end:
        try:
            with socket.create_connection((address, port), timeout=RUN_SECONDS) as conn:
                if mode == "leave":
                    conn.sendall(b"0123456789")
                    conn.recv(10)
                    conn.shutdown(socket.SHUT_WR)
                    time.sleep(RUN_SECONDS)
                if mode == "download" or mode == "stuck":
                    if mode == "stuck":
                        conn.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                    conn.sendall(b"0123456789")
                    while time.monotonic() < end:
                        if mode == "stuck":
                            time.sleep(1)
                        elif not conn.recv(1 << 20):
                            break
                while time.monotonic() < end:
                    conn.sendall(b"0123456789")
                    if not conn.recv(10):
                        break
                    if mode == "last-word":
                        conn.sendall(b"WWWWWWWWWW")
                        time.sleep(0.6)
                    time.sleep(0.05)
        except OSError:
            time.sleep(0.2)


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def flood(address, port, count):
    """SYNs from addresses of this network that nobody has: their SYN-ACKs are answered by no one."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    base = address.rsplit(".", 1)[0]
    end = time.monotonic() + RUN_SECONDS
    number = 0
    while time.monotonic() < end:
        for _ in range(count):
            number += 1
            source = socket.inet_aton(f"{base}.{100 + number % 100}")
            target = socket.inet_aton(address)
            tcp = struct.pack("!HHIIBBHHH", 1024 + number % 60000, port, number, 0, 5 << 4, 2, 65535, 0, 0)
            tcp = tcp[:16] + struct.pack("!H", checksum(source + target + struct.pack("!BBH", 0, 6, 20) + tcp)) + tcp[18:]
            ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40, 0, 0, 64, 6, 0, source, target)
            raw.sendto(ip + tcp, (address, 0))
        time.sleep(0.1)


def client(mode, address, port, count):
    if mode == "flood":
        return flood(address, port, count)
    if mode == "udp":
        return udp_client(address, port)
    threads = [threading.Thread(target=ask, args=(address, port, mode), daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()
    return None


if __name__ == "__main__":
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, soft))
    if sys.argv[1] == "server":
        server(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1] == "hog":
        os.sched_setaffinity(0, {int(sys.argv[2])})
        spin(float(sys.argv[3]))
    else:
        client(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
