// The commands of torque-topo and their options, as tables.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "cli/options.h"

namespace torque {

// What was given for options that take a word or a CPU list, before it is understood.
struct RawOptions {
    std::optional<std::string> format;
    std::string policy = "spread", smt = "idle", core_class = "best", isolate = "minimal";
    std::string prefer = "number", workers, cpus, near, loader;
    std::string worker, shell, budget, interval = "10s";
    bool json = false, list = false, no_wait = false;
};

// Where options are put as they are read.
struct Parsed {
    ShowOptions show;
    PlanOptions plan;
    GatherOptions gather;
    DiffOptions diff;
    LintOptions lint;
    ProfilesOptions profiles;
    EmitOptions emit;
    CheckOptions check;
    WatchOptions watch;
    ApplyOptions apply;
    RevertOptions revert;
    InstallOptions install;
    CommitOptions commit;
    RunOptions run;
    MeasureOptions measure;
    CompletionOptions completion;
    RawOptions raw;
};

struct OptionRow {
    using Target = std::variant<bool*, std::string*, std::optional<std::string>*, std::vector<std::string>*>;

    const char* names;  // "-o,--output"; of an argument by position its placeholder: "FORMAT"
    Target target;      // a list: may be given several times
    std::string value;  // placeholder of what the option takes: "FILE", "tree|json"; empty for a flag
    const char* about;
    bool is_required = false;
    bool is_hidden = false;  // from help, manual and completion: for tests
};

struct CommandRow {
    const char* name;
    const char* about;
    std::vector<OptionRow> (*options)(Parsed&);
    Result<Command> (*take)(Parsed&);   // what was read, understood; errors are of ErrorKind::usage
    std::string (*footer)() = nullptr;  // of its help
};

std::span<const CommandRow> command_rows();

}  // namespace torque
