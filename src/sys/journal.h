// The journal of what was changed on a machine: its text, and what the text says is still to be undone.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "torque/result.h"

namespace torque {

// A text of lines that only grows, so that a crash can cost nothing but the end of the last line:
//
//     torque.journal/1
//     1f0c9a52bb03d7e4 begin apply 0d5c7f4e-... 9c1185a5c5e9fc54
//     a3d9e0c27e55b1f0 write /proc/sys/vm/stat_interval 1%0A 10%0A
//     77f1be9a04c2d613 done 0 10%0A
//     c41d7a90be55e2f8 undoing 0
//     5b0e8d2f91a6c344 undone 0
//
// Each line after the first begins with the FNV-1a sum of what follows. Fields have one space between them;
// bytes that are no visible ASCII characters, and "%", are written as %XX. Steps are numbered from 0.
struct JournalStep {
    enum class Kind {
        write,   // into one of the kernel's files
        folder,  // made, in one of the kernel's file systems
        // Whole files, which outlast a boot.
        make,     // it was not there
        replace,  // it was, with other bytes
        remove,
    };
    Kind kind = Kind::write;
    std::string path;
    std::string before, after;  // the bytes that a file held, and those that were to be written
    bool is_file() const { return kind == Kind::make || kind == Kind::replace || kind == Kind::remove; }
    bool operator==(const JournalStep&) const = default;
};

// What was asked for: the steps up to the next one are its.
struct JournalBegin {
    std::string what;     // "apply"
    std::string boot_id;  // of the running kernel; empty: not known
    std::string digest;   // of what was asked for: equal for the same
    bool operator==(const JournalBegin&) const = default;
};

struct JournalEntry {
    JournalStep step;
    std::size_t begin = 0;  // index of the one that it belongs to
    std::optional<std::string>
        found;  // what the file held after the step; absent: that, or undoing it, was cut off
    bool undone = false;
};

struct Journal {
    std::vector<JournalBegin> begins;
    std::vector<JournalEntry> entries;
    std::size_t bytes = 0;  // of whole lines: what follows in the text was torn off

    bool has_undone_all() const;
};

constexpr std::size_t kJournalBytesMax = std::size_t{16} << 20;

// Errors name the line: it is damaged, or no line of a journal. A last line without its end is none: what it
// tells of has not happened.
Result<Journal> parse_journal(std::string_view text, const std::string& name);

std::string journal_head();
std::string journal_line(const JournalBegin& begin);
std::string journal_line(const JournalStep& step);
std::string journal_done(std::size_t step, std::string_view found);
std::string journal_undoing(std::size_t step);
std::string journal_undone(std::size_t step);

// FNV-1a, 64 bits, as 16 hexadecimal digits.
std::string fnv_text(std::string_view bytes);

}  // namespace torque
