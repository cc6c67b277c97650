#!/usr/bin/env python3
"""ss -K at a terminal: it shows what it is about to end, asks, and does nothing unless the answer is yes."""
import os
import re
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import Shell, case, ctrl, main  # noqa: E402

QUESTION = re.compile(r"End these 1 sockets\? \[y/N\]")


class Pair:
    """A connection to ourselves, on a port that nobody else has."""
    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.near = socket.create_connection(self.listener.getsockname())
        self.far = self.listener.accept()[0]
        self.words = f"ss -K -tn state established dst 127.0.0.1:{self.listener.getsockname()[1]}"
        return self

    def __exit__(self, *_):
        for sock in (self.near, self.far, self.listener):
            sock.close()

    def lives(self):
        self.near.setblocking(False)
        try:
            return self.near.recv(1) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False


@case
def no_is_the_default_and_ctrl_c_too():
    for answer in ("\r", "n\r", "what\r", ctrl("c")):
        with Pair() as pair, Shell() as shell:
            shell.line(pair.words)
            shell.wait(QUESTION)
            shell.send(answer)
            shell.wait(re.compile(r"0 sockets were ended"))
            shell.wait_prompt()
            assert pair.lives(), shell.picture()


@case
def yes_ends_it():
    with Pair() as pair, Shell() as shell:
        shell.line(pair.words)
        shell.wait(QUESTION)
        shell.send("yes\r")
        shell.wait(re.compile(r"1 sockets were ended|does not end sockets"))
        if "does not end sockets" in shell.picture():
            print("SKIPPED: this kernel does not end sockets")
            return
        for _ in range(100):
            if not pair.lives():
                break
            time.sleep(0.02)
        assert not pair.lives()


if os.geteuid() != 0:
    print("SKIPPED ss_kill: needs root")
    sys.exit(77)
main()
