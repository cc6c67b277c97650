"""ntsh in a pseudo-terminal: type, wait for what the screen shows, resize. Standard library only.

    from harness import Shell, case, main

    @case
    def echo_answers():
        with Shell() as shell:
            assert shell.run("echo hello") == ["hello"]

    main()

A case is never given a fixed time to wait: it waits for a condition, and fails with the screen when that does not come."""
import atexit
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from screen import Screen  # noqa: E402

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NTSH = os.path.abspath(os.environ.get("NTSH", os.path.join(TOP, "build", "ntsh")))
PATIENCE = float(os.environ.get("NTSH_TEST_PATIENCE", "30"))
PROMPT = re.compile(r"^ntsh(?: [^ >\[]+)?(?: \[\d+\])?> ?")

UP, DOWN, RIGHT, LEFT = "\033[A", "\033[B", "\033[C", "\033[D"
HOME_KEY, END_KEY, TAB, ENTER, ESC = "\001", "\005", "\t", "\r", "\033"


def ctrl(letter):
    return chr(ord(letter.upper()) & 31)


class Waited(AssertionError):
    pass


class Shell:
    """One ntsh (or another program) on a terminal of its own. env: changes to the environment, None removes. home: kept when
    given, else a fresh folder that goes away. wait=False: do not wait for the first prompt. user: numeric user and group id."""

    def __init__(self, *args, rows=24, cols=80, env=None, home=None, wait=True, program=None, reflow=True,
                 cwd=None, user=None, preexec=None):
        self.screen = Screen(rows, cols, reflow)
        self.screen.begins = PROMPT
        self.raw = b""
        self.own_home = home is None
        self.home = home or tempfile.mkdtemp(prefix="ntsh-home-")
        if user and self.own_home:
            os.chown(self.home, user, user)
        self.status = None
        self.closed = False
        self.env = self.environment(env or {})
        argv = [program or NTSH, *args]
        go = os.pipe()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.close(go[1])
            self.child(argv, cwd, user, preexec, go[0])
        os.close(go[0])
        self.size(rows, cols)
        os.close(go[1])
        atexit.register(self.close)
        if wait:
            self.wait_prompt()

    def environment(self, changes):
        env = {key: value for key, value in os.environ.items()
               if not key.startswith(("LC_", "XDG_", "NTSH", "EDIT"))}
        for key in ("NO_COLOR", "LANGUAGE", "COLUMNS", "LINES"):
            env.pop(key, None)
        env.update(HOME=self.home, TERM="xterm-256color", LANG="C.UTF-8", LC_ALL="C.UTF-8")
        for key in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if key in os.environ:
                env[key] = os.environ[key]
        for key, value in changes.items():
            if value is None:
                env.pop(key, None)
            else:
                env[key] = value
        return env

    def child(self, argv, cwd, user, preexec, go):
        try:
            os.read(go, 1)  # until the parent has set the window's size
            os.close(go)
            if preexec:
                preexec()
            if user:
                os.fchown(0, user, user)
                os.setgroups([])
                os.setgid(user)
                os.setuid(user)
            os.chdir(cwd or self.home)
            os.execve(argv[0], argv, self.env)
        except BaseException:
            traceback.print_exc()
        os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        """Hangs up, waits, and kills what does not leave."""
        if self.closed:
            return
        self.closed = True
        atexit.unregister(self.close)
        try:
            os.close(self.fd)
        except OSError:
            pass
        if self.status is None:
            self.reap(2.0)
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.reap(None)
        if self.own_home:
            shutil.rmtree(self.home, ignore_errors=True)

    def reap(self, patience):
        end = None if patience is None else time.monotonic() + patience
        while self.status is None:
            pid, status = os.waitpid(self.pid, 0 if end is None else os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                return
            else:
                time.sleep(0.01)

    # --- the keyboard and the window ---

    def send(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        while data:
            readable, writable, _ = select.select([self.fd], [self.fd], [], PATIENCE)
            if readable:
                self.read_some()
            if writable:
                data = data[os.write(self.fd, data[:512]):]
            if not readable and not writable:
                raise Waited("the program does not read its terminal\n" + self.picture())

    def paste(self, text):
        """As a terminal pastes: newlines as carriage returns, in brackets when the program asked for them."""
        text = text.replace("\n", "\r")
        if "2004" in self.screen.modes:
            text = "\033[200~" + text + "\033[201~"
        self.send(text)

    def size(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def resize(self, rows, cols):
        self.pump(0)
        self.screen.resize(rows, cols)
        self.size(rows, cols)

    def kill(self, signo):
        os.kill(self.pid, signo)

    # --- what it shows ---

    def read_some(self):
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            data = b""
        if data:
            self.raw += data
            self.screen.feed(data)
        return bool(data)

    def pump(self, seconds):
        """Takes what comes within so many seconds."""
        end = time.monotonic() + seconds
        while True:
            left = max(0, end - time.monotonic())
            readable, _, _ = select.select([self.fd], [], [], left)
            if not readable:
                return
            if not self.read_some():
                return

    def wait(self, what, patience=None, why=None):
        """what: text or compiled pattern somewhere on the screen, or a function that is true of it. Returns the match."""
        end = time.monotonic() + (patience or PATIENCE)
        while True:
            found = self.holds(what)
            if found:
                return found
            left = end - time.monotonic()
            readable = select.select([self.fd], [], [], max(0, left))[0] if left > 0 else []
            if not readable or not self.read_some():
                found = self.holds(what)
                if found:
                    return found
                why = why() if callable(why) else why
                raise Waited("waited for %s%s\n%s" % (self.name(what), " (%s)" % why if why else "", self.picture()))

    def holds(self, what):
        if isinstance(what, str):
            return what in self.screen.text()
        if isinstance(what, re.Pattern):
            return what.search(self.screen.text())
        return what()

    @staticmethod
    def name(what):
        if isinstance(what, str):
            return repr(what)
        return what.pattern if isinstance(what, re.Pattern) else "a condition"

    def picture(self):
        bar = "-" * self.screen.cols
        return "%s\n%s\n%s\ncursor at row %d column %d" % (bar, self.screen.text(), bar, self.screen.y, self.screen.x)

    def typed(self):
        """What stands at the prompt now (rows joined), or None when there is no prompt."""
        lines, at = self.screen.logical()
        for index in range(at, max(-1, at - 1), -1):
            match = PROMPT.match(lines[index])
            if match:
                return lines[index][match.end():]
        return None

    def wait_typed(self, text):
        self.wait(lambda: self.typed() == text, why=lambda: "typed text %r, but it is %r" % (text, self.typed()))

    def wait_prompt(self):
        """An empty prompt with the cursor on it."""
        self.wait(lambda: self.typed() == "", why="an empty prompt")

    def prompt(self):
        lines, at = self.screen.logical()
        match = PROMPT.match(lines[at])
        return match.group(0).strip() if match else None

    def line(self, text):
        """Types a line and Enter, without waiting."""
        self.send(text + "\r")

    def run(self, text):
        """Types a line, waits for the next empty prompt, returns the lines printed between."""
        before = self.prompts(text)
        self.line(text)
        self.wait(lambda: self.prompts(text) > before and self.typed() == "", why="the prompt after %r" % text)
        lines, at = self.screen.logical()
        begin = max(i for i in range(at) if self.is_line(lines[i], text))
        return [line.rstrip() for line in lines[begin + 1:at]]

    def prompts(self, text):
        lines, at = self.screen.logical()
        return sum(self.is_line(line, text) for line in lines[:at])

    @staticmethod
    def is_line(line, text):
        match = PROMPT.match(line)
        return bool(match) and line[match.end():].rstrip() == text.rstrip()

    def wait_exit(self, patience=None):
        """Waits for the program's end; returns its status (negative: the signal)."""
        end = time.monotonic() + (patience or PATIENCE)
        while self.status is None:
            self.pump(0.02)
            self.reap(0)
            if time.monotonic() > end:
                raise Waited("the program does not end\n" + self.picture())
        self.pump(0)
        return self.status


# --- cases ---

CASES = []


class Skip(Exception):
    pass


def skip(why):
    raise Skip(why)


def case(function):
    CASES.append(function)
    return function


def need(condition, why):
    if not condition:
        raise Skip(why)


def main():
    """Runs the cases of the calling script (those named on the command line, or all)."""
    wanted = sys.argv[1:]
    failed = 0
    for function in CASES:
        name = function.__name__
        if wanted and name not in wanted:
            continue
        try:
            function()
            print("ok %s" % name, flush=True)
        except Skip as why:
            print("skip %s: %s" % (name, why), flush=True)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            failed += 1
            print("not ok %s" % name, flush=True)
            text = traceback.format_exc() if not isinstance(error, Waited) else \
                "".join(traceback.format_tb(error.__traceback__)[1:2]) + str(error)
            print("\n".join("  | " + line for line in text.splitlines()), flush=True)
    sys.exit(1 if failed else 0)
