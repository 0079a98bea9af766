"""measure memory in guests of several nodes: every pair of them is measured, and the memory is where it should be.

The processor is emulated: a load from any node takes as long as from any other, whatever the distances say, so no order is
looked for. What is real in a guest is the placement, which the kernel tells of every page.
"""

import json

import guest
import harness
import initramfs

JOB = "torque-topo measure memory --json --budget 8s"
TEXT = "torque-topo measure memory --budget 4s"

# Name, machine, nodes with CPUs, nodes with memory. The kernel numbers nodes with CPUs first.
CASES = (
    ("two nodes", guest.Machine("4,sockets=2,cores=2,threads=1", nodes=(("0-1", 192), ("2-3", 192))), {0, 1}, {0, 1}),
    ("four nodes, one without CPUs, one without memory",
     guest.Machine("6,sockets=3,cores=2,threads=1", nodes=(("0-1", 224), ("2-3", 224), ("", 192), ("4-5", 0)),
                   distances=((10, 20, 17, 30), (20, 10, 27, 30), (17, 27, 10, 30), (30, 30, 30, 10))),
     {0, 1, 2}, {0, 1, 3}),
)


def faults_of(document, cpu_nodes, memory_nodes):
    pairs = {(cell["cpu_node"], cell["memory_node"]) for cell in document["cells"]}
    if pairs != {(cpu, memory) for cpu in cpu_nodes for memory in memory_nodes}:
        yield f"the pairs are {sorted(pairs)}"
    for cell in document["cells"]:
        where = f"CPUs of {cell['cpu_node']}, memory of {cell['memory_node']}"
        if cell["reason"] is not None:
            yield f"{where}: {cell['reason']}"
        elif cell["placement"] != "there" or cell["placement_source"] != "move_pages" or cell["pages"] * 4096 != cell["bytes"]:
            yield f"{where}: placed {cell['placement']} by {cell['placement_source']}, {cell['pages']} pages of {cell['bytes']} bytes"
        elif not (cell["latency_ns"] > 0 and cell["read_bytes_per_s"] > 0):
            yield f"{where}: {cell['latency_ns']} ns, {cell['read_bytes_per_s']} bytes/s"


def scene(what, base):
    (name, machine, cpu_nodes, memory_nodes), kernel = what
    done = guest.boot(kernel, machine, base, {"measure": JOB, "text": TEXT})
    where = f"{kernel.series}, {name}"
    print(f"{done.seconds:5.1f} s  {where}\n{done.jobs['text'].out}", flush=True)
    job = done.jobs["measure"]
    if job.status != 0:
        return [f"{where}: ended with {job.status}: {job.err}"], [done]
    return [f"{where}: {fault}" for fault in faults_of(json.loads(job.out), cpu_nodes, memory_nodes)], [done]


def main():
    given = harness.options(__doc__)
    kernels = harness.need(given)
    base = initramfs.base([given.topo])
    harness.finish(*harness.scenes(lambda one: scene(one, base), [(case, kernel) for case in CASES for kernel in kernels]))


if __name__ == "__main__":
    main()
