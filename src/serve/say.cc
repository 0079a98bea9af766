#include "serve/say.h"

#include <unistd.h>

namespace torque::serve {
namespace {

void say_error(const char* kind, const Error& error) {
    say(kind + (error.where.empty() ? "" : error.where + ": ") + error.what);
    if (!error.hint.empty()) say("hint: " + error.hint);
}

}  // namespace

void say(const std::string& line) {
    const std::string text = "torque-serve: " + line + "\n";
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // there is nowhere else to say it
}

int report(const Error& error) {
    say_error("error: ", error);
    return error.kind == ErrorKind::usage ? kExitUsage : kExitFailure;
}

void warn(const Error& error) {
    say_error("warning: ", error);
}

}  // namespace torque::serve
