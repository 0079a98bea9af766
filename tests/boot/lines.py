"""The boot lines whose effect is measured: on a machine of 20 CPUs, ten cores of two threads, in 6.1 and 6.12."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    name: str
    text: str
    about: str
    is_quick: bool = False  # booted by every run of the tests, not only by scripts/test --boot


LINES = (
    Line("colon", "isolcpus=managed_irq,domain:4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19",
         "A colon for a comma: nothing is isolated, and all else is in force.", True),
    Line("full", "isolcpus=managed_irq,domain,4-11 nohz_full=4-11 rcu_nocbs=4-11 rcu_nocb_poll irqaffinity=0-3,12-19",
         "The line as it was meant, which is what a plan of the profile full has.", True),
    # Flags
    Line("list-alone", "isolcpus=4-11", "Without flags it means domain."),
    Line("domain", "isolcpus=domain,4-11 irqaffinity=0-3,12-19", "Managed interrupts still come to isolated CPUs."),
    Line("managed-alone", "isolcpus=managed_irq,4-11", "With flags given, domain has to be among them."),
    Line("nohz-flag", "isolcpus=nohz,4-11", "The flag stops the tick, and does little else of what nohz_full does."),
    Line("unknown-flag", "isolcpus=foo,4-11", "An unknown word is skipped, and no flag is left."),
    # Lists
    Line("space", "isolcpus=domain, 4-11", "A space ends the parameter; what follows goes to process 1."),
    Line("beyond", "isolcpus=domain,4-25", "One CPU too many, and the parameter is gone.", True),
    Line("beyond-everywhere", "isolcpus=managed_irq,domain,18-40 nohz_full=18-40 rcu_nocbs=18-40 irqaffinity=0-17",
         "The same in each parameter: what cannot be read offloads every CPU."),
    Line("all", "isolcpus=all", "A list that begins with a letter is taken for a flag."),
    Line("every-cpu", "isolcpus=domain,0-19", "The boot CPU is taken out of a list of all CPUs."),
    Line("garbage", "isolcpus=domain,4-x nohz_full=4- rcu_nocbs=a-b irqaffinity=0-3,z",
         "Lists that cannot be read: each parameter does something else."),
    # Several parameters
    Line("flags-apart", "isolcpus=domain,4-7 isolcpus=managed_irq,4-11", "Other flags may have another list."),
    Line("domain-twice", "isolcpus=domain,4-7 isolcpus=domain,8-11", "The same flag may not: the second is refused."),
    Line("nohz-differs", "isolcpus=nohz,domain,4-7 nohz_full=4-11", "nohz_full is refused for its other list."),
    Line("sets-differ", "isolcpus=domain,4-7 nohz_full=4-11 irqaffinity=0-3,12-19", "Two sets, both in force."),
    # nohz_full and RCU
    Line("nohz-full", "nohz_full=4-11", "It offloads RCU too, and moves kernel threads, not tasks."),
    Line("nohz-boot-cpu", "nohz_full=0-11", "The boot CPU keeps the time, and gets every kernel thread.", True),
    Line("rcu", "rcu_nocbs=4-11", "Offloading alone leaves the threads that do it everywhere."),
    # Interrupts
    Line("irq-boot-cpu", "irqaffinity=2-3", "The boot CPU is always among them."),
    Line("irq-garbage", "irqaffinity=foo", "Every interrupt goes to CPU 0, without a word."),
    # Other parameters
    Line("unbound-cpus", "workqueue.unbound_cpus=0-3", "6.12 has it, 6.1 has not."),
)
