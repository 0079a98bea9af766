"""The files that Linux would show of a machine: sysfs and procfs as {path: text or Link}."""

import functools
from dataclasses import dataclass

CPU_DIR = "sys/devices/system/cpu"
NODE_DIR = "sys/devices/system/node"


@dataclass(frozen=True)
class Link:
    target: str


@dataclass
class Core:
    index: int  # over the machine
    kind: object  # the Cores that it is one of
    kind_index: int  # among its like
    package: int
    core_id: int
    cpus: list


@functools.lru_cache(maxsize=4096)
def list_of(cpus):
    """{0, 1, 2, 8} -> "0-2,8", as the kernel prints it."""
    ranges = []
    for cpu in sorted(cpus):
        if ranges and ranges[-1][1] == cpu - 1:
            ranges[-1][1] = cpu
        else:
            ranges.append([cpu, cpu])
    return ",".join(str(lo) if lo == hi else f"{lo}-{hi}" for lo, hi in ranges)


def cpu_list(cpus):
    return list_of(frozenset(cpus))


@functools.lru_cache(maxsize=4096)
def cpu_mask(cpus, possible):
    """Words of 32 bits with commas between, the highest cut to what the kernel's width leaves of it."""
    value = sum(1 << cpu for cpu in cpus)
    words = [f"{value >> shift & 0xffffffff:08x}" for shift in range(0, possible, 32)]
    digits = (possible % 32 + 3) // 4
    if digits:
        words[-1] = words[-1][-digits:]
    return ",".join(reversed(words))


def cores_of(machine):
    total = sum(kind.count for kind in machine.cores)
    cores, next_cpu, next_core_id = [], 0, {}
    for kind in machine.cores:
        for kind_index in range(kind.count):
            package = len(cores) * machine.packages // total
            core_id = next_core_id.get(package, 0)
            next_core_id[package] = core_id + kind.core_id_step
            threads = 1 if machine.siblings_last else kind.threads
            cores.append(Core(len(cores), kind, kind_index, package, core_id, list(range(next_cpu, next_cpu + threads))))
            next_cpu += threads
    if machine.siblings_last:
        for core in cores:
            core.cpus += [core.cpus[0] + total * thread for thread in range(1, core.kind.threads)]
    return cores


class Tree:
    """Collects the files of one machine."""

    def __init__(self, machine):
        self.machine = machine
        self.cores = cores_of(machine)
        self.present = {cpu for core in self.cores for cpu in core.cpus}
        self.online = self.present - machine.offline
        self.by_package = {}
        for core in self.cores:
            self.by_package.setdefault(core.package, []).append(core)
        self.possible = machine.possible or len(self.present)
        self.files = {}
        self.known_cpus = {}

    def without(self, what):
        return what in self.machine.without

    def cpus(self, cores):
        """The online CPUs of the cores. Kept: on a large machine thousands of files tell the same set."""
        key = tuple(core.index for core in cores)
        if key not in self.known_cpus:
            self.known_cpus[key] = frozenset(cpu for i in key for cpu in self.cores[i].cpus) & self.online
        return self.known_cpus[key]

    def add(self, path, value):
        self.files[path] = f"{value}\n"

    def add_set(self, path, mask_name, list_name, cpus):
        if not self.without("masks"):
            self.add(f"{path}/{mask_name}", cpu_mask(cpus, self.possible))
        if not self.without("lists"):
            self.add(f"{path}/{list_name}", cpu_list(cpus))

    def sharers(self, core, cache):
        """The cores that share `cache` with `core`."""
        if cache.cores == 0:
            return self.by_package[core.package]
        first = core.index - core.kind_index % cache.cores
        return self.cores[first:first + cache.cores]


def add_topology(tree, core, path, package_cores):
    tree.add(f"{path}/core_id", core.core_id)
    tree.add(f"{path}/physical_package_id", core.package)
    siblings, package = tree.cpus([core]), tree.cpus(package_cores)
    tree.add_set(path, "thread_siblings", "thread_siblings_list", siblings)
    tree.add_set(path, "core_siblings", "core_siblings_list", package)
    if tree.without("new-names"):
        return
    tree.add_set(path, "core_cpus", "core_cpus_list", siblings)
    tree.add_set(path, "package_cpus", "package_cpus_list", package)
    tree.add(f"{path}/die_id", 0)
    tree.add_set(path, "die_cpus", "die_cpus_list", package)
    l2 = next((cache for cache in core.kind.caches if cache.level == 2), None)
    cluster = tree.sharers(core, l2) if l2 else [core]
    tree.add(f"{path}/cluster_id", cluster[0].core_id if l2 else 65535)
    tree.add_set(path, "cluster_cpus", "cluster_cpus_list", tree.cpus(cluster))


def add_caches(tree, core, path):
    for index, cache in enumerate(core.kind.caches):
        here = f"{path}/index{index}"
        sharers = tree.sharers(core, cache)
        tree.add(f"{here}/level", cache.level)
        tree.add(f"{here}/type", cache.kind)
        tree.add(f"{here}/size", f"{cache.kib}K")
        tree.add(f"{here}/coherency_line_size", 64)
        tree.add(f"{here}/ways_of_associativity", cache.ways)
        tree.add(f"{here}/number_of_sets", cache.kib * 1024 // (64 * cache.ways))
        tree.add(f"{here}/physical_line_partition", 1)
        if not tree.without("ids"):
            tree.add(f"{here}/id", sharers[0].index)
        tree.add_set(here, "shared_cpu_map", "shared_cpu_list", tree.cpus(sharers))


def add_cpus(tree):
    machine = tree.machine
    tree.add(f"{CPU_DIR}/online", cpu_list(tree.online))
    tree.add(f"{CPU_DIR}/present", cpu_list(tree.present))
    tree.add(f"{CPU_DIR}/possible", cpu_list(range(tree.possible)))
    tree.add(f"{CPU_DIR}/kernel_max", 8191)
    tree.add(f"{CPU_DIR}/isolated", machine.isolated)
    tree.add(f"{CPU_DIR}/nohz_full", machine.nohz_full)
    for core in tree.cores:
        for cpu in core.cpus:
            here = f"{CPU_DIR}/cpu{cpu}"
            if cpu != 0:
                tree.add(f"{here}/online", int(cpu in tree.online))
            if cpu not in tree.online:
                continue
            add_topology(tree, core, f"{here}/topology", tree.by_package[core.package])
            if not tree.without("cache"):
                add_caches(tree, core, f"{here}/cache")
            if core.kind.khz and not tree.without("cpufreq"):
                tree.add(f"{here}/cpufreq/cpuinfo_max_freq", core.kind.khz)
            if core.kind.capacity:
                tree.add(f"{here}/cpu_capacity", core.kind.capacity)
    for pmu in {kind.pmu for kind in machine.cores if kind.pmu}:
        tree.add(f"sys/devices/{pmu}/cpus", cpu_list(tree.cpus([c for c in tree.cores if c.kind.pmu == pmu])))


def add_nodes(tree):
    nodes = tree.machine.nodes
    for name, chosen in (("online", nodes), ("possible", nodes), ("has_cpu", [n for n in nodes if len(n.cores)]),
                         ("has_memory", [n for n in nodes if n.mib])):
        tree.add(f"{NODE_DIR}/{name}", cpu_list(node.id for node in chosen))
    for node in nodes:
        here = f"{NODE_DIR}/node{node.id}"
        cpus = tree.cpus([tree.cores[i] for i in node.cores])
        tree.add_set(here, "cpumap", "cpulist", cpus)
        tree.add(f"{here}/distance", " ".join(map(str, node.distances)))
        tree.add(f"{here}/meminfo", f"Node {node.id} MemTotal:       {node.mib * 1024} kB\n"
                                    f"Node {node.id} MemFree:        {node.mib * 512} kB")
        tree.add(f"{here}/hugepages/hugepages-2048kB/nr_hugepages", 0)
        tree.add(f"{here}/hugepages/hugepages-2048kB/free_hugepages", 0)
        for cpu in cpus:
            tree.files[f"{CPU_DIR}/cpu{cpu}/node{node.id}"] = Link(f"../../node/node{node.id}")


def cpu_info(tree):
    machine, records = tree.machine, []
    for core in tree.cores:
        for cpu in set(core.cpus) & tree.online:
            if core.kind.part:
                fields = {"processor": cpu, "BogoMIPS": "50.00", "CPU implementer": machine.vendor,
                          "CPU architecture": 8, "CPU variant": "0x1", "CPU part": core.kind.part, "CPU revision": 0}
            else:
                family, model, stepping = machine.model
                fields = {"processor": cpu, "vendor_id": machine.vendor, "cpu family": family, "model": model,
                          "model name": machine.brand, "stepping": stepping, "flags": machine.flags}
            records.append((cpu, "".join(f"{key}\t: {value}\n" for key, value in fields.items())))
    return "\n".join(text for _, text in sorted(records))


def add_proc(tree):
    machine = tree.machine
    tree.add("proc/version", f"Linux version {machine.release} (builder@example.org) (gcc) #1 SMP")
    tree.add("proc/cmdline", machine.cmdline)
    total_kib = sum(node.mib for node in machine.nodes) * 1024 or 4 * 1024 * 1024
    tree.add("proc/meminfo", f"MemTotal:       {total_kib} kB\nMemFree:        {total_kib // 2} kB")
    if not tree.without("cpuinfo"):
        tree.files["proc/cpuinfo"] = cpu_info(tree)
    tree.add("proc/self/cgroup", "0::/")
    tree.add("proc/self/mounts", "sysfs /sys sysfs rw 0 0")
    tree.add("proc/mounts", "sysfs /sys sysfs rw 0 0")


def files_of(machine):
    tree = Tree(machine)
    if not tree.without("sysfs"):
        add_cpus(tree)
        if not tree.without("numa"):
            add_nodes(tree)
    add_proc(tree)
    tree.files.update(machine.extra)
    return tree.files
