#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "cli/define_options.h"
#include "torque/version.h"

namespace torque {
namespace {

tl::unexpected<Error> usage(std::string what, std::string hint) {
    return fail(std::move(what), {}, std::move(hint), ErrorKind::usage);
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
    Error error{formatted("{} \"{}\"",
                          is_option         ? "unknown option"
                          : command.empty() ? "unknown command"
                                            : "unexpected argument",
                          printable(word)),
                {},
                formatted("see 'torque-topo{} --help'", command),
                ErrorKind::usage};
    const auto meant = did_you_mean(word.substr(0, word.find('=')), names_of(app));
    if (meant) error.hint = formatted("did you mean {}?", *meant);
    return error;
}

// Hands a row to CLI11.
struct Define {
    CLI::App& app;
    const OptionRow& row;

    CLI::Option* operator()(bool* target) const { return app.add_flag(row.names, *target, row.about); }
    CLI::Option* operator()(std::vector<std::string>* target) const {
        return app.add_option(row.names, *target, row.about)->allow_extra_args(false);
    }
    template <class Text>
    CLI::Option* operator()(Text* target) const {
        return app.add_option(row.names, *target, row.about);
    }
};

void define(CLI::App& app, const OptionRow& row) {
    CLI::Option* option = std::visit(Define{app, row}, row.target);
    if (!row.value.empty()) option->type_name(row.value);
    if (row.is_required) option->required();
    if (row.is_hidden) option->group("");
}

Result<Command> command_of(const CLI::App& app, Parsed& parsed) {
    const std::string name = app.get_subcommands().front()->get_name();
    const auto rows = command_rows();
    const auto asked =
        std::find_if(rows.begin(), rows.end(), [&](const CommandRow& row) { return row.name == name; });
    return asked->take(parsed);
}

// All commands, or the one that the first argument names: to define options takes longer than to read them.
void define_commands(CLI::App& app, std::string_view first_argument, Parsed& parsed) {
    const auto rows = command_rows();
    const bool is_named = std::any_of(rows.begin(), rows.end(),
                                      [&](const CommandRow& row) { return row.name == first_argument; });
    for (const CommandRow& row : rows) {
        if (is_named && row.name != first_argument) continue;
        CLI::App* command = app.add_subcommand(row.name, row.about);
        for (const OptionRow& option : row.options(parsed)) define(*command, option);
        const std::string manual = formatted("Manual: torque-topo-{}(1)", row.name);
        command->footer(row.footer == nullptr ? manual : row.footer() + "\n" + manual);
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
    app.footer("Manual: torque-topo(1), and torque-topo-COMMAND(1) for each command");
    Parsed parsed;
    argc = take_command_to_run(argc, argv, parsed.run);
    define_commands(app, argc > 1 ? argv[1] : "", parsed);
    app.allow_extras();
    const CLI::App* asked = &app;
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        if (!app.get_subcommands().empty()) asked = app.get_subcommands().front();
        return Text{asked == &app ? app.help() : asked->help(app.get_name())};
    } catch (const CLI::CallForVersion& version) {
        return Text{std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError& error) {
        if (!app.get_subcommands().empty()) asked = app.get_subcommands().front();
        const std::vector<std::string> extras = app.remaining(true);
        if (!extras.empty()) return tl::unexpected<Error>(unknown_word(*asked, extras.front()));
        const bool none = app.get_subcommands().empty();
        const std::string about = none ? "" : " " + asked->get_name();
        return usage(none ? "no command given" : error.what(),
                     formatted("see 'torque-topo{} --help'", about));
    }
    if (!app.get_subcommands().empty()) asked = app.get_subcommands().front();
    std::vector<std::string> extras = app.remaining(true);
    std::erase(extras, "--");  // CLI11 has taken what follows it as arguments
    if (!extras.empty()) return tl::unexpected<Error>(unknown_word(*asked, extras.front()));
    return command_of(app, parsed);
}

}  // namespace torque
