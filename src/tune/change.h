// What apply and revert do to a machine, one row for each file, and how it went.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace torque::tune {

enum class ChangeState {
    planned,  // it would be done: nothing was
    done,
    kept,     // it is so already
    spared,   // the kernel keeps it as it is, as it may: an interrupt that it places itself
    missing,  // there is no such file, and that may be
    foreign,  // somebody else has changed it since: left alone
    failed,
};

struct ChangeRow {
    std::string path;
    std::optional<std::string> now;     // what it held before; absent: it cannot be read or is not there
    std::optional<std::string> wanted;  // absent: a folder, or what is to go
    std::string why;
    ChangeState state = ChangeState::planned;
    std::optional<std::string> found;  // after it was written, where it is not as wanted
    std::string note;                  // what the kernel, or we, have to say to it
};

using ChangeRows = std::vector<ChangeRow>;

int count(const ChangeRows& rows, ChangeState state);

}  // namespace torque::tune
