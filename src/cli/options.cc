#include "cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <vector>

#include "base/parse.h"
#include "torque/version.h"

namespace torque {
namespace {

// Values of an option and the words for them. CLI11 prints the words in its help.
template <class Enum>
using Words = std::vector<std::pair<std::string, Enum>>;

const Words<ShowFormat> kFormats = {{"tree", ShowFormat::tree}, {"json", ShowFormat::json}};
const Words<Policy> kPolicies = {{"spread", Policy::spread}, {"huddle", Policy::huddle}};
const Words<SmtPolicy> kSmtPolicies = {{"idle", SmtPolicy::idle},
                                       {"use", SmtPolicy::use},
                                       {"assist", SmtPolicy::assist},
                                       {"offline", SmtPolicy::offline},
                                       {"housekeeping", SmtPolicy::housekeeping}};
const Words<ClassChoice> kClasses = {
    {"best", ClassChoice::best}, {"efficiency", ClassChoice::efficiency}, {"any", ClassChoice::any}};
const Words<Isolate> kIsolates = {{"minimal", Isolate::minimal}, {"rest", Isolate::rest}};
const Words<Prefer> kPrefers = {{"number", Prefer::number}, {"turbo", Prefer::turbo}};

// What was given for options that take a word or a CPU list, before it is understood.
struct RawOptions {
    std::string format = "tree", policy = "spread", smt = "idle", core_class = "best", isolate = "minimal";
    std::string prefer = "number", workers, cpus, near;
    std::string worker;
    bool json = false, list = false, no_wait = false;
};

template <class Enum>
std::string words_text(const Words<Enum>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : "|") + word.first;
    return text;
}

tl::unexpected<Error> usage(std::string what, std::string hint = {}) {
    return fail(std::move(what), {}, std::move(hint), ErrorKind::usage);
}

template <class Enum>
Result<void> take_word(const char* option, const std::string& given, const Words<Enum>& words, Enum& value) {
    std::vector<std::string> names;
    for (const auto& word : words) {
        names.push_back(word.first);
        if (word.first != given) continue;
        value = word.second;
        return {};
    }
    const auto meant = did_you_mean(given, names);
    return usage(fmt::format("{} takes {}, not \"{}\"", option, words_text(words), printable(given)),
                 meant ? fmt::format("did you mean {} {}?", option, *meant) : std::string());
}

Result<void> take_workers(const std::string& given, Request& request) {
    if (given == "auto") return {};
    const auto workers = parse_unsigned(given, 1 << 20);
    if (!workers || *workers == 0) {
        return usage(
            fmt::format("--workers takes a number from 1 or the word auto, not \"{}\"", printable(given)));
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
    if (!raw.cpus.empty()) {
        auto cpus = CpuSet::parse_list(raw.cpus);
        if (!cpus) return usage("--cpus: " + cpus.error().what, cpus.error().hint);
        request.cpus = std::move(*cpus);
    }
    return {};
}

void add_input_and_output(CLI::App& command, std::string& input, std::string& output) {
    command
        .add_option("-i,--input", input,
                    "Read another machine: a snapshot, a CPUID dump, a document; - is stdin")
        ->type_name("PATH");
    command.add_option("-o,--output", output, "Write there instead of standard output")->type_name("FILE");
}

void define_show(CLI::App& command, ShowOptions& show, RawOptions& raw) {
    add_input_and_output(command, show.input, show.output);
    command.add_option("--format", raw.format, "How to print it (default: tree)")
        ->type_name(words_text(kFormats));
    command.add_flag("-J,--json", raw.json, "The same as --format json");
    command.add_flag("-v,--verbose", show.verbose, "Say where each fact comes from");
    command.add_option("--compare", show.compare, "Tell what hwloc, or a file of its XML, says otherwise")
        ->type_name("hwloc|FILE");
}

// What to do where the rules leave a choice, or will not do.
void define_plan_choices(CLI::App& command, PlanOptions& plan, RawOptions& raw) {
    command
        .add_option("--prefer", raw.prefer,
                    "Of like cores the highest-numbered or the fastest (default: number)")
        ->type_name(words_text(kPrefers));
    command.add_option("--keep", plan.keep, "Move as few workers of this layout as can be; - is stdin")
        ->type_name("FILE");
    command.add_flag("--quiet-llc", plan.request.quiet_llc,
                     "Isolate the unused cores of the workers' last-level caches too");
    command.add_flag("--allow-split", plan.request.allow_split,
                     "Use cores of which only some threads are allowed");
    command.add_flag("--oversubscribe", plan.request.oversubscribe,
                     "Let workers share CPUs when there are too few");
    command.add_flag("--require-isolation", plan.request.require_isolation,
                     "No plan rather than one that isolates nothing");
}

void define_plan(CLI::App& command, PlanOptions& plan, RawOptions& raw) {
    command.add_option("-w,--workers", raw.workers, "How many; auto takes every core that may host one")
        ->type_name("N|auto")
        ->required();
    command.add_option("--policy", raw.policy, "Far apart (default: spread), or near to each other")
        ->type_name(words_text(kPolicies));
    command.add_option("--smt", raw.smt, "What the other threads of a worker's core do (default: idle)")
        ->type_name(words_text(kSmtPolicies));
    command.add_option("--class", raw.core_class, "Which cores of a hybrid to use (default: best)")
        ->type_name(words_text(kClasses));
    command
        .add_option("--isolate", raw.isolate, "Workers' cores only, or all but the floor (default: minimal)")
        ->type_name(words_text(kIsolates));
    command.add_option("--near", raw.near, "Only CPUs of the node of this device: eth0, nvme0, 0000:65:00.0")
        ->type_name("DEVICE");
    command.add_flag("--spill", plan.request.spill,
                     "With --near: go on to other nodes when that one is full");
    command.add_option("--cpus", raw.cpus, "Use no other CPUs than these")->type_name("LIST");
    define_plan_choices(command, plan, raw);
    command.add_option("--profile", plan.profile, "Kernel parameters to ask for (default: full)")
        ->type_name("NAME|FILE");
    command.add_flag("--explain", plan.explain, "Tell on standard error what was decided, and why");
    command
        .add_option(
            "-i,--input", plan.inputs,
            "Plan for another machine: a snapshot, a CPUID dump, a document; - is stdin; several are a "
            "fleet")
        ->type_name("PATH")
        ->allow_extra_args(false);
    command.add_option("-o,--output", plan.output, "Write there instead of standard output")
        ->type_name("FILE");
}

void define_gather(CLI::App& command, GatherOptions& gather) {
    command
        .add_option("-o,--output", gather.output,
                    "Archive to write: .tar, .tar.gz, .tar.xz, .tar.zst; - is stdout")
        ->type_name("FILE")
        ->required();
    command
        .add_option("-i,--input", gather.input, "Gather from another machine's data instead of this machine")
        ->type_name("PATH");
}

void define_diff(CLI::App& command, DiffOptions& diff) {
    command.add_option("A", diff.a, "A machine, as --input of the other commands; - is stdin")->required();
    command.add_option("B", diff.b, "The other machine; this one when left out");
    command.add_flag("-J,--json", diff.json, "Print a torque.diff/1 document");
    command.add_option("-o,--output", diff.output, "Write there instead of standard output")
        ->type_name("FILE");
}

void define_lint(CLI::App& command, LintOptions& lint) {
    command.add_option("LINE", lint.line,
                       "The boot line, as one argument; - is stdin; default: the machine's own");
    command.add_flag("-J,--json", lint.json, "Print a torque.lint/1 document");
    add_input_and_output(command, lint.input, lint.output);
}

void define_profiles(CLI::App& command, ProfilesOptions& profiles) {
    command.add_option("NAME", profiles.name, "Print this profile; default: list them");
    command.add_flag("-J,--json", profiles.json, "Print a document");
    command.add_option("-o,--output", profiles.output, "Write there instead of standard output")
        ->type_name("FILE");
}

void define_emit(CLI::App& command, EmitOptions& emit, RawOptions& raw) {
    command.add_option("FORMAT", emit.format, "Write the layout in this format; default: list them");
    command.add_option("-l,--layout", emit.layout, "The layout, as 'torque-topo plan' writes it; - is stdin")
        ->type_name("FILE");
    command.add_flag("--list", raw.list, "List the formats, whatever else is given");
    command.add_flag("-J,--json", emit.json, "Print the list as a document");
    command.add_option("-o,--output", emit.output, "Write there instead of standard output")
        ->type_name("FILE");
}

Result<void> take_emit(const RawOptions& raw, EmitOptions& emit) {
    if (raw.list) emit.format.clear();
    if (emit.format.empty()) return {};
    if (emit.json) return usage("--json is for the list of formats, not for a format");
    return {};
}

void define_check(CLI::App& command, CheckOptions& check, RawOptions& raw) {
    command
        .add_option("-l,--layout", check.layout, "The layout, as 'torque-topo plan' writes it; - is stdin")
        ->type_name("FILE")
        ->required();
    command.add_flag("-J,--json", check.json, "Print a torque.check/1 document");
    command.add_flag("--no-wait", raw.no_wait, "Leave out what takes a second: whether CPUs tick");
    command.add_flag("--force", check.force, "Check although the layout is for another machine");
    add_input_and_output(command, check.input, check.output);
}

Result<Command> taken_check(const RawOptions& raw, CheckOptions& check) {
    check.wait = !raw.no_wait;
    if (check.layout == "-" && check.input == "-") {
        return usage("standard input can be the layout or the machine, not both");
    }
    return check;
}

void define_run(CLI::App& command, RunOptions& run, RawOptions& raw) {
    command.add_option("-l,--layout", run.layout, "The layout, as 'torque-topo plan' writes it; - is stdin")
        ->type_name("FILE")
        ->required();
    command.add_option("-w,--worker", raw.worker, "Be this worker; default: the CPUs of all workers")
        ->type_name("K");
    command.footer(
        "The command and its arguments follow --:\n"
        "  torque-topo run --layout layout.json --worker 0 -- ./server --port 8080");
}

Result<Command> taken_run(const RawOptions& raw, RunOptions& run) {
    if (!raw.worker.empty()) {
        const auto worker = parse_unsigned(raw.worker, 1 << 20);
        if (!worker) {
            return usage(fmt::format("--worker takes a number from 0, not \"{}\"", printable(raw.worker)));
        }
        run.worker = static_cast<int>(*worker);
    }
    if (run.command.empty()) {
        return usage("no command to run", "it follows --: torque-topo run --layout layout.json -- ./server");
    }
    return run;
}

// The options and subcommands that could have been meant.
std::vector<std::string> names_of(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

Error unknown_word(const CLI::App& app, const std::string& word) {
    const bool is_option = word.starts_with("-");
    const std::string command = app.get_parent() != nullptr ? " " + app.get_name() : "";
    Error error{fmt::format("{} \"{}\"",
                            is_option         ? "unknown option"
                            : command.empty() ? "unknown command"
                                              : "unexpected argument",
                            printable(word)),
                {},
                fmt::format("see 'torque-topo{} --help'", command),
                ErrorKind::usage};
    const auto meant = did_you_mean(word.substr(0, word.find('=')), names_of(app));
    if (meant) error.hint = fmt::format("did you mean {}?", *meant);
    return error;
}

// Where CLI11 puts what it reads.
struct Parsed {
    ShowOptions show;
    PlanOptions plan;
    GatherOptions gather;
    DiffOptions diff;
    LintOptions lint;
    ProfilesOptions profiles;
    EmitOptions emit;
    CheckOptions check;
    RunOptions run;
    RawOptions raw;
};

Result<Command> taken_show(Parsed& parsed) {
    const auto taken = take_word("--format", parsed.raw.format, kFormats, parsed.show.format);
    if (!taken) return tl::unexpected<Error>(taken.error());
    if (parsed.raw.json) parsed.show.format = ShowFormat::json;
    return parsed.show;
}

Result<void> check_files(const PlanOptions& plan) {
    const auto from_stdin =
        std::count(plan.inputs.begin(), plan.inputs.end(), "-") + (plan.keep == "-" ? 1 : 0);
    if (from_stdin > 1) return usage("standard input can be read once only");
    if (!plan.keep.empty() && plan.inputs.size() > 1) {
        return usage("--keep goes with one machine",
                     "plan the machines of a fleet one by one to keep layouts");
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

struct CommandRow {
    const char* name;
    const char* about;
    void (*define)(CLI::App&, Parsed&);
    Result<Command> (*take)(Parsed&);
};

constexpr CommandRow kCommands[] = {
    {"show", "Print the machine: packages, cores, caches, TLBs, NUMA nodes",
     [](CLI::App& app, Parsed& parsed) { define_show(app, parsed.show, parsed.raw); }, taken_show},
    {"plan", "Decide which CPUs the workers own, and the boot line for it",
     [](CLI::App& app, Parsed& parsed) { define_plan(app, parsed.plan, parsed.raw); }, taken_plan},
    {"gather", "Pack what the kernel and CPUID say of the machine, to be read elsewhere",
     [](CLI::App& app, Parsed& parsed) { define_gather(app, parsed.gather); },
     [](Parsed& parsed) -> Result<Command> { return parsed.gather; }},
    {"diff", "Tell what sets two machines apart",
     [](CLI::App& app, Parsed& parsed) { define_diff(app, parsed.diff); },
     [](Parsed& parsed) -> Result<Command> { return parsed.diff; }},
    {"lint", "Tell what a kernel makes of a boot line, and mend it",
     [](CLI::App& app, Parsed& parsed) { define_lint(app, parsed.lint); },
     [](Parsed& parsed) -> Result<Command> { return parsed.lint; }},
    {"profiles", "List the built-in profiles, or print one",
     [](CLI::App& app, Parsed& parsed) { define_profiles(app, parsed.profiles); },
     [](Parsed& parsed) -> Result<Command> { return parsed.profiles; }},
    {"emit", "Write a layout in the words of another program: nginx, systemd, ...",
     [](CLI::App& app, Parsed& parsed) { define_emit(app, parsed.emit, parsed.raw); }, taken_emit},
    {"check", "Tell whether the running kernel honours a layout",
     [](CLI::App& app, Parsed& parsed) { define_check(app, parsed.check, parsed.raw); },
     [](Parsed& parsed) { return taken_check(parsed.raw, parsed.check); }},
    {"run", "Run a command on a worker's CPU and memory",
     [](CLI::App& app, Parsed& parsed) { define_run(app, parsed.run, parsed.raw); },
     [](Parsed& parsed) { return taken_run(parsed.raw, parsed.run); }},
};

Result<Command> command_of(const CLI::App& app, Parsed& parsed) {
    const std::string given = app.get_subcommands().front()->get_name();
    const std::string name = app.get_subcommands().front()->get_name();
    const auto asked = std::find_if(std::begin(kCommands), std::end(kCommands),
                                    [&](const CommandRow& row) { return row.name == name; });
    return asked->take(parsed);
}

// All commands, or the one that the first argument names: to define options takes longer than to read them.
void define_commands(CLI::App& app, std::string_view first_argument, Parsed& parsed) {
    const bool is_named = std::any_of(std::begin(kCommands), std::end(kCommands),
                                      [&](const CommandRow& row) { return row.name == first_argument; });
    for (const CommandRow& row : kCommands) {
        if (is_named && row.name != first_argument) continue;
        CLI::App* command = app.add_subcommand(row.name, row.about);
        row.define(*command, parsed);
        command->allow_extras();
    }
}

// Cuts "--" and what follows off the arguments of run: no option of ours may be looked for in there. Gives
// how many are left.
int take_command_to_run(int argc, char** argv, RunOptions& run) {
    if (argc < 2 || std::string_view(argv[1]) != "run") return argc;
    const auto end =
        std::find_if(argv + 2, argv + argc, [](const char* word) { return std::string_view(word) == "--"; });
    if (end != argv + argc) run.command.assign(end + 1, argv + argc);
    return static_cast<int>(end - argv);
}

}  // namespace

Result<Command> parse_options(int argc, char** argv) {
    CLI::App app("What this machine is made of, which CPUs a server's workers should own, and proof of it.",
                 "torque-topo");
    app.set_version_flag("--version", "torque-topo " TORQUE_VERSION);
    app.set_help_flag("-h,--help", "Print this help");
    app.require_subcommand(1);
    app.footer(
        "Manual: torque-topo(1), torque-topo-show(1), torque-topo-plan(1), torque-topo-gather(1), "
        "torque-topo-diff(1), torque-topo-lint(1), torque-topo-profiles(1), torque-topo-emit(1), "
        "torque-topo-check(1), torque-topo-run(1)");
    Parsed parsed;
    argc = take_command_to_run(argc, argv, parsed.run);
    define_commands(app, argc > 1 ? argv[1] : "", parsed);
    app.allow_extras();
    const CLI::App* asked = &app;
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        if (!app.get_subcommands().empty()) asked = app.get_subcommands().front();
        return Text{asked->help()};
    } catch (const CLI::CallForVersion& version) {
        return Text{std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
        if (!app.get_subcommands().empty()) asked = app.get_subcommands().front();
        const std::vector<std::string> extras = app.remaining(true);
        if (!extras.empty()) return tl::unexpected<Error>(unknown_word(*asked, extras.front()));
        const bool none = app.get_subcommands().empty();
        const std::string about = none ? "" : " " + asked->get_name();
        return usage(none ? "no command given" : error.what(),
                     fmt::format("see 'torque-topo{} --help'", about));
    }
    if (!app.get_subcommands().empty()) asked = app.get_subcommands().front();
    const std::vector<std::string> extras = app.remaining(true);
    if (!extras.empty()) return tl::unexpected<Error>(unknown_word(*asked, extras.front()));
    return command_of(app, parsed);
}

}  // namespace torque
