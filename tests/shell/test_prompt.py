#!/usr/bin/env python3
"""The prompt: editing, signals, resizing, terminals."""
import os
import re
import signal

from harness import (DOWN, END_KEY, ESC, HOME_KEY, LEFT, RIGHT, UP, Shell, case, ctrl, main, need)


def status_kb(shell, name):
    for line in open("/proc/%d/status" % shell.pid):
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise AssertionError("no %s" % name)


@case
def banner_and_first_line():
    with Shell() as shell:
        top = shell.screen.text().splitlines()
        assert "ntsh" in top[0] and len(top) <= 3, top
        assert "help" in shell.screen.text() and "diagnose URL" in shell.screen.text()
        assert shell.run("echo hello there") == ["hello there"]


@case
def no_banner_with_q():
    with Shell("-q") as shell:
        assert shell.screen.text() == "ntsh>", shell.picture()


@case
def exit_leaves_with_its_status():
    with Shell("-q") as shell:
        shell.line("exit 7")
        assert shell.wait_exit() == 7


@case
def ctrl_d_leaves_with_the_last_status():
    with Shell("-q") as shell:
        shell.run("nosuchcommand")
        shell.send(ctrl("d"))
        assert shell.wait_exit() == 2


@case
def ctrl_d_on_a_line_does_not_leave():
    with Shell("-q") as shell:
        shell.send("echo a" + ctrl("d"))
        shell.send("b\r")
        shell.wait(re.compile(r"^ab$", re.M))


@case
def prompt_shows_the_last_status():
    with Shell("-q") as shell:
        shell.run("nosuchcommand")
        assert shell.prompt() == "ntsh [2]>", shell.prompt()
        shell.run("echo a")
        assert shell.prompt() == "ntsh>", shell.prompt()


@case
def prompt_shows_the_namespace():
    need(os.geteuid() == 0, "needs root")
    name = "ntsh-p%d" % os.getpid()
    need(os.system("ip netns add %s 2>/dev/null" % name) == 0, "cannot make network namespaces here")
    try:
        with Shell("-q", "-n", name) as shell:
            assert shell.prompt() == "ntsh %s>" % name, shell.prompt()
    finally:
        os.system("ip netns del %s" % name)


@case
def ctrl_c_discards_the_line():
    with Shell("-q") as shell:
        shell.send("echo lost")
        shell.wait_typed("echo lost")
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.prompt() == "ntsh [130]>"
        assert "echo lost^C" in shell.screen.text()
        assert shell.run("echo kept") == ["kept"]
        shell.send(UP)
        shell.wait_typed("echo kept")
        shell.send(UP)
        shell.send("x")
        shell.wait_typed("echo keptx")  # the discarded line is not in the history


@case
def ctrl_c_in_the_middle_of_a_long_line():
    with Shell("-q", rows=10) as shell:
        shell.send("echo " + "abcdefgh " * 30)
        shell.wait_typed("echo " + "abcdefgh " * 30)
        shell.send(HOME_KEY + RIGHT * 3 + ctrl("c"))
        shell.wait("abcdefgh ^C")
        shell.wait_prompt()
        assert shell.run("echo after") == ["after"]


@case
def ctrl_c_in_a_search():
    with Shell("-q") as shell:
        shell.run("echo needle")
        shell.send(ctrl("r") + "need")
        shell.wait("bck:need")
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.run("echo after") == ["after"]


@case
def ctrl_r_finds_and_runs():
    with Shell("-q") as shell:
        shell.run("echo needle")
        shell.run("echo other")
        shell.send(ctrl("r") + "need")
        shell.wait(lambda: "echo needle" in shell.screen.row(shell.screen.y - 1) + shell.screen.cursor_row())
        shell.send("\r")
        shell.wait(lambda: shell.screen.text().count("\nneedle\n") == 2)


@case
def ctrl_c_stops_a_command_and_not_the_shell():
    with Shell("-q") as shell:
        shell.line("sleep 1000")
        shell.wait(lambda: "\n" in shell.screen.text() or shell.screen.y > 0)
        wait_sleeping(shell)
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.prompt() == "ntsh [130]>"
        assert shell.screen.x == len("ntsh [130]> ")
        assert shell.run("echo after") == ["after"]


def wait_sleeping(shell):
    """The terminal is back in its usual mode: the command runs."""
    import termios
    shell.wait(lambda: termios.tcgetattr(shell.fd)[3] & termios.ISIG, why="the command runs")


@case
def ctrl_c_stops_a_loop():
    with Shell("-q") as shell:
        shell.line("repeat 1000 every 1s echo x")
        shell.wait(re.compile("^x$", re.M))
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.prompt() == "ntsh [130]>"


@case
def ctrl_c_stops_an_outside_program():
    with Shell("-q") as shell:
        shell.line("!cat")
        wait_sleeping(shell)
        shell.send("abc\r")
        shell.wait("abc\nabc")
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.run("echo after") == ["after"]


@case
def interrupt_from_outside_is_ctrl_c():
    with Shell("-q") as shell:
        shell.send("echo lost")
        shell.wait_typed("echo lost")
        shell.kill(signal.SIGINT)
        shell.wait_prompt()
        assert shell.run("echo after") == ["after"]


@case
def termination_ends_the_shell_and_restores_the_terminal():
    import termios
    for signo in (signal.SIGTERM, signal.SIGHUP):
        with Shell("-q") as shell:
            before = termios.tcgetattr(shell.fd)[3] & (termios.ECHO | termios.ICANON)
            assert not before, "the prompt reads single keys"
            shell.send("half a line")
            shell.wait_typed("half a line")
            shell.kill(signo)
            assert shell.wait_exit() == 130
            after = termios.tcgetattr(shell.fd)[3]
            assert after & termios.ECHO and after & termios.ICANON
            assert "2004" not in shell.screen.modes


@case
def hang_up_of_the_terminal_ends_the_shell():
    shell = Shell("-q")
    os.close(shell.fd)
    shell.closed = True
    shell.reap(30)
    assert shell.status is not None, "it lives on without a terminal"


@case
def stop_and_continue():
    with Shell("-q") as shell:
        shell.send("echo ab")
        shell.wait_typed("echo ab")
        shell.kill(signal.SIGSTOP)
        shell.wait(lambda: open("/proc/%d/stat" % shell.pid).read().rsplit(")", 1)[1].split()[0] == "T")
        shell.kill(signal.SIGCONT)
        shell.send("c\r")
        shell.wait(re.compile("^abc$", re.M))


@case
def ctrl_z_under_a_shell_suspends_and_fg_comes_back():
    bash = "/bin/bash"
    need(os.access(bash, os.X_OK), "needs bash")
    from harness import NTSH
    with Shell("--norc", "--noprofile", "-i", program=bash, env={"PS1": "outer> "}, wait=False) as shell:
        shell.wait("outer>")
        shell.line(NTSH + " -q")
        shell.wait_prompt()
        shell.send("echo ab")
        shell.wait_typed("echo ab")
        shell.send(ctrl("z"))
        shell.wait("Stopped")
        shell.line("echo in-$((40+2))-bash")
        shell.wait("in-42-bash")
        shell.line("fg")
        shell.wait_typed("echo ab")
        shell.send("c\r")
        shell.wait(re.compile("^abc$", re.M))
        shell.line("exit")
        shell.wait(lambda: shell.screen.cursor_row().startswith("outer>"))
        shell.line("echo still-$((40+2))-here")
        shell.wait("still-42-here")


@case
def ctrl_z_where_nobody_could_continue_it():
    with Shell("-q") as shell:
        shell.send("echo ab" + ctrl("z"))
        shell.send("c\r")
        shell.wait(re.compile("^abc$", re.M))


@case
def ctrl_s_does_not_freeze():
    with Shell("-q") as shell:
        shell.send(ctrl("s"))
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.run("echo alive") == ["alive"]


@case
def editing_keys():
    with Shell("-q") as shell:
        for keys, line in (("acho b" + HOME_KEY + RIGHT + "\b" + "e", "echo b"),
                           ("echo one two" + ctrl("w") + "three", "echo one three"),
                           ("garbage" + ctrl("u") + "echo x", "echo x"),
                           ("cho x" + HOME_KEY + "e" + END_KEY + "y", "echo xy"),
                           ("echo ab" + LEFT + LEFT + "\033[3~", "echo b"),
                           ("ech x" + "\033[1~" + RIGHT * 3 + "o" + "\033[4~" + "y", "echo xy")):
            shell.send(keys)
            shell.wait_typed(line)
            shell.send(ctrl("c"))
            shell.wait_prompt()


@case
def wide_and_accented_characters():
    with Shell("-q") as shell:
        assert shell.run("echo h\u00e9llo \u6771\u4eac") == ["h\u00e9llo \u6771\u4eac"]
        shell.send("echo \u6771\u4eacx" + LEFT + LEFT + "\b" + "y")
        shell.wait_typed("echo y\u4eacx")


@case
def non_utf8_locale():
    with Shell("-q", env={"LC_ALL": "C", "LANG": "C"}) as shell:
        shell.send("echo a\u00e9b\r")
        shell.wait(re.compile("^ab$", re.M))
        assert shell.run("echo ok") == ["ok"]


@case
def dumb_terminal():
    with Shell("-q", env={"TERM": "dumb"}) as shell:
        assert "\033" not in shell.raw.decode(), shell.raw
        assert shell.run("echo hello") == ["hello"]
        shell.send("sle\t")
        shell.wait_typed("sleep ")
        shell.send(ctrl("c"))
        shell.wait_prompt()
        shell.line("sleep 1000")
        wait_sleeping(shell)
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert b"\033" not in shell.raw, shell.raw


@case
def unknown_terminal_is_taken_for_xterm():
    with Shell("-q", env={"TERM": "no-such-terminal"}) as shell:
        assert "No entry" not in shell.screen.text(), shell.picture()
        shell.run("echo a")
        shell.send(UP)
        shell.wait_typed("echo a")


@case
def no_color():
    with Shell(env={"NO_COLOR": "1"}) as shell:
        shell.run("nosuchcommand")
        shell.send("sleep ?")
        shell.wait("DURATION")
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.screen.colours == 0, shell.raw
    with Shell() as shell:
        assert shell.screen.colours > 0
        shell.run("nosuchcommand")
        assert shell.prompt() == "ntsh [2]>"


@case
def resize_redraws_a_long_line():
    text = "echo " + "".join("%03d." % i for i in range(70))
    for reflow in (True, False):
        with Shell("-q", rows=20, reflow=reflow) as shell:
            shell.send(text)
            shell.wait_typed(text)
            for rows, cols in ((20, 120), (30, 60), (20, 200), (24, 80)):
                before = len(shell.raw)
                shell.resize(rows, cols)
                shell.wait(lambda: len(shell.raw) > before, why="a redraw")
                if reflow:
                    shell.wait_typed(text)
                    assert shell.screen.text().count("ntsh>") == 1, shell.picture()
            shell.send(LEFT * 4 + "X")
            want = text[:-4] + "X" + text[-4:]
            shell.wait(lambda: want[-40:] in "".join(row.text() for row in shell.screen.lines))


@case
def resize_during_a_command():
    with Shell("-q") as shell:
        shell.line("sleep 1000")
        wait_sleeping(shell)
        shell.resize(24, 50)
        shell.send(ctrl("c"))
        shell.wait_prompt()
        text = "echo " + "".join("%03d." % i for i in range(30))
        shell.send(text)
        shell.wait_typed(text)


@case
def very_long_line():
    text = "echo " + "".join("%04d." % i for i in range(800))
    with Shell("-q", rows=24) as shell:
        shell.send(text)
        shell.wait("0799.")
        shell.send("\r")
        shell.wait_prompt()
        flat = "".join(row.text() for row in shell.screen.history + shell.screen.lines)
        assert flat.endswith("0798.0799.ntsh>"), flat[-60:]
        shell.send(UP)
        shell.wait("0799.")
        shell.send("x\r")
        shell.wait("0799.x")
        shell.wait_prompt()


@case
def paste_is_text_until_enter():
    with Shell("-q") as shell:
        shell.paste("echo a\tb ?\n")
        shell.wait(lambda: (shell.typed() or "").rstrip().endswith("b ?"))
        assert "\nWORD" not in shell.screen.text()
        shell.send("\r")
        shell.wait(re.compile(r"^a b \?$", re.M))


@case
def paste_of_several_lines_runs_after_enter_line_by_line():
    with Shell("-q") as shell:
        shell.paste("echo one\necho two\necho 'three\nfour'\n")
        shell.wait("four'")
        assert "\none" not in shell.screen.text()
        shell.send("\r")
        shell.wait(lambda: "> echo one\none\n> echo two\ntwo\n> echo 'three\nfour'\n" in shell.screen.text()
                   and shell.typed() == "")
        shell.send(UP + UP)
        shell.wait_typed("echo two")


@case
def paste_without_control_characters():
    with Shell("-q") as shell:
        shell.send("\033[200~echo a\033[31mb\x00\x07c\033[201~\r")
        shell.wait(re.compile(r"^a\[31mbc$", re.M))


@case
def paste_whose_end_is_lost():
    with Shell("-q") as shell:
        shell.send("\033[200~echo a")
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.run("echo b") == ["b"]


@case
def large_paste():
    text = "echo " + "x" * 20000
    with Shell("-q", rows=24) as shell:
        shell.paste(text)
        shell.wait(lambda: shell.screen.text().count("x") > 1000)
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert shell.run("echo after") == ["after"]


@case
def unfinished_line_asks_for_more():
    with Shell("-q") as shell:
        shell.line("echo 'a")
        shell.wait(lambda: shell.screen.cursor_row() == "...>")
        shell.line("b'")
        shell.wait_prompt()
        assert "a\\nb" in shell.screen.text(), shell.picture()
        shell.line("echo x &&")
        shell.wait(lambda: shell.screen.cursor_row() == "...>")
        shell.send(ctrl("c"))
        shell.wait_prompt()
        shell.line("echo 'open")
        shell.wait(lambda: shell.screen.cursor_row() == "...>")
        shell.send(ctrl("d"))
        shell.wait_prompt()
        assert "quote is not closed" in shell.screen.text()


@case
def syntax_error_shows_the_line_with_a_caret():
    with Shell("-q") as shell:
        out = shell.run("echo a >")
        assert out[-2:] == ["  echo a >", " " * 10 + "^"], out
        out = shell.run("echo a; sleep x")
        assert out[-2].strip() == "echo a; sleep x" and out[-1].index("^") == 2 + len("echo a; sleep "), out


@case
def unknown_and_ambiguous_commands():
    with Shell("-q") as shell:
        assert any("did you mean \"sleep\"" in line for line in shell.run("sleeep 1"))
        out = " ".join(shell.run("e"))
        assert "ambiguous" in out and "echo" in out and "exit" in out, out
        assert shell.run("ech shortened") == ["shortened"]


@case
def missing_operand_shows_what_is_missing():
    with Shell("-q") as shell:
        out = " ".join(shell.run("sleep"))
        assert "DURATION" in out, out
        assert shell.prompt() == "ntsh [2]>"


@case
def prompt_begins_in_the_first_column():
    with Shell("-q") as shell:
        shell.line("!printf unfinished")
        shell.wait(lambda: shell.screen.cursor_row() == "ntsh>" and "unfinished" in shell.screen.text())
        assert shell.screen.row(shell.screen.y - 1) == "unfinished", shell.picture()
        shell.line("!printf 'whole\\n'")
        shell.wait(lambda: shell.screen.cursor_row() == "ntsh>" and "\nwhole" in shell.screen.text())
        assert shell.screen.row(shell.screen.y - 1) == "whole", shell.picture()


@case
def a_program_that_spoils_the_terminal():
    with Shell("-q") as shell:
        shell.line("!stty -echo -icanon -isig -opost")
        shell.wait(lambda: shell.screen.text().count("ntsh>") == 2)
        shell.line("sleep 1000")
        wait_sleeping(shell)
        shell.send(ctrl("c"))
        shell.wait(lambda: shell.screen.text().count("[130]") == 1)


@case
def typed_ahead_goes_to_the_program_that_reads():
    with Shell("-q") as shell:
        shell.send("!cat\rfor cat\r")
        shell.wait(re.compile("^for cat$", re.M))
        shell.send(ctrl("d"))
        shell.wait_prompt()
        assert "no command" not in shell.screen.text(), shell.picture()


@case
def vi_keys_and_editrc():
    with Shell("-q") as shell:
        home = shell.home
        open(os.path.join(home, ".editrc"), "w").write("bind -v\n")
        with Shell("-q", home=home) as vi:
            vi.run("echo first")
            vi.send("echo abc")
            vi.wait_typed("echo abc")
            vi.send(ESC)
            vi.pump(0.3)  # a person, too, needs longer than a terminal for the key after ESC
            vi.send("bcwxyz")
            vi.wait_typed("echo xyz")
            vi.send("\r")
            vi.wait(re.compile("^xyz$", re.M))
            vi.send(UP)
            vi.wait_typed("echo xyz")
            vi.send(ctrl("c"))
            vi.wait_prompt()
            vi.send("sle\t")
            vi.wait_typed("sleep ")
            vi.send(ctrl("c"))
            vi.wait_prompt()
            vi.paste("echo pasted")
            vi.wait_typed("echo pasted")


@case
def vi_keys_that_crash_libedit():
    with Shell("-q") as first:
        open(os.path.join(first.home, ".editrc"), "w").write("bind -v\n")
        # each: keys in vi's command mode
        for keys in ("$" + "3~x", ":" + "\r", "$" + "s", "n" + "s", "dn" + "s", "N" + "x"):
            with Shell("-q", home=first.home) as vi:
                vi.send(ESC)
                vi.pump(0.2)
                vi.send(keys)
                vi.send(ctrl("c"))
                vi.wait("^C")
                vi.wait_prompt()
                assert vi.run("echo alive") == ["alive"], keys


@case
def idle_memory_is_small():
    with Shell() as shell:
        need("ASan" not in open("/proc/%d/maps" % shell.pid).read() and
             "libasan" not in open("/proc/%d/maps" % shell.pid).read(), "not with a sanitizer")
        shell.run("echo a")
        assert status_kb(shell, "VmRSS") < 6 * 1024, status_kb(shell, "VmRSS")


@case
def down_comes_back():
    with Shell("-q") as shell:
        shell.run("echo one")
        shell.run("echo two")
        shell.send("echo new" + UP)
        shell.wait_typed("echo two")
        shell.send(DOWN)
        shell.wait_typed("echo new")


@case
def ctrl_c_ends_a_paste_of_several_lines():
    with Shell("-q") as shell:
        shell.paste("echo one\nsleep 1000\necho never")
        shell.wait("echo never")
        shell.send("\r")
        shell.wait(re.compile("^one$", re.M))
        shell.wait("> sleep 1000")
        wait_sleeping(shell)
        shell.send(ctrl("c"))
        shell.wait_prompt()
        assert "\nnever" not in shell.screen.text(), shell.picture()


@case
def without_libedit():
    with Shell("-q") as shell:
        library = os.path.join(shell.home, "libedit.so.2")
        open(library, "w").write("no library")
        with Shell(env={"LD_LIBRARY_PATH": shell.home}) as plain:
            assert "apt-get install libedit2" in plain.screen.text(), plain.picture()
            assert plain.run("echo a") == ["a"]
            plain.line("sleep 1000")
            plain.wait("sleep 1000")
            plain.wait(lambda: open("/proc/%d/stat" % plain.pid).read().rsplit(")", 1)[1].split()[0] == "S")
            plain.send(ctrl("c"))
            plain.wait(lambda: plain.prompt() == "ntsh [130]>")
            plain.send(ctrl("d"))
            assert plain.wait_exit() == 130


@case
def results_into_a_file_and_the_prompt_on_the_terminal():
    with Shell("-q") as outer:
        path = os.path.join(outer.home, "results")

        def redirect():
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), 1)
        with Shell(preexec=redirect) as shell:
            shell.line("echo into the file")
            shell.wait(lambda: shell.screen.text().count("ntsh>") == 2)
            assert open(path).read() == "into the file\n", open(path).read()


main()
