// The command line of torque-topo as values.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "torque/layout.h"
#include "torque/result.h"

namespace torque {

enum class ShowFormat { tree, json };

struct ShowOptions {
    std::string input;  // empty: the live machine
    std::string output = "-";
    ShowFormat format = ShowFormat::tree;
    bool verbose = false;  // with the source of every fact
};

struct PlanOptions {
    std::string input;
    std::string output = "-";
    std::string profile = "full";  // a name, or a file when it holds a slash or ends in .json
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

// --help and --version: to be printed as it is.
struct Text {
    std::string text;
};

using Command =
    std::variant<ShowOptions, PlanOptions, GatherOptions, DiffOptions, LintOptions, ProfilesOptions, Text>;

// Errors are all of ErrorKind::usage.
Result<Command> parse_options(int argc, char** argv);

}  // namespace torque
