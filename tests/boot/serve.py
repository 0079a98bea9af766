"""torque-serve in a guest that was booted with its plan: each worker on its CPU, its memory on its node, nobody else there.

check finds its workers in their places; what the kernel says of its memory (numa_maps) agrees with the layout; io_uring
of both kernels carries it; a worker's CPU can be taken from it, and check sees it.
"""

import json
import re

import guest
import harness
import initramfs

MACHINE = guest.Machine("8,sockets=2,cores=2,threads=2", nodes=(("0-3", 192), ("4-7", 192)), distances=((10, 20), (20, 10)))
REQUESTS = 12

SERVE = f"""torque-serve --layout /layout.json 2>/out/said &
server=$!
tries=0
until wget -q -O /dev/null http://127.0.0.1:8080/; do
    tries=$((tries + 1)); [ $tries -lt 50 ] || exit 1
    usleep 200000
done
for i in $(seq {REQUESTS}); do wget -q -O - http://127.0.0.1:8080/worker; echo; done >/out/answers
grep -s . /proc/$server/task/*/status | grep -E '(Name|Cpus_allowed_list):' >/out/threads
for task in /proc/$server/task/*; do echo "$(cat $task/comm) $(head -n 1 $task/numa_maps)"; done >/out/policies
grep io_uring /proc/$server/numa_maps >/out/rings
torque-topo check --json --layout /layout.json >/out/check
worker=$(grep -l '^Name:.worker-0' /proc/$server/task/*/status | cut -d/ -f5)
taskset -cp 0-7 "$worker" >/dev/null
torque-topo check --json --no-wait --layout /layout.json >/out/moved
kill -TERM $server
wait $server"""

# Each text goes out as a job of its own.
SHOW = ("said", "answers", "threads", "policies", "rings", "check", "moved")


def worker_cpus(text):
    """CPU list by the worker's name."""
    names = dict(re.findall(r"task/(\d+)/status:Name:\s+(worker-\d+)", text))
    lists = dict(re.findall(r"task/(\d+)/status:Cpus_allowed_list:\s+(\S+)", text))
    return {name: lists[task] for task, name in names.items()}


def worker_nodes(text):
    """The nodes that a worker's memory is bound to, by its name."""
    return dict(re.findall(r"^(worker-\d+) \S+ bind(?:=\w+)?:(\S+)", text, re.MULTILINE))


def ring_nodes(text):
    """For each mapping of a ring: the nodes where its pages are."""
    return sorted([int(node) for node in re.findall(r" N(\d+)=", line)] for line in text.splitlines())


def are_near(rings, workers):
    """Every worker's ring is on its node; one more is the main thread's, wherever that is. All have as many mappings."""
    each = len(rings) // (len(workers) + 1)
    rest = list(rings)
    for worker in workers * each:
        if [worker["node"]] not in rest:
            return False
        rest.remove([worker["node"]])
    return each > 0 and len(rest) == each and all(ring == rest[0] for ring in rest)


def rows_of(text):
    return {row["id"]: row for row in json.loads(text)["checks"]}


def faults_of(layout, jobs):
    texts = {name: jobs[f"show-{name}"].out for name in SHOW}
    if jobs["serve"].status != 0:
        return [f"torque-serve ended with {jobs['serve'].status}: {texts['said']}{jobs['serve'].err}"]
    faults, workers = [], layout["workers"]
    wanted = {f"worker-{worker['id']}": str(worker["cpu"]) for worker in workers}
    if worker_cpus(texts["threads"]) != wanted:
        faults.append(f"workers are on {worker_cpus(texts['threads'])}, the layout says {wanted}")
    nodes = {f"worker-{worker['id']}": str(worker["node"]) for worker in workers}
    if worker_nodes(texts["policies"]) != nodes:
        faults.append(f"the memory is bound to {texts['policies']}, the layout says {nodes}")
    rings = ring_nodes(texts["rings"])
    if not are_near(rings, workers):
        faults.append(f"the rings are on nodes {rings}")
    if len(texts["answers"].splitlines()) < REQUESTS:
        faults.append(f"{REQUESTS} requests got {texts['answers']!r}")
    rows = rows_of(texts["check"])
    drift = [row for row in rows.values() if row["status"] == "drift"]
    if drift or any(rows[name]["status"] != "ok" for name in ("servers", "tasks", "isolated")):
        faults.append(f"check finds {drift or rows}")
    if rows_of(texts["moved"])["servers"]["status"] != "drift":
        faults.append(f"a worker was let go, and check says {rows_of(texts['moved'])['servers']}")
    return faults


def run(kernel, base):
    """(faults, boots)"""
    first = guest.boot(kernel, MACHINE, base, {"plan": "torque-topo plan -w 2"})
    layout = json.loads(first.jobs["plan"].out)
    jobs = {"serve": SERVE, **{f"show-{name}": f"cat /out/{name}" for name in SHOW}}
    second = guest.boot(kernel, MACHINE, base, jobs, layout["boot"]["cmdline"], {"layout.json": first.jobs["plan"].out})
    places = [(worker["cpu"], worker["node"]) for worker in layout["workers"]]
    print(f"{first.seconds:5.1f} s {second.seconds:5.1f} s  {kernel.series}: workers on (CPU, node) {places}", flush=True)
    return [f"{kernel.series}: {fault}" for fault in faults_of(layout, second.jobs)], [first, second]


def main():
    given = harness.options(__doc__)
    kernels = harness.need(given)
    base = initramfs.base([given.topo, given.serve])
    harness.finish(*harness.scenes(lambda kernel: run(kernel, base), kernels))


if __name__ == "__main__":
    main()
