#!/usr/bin/env python3
"""What a server meets that does not mean well, or whose machine runs out: others are served all the while.

usage: attack.py TORQUE-SERVE
"""
import http.client, os, resource, select, shutil, socket, struct, subprocess, time

from harness import Responses, Server, layout, main, some_cpus

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def answers(server, within_s=1.0):
    """A client that means well is served, and in time."""
    started = time.monotonic()
    with server.connect() as client:
        client.sendall(GET)
        response = Responses(client).read()
        assert response and response.status == 200 and response.body == b"OK"
    took_s = time.monotonic() - started
    assert took_s < within_s, "took %.2f s" % took_s


def wait_until(condition, timeout_s=10):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def slow_headers_end_at_the_idle_timeout():
    """A byte now and then buys no time: the timeout runs from the last whole request."""
    with Server(arguments=["--idle-timeout", "2s"]) as server:
        slow = [server.connect(10) for _ in range(100)]
        started = time.monotonic()
        head, at = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 1000, 0
        open_ones = list(slow)
        while open_ones and time.monotonic() - started < 8:
            for client in list(open_ones):
                try:
                    client.sendall(head[at:at + 1])
                    if select.select([client], [], [], 0)[0] and client.recv(1) == b"":
                        open_ones.remove(client)
                except OSError:
                    open_ones.remove(client)
            at += 1
            answers(server)
            time.sleep(0.1)
        assert not open_ones, "%d live on" % len(open_ones)
        assert time.monotonic() - started > 1.5
        for client in slow:
            client.close()


def slow_bodies_end_at_the_idle_timeout():
    with Server(arguments=["--idle-timeout", "1s"]) as server:
        clients = [server.connect(10) for _ in range(50)]
        for client in clients:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
        started = time.monotonic()
        for client in clients:
            try:
                client.sendall(b"x")
            except OSError:
                pass
        answers(server)
        for client in clients:
            try:
                assert client.recv(100) == b""
            except ConnectionResetError:
                pass
            client.close()
        assert time.monotonic() - started < 5


def slow_readers_of_a_large_answer():
    """They get all of it, at their pace, and nobody waits for them."""
    large = layout(some_cpus(1))
    large["decisions"] = [{"rule": "R1", "why": "x" * 1000} for _ in range(500)]
    with Server(large) as server:
        slow = [server.connect(20, receive_bytes=4096) for _ in range(4)]
        for client in slow:
            client.sendall(b"GET /layout HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
        for _ in range(20):
            answers(server)
        for client in slow:
            responses = Responses(client)
            assert len(responses.read().body) > 500000
            assert responses.read().body == b"OK"
            client.close()


def a_flood_of_pipelined_requests_that_is_never_read():
    """60,000 requests of each of ten clients: refused by not reading, and one who reads is served meanwhile."""
    with Server() as server:
        deaf = [server.connect(receive_bytes=4096) for _ in range(10)]
        block = GET * 1000
        left = {client: 60 * len(block) for client in deaf}
        for client in deaf:
            client.setblocking(False)
        deadline = time.monotonic() + 5
        while left and time.monotonic() < deadline:
            writable = select.select([], list(left), [], 0.3)[1]
            if not writable:
                break
            for client in writable:
                try:
                    left[client] -= client.send(block[:left[client]])
                except BlockingIOError:
                    pass
                except ConnectionError:
                    left[client] = 0
                if left[client] <= 0:
                    del left[client]
            answers(server)
        answers(server)
        for client in deaf:
            reset(client)
        wait_until(lambda: server.metric("torque_connections_open") == 1)


def buffers_run_out_and_come_back():
    """ENOBUFS ends receives; they are armed again, and nothing is lost."""
    with Server(layout(some_cpus(1), 16, 64)) as server:
        clients = [server.connect(20) for _ in range(200)]
        for client in clients:
            client.sendall(GET * 20)
        for client in clients:
            responses = Responses(client)
            for _ in range(20):
                assert responses.read().status == 200
            client.close()
        assert server.metric("torque_receive_no_buffers_total") > 0
        answers(server)


def connections_beyond_the_table():
    """A flood three times the table: refused at once, none hangs, and room is used as soon as there is some."""
    def small():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    with Server(preexec_fn=small) as server:
        for _ in range(3):
            clients, served = [], 0
            for _ in range(300):
                clients.append(server.connect())
            for client in clients:
                try:
                    client.sendall(GET)
                    served += Responses(client).read() is not None
                except OSError:
                    pass
            assert served == 100, served
            for client in clients:
                client.close()
            time.sleep(0.2)
        answers(server)


def the_system_has_no_descriptors():
    """EMFILE of the whole process table does not matter: connections have slots, not descriptors."""
    with Server() as server:
        pid = server.process.pid
        table = "/proc/%d/fd" % pid
        before = len(os.listdir(table))
        clients = [server.connect() for _ in range(500)]
        for client in clients:
            client.sendall(GET)
            assert Responses(client).read().status == 200
        assert len(os.listdir(table)) == before
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (before, before))
        for _ in range(20):
            answers(server)
        for client in clients:
            client.close()


def resets_without_end():
    with Server() as server:
        for i in range(2000):
            client = server.connect()
            client.sendall((GET * 3)[:i % (3 * len(GET))])
            reset(client)
        wait_until(lambda: server.metric("torque_connections_open") == 1)
        answers(server)


def half_closed_clients_are_not_kept():
    with Server() as server:
        for request in (b"", GET[:10], GET, GET * 5, GET + GET[:10]):
            with server.connect() as client:
                if request:
                    client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                responses = Responses(client)
                for _ in range(request.count(GET)):
                    assert responses.read().status == 200
                assert responses.closed()
        wait_until(lambda: server.metric("torque_connections_open") == 1)


def every_split_as_a_real_client_reads_it():
    """Each request in two writes, its answer read by Python's own HTTP client."""
    request = b"GET /worker HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n"
    with Server() as server:
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        client.connect()
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for cut in range(1, len(request)):
            client.sock.sendall(request[:cut])
            time.sleep(0.001)
            client.sock.sendall(request[cut:])
            response = http.client.HTTPResponse(client.sock, method="GET")
            response.begin()
            assert response.status == 200 and b'"worker":0' in response.read(), cut
        client.close()


def curl_over_one_connection():
    if not shutil.which("curl"):
        return print("curl is not installed")
    with Server() as server:
        base = "http://127.0.0.1:%d" % server.port
        out = subprocess.run(["curl", "-sS", "-o", "-", "-w", " %{http_code} %{num_connects}\n", base + "/",
                              base + "/worker", base + "/no", base + "/layout"], capture_output=True, text=True,
                             timeout=20)
        assert out.returncode == 0 and not out.stderr, out.stderr
        codes = [line.rsplit(" ", 2)[1:] for line in out.stdout.splitlines() if line.rsplit(" ", 1)[-1] in "01"]
        assert codes == [["200", "1"], ["200", "0"], ["404", "0"], ["200", "0"]], out.stdout
        posted = subprocess.run(["curl", "-sS", "-o", os.devnull, "-w", "%{http_code}", "-d", "x" * 5000, base + "/"],
                                capture_output=True, text=True, timeout=20)
        assert posted.stdout == "405", posted.stdout


if __name__ == "__main__":
    main([slow_headers_end_at_the_idle_timeout, slow_bodies_end_at_the_idle_timeout, slow_readers_of_a_large_answer,
          a_flood_of_pipelined_requests_that_is_never_read, buffers_run_out_and_come_back,
          connections_beyond_the_table, the_system_has_no_descriptors, resets_without_end,
          half_closed_clients_are_not_kept, every_split_as_a_real_client_reads_it, curl_over_one_connection])
