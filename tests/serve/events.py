#!/usr/bin/env python3
"""What the main thread sleeps for: a new layout file, CPUs that go offline, drains; and that it sleeps.

usage: events.py TORQUE-SERVE
"""
import json, os, re, shutil, signal, socket, subprocess, tempfile, threading, time

from harness import BINARY, Responses, end, layout, main, read, skip, some_cpus

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Watched:
    """The program with a layout in a folder of its own; what it says is read line by line, with a time limit."""

    def __init__(self, document=None, arguments=()):
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, "layout.json")
        self.document = document or layout(some_cpus(1))
        self.arguments = list(arguments)

    def __enter__(self):
        self.put(self.document)
        self.process = subprocess.Popen([BINARY, "--layout", self.path, "--listen", "127.0.0.1:0"] + self.arguments,
                                        stderr=subprocess.PIPE, text=True)
        self.lines, self.news = [], threading.Condition()
        self.reader = threading.Thread(target=self.listen)
        self.reader.start()
        line = self.says("listening on|error:")
        if "error:" in line:
            self.process.wait()
            skip("".join(self.lines))
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def listen(self):
        for line in self.process.stderr:
            with self.news:
                self.lines.append(line)
                self.news.notify_all()

    def __exit__(self, *_):
        try:
            code = end(self.process)
        finally:
            self.reader.join()
            self.process.stderr.close()
            shutil.rmtree(self.folder, ignore_errors=True)
        assert code == 0, "exit status %d: %s" % (code, "".join(self.lines))

    def says(self, pattern, timeout_s=5):
        """The first line not asked for before that has the pattern."""
        with self.news:
            found = None
            def look():
                nonlocal found
                found = next((i for i, line in enumerate(self.lines) if line and re.search(pattern, line)), None)
                return found is not None
            assert self.news.wait_for(look, timeout_s), "never said %r: %s" % (pattern, self.lines)
            line, self.lines[found] = self.lines[found], ""
            return line.strip()

    def says_nothing(self, for_s=0.5):
        self.lines = []
        time.sleep(for_s)
        assert not self.lines, self.lines

    def put(self, document, rename=False):
        text = document if isinstance(document, str) else json.dumps(document)
        path = self.path + ".new" if rename else self.path
        with open(path, "w") as file:
            file.write(text)
        if rename:
            os.rename(path, self.path)

    def ask(self, path="/"):
        with socket.create_connection(("127.0.0.1", self.port), 5) as client:
            client.sendall(b"GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" % path.encode())
            return Responses(client).read()

    def switches(self):
        total = 0
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            found = re.search(r"^voluntary_ctxt_switches:\s*(\d+)",
                              read("/proc/%d/task/%s/status" % (self.process.pid, task)), re.M)
            total += int(found.group(1))
        return total


def other(document, count):
    changed = json.loads(json.dumps(document))
    changed["workers"][0]["buffers"]["count"] = count
    return changed


def a_layout_renamed_over_is_moved_to():
    with Watched() as server:
        for rename, count in ((True, 64), (False, 128), (True, 256)):
            server.put(other(server.document, count), rename)
            server.says("worker 0: .* %d buffers" % count)
            server.says("the new layout is in force")
            assert server.ask("/layout").status == 200  # of either, but at once
            server.says("old layout's workers have ended")
            assert json.loads(server.ask("/layout").body)["workers"][0]["buffers"]["count"] == count


def a_bad_layout_is_refused_and_the_old_one_stays():
    with Watched() as server:
        before = server.ask("/layout").body
        for text, why in (("{", "not JSON|line 1"), ("", "empty"), (json.dumps({"schema": "torque.layout/1"}), "is missing")):
            server.put(text, rename=True)
            server.says("error: .*(%s)" % why)
            server.says("the old layout stays")
            assert server.ask("/layout").body == before
        server.put(server.document, rename=True)
        server.says("the new layout is in force")


def what_is_no_change_does_nothing():
    with Watched() as server:
        server.put(server.document, rename=True)
        os.utime(server.path)
        with open(server.path, "a"):
            pass
        with open(server.path + ".other", "w") as file:
            file.write("{")
        server.says_nothing()
        os.unlink(server.path)
        server.says_nothing()
        server.put(server.document)
        server.says_nothing()


def a_folder_that_goes_away():
    with Watched() as server:
        shutil.rmtree(server.folder)
        server.says("folder is gone")
        server.says_nothing()
        assert server.ask().status == 200


def a_file_by_its_bare_name():
    with Watched() as server:
        bare = subprocess.Popen([os.path.abspath(BINARY), "--layout", "layout.json", "--listen", "127.0.0.1:0"], cwd=server.folder,
                                stderr=subprocess.PIPE, text=True)
        try:
            assert any("listening" in line for line in bare.stderr)
            server.put(other(server.document, 64), rename=True)
            assert any("new layout is in force" in line for line in bare.stderr)
        finally:
            bare.terminate()
            assert bare.wait(5) == 0
            bare.stderr.close()
        server.says("the new layout is in force")


def signals_are_heard_while_an_old_layout_drains():
    """A long drain of the old workers holds up neither the next layout nor the end."""
    with Watched(arguments=["--drain-timeout", "20s"]) as server:
        slow = socket.create_connection(("127.0.0.1", server.port), 10)
        slow.sendall(GET[:-1])
        time.sleep(0.1)
        for count in (64, 128):
            server.put(other(server.document, count), rename=True)
            server.says("the new layout is in force", 2)
        assert server.ask().status == 200
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None, "a request is under way"
        slow.sendall(GET[-1:])
        response = Responses(slow).read()
        assert response.status == 200 and response.fields["connection"] == "close"
        assert server.process.wait(3) == 0
        slow.close()


def a_drain_has_an_end():
    with Watched(arguments=["--drain-timeout", "1s"]) as server:
        slow = socket.create_connection(("127.0.0.1", server.port), 10)
        slow.sendall(GET[:-1])
        time.sleep(0.1)
        started = time.monotonic()
        server.process.send_signal(signal.SIGHUP)
        server.says("the new layout is in force", 0.9)
        server.says("old layout's workers have ended", 3)
        assert time.monotonic() - started > 0.9
        assert slow.recv(1) == b""
        slow.close()


def a_cpu_that_goes_offline_is_told_and_counted():
    """The kernel sends the event when asked to by a write; the CPU stays where it is."""
    cpu = some_cpus(1)[0]
    path = "/sys/devices/system/cpu/cpu%d/uevent" % cpu
    with Watched() as server:
        if any("cannot hear of CPUs" in line for line in server.lines):
            return print("the kernel sends no events here")
        try:
            with open(path, "w") as file:
                file.write("offline")
        except OSError as error:
            return print("no events can be made here: %s" % error)
        server.says("warning: CPU %d of worker 0 went offline" % cpu)
        text = server.ask("/metrics").body.decode()
        assert 'torque_cpu_offline_total{worker="0"} 1' in text, text
        with open(path, "w") as file:
            file.write("online")
        server.says("CPU %d of worker 0 is online" % cpu)
        time.sleep(0.2)
        before = server.switches()
        for other_path in (path, "/sys/class/net/lo/uevent"):
            with open(other_path, "w") as file:
                file.write("change")
        server.says_nothing()
        assert server.switches() == before, "wakes for what is none of its business"


def it_sleeps():
    with Watched() as server:
        server.put(other(server.document, 64), rename=True)
        server.says("old layout's workers have ended")
        time.sleep(0.5)
        before = server.switches()
        time.sleep(3)
        assert server.switches() == before, "wakes for nothing"
        assert len(os.listdir("/proc/%d/task" % server.process.pid)) == 2, "a kernel thread for a read"


def idle_clients_are_closed_with_the_old_workers():
    with Watched() as server:
        idle = socket.create_connection(("127.0.0.1", server.port), 5)
        idle.sendall(GET)
        assert Responses(idle).read().status == 200
        server.process.send_signal(signal.SIGHUP)
        assert idle.recv(1) == b"", "left hanging"
        idle.close()


def no_descriptor_and_no_memory_is_lost():
    with Watched() as server:
        counts = []
        for i in range(6):
            server.put(other(server.document, 64 << i % 2), rename=True)
            server.says("old layout's workers have ended")
            time.sleep(0.05)
            mapped = re.search(r"^VmSize:\s*(\d+)", read("/proc/%d/status" % server.process.pid), re.M).group(1)
            counts.append((len(os.listdir("/proc/%d/fd" % server.process.pid)), int(mapped)))
        assert len({fds for fds, _ in counts}) == 1, counts
        assert counts[-1][1] <= counts[1][1] + 1024, "grew: %s KiB" % counts


if __name__ == "__main__":
    main([a_layout_renamed_over_is_moved_to, a_bad_layout_is_refused_and_the_old_one_stays,
          what_is_no_change_does_nothing, a_folder_that_goes_away, a_file_by_its_bare_name,
          signals_are_heard_while_an_old_layout_drains, a_drain_has_an_end,
          a_cpu_that_goes_offline_is_told_and_counted, it_sleeps,
          idle_clients_are_closed_with_the_old_workers, no_descriptor_and_no_memory_is_lost])
