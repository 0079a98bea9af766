#!/usr/bin/env python3
"""wrk at full speed: no errors, no other status than 200, and few system calls for a request.

usage: load.py TORQUE-SERVE
"""
import re, shutil, subprocess

from harness import Server, layout, main, run, skip, some_cpus


def wrk(server, *arguments):
    command = ["wrk", "-t1", "-d2s", *arguments, "http://127.0.0.1:%d/" % server.port]
    out = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert "Socket errors" not in out and "Non-2xx" not in out, out
    return int(re.search(r"(\d+) requests in", out).group(1))


def hundred_connections():
    with Server() as server:
        requests = wrk(server, "-c100")
        assert requests > 1000, requests
        assert server.metric("torque_requests_total") >= requests
        loops = server.metric("torque_loops_total")
        # One io_uring_enter for a batch of requests, with all the sends in it.
        assert loops < requests, "%d system calls for %d requests" % (loops, requests)


def batching_saves_calls():
    calls = []
    for arguments in (["--no-batching"], []):
        with Server(arguments=arguments) as server:
            requests = wrk(server, "-c100")
            calls.append(server.metric("torque_loops_total") / requests)
    if "minimum wait         6.12   yes" not in run(["--features"])[1]:
        return print("the kernel has no minimum wait")
    if calls[0] < 0.2:
        return print("the machine is so busy that batches come about by themselves: %.3f calls a request" % calls[0])
    assert calls[1] < calls[0] / 2, calls


def thousand_connections_two_workers():
    with Server(layout(some_cpus(2))) as server:
        assert wrk(server, "-c1000") > 1000


if __name__ == "__main__":
    if not shutil.which("wrk"):
        skip("wrk is not installed (Debian: wrk)")
    main([hundred_connections, batching_saves_calls, thousand_connections_two_workers])
