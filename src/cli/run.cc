#include "tune/run.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/format.h"
#include "base/parse.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "sys/confine.h"
#include "sys/fs_dir.h"
#include "torque/discover.h"

namespace torque {
namespace {

void warn(const std::string& text) {
    say(formatted("torque-topo: warning: {}\n", text));
}

// Threads that may run on several isolated CPUs are not spread over them.
void warn_of_pile(const CpuSet& cpus) {
    const auto root = open_fs_dir("/", Links::follow);
    if (!root) return;
    const auto text = (*root)->read("sys/devices/system/cpu/isolated");
    const auto isolated = CpuSet::parse_list(text.value_or(""));
    if (!isolated || (*isolated & cpus).count() < 2) return;
    warn(
        formatted("the scheduler does not spread threads over isolated CPUs ({}): the program must bind each "
                  "of its own, or run once for each worker with --worker",
                  (*isolated & cpus).list()));
}

// As shells do: 127 for what is not found, 126 for what is there and cannot be run.
ExitStatus report_exec(const std::string& program, int why) {
    const bool is_missing = why == ENOENT || why == ENOTDIR;
    Error error{is_missing ? "command not found" : std::string("cannot run it: ") + std::strerror(why),
                printable(program, 200)};
    if (is_missing && program.find('/') == program.npos) error.hint = "it is in no folder of PATH";
    if (why == EACCES) error.hint = "it has to be an executable file";
    print_error(error);
    return is_missing ? kExitNotFound : kExitNotExecutable;
}

}  // namespace

Result<ExitStatus> run_run(const RunOptions& options) {
    const Result<Layout> layout = read_layout(options.layout);
    if (!layout) return tl::unexpected<Error>(layout.error());
    const Result<Confinement> confinement = tune::confinement(*layout, options.worker);
    if (!confinement) return tl::unexpected<Error>(confinement.error());
    const auto warning = confine(*confinement);
    if (!warning) return tl::unexpected<Error>(warning.error());
    if (*warning) warn(**warning);
    warn_of_pile(confinement->cpus);
    std::vector<char*> words;
    for (const std::string& word : options.command) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    ::execvp(words[0], words.data());
    return report_exec(options.command[0], errno);
}

}  // namespace torque
