#!/usr/bin/env python3
"""Whois servers that misbehave on purpose: whoisd.py ADDRESS=BEHAVIOUR ... (port 43).

    iana        refers to 127.0.2.2
    registry    knows reg.lab, and refers to the registrar at 127.0.2.3 (over whois:// with a port)
    registrar   knows reg.lab in full, with control characters in it
    silent      takes the question and says nothing
    close       closes at once
    flood       text without end
    circle      refers to itself
    odd         a referral that is no host name, NUL bytes, no line ends
"""
import socket
import sys
import threading

NOTHING = "No match for domain\r\n"


def answer(mood, question):
    if mood == "iana":
        return "% IANA\r\n\r\nrefer:        127.0.2.2\r\n\r\ndomain: LAB\r\norganisation: The Lab\r\n"
    if mood == "registry":
        if question != "reg.lab":
            return NOTHING
        return "Domain Name: REG.LAB\r\nRegistrar WHOIS Server: whois://127.0.2.3:43/\r\nRegistrar: Lab Names\r\n"
    if mood == "registrar":
        return ("Domain Name: REG.LAB\r\nRegistrar: Lab \x1b[31mNames\r\nCreation Date: 1999-01-02\r\nRegistry Expiry Date: 2030-01-02\r\n"
                "Name Server: ns1.reg.lab\r\nName Server: ns2.reg.lab\r\n")
    if mood == "circle":
        return "refer: 127.0.2.7\r\n"
    if mood == "odd":
        return "refer: ../../etc/passwd\r\nrefer: -rf\r\nwhois: \0\0\xff\xfe" + "x" * 100000
    return ""


def serve(connection, mood):
    try:
        if mood == "close":
            return
        question = connection.makefile("rb").readline(600).decode("latin-1").strip()
        if mood == "silent":
            threading.Event().wait()
        while mood == "flood":
            connection.sendall(b"a: b\r\n" * 10000)
        connection.sendall(answer(mood, question).encode("latin-1"))
    except OSError:
        pass
    finally:
        connection.close()


def listen(listener, mood):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, mood), daemon=True).start()


def main():
    for word in sys.argv[1:]:
        address, mood = word.split("=")
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, 43))
        listener.listen(16)
        threading.Thread(target=listen, args=(listener, mood), daemon=True).start()
    print("{}", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
