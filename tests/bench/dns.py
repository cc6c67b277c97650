#!/usr/bin/env python3
"""dns dig beside the tools of the field, in namespaces of its own with knot as the server, everything in turn in the same run:

    one         one question as a whole process: at most 0.5 of kdig
    far         1,000 names at 20 ms (-f): at most 0.1 s
    bulk        10,000 names without delay (-f): at most 0.3 of kdig, at most 1.5 of dnsperf with the same window
    lossy       2,000 names at 20 ms and 1 % loss: every one answered

Usage: dns.py PROGRAM [ROUNDS]; needs root, the lab's emulator beside PROGRAM, knotd, kdig, dnsperf.
"""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))

LIMITS = {"one": 0.5, "far": 0.1, "kdig": 0.3, "dnsperf": 1.5}
WINDOW, BULK = 1000, 10000


def zone(folder):
    path = os.path.join(folder, "zone")
    with open(path, "w", encoding="ascii") as file:
        file.write("$ORIGIN b.lab.\n$TTL 300\n@ SOA ns host 1 3600 600 86400 60\n@ NS ns\nns A 10.0.1.2\n")
        file.writelines(f"h{i} A 10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}\n" for i in range(BULK))
    return path


def names(folder, count):
    path = os.path.join(folder, f"names-{count}")
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"h{i}.b.lab A\n" for i in range(count))
    return path


def wall(node, *args):
    """Seconds that the program itself takes, started inside the namespace already."""
    script = ("import os,sys,time\nq=os.open('/dev/null',os.O_WRONLY)\nb=time.perf_counter_ns()\n"
              "p=os.posix_spawn(sys.argv[1],sys.argv[1:],os.environ,file_actions=[(os.POSIX_SPAWN_DUP2,q,1),(os.POSIX_SPAWN_DUP2,q,2)])\n"
              "s=os.waitpid(p,0)[1]\nprint(time.perf_counter_ns()-b,s)")
    taken, status = node.run(sys.executable, "-ISc", script, *args, timeout=300).stdout.split()
    if status != "0":
        sys.exit(f"{' '.join(args[:6])}: status {status}")
    return int(taken) / 1e9


def medians(node, rounds, **commands):
    times = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name in sorted(commands, reverse=bool(turn % 2)):
            taken = wall(node, *commands[name])
            if turn:
                times[name].append(taken)
    return {name: statistics.median(values) for name, values in times.items()}


def dnsperf(node, server, queries):
    """Seconds for the whole file, as dnsperf itself counts them, without those that it lost."""
    out = node.run("dnsperf", "-s", server, "-d", queries, "-q", WINDOW, "-n", 1, "-t", 2, timeout=120).stdout
    seconds = float(re.search(r"Run time \(s\):\s+([\d.]+)", out).group(1))
    lost = int(re.search(r"Queries lost:\s+(\d+)", out).group(1))
    return seconds, lost


def say(what, value, limit, text):
    print(f"{what}: {text}, limit {limit}{'' if value <= limit else '  MISSED'}", flush=True)
    return value > limit


def main():
    program = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 11
    for tool in ("knotd", "kdig", "dnsperf"):
        if not shutil.which(tool):
            sys.exit(f"SKIPPED: no {tool} to compare with")
    os.environ.setdefault("LAB_EMU", os.path.join(os.path.dirname(program), "tests", "lab_emu"))
    from lab import Lab, Topology
    kdig = shutil.which("kdig")
    missed = 0
    with Lab(Topology("client --- server", links={"near": ("client", "server")})) as lab:
        client, server = lab["client"], lab["server"]
        start_knot(lab, server)
        ours = [program, "dns", "dig", f"@{server.addr4}", "+short"]
        one = medians(client, rounds * 5, ours=[*ours, "h1.b.lab", "A"], kdig=[kdig, f"@{server.addr4}", "+short", "h1.b.lab", "A"])
        ratio = one["ours"] / one["kdig"]
        missed += say("one", ratio, LIMITS["one"], f"{one['ours'] * 1e3:.2f} ms, kdig {one['kdig'] * 1e3:.2f} ms, ratio {ratio:.2f}")
        many = names(lab.folder, BULK)
        words = [w for i in range(BULK) for w in (f"h{i}.b.lab", "A")]
        times = medians(client, max(3, rounds // 3), ours=[*ours, "-f", many], kdig=[kdig, f"@{server.addr4}", "+short", *words])
        ratio = times["ours"] / times["kdig"]
        missed += say("bulk", ratio, LIMITS["kdig"], f"{times['ours']:.3f} s, kdig {times['kdig']:.3f} s, ratio {ratio:.2f}")
        perf = [dnsperf(client, server.addr4, many) for _ in range(max(3, rounds // 3))]
        seconds, lost = statistics.median(s for s, _ in perf), statistics.median(l for _, l in perf)
        ratio = times["ours"] / seconds
        missed += say("bulk", ratio, LIMITS["dnsperf"], f"{times['ours']:.3f} s, dnsperf {seconds:.3f} s (lost {lost:.0f}), ratio {ratio:.2f}")
    with Lab(Topology("client ~~~ server", links={"far": ("client", "server")}, emulated=("far",))) as lab:
        client, server = lab["client"], lab["server"]
        start_knot(lab, server)
        lab.link("far").rtt(20)
        lab.warm()
        ours = [program, "dns", "dig", f"@{server.addr4}", "+short", "-f", names(lab.folder, 1000)]
        taken = medians(client, rounds, ours=ours)["ours"]
        missed += say("far", taken, LIMITS["far"], f"{taken * 1e3:.0f} ms for 1,000 names at 20 ms")
        lab.link("far").set(loss="1%")
        done = client.run(program, "--json", "dns", "dig", f"@{server.addr4}", "-f", names(lab.folder, 2000), timeout=120)
        answered = json.loads(done.stdout)["result"]["record_count"]
        missed += say("lossy", 2000 - answered, 0, f"{answered} of 2000 answered at 1 % loss")
    return 1 if missed else 0


def start_knot(lab, node):
    folder = os.path.join(lab.folder, "knot")
    os.makedirs(os.path.join(folder, "db"))
    path = os.path.join(folder, "conf")
    with open(path, "w", encoding="ascii") as file:
        file.write(f"server:\n    rundir: {folder}\n    listen: {node.addr4}@53\ndatabase:\n    storage: {folder}/db\n"
                   f"zone:\n  - domain: b.lab\n    file: {zone(folder)}\n    journal-content: none\n    zonefile-sync: -1\n")
    node.start("knotd", "-c", path).wait_listening(53, "udp")
    while "10.0.0.1" not in node.run("kdig", f"@{node.addr4}", "h1.b.lab", "+short").stdout:
        time.sleep(0.1)


sys.exit(main())
