// What every check is given, and how it answers.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sys/host.h"
#include "torque/layout.h"
#include "torque/machine.h"
#include "tune/check.h"
#include "tune/check_processes.h"
#include "tune/kernel_effect.h"

namespace torque::tune {

struct CheckContext {
    const Layout& layout;
    const Machine& machine;
    const Host& host;
    const std::function<void()>& wait_a_second;
    KernelEffect wanted;   // what the layout's boot line does here; of a layout without one: nothing
    KernelEffect running;  // what the line that the kernel was booted with should have done
    Processes processes;

    const Dir& root() const { return *host.root; }
    // Does the layout want its CPUs kept free, by a boot line or by files?
    bool asks_isolation() const;
    // Has it a file to write whose path ends so?
    bool has_knob(std::string_view path_end) const;
};

using Rows = std::vector<CheckRow>;

// A row of the table: adds one row of the report, several, or none where the layout does not ask.
struct Check {
    std::string_view id;
    std::string_view source;
    void (*run)(const Check& check, const CheckContext& context, Rows& rows);
};

CheckRow answer(const Check& check, bool is_good, std::string expected, std::string found, std::string mend);
CheckRow not_checked(const Check& check, std::string expected, std::string why);
// Why the file at `path`, from the root, could not be read or understood.
std::string why_unread(const CheckContext& context, std::string_view path);

std::string list_or_none(const CpuSet& cpus);
// "systemd (1) on 0-19, sshd (812) on 0-19, ...": the first three.
std::string some_threads(const std::vector<const Thread*>& threads);

// What mends a parameter that has not the effect that the layout's line asks for.
std::string mend_by_boot(const CheckContext& context);

// The checks, by what they look at.
void check_machine(const Check& check, const CheckContext& context, Rows& rows);
void check_worker_cpus(const Check& check, const CheckContext& context, Rows& rows);
void check_siblings_offline(const Check& check, const CheckContext& context, Rows& rows);
void check_ticks(const Check& check, const CheckContext& context, Rows& rows);

void check_boot_line(const Check& check, const CheckContext& context, Rows& rows);
void check_refused(const Check& check, const CheckContext& context, Rows& rows);
void check_isolated(const Check& check, const CheckContext& context, Rows& rows);
void check_nohz_full(const Check& check, const CheckContext& context, Rows& rows);
void check_rcu_nocbs(const Check& check, const CheckContext& context, Rows& rows);
void check_workqueues(const Check& check, const CheckContext& context, Rows& rows);
void check_parameters(const Check& check, const CheckContext& context, Rows& rows);

void check_default_affinity(const Check& check, const CheckContext& context, Rows& rows);
void check_interrupts(const Check& check, const CheckContext& context, Rows& rows);
void check_irqbalance(const Check& check, const CheckContext& context, Rows& rows);

void check_tasks(const Check& check, const CheckContext& context, Rows& rows);
void check_kernel_threads(const Check& check, const CheckContext& context, Rows& rows);
void check_servers(const Check& check, const CheckContext& context, Rows& rows);

void check_knobs(const Check& check, const CheckContext& context, Rows& rows);
void check_partitions(const Check& check, const CheckContext& context, Rows& rows);

}  // namespace torque::tune
