#include "cli/terminal.h"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <string_view>

namespace torque {
namespace {

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

}  // namespace

TreeStyle terminal_style(int fd) {
    TreeStyle style;
    const bool is_terminal = ::isatty(fd) == 1;
    const bool is_dumb = environment("TERM") == "dumb";
    const std::string_view force = environment("CLICOLOR_FORCE");
    style.colour = is_terminal && !is_dumb;
    if (!force.empty() && force != "0") style.colour = true;
    if (!environment("NO_COLOR").empty()) style.colour = false;
    std::setlocale(LC_CTYPE, "");
    style.unicode = std::string_view(::nl_langinfo(CODESET)) == "UTF-8" && !(is_terminal && is_dumb);
    winsize size{};
    if (is_terminal && ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        style.width = std::clamp<int>(size.ws_col, 40, 200);
    }
    return style;
}

}  // namespace torque
