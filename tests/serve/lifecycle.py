#!/usr/bin/env python3
"""The server beside its manager: SIGHUP, drains, notifications, and the layout that it tells.

usage: lifecycle.py TORQUE-SERVE
"""
import json, os, signal, socket, threading, time

from harness import Responses, Server, layout, main, run, some_cpus

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def get(server, path, method="GET"):
    with server.connect() as client:
        client.sendall(("%s %s HTTP/1.1\r\nHost: x\r\n\r\n" % (method, path)).encode())
        return Responses(client).read(to_head=method == "HEAD")


def rewrite(server, text):
    server.file.seek(0)
    server.file.truncate()
    server.file.write(text)
    server.file.flush()


def says(server, text):
    """Reads standard error up to a line with `text`; returns all lines read."""
    lines = []
    for line in server.process.stderr:
        lines.append(line)
        if text in line:
            return lines
    raise AssertionError("never said %r: %s" % (text, lines))


def the_layout_as_it_was_read():
    document = layout(some_cpus(1))
    with Server(document) as server:
        response = get(server, "/layout")
        assert response.status == 200 and response.fields["content-type"] == "application/json"
        assert response.body.decode() == json.dumps(document)
        head = get(server, "/layout", "HEAD")
        assert head.status == 200 and int(head.fields["content-length"]) == len(response.body)
        assert get(server, "/layout", "POST").status == 405
        rewrite(server, "{}")  # what is served stays what was read
        assert get(server, "/layout").body == response.body
        with server.connect() as client:
            client.sendall((GET + b"GET /layout HTTP/1.1\r\nHost: x\r\n\r\n") * 5 +
                           b"GET /layout HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            responses = Responses(client)
            for _ in range(5):
                assert responses.read().body == b"OK" and responses.read().body == response.body
            last = responses.read()
            assert last.body == response.body and last.fields["connection"] == "close"
            assert responses.closed()


def hangup_moves_the_workers():
    cpus = some_cpus(2)
    if len(cpus) < 2:
        return print("one CPU: there is nowhere to move to")
    with Server(layout(cpus[:1])) as server:
        assert json.loads(get(server, "/worker").body)["cpu"] == cpus[0]
        old = server.connect()
        old.sendall(GET)
        responses = Responses(old)
        assert responses.read().status == 200
        rewrite(server, json.dumps(layout(cpus[1:])))
        server.process.send_signal(signal.SIGHUP)
        old.sendall(GET)
        assert responses.read().status == 200
        said = says(server, "new layout is in force")
        assert any("worker 0: CPU %d" % cpus[1] in line for line in said), said
        says(server, "old layout's workers have ended")
        assert json.loads(get(server, "/worker").body)["cpu"] == cpus[1]
        assert json.loads(get(server, "/layout").body)["workers"][0]["cpu"] == cpus[1]
        assert len(os.listdir("/proc/%d/task" % server.process.pid)) == 2
        old.close()


def workers_that_answer(server, cpu, count=32):
    """Those that get connections made on this CPU."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        return {json.loads(get(server, "/worker").body)["cpu"] for _ in range(count)}
    finally:
        os.sched_setaffinity(0, allowed)


def connections_stay_where_they_come_in():
    cpus = some_cpus(2)
    if len(cpus) < 2:
        return print("one CPU: everything comes in there")
    if "incoming CPU         6.2    yes" not in run(["--features"])[1]:
        return print("this kernel's listeners do not look where a connection comes in")
    hashed, steered = layout(cpus), layout(cpus)
    for worker in steered["workers"]:
        worker["queue"] = worker["id"]
    with Server(steered) as server:
        for cpu in cpus:
            assert workers_that_answer(server, cpu) == {cpu}
        # One without a queue would get nothing, so then the kernel spreads them; a new layout says so as well.
        hashed["workers"][1]["queue"] = 1
        rewrite(server, json.dumps(hashed))
        server.process.send_signal(signal.SIGHUP)
        says(server, "old layout's workers have ended")
        assert workers_that_answer(server, cpus[1]) == set(cpus)


def ask_until(server, stop, counts):
    """Requests on one connection after the other; counts answers, connections cut short and those never made."""
    while not stop.is_set():
        answered = 0
        try:
            with server.connect(20) as client:
                responses = Responses(client)
                while not stop.is_set():
                    client.sendall(GET)
                    response = responses.read()
                    if response is None:
                        raise OSError("closed")
                    answered += 1
                    counts["answered"] += 1
                    if response.fields.get("connection") == "close":
                        break
        except OSError:
            counts["cut" if answered else "refused"] += 1


def hangups_under_load(documents):
    """Moves through the layouts; returns what became of the clients."""
    with Server(documents[-1]) as server:
        stop, counts = threading.Event(), {"answered": 0, "cut": 0, "refused": 0}
        threads = [threading.Thread(target=ask_until, args=(server, stop, counts)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for document in documents * 3:
            time.sleep(0.05)
            rewrite(server, json.dumps(document))
            server.process.send_signal(signal.SIGHUP)
            says(server, "new layout is in force")
        stop.set()
        for thread in threads:
            thread.join()
    assert counts["answered"] > 100, counts
    return counts


def hangups_under_load_lose_nothing():
    """The listeners go on: not even a connection that waits to be accepted is lost."""
    cpus = some_cpus(2)
    counts = hangups_under_load([layout(cpus), layout(cpus[::-1]), layout(cpus, 64, 256)])
    assert counts["cut"] == 0 and counts["refused"] == 0, counts


def hangups_to_fewer_workers_cut_no_connection():
    """Who was answered once is answered until told of the end; who waits at a listener too many is not."""
    cpus = some_cpus(2)
    counts = hangups_under_load([layout(cpus[:1]), layout(cpus)])
    assert counts["cut"] == 0, counts


def hangup_with_a_bad_layout_changes_nothing():
    with Server() as server:
        before = get(server, "/layout").body
        other = layout(some_cpus(1))
        other["machine"]["model"] = "Zilog Z80"
        for text, why in (("{", "not JSON"), ("", "empty"), (json.dumps(other), "another machine")):
            rewrite(server, text)
            server.process.send_signal(signal.SIGHUP)
            said = says(server, "the old layout stays")
            assert any("error: " in line and why in line for line in said), said
            assert get(server, "/").body == b"OK" and get(server, "/layout").body == before


def a_long_drain_waits_for_requests_not_for_idle_clients():
    with Server(arguments=["--drain-timeout", "20s"]) as server:
        idle, slow = server.connect(), server.connect()
        idle.sendall(GET)
        assert Responses(idle).read().status == 200
        slow.sendall(GET[:-1])
        time.sleep(0.1)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b"" and time.monotonic() - started < 2
        time.sleep(1)
        assert server.process.poll() is None
        slow.sendall(GET[-1:])
        response = Responses(slow).read()
        assert response.status == 200 and response.fields["connection"] == "close"
        assert server.process.wait(5) == 0 and time.monotonic() - started < 4


def a_drain_ends():
    with Server(arguments=["--drain-timeout=1s"]) as server:
        slow = server.connect()
        slow.sendall(GET[:-1])
        time.sleep(0.1)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 0
        assert 0.9 < time.monotonic() - started < 2, time.monotonic() - started
    for bad in ("2h", "-1s", "x"):
        code, _, err = run(["--layout", "-", "--drain-timeout", bad])
        assert code == 2 and "--drain-timeout" in err, err


def the_manager_is_told():
    for name in ("/tmp/torque-notify-%d" % os.getpid(), "@torque-notify-%d" % os.getpid()):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(name.replace("@", "\0"))
            manager.settimeout(5)
            try:
                with Server(env={**os.environ, "NOTIFY_SOCKET": name}) as server:
                    assert manager.recv(100) == b"READY=1"
                    server.process.send_signal(signal.SIGHUP)
                    assert manager.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
                    assert manager.recv(100) == b"READY=1"
                    server.process.send_signal(signal.SIGTERM)
                    assert manager.recv(100) == b"STOPPING=1"
                    server.process.wait(5)
            finally:
                if name.startswith("/"):
                    os.unlink(name)
    with Server(env={**os.environ, "NOTIFY_SOCKET": "relative"}) as server:
        assert get(server, "/").status == 200
        assert any("warning: NOTIFY_SOCKET" in line for line in says(server, "NOTIFY_SOCKET"))


if __name__ == "__main__":
    main([the_layout_as_it_was_read, hangup_moves_the_workers, connections_stay_where_they_come_in, hangups_under_load_lose_nothing,
          hangups_to_fewer_workers_cut_no_connection,
          hangup_with_a_bad_layout_changes_nothing, a_long_drain_waits_for_requests_not_for_idle_clients, a_drain_ends,
          the_manager_is_told])
