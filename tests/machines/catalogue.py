"""The machines, as data: what each is made of, and why it is odd."""

from dataclasses import dataclass, field

from files import Link


@dataclass(frozen=True)
class Cache:
    level: int
    kind: str  # the kernel's word: Data, Instruction, Unified
    kib: int
    ways: int
    cores: int = 1  # consecutive cores that share one; 0: all cores of the package


@dataclass(frozen=True)
class Cores:
    """`count` like cores, counted over the whole machine."""
    count: int
    caches: tuple = ()
    threads: int = 1
    khz: int = None
    capacity: int = None
    pmu: str = None  # the performance monitor that lists them: cpu_core, cpu_atom
    part: str = None  # ARM's "CPU part"
    core_id_step: int = 1  # between the kernel's core_id of neighbours


@dataclass(frozen=True)
class Node:
    id: int
    cores: object = ()  # indexes of its cores over the machine
    mib: int = 0
    distances: tuple = (10,)


@dataclass(frozen=True)
class Machine:
    about: str
    cores: tuple
    brand: str = "Torque Test CPU"
    vendor: str = "GenuineIntel"
    model: tuple = (6, 85, 4)  # family, model, stepping
    flags: str = "fpu sse2 ht lm"
    packages: int = 1
    siblings_last: bool = False  # second threads get their numbers after all first ones
    nodes: tuple = ()
    offline: frozenset = frozenset()
    possible: int = None  # CPUs that could ever exist; as many as there are unless given
    release: str = "6.12.0"
    cmdline: str = "BOOT_IMAGE=/vmlinuz root=/dev/vda1 ro quiet"
    isolated: str = ""
    nohz_full: str = ""
    without: frozenset = frozenset()  # of: cache, cpufreq, cpuinfo, ids, lists, masks, new-names, numa, sysfs
    extra: dict = field(default_factory=dict)  # more files
    large: bool = False


def l1_l2(l1d_kib, l1i_kib, l2_kib, l2_cores=1):
    return (Cache(1, "Data", l1d_kib, 8), Cache(1, "Instruction", l1i_kib, 8),
            Cache(2, "Unified", l2_kib, 16, l2_cores))


def matrix(count, remote):
    return [tuple(10 if i == j else remote for j in range(count)) for i in range(count)]


def even_nodes(nodes, cores, mib, remote=21):
    share = cores // nodes
    return tuple(Node(i, range(i * share, (i + 1) * share), mib, row) for i, row in enumerate(matrix(nodes, remote)))


def hybrid(about, **changes):
    """Six cores of two threads (CPUs 0-11) and eight of one (12-19), in two modules that share their L2."""
    l3 = (Cache(3, "Unified", 24576, 12, 0),)
    fast = Cores(6, (Cache(1, "Data", 48, 12), Cache(1, "Instruction", 32, 8), Cache(2, "Unified", 1280, 10)) + l3,
                 threads=2, khz=5000000, pmu="cpu_core", core_id_step=4)
    slow = Cores(8, (Cache(1, "Data", 32, 8), Cache(1, "Instruction", 64, 8), Cache(2, "Unified", 2048, 16, 4)) + l3,
                 khz=3800000, pmu="cpu_atom")
    values = dict(brand="12th Gen Intel(R) Core(TM) i9-12900HK", model=(6, 154, 3), cores=(fast, slow),
                  nodes=(Node(0, range(14), 32768),))
    return Machine(about, **{**values, **changes})


def two_sockets(about, **changes):
    """Two packages of eight cores of two threads: siblings are n and n+16."""
    cores = Cores(16, l1_l2(32, 32, 1024) + (Cache(3, "Unified", 25344, 11, 0),), threads=2, khz=3700000)
    values = dict(brand="Intel(R) Xeon(R) Gold 6134 CPU @ 3.20GHz", cores=(cores,), packages=2, siblings_last=True,
                  nodes=even_nodes(2, 16, 65536))
    return Machine(about, **{**values, **changes})


def epyc(about, nodes):
    """64 cores of two threads, eight core complexes of eight cores: siblings are n and n+64."""
    cores = Cores(64, l1_l2(32, 32, 512) + (Cache(3, "Unified", 32768, 16, 8),), threads=2, khz=3529000)
    return Machine(about, brand="AMD EPYC 7713 64-Core Processor", vendor="AuthenticAMD", model=(25, 1, 1),
                   cores=(cores,), siblings_last=True, nodes=even_nodes(nodes, 64, 262144 // nodes, 12))


def cgroup_v2(group, **files):
    found = {f"sys/fs/cgroup/{group}/{name.replace('__', '.')}": text + "\n" for name, text in files.items()}
    mounts = "sysfs /sys sysfs rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n"
    return {**found, "proc/self/cgroup": f"0::/{group}\n", "proc/self/mounts": mounts, "proc/mounts": mounts}


def cgroup_v1(group, cpus, quota_us, period_us):
    mounts = ("cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\n"
              "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n")
    return {"proc/self/cgroup": f"5:cpuset:/{group}\n3:cpu,cpuacct:/{group}\n",
            "proc/self/mounts": mounts, "proc/mounts": mounts,
            f"sys/fs/cgroup/cpuset/{group}/cpuset.cpus": cpus + "\n",
            f"sys/fs/cgroup/cpuset/{group}/cpuset.effective_cpus": cpus + "\n",
            f"sys/fs/cgroup/cpu,cpuacct/{group}/cpu.cfs_quota_us": f"{quota_us}\n",
            f"sys/fs/cgroup/cpu,cpuacct/{group}/cpu.cfs_period_us": f"{period_us}\n"}


def nic(name, address, node, cpus, queues, first_irq):
    """A network card: its PCI function, receive and transmit queues, and one interrupt for each queue pair."""
    device = f"sys/devices/pci0000:80/{address}"
    files = {f"{device}/vendor": "0x8086\n", f"{device}/device": "0x1592\n", f"{device}/class": "0x020000\n",
             f"{device}/numa_node": f"{node}\n", f"{device}/local_cpulist": cpus + "\n",
             f"{device}/net/{name}/operstate": "up\n", f"{device}/net/{name}/type": "1\n",
             f"sys/class/net/{name}": Link(f"../../devices/pci0000:80/{address}/net/{name}"),
             f"sys/bus/pci/devices/{address}": Link(f"../../../devices/pci0000:80/{address}"),
             f"{device}/net/{name}/device": Link(f"../../../{address}")}
    for queue in range(queues):
        irq = first_irq + queue
        files[f"{device}/net/{name}/queues/rx-{queue}/rps_cpus"] = "00000000\n"
        files[f"{device}/net/{name}/queues/tx-{queue}/xps_cpus"] = "00000000\n"
        files[f"{device}/msi_irqs/{irq}"] = "msix\n"
        files[f"proc/irq/{irq}/smp_affinity_list"] = cpus + "\n"
        files[f"proc/irq/{irq}/effective_affinity_list"] = cpus.split("-")[0] + "\n"
        files[f"proc/irq/{irq}/ice-{name}-TxRx-{queue}/.keep"] = ""
    return files


PLAIN = Cores(4, l1_l2(32, 32, 256) + (Cache(3, "Unified", 8192, 16, 0),), threads=2, khz=4000000)

MACHINES = {
    "hybrid": hybrid("two kinds of core, only one of which has two threads; core_id has gaps"),
    "two-sockets": two_sockets("siblings are not neighbours: 0 and 16 share a core"),
    "epyc-nps1": epyc("eight last-level caches in one package and one NUMA node", nodes=1),
    "epyc-nps4": epyc("one package holds four NUMA nodes, each of two last-level caches", nodes=4),
    "cxl-memory": Machine(
        "node 1 is memory without CPUs, as CXL expanders and high-bandwidth memory are shown",
        cores=(Cores(8, PLAIN.caches, threads=2, khz=3900000),), siblings_last=True,
        nodes=(Node(0, range(8), 65536, (10, 14)), Node(1, (), 131072, (14, 10)))),
    "memoryless-node": two_sockets(
        "node 1 has CPUs and no memory: an empty socket's worth of DIMM slots",
        nodes=(Node(0, range(8), 65536, (10, 21)), Node(1, range(8, 16), 0, (21, 10)))),
    "big-little": Machine(
        "two kinds of ARM core told apart by cpu_capacity alone; the little ones come first",
        brand=None, vendor="0x41", release="6.1.0", without=frozenset({"numa"}),
        cores=(Cores(4, l1_l2(32, 32, 512, 4), khz=1800000, capacity=446, part="0xd05"),
               Cores(4, l1_l2(64, 64, 2048, 4), khz=2800000, capacity=1024, part="0xd0b"))),
    "vm-no-caches": Machine(
        "a virtual machine of two CPUs, each its own package, without caches; six more could be plugged in",
        cores=(Cores(2),), packages=2, possible=8, brand="QEMU Virtual CPU version 2.5+", model=(15, 107, 1),
        flags="fpu sse2 ht lm hypervisor",
        nodes=(Node(0, range(2), 2048),), without=frozenset({"cache", "cpufreq"})),
    "offline-siblings": Machine(
        "CPUs 5 and 7, the second threads of cores 2 and 3, are offline: the kernel hides their topology",
        cores=(Cores(6, PLAIN.caches, threads=2, khz=4000000),), nodes=(Node(0, range(6), 16384),),
        offline=frozenset({5, 7})),
    "container-v2": hybrid(
        "a container of cgroup v2 that has CPUs 4-11 and the time of three CPUs",
        extra=cgroup_v2("app", cpuset__cpus__effective="4-11", cpu__max="300000 100000")),
    "container-v1": hybrid(
        "a container of cgroup v1 whose CPUs 5,7,9-13 split three cores",
        extra=cgroup_v1("app", "5,7,9-13", -1, 100000)),
    "isolated": hybrid(
        "isolated already: a plan must not take the isolated CPUs for missing ones",
        isolated="4-11", nohz_full="4-11",
        cmdline="root=/dev/vda1 isolcpus=managed_irq,domain,4-11 nohz_full=4-11 irqaffinity=0-3,12-19"),
    "nohz-null": Machine(
        "nohz_full reads (null), as kernels show an empty set there",
        cores=(PLAIN,), nodes=(Node(0, range(4), 8192),), nohz_full="(null)"),
    "old-kernel": two_sockets(
        "Linux 2.6.32: masks only, the old names, no dies, no clusters, no cache ids",
        release="2.6.32", without=frozenset({"lists", "new-names", "ids"})),
    "no-topology": Machine(
        "a sandbox that shows /proc/cpuinfo and no /sys worth the name",
        cores=(Cores(4),), without=frozenset({"sysfs"}), extra={"sys/devices/.keep": ""}),
    "sparse-nodes": two_sockets(
        "node numbers 0, 8 and 252, as POWER firmware hands them out; 252 has memory only",
        nodes=(Node(0, range(8), 32768, (10, 40, 80)), Node(8, range(8, 16), 32768, (40, 10, 80)),
               Node(252, (), 16384, (80, 80, 10)))),
    "only-possible": Machine(
        "one CPU, and of it no more than the list of the possible ones",
        cores=(Cores(1),), without=frozenset({"sysfs", "cpuinfo"}), extra={"sys/devices/system/cpu/possible": "0\n"}),
    "nic-on-node-1": two_sockets(
        "eth0 with eight queues is on node 1",
        extra=nic("eth0", "0000:81:00.0", 1, "8-15,24-31", 8, 64)),
    "huge": Machine(
        "4,096 CPUs in 32 packages: masks are longer than a page's worth of fixed-size sets",
        cores=(Cores(2048, l1_l2(32, 32, 1024) + (Cache(3, "Unified", 65536, 16, 0),), threads=2),),
        packages=32, siblings_last=True, nodes=even_nodes(32, 2048, 65536), large=True,
        without=frozenset({"masks", "cpufreq"})),
    "huge-sixteenth": Machine(
        "256 CPUs: two packages of huge, to see how time grows with the CPUs",
        cores=(Cores(128, l1_l2(32, 32, 1024) + (Cache(3, "Unified", 65536, 16, 0),), threads=2),),
        packages=2, siblings_last=True, nodes=even_nodes(2, 128, 65536), large=True,
        without=frozenset({"masks", "cpufreq"})),
}
