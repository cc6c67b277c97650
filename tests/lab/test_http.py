#!/usr/bin/env python3
"""http and tls against servers that behave badly, all on the loopback of a namespace of our own (needs root)."""
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

NTSH = os.environ.get("NTSH", os.path.join(os.path.dirname(__file__), "../../build/ntsh"))
SKIPPED = 77
INSIDE = "NTSH_TEST_HTTP_INSIDE"


def enter():
    """Runs this file again in a network and mount namespace of its own, which end with it."""
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("openssl"):
        print("SKIPPED: needs root, unshare and openssl")
        sys.exit(SKIPPED)
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    env[INSIDE] = "1"
    os.execvpe("unshare", ["unshare", "-n", "-m", sys.executable, "-B"] + sys.argv, env)


class Server:
    """A TCP server whose behaviour is a function of the connection."""

    def __init__(self, behave, family=socket.AF_INET, context=None):
        self.socket = socket.socket(family)
        self.socket.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.behave, self.context = behave, context
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.behave(connection)
        except (OSError, ssl.SSLError):
            pass
        finally:
            connection.close()


def read_head(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        head += more
    return head


def answer(connection, body=b"ok", status="200 OK", headers=()):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


class Thinking:
    """Sleeps before each answer, and notes how long that really took: a busy machine oversleeps."""

    def __init__(self, seconds):
        self.seconds, self.took_ms = seconds, []

    def __call__(self, connection):
        while True:
            read_head(connection)
            began = time.monotonic()
            time.sleep(self.seconds)
            self.took_ms.append((time.monotonic() - began) * 1000)
            answer(connection)


def thinking(seconds):
    return Thinking(seconds)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def dribbling(connection):
    read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(6):
        time.sleep(0.06)
        connection.sendall(b"3\r\nabc\r\n")
    connection.sendall(b"0\r\n\r\n")


def closing(connection):
    read_head(connection)


def resetting(connection):
    read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 5000)
    time.sleep(0.1)
    reset(connection)


def cutting(connection):
    read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 5000)


def babbling(connection):
    read_head(connection)
    connection.sendall(bytes(range(256)) * 64)


def boasting(connection):
    read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (i, b"y" * 1000) for i in range(400)))
    time.sleep(1)


def polite(connection):
    """Says nothing about it, and closes after each response."""
    read_head(connection)
    answer(connection)


def hinting(connection):
    read_head(connection)
    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    time.sleep(0.2)
    answer(connection)


def silent(connection):
    while connection.recv(65536):
        pass


class Statuses:
    """Answers by the path: /status/502, /to/URL; remembers the last head."""

    def __init__(self):
        self.heads = []
        self.server = Server(self.behave)

    def behave(self, connection):
        while True:
            head = read_head(connection).decode()
            self.heads.append(head)
            path = head.split()[1]
            if path.startswith("/status/"):
                answer(connection, status=path.split("/")[2] + " Word")
            elif path.startswith("/to/"):
                answer(connection, status="302 Found", headers=("Location: " + path[4:],))
            else:
                answer(connection, body=path.encode())


class Proxy:
    """Connects for CONNECT, answers everything else itself."""

    def __init__(self):
        self.seen = []
        self.server = Server(self.behave)

    def behave(self, connection):
        head = read_head(connection).decode()
        self.seen.append(head.split("\r\n")[0])
        if not head.startswith("CONNECT"):
            answer(connection, b"by proxy")
            return
        host, port = head.split()[1].rsplit(":", 1)
        if host.startswith("no"):
            answer(connection, status="403 Forbidden")
            return
        far = socket.create_connection((host, int(port)))
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=self.copy, args=(far, connection), daemon=True)
        back.start()
        self.copy(connection, far)

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Authority:
    """Certificates of every kind, made with the openssl program."""

    def __init__(self, folder):
        self.folder = folder
        self.root = self.make("root", "/CN=Test Root", issuer=None, ca=True)
        self.middle = self.make("middle", "/CN=Test Intermediate", issuer="root", ca=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, *args):
        subprocess.run(["openssl", *args], check=True, capture_output=True, cwd=self.folder)

    def make(self, name, subject, issuer="middle", ca=False, names="DNS:localhost,IP:127.0.0.1", begin=None, end=None,
             key=("-newkey", "rsa:2048"), extra=""):
        with open(self.path(name + ".cnf"), "w", encoding="ascii") as file:
            file.write(f"""[req]
distinguished_name=dn
[dn]
[ca]
default_ca=own
[own]
dir={self.folder}
new_certs_dir={self.folder}
database={self.path(name + '.index')}
rand_serial=yes
default_md=sha256
policy=any
unique_subject=no
[any]
commonName=supplied
[x]
basicConstraints=critical,CA:{'TRUE' if ca else 'FALSE'}
{'' if ca else 'subjectAltName=' + names}
{extra}
""")
        with open(self.path(name + ".index"), "w", encoding="ascii"):
            pass
        self.run("req", "-new", *key, "-nodes", "-keyout", name + ".key", "-out", name + ".csr", "-subj", subject, "-config",
                 name + ".cnf")
        signer = ["-selfsign", "-keyfile", name + ".key"] if not issuer else ["-cert", issuer + ".pem", "-keyfile", issuer + ".key"]
        stamp = "%Y%m%d%H%M%SZ"
        now = time.time()
        begin = time.strftime(stamp, time.gmtime(now + (begin if begin is not None else -86400 * 10)))
        end = time.strftime(stamp, time.gmtime(now + (end if end is not None else 86400 * 40)))
        self.run("ca", "-batch", "-config", name + ".cnf", "-extensions", "x", "-in", name + ".csr", "-out", name + ".pem",
                 "-notext", "-startdate", begin, "-enddate", end, *signer)
        return self.path(name + ".pem")

    def context(self, name, chain=("middle",)):
        with open(self.path(name + ".all"), "wb") as file:
            for part in (name, *chain):
                with open(self.path(part + ".pem"), "rb") as source:
                    file.write(source.read())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.load_cert_chain(self.path(name + ".all"), self.path(name + ".key"))
        return context


def ntsh(*args, env=None, user=False):
    words = [NTSH, "--json", *args]
    if user:
        words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *words]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env={**os.environ, **(env or {})})
    if "Sanitizer" in done.stderr or "runtime error" in done.stderr or done.returncode < 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout), done.returncode


class Test(unittest.TestCase):
    def assert_split(self, out, think):
        """What the server says about itself; the rest, next to nothing on a loopback, is the network's. On an idle machine both hold
        within 1 %; the room is for one that runs other tests beside, where programs wait for a processor."""
        exchanges = out["result"]["exchanges"]
        self.assertEqual(len(exchanges), len(think.took_ms))
        for exchange, took in zip(exchanges, think.took_ms):
            self.assertAlmostEqual(exchange["wait_server_ms"], took, delta=took / 20 + 2)
            self.assertLess(exchange["wait_network_ms"], took / 20)


class Http(Test):
    def fetch(self, behave, *args, path="/", **more):
        server = Server(behave)
        return ntsh("http", f"http://127.0.0.1:{server.port}{path}", *args, **more)

    def assert_error(self, found, code, words):
        out, status = found
        self.assertEqual(status, 1, out)
        self.assertEqual(out["error"]["code"], code, out)
        self.assertRegex(out["error"]["message"], words)

    def test_server_time_is_exact(self):
        think = thinking(0.3)
        out, status = self.fetch(think, "-n", "4")
        self.assertEqual(status, 0)
        self.assert_split(out, think)
        self.assertEqual([e["connection"] for e in out["result"]["exchanges"]], ["new", "kept"] * 2)

    def test_server_time_as_a_user(self):
        think = thinking(0.3)
        out, status = self.fetch(think, user=True)
        self.assertEqual(status, 0)
        self.assertTrue(out["result"]["phases"]["exact"])
        self.assert_split(out, think)

    def test_parts_add_up(self):
        out, _ = self.fetch(thinking(0.05))
        phases = out["result"]["phases"]
        parts = sum(v or 0 for k, v in phases.items() if k.endswith("_ms") and not k.endswith("_at_ms") and k != "total_ms")
        self.assertAlmostEqual(parts, phases["total_ms"], delta=0.01)

    def test_dribbling_body_is_the_servers(self):
        out, status = self.fetch(dribbling)
        self.assertEqual(status, 0)
        result = out["result"]
        self.assertEqual(result["body_bytes"], 18)
        self.assertGreaterEqual(result["pauses"], 5)
        self.assertGreater(result["pause_ms"], 290)
        self.assertEqual(result["pause_lossless_ms"], result["pause_ms"])

    def test_early_hints_are_no_answer(self):
        out, status = self.fetch(hinting)
        self.assertEqual((status, out["result"]["status"]), (0, 200))
        self.assertGreater(out["result"]["phases"]["wait_server_ms"], 195)

    def test_broken_responses(self):
        self.assert_error(self.fetch(closing), "ECLOSED", "closed the connection without a response")
        self.assert_error(self.fetch(resetting), "ECONNRESET", "reset in the middle of the body, after 5000 of 100000")
        self.assert_error(self.fetch(cutting), "ECLOSED", "closed in the middle of the body, after 5000 of 100000")
        self.assert_error(self.fetch(babbling), "EPROTO", "no HTTP response")
        self.assert_error(self.fetch(boasting), "EMSGSIZE", "larger than")

    def test_silence_has_a_deadline(self):
        out, status = self.fetch(silent, "--timeout", "1s")
        self.assert_error((out, status), "ETIMEDOUT", "waiting for the first byte.*all that was sent was acknowledged")
        self.assertLess(out["elapsed_ms"], 1500)
        self.assertEqual(out["result"]["exchanges"][0]["reached"], "wait")

    def test_closed_after_each_response(self):
        out, status = self.fetch(polite, "-n", "4")
        self.assertEqual(status, 0)
        self.assertEqual([e["connection"] for e in out["result"]["exchanges"]], ["new"] * 4)

    def test_statuses_and_blame(self):
        server = Statuses().server
        for status, words in ((502, "gateway"), (504, "gateway"), (404, "path"), (500, "program")):
            out, code = ntsh("http", f"http://127.0.0.1:{server.port}/status/{status}")
            self.assertEqual((code, out["result"]["status"]), (1, status))
            self.assertIn(words, out["result"]["blame"])

    def test_redirects(self):
        statuses = Statuses()
        base = f"http://127.0.0.1:{statuses.server.port}"
        out, code = ntsh("http", base + "/to//to//last", "-H", "Authorization: secret")
        self.assertEqual((code, out["result"]["redirects"], out["result"]["url"]), (0, 2, base + "/last"))
        self.assertIn("secret", statuses.heads[-1])
        out, code = ntsh("http", base + "/to/last", "--no-location")
        self.assertEqual((code, out["result"]["status"], out["result"]["location"]), (0, 302, "last"))

    def test_credentials_stay_with_their_host(self):
        near, far = Statuses(), Statuses()
        ntsh("http", f"http://127.0.0.1:{near.server.port}/to/http://127.0.0.1:{far.server.port}/x", "-H",
             "Authorization: secret", "-H", "X-Other: kept")
        self.assertIn("secret", near.heads[-1])
        self.assertNotIn("secret", far.heads[-1])
        self.assertIn("X-Other", far.heads[-1])

    def test_redirect_loop(self):
        def looping(connection):
            while True:
                read_head(connection)
                answer(connection, status="302 Found", headers=("Location: /again",))
        self.assert_error(self.fetch(looping), "ELOOP", "10 redirects")

    def test_body_to_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "body")
            _, code = self.fetch(thinking(0), "-o", path)
            self.assertEqual(code, 0)
            with open(path, "rb") as file:
                self.assertEqual(file.read(), b"ok")

    def test_body_to_a_full_disk(self):
        out, code = self.fetch(thinking(0), "-o", "/dev/full")
        self.assertEqual((code, out["error"]["code"]), (3, "ENOSPC"))

    def test_methods_and_bodies(self):
        seen = []

        def behave(connection):
            head = read_head(connection)
            while not head.endswith(b"end"):
                head += connection.recv(65536)
            seen.append(head)
            answer(connection)
        self.fetch(behave, "-d", "a=b&end", "-H", "X-One: 1")
        self.assertTrue(seen[0].startswith(b"POST / HTTP/1.1\r\n"))
        self.assertIn(b"X-One: 1\r\n", seen[0])
        self.fetch(behave, "-X", "PUT", "-d", "x" * 100000 + "end")
        self.assertTrue(seen[1].startswith(b"PUT /"))
        self.assertEqual(len(seen[1].split(b"\r\n\r\n", 1)[1]), 100003)

    def test_proxy_of_the_environment(self):
        proxy = Proxy()
        env = {"http_proxy": f"http://127.0.0.1:{proxy.server.port}"}
        out, code = ntsh("http", "http://192.0.2.1/x", env=env)
        self.assertEqual((code, out["result"]["proxy_source"]), (0, "http_proxy"))
        self.assertEqual(proxy.seen[-1], "GET http://192.0.2.1/x HTTP/1.1")
        server = Server(thinking(0))
        out, code = ntsh("http", f"http://127.0.0.1:{server.port}/", env={**env, "no_proxy": "127.0.0.0/8"})
        self.assertEqual((code, out["result"]["proxy"]), (0, None))
        out, code = ntsh("http", f"http://127.0.0.1:{server.port}/", "--direct", env=env)
        self.assertEqual((code, out["result"]["proxy"]), (0, None))
        out, code = ntsh("http", "http://192.0.2.1/x", env={"http_proxy": "gopher://a"})
        self.assertEqual((code, out["error"]["code"]), (3, "EPROXY"))

    def test_families_race(self):
        server = Server(thinking(0))
        with open("/etc/hosts", "w", encoding="ascii") as hosts:
            hosts.write("::1 both.test\n127.0.0.1 both.test\n")
        out, code = ntsh("http", f"http://both.test:{server.port}/")
        self.assertEqual((code, out["result"]["address"]), (0, f"127.0.0.1:{server.port}"))
        self.assertTrue(any("IPv6 was tried first" in r["says"] for r in out["result"]["remarks"]), out)
        six = Server(thinking(0), socket.AF_INET6)
        out, code = ntsh("http", f"http://[::1]:{six.port}/")
        self.assertEqual((code, out["result"]["address"]), (0, f"[::1]:{six.port}"))

    def test_interrupted(self):
        server = Server(thinking(30))
        child = subprocess.Popen([NTSH, "--json", "http", f"http://127.0.0.1:{server.port}/"], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True)
        time.sleep(0.7)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=10)
        self.assertEqual(child.returncode, 130)
        self.assertEqual(json.loads(out)["status"], 130)


class Tls(Test):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.authority = Authority(cls.folder.name)
        cls.authority.make("good", "/CN=good")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def look(self, name, chain=("middle",), *args):
        server = Server(silent, context=self.authority.context(name, chain))
        return ntsh("tls", f"127.0.0.1:{server.port}", "--cacert", self.authority.root, *args)

    def assert_fault(self, found, fault, words):
        out, code = found
        self.assertEqual((code, out["result"]["fault"]), (1, fault), out)
        self.assertTrue(out["result"]["complete"])
        says = " ".join(f["says"] for f in out["result"]["faults"])
        self.assertRegex(says, words)

    def test_good(self):
        out, code = self.look("good")
        result = out["result"]
        self.assertEqual((code, result["fault"], result["days_left"]), (0, "none", 39), out)
        self.assertEqual(result["names"], ["localhost", "127.0.0.1"])
        self.assertEqual([c["subject"] for c in result["chain"]], ["CN=good", "CN=Test Intermediate"])
        parts = result["network_ms"] + result["server_ms"] + result["client_ms"]
        self.assertAlmostEqual(parts, result["handshake_ms"], delta=0.01)

    def test_versions(self):
        for most, version, trips in (("1.2", "TLSv1.2", 2), ("1.3", "TLSv1.3", 1)):
            out, _ = self.look("good", ("middle",), "--max", most)
            self.assertEqual((out["result"]["version"], out["result"]["round_trips"]), (version, trips))

    def test_faults(self):
        make = self.authority.make
        make("old", "/CN=old", end=-3 * 86400)
        self.assert_fault(self.look("old"), "expired", "expired 3 days ago")
        make("young", "/CN=young", begin=5 * 86400)
        self.assert_fault(self.look("young"), "not_yet_valid", "not valid before")
        make("other", "/CN=other", names="DNS:other.example,DNS:*.more.example")
        self.assert_fault(self.look("other"), "name_mismatch", "not for 127.0.0.1: it is valid for other.example")
        make("own", "/CN=own", issuer=None)
        self.assert_fault(self.look("own", ()), "self_signed", "self-signed")
        make("stranger", "/CN=Strange Root", issuer=None, ca=True)
        make("strange", "/CN=strange", issuer="stranger")
        self.assert_fault(self.look("strange", ()), "unknown_issuer", "not trusted here: CN=Strange Root")
        make("pointing", "/CN=pointing", extra="authorityInfoAccess=caIssuers;URI:http://pki.example/middle.der")
        self.assert_fault(self.look("pointing", ()), "incomplete_chain", "intermediate certificate CN=Test Intermediate")
        make("weak", "/CN=weak", key=("-newkey", "rsa:1024"))
        self.assert_fault(self.look("weak"), "weak", "1024 bits")

    def test_all_faults_are_told(self):
        self.authority.make("both", "/CN=both", end=-86400 * 4, names="DNS:other.example")
        out, _ = self.look("both")
        self.assertEqual([f["fault"] for f in out["result"]["faults"]], ["expired", "name_mismatch"])

    def test_http_refuses_and_insecure_carries_on(self):
        think = thinking(0.2)
        server = Server(think, context=self.authority.context("good"))
        url = f"https://127.0.0.1:{server.port}/"
        out, code = ntsh("http", url)
        self.assertEqual((code, out["error"]["code"], out["result"]["exchanges"][0]["reached"]), (1, "ECERT", "tls"))
        out, code = ntsh("http", url, "-k")
        self.assertEqual(code, 0)
        self.assertIn("not trusted", out["result"]["certificate_fault"])
        think.took_ms.clear()
        out, code = ntsh("http", url, "--cacert", self.authority.root, "-n", "4")
        self.assertEqual((code, out["result"]["certificate_fault"]), (0, None))
        self.assert_split(out, think)

    def test_through_a_tunnel(self):
        proxy = Proxy()
        server = Server(thinking(0.2), context=self.authority.context("good"))
        env = {"https_proxy": f"127.0.0.1:{proxy.server.port}"}
        out, code = ntsh("http", f"https://127.0.0.1:{server.port}/", "--cacert", self.authority.root, env=env)
        self.assertEqual(code, 0, out)
        self.assertEqual(proxy.seen, [f"CONNECT 127.0.0.1:{server.port} HTTP/1.1"])
        self.assertEqual(out["result"]["proxy_source"], "https_proxy")
        self.assertGreater(out["result"]["phases"]["wait_server_ms"], 195)
        out, code = ntsh("http", "https://no.example/", env=env)
        self.assertEqual((code, out["error"]["code"], out["result"]["exchanges"][0]["reached"]), (1, "EPROXY", "proxy"))

    def test_slow_hello_is_the_servers(self):
        context = self.authority.context("good")

        def slow(connection):
            connection.recv(1, socket.MSG_PEEK)
            time.sleep(0.15)
            secure = context.wrap_socket(connection, server_side=True)
            silent(secure)
        server = Server(slow)
        out, _ = ntsh("tls", f"127.0.0.1:{server.port}", "--cacert", self.authority.root)
        self.assertGreater(out["result"]["server_ms"], 140)
        self.assertLess(out["result"]["network_ms"], out["result"]["server_ms"] / 10)

    def test_no_tls_at_all(self):
        server = Server(babbling)
        out, code = ntsh("tls", f"127.0.0.1:{server.port}", "--timeout", "2s")
        self.assertEqual((code, out["status"]), (1, 1))
        plain = Server(lambda c: (c.recv(10), c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
        out, code = ntsh("http", f"https://127.0.0.1:{plain.port}/")
        self.assertEqual((code, out["error"]["code"]), (1, "ETLS"))
        self.assertIn("does not speak TLS", out["error"]["message"])
        out, code = ntsh("tls", f"127.0.0.1:{plain.port}")
        self.assertIn("does not speak TLS", out["error"]["message"])
        hanging = Server(silent)
        out, code = ntsh("http", f"https://127.0.0.1:{hanging.port}/", "--timeout", "1s")
        self.assertEqual((code, out["error"]["code"]), (1, "ETIMEDOUT"))
        self.assertIn("in the TLS handshake; all that was sent was acknowledged", out["error"]["message"])

    def test_http2_by_nginx(self):
        if not shutil.which("nginx"):
            self.skipTest("no nginx")
        port = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
        self.authority.context("good")
        slow = Server(thinking(0.3))
        with open(self.authority.path("nginx.conf"), "w", encoding="ascii") as file:
            file.write(f"""daemon off; pid {self.authority.path('nginx.pid')}; error_log stderr; master_process off;
events {{}}
http {{ access_log off; client_body_temp_path {self.folder.name}; proxy_temp_path {self.folder.name};
fastcgi_temp_path {self.folder.name}; uwsgi_temp_path {self.folder.name}; scgi_temp_path {self.folder.name};
server {{ listen 127.0.0.1:{port} ssl http2; ssl_certificate {self.authority.path('good.all')};
ssl_certificate_key {self.authority.path('good.key')};
location / {{ return 200 hello; }}
location /slow {{ proxy_pass http://127.0.0.1:{slow.port}; }}
location /gone {{ proxy_pass http://127.0.0.1:1; }} }} }}
""")
        nginx = subprocess.Popen(["nginx", "-c", self.authority.path("nginx.conf")], stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            url = f"https://127.0.0.1:{port}/slow"
            trust = ("--cacert", self.authority.root)
            out, code = ntsh("http", url, *trust, "-n", "4")
            self.assertEqual((code, out["result"]["version"]), (0, "HTTP/2"), out)
            for exchange in out["result"]["exchanges"]:
                self.assertGreater(exchange["wait_server_ms"], 295)
                self.assertLess(exchange["wait_network_ms"], exchange["wait_server_ms"] / 50)
            out, code = ntsh("http", url, *trust, "--http1.1")
            self.assertEqual(out["result"]["version"], "HTTP/1.1")
            out, code = ntsh("http", f"https://127.0.0.1:{port}/gone", *trust)
            self.assertEqual((code, out["result"]["status"]), (1, 502))
            out, code = ntsh("tls", f"127.0.0.1:{port}", *trust, "--alpn", "h2,http/1.1")
            self.assertEqual((code, out["result"]["alpn"]), (0, "h2"))
        finally:
            nginx.terminate()
            nginx.wait()


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter()
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    hosts = tempfile.NamedTemporaryFile()
    subprocess.run(["mount", "--bind", hosts.name, "/etc/hosts"], check=True)
    unittest.main(verbosity=1, warnings="ignore")
