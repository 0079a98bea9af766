#!/usr/bin/env python3
"""A program with the server in it: its own handlers, well-behaved and not, under every way to ask.

usage: embed.py EMBED
"""
import json, os, re, socket, subprocess, threading, time

from harness import BINARY, Responses, main, parse_cpus, read, skip, some_cpus

HOST = b"Host: x\r\n"


def request(target, method=b"GET", fields=b"", body=b"", version=b"HTTP/1.1"):
    return method + b" " + target + b" " + version + b"\r\n" + HOST + fields + b"\r\n" + body


class Embedded:
    """The program on some CPUs; ends with its standard input, and well."""

    def __init__(self, cpus=None):
        self.cpus = cpus or some_cpus(1)

    def __enter__(self):
        self.process = subprocess.Popen([BINARY] + list(map(str, self.cpus)), stdin=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
        if not found:
            self.process.wait()
            assert "io_uring" in line, line
            skip(line)
        self.port = int(found.group(1))
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("does not end")
        said = self.process.stderr.read()
        self.process.stderr.close()
        assert code == 0 and not said, (code, said)

    def connect(self, timeout_s=5):
        client = socket.create_connection(("127.0.0.1", self.port), timeout_s)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def ask(self, data, to_head=False):
        with self.connect() as client:
            client.sendall(data)
            return Responses(client).read(to_head=to_head)

    def metric(self, name):
        text = self.ask(request(b"/metrics")).body.decode()
        return sum(int(n) for n in re.findall(r"^%s\{.*\} (\d+)$" % name, text, re.M))


def expected_echo(method, target, path, query, mark, body, fields):
    return b"\n".join([method, target, path, query, mark, body, b"%d" % fields])


def a_request_as_the_handler_sees_it():
    with Embedded() as server:
        got = server.ask(request(b"/echo?a=b?c", fields=b"X-Mark:  here \t\r\nX: y\r\n"))
        assert got.status == 200 and got.fields["content-type"] == "text/plain" and got.fields["x-worker"] == "first"
        assert got.body == expected_echo(b"GET", b"/echo?a=b?c", b"/echo", b"a=b?c", b"here", b"", 3), got.body
        got = server.ask(b"\r\n" + request(b"http://x/below/a%20b?"))
        assert got.body == expected_echo(b"GET", b"http://x/below/a%20b?", b"/below/a%20b", b"", b"-", b"", 1), got.body
        assert server.ask(request(b"/below")).status == 404 and server.ask(request(b"/below/")).status == 200
        ready = server.ask(request(b"/html"))
        assert ready.body == b"<p>ready</p>\n" and ready.fields["content-type"] == "text/html"


def bodies():
    with Embedded() as server:
        plain = request(b"/echo", b"POST", b"Content-Length: 5\r\n", b"hello")
        chunked = request(b"/echo", b"PUT", b"Transfer-Encoding: chunked\r\n", b"3;x\r\nhel\r\n2\r\nlo\r\n0\r\nT: u\r\n\r\n")
        for data, method in ((plain, b"POST"), (chunked, b"PUT")):
            wanted = expected_echo(method, b"/echo", b"/echo", b"", b"-", b"hello", 2)
            with server.connect() as client:  # whole, cut at each byte, and pipelined
                responses = Responses(client)
                for cut in range(len(data)):
                    client.sendall(data[:cut])
                    time.sleep(0.0005)
                    client.sendall(data[cut:])
                    assert responses.read().body == wanted, cut
                client.sendall(data * 100)
                for _ in range(100):
                    assert responses.read().body == wanted
        empty = server.ask(request(b"/echo", b"POST", b"Content-Length: 0\r\n"))
        assert empty.body == expected_echo(b"POST", b"/echo", b"/echo", b"", b"-", b"", 2), empty.body
        bytes_ = bytes(range(256)) * 20
        got = server.ask(request(b"/echo", b"POST", b"Content-Length: %d\r\n" % len(bytes_), bytes_))
        assert got.body == expected_echo(b"POST", b"/echo", b"/echo", b"", b"-", bytes_, 2)


def bodies_that_do_not_fit():
    with Embedded() as server:
        for fields, body in ((b"Content-Length: 9000\r\n", b"x" * 9000),
                             (b"Transfer-Encoding: chunked\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n" + b"1000\r\n" +
                              b"x" * 4096 + b"\r\n0\r\n\r\n")):
            with server.connect() as client:
                client.sendall(request(b"/echo", b"POST", fields, body) + request(b"/visits"))
                responses = Responses(client)
                assert responses.read().status == 413 and responses.read().status == 200, "the connection is kept"
        with server.connect() as client:
            client.sendall(request(b"/echo", b"POST", b"Content-Length: 9000\r\nExpect: 100-continue\r\n"))
            got = Responses(client).read()
            assert got.status == 413 and got.fields["connection"] == "close", "not asked for what is not wanted"
        with server.connect() as client:
            client.sendall(request(b"/echo", b"POST", b"Content-Length: 5\r\nExpect: 100-continue\r\n"))
            responses = Responses(client)
            assert responses.read().status == 100
            client.sendall(b"hello")
            assert responses.read().body.split(b"\n")[5] == b"hello"


def methods():
    with Embedded() as server:
        for target, method, status, allow in ((b"/echo", b"DELETE", 405, "GET, HEAD, POST, PUT"),
                                              (b"/post", b"GET", 405, "POST"), (b"/post", b"HEAD", 405, "POST"),
                                              (b"/", b"POST", 405, "GET, HEAD"), (b"/visits", b"GET", 200, None),
                                              (b"/echo", b"BREW", 501, None), (b"/echo", b"TRACE", 405, "GET, HEAD, POST, PUT")):
            got = server.ask(request(target, method), to_head=method == b"HEAD")
            assert (got.status, got.fields.get("allow")) == (status, allow), (target, method, got.status, got.fields)


def head_is_get_without_body():
    with Embedded() as server, server.connect() as client:
        responses = Responses(client)
        for target in (b"/", b"/echo?x", b"/large?50000", b"/status?404", b"/status?605"):
            client.sendall(request(target) + request(target, b"HEAD") + request(b"/visits"))
            whole, head = responses.read(), responses.read(to_head=True)
            if target == b"/echo?x":
                whole.fields["content-length"] = str(int(whole.fields["content-length"]) + 1)  # HEAD is a byte longer
            assert (head.status, head.fields) == (whole.status, whole.fields), target
            assert responses.read().status == 200 and not responses.buffer


def versions_and_the_connection():
    with Embedded() as server:
        for target in (b"/", b"/visits", b"/large?2000", b"/status?605"):
            for fields, version, said in ((b"Connection: close\r\n", b"HTTP/1.1", "close"), (b"", b"HTTP/1.0", "close"),
                                          (b"Connection: keep-alive\r\n", b"HTTP/1.0", "keep-alive")):
                with server.connect() as client:
                    client.sendall(request(target, fields=fields, version=version))
                    responses = Responses(client)
                    assert responses.read().fields["connection"] == said
                    if said == "close":
                        assert responses.closed()
                        continue
                    client.sendall(request(target))
                    assert responses.read()


def results_good_and_bad():
    with Embedded() as server, server.connect() as client:
        responses = Responses(client)
        def status(number):
            client.sendall(request(b"/status?%d" % number))
            return Responses(client).read() if number == 999 else responses.read(to_head=number in (204, 304))
        for good in (200, 204, 302, 304, 404, 429, 500, 599):
            got = status(good)
            assert got.status == good, (good, got.status)
            assert ("content-length" in got.fields) == (good not in (204, 304)), good
        assert status(302).fields["location"] == "/visits"
        before = server.metric("torque_handler_failures_total")
        bad = (0, 100, 101, 199, 600, 601, 602, 603, 604, 605, 606)
        for number in bad:
            got = status(number)
            assert got.status == 500 and got.body == b"Internal Server Error\n", number
            assert set(got.fields) == {"content-type", "content-length"}, got.fields
        client.sendall(request(b"/lines?1000") + request(b"/lines?2"))
        assert responses.read().status == 500 and responses.read().body == b"a line\n" * 2, "too big, then not"
        assert server.metric("torque_handler_failures_total") - before == len(bad) + 1
        assert int(server.metric("torque_responses_total")) > 20


def pipelined_and_mixed():
    """Ready runs, handlers, large and bad ones behind each other, in one write and in many."""
    mixed = [(b"/", b"a ready text\n"), (b"/", b"a ready text\n"), (b"/html", b"<p>ready</p>\n"), (b"/lines?3", b"a line\n" * 3),
             (b"/large?3000", b"a line\n" * 3000), (b"/status?605", b"Internal Server Error\n"), (b"/no", b"Not Found\n"),
             (b"/lines?140", b"a line\n" * 140), (b"/", b"a ready text\n")]
    stream = b"".join(request(target) for target, _ in mixed)
    with Embedded() as server:
        for piece in (len(stream) * 50, 1460, 97):
            with server.connect(20) as client:
                data = stream * 50
                writer = threading.Thread(target=lambda: [client.sendall(data[at:at + piece])
                                                          for at in range(0, len(data), piece)])
                writer.start()
                responses = Responses(client)
                for i in range(50):
                    for target, body in mixed:
                        got = responses.read()
                        assert got and got.body == body, (piece, i, target, got and got.status)
                writer.join()
        with server.connect() as client:
            client.sendall(request(b"/lines?1") * 3000)
            responses = Responses(client)
            for _ in range(3000):
                assert responses.read().body == b"a line\n"


def large_responses_are_bounded():
    """Four clients that do not read hold the large buffers: the next gets 503, others are served."""
    with Embedded() as server:
        slow = []
        for _ in range(4):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(20)
            client.connect(("127.0.0.1", server.port))
            client.sendall(request(b"/large?149000"))
            slow.append(client)
        time.sleep(0.3)
        busy = server.ask(request(b"/large?1"))
        held = busy.status == 503
        assert server.ask(request(b"/visits")).status == 200
        for client in slow:
            assert len(Responses(client).read().body) == 7 * 149000
            client.close()
        assert server.ask(request(b"/large?1")).status == 200
        assert held or busy.status == 200


def every_worker_and_what_they_share():
    cpus = some_cpus(2)
    with Embedded(cpus) as server:
        def visit():
            with server.connect() as client:
                responses = Responses(client)
                for _ in range(500):
                    client.sendall(request(b"/visits"))
                    assert responses.read().status == 200
        threads = [threading.Thread(target=visit) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert int(server.ask(request(b"/visits")).body) == 8 * 500 + 1
        assert server.ask(request(b"/deep")).body.isdigit()
        pinned = set()
        for task in os.listdir("/proc/%d/task" % server.process.pid):
            status = read("/proc/%d/task/%s/status" % (server.process.pid, task))
            if "Name:\tworker-" in status:
                pinned |= parse_cpus(re.search(r"Cpus_allowed_list:\s*(\S+)", status).group(1))
        assert pinned == set(cpus), pinned


def a_half_closed_and_a_reset_client():
    with Embedded() as server:
        data = request(b"/echo", b"POST", b"Content-Length: 5\r\n", b"hello")
        for cut in range(0, len(data), 3):
            with server.connect() as client:
                client.sendall(data[:cut])
        with server.connect() as client:
            client.sendall(data * 3)
            client.shutdown(socket.SHUT_WR)
            responses = Responses(client)
            assert [responses.read().status for _ in range(3)] == [200] * 3 and responses.closed()
        deadline = time.monotonic() + 5
        while server.metric("torque_connections_open") != 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)


if __name__ == "__main__":
    main([a_request_as_the_handler_sees_it, bodies, bodies_that_do_not_fit, methods, head_is_get_without_body,
          versions_and_the_connection, results_good_and_bad, pipelined_and_mixed, large_responses_are_bounded,
          every_worker_and_what_they_share, a_half_closed_and_a_reset_client])
