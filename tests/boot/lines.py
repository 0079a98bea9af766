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
    Line("managed-domain", "isolcpus=managed_irq,domain,4-11", "Without irqaffinity interrupts go everywhere."),
    Line("managed-alone", "isolcpus=managed_irq,4-11", "With flags given, domain has to be among them."),
    Line("nohz-flag", "isolcpus=nohz,4-11", "The flag stops the tick, and does little else of what nohz_full does."),
    Line("every-flag", "isolcpus=nohz,domain,managed_irq,4-11 irqaffinity=0-3,12-19",
         "All three flags in place of nohz_full."),
    Line("unknown-flag", "isolcpus=foo,4-11", "An unknown word is skipped, and no flag is left."),
    Line("unknown-beside", "isolcpus=managed_irq,foo,4-11", "An unknown word is skipped, and domain is not there."),
    Line("capital-flag", "isolcpus=Domain,4-11", "Flags know no capitals; skipped, and none is left."),
    Line("digit-flag", "isolcpus=domain2,4-11", "A flag with a digit takes the parameter with it."),
    Line("quotes", 'isolcpus="domain,4-11"', "Quotes are no part of the value."),
    # Lists
    Line("space", "isolcpus=domain, 4-11", "A space ends the parameter; what follows goes to process 1."),
    Line("beyond", "isolcpus=domain,4-25", "One CPU too many, and the parameter is gone.", True),
    Line("beyond-everywhere", "isolcpus=managed_irq,domain,18-40 nohz_full=18-40 rcu_nocbs=18-40 irqaffinity=0-17",
         "The same in each parameter: what cannot be read offloads every CPU."),
    Line("all", "isolcpus=all", "A list that begins with a letter is taken for a flag."),
    Line("flag-all", "isolcpus=domain,all", "The same behind a flag."),
    Line("last", "isolcpus=domain,12-N", "N is the last CPU, where it does not come first."),
    Line("stride", "isolcpus=domain,4-11:1/2 irqaffinity=0-3,12-19", "Every second CPU of a range."),
    Line("reversed", "isolcpus=domain,11-4", "A range backwards."),
    Line("no-list", "isolcpus=domain,", "Flags without a list."),
    Line("no-value", "isolcpus nohz_full irqaffinity", "Parameters without their values."),
    Line("every-cpu", "isolcpus=domain,0-19", "The boot CPU is taken out of a list of all CPUs."),
    Line("garbage", "isolcpus=domain,4-x nohz_full=4- rcu_nocbs=a-b irqaffinity=0-3,z",
         "Lists that cannot be read: each parameter does something else."),
    # Several parameters
    Line("flags-apart", "isolcpus=domain,4-7 isolcpus=managed_irq,4-11", "Other flags may have another list."),
    Line("domain-twice", "isolcpus=domain,4-7 isolcpus=domain,8-11", "The same flag may not: the second is refused."),
    Line("domain-same", "isolcpus=domain,4-11 isolcpus=domain,4-11 irqaffinity=0-3,12-19", "The same twice is harmless."),
    Line("nohz-differs", "isolcpus=nohz,domain,4-7 nohz_full=4-11", "nohz_full is refused for its other list."),
    Line("sets-differ", "isolcpus=domain,4-7 nohz_full=4-11 irqaffinity=0-3,12-19", "Two sets, both in force."),
    Line("nohz-twice", "nohz_full=4-7 nohz_full=8-11", "The second is refused."),
    # nohz_full and RCU
    Line("nohz-full", "nohz_full=4-11", "It offloads RCU too, and moves kernel threads, not tasks."),
    Line("nohz-boot-cpu", "nohz_full=0-11", "The boot CPU keeps the time, and gets every kernel thread.", True),
    Line("nohz-all", "nohz_full=0-19", "The boot CPU is taken out of a list of all CPUs."),
    Line("boot-cpu", "isolcpus=managed_irq,domain,0-11 nohz_full=0-11 rcu_nocbs=0-11 irqaffinity=12-19",
         "The boot CPU is isolated and keeps house at once."),
    Line("nohz-dash", "nohz-full=4-11", "A dash is as good as the underscore."),
    Line("rcu", "rcu_nocbs=4-11", "Offloading alone leaves the threads that do it everywhere."),
    Line("rcu-bare", "rcu_nocbs", "Without a list nothing is offloaded."),
    Line("rcu-all", "rcu_nocbs=all", "Here a word comes first and is understood."),
    Line("rcu-beyond", "rcu_nocbs=4-25", "A list that cannot be read means every CPU."),
    Line("rcu-union", "nohz_full=4-7 rcu_nocbs=8-11", "Both lists are offloaded."),
    Line("rcu-name", "rcu_nocbs_all=4-11", "The kernel looks no further than the name it knows."),
    Line("poll-off", "rcu_nocbs=4-11 rcu_nocb_poll=0", "It takes no value, so this switches it on."),
    # Interrupts
    Line("irq-boot-cpu", "irqaffinity=2-3", "The boot CPU is always among them."),
    Line("irq-garbage", "irqaffinity=foo", "Every interrupt goes to CPU 0, without a word."),
    Line("irq-beyond", "irqaffinity=30-40", "The same for CPUs that do not exist."),
    Line("irq-twice", "irqaffinity=0-1 irqaffinity=0-3", "The last one counts."),
    # Other parameters
    Line("dashes", "rcu_nocbs=4-11 -- isolcpus=4-11", "Behind two dashes everything is for process 1."),
    Line("kthread-cpus", "kthread_cpus=0-3 isolcpus=domain,4-11 irqaffinity=0-3,12-19", "No mainline kernel has it."),
    Line("unbound-cpus", "workqueue.unbound_cpus=0-3", "6.12 has it, 6.1 has not."),
    Line("misspelt", "isolcpu=4-11 irqaffinity=0-3,12-19", "An unknown name goes to process 1."),
    Line("nosmt", "nosmt isolcpus=domain,4-11 irqaffinity=0-3,12-19", "Isolated threads are kept offline."),
    Line("maxcpus", "maxcpus=16 isolcpus=domain,12-19 irqaffinity=0-11", "Offline CPUs may be in a list."),
    Line("maxcpus-keeps", "maxcpus=4 isolcpus=domain,0-3", "No CPU that starts is left: the boot CPU is taken out."),
    Line("nr-cpus", "nr_cpus=12 isolcpus=domain,4-15", "Fewer CPUs are possible, so the list is too long."),
)
