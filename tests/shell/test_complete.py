#!/usr/bin/env python3
"""Tab and ? at the real prompt. What is offered for which line is the business of tests/unit/complete.c."""
import os
import re

from harness import HOME_KEY, LEFT, TAB, UP, Shell, case, ctrl, main, need


def fresh(shell):
    shell.send(ctrl("c"))
    shell.wait(lambda: shell.typed() == "" and shell.screen.cursor_row().startswith("ntsh"))


@case
def one_match_is_inserted():
    with Shell("-q") as shell:
        shell.send("sle" + TAB)
        shell.wait_typed("sleep ")


@case
def several_matches_are_listed_with_what_they_are():
    with Shell("-q") as shell:
        shell.send("ex" + TAB)
        shell.wait(re.compile(r"^  exit +leave the shell$", re.M))
        shell.wait(re.compile(r"^  expect +\w", re.M))
        shell.wait(lambda: shell.typed() == "ex")


@case
def several_matches_extend_to_what_they_share():
    with Shell("-q") as shell:
        for name in ("alpha-one", "alpha-two"):
            open(os.path.join(shell.home, name), "w").close()
        shell.send("source al" + TAB)
        shell.wait_typed("source alpha-")
        shell.wait(re.compile("alpha-one +alpha-two"))
        shell.send("t" + TAB)
        shell.wait_typed("source alpha-two ")


@case
def settings_by_their_folders_and_shortly():
    with Shell("-q") as shell:
        shell.send("sysctl net.ipv4.tcp_fin_t" + TAB)
        shell.wait_typed("sysctl net.ipv4.tcp_fin_timeout ")
        fresh(shell)
        shell.send("sysctl set tcp_fin_t" + TAB)
        shell.wait_typed("sysctl set tcp_fin_timeout ")
        fresh(shell)
        shell.send("sysctl net.ipv4.nei" + TAB)
        shell.wait_typed("sysctl net.ipv4.neigh.")


@case
def files_and_folders_with_blanks():
    with Shell("-q") as shell:
        os.mkdir(os.path.join(shell.home, "my folder"))
        open(os.path.join(shell.home, "my folder", "it's.ntsh"), "w").write("echo from the file\n")
        shell.send("source my" + TAB)
        shell.wait_typed("source my\\ folder/")
        shell.send(TAB)
        shell.wait_typed("source my\\ folder/it\\'s.ntsh ")
        shell.send("\r")
        shell.wait(re.compile("^from the file$", re.M))
        shell.wait_prompt()
        shell.send("source 'my" + TAB)
        shell.wait_typed("source 'my folder/")


@case
def hostile_file_names_do_not_reach_the_terminal():
    with Shell("-q") as shell:
        for name in ("bad\033[31mone", "bad\ntwo"):
            open(os.path.join(shell.home, name), "w").close()
        shell.raw = b""
        shell.send("source bad" + TAB)
        shell.wait("two")
        assert b"\033[31mone" not in shell.raw, shell.raw


@case
def in_the_middle_of_a_line():
    with Shell("-q") as shell:
        shell.send("sle 1" + LEFT * 2 + TAB)
        shell.wait_typed("sleep  1")


@case
def after_operators_and_in_control_words():
    with Shell("-q") as shell:
        for before in ("echo a; ", "echo a && ", "echo a || ", "foreach x in a b do ", "repeat 3 ", "watch 2s ",
                       "repeat 2 every 1s "):
            shell.send(before + "sle" + TAB)
            shell.wait_typed(before + "sleep ")
            fresh(shell)


@case
def interfaces_variables_and_hosts():
    with Shell("-q") as shell:
        need(os.path.exists("/sys/class/net/lo"), "there is no lo here")
        shell.send("sleep 1 --interface l" + TAB)
        shell.wait_typed("sleep 1 --interface lo ")
        fresh(shell)
        shell.run("set thing=value")
        shell.send("echo $thi" + TAB)
        shell.wait_typed("echo $thing")
        shell.send("\r")
        shell.wait(re.compile("^value$", re.M))


@case
def hosts_seen_in_this_session():
    with Shell("-q") as shell:
        shell.run("echo http://seen-before.example/path")
        shell.send("http http://seen" + TAB)
        shell.wait(lambda: (shell.typed() or "").startswith("http http://seen-before.example/"))


@case
def options_with_their_meaning():
    with Shell("-q", cols=120, rows=40) as shell:
        shell.send("http -" + TAB)
        shell.wait(re.compile(r"^  -n, --\w+ \S+ +\w", re.M))
        shell.wait_typed("http --")


@case
def nothing_to_offer_shows_what_is_meant():
    with Shell("-q") as shell:
        shell.send("sleep " + TAB)
        shell.wait("DURATION")
        shell.wait(lambda: shell.typed() == "sleep ")


@case
def question_mark_explains_and_runs_nothing():
    with Shell("-q") as shell:
        shell.send("sleep ?")
        shell.wait(re.compile(r"^sleep DURATION", re.M))
        shell.wait(re.compile(r"^  DURATION +500ms", re.M))
        shell.wait(lambda: shell.typed() == "sleep ")
        fresh(shell)
        shell.send("?")
        shell.wait(re.compile(r"^  watch +", re.M))
        shell.wait_prompt()
        shell.send("sle?")
        shell.wait(re.compile(r"^  sleep +wait", re.M))
        shell.wait(lambda: shell.typed() == "sle")


@case
def question_mark_is_text_in_quotes_urls_and_after_dollar():
    with Shell("-q") as shell:
        for line in ("echo 'a?", 'echo "a?', "http http://host/a?b=c?", "echo $?", "echo a\\?", "!ls ?.txt", "# why?"):
            shell.send(line)
            shell.wait_typed(line)
            fresh(shell)


@case
def list_below_a_line_of_several_rows():
    with Shell("-q", rows=30) as shell:
        line = "echo " + "0123456789" * 20
        shell.send(line + HOME_KEY + "ex" + TAB)
        shell.wait(re.compile(r"^  exit +leave", re.M))
        shell.wait_typed("ex" + line)
        rows = shell.screen.text().splitlines()
        first = next(i for i, row in enumerate(rows) if row.startswith("ntsh> ex"))
        listing = next(i for i, row in enumerate(rows) if row.startswith("  exit"))
        assert listing > first + 2, shell.picture()  # under the whole line, not in it
        shell.send("it;")
        shell.wait(lambda: "".join(row.text() for row in shell.screen.lines).endswith("ntsh> exit;" + line))


@case
def long_lists_fit_the_screen():
    with Shell("-q", rows=12, cols=60) as shell:
        for i in range(300):
            open(os.path.join(shell.home, "file%03d" % i), "w").close()
        shell.send("source file" + TAB)
        shell.wait("300 in all")
        shell.wait(lambda: shell.typed() == "source file")
        assert "ntsh> source file" in shell.screen.row(0), shell.picture()


@case
def narrow_terminal():
    with Shell("-q", rows=40, cols=30) as shell:
        shell.send("?")
        shell.wait(re.compile("^  watch", re.M))
        shell.wait_prompt()
        assert not any(row.wrapped for row in shell.screen.history + shell.screen.lines), shell.picture()


@case
def expect_offers_the_fields_of_the_last_result():
    with Shell("-q") as shell:
        shell.run("explain refused")
        shell.send("expect " + TAB)
        shell.wait(lambda: shell.typed() != "expect " or "\n  " in shell.screen.text())
        assert shell.prompt() == "ntsh>"


@case
def tab_in_an_empty_line_lists_all_commands():
    with Shell("-q", rows=50) as shell:
        shell.send(TAB)
        shell.wait(re.compile("^  sleep", re.M))
        shell.wait_prompt()
        shell.run("echo a")
        shell.send(UP)
        shell.wait_typed("echo a")


main()
