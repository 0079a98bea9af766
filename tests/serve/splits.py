#!/usr/bin/env python3
"""Each request cut in two at each byte: the reply is the uncut one's, and Python's and curl's reading of it agree.

usage: splits.py TORQUE-SERVE
"""
import http.client, io, shutil, socket, subprocess, threading, time

from harness import Server, main

AT_ONCE = 250


def request(method=b"GET", target=b"/", fields=b"", body=b"", version=b"HTTP/1.1"):
    return method + b" " + target + b" " + version + b"\r\nHost: x\r\n" + fields + b"\r\n" + body


LENGTH, CHUNKED = b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\nT: u\r\n\r\n"
EXPECT = request(b"POST", fields=LENGTH + b"Expect: 100-continue\r\n")
CLOSE = b"Connection: close\r\n"
# name, request, what http.client is to read: (method, status, body or None for any) of each response, stays open
TABLE = [
    ("GET", request(), [("GET", 200, b"OK")], True),
    ("GET, close", request(fields=CLOSE), [("GET", 200, b"OK")], False),
    ("HEAD", request(b"HEAD"), [("HEAD", 200, b"")], True),
    ("HEAD of a handler", request(b"HEAD", b"/worker"), [("HEAD", 200, b"")], True),
    ("a handler", request(target=b"/worker?a=b"), [("GET", 200, None)], True),
    ("1.0", request(version=b"HTTP/1.0"), [("GET", 200, b"OK")], False),
    ("1.0, keep-alive", request(fields=b"Connection: keep-alive\r\n", version=b"HTTP/1.0"), [("GET", 200, b"OK")], True),
    ("an empty line before", b"\r\n" + request(), [("GET", 200, b"OK")], True),
    ("GET with a body", request(fields=LENGTH, body=b"hello"), [("GET", 200, b"OK")], True),
    ("handler, GET with chunks", request(target=b"/worker", fields=CHUNKED, body=CHUNKS), [("GET", 200, None)], True),
    ("POST with a length", request(b"POST", fields=LENGTH, body=b"hello"), [("POST", 405, None)], True),
    ("POST in chunks", request(b"POST", fields=CHUNKED, body=CHUNKS), [("POST", 405, None)], True),
    ("100-continue", EXPECT + b"hello", [("POST", 405, None)], True),
    ("a pair", request() * 2, [("GET", 200, b"OK")] * 2, True),
    ("a mixed pair", request(target=b"/worker") + request(), [("GET", 200, None), ("GET", 200, b"OK")], True),
    ("a pair with a body", request(b"PUT", fields=CHUNKED, body=CHUNKS) + request(b"HEAD", fields=CLOSE),
     [("PUT", 405, None), ("HEAD", 200, b"")], False),
    ("404", request(target=b"/no"), [("GET", 404, b"Not Found\n")], True),
    ("405", request(b"DELETE", b"/worker"), [("DELETE", 405, None)], True),
    ("413", request(b"POST", fields=b"Content-Length: 99999999\r\n"), [("POST", 413, None)], False),
    ("413 in chunks", request(b"POST", fields=CHUNKED, body=b"ffffff\r\nx"), [("POST", 413, None)], False),
    ("417", request(fields=b"Expect: a-miracle\r\n"), [("GET", 417, None)], False),
    ("431", request(fields=b"X: " + b"y" * 8200 + b"\r\n"), [("GET", 431, None)], False),
    ("501", request(b"BREW"), [("BREW", 501, None)], True),
    ("505", request(version=b"HTTP/2.0"), [("GET", 505, None)], False),
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", [("GET", 400, None)], False),
    ("bare LF", b"GET / HTTP/1.1\nHost: x\n\n", [("GET", 400, None)], False),
    ("NUL", request(fields=b"X: a\0b\r\n"), [("GET", 400, None)], False),
    ("folded", request(fields=b"X: a\r\n b\r\n"), [("GET", 400, None)], False),
    ("two lengths", request(fields=LENGTH + b"Content-Length: 6\r\n", body=b"hello"), [("GET", 400, None)], False),
    ("length and chunks", request(fields=LENGTH + CHUNKED, body=CHUNKS), [("GET", 400, None)], False),
    ("a bad chunk", request(fields=CHUNKED, body=b"3\r\nabcd\r\n0\r\n\r\n"), [("GET", 400, None)], False),
    ("right, then wrong", request() + request(target=b"no"), [("GET", 200, b"OK"), ("GET", 400, None)], False),
]


class Raw:
    """Bytes as http.client's socket."""

    def __init__(self, data):
        self.file = io.BytesIO(data)
        self.file.close = lambda: None

    def makefile(self, *_):
        return self.file


def check_reading(name, reply, expected, stays):
    raw = Raw(reply)
    for i, (method, status, body) in enumerate(expected):
        response = http.client.HTTPResponse(raw, method=method)
        response.begin()
        got = response.read()
        assert response.status == status, "%s: %d, not %d" % (name, response.status, status)
        assert body is None or got == body, "%s: %r" % (name, got)
        last = i + 1 == len(expected)
        assert response.will_close == (last and not stays), "%s: the connection" % name
    assert raw.file.read() == b"", "%s: more came" % name


def take(client):
    """What is there; None at the end."""
    try:
        return client.recv(65536) or None
    except BlockingIOError:
        return b""
    except ConnectionError:
        return None


def drain(clients, replies):
    """Reads all to the end: the server closes once it knows that nothing more is asked."""
    open_ones, deadline = set(range(len(clients))), time.monotonic() + 10
    while open_ones:
        assert time.monotonic() < deadline, "no end of %d replies, first %r" % (
            len(open_ones), replies[min(open_ones)][:60])
        for i in list(open_ones):
            data = take(clients[i])
            if data is None:
                open_ones.remove(i)
            else:
                replies[i] += data
        time.sleep(0.001)


def send(client, data, last):
    """A server that has refused already may have closed."""
    try:
        client.setblocking(True)
        client.sendall(data)
        if last:
            client.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    client.setblocking(False)


def ask(server, pieces_of_each):
    """The replies to requests in pieces, each piece after the one before was there."""
    clients = [server.connect() for _ in pieces_of_each]
    replies = [b""] * len(clients)
    for step in range(max(map(len, pieces_of_each))):
        for i, pieces in enumerate(pieces_of_each):
            if step < len(pieces):
                send(clients[i], pieces[step], step + 1 == len(pieces))
        time.sleep(0.005)
        for i, client in enumerate(clients):  # before a reset can take it away
            replies[i] += take(client) or b""
    drain(clients, replies)
    for client in clients:
        client.close()
    return replies


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def every_split():
    with Server() as server:
        for name, data, expected, stays in TABLE:
            whole = ask(server, [[data]])[0]
            check_reading(name, whole, expected, stays)
            cuts = range(1, len(data))
            for first in range(0, len(cuts), AT_ONCE):
                some = cuts[first:first + AT_ONCE]
                for cut, reply in zip(some, ask(server, [[data[:cut], data[cut:]] for cut in some])):
                    asked_for_body = data.startswith(EXPECT) and cut == len(EXPECT)
                    wanted = (CONTINUE if asked_for_body else b"") + whole
                    assert reply == wanted, "%s cut at %d: %r" % (name, cut, reply[:200])
        assert server.metric("torque_connections_open") == 1


def as_curl_reads_it():
    """Each single reply once more, from a server of our own that sends those bytes."""
    if not shutil.which("curl"):
        return print("curl is not installed")
    with Server() as server, socket.create_server(("127.0.0.1", 0)) as replay:
        for name, data, expected, _ in TABLE:
            if len(expected) != 1 or expected[0][0] == "BREW":
                continue
            (method, status, body), reply = expected[0], ask(server, [[data]])[0]
            def answer():
                client, _ = replay.accept()
                with client:
                    client.recv(65536)
                    client.sendall(reply)
                    client.shutdown(socket.SHUT_WR)
                    client.settimeout(5)
                    client.recv(65536)
            thread = threading.Thread(target=answer)
            thread.start()
            how = ["-I"] if method == "HEAD" else []
            done = subprocess.run(["curl", "-sS", "-m5", "-w", "\n%{http_code}", *how,
                                   "http://127.0.0.1:%d/" % replay.getsockname()[1]], capture_output=True, timeout=20)
            thread.join()
            got, _, code = done.stdout.rpartition(b"\n")
            assert done.returncode == 0 and not done.stderr, (name, done.returncode, done.stderr)
            assert int(code) == status, (name, code)
            assert method == "HEAD" or body is None or got == body, (name, got)


if __name__ == "__main__":
    main([every_split, as_curl_reads_it])
