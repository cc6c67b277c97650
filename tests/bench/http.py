#!/usr/bin/env python3
"""`ntsh http URL` against `curl URL`: whole processes in turn, http and https, on the loopback of a namespace of our own (needs root)."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

NTSH = os.environ.get("NTSH", os.path.join(os.path.dirname(__file__), "../../build/ntsh"))
RUNS = int(os.environ.get("RUNS", "300"))
INSIDE = "NTSH_BENCH_HTTP_INSIDE"
NGINX = """daemon off; master_process off; pid {folder}/pid; error_log stderr;
events {{}}
http {{ access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
uwsgi_temp_path {folder}; scgi_temp_path {folder};
server {{ listen 127.0.0.1:8080; listen 127.0.0.1:8443 ssl http2; ssl_certificate {folder}/c.pem; ssl_certificate_key {folder}/k.pem;
location / {{ return 200 hello; }} }} }}
"""


def once(words):
    """Wall and processor time of one process, ms."""
    quiet = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0)]
    quiet += [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_WRONLY, 0) for fd in (1, 2)]
    began = time.perf_counter()
    _, status, used = os.wait4(os.posix_spawnp(words[0], words, os.environ, file_actions=quiet), 0)
    took = time.perf_counter() - began
    if status:
        raise SystemExit(f"{' '.join(words)}: status {os.waitstatus_to_exitcode(status)}")
    return took * 1000, (used.ru_utime + used.ru_stime) * 1000


def compare(name, ours, theirs):
    a, b = [], []
    for _ in range(RUNS):
        a.append(once(ours))
        b.append(once(theirs))
    wall = [statistics.median(run[0] for run in runs) for runs in (a, b)]
    cpu = [statistics.median(run[1] for run in runs) for runs in (a, b)]
    print(f"{name:22} ntsh {wall[0]:6.2f} ms  curl {wall[1]:6.2f} ms  wall ratio {wall[0] / wall[1]:.2f}  "
          f"processor ratio {cpu[0] / cpu[1]:.2f}", flush=True)


def main():
    if INSIDE not in os.environ:
        if os.geteuid() != 0 or not shutil.which("nginx") or not shutil.which("curl"):
            print("SKIPPED: needs root, nginx and curl")
            return 77
        os.execvpe("unshare", ["unshare", "-n", sys.executable, "-B"] + sys.argv, {**os.environ, INSIDE: "1"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-days", "30", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"], cwd=folder, check=True, capture_output=True)
        with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
            file.write(NGINX.format(folder=folder))
        nginx = subprocess.Popen(["nginx", "-c", f"{folder}/nginx.conf"], stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.5)
            trust = ["--cacert", f"{folder}/c.pem"]
            plain, secure = "http://127.0.0.1:8080/", "https://127.0.0.1:8443/"
            compare("http", [NTSH, "http", plain], ["curl", "-s", plain])
            compare("http --json", [NTSH, "--json", "http", plain], ["curl", "-s", plain])
            compare("https (own authority)", [NTSH, "http", secure, *trust], ["curl", "-s", secure, *trust])
            compare("https (insecure)", [NTSH, "http", secure, "-k"], ["curl", "-s", secure, "-k"])
        finally:
            nginx.terminate()
            nginx.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
