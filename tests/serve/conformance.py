#!/usr/bin/env python3
"""RFC 9112 as a table: request bytes, the statuses allowed, and whether the connection stays open.

usage: conformance.py TORQUE-SERVE
"""
from harness import Responses, Server, main

HOST = b"Host: x\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def get(*fields, target=b"/", version=b"HTTP/1.1", method=b"GET", host=HOST):
    return method + b" " + target + b" " + version + b"\r\n" + host + b"".join(f + b"\r\n" for f in fields) + b"\r\n"


KEPT, CLOSED = True, False
# name, request, statuses in order (each an int or a set), what becomes of the connection
CASES = [
    # --- what is right
    ("plain", GET, [200], KEPT),
    ("no path but a query", get(target=b"/?a=b"), [200], KEPT),
    ("absolute form", get(target=b"http://x/"), [200], KEPT),
    ("absolute form without a path", get(target=b"HTTP://x:80"), [200], KEPT),
    ("absolute form, other path", get(target=b"http://x/no"), [404], KEPT),
    ("unknown path", get(target=b"/no"), [404], KEPT),
    ("worker", get(target=b"/worker"), [200], KEPT),
    ("metrics", get(target=b"/metrics"), [200], KEPT),
    ("dot segments are another path", get(target=b"/./"), [404], KEPT),
    ("percent-encoded slash is another path", get(target=b"/%2f"), [404], KEPT),
    ("close", get(b"Connection: close"), [200], CLOSED),
    ("close in a list, other case", get(b"Connection: foo , CLOSE"), [200], CLOSED),
    ("close in a second field", get(b"Connection: keep-alive", b"Connection: close"), [200], CLOSED),
    ("HTTP/1.0", get(version=b"HTTP/1.0"), [200], CLOSED),
    ("HTTP/1.0 without Host", get(version=b"HTTP/1.0", host=b""), [200], CLOSED),
    ("HTTP/1.0 keep-alive", get(b"Connection: keep-alive", version=b"HTTP/1.0"), [200], KEPT),
    ("a later minor version", get(version=b"HTTP/1.9"), [200], KEPT),
    ("empty line before", b"\r\n" + GET, [200], KEPT),
    ("empty lines before", b"\r\n\r\n\r\n" + GET, [200], KEPT),
    ("empty Host", get(host=b"Host:\r\n"), [200], KEPT),
    ("Host with a port", get(host=b"Host: a.example:8080\r\n"), [200], KEPT),
    ("Host is an IPv6 address", get(host=b"Host: [::1]:80\r\n"), [200], KEPT),
    ("spaces around a value", get(b"X:   \t a b \t "), [200], KEPT),
    ("obs-text in a value", get(b"X: \xff\x80"), [200], KEPT),
    ("empty value", get(b"X:"), [200], KEPT),
    ("POST to a resource", get(b"Content-Length: 3", method=b"POST") + b"abc" + GET, [405, 200], KEPT),
    ("POST elsewhere", get(b"Content-Length: 0", target=b"/no", method=b"POST"), [404], KEPT),
    ("OPTIONS *", get(target=b"*", method=b"OPTIONS"), [405], KEPT),
    ("CONNECT", get(target=b"x:80", method=b"CONNECT"), [405], KEPT),
    ("a method that does not exist", get(method=b"BREW"), [{501, 405}], KEPT),
    ("methods are case-sensitive", get(method=b"get"), [{501, 405, 400}], None),
    # --- bodies
    ("GET with a body", get(b"Content-Length: 5") + b"GET /" + GET, [200, 200], KEPT),
    ("chunked", get(b"Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n" + GET, [200, 200], KEPT),
    ("chunked, upper case and size", get(b"Transfer-Encoding: CHUNKED") + b"A\r\n0123456789\r\n0\r\n\r\n", [200], KEPT),
    ("chunk extensions", get(b"Transfer-Encoding: chunked") + b"1;a=b;c=\"d\"\r\nx\r\n0;e\r\n\r\n" + GET, [200, 200], KEPT),
    ("trailers", get(b"Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\nA: b\r\nC: d\r\n\r\n" + GET, [200, 200], KEPT),
    ("leading zeros of a chunk size", get(b"Transfer-Encoding: chunked") + b"0003\r\nabc\r\n000\r\n\r\n" + GET, [200, 200], KEPT),
    ("expect", get(b"Content-Length: 2", b"Expect: 100-continue"), [100], KEPT),
    ("expect, body at once", get(b"Content-Length: 2", b"Expect: 100-continue") + b"ab", [200], KEPT),
    ("expect without a body", get(b"Expect: 100-continue"), [200], KEPT),
    ("expect something else", get(b"Expect: a-miracle"), [417], CLOSED),
    ("too long a body", get(b"Content-Length: 99999999"), [413], CLOSED),
    ("a length beyond 64 bits", get(b"Content-Length: 99999999999999999999999999"), [{413, 400}], CLOSED),
    ("too long a chunk", get(b"Transfer-Encoding: chunked") + b"ffffff\r\n", [413], CLOSED),
    ("a chunk size of 16 digits", get(b"Transfer-Encoding: chunked") + b"ffffffffffffffff\r\n", [{400, 413}], CLOSED),
    ("a chunk size that wraps 64 bits", get(b"Transfer-Encoding: chunked") + b"10000000000000003\r\nabc\r\n0\r\n\r\n", [{400, 413}], CLOSED),
    # --- smuggling: another server may see another boundary
    ("TE and CL", get(b"Transfer-Encoding: chunked", b"Content-Length: 5") + b"0\r\n\r\n" + GET, [400], CLOSED),
    ("CL and TE", get(b"Content-Length: 5", b"Transfer-Encoding: chunked") + b"0\r\n\r\n" + GET, [400], CLOSED),
    ("two CLs", get(b"Content-Length: 5", b"Content-Length: 6"), [400], CLOSED),
    ("two CLs alike", get(b"Content-Length: 0", b"Content-Length: 0"), [400], CLOSED),
    ("CL list", get(b"Content-Length: 3, 3") + b"abc", [400], CLOSED),
    ("CL with a sign", get(b"Content-Length: +3") + b"abc", [400], CLOSED),
    ("CL negative", get(b"Content-Length: -1"), [400], CLOSED),
    ("CL hexadecimal", get(b"Content-Length: 0x3") + b"abc", [400], CLOSED),
    ("CL empty", get(b"Content-Length:"), [400], CLOSED),
    ("CL with a space inside", get(b"Content-Length: 1 2"), [400], CLOSED),
    ("two TEs", get(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked") + b"0\r\n\r\n", [400], CLOSED),
    ("TE identity", get(b"Transfer-Encoding: identity"), [{400, 501}], CLOSED),
    ("TE gzip, chunked", get(b"Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", [{400, 501}], CLOSED),
    ("TE chunked, gzip", get(b"Transfer-Encoding: chunked, gzip") + b"0\r\n\r\n", [{400, 501}], CLOSED),
    ("TE xchunked", get(b"Transfer-Encoding: xchunked"), [{400, 501}], CLOSED),
    ("TE vertical tab", get(b"Transfer-Encoding: \x0bchunked"), [400], CLOSED),
    ("TE empty", get(b"Transfer-Encoding:"), [400], CLOSED),
    ("TE with HTTP/1.0", get(b"Transfer-Encoding: chunked", version=b"HTTP/1.0") + b"0\r\n\r\n", [400], CLOSED),
    ("space before a colon", get(b"Content-Length : 3") + b"abc", [400], CLOSED),
    ("tab before a colon", get(b"Content-Length\t: 3") + b"abc", [400], CLOSED),
    ("folded line", get(b"X: a\r\n b"), [400], CLOSED),
    ("folded first line", b"GET / HTTP/1.1\r\n Host: x\r\n\r\n", [400], CLOSED),
    ("bare LF after the request line", b"GET / HTTP/1.1\nHost: x\r\n\r\n", [400], CLOSED),
    ("bare LF after a field", b"GET / HTTP/1.1\r\nHost: x\n\r\n", [400], CLOSED),
    ("bare LF only", b"GET / HTTP/1.1\nHost: x\n\n", [400], CLOSED),
    ("bare LF at the end", b"GET / HTTP/1.1\r\nHost: x\r\n\n", [400], CLOSED),
    ("bare CR in a value", get(b"X: a\rb"), [400], CLOSED),
    ("bare CR in the request line", b"GET /\r HTTP/1.1\r\nHost: x\r\n\r\n", [400], CLOSED),
    ("CR CR LF", b"GET / HTTP/1.1\r\r\nHost: x\r\n\r\n", [400], CLOSED),
    ("NUL in a value", get(b"X: a\0b"), [400], CLOSED),
    ("NUL in a name", get(b"X\0: a"), [400], CLOSED),
    ("NUL in the target", get(target=b"/\0"), [400], CLOSED),
    ("control byte in a value", get(b"X: a\x01b"), [400], CLOSED),
    ("DEL in a value", get(b"X: a\x7fb"), [400], CLOSED),
    ("chunk size with 0x", get(b"Transfer-Encoding: chunked") + b"0x3\r\nabc\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk size with a sign", get(b"Transfer-Encoding: chunked") + b"+3\r\nabc\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk size with a space", get(b"Transfer-Encoding: chunked") + b"3 \r\nabc\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk size empty", get(b"Transfer-Encoding: chunked") + b"\r\nabc\r\n", [400], CLOSED),
    ("chunk size ended by LF", get(b"Transfer-Encoding: chunked") + b"3\nabc\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk extension ended by LF", get(b"Transfer-Encoding: chunked") + b"3;a\nabc\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk longer than said", get(b"Transfer-Encoding: chunked") + b"3\r\nabcd\r\n0\r\n\r\n", [400], CLOSED),
    ("chunk ended by LF", get(b"Transfer-Encoding: chunked") + b"3\r\nabc\n0\r\n\r\n", [400], CLOSED),
    ("trailer ended by LF", get(b"Transfer-Encoding: chunked") + b"0\r\nA: b\n\r\n", [400], CLOSED),
    # --- what is wrong
    ("no Host", get(host=b""), [400], CLOSED),
    ("two Hosts", get(b"Host: y"), [400], CLOSED),
    ("two Hosts alike", get(b"Host: x"), [400], CLOSED),
    ("Host list", get(host=b"Host: x y\r\n"), [400], CLOSED),
    ("Host with a path", get(host=b"Host: x/y\r\n"), [400], CLOSED),
    ("Host with user information", get(host=b"Host: a@x\r\n"), [400], CLOSED),
    ("no colon", get(b"NoColon"), [400], CLOSED),
    ("no name", get(b": value"), [400], CLOSED),
    ("a name with a space", get(b"A B: c"), [400], CLOSED),
    ("two spaces before the target", get(target=b" /"), [400], CLOSED),
    ("two spaces after the target", get(target=b"/ "), [400], CLOSED),
    ("tab for a space", b"GET\t/ HTTP/1.1\r\nHost: x\r\n\r\n", [400], CLOSED),
    ("space before the method", b" GET / HTTP/1.1\r\nHost: x\r\n\r\n", [400], CLOSED),
    ("space after the version", get(version=b"HTTP/1.1 "), [400], CLOSED),
    ("no target", b"GET HTTP/1.1\r\nHost: x\r\n\r\n", [400], CLOSED),
    ("relative target", get(target=b"no"), [400], CLOSED),
    ("fragment", get(target=b"/#a"), [400], CLOSED),
    ("* with GET", get(target=b"*"), [400], CLOSED),
    ("absolute form, no host", get(target=b"http:///"), [400], CLOSED),
    ("non-ASCII target", get(target=b"/\xc3\xa9"), [400], CLOSED),
    ("method with a bad byte", get(method=b"G(T"), [400], CLOSED),
    ("HTTP/0.9", b"GET /\r\n\r\n", [400], CLOSED),
    ("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505], CLOSED),
    ("HTTP/3.1", get(version=b"HTTP/3.1"), [505], CLOSED),
    ("version without a minor", get(version=b"HTTP/1"), [400], CLOSED),
    ("version of two digits", get(version=b"HTTP/1.10"), [400], CLOSED),
    ("lower-case version", get(version=b"http/1.1"), [400], CLOSED),
    ("TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", [400], CLOSED),
    ("70 KB of fields", get(*[b"X: " + b"y" * 1000] * 70), [431], CLOSED),
    ("a 70 KB field", get(b"X: " + b"y" * 70000), [431], CLOSED),
    ("a 70 KB target", get(target=b"/" + b"y" * 70000), [{414, 431}], CLOSED),
    ("right before wrong", GET + GET + get(host=b""), [200, 200, 400], CLOSED),
    ("wrong before right", get(host=b"") + GET, [400], CLOSED),
    ("close before another", get(b"Connection: close") + GET, [200], CLOSED),
]


def table():
    failed = []
    with Server() as server:
        for name, request, statuses, kept in CASES:
            try:
                check(server, request, statuses, kept)
            except AssertionError as error:
                failed.append("%s: %s" % (name, error))
            except OSError as error:
                failed.append("%s: %r" % (name, error))
    assert not failed, "\n    " + "\n    ".join(failed)


def check(server, request, statuses, kept):
    with server.connect() as client:
        try:
            client.sendall(request)
        except OSError:
            pass  # refused while it was being sent
        responses = Responses(client)
        for allowed in statuses:
            response = responses.read()
            assert response, "closed without an answer"
            allowed = allowed if isinstance(allowed, set) else {allowed}
            assert response.status in allowed, "%d, not %s" % (response.status, sorted(allowed))
        if kept is CLOSED:
            assert response.fields.get("connection") == "close", "closes without saying so"
            assert responses.closed(), "not closed, or more came: %r" % responses.buffer[:60]
        elif kept is KEPT and statuses[-1] != 100:
            client.sendall(GET)
            response = responses.read()
            assert response and response.status == 200 and response.body == b"OK", "not kept"
            assert not responses.buffer, "more came: %r" % responses.buffer[:60]


def the_smallest_response():
    with Server() as server, server.connect() as client:
        client.sendall(GET)
        expected = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK"
        assert client.recv(1000) == expected


def head_is_get_without_body():
    with Server() as server, server.connect() as client:
        responses = Responses(client)
        for target in (b"/", b"/worker", b"/no"):
            client.sendall(get(target=target))
            whole = responses.read()
            client.sendall(get(target=target, method=b"HEAD"))
            head = responses.read(to_head=True)
            assert (head.status, head.fields) == (whole.status, whole.fields), target
        client.sendall(get(target=b"/metrics", method=b"HEAD"))
        assert int(responses.read(to_head=True).fields["content-length"]) > 100
        client.sendall(GET)
        assert responses.read().body == b"OK" and not responses.buffer


def kept_1_0_connections_say_so():
    with Server() as server, server.connect() as client:
        client.sendall(get(b"Connection: keep-alive", version=b"HTTP/1.0"))
        assert Responses(client).read().fields["connection"] == "keep-alive"


def not_allowed_names_what_is():
    with Server() as server, server.connect() as client:
        client.sendall(get(method=b"DELETE"))
        assert Responses(client).read().fields["allow"] == "GET, HEAD"


def continue_then_the_answer():
    with Server() as server, server.connect() as client:
        responses = Responses(client)
        client.sendall(get(b"Content-Length: 4", b"Expect: 100-continue", method=b"POST"))
        assert responses.read().status == 100
        client.sendall(b"body" + GET)
        assert responses.read().status == 405 and responses.read().status == 200


if __name__ == "__main__":
    main([table, the_smallest_response, head_is_get_without_body, kept_1_0_connections_say_so,
          not_allowed_names_what_is, continue_then_the_answer])
