"""A laboratory of network namespaces: nodes, links through the emulator, servers; everything is gone when it ends.

    from lab import Case, Topology, main

    TOPOLOGY = Topology('''
        client --- gw ~~~path~~~ core --- server
    ''', routers=("gw", "core"),
        links={"access": ("client", "gw"), "path": ("gw", "core"), "last": ("core", "server")}, emulated=("path",))

    class Example(Case):
        def test_ping(self):
            lab = self.lab(TOPOLOGY)
            lab.link("path").rtt(20)
            out = lab["client"].run("ping", "-c1", lab["server"].addr4).stdout
            self.assertIn("1 received", out)

    if __name__ == "__main__":
        main()

Link number i of a topology (from 1) is 10.0.i.0/24 and 2001:db8:i::/64, its first node .1, its second .2. Routes are worked
out: a leaf has a default route, a router one for each network. Nothing here touches an interface outside its own namespaces.
"""
import atexit
import collections
import ctypes
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SKIPPED = 77
PREFIX = "nl"
# In memory: name servers sync their databases, and a busy disk would make them wait.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
_counter = itertools.count(1)
_live = []


def program():
    return os.environ.get("NTSH") or os.path.join(ROOT, "build", "ntsh")


def emulator():
    return os.environ.get("LAB_EMU") or os.path.join(ROOT, "build", "tests", "lab_emu")


class LabError(Exception):
    pass


class Topology:
    """What is joined to what. `drawing` is for people; `links` maps a name to two nodes; links not in `emulated` are plain veths."""

    def __init__(self, drawing, links, routers=(), emulated=()):
        self.drawing, self.links, self.routers, self.emulated = drawing, dict(links), tuple(routers), tuple(emulated)
        self.nodes = []
        for ends in self.links.values():
            self.nodes += [n for n in ends if n not in self.nodes]


def _die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _ip(*args, check=True, stdin=None):
    done = subprocess.run(["ip", *args], input=stdin, capture_output=True, text=True)
    if check and done.returncode:
        raise LabError(f"ip {' '.join(args)}: {done.stderr.strip()}")
    return done


class Process:
    """A program in a node. `ask` writes a line to it and reads its one-line JSON answer."""

    def __init__(self, node, args, **options):
        self.node, self.args = node, args
        self.log = tempfile.TemporaryFile(dir=node.lab.folder)
        self.popen = subprocess.Popen(["ip", "netns", "exec", node.netns, *args], stdin=subprocess.PIPE,
                                      stdout=options.pop("stdout", self.log), stderr=options.pop("stderr", self.log),
                                      preexec_fn=_die_with_parent, start_new_session=True, **options)
        self.pid = self.popen.pid

    def output(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def read_reply(self):
        line = self.popen.stdout.readline()
        if not line:
            raise LabError(f"{self.args[0]} ended: {self.output()}")
        return json.loads(line)

    def ask(self, line):
        self.popen.stdin.write(line.encode() + b"\n")
        self.popen.stdin.flush()
        reply = self.read_reply()
        if "error" in reply:
            raise LabError(f"'{line}': {reply['error']}")
        return reply

    def listening(self, port, kind="tcp"):
        """True once something in this process' namespace listens at the port."""
        for family in (kind, kind + "6"):
            try:
                with open(f"/proc/{self.pid}/net/{family}", encoding="ascii") as file:
                    for row in file:
                        fields = row.split()
                        if fields[1].endswith(f":{port:04X}") and (kind == "udp" or fields[3] == "0A"):
                            return True
            except OSError:
                return False
        return False

    def wait_listening(self, port, kind="tcp", seconds=10):
        end = time.monotonic() + seconds
        while not self.listening(port, kind):
            if self.popen.poll() is not None or time.monotonic() > end:
                raise LabError(f"{self.args[0]} does not listen at {kind} {port}: {self.output()}")
            time.sleep(0.01)
        return self

    def stop(self, number=signal.SIGTERM):
        if self.popen.poll() is None:
            for signum, seconds in ((number, 2), (signal.SIGKILL, 5)):
                try:
                    self.popen.send_signal(signum)
                    self.popen.wait(seconds)
                    break
                except subprocess.TimeoutExpired:
                    continue
        for stream in (self.popen.stdin, self.popen.stdout, self.log):
            try:
                stream and stream.close()
            except OSError:
                pass


class Node:
    def __init__(self, lab, name):
        self.lab, self.name = lab, name
        self.netns = f"{lab.name}-{name}"
        self.addresses4, self.addresses6, self.interfaces, self.peers = {}, {}, {}, {}

    addr4 = property(lambda self: next(iter(self.addresses4.values())))
    addr6 = property(lambda self: next(iter(self.addresses6.values())))

    def run(self, *args, timeout=60, check=False, stdin=None, user=False, env=None):
        """A program to its end, as `ip netns exec` runs it; user=True: without any privilege. Text in, text out."""
        drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if user else []
        done = subprocess.run(["ip", "netns", "exec", self.netns, *drop, *map(str, args)], input=stdin,
                              stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True, text=True,
                              errors="replace", timeout=timeout, env={**os.environ, **(env or {})})
        if check and done.returncode:
            raise LabError(f"{args[0]} in {self.name}: status {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def sh(self, script, check=True, **options):
        return self.run("sh", "-c", script, check=check, **options)

    def ntsh(self, *args, by_option=False, **options):
        """ntsh in this node. Returns its JSON object, with the exit status as "exit" and standard error as "stderr".
        by_option: entered by `ntsh -n` instead of `ip netns exec`."""
        if by_option:
            options.pop("user", None)
            timeout = options.pop("timeout", 60)
            done = subprocess.run([program(), "-n", self.netns, "--json", *map(str, args)], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, errors="replace", timeout=timeout, **options)
        else:
            done = self.run(program(), "--json", *args, **options)
        lines = [line for line in done.stdout.splitlines() if not line.startswith('{"row"')]
        if len(lines) != 1:
            raise LabError(f"ntsh {args} printed {len(lines)} objects; status {done.returncode}; {done.stdout[-2000:]}"
                           f"{done.stderr[-2000:]}")
        answer = json.loads(lines[0])
        answer["exit"], answer["stderr"] = done.returncode, done.stderr
        answer["rows"] = [json.loads(line)["row"] for line in done.stdout.splitlines() if line.startswith('{"row"')]
        return answer

    def ntsh_text(self, *args, **options):
        return self.run(program(), *args, **options)

    def start(self, *args, **options):
        process = Process(self, [str(a) for a in args], **options)
        self.lab.processes.append(process)
        return process

    def ip(self, *args, check=True):
        return _ip("-n", self.netns, *map(str, args), check=check).stdout

    def nft(self, rules):
        """Loads nftables rules, for example 'table inet t { chain c { type filter hook output priority 0; ... } }'."""
        return self.run("nft", "-f", "-", stdin=rules.replace("; } }", ";\n}\n}") + "\n", check=True)

    def sysctl(self, **values):
        """Names with __ for the dots: sysctl(net__ipv4__ip_forward=1)."""
        words = [f"{name.replace('__', '.')}={value}" for name, value in values.items()]
        self.run("sysctl", "-q", "-w", *words, check=True)

    def etc(self, name, text):
        """A file of this node's /etc: resolv.conf, hosts, nsswitch.conf."""
        folder = f"/etc/netns/{self.netns}"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
            file.write(text)

    def resolvers(self, *addresses, options=""):
        lines = [f"nameserver {a}" for a in addresses] + ([f"options {options}"] if options else [])
        self.etc("resolv.conf", "\n".join(lines) + "\n")

    def hosts(self, *lines):
        """The hosts file: "10.0.1.2 www.lab.example". It knows this machine, as servers look up their own name when they start."""
        self.etc("hosts", "\n".join([f"127.0.0.1 localhost {socket.gethostname()}", "::1 localhost", *lines]) + "\n")

    def interface(self, link):
        return self.interfaces[link]

    def counter(self, name):
        """A counter of /proc/net/snmp or netstat: counter("ListenOverflows")."""
        text = self.run("cat", "/proc/net/snmp", "/proc/net/netstat").stdout.splitlines()
        for head, values in zip(text[::2], text[1::2]):
            names = head.split()
            if name in names:
                return int(values.split()[names.index(name)])
        raise LabError(f"no counter {name}")


class Link:
    def __init__(self, lab, name, ends):
        self.lab, self.name, self.ends = lab, name, ends

    def _command(self, verb, side, rest):
        self.lab.emulate.ask(f"{verb} {self.name} {side} {rest}".strip())
        return self

    def set(self, side="both", **values):
        """set(delay="20ms", loss=3, rate="10mbit", limit="64kb" or "200ms"): see emu/control.c. side: "ab" is from the link's
        first node to its second."""
        return self._command("set", side, " ".join(f"{k}={v}" for k, v in values.items()))

    def clear(self, side="both"):
        return self._command("set", side, "clear")

    def rtt(self, milliseconds):
        return self.set(delay=f"{milliseconds / 2:.3f}ms")

    def rule(self, name, text, side="both"):
        """rule("r1", "tcp dport=443 flags=syn drop")."""
        return self._command("rule", side, f"{name} {text}")

    def unrule(self, name="all", side="both"):
        return self._command("unrule", side, name)

    def stats(self):
        return self.lab.emulate.ask("stats")["links"][self.name]


class Lab:
    """with Lab(TOPOLOGY) as lab: lab["client"].run(...)"""

    def __init__(self, topology, seed=1):
        if os.geteuid() != 0:
            raise unittest.SkipTest("the lab needs root")
        _sweep()
        self.topology, self.name = topology, f"{PREFIX}{os.getpid()}-{next(_counter)}"
        self.folder = tempfile.mkdtemp(prefix=f"{self.name}-", dir=MEMORY)
        os.chmod(self.folder, 0o755)
        self.processes, self.emulate = [], None
        self.nodes = {name: Node(self, name) for name in topology.nodes}
        self.links = {name: Link(self, name, ends) for name, ends in topology.links.items()}
        self.wire = Node(self, "wire")
        _live.append(self)
        try:
            self._build(seed)
        except BaseException:
            self.close()
            raise

    def __getitem__(self, name):
        return self.nodes[name]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def link(self, name):
        return self.links[name]

    def _build(self, seed):
        everyone = [self.wire, *self.nodes.values()]
        _ip("-batch", "-", stdin="".join(f"netns add {n.netns}\n" for n in everyone))
        wires, commands = [], {n: [] for n in everyone}
        for number, (name, ends) in enumerate(self.topology.links.items(), 1):
            inner = []
            for side, end in enumerate(ends):
                node = self.nodes[end]
                device = f"eth{len(node.interfaces)}"
                node.interfaces[name] = device
                node.peers[name] = ends[1 - side]
                node.addresses4[name] = f"10.0.{number}.{side + 1}"
                node.addresses6[name] = f"2001:db8:{number}::{side + 1}"
                inner.append(f"{device} netns {node.netns}")
                commands[node] += [f"addr add {node.addresses4[name]}/24 dev {device}",
                                   f"addr add {node.addresses6[name]}/64 dev {device} nodad", f"link set {device} up"]
            if name in self.topology.emulated:
                wires.append(f"{name}=w{number}a,w{number}b")
                for side, text in zip("ab", inner):
                    commands[self.wire] += [f"link add w{number}{side} type veth peer name {text}",
                                            f"link set w{number}{side} up"]
            else:
                commands[self.wire].append(f"link add name {inner[0]} type veth peer name {inner[1]}")
        self._sysctls([self.wire], "net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1")
        self._sysctls(self.nodes.values(), "net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 "
                      "net.ipv6.conf.default.accept_ra=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "
                      "net.ipv4.tcp_congestion_control=reno 'net.ipv4.ping_group_range=0 2147483647'")
        routers = [self.nodes[n] for n in self.topology.routers]
        if routers:
            self._sysctls(routers, "net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
        for node in everyone:
            _ip("-n", node.netns, "link", "set", "lo", "up")
            _ip("-n", node.netns, "-batch", "-", stdin="\n".join(commands[node]) + "\n")
        self._together([[n, [emulator(), "plain", *n.interfaces.values()]] for n in self.nodes.values()])
        self._routes()
        if wires:
            self.emulate = self.wire.start(emulator(), "-s", str(seed), *wires, stdout=subprocess.PIPE)
            self.emulate.read_reply()
        for node in self.nodes.values():
            node.etc("resolv.conf", "# no resolver in this lab\nnameserver 127.0.0.1\n")
            node.hosts()
            node.etc("nsswitch.conf", "hosts: files dns\n")
        self.warm()

    def _together(self, jobs, check=True):
        running = [(subprocess.Popen(["ip", "netns", "exec", node.netns, *args], stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT), args) for node, args in jobs]
        good = True
        for popen, args in running:
            out = popen.communicate()[0]
            good &= popen.returncode == 0
            if check and popen.returncode:
                raise LabError(f"{args}: {out.decode()}")
        return good

    def _sysctls(self, nodes, words):
        self._together([[n, ["sh", "-c", f"sysctl -q -w {words}"]] for n in nodes])

    def _routes(self):
        for node in self.nodes.values():
            first = {node.name: None}  # the link by which each other node is reached
            todo = collections.deque([node.name])
            while todo:
                at = todo.popleft()
                for link, peer in self.nodes[at].peers.items():
                    if peer not in first and (at == node.name or at in self.topology.routers):
                        first[peer] = first[at] or link
                        todo.append(peer)
            lines = []
            leaf = node.name not in self.topology.routers
            if leaf and len(node.peers) == 1:
                link, peer = next(iter(node.peers.items()))
                if peer in self.topology.routers:
                    lines = [f"route add default via {self.nodes[peer].addresses4[link]}",
                             f"route add default via {self.nodes[peer].addresses6[link]}"]
            else:
                for number, (name, ends) in enumerate(self.topology.links.items(), 1):
                    near = [first[e] for e in ends if first.get(e)]
                    if name in node.interfaces or not near:
                        continue
                    via = self.nodes[node.peers[near[0]]]
                    lines += [f"route add 10.0.{number}.0/24 via {via.addresses4[near[0]]}",
                              f"route add 2001:db8:{number}::/64 via {via.addresses6[near[0]]}"]
            if lines:
                _ip("-n", node.netns, "-batch", "-", stdin="\n".join(lines) + "\n")

    def warm(self):
        """ARP and neighbour discovery of every link, so that no test measures those."""
        jobs = []
        for name, (a, b) in self.topology.links.items():
            for addresses in ("addresses4", "addresses6"):
                jobs.append([self.nodes[a], ["ping", "-q", "-n", "-c1", "-W0.3", getattr(self.nodes[b], addresses)[name]]])
        for _ in range(12):
            if self._together(jobs, check=False):
                return
        raise LabError("the links do not come up")

    def close(self):
        if self not in _live:
            return
        _live.remove(self)
        for process in reversed(self.processes):
            process.stop()
        for node in [self.wire, *self.nodes.values()]:
            _remove(node.netns)
        shutil.rmtree(self.folder, ignore_errors=True)


def _remove(netns):
    _ip("netns", "del", netns, check=False)
    shutil.rmtree(f"/etc/netns/{netns}", ignore_errors=True)
    try:
        os.rmdir("/etc/netns")
    except OSError:
        pass


def _sweep():
    """What a run that was killed with SIGKILL left behind: what carries the id of a process that is no more."""
    for folder in ("/run/netns", "/etc/netns", MEMORY or tempfile.gettempdir()):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            pid = name[len(PREFIX):].split("-")[0]
            if name.startswith(PREFIX) and "-" in name and pid.isdigit() and not os.path.exists(f"/proc/{pid}"):
                if folder.endswith("netns"):
                    _remove(name)
                else:
                    shutil.rmtree(os.path.join(folder, name), ignore_errors=True)


def close_all():
    for lab in list(_live):
        lab.close()


def _on_signal(number, _frame):
    signal.signal(number, signal.SIG_IGN)
    close_all()
    sys.exit(128 + number)


def tidy():
    """Cleans up at exit and on the usual signals. main() and the runners call it."""
    atexit.register(close_all)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)


class Case(unittest.TestCase):
    """A test with a time-out and labs that end with it."""
    timeout = 90

    def run(self, result=None):
        def late(_number, _frame):
            raise TimeoutError(f"still running after {self.timeout} s")
        before = signal.signal(signal.SIGALRM, late)
        signal.alarm(self.timeout)
        try:
            return super().run(result)
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, before)

    def lab(self, topology, **options):
        lab = Lab(topology, **options)
        self.addCleanup(lab.close)
        return lab

    def need(self, *programs):
        """Skips the test, loudly, where a program is missing."""
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        missing = [p for p in programs if not shutil.which(p, path=path)]
        if missing:
            self.skipTest(f"needs {', '.join(missing)}")


def main():
    """Runs the tests of the calling file. Exit status: 0, 1, or 77 when everything was skipped."""
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    name = os.path.basename(sys.argv[0])
    if os.geteuid() != 0:
        print(f"SKIPPED {name}: the lab needs root")
        sys.exit(SKIPPED)
    for needed in (program(), emulator()):
        if not os.access(needed, os.X_OK):
            print(f"SKIPPED {name}: {needed} is not built")
            sys.exit(SKIPPED)
    tidy()
    result = unittest.main(module="__main__", argv=[sys.argv[0], "-v", *sys.argv[1:]], exit=False, warnings="ignore").result
    bad = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    passed = result.testsRun - bad - len(result.skipped)
    print(f"{name}: {passed} passed, {bad} failed, {len(result.skipped)} skipped")
    sys.exit(1 if bad else SKIPPED if result.skipped and not passed else 0)
