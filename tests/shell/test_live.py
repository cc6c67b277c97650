#!/usr/bin/env python3
"""The live screen: painted in place, keys read while it runs, the terminal given back as it was."""
import os
import re
import sys
import termios

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import ESC, Shell, case, ctrl, main  # noqa: E402

ROUND = re.compile(r"round (\d+)$", re.M)


def rounds(shell):
    found = ROUND.search(shell.picture())
    return int(found.group(1)) if found else 0


def begin(shell):
    shell.line("mtr -n -i 20ms 127.0.0.1")
    shell.wait(re.compile(r"round [1-9]\d*$", re.M))


@case
def it_is_painted_in_place():
    with Shell() as shell:
        begin(shell)
        seen = rounds(shell)
        shell.wait(lambda: rounds(shell) > seen + 20)
        assert shell.picture().count("HOP") == 1, shell.picture()
        shell.send("q")
        shell.wait_prompt()
        assert "keys" not in shell.picture() and "q quit" not in shell.picture(), shell.picture()
        assert "127.0.0.1 answers at hop 1" in shell.picture(), shell.picture()
        assert shell.run("echo alive") == ["alive"], shell.picture()


@case
def keys_change_it():
    with Shell() as shell:
        begin(shell)
        assert "HISTORY" in shell.picture()
        shell.send("d")
        shell.wait("WORST")
        shell.send(ESC + "[A")  # an arrow is no letter
        shell.send("p")
        shell.wait("paused")
        seen = rounds(shell)
        shell.pump(0.4)
        assert rounds(shell) == seen, shell.picture()
        shell.send("p")
        shell.wait(lambda: rounds(shell) > seen)
        shell.send("m")
        shell.wait("by UDP")
        shell.send("q")
        shell.wait_prompt()


@case
def the_terminal_comes_back():
    with Shell("-c", "mtr -n -i 20ms 127.0.0.1; sleep 3s", wait=False) as shell:
        shell.wait(re.compile(r"round [1-9]\d*$", re.M))
        assert not termios.tcgetattr(shell.fd)[3] & termios.ICANON
        shell.send("q")
        shell.wait("from 127.0.0.1")
        assert termios.tcgetattr(shell.fd)[3] & termios.ICANON
        shell.send(ctrl("c"))
        assert shell.wait_exit() == 130


@case
def a_resize_leaves_one_picture():
    with Shell(rows=20, cols=100) as shell:
        begin(shell)
        shell.size(16, 60)
        seen = rounds(shell)
        shell.wait(lambda: rounds(shell) > seen + 10)
        assert shell.picture().count("HOP") == 1, shell.picture()
        assert max(len(line) for line in shell.picture().splitlines() if not line.startswith("---")) <= 60, shell.picture()
        shell.send("q")
        shell.wait_prompt()


main()
