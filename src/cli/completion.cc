#include "cli/completion.h"

#include "cli/commands.h"
#include "cli/output.h"
#include "emit/formats.h"
#include "layout/builtin_profiles.h"
#include "load/options.h"
#include "serve/options.h"

namespace torque {
namespace {

std::string script(Shell shell, const ProgramWords& words) {
    switch (shell) {
        case Shell::bash:
            return bash_script(words);
        case Shell::zsh:
            return zsh_script(words);
        case Shell::fish:
            break;
    }
    return fish_script(words);
}

}  // namespace

Result<void> run_completion(const CompletionOptions& options) {
    ProgramWords words;
    words.topo = command_words();
    words.plain = {program_words("torque-serve", serve::option_texts()),
                   program_words("torque-load", load::option_texts())};
    for (const emit::Format& format : emit::formats()) words.formats.emplace_back(format.name);
    for (const BuiltinProfile& profile : builtin_profiles()) words.profiles.emplace_back(profile.name);
    return write_output(options.output, script(options.shell, words));
}

}  // namespace torque
