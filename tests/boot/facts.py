"""What a kernel made of its boot line, read in the guest from the files that show it, in the words of lint's document."""

import re

import cpus

# The job that reads them. grep reads many files in one process; processes are slow to start in a guest.
JOB = """grep -as '' /sys/devices/system/cpu/isolated /sys/devices/system/cpu/nohz_full \
    /sys/devices/system/cpu/online /proc/irq/default_smp_affinity /sys/devices/virtual/workqueue/cpumask
grep -s Cpus_allowed_list /proc/1/status /proc/2/status
tr '\\0' '\\n' </proc/1/environ | sed 's/^/environ:/'
tr '\\0' '\\n' </proc/1/cmdline | sed 's/^/argument:/'
grep -s '' /proc/irq/*/smp_affinity_list /proc/irq/*/effective_affinity_list
grep nvme /proc/interrupts | sed 's/^ *\\([0-9]*\\):.* \\(nvme[^ ]*\\)$/interrupt:\\1 \\2/'
"""

ISOLATION = ("isolcpus", "nohz_full", "irqaffinity", "workqueue.unbound_cpus", "rcu_nocbs", "rcu_nocb_poll")


def is_isolation(word):
    name = word.partition("=")[0].replace("-", "_")
    return name in ISOLATION or name.startswith(("rcu_nocbs", "rcu_nocb_poll"))


def managed_interrupts(found):
    """(CPUs of its mask, CPUs that it comes to) of each queue of the disk; the kernel alone places them."""
    queues = []
    for entry in found.get("interrupt", []):
        number, name = entry.split()
        if not name.endswith("q0"):  # that is for administration, and not managed
            queues.append(tuple(cpus.from_list(found[f"/proc/irq/{number}/{file}_affinity_list"][0])
                                for file in ("smp", "effective")))
    return queues


def read(boot):
    """lint's "effect" as it is, plus "online" and "managed" (see above)."""
    found = {}
    for line in boot.jobs["facts"].out.splitlines():
        name, _, value = line.partition(":")
        found.setdefault(name, []).append(value.partition("\t")[2] if "Cpus_allowed" in value else value)
    folder = "/sys/devices/system/cpu/"
    offloaded = re.search(r"Offload RCU callbacks from CPUs: ([\d,-]+)\.", boot.console)
    words = found.get("environ", []) + found.get("argument", [])
    return {
        "isolated": cpus.from_list(found[f"{folder}isolated"][0]),
        "nohz_full": cpus.from_list(found[f"{folder}nohz_full"][0]),
        "rcu_nocbs": cpus.from_list(offloaded.group(1)) if offloaded else set(),
        "rcu_nocb_poll": "Poll for callbacks from no-CBs CPUs" in boot.console,
        "irq_affinity": cpus.from_mask(found["/proc/irq/default_smp_affinity"][0]),
        "init_cpus": cpus.from_list(found["/proc/1/status"][0]),
        "kernel_threads": cpus.from_list(found["/proc/2/status"][0]),
        "unbound_workqueues": cpus.from_mask(found["/sys/devices/virtual/workqueue/cpumask"][0]),
        "for_init": sorted(word for word in words if is_isolation(word)),
        "online": cpus.from_list(found[f"{folder}online"][0]),
        "managed": managed_interrupts(found),
    }


SETS = ("isolated", "nohz_full", "rcu_nocbs", "irq_affinity", "init_cpus", "kernel_threads", "unbound_workqueues",
        "managed_irq")


def predicted(document):
    """lint's document in the same form."""
    effect = document["effect"]
    return {**{name: cpus.from_list(effect[name]) for name in SETS}, "rcu_nocb_poll": effect["rcu_nocb_poll"],
            "for_init": sorted(effect["for_init"])}


def differences(said, real, line):
    """What lint said otherwise than the kernel did, a sentence each."""
    found = []
    for name in SETS:
        if name != "managed_irq" and said[name] != real[name]:
            found.append(f"{name}: lint says {cpus.to_list(said[name]) or 'none'}, "
                         f"the kernel has {cpus.to_list(real[name]) or 'none'}")
    # The kernel tells of polling only where there is something to poll.
    if real["rcu_nocbs"] and said["rcu_nocb_poll"] != real["rcu_nocb_poll"]:
        found.append(f"rcu_nocb_poll: lint says {said['rcu_nocb_poll']}, the kernel {real['rcu_nocb_poll']}")
    behind = line.partition(" -- ")[2].split()
    real_words = sorted(word for word in real["for_init"] if word not in behind)
    if said["for_init"] != real_words:
        found.append(f"for init: lint says {said['for_init']}, process 1 got {real_words}")
    for mask, there in real["managed"]:
        if mask & real["online"] - said["managed_irq"] and there & said["managed_irq"]:
            found.append(f"a managed interrupt of CPUs {cpus.to_list(mask)} comes to {cpus.to_list(there)}, "
                         f"which lint says it avoids")
    return found


def offline_faults(findings, real):
    """lint tells which isolated CPUs the line keeps offline."""
    said = set()
    for finding in findings:
        told = re.search(r"isolated CPUs? (\S+) offline", finding["message"])
        said |= cpus.from_list(told.group(1)) if told else set()
    there = real["isolated"] - real["online"]
    if said == there:
        return []
    return [f"lint says that of the isolated CPUs {cpus.to_list(said) or 'none'} are offline, and "
            f"{cpus.to_list(there) or 'none'} are"]
