#!/usr/bin/env python3
"""Walks every include: a room sees only the rooms below it, and no path climbs out of its room."""
import re

from house import ROOMS, finish, read, room_of, sources

# Libraries belong to one place each; everything else reaches them through that room.
OWNERS = {
    "histedit.h": r"src/shell/",
    "libmnl/": r"src/sys/|src/net/",
    "curl/": r"src/net/",
    "openssl/": r"src/net/",
    "ares.h": r"src/net/",
    "pcap": r"src/sys/|src/net/",
}

complaints = []
seen = 0
for path in sources("src", "include", "commands"):
    room = room_of(path)
    if room not in ROOMS:
        complaints.append(f"{path}: no such room: {room}")
        continue
    for number, line in enumerate(read(path).splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        seen += 1
        quote, name = match.groups()
        top = name.split("/")[0]
        if ".." in name.split("/"):
            complaints.append(f"{path}:{number}: {name} climbs out of its folder")
        elif quote == '"' and top not in ("ntsh", room) and top not in ROOMS[room]:
            complaints.append(f"{path}:{number}: {room} must not include {name}")
        for library, owner in OWNERS.items():
            if quote == "<" and name.startswith(library) and not re.match(owner, path):
                complaints.append(f"{path}:{number}: {name} belongs to {owner}")
if seen < 20:
    complaints.append("hardly any include was found: the test looks in the wrong place")
finish(complaints, "includes")
