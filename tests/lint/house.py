"""What the lint tests share: the sources, and C without its comments and strings."""
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# DESIGN: an arrow goes only down this list. Every room may also see include/ and itself.
ROOMS = {
    "base": [],
    "wire": ["base"],
    "sys": ["wire", "base"],
    "net": ["sys", "wire", "base"],
    "diag": ["net", "base"],
    "out": ["base"],
    "opt": ["base"],
    "shell": ["opt", "out", "base"],
    "commands": [],
    "include": [],
}


def sources(*tops, endings=(".c", ".h")):
    for top in tops:
        for folder, _, names in os.walk(os.path.join(ROOT, top)):
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def room_of(path):
    parts = path.split(os.sep)
    return parts[1] if parts[0] == "src" else parts[0]


def code_only(text):
    """The text with comments and the insides of literals blanked; line numbers stay."""
    def blank(match):
        piece = match.group(0)
        if piece.startswith("/"):
            return re.sub(r"[^\n]", " ", piece)
        return piece[0] + re.sub(r"[^\n]", " ", piece[1:-1]) + piece[-1]
    return re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", blank, text, flags=re.S)


def finish(complaints, what):
    for complaint in complaints:
        print(complaint)
    print(f"{what}: " + (f"{len(complaints)} complaints" if complaints else "good"))
    sys.exit(1 if complaints else 0)
