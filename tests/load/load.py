"""torque-load tells the truth about a server: how many answers, which were wrong, and how late they were."""
import json, pathlib, socket, subprocess, sys, threading, time, unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "serve"))
import harness

BINARY = sys.argv.pop(1)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


def load(port, *arguments, seconds="500ms"):
    """Runs it for a short time; returns (exit status, document or None, stderr)."""
    argv = [BINARY, "127.0.0.1:%d" % port, "--duration", seconds, "--warm-up", "100ms", "--json", *arguments]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    if "io_uring" in done.stderr:
        harness.skip(done.stderr)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


class Fake:
    """A server that gives each request `answer(number)`: bytes to send, or None to hang up. One thread a client."""

    def __init__(self, answer, closes=False):
        self.answer, self.closes, self.served = answer, closes, 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        buffer = b""
        with client:
            try:
                while data := client.recv(65536):
                    buffer += data
                    while b"\r\n\r\n" in buffer:
                        _, buffer = buffer.split(b"\r\n\r\n", 1)
                        with self.lock:
                            number, self.served = self.served, self.served + 1
                        reply = self.answer(number)
                        if reply is None:
                            return
                        client.sendall(reply)
                        if self.closes:
                            return
            except OSError:
                return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


class Load(unittest.TestCase):
    def test_every_answer_of_our_server_is_good(self):
        with harness.Server() as server:
            for arguments in ((), ("--pipeline", "16"), ("-c", "200"), ("--path", "/worker")):
                status, found, errors = load(server.port, *arguments)
                self.assertEqual((status, sum(found["errors"].values())), (0, 0), errors)
                self.assertGreater(found["requests"], 500, arguments)
                times = [found["latency_ns"][key] for key in ("p50", "p90", "p99", "p99_9", "max")]
                self.assertEqual(times, sorted(times))
            counted = server.metric("torque_requests_total")
        self.assertGreater(counted, 2000)

    def test_it_counts_no_more_than_the_server(self):
        with Fake(lambda number: OK) as server:
            status, found, _ = load(server.port, "-c", "4")
            self.assertEqual(status, 0)
            self.assertLessEqual(found["requests"], server.served)
            self.assertGreater(found["requests"], 50)

    def test_a_rate_is_kept(self):
        with harness.Server() as server:
            status, found, _ = load(server.port, "-c", "10", "--rate", "400", seconds="2s")
        self.assertEqual(status, 0)
        self.assertLess(abs(found["requests_per_s"] - 400), 40)

    def test_with_a_rate_a_stall_is_charged_to_all_that_were_due(self):
        stall = threading.Event()

        def answer(number):
            if number == 150 and not stall.is_set():
                stall.set()
                time.sleep(1)
            return OK

        with Fake(answer) as server:
            _, paced, _ = load(server.port, "-c", "1", "--rate", "200", seconds="2s")
        stall.clear()
        with Fake(answer) as server:
            _, closed, _ = load(server.port, "-c", "1", seconds="2s")
        self.assertGreater(paced["latency_ns"]["p90"], 300_000_000)
        self.assertLess(closed["latency_ns"]["p90"], 100_000_000)

    def test_wrong_answers_are_counted_by_what_is_wrong(self):
        cases = {"status": b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "malformed": b"HELLO\r\n\r\n",
                 "body": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nKO", "read": None}
        for kind, wrong in cases.items():
            with Fake(lambda number: wrong if number % 10 == 9 else OK) as server:
                status, found, _ = load(server.port, "-c", "2", "--expect", "OK")
            self.assertEqual(status, 4, kind)
            self.assertGreater(found["errors"][kind], 0, kind)
            self.assertEqual(sum(found["errors"].values()), found["errors"][kind], found["errors"])
            self.assertGreater(found["requests"], 9 * found["errors"][kind] // 2, kind)

    def test_a_server_that_closes_after_each_answer_is_no_error(self):
        with Fake(lambda number: OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"), closes=True) as server:
            status, found, _ = load(server.port, "-c", "4")
        self.assertEqual((status, sum(found["errors"].values())), (0, 0))
        self.assertGreater(found["reconnects"], 20)

    def test_threads_share_the_connections(self):
        cpus = harness.some_cpus(2)
        with harness.Server() as server:
            status, found, errors = load(server.port, "-c", "5", "--cpus", ",".join(map(str, cpus)))
        self.assertEqual(status, 0, errors)
        self.assertEqual(found["threads"], len(cpus))

    def test_a_command_line_that_cannot_be_meant_is_refused(self):
        for arguments, said in (((), "no server"), (("here",), "'here' is not the address of a server"),
                                (("127.0.0.1:1", "127.0.0.1:2"), "unexpected argument '127.0.0.1:2'"),
                                (("127.0.0.1:1", "--rat", "5"), "did you mean --rate?"),
                                (("127.0.0.1:1", "-c", "0"), "-c: '0' is not a number from 1 to 65536"),
                                (("127.0.0.1:1", "--duration=0s"), "--duration: nothing can be measured"),
                                (("127.0.0.1:1", "--cpus=0", "--layout=x"), "both say where to run")):
            done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(said, done.stderr)

    def test_nobody_there_is_an_error_and_prints_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        status, found, errors = load(port)
        self.assertEqual((status, found), (1, None))
        self.assertIn("Connection refused", errors)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            status, found, errors = load(silent.getsockname()[1])
        self.assertEqual((status, found), (1, None))
        self.assertIn("no answer came", errors)

    def test_bad_options_say_what_was_meant(self):
        for arguments, wanted in (([], "no server"), (["localhost"], "localhost"), (["--duratoin", "1s"], "--duration"),
                                  (["127.0.0.1:1", "--rate", "x"], "--rate"), (["127.0.0.1:1", "-c", "0"], "-c"),
                                  (["127.0.0.1:1", "--path", "a b"], "--path"), (["127.0.0.1:1", "--cpus", "z"], "--cpus"),
                                  (["127.0.0.1:1", "--duration", "0"], "--duration")):
            done = subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=20)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(wanted, done.stderr)
            self.assertIn("hint:", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
