#!/usr/bin/env python3
"""Cost of a served request: torque-serve beside nginx, HAProxy and h2o, each alone on one CPU, in interleaved rounds.

usage: serve.py [--serve FILE|NAME=FILE ...] [--load FILE] [--loads LIST] [--conns LIST] [--pipeline N]
                [--rounds N] [--seconds N] [--only LIST] [--idle N] [--json]

Every server gets one worker, one CPU, keep-alive connections over loopback, GET /, and the smallest answer that it
can be configured to give. The load runs on another CPU: torque-load, which saturates the server, and wrk, which does
not, so that the server pays for waking up. The figure that survives a noisy machine is the server's CPU time for a
request (its tasks' schedstat); requests/s and latency are only as good as the machine is quiet. All figures are
medians over the rounds. `calls` are io_uring_enter calls a request, from /metrics, and torque-serve's alone.
Several --serve are compared with each other: an old binary with a new one. Needs no root.
"""

import argparse
import contextlib
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/serve"))
import harness  # noqa: E402

CAVEATS = (
    "Loopback: the sender pays for much of the receiver's TCP, so compare servers, not machines.",
    "The answers differ in size: each server's smallest (torque-serve 66 bytes, the others 100 to 240).",
    "Resident memory leaves out what the kernel holds for a connection: the same for all, and far more.",
    "nginx, HAProxy and h2o do far more than torque-serve, and are asked here for the least of it.",
)
NGINX = """daemon off; worker_processes 1; error_log /dev/null crit; pid %(d)s/nginx.pid;
events { worker_connections 15000; }
http { access_log off; keepalive_requests 100000000; keepalive_timeout 600; server_tokens off;
 client_body_temp_path %(d)s; proxy_temp_path %(d)s; fastcgi_temp_path %(d)s; uwsgi_temp_path %(d)s;
 scgi_temp_path %(d)s;
 server { listen 127.0.0.1:%(port)d backlog=4096;
          location / { default_type text/plain; return 200 "OK"; } } }
"""
HAPROXY = """global
 nbthread 1
 maxconn %(maxconn)d
defaults
 mode http
 timeout client 600s
 timeout http-keep-alive 600s
frontend f
 bind 127.0.0.1:%(port)d backlog 4096
 http-request return status 200 content-type text/plain string OK
"""
H2O = """num-threads: 1
max-connections: 15000
listen: {host: 127.0.0.1, port: %(port)d}
http1-request-timeout: 600
hosts:
  default:
    paths:
      /:
        file.dir: %(d)s/www
"""
WRK_REPORT = """done = function(summary, latency)
  io.write(string.format("RESULT %%d %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status +
    summary.errors.timeout, latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
"""
WRK_PIPELINE = """init = function(arguments)
  local requests = {}
  for i = 1, %(pipeline)d do requests[i] = wrk.format() end
  all = table.concat(requests)
end
request = function() return all end
"""


def stop(why):
    sys.exit("serve.py: error: " + why)


def tasks_of(pid):
    """The process and all below it."""
    parents = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            stat = pathlib.Path("/proc", entry, "stat").read_text()
            parents.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += parents.get(found[-1], [])
    return found


def cpu_seconds(pids):
    total_ns = 0
    for pid in pids:
        for schedstat in pathlib.Path("/proc", str(pid), "task").glob("*/schedstat"):
            total_ns += int(schedstat.read_text().split()[0])
    return total_ns / 1e9


def resident_bytes(pids):
    return sum(int(pathlib.Path("/proc", str(pid), "statm").read_text().split()[1]) for pid in pids) * \
        os.sysconf("SC_PAGE_SIZE")


def version_of(command, pattern=r"[0-9]+\.[0-9.]+[0-9]"):
    done = subprocess.run(command, capture_output=True, text=True)
    found = re.search(pattern, done.stdout + done.stderr)
    return found.group(0) if found else "unknown"


class Running:
    """A server on its CPU, from the `with` to its end."""

    def __init__(self, server, cpu):
        self.server, self.cpu = server, cpu

    def __enter__(self):
        def alone():
            os.setsid()
            os.sched_setaffinity(0, {self.cpu})
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.process = subprocess.Popen(self.server["command"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL, preexec_fn=alone)
        self.port = self.server["port"]
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 0.5).close()
                self.pids = tasks_of(self.process.pid)
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.__exit__()
        stop("%s does not start: %s" % (self.server["name"], " ".join(self.server["command"])))

    def __exit__(self, *_):
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in tasks_of(self.process.pid) if self.process.poll() is None else []:
                with contextlib.suppress(OSError):
                    os.kill(pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(3)
                return

    def metrics(self):
        """(requests, io_uring_enter calls) so far, or None."""
        if not self.server["is_torque"]:
            return None
        text = urllib.request.urlopen("http://127.0.0.1:%d/metrics" % self.port, timeout=5).read().decode()
        total = lambda name: sum(int(n) for n in re.findall(r"^%s\{.*\} (\d+)$" % name, text, re.M))
        return total("torque_requests_total"), total("torque_loops_total")


def by_torque_load(options, port, connections):
    command = [options.load, "127.0.0.1:%d" % port, "-c", str(connections), "--pipeline", str(options.pipeline),
               "--duration", "%dms" % (options.seconds * 1000), "--warm-up", "200ms", "--cpus", str(options.load_cpu),
               "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=options.seconds + 30)
    if not done.stdout:
        stop("torque-load: " + done.stderr.strip())
    report = json.loads(done.stdout)
    latency_us = lambda key: report["latency_ns"][key] / 1e3
    # The warm-up's requests are not in the report but in the server's CPU time: scaled from the rest.
    return {"requests_per_s": report["requests_per_s"], "requests": report["requests"], "warm_up_s": 0.2,
            "errors": sum(report["errors"].values()), "p50_us": latency_us("p50"), "p99_us": latency_us("p99"),
            "p999_us": latency_us("p99_9")}


def by_wrk(options, port, connections):
    command = ["taskset", "-c", str(options.load_cpu), "wrk", "-t1", "-c%d" % connections,
               "-d%ds" % max(1, round(options.seconds)), "-s", options.work + "/wrk.lua", "http://127.0.0.1:%d/" % port]
    done = subprocess.run(command, capture_output=True, text=True, timeout=options.seconds + 30)
    found = re.search(r"^RESULT (.*)$", done.stdout, re.M)
    if not found:
        stop("wrk: " + done.stderr.strip())
    requests, duration_us, errors, p50, p99, p999 = map(int, found.group(1).split())
    return {"requests_per_s": requests / duration_us * 1e6, "requests": requests, "warm_up_s": 0, "errors": errors,
            "p50_us": p50, "p99_us": p99, "p999_us": p999}


LOADS = {"torque-load": by_torque_load, "wrk": by_wrk}


def one_run(options, server, load, connections):
    with Running(server, options.server_cpu) as running:
        calls_before = running.metrics()
        cpu_before = cpu_seconds(running.pids)
        result = LOADS[load](options, running.port, connections)
        cpu_s = cpu_seconds(running.pids) - cpu_before
        calls_after = running.metrics()
        served = result["requests"] + result["requests_per_s"] * result["warm_up_s"]
        result["cpu_s_per_million"] = cpu_s / served * 1e6
        result["calls_per_request"] = None
        if calls_before:
            result["calls_per_request"] = (calls_after[1] - calls_before[1]) / max(1, calls_after[0] - calls_before[0])
        return result


def idle_memory(options, server):
    """Resident bytes: started, and what each of many idle connections adds, each after one answered request."""
    clients = []
    with Running(server, options.server_cpu) as running:
        time.sleep(0.3)
        alone_bytes = resident_bytes(running.pids)
        try:
            for _ in range(options.idle):
                clients.append(socket.create_connection(("127.0.0.1", running.port), 5))
            for client in clients:
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for client in clients:
                if not client.recv(4096).startswith(b"HTTP/1.1 200"):
                    stop("%s does not answer %d connections" % (server["name"], options.idle))
            loaded_bytes = resident_bytes(running.pids)
        finally:
            for client in clients:
                client.close()
    return {"server": server["name"], "resident_bytes": alone_bytes, "connections": options.idle,
            "bytes_per_idle_connection": (loaded_bytes - alone_bytes) / options.idle}


def installed_servers(options):
    """Those that can run; each that cannot is told of."""
    work, found = options.work, []
    # HAProxy wants two descriptors for each, and does not start without.
    maxconn = min(15000, (resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100) // 2)
    peers = (("nginx", NGINX, "nginx.conf", ["-p", work, "-c"], ["-v"]),
             ("haproxy", HAPROXY, "haproxy.cfg", ["-db", "-q", "-f"], ["-v"]), ("h2o", H2O, "h2o.yaml", ["-c"], ["-v"]))
    for name, text, file, arguments, ask in peers:
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if options.only and name not in options.only:
            continue
        if path is None:
            print("skipped: %s is not installed" % name, file=sys.stderr)
            continue
        port = free_port()
        pathlib.Path(work, file).write_text(text % {"d": work, "port": port, "maxconn": maxconn})
        found.append({"name": name, "command": [path, *arguments, work + "/" + file], "port": port, "is_torque": False,
                      "version": version_of([path, *ask]), "connections_max": maxconn if name == "haproxy" else None})
    pathlib.Path(work, "layout.json").write_text(json.dumps(harness.layout([options.server_cpu])))
    for given in options.serve or [str(ROOT / "build/torque-serve")]:
        name, _, path = given.rpartition("=")
        name, port = name or "torque-serve", free_port()
        command = [path, "--layout", work + "/layout.json", "--listen", "127.0.0.1:%d" % port]
        found.insert(0, {"name": name, "command": command, "port": port, "is_torque": True,
                         "version": version_of([path, "--version"]), "connections_max": None})
    return found


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def measure(options, servers):
    for load in options.loads:
        if load not in LOADS:
            stop("unknown load '%s': %s" % (load, ", ".join(LOADS)))
        if shutil.which(options.load if load == "torque-load" else load) is None:
            print("skipped: %s is not there" % load, file=sys.stderr)
            continue
        for connections in options.conns:
            runs = {server["name"]: [] for server in servers}
            for _ in range(options.rounds):
                for server in servers:
                    runs[server["name"]].append(one_run(options, server, load, connections))
            for name, results in runs.items():
                row = {"load": load, "connections": connections, "pipeline": options.pipeline, "server": name}
                for key in ("cpu_s_per_million", "calls_per_request", "requests_per_s", "p50_us", "p99_us", "p999_us"):
                    values = [result[key] for result in results if result[key] is not None]
                    row[key] = statistics.median(values) if values else None
                row["cpu_s_per_million_min"] = min(result["cpu_s_per_million"] for result in results)
                row["cpu_s_per_million_max"] = max(result["cpu_s_per_million"] for result in results)
                row["errors"] = sum(result["errors"] for result in results)
                yield row


def print_rows(rows):
    print("%-12s %6s %-14s %8s %15s %7s %7s %10s %8s %8s %8s" % (
        "load", "conns", "server", "cpu s/M", "from to", "x nginx", "calls", "requests/s", "p50 us", "p99 us", "p99.9"))
    base = {}
    for row in rows:
        base.setdefault((row["load"], row["connections"]), []).append(row)
    for group in base.values():
        nginx = next((row["cpu_s_per_million"] for row in group if row["server"] == "nginx"), None)
        for row in sorted(group, key=lambda row: row["cpu_s_per_million"]):
            print("%-12s %6d %-14s %8.2f %7.2f %7.2f %7s %7s %10.0f %8.0f %8.0f %8.0f%s" % (
                row["load"], row["connections"], row["server"], row["cpu_s_per_million"], row["cpu_s_per_million_min"],
                row["cpu_s_per_million_max"], "%.2f" % (row["cpu_s_per_million"] / nginx) if nginx else "",
                "" if row["calls_per_request"] is None else "%.3f" % row["calls_per_request"], row["requests_per_s"],
                row["p50_us"], row["p99_us"], row["p999_us"],
                "  %d errors" % row["errors"] if row["errors"] else ""))


def idle_rows(options, servers):
    if options.idle == 0:
        return []
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard < options.idle + 100:
        print("skipped: %d idle connections: RLIMIT_NOFILE is %d" % (options.idle, hard), file=sys.stderr)
        return []
    rows = []
    for server in servers:
        if (server["connections_max"] or options.idle) < options.idle:
            print("skipped: %s takes no more than %d connections here" % (server["name"], server["connections_max"]),
                  file=sys.stderr)
            continue
        rows.append(idle_memory(options, server))
    return rows


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--serve", action="append", metavar="[NAME=]FILE", help="default: build/torque-serve")
    parser.add_argument("--load", default=str(ROOT / "build/torque-load"), metavar="FILE")
    numbers = lambda text: [int(n) for n in filter(None, text.split(","))]
    names = lambda text: list(filter(None, text.split(",")))
    parser.add_argument("--loads", type=names, default=list(LOADS), metavar="LIST")
    parser.add_argument("--conns", type=numbers, default=[64, 100, 512, 1000], metavar="LIST")
    parser.add_argument("--pipeline", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", type=names, default=[], metavar="LIST", help="these peers")
    parser.add_argument("--idle", type=int, default=10000, help="idle connections; 0: leave memory out")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    options = parse_options()
    cpus = sorted(os.sched_getaffinity(0))
    if len(cpus) < 2:
        stop("it needs two CPUs: one for the server, one for the load")
    options.server_cpu, options.load_cpu = cpus[0], cpus[1]
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        options.work = work
        pathlib.Path(work, "www").mkdir()
        pathlib.Path(work, "www/index.html").write_text("OK")
        script = (WRK_PIPELINE if options.pipeline > 1 else "") + WRK_REPORT
        pathlib.Path(work, "wrk.lua").write_text(script % {"pipeline": options.pipeline})
        servers = installed_servers(options)
        machine = {"kernel": platform.release(), "model": harness.model_name(),
                   "cpus": len(cpus), "load_average": os.getloadavg()[0],
                   "versions": {server["name"]: server["version"] for server in servers}}
        rows = list(measure(options, servers))
        memory = idle_rows(options, servers)
    if options.json:
        print(json.dumps({"machine": machine, "caveats": CAVEATS, "requests": rows, "memory": memory}, indent=2))
        return
    print("%(model)s, kernel %(kernel)s, %(cpus)d CPUs, load average %(load_average).1f" % machine)
    print(", ".join("%s %s" % pair for pair in machine["versions"].items()))
    print_rows(rows)
    for row in memory:
        print("%-14s %6.1f MiB resident, %7.0f bytes more for each of %d idle connections" % (
            row["server"], row["resident_bytes"] / 2**20, row["bytes_per_idle_connection"], row["connections"]))
    for caveat in CAVEATS:
        print("caveat: " + caveat)


if __name__ == "__main__":
    main()
