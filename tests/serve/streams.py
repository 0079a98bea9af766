#!/usr/bin/env python3
"""How bytes arrive must not matter: split, pipelined, slow, half-closed, reset, never read.

usage: streams.py TORQUE-SERVE
"""
import select, socket, struct, time

from harness import Responses, Server, layout, main, some_cpus

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
MIXED = [
    (GET, 200), (b"GET /no HTTP/1.1\r\nHost: x\r\n\r\n", 404), (b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", 200),
    (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 405), (GET, 200),
    (b"GET /worker HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n", 200),
    (b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200), (GET, 200),
]


def expect_mixed(responses, times=1):
    for _ in range(times):
        for request, status in MIXED:
            response = responses.read(to_head=request.startswith(b"HEAD"))
            assert response and response.status == status, (request, response and response.status)


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def every_split_of_two_writes():
    stream = b"".join(request for request, _ in MIXED)
    with Server() as server:
        for cut in range(1, len(stream)):
            with server.connect() as client:
                client.sendall(stream[:cut])
                time.sleep(0.001)
                client.sendall(stream[cut:])
                responses = Responses(client)
                expect_mixed(responses)
                assert not responses.buffer, "more came after a cut at %d" % cut


def byte_by_byte():
    with Server() as server, server.connect() as client:
        responses = Responses(client)
        for byte in b"".join(request for request, _ in MIXED):
            client.sendall(bytes([byte]))
            time.sleep(0.0005)
        expect_mixed(responses)


def pipelined_1_to_64():
    with Server() as server, server.connect() as client:
        responses = Responses(client)
        for depth in range(1, 65):
            client.sendall(GET * depth)
            for _ in range(depth):
                assert responses.read().body == b"OK"
            assert not responses.buffer, "more than %d came" % depth


def pipelined_and_mixed():
    with Server() as server, server.connect() as client:
        client.sendall(b"".join(request for request, _ in MIXED) * 200)
        expect_mixed(Responses(client), 200)


def pipelined_deep_and_read_late():
    """More than a socket buffer of requests, sent before any answer is read, in order and all answered."""
    with Server() as server, server.connect(timeout_s=20) as client:
        requests = 3000
        client.sendall(b"".join(GET if i % 10 else MIXED[1][0] for i in range(requests)))
        time.sleep(0.2)
        responses = Responses(client)
        for i in range(requests):
            assert responses.read().status == (200 if i % 10 else 404), i


def small_buffers():
    """Receive buffers of 64 bytes, 16 of them: every request is cut, and they run out."""
    with Server(layout(some_cpus(1), 16, 64)) as server:
        clients = [server.connect() for _ in range(40)]
        for client in clients:
            client.sendall(b"".join(request for request, _ in MIXED))
        for client in clients:
            expect_mixed(Responses(client))
            client.close()


def coalesced_answers():
    """Pipelined requests that arrive together are answered together."""
    with Server() as server, server.connect() as client:
        client.sendall(GET * 30)
        time.sleep(0.1)
        data = client.recv(65536)
        assert data.count(b"HTTP/1.1 200 OK") == 30, data.count(b"HTTP/1.1 200 OK")
        assert server.metric("torque_requests_total") == 31


def half_close():
    with Server() as server:
        for request, status in MIXED:
            with server.connect() as client:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                responses = Responses(client)
                assert responses.read(to_head=request.startswith(b"HEAD")).status == status
                assert responses.closed()
        with server.connect() as client:  # in the middle of a request
            client.sendall(GET[:-2])
            client.shutdown(socket.SHUT_WR)
            assert Responses(client).closed()


def resets_at_every_byte():
    """No slot is lost, and none waits for the idle sweep."""
    stream = b"".join(request for request, _ in MIXED)
    with Server() as server:
        for cut in range(0, len(stream), 3):
            client = server.connect()
            client.sendall(stream[:cut])
            reset(client)
        with server.connect() as client:
            client.sendall(GET)
            assert Responses(client).read().status == 200
        wait_until(lambda: server.metric("torque_connections_open") == 1)


def slow_clients_block_nobody():
    with Server() as server:
        slow = [server.connect() for _ in range(200)]
        for client in slow:
            client.sendall(b"GET / HTTP/1.1\r\nHost:")
        started = time.monotonic()
        with server.connect() as client:
            responses = Responses(client)
            for _ in range(200):
                client.sendall(GET)
                assert responses.read().status == 200
        assert time.monotonic() - started < 2
        for client in slow:
            client.sendall(b" x\r\n\r\n")
            assert Responses(client).read().status == 200
            client.close()


def memory_bytes(server):
    with open("/proc/%d/statm" % server.process.pid) as f:
        return int(f.read().split()[1]) * 4096


def flood(client, bytes_max, idle_s):
    """Sends pipelined requests until the server takes no more for idle_s; returns the bytes sent."""
    client.setblocking(False)
    block, sent, offset = GET * 500, 0, 0
    while sent < bytes_max:
        if not select.select([], [client], [], idle_s)[1]:
            return sent
        try:
            n = client.send(block[offset:])
        except BlockingIOError:
            continue
        except ConnectionError:
            return -1
        sent += n
        offset = (offset + n) % len(block)
    return sent


def a_client_that_never_reads():
    """It is received from no more, costs bounded memory, disturbs nobody, and gets all its answers when it reads."""
    with Server() as server:
        with server.connect() as client:
            client.sendall(GET)
            assert Responses(client).read().status == 200
        before = memory_bytes(server)
        deaf = server.connect(timeout_s=20, receive_bytes=4096)
        sent = flood(deaf, 60 << 20, 1.0)
        assert 0 < sent < 60 << 20, "took %d bytes" % sent
        assert memory_bytes(server) - before < 8 << 20, memory_bytes(server) - before
        with server.connect() as client:
            client.sendall(GET)
            assert Responses(client).read().status == 200
        assert server.metric("torque_partial_sends_total") > 0
        deaf.setblocking(True)
        deaf.settimeout(20)
        expected = sent // len(GET)
        answers, data = 0, b""
        size = len(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK")
        while answers < expected:
            chunk = deaf.recv(1 << 20)
            assert chunk, "closed after %d of %d answers" % (answers, expected)
            data += chunk
            whole = len(data) // size
            assert all(data[i * size:i * size + 15] == b"HTTP/1.1 200 OK" for i in range(whole)), "torn"
            answers += whole
            data = data[whole * size:]
        assert answers == expected and not data
        deaf.close()


def many_clients_that_never_read():
    with Server(layout(some_cpus(1), 64, 2048)) as server:
        deaf = [server.connect(receive_bytes=4096) for _ in range(20)]
        for client in deaf:
            flood(client, 4 << 20, 0.05)
        with server.connect() as client:
            client.sendall(GET)
            assert Responses(client).read().status == 200
        for client in deaf:
            reset(client)
        wait_until(lambda: server.metric("torque_connections_open") == 1)


def wait_until(condition, timeout_s=5):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


if __name__ == "__main__":
    main([every_split_of_two_writes, byte_by_byte, pipelined_1_to_64, pipelined_and_mixed, pipelined_deep_and_read_late,
          small_buffers, coalesced_answers, half_close, resets_at_every_byte, slow_clients_block_nobody,
          a_client_that_never_reads, many_clients_that_never_read])
