#!/usr/bin/env python3
"""torque-serve as a process: its threads, its signals, its limits, and every way a start can fail.

usage: process.py TORQUE-SERVE
"""
import copy, ctypes, json, os, resource, signal, socket, struct, subprocess, sys, tempfile, threading, time

from harness import BINARY, Responses, Server, layout, main, parse_cpus, read, run, some_cpus

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def fails(arguments, code, *texts, stdin=None, **options):
    got, out, err = run(arguments, stdin=stdin, **options)
    assert got == code, "exit status %d, not %d: %s" % (got, code, err)
    assert out == "", "a failed command printed %r" % out
    assert err.startswith("torque-serve: error: "), err
    for text in texts:
        assert text in err, "no %r in %r" % (text, err)


def changed(change, cpus=None):
    document = layout(cpus or some_cpus(1))
    change(document)
    return json.dumps(document)


def usage_errors():
    fails([], 2, "--layout")
    fails(["--layuot", "x"], 2, "did you mean --layout?")
    fails(["--layout"], 2, "needs a value")
    fails(["--layout", "-", "--idle-timeout", "soon"], 2, "--idle-timeout")
    fails(["--layout", "-", "--idle-timeout", "10ms"], 2, "--idle-timeout")
    fails(["--layout", "-", "--check=yes"], 2, "takes no value")
    fails(["extra"], 2, "unexpected argument")
    fails(["--layout", "-", "--listen", "localhost"], 2, "--listen", stdin=changed(lambda d: None))
    fails(["--layout", "-", "--listen", "127.0.0.1:65536"], 2, "--listen", stdin=changed(lambda d: None))


def help_version_and_features():
    assert run(["--help"])[:2][0] == 0 and "--layout" in run(["--help"])[1]
    assert run(["--version"])[1].startswith("torque-serve ")
    code, out, _ = run(["--features"])
    assert code == 0 and "DEFER_TASKRUN" in out and "multishot receive" in out
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "--features"], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"cannot write" in done.stderr


def layouts_that_cannot_be_used():
    fails(["--layout", "/does/not/exist"], 1, "/does/not/exist", "hint: ")
    fails(["--layout", "-"], 1, "empty", "torque-topo plan", stdin="")
    fails(["--layout", "-"], 1, "standard input", stdin="{")
    fails(["--layout", "-"], 1, "schema", stdin=changed(lambda d: d.update(schema="torque.machine/1")))
    fails(["--layout", "-"], 1, "no workers", stdin=changed(lambda d: d.update(workers=[])))
    fails(["--layout", "-"], 1, "/workers/0/cpu", stdin=changed(lambda d: d["workers"][0].update(cpu="0")))
    fails(["--layout", "-", "--force"], 1, "CPU 9999", stdin=changed(lambda d: d["workers"][0].update(cpu=9999)))
    fails(["--layout", "-"], 1, "power of two", stdin=changed(lambda d: d["workers"][0]["buffers"].update(count=1000)))
    fails(["--layout", "-"], 1, "1 GiB",
          stdin=changed(lambda d: d["workers"][0]["buffers"].update(count=32768, size_bytes=1 << 20)))
    with tempfile.NamedTemporaryFile(suffix=".json") as empty:
        fails(["--layout", empty.name], 1, empty.name + " is empty: did 'torque-topo plan' fail?")


def a_layout_for_another_machine():
    other = changed(lambda d: d["machine"].update(model="Zilog Z80", possible_cpus="0-511"))
    fails(["--layout", "-"], 1, "another machine", "Zilog Z80", "0-511", "--force", stdin=other)
    code, out, err = run(["--layout", "-", "--check", "--force", "--listen", "127.0.0.1:0"], stdin=other)
    assert code == 0 and "warning" in err and "Zilog Z80" in err, err
    siblings = changed(lambda d: d["workers"][0].update(siblings="1" if "0" in d["workers"][0]["siblings"] else "0-1"))
    fails(["--layout", "-"], 1, "siblings", stdin=siblings)


def two_workers_on_one_cpu():
    def double(document):
        document["workers"].append(dict(document["workers"][0], id=1))
    fails(["--layout", "-"], 1, "two workers", stdin=changed(double))


def workers_that_share_a_cpu_by_plan():
    cpu = some_cpus(1)[0]
    document = layout([cpu, cpu, cpu])
    for worker in document["workers"]:
        worker["shared"] = True
    with Server(document) as server:
        seen = set()
        for _ in range(100):
            with server.connect() as client:
                client.sendall(b"GET /worker HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = json.loads(Responses(client).read().body)
                assert answer["cpu"] == cpu
                seen.add(answer["worker"])
        assert seen == {0, 1, 2}, seen
    for odd in range(3):
        def one_does_not(document, odd=odd):
            for i, worker in enumerate(document["workers"]):
                worker["shared"] = i != odd
        fails(["--layout", "-"], 1, "two workers", "--oversubscribe", stdin=changed(one_does_not, [cpu, cpu, cpu]))


def check_serves_nothing():
    code, out, err = run(["--layout", "-", "--check", "--listen", "127.0.0.1:0"], stdin=changed(lambda d: None))
    assert code == 0, err
    assert "worker 0: CPU %d" % some_cpus(1)[0] in out and "is free" in out and "DEFER_TASKRUN" in out


def port_in_use():
    for reuse in (False, True):
        with socket.socket() as taken:
            if reuse:
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            listen = "127.0.0.1:%d" % taken.getsockname()[1]
            for arguments in ([], ["--check"]):
                fails(["--layout", "-", "--listen", listen] + arguments, 1, listen, "taken", "hint: ",
                      stdin=changed(lambda d: None))
    fails(["--layout", "-", "--listen", "192.0.2.1:80"], 1, "not an address of this machine",
          stdin=changed(lambda d: None))


def forbid_io_uring(error):
    """A seccomp filter that answers io_uring_setup with `error`; see seccomp(2)."""
    io_uring_setup, load, jump, ret = 425, 0x20, 0x15, 0x06
    program = b"".join(struct.pack("HBBI", *row) for row in (
        (load, 0, 0, 0), (jump, 0, 1, io_uring_setup), (ret, 0, 0, 0x00050000 | error), (ret, 0, 0, 0x7fff0000)))
    def apply():
        libc = ctypes.CDLL(None, use_errno=True)
        code = ctypes.create_string_buffer(program)
        header = struct.pack("HP", 4, ctypes.addressof(code))
        libc.prctl(38, 1, 0, 0, 0)
        if libc.prctl(22, 2, ctypes.create_string_buffer(header), 0, 0) != 0:
            os._exit(99)
    return apply


def io_uring_forbidden():
    fails(["--layout", "-"], 1, "forbidden", "seccomp", stdin=changed(lambda d: None), preexec_fn=forbid_io_uring(1))
    fails(["--layout", "-"], 1, "no io_uring", "seccomp", stdin=changed(lambda d: None), preexec_fn=forbid_io_uring(38))
    fails(["--features"], 1, "io_uring", preexec_fn=forbid_io_uring(38))


def workers_own_their_cpus():
    cpus = some_cpus(4)
    with Server(layout(cpus)) as server:
        found = {}
        for task in os.listdir("/proc/%d/task" % server.process.pid):
            status = read("/proc/%d/task/%s/status" % (server.process.pid, task))
            fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
            found[fields["Name"]] = (parse_cpus(fields["Cpus_allowed_list"]), fields["SigBlk"])
        assert len(found) == 1 + len(cpus), found
        for i, cpu in enumerate(cpus):
            allowed, blocked = found["worker-%d" % i]
            assert allowed == {cpu}, (i, allowed)
            assert int(blocked, 16) & (1 << 14) and int(blocked, 16) & 2, "takes signals"
        for i in range(len(cpus)):
            assert any(line.startswith("torque-serve: worker %d: CPU %d" % (i, cpus[i])) for line in server.said)


def each_worker_answers_for_itself():
    cpus = some_cpus(2)
    with Server(layout(cpus)) as server:
        seen = set()
        for _ in range(200):
            with server.connect() as client:
                client.sendall(b"GET /worker HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = json.loads(Responses(client).read().body)
                assert answer["cpu"] == cpus[answer["worker"]] and answer["node"] is None
                seen.add(answer["worker"])
        assert seen == set(range(len(cpus)))
        assert server.metric("torque_requests_total") == 201


def descriptor_tables_are_separate():
    cpus = some_cpus(2)
    with Server(layout(cpus)) as server:
        pid = server.process.pid
        tables = {}
        for task in os.listdir("/proc/%d/task" % pid):
            folder = "/proc/%d/task/%s/fd" % (pid, task)
            tables[read("/proc/%d/task/%s/comm" % (pid, task))] = [os.readlink(folder + "/" + fd) for fd in os.listdir(folder)]
        for i in range(len(cpus)):
            links = tables["worker-%d" % i]
            assert sum("io_uring" in link for link in links) == 1, links
            assert sum(link.startswith("socket:") for link in links) == 1, links
        main_links = [link for name, links in tables.items() if not name.startswith("worker-") for link in links]
        assert sum("io_uring" in link for link in main_links) == 1, main_links  # of its events


def load(server, stop, counts):
    """Requests on one connection until stop; counts answers, and those cut short."""
    try:
        with server.connect() as client:
            responses = Responses(client)
            while not stop.is_set():
                client.sendall(GET)
                response = responses.read()
                if response is None:
                    return
                counts["answered"] += 1
                if response.fields.get("connection") == "close":
                    counts["told"] += 1
                    return
    except OSError:
        pass
    except AssertionError:
        counts["torn"] += 1


def sigterm_under_load():
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        with Server(layout(some_cpus(2))) as server:
            stop, counts = threading.Event(), {"answered": 0, "told": 0, "torn": 0}
            threads = [threading.Thread(target=load, args=(server, stop, counts)) for _ in range(20)]
            for thread in threads:
                thread.start()
            time.sleep(0.3)
            started = time.monotonic()
            server.process.send_signal(signal_number)
            code = server.process.wait(5)
            took = time.monotonic() - started
            stop.set()
            for thread in threads:
                thread.join()
            assert code == 0, code
            assert took < 1, "took %.2f s" % took
            assert counts["answered"] > 20 and counts["told"] > 0 and counts["torn"] == 0, counts


def sigterm_with_idle_and_slow_clients():
    with Server() as server:
        clients = [server.connect() for _ in range(50)]
        for client in clients[::2]:
            client.sendall(b"GET / HT")
        time.sleep(0.1)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(5) == 0 and time.monotonic() - started < 1


def drain_finishes_what_is_under_way():
    with Server() as server:
        client = server.connect()
        client.sendall(GET[:-1])
        time.sleep(0.1)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.05)
        client.sendall(GET[-1:])
        response = Responses(client).read()
        assert response and response.status == 200 and response.fields["connection"] == "close"
        assert server.process.wait(5) == 0


def idle_connections_are_closed():
    with Server(arguments=["--idle-timeout", "1s"]) as server:
        idle, slow, busy = server.connect(10), server.connect(10), server.connect(10)
        responses = Responses(busy)
        started = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\n")
        idle.setblocking(False)
        while True:
            busy.sendall(GET)
            assert responses.read().status == 200
            try:
                slow.sendall(b"X")  # bytes that never make a request buy no time
            except OSError:
                pass
            try:
                assert idle.recv(1) == b""
                break
            except BlockingIOError:
                time.sleep(0.05)
        took = time.monotonic() - started
        assert 0.9 < took < 3, took
        assert server.metric("torque_connections_idle_closed_total") >= 1
        busy.sendall(GET)
        assert responses.read().status == 200


def switches(server):
    total = 0
    for task in os.listdir("/proc/%d/task" % server.process.pid):
        for line in read("/proc/%d/task/%s/status" % (server.process.pid, task)).splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def no_wakeups_when_idle():
    with Server() as server:
        with server.connect() as client:
            client.sendall(GET)
            assert Responses(client).read().status == 200
        time.sleep(1.5)
        before = switches(server)
        time.sleep(2)
        assert switches(server) == before, "wakes without connections"
        client = server.connect()
        time.sleep(0.2)
        before = switches(server)
        time.sleep(3)
        assert 1 <= switches(server) - before <= 6, switches(server) - before
        client.close()


def limited(descriptors):
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


def a_small_table():
    """As many slots as RLIMIT_NOFILE; clients beyond them are closed, and served once there is room."""
    with Server(preexec_fn=limited(64)) as server:
        assert any("64 connections" in line for line in server.said), server.said
        clients = [server.connect() for _ in range(64)]
        for client in clients:
            client.sendall(GET)
            assert Responses(client).read().status == 200
        for _ in range(20):
            with server.connect() as refused:
                try:
                    refused.sendall(GET)
                except OSError:
                    pass
                assert Responses(refused).read() is None
        for client in clients[:10]:
            client.close()
        time.sleep(0.2)
        for _ in range(9):
            with server.connect() as client:
                client.sendall(GET)
                assert Responses(client).read().status == 200
        assert server.metric("torque_connections_refused_total") == 20


def unfinished_heads_leave_room_for_others():
    """They may take three quarters of the memory for what is unfinished; whole requests need none of it."""
    with Server(preexec_fn=limited(64)) as server:
        slow = [server.connect() for _ in range(48)]
        for client in slow:
            client.sendall(GET[:-1])
        time.sleep(0.2)
        with server.connect() as client:
            client.sendall(GET[:-1])
            assert Responses(client).read().status == 503
        with server.connect() as client:
            responses = Responses(client)
            client.sendall(GET + GET.replace(b"/ ", b"/no "))
            assert responses.read().status == 200 and responses.read().status == 404
        for client in slow:
            client.sendall(GET[-1:])
            assert Responses(client).read().status == 200


def a_worker_that_cannot_start():
    def little_memory():
        resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
    if run(["--version"], preexec_fn=little_memory)[0] != 0:
        return print("a sanitized program does not start with little address space")
    large = changed(lambda d: d["workers"][0]["buffers"].update(count=32768, size_bytes=16384))
    fails(["--layout", "-", "--listen", "127.0.0.1:0"], 1, "worker 0 (CPU %d) has no memory" % some_cpus(1)[0],
          "hint: ", stdin=large, preexec_fn=little_memory)


def memory_is_bound_to_its_node():
    if not os.path.exists("/proc/self/numa_maps"):
        return print("no NUMA in this kernel")
    cpu = some_cpus(1)[0]
    node = next(int(name[4:]) for name in os.listdir("/sys/devices/system/cpu/cpu%d" % cpu) if name.startswith("node"))
    document = layout([cpu])
    document["workers"][0].update(node=node, memory_nodes=[node])
    with Server(document) as server:
        if any("not bound" in line for line in server.said):
            return print("the kernel forbids it: " + "".join(server.said))
        for task in os.listdir("/proc/%d/task" % server.process.pid):
            folder = "/proc/%d/task/%s/" % (server.process.pid, task)
            bound = "bind:%d" % node in (read(folder + "numa_maps") or "")
            assert bound == read(folder + "comm").startswith("worker-"), read(folder + "comm")


def the_soft_limit_is_raised():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    with Server(preexec_fn=lower) as server:
        assert any("%d connections" % min(hard, 65536) in line for line in server.said), server.said


def many_connections_come_and_go():
    with Server(layout(some_cpus(2))) as server:
        for _ in range(5):
            clients = [server.connect() for _ in range(500)]
            for client in clients:
                client.sendall(GET * 3)
            for client in clients:
                responses = Responses(client)
                for _ in range(3):
                    assert responses.read().status == 200
                client.close()
        deadline = time.monotonic() + 5
        while server.metric("torque_connections_open") != 1:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert server.metric("torque_cq_overflows_total") == 0


if __name__ == "__main__":
    main([usage_errors, help_version_and_features, layouts_that_cannot_be_used, a_layout_for_another_machine,
          two_workers_on_one_cpu, workers_that_share_a_cpu_by_plan, check_serves_nothing, port_in_use, io_uring_forbidden, workers_own_their_cpus,
          each_worker_answers_for_itself, descriptor_tables_are_separate, sigterm_under_load,
          sigterm_with_idle_and_slow_clients, drain_finishes_what_is_under_way, idle_connections_are_closed,
          no_wakeups_when_idle, a_small_table, unfinished_heads_leave_room_for_others,
          a_worker_that_cannot_start, memory_is_bound_to_its_node, the_soft_limit_is_raised, many_connections_come_and_go])
