// The command line of torque-topo as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque {

enum class ShowFormat { tree, table, box, matrix, json, svg, html };

struct ShowOptions {
    std::string input;  // empty: the live machine
    std::string output = "-";
    std::string compare;                // "hwloc", or a file of hwloc's XML; empty: with nothing
    std::string layout;                 // a file, or "-": a plan to draw over the machine; empty: none
    std::string columns;                // of the table, parted by commas; empty: the usual ones
    std::vector<std::string> measured;  // files, or "-": results to hold against the machine's claims
    ShowFormat format = ShowFormat::tree;
    bool list_columns = false;  // of the table, and nothing else
    bool verbose = false;       // with the source of every fact
};

struct PlanOptions {
    std::vector<std::string> inputs;  // as --input; none: the live machine; several: a fleet
    std::string output = "-";
    std::string profile = "full";       // a name, or a file when it holds a slash or ends in .json
    std::vector<std::string> measured;  // files, or "-": results to plan by where claims cannot be true
    std::string keep;                   // a layout whose workers are to stay where they are; may be empty
    Request request;
    bool explain = false;
};

struct GatherOptions {
    std::string input;
    std::string output;  // "-" is standard output
};

struct DiffOptions {
    std::string a, b;  // as --input; empty: the live machine
    std::string output = "-";
    bool json = false;
};

struct LintOptions {
    std::optional<std::string>
        line;  // "-" is standard input; absent: the line that the machine was booted with
    std::string input;
    std::string output = "-";
    bool json = false;
};

struct ProfilesOptions {
    std::string name;  // empty: list them all
    std::string output = "-";
    bool json = false;
};

struct EmitOptions {
    std::string format;  // empty: list them all
    std::string layout;  // a file, or "-", which is standard input
    std::string output = "-";
    bool json = false;  // the list as a document
};

struct CheckOptions {
    std::string layout;               // a file, or "-", which is standard input
    std::vector<std::string> inputs;  // none: the live machine; several: a fleet
    std::string output = "-";
    bool json = false;
    bool wait = true;    // for what takes two looks, a second apart
    bool force = false;  // a layout of another machine
};

struct WatchOptions {
    std::string layout;  // a file, or "-", which is standard input
    std::int64_t interval_ms = 10'000;
    bool json = false;   // one document a line
    bool force = false;  // a layout of another machine
};

struct RunOptions {
    std::string layout;                // a file, or "-", which is standard input
    std::optional<int> worker;         // absent: the CPUs of all of them
    std::vector<std::string> command;  // with its arguments
};

enum class MeasureFormat { text, json, svg, html };

struct MeasureOptions {
    std::string kind;    // of measure_kinds()
    std::string matrix;  // a file, or "-", which is standard input; empty: this machine is measured
    std::string layout;  // a file, or "-": the CPUs to measure are those that it isolates; may be empty
    std::string before, after;  // files of results to compare, or "-"; both or none
    std::string output = "-";
    std::optional<CpuSet> cpus;
    std::int64_t budget_ms = 0;  // above 0
    MeasureFormat format = MeasureFormat::text;
};

enum class Shell { bash, zsh, fish };

struct CompletionOptions {
    Shell shell = Shell::bash;
    std::string output = "-";
};

struct ApplyOptions {
    std::string layout;   // a file, or "-", which is standard input
    std::string journal;  // empty: below root, var/lib/torque/journal
    std::string root;     // a folder that is changed in place of this machine, for tests; empty: none
    std::string output = "-";
    bool json = false;
    bool yes = false;    // else it only tells
    bool force = false;  // a layout of another machine
};

struct RevertOptions {
    std::string journal;
    std::string root;
    std::string output = "-";
    bool json = false;
    bool yes = false;
    bool force = false;  // also what somebody else has changed since
};

enum class LoaderChoice { automatic, grub, bls, systemd_boot };

struct InstallOptions {
    std::string layout;  // a file, or "-", which is standard input
    LoaderChoice to = LoaderChoice::automatic;
    std::string journal;
    std::string root;
    std::string output = "-";
    bool json = false;
    bool yes = false;
    bool trial = false;  // booted once, and kept by commit
    bool force = false;  // a layout of another machine
};

struct CommitOptions {
    std::string journal;
    std::string root;
    std::string output = "-";
    bool json = false;
    bool yes = false;
};

// --help and --version: to be printed as it is.
struct Text {
    std::string text;
};

using Command =
    std::variant<ShowOptions, PlanOptions, GatherOptions, DiffOptions, LintOptions, ProfilesOptions,
                 EmitOptions, CheckOptions, WatchOptions, ApplyOptions, RevertOptions, InstallOptions,
                 CommitOptions, RunOptions, MeasureOptions, CompletionOptions, Text>;

// Errors are all of ErrorKind::usage.
Result<Command> parse_options(int argc, char** argv);

}  // namespace torque
