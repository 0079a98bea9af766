#include "cli/define_options.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "cli/common_options.h"
#include "cli/measure_options.h"

namespace torque {
namespace {

const Words<ShowFormat> kFormats = {{"tree", ShowFormat::tree}, {"table", ShowFormat::table},
                                    {"box", ShowFormat::box},   {"matrix", ShowFormat::matrix},
                                    {"json", ShowFormat::json}, {"svg", ShowFormat::svg},
                                    {"html", ShowFormat::html}};
const Words<Policy> kPolicies = {{"spread", Policy::spread}, {"huddle", Policy::huddle}};
const Words<SmtPolicy> kSmtPolicies = {{"idle", SmtPolicy::idle},
                                       {"use", SmtPolicy::use},
                                       {"assist", SmtPolicy::assist},
                                       {"offline", SmtPolicy::offline},
                                       {"housekeeping", SmtPolicy::housekeeping}};
const Words<ClassChoice> kClasses = {
    {"best", ClassChoice::best}, {"efficiency", ClassChoice::efficiency}, {"any", ClassChoice::any}};
const Words<Isolate> kIsolates = {{"minimal", Isolate::minimal}, {"rest", Isolate::rest}};
const Words<Shell> kShells = {{"bash", Shell::bash}, {"zsh", Shell::zsh}, {"fish", Shell::fish}};
const Words<LoaderChoice> kLoaders = {
    {"grub", LoaderChoice::grub}, {"bls", LoaderChoice::bls}, {"systemd-boot", LoaderChoice::systemd_boot}};
const Words<Prefer> kPrefers = {{"number", Prefer::number}, {"turbo", Prefer::turbo}};

Result<void> take_workers(const std::string& given, Request& request) {
    if (given == "auto") return {};
    const auto workers = parse_unsigned(given, 1 << 20);
    if (!workers || *workers == 0) {
        return usage(
            formatted("--workers takes a number from 1 or the word auto, not \"{}\"", printable(given)));
    }
    request.workers = static_cast<int>(*workers);
    return {};
}

Result<void> take_request(const RawOptions& raw, Request& request) {
    if (auto taken = take_workers(raw.workers, request); !taken) return taken;
    if (auto taken = take_word("--policy", raw.policy, kPolicies, request.policy); !taken) return taken;
    if (auto taken = take_word("--smt", raw.smt, kSmtPolicies, request.smt); !taken) return taken;
    if (auto taken = take_word("--class", raw.core_class, kClasses, request.core_class); !taken) return taken;
    if (auto taken = take_word("--isolate", raw.isolate, kIsolates, request.isolate); !taken) return taken;
    if (auto taken = take_word("--prefer", raw.prefer, kPrefers, request.prefer); !taken) return taken;
    if (!raw.near.empty()) request.near = raw.near;
    if (request.spill && !request.near) return usage("--spill goes with --near");
    return take_cpus(raw.cpus, request.cpus);
}

std::vector<OptionRow> show_rows(Parsed& parsed) {
    ShowOptions& show = parsed.show;
    return {
        input_row(show.input),
        output_row(show.output),
        {"--format", &parsed.raw.format, words_text(kFormats), "How to print it (default: tree)"},
        json_row(parsed.raw.json, "The same as --format json"),
        {"-l,--layout", &show.layout, "FILE", "Draw this plan over a box, svg, html or table; - is stdin"},
        {"--columns", &show.columns, "LIST", "Of the table, in this order"},
        {"--list-columns", &show.list_columns, {}, "List the columns that the table may have"},
        {"-v,--verbose", &show.verbose, {}, "Say where each fact comes from"},
        {"--compare", &show.compare, "hwloc|FILE", "Tell what hwloc, or a file of its XML, says otherwise"},
        {"--measured", &show.measured, "FILE",
         "Tell what was measured otherwise, by 'torque-topo measure'; - is stdin"},
    };
}

std::vector<OptionRow> plan_rows(Parsed& parsed) {
    PlanOptions& plan = parsed.plan;
    RawOptions& raw = parsed.raw;
    Request& request = plan.request;
    return {
        {"-w,--workers", &raw.workers, "N|auto", "How many; auto takes every core that may host one", true},
        {"--policy", &raw.policy, words_text(kPolicies),
         "Far apart (default: spread), or near to each other"},
        {"--smt", &raw.smt, words_text(kSmtPolicies),
         "What the other threads of a worker's core do (default: idle)"},
        {"--class", &raw.core_class, words_text(kClasses), "Which cores of a hybrid to use (default: best)"},
        {"--isolate", &raw.isolate, words_text(kIsolates),
         "Workers' cores only, or all but the floor (default: minimal)"},
        {"--near", &raw.near, "DEVICE", "Only CPUs of the node of this device: eth0, nvme0, 0000:65:00.0"},
        {"--spill", &request.spill, {}, "With --near: go on to other nodes when that one is full"},
        {"--cpus", &raw.cpus, "LIST", "Use no other CPUs than these"},
        {"--prefer", &raw.prefer, words_text(kPrefers),
         "Of like cores the highest-numbered or the fastest (default: number)"},
        {"--keep", &plan.keep, "FILE", "Move as few workers of this layout as can be; - is stdin"},
        {"--quiet-llc",
         &request.quiet_llc,
         {},
         "Isolate the unused cores of the workers' last-level caches too"},
        {"--allow-split", &request.allow_split, {}, "Use cores of which only some threads are allowed"},
        {"--oversubscribe", &request.oversubscribe, {}, "Let workers share CPUs when there are too few"},
        {"--require-isolation",
         &request.require_isolation,
         {},
         "No plan rather than one that isolates nothing"},
        {"--profile", &plan.profile, "NAME|FILE", "Kernel parameters to ask for (default: full)"},
        {"--measured", &plan.measured, "FILE",
         "Go by what 'torque-topo measure cores' or smt found where claims cannot be true; - is stdin"},
        {"--explain", &plan.explain, {}, "Tell on standard error what was decided, and why"},
        {"-i,--input", &plan.inputs, "PATH",
         "Plan for another machine: a snapshot, a CPUID dump, a document; - is stdin; several are a fleet"},
        output_row(plan.output),
    };
}

std::vector<OptionRow> gather_rows(Parsed& parsed) {
    return {
        {"-o,--output", &parsed.gather.output, "FILE",
         "Archive to write: .tar, .tar.gz, .tar.xz, .tar.zst; - is stdout", true},
        {"-i,--input", &parsed.gather.input, "PATH",
         "Gather from another machine's data instead of this machine"},
    };
}

std::vector<OptionRow> diff_rows(Parsed& parsed) {
    DiffOptions& diff = parsed.diff;
    return {
        {"A", &diff.a, {}, "A machine, as --input of the other commands; - is stdin", true},
        {"B", &diff.b, {}, "The other machine; this one when left out"},
        json_row(diff.json, "Print a torque.diff/1 document"),
        output_row(diff.output),
    };
}

std::vector<OptionRow> lint_rows(Parsed& parsed) {
    LintOptions& lint = parsed.lint;
    return {
        {"LINE", &lint.line, {}, "The boot line, as one argument; - is stdin; default: the machine's own"},
        json_row(lint.json, "Print a torque.lint/1 document"),
        input_row(lint.input),
        output_row(lint.output),
    };
}

std::vector<OptionRow> profiles_rows(Parsed& parsed) {
    ProfilesOptions& profiles = parsed.profiles;
    return {
        {"NAME", &profiles.name, {}, "Print this profile; default: list them"},
        json_row(profiles.json, "Print a document"),
        output_row(profiles.output),
    };
}

std::vector<OptionRow> emit_rows(Parsed& parsed) {
    EmitOptions& emit = parsed.emit;
    return {
        {"FORMAT", &emit.format, {}, "Write the layout in this format; default: list them"},
        layout_row(emit.layout, false),
        {"--list", &parsed.raw.list, {}, "List the formats, whatever else is given"},
        json_row(emit.json, "Print the list as a document"),
        output_row(emit.output),
    };
}

std::vector<OptionRow> check_rows(Parsed& parsed) {
    CheckOptions& check = parsed.check;
    return {
        layout_row(check.layout, true),
        json_row(check.json, "Print a torque.check/1 document"),
        {"--no-wait", &parsed.raw.no_wait, {}, "Leave out what takes a second: whether CPUs tick"},
        {"--force", &check.force, {}, "Check although the layout is for another machine"},
        {"-i,--input", &check.inputs, "PATH",
         "Check a copy of another machine's files; - is stdin; several are a fleet"},
        output_row(check.output),
    };
}

std::vector<OptionRow> watch_rows(Parsed& parsed) {
    WatchOptions& watch = parsed.watch;
    return {
        layout_row(watch.layout, true),
        {"--interval", &parsed.raw.interval, "TIME",
         "Look so often, whatever the kernel tells (default: 10s)"},
        json_row(watch.json, "Print a torque.watch/1 document a line"),
        {"--force", &watch.force, {}, "Watch although the layout is for another machine"},
    };
}

// What the commands share that change a machine.
template <class Options>
std::vector<OptionRow> changing_rows(Options& options, const char* document) {
    return {
        {"-y,--yes", &options.yes, {}, "Do it; else it is only shown"},
        {"--journal", &options.journal, "FILE", "Where what was there before is kept"},
        json_row(options.json, document),
        output_row(options.output),
        {"--root", &options.root, "FOLDER", "Change this folder instead of the machine", false, true},
    };
}

constexpr const char* kApplyDocument = "Print a torque.apply/1 document";
constexpr const char* kInstallDocument = "Print a torque.install/1 document";

std::vector<OptionRow> apply_rows(Parsed& parsed) {
    std::vector<OptionRow> rows = changing_rows(parsed.apply, kApplyDocument);
    rows.insert(rows.begin(), layout_row(parsed.apply.layout, true));
    rows.push_back({"--force", &parsed.apply.force, {}, "Apply although the layout is for another machine"});
    return rows;
}

std::vector<OptionRow> revert_rows(Parsed& parsed) {
    std::vector<OptionRow> rows = changing_rows(parsed.revert, kApplyDocument);
    rows.push_back(
        {"--force", &parsed.revert.force, {}, "Also put back what somebody else has changed since"});
    return rows;
}

std::vector<OptionRow> install_rows(Parsed& parsed) {
    InstallOptions& install = parsed.install;
    std::vector<OptionRow> rows = changing_rows(install, kInstallDocument);
    rows.insert(rows.begin(),
                {layout_row(install.layout, true),
                 {"--to", &parsed.raw.loader, words_text(kLoaders),
                  "The boot loader (default: the one that is there)"},
                 {"--trial", &install.trial, {}, "Boot the line once; torque-topo commit keeps it"}});
    rows.push_back({"--force", &install.force, {}, "Install although the layout is for another machine"});
    return rows;
}

std::vector<OptionRow> commit_rows(Parsed& parsed) {
    return changing_rows(parsed.commit, kInstallDocument);
}

std::vector<OptionRow> run_rows(Parsed& parsed) {
    return {
        layout_row(parsed.run.layout, true),
        {"-w,--worker", &parsed.raw.worker, "K", "Be this worker; default: the CPUs of all workers"},
    };
}

std::string run_footer() {
    return "The command and its arguments follow --:\n"
           "  torque-topo run --layout layout.json --worker 0 -- ./server --port 8080";
}

std::vector<OptionRow> completion_rows(Parsed& parsed) {
    return {
        {"SHELL", &parsed.raw.shell, words_text(kShells), "The shell to complete commands in", true},
        output_row(parsed.completion.output),
    };
}

Result<void> take_emit(const RawOptions& raw, EmitOptions& emit) {
    if (raw.list) emit.format.clear();
    if (emit.format.empty()) return {};
    if (emit.json) return usage("--json is for the list of formats, not for a format");
    return {};
}

Result<Command> taken_check(const RawOptions& raw, CheckOptions& check) {
    check.wait = !raw.no_wait;
    const auto from_stdin =
        std::count(check.inputs.begin(), check.inputs.end(), "-") + (check.layout == "-" ? 1 : 0);
    if (from_stdin > 1) return usage("standard input can be read once only: it is the layout or a machine");
    return check;
}

Result<Command> taken_watch(const RawOptions& raw, WatchOptions& watch) {
    constexpr std::int64_t kMinMs = 1000, kMaxMs = 24 * 3600 * 1000;
    const auto interval_ms = parse_duration_ms(raw.interval, kMaxMs);
    if (!interval_ms || *interval_ms < kMinMs) {
        return usage(formatted("--interval takes a time from 1s to 24h, not \"{}\"", printable(raw.interval)),
                     "write 10s, 1500ms or 2m");
    }
    watch.interval_ms = *interval_ms;
    return watch;
}

Result<Command> taken_run(const RawOptions& raw, RunOptions& run) {
    if (!raw.worker.empty()) {
        const auto worker = parse_unsigned(raw.worker, 1 << 20);
        if (!worker) {
            return usage(formatted("--worker takes a number from 0, not \"{}\"", printable(raw.worker)));
        }
        run.worker = static_cast<int>(*worker);
    }
    if (run.command.empty()) {
        return usage("no command to run", "it follows --: torque-topo run --layout layout.json -- ./server");
    }
    return run;
}

Result<Command> taken_show(Parsed& parsed) {
    ShowOptions& show = parsed.show;
    if (auto taken = take_format(parsed.raw, kFormats, show.format); !taken)
        return tl::unexpected<Error>(taken.error());
    if (parsed.raw.json) show.format = ShowFormat::json;
    if (!show.columns.empty() && show.format != ShowFormat::table)
        return usage("--columns goes with --format table");
    const bool draws = show.format != ShowFormat::tree && show.format != ShowFormat::json &&
                       show.format != ShowFormat::matrix;
    if (!show.layout.empty() && !draws) return usage("--layout goes with --format box, svg, html or table");
    if (show.layout == "-" && show.input == "-")
        return usage("standard input can be the layout or the machine, not both");
    const auto from_stdin = std::count(show.measured.begin(), show.measured.end(), "-");
    if (from_stdin > 1 || (from_stdin == 1 && (show.layout == "-" || show.input == "-")))
        return usage("standard input can be read once only");
    return show;
}

Result<void> check_files(const PlanOptions& plan) {
    const auto from_stdin = std::count(plan.inputs.begin(), plan.inputs.end(), "-") +
                            (plan.keep == "-" ? 1 : 0) +
                            std::count(plan.measured.begin(), plan.measured.end(), "-");
    if (from_stdin > 1) return usage("standard input can be read once only");
    if (!plan.keep.empty() && plan.inputs.size() > 1) {
        return usage("--keep goes with one machine",
                     "plan the machines of a fleet one by one to keep layouts");
    }
    if (!plan.measured.empty() && plan.inputs.size() > 1) {
        return usage("--measured goes with one machine", "plan the machines of a fleet one by one");
    }
    return {};
}

Result<Command> taken_plan(Parsed& parsed) {
    const auto taken = take_request(parsed.raw, parsed.plan.request);
    if (!taken) return tl::unexpected<Error>(taken.error());
    const auto files = check_files(parsed.plan);
    if (!files) return tl::unexpected<Error>(files.error());
    return parsed.plan;
}

Result<Command> taken_emit(Parsed& parsed) {
    const auto taken = take_emit(parsed.raw, parsed.emit);
    if (!taken) return tl::unexpected<Error>(taken.error());
    return parsed.emit;
}

Result<Command> taken_install(Parsed& parsed) {
    InstallOptions& install = parsed.install;
    if (!parsed.raw.loader.empty()) {
        const auto taken = take_word("--to", parsed.raw.loader, kLoaders, install.to);
        if (!taken) return tl::unexpected<Error>(taken.error());
    }
    return install;
}

Result<Command> taken_completion(Parsed& parsed) {
    const auto taken = take_word("completion", parsed.raw.shell, kShells, parsed.completion.shell);
    if (!taken) return tl::unexpected<Error>(taken.error());
    return parsed.completion;
}

constexpr CommandRow kCommands[] = {
    {"show", "Print the machine: packages, cores, caches, TLBs, NUMA nodes", show_rows, taken_show},
    {"plan", "Decide which CPUs the workers own, and the boot line for it", plan_rows, taken_plan},
    {"gather", "Pack what the kernel and CPUID say of the machine, to be read elsewhere", gather_rows,
     [](Parsed& parsed) -> Result<Command> { return parsed.gather; }},
    {"diff", "Tell what sets two machines apart", diff_rows,
     [](Parsed& parsed) -> Result<Command> { return parsed.diff; }},
    {"lint", "Tell what a kernel makes of a boot line, and mend it", lint_rows,
     [](Parsed& parsed) -> Result<Command> { return parsed.lint; }},
    {"profiles", "List the built-in profiles, or print one", profiles_rows,
     [](Parsed& parsed) -> Result<Command> { return parsed.profiles; }},
    {"emit", "Write a layout in the words of another program: nginx, systemd, ...", emit_rows, taken_emit},
    {"check", "Tell whether the running kernel honours a layout", check_rows,
     [](Parsed& parsed) { return taken_check(parsed.raw, parsed.check); }},
    {"watch", "Tell when the machine no longer fits a layout", watch_rows,
     [](Parsed& parsed) { return taken_watch(parsed.raw, parsed.watch); }},
    {"apply", "Put in force what of a layout needs no reboot; shows it unless told --yes", apply_rows,
     [](Parsed& parsed) -> Result<Command> { return parsed.apply; }},
    {"revert", "Take back what apply and install did; shows it unless told --yes", revert_rows,
     [](Parsed& parsed) -> Result<Command> { return parsed.revert; }},
    {"install", "Put a layout's boot line where the boot loader reads it; shows it unless told --yes",
     install_rows, taken_install},
    {"commit", "Keep the boot line that was installed for a trial; shows it unless told --yes", commit_rows,
     [](Parsed& parsed) -> Result<Command> { return parsed.commit; }},
    {"measure", "Tell what the hardware does, whatever it claims", measure_rows,
     [](Parsed& parsed) { return taken_measure(parsed.raw, parsed.measure); }, measure_footer},
    {"run", "Run a command on a worker's CPU and memory", run_rows,
     [](Parsed& parsed) { return taken_run(parsed.raw, parsed.run); }, run_footer},
    {"completion", "Print a script that completes these commands in a shell", completion_rows,
     taken_completion},
};

}  // namespace

std::span<const CommandRow> command_rows() {
    return kCommands;
}

}  // namespace torque
