"""Starts torque-serve on loopback with a layout for the live machine, and talks HTTP to it byte by byte."""
import json, os, re, signal, socket, subprocess, sys, tempfile, time

SKIP = 77
BINARY = os.environ.get("TORQUE_SERVE") or next(iter(sys.argv[1:]), "torque-serve")


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIP)


def read(path):
    try:
        with open(path) as f:
            return f.read().strip()
    except OSError:
        return None


def parse_cpus(text):
    cpus = set()
    for part in filter(None, (text or "").split(",")):
        first, _, last = part.partition("-")
        cpus |= set(range(int(first), int(last or first) + 1))
    return cpus


def model_name():
    for line in read("/proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return None


def layout(cpus, buffers=1024, buffer_bytes=2048):
    workers = []
    for i, cpu in enumerate(cpus):
        siblings = parse_cpus(read("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list" % cpu)) - {cpu}
        workers.append({"id": i, "cpu": cpu, "core": i, "siblings": ",".join(map(str, sorted(siblings))), "package": 0,
                        "node": None, "llc": None, "memory_nodes": [], "queue": None,
                        "buffers": {"count": buffers, "size_bytes": buffer_bytes}})
    return {"schema": "torque.layout/1",
            "machine": {"fingerprint": "test", "model": model_name(),
                        "possible_cpus": read("/sys/devices/system/cpu/possible")},
            "request": {"workers": len(cpus), "policy": "spread", "smt": "idle", "class": "best", "isolate": "minimal",
                        "cpus": None, "near": None, "spill": False},
            "profile": {"name": "test"}, "workers": workers, "isolated": "", "housekeeping": "",
            "boot": {"cmdline": None, "args": []}, "runtime": [], "leftovers": [], "warnings": [], "decisions": []}


def some_cpus(count):
    return sorted(os.sched_getaffinity(0))[:count]


def run(arguments, stdin=None, **options):
    """Runs the program to its end; returns (exit status, stdout, stderr)."""
    done = subprocess.run([BINARY] + arguments, input=stdin, capture_output=True, text=True, timeout=20, **options)
    return done.returncode, done.stdout, done.stderr


def end(process):
    """Sends SIGTERM, if it still runs, and gives its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        raise AssertionError("SIGTERM did not end it")


class Server:
    def __init__(self, document=None, arguments=(), **options):
        self.document = document or layout(some_cpus(1))
        self.arguments, self.options = list(arguments), options

    def __enter__(self):
        # A folder of its own: the server hears of all that is written in it.
        self.folder = tempfile.TemporaryDirectory()
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json", dir=self.folder.name)
        json.dump(self.document, self.file)
        self.file.flush()
        argv = [BINARY, "--layout", self.file.name, "--listen", "127.0.0.1:0"] + self.arguments
        self.process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, **self.options)
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", line)
            if found:
                self.port = int(found.group(1))
                return self
        self.process.wait()
        if any("io_uring" in line for line in self.said):
            skip("".join(self.said))
        raise AssertionError("did not start: " + "".join(self.said))

    def __exit__(self, *_):
        code = end(self.process)
        self.process.stderr.close()
        self.file.close()
        self.folder.cleanup()
        assert code == 0, "exit status %d" % code

    def connect(self, timeout_s=5, receive_bytes=None):
        client = socket.socket()
        if receive_bytes:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        client.settimeout(timeout_s)
        client.connect(("127.0.0.1", self.port))
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def metric(self, name):
        with self.connect() as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            text = Responses(client).read().body.decode()
        return sum(int(n) for n in re.findall(r"^%s\{.*\} (\d+)$" % name, text, re.M))


class Response:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body


class Responses:
    """Reads responses one after the other; strict about where each ends."""

    def __init__(self, client):
        self.client, self.buffer = client, b""

    def more(self):
        try:
            data = self.client.recv(65536)
        except ConnectionResetError:
            data = b""
        self.buffer += data
        return bool(data)

    def read(self, to_head=False):
        """The next response, or None when the server closed instead."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                assert not self.buffer, "closed inside of a response: %r" % self.buffer[:80]
                return None
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode("ascii").split("\r\n")
        matched = re.fullmatch(r"HTTP/1\.1 (\d{3}) [ -~]+", lines[0])
        assert matched, "not a status line: %r" % lines[0]
        fields = {}
        for line in lines[1:]:
            name, value = line.split(": ", 1)
            assert name.lower() not in fields, "twice: " + name
            fields[name.lower()] = value
        status = int(matched.group(1))
        if status == 100:
            return Response(status, fields, b"")
        size = 0 if to_head else int(fields["content-length"])
        while len(self.buffer) < size:
            assert self.more(), "closed inside of a body"
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return Response(status, fields, body)

    def closed(self):
        """Waits for the end; True when nothing more came before it."""
        try:
            return not self.buffer and not self.more()
        except socket.timeout:
            return False


def main(tests):
    """Runs all functions given, prints each name, stops at none; exit status 1 when one failed."""
    failed = 0
    for test in tests:
        started = time.monotonic()
        try:
            test()
            verdict = "ok"
        except Exception as error:
            failed += 1
            verdict = "FAILED: %s: %s" % (type(error).__name__, error)
        print("%-44s %5.2f s  %s" % (test.__name__, time.monotonic() - started, verdict), flush=True)
    sys.exit(1 if failed else 0)
