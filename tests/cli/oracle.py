"""A second opinion: what lstopo and lscpu read from the folders of the machines that we made up."""

import json
import shutil
import subprocess
import xml.etree.ElementTree as xml
from collections import Counter

import harness
from harness import topo

# Machines that differ in what these programs can see.
MACHINES = ("hybrid", "two-sockets", "epyc-nps4", "cxl-memory", "memoryless-node", "big-little", "vm-no-caches",
            "offline-siblings", "container-v1", "container-v2", "nohz-null", "old-kernel", "sparse-nodes")

# (program, machine, aspect): why the two differ. A row that is no longer true is a fault.
DIFFERENT = {
    ("lscpu", "big-little", "cores"): "it counts cores anew for each kind of core, so that numbers repeat",
    ("lscpu", "big-little", "nodes"): "the kernel shows no nodes; we call its memory node 0, as hwloc does",
}

CACHE_KINDS = {"0": "unified", "1": "data", "2": "instruction"}


def cpus(text):
    """"0-2,8" -> {0, 1, 2, 8}"""
    found = set()
    for part in filter(None, text.split(",")):
        low, _, high = part.partition("-")
        found.update(range(int(low), int(high or low) + 1))
    return frozenset(found)


def mask(text):
    """hwloc's "0x00000001,0x0000000f": words of 32 bits, the highest first."""
    value = int("".join((word.removeprefix("0x") or "0").rjust(8, "0") for word in text.split(",")), 16)
    return frozenset(bit for bit in range(value.bit_length()) if value >> bit & 1)


def ask(*command):
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, env=harness.environment())
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stderr.decode()}")
    return done.stdout


def of_lstopo(folder):
    tree = xml.fromstring(ask("lstopo", "--input", folder, "--if", "fsroot", "--disallowed", "--of", "xml"))
    objects = list(tree.iter("object"))
    caches = [item for item in objects if "cache_size" in item.attrib]
    return {
        "packages": Counter(mask(item.get("cpuset")) for item in objects if item.get("type") == "Package"),
        "cores": Counter(mask(item.get("cpuset")) for item in objects if item.get("type") == "Core"),
        "cpus": {int(item.get("os_index")) for item in objects if item.get("type") == "PU"},
        "caches": Counter((int(item.get("depth")), CACHE_KINDS[item.get("cache_type")], int(item.get("cache_size")),
                           int(item.get("cache_linesize")), int(item.get("cache_associativity")),
                           mask(item.get("cpuset"))) for item in caches),
        "nodes": {int(item.get("os_index")): (int(item.get("local_memory", "0")), mask(item.get("cpuset")))
                  for item in objects if item.get("type") == "NUMANode"},
    }


def of_torque_for_lstopo(shown):
    """Ours, as hwloc sees things: a machine's nodes without CPUs have, there, the CPUs that they are nearest to."""
    return {
        "packages": Counter(cpus(item["cpus"]) for item in shown["packages"]),
        "cores": Counter(cpus(item["cpus"]) for item in shown["cores"]),
        "cpus": {item["id"] for item in shown["cpus"] if item["online"]},
        "caches": Counter((item["level"], item["type"], item["size_bytes"], item["line_bytes"], item["ways"],
                           cpus(item["cpus"])) for item in shown["caches"]),
        "nodes": {item["id"]: (item["memory_bytes"], cpus(item["cpus"])) for item in shown["nodes"]},
    }


def groups(pairs):
    """[(key, CPU)] -> the sets of CPUs with equal keys, whatever the keys are."""
    found = {}
    for key, cpu in pairs:
        found.setdefault(key, set()).add(cpu)
    return {frozenset(group) for group in found.values()}


def of_lscpu(folder):
    lines = ask("lscpu", "-s", folder, "-p=CPU,CORE,SOCKET,NODE").decode().splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")]
    fields = {item["field"].rstrip(":"): item["data"] for item in json.loads(ask("lscpu", "-s", folder, "-J"))["lscpu"]}
    return {
        "cores": groups((row[1], int(row[0])) for row in rows),
        "packages": groups((row[2], int(row[0])) for row in rows),
        "nodes": {int(row[0]): int(row[3]) for row in rows if row[3]},
        "cpus": int(fields["CPU(s)"]),
        "online": cpus(fields["On-line CPU(s) list"]),
    }


def of_torque_for_lscpu(shown):
    return {
        "cores": {cpus(item["cpus"]) for item in shown["cores"]},
        "packages": {cpus(item["cpus"]) for item in shown["packages"]},
        "nodes": {item["id"]: item["node"] for item in shown["cpus"] if item["online"]},
        "cpus": len(shown["cpus"]),
        "online": cpus(shown["host"]["online"]),
    }


class Oracle(harness.TestCase):
    def compare(self, program, theirs, ours):
        if shutil.which(program) is None:
            self.skipTest(f"{program} is not installed")
        different = set()
        for name in MACHINES:
            folder = self.machine_folder(name)
            shown = json.loads(topo("show", "--json", "-i", folder).out)
            wanted, got = theirs(str(folder)), ours(shown)
            for aspect, want in wanted.items():
                if want == got[aspect]:
                    continue
                different.add((program, name, aspect))
                with self.subTest(machine=name, aspect=aspect):
                    if (program, name, aspect) not in DIFFERENT:
                        self.assertEqual(want, got[aspect])
        listed = {row for row in DIFFERENT if row[0] == program}
        self.assertEqual(listed - different, set(), "these agree now: take them off the table")

    def test_lstopo(self):
        self.compare("lstopo", of_lstopo, of_torque_for_lstopo)

    def test_lscpu(self):
        self.compare("lscpu", of_lscpu, of_torque_for_lscpu)


if __name__ == "__main__":
    harness.main()
