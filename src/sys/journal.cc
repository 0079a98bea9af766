#include "sys/journal.h"

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "base/parse.h"

namespace torque {
namespace {

using Kind = JournalStep::Kind;

constexpr std::string_view kHead = "torque.journal/1\n";
constexpr std::size_t kSumDigits = 16;
constexpr std::size_t kStepsMax = 1 << 17;

struct KindRow {
    std::string_view word;
    Kind kind;
    bool has_before, has_after;  // behind the path

    std::size_t fields() const { return 1u + has_before + has_after; }
};

constexpr KindRow kKinds[] = {
    {"write", Kind::write, true, true},    {"folder", Kind::folder, false, false},
    {"make", Kind::make, false, true},     {"replace", Kind::replace, true, true},
    {"remove", Kind::remove, true, false},
};

std::string encode(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        if (c > ' ' && c <= '~' && c != '%') {
            out += c;
        } else {
            out += formatted("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::optional<std::string> decode(std::string_view field) {
    std::string out;
    while (!field.empty()) {
        const char c = field.front();
        if (c <= ' ' || c > '~') return std::nullopt;
        if (c != '%') {
            out += c;
            field.remove_prefix(1);
            continue;
        }
        if (field.size() < 3 || hex_digit(field[1]) < 0 || hex_digit(field[2]) < 0) return std::nullopt;
        out += static_cast<char>(hex_digit(field[1]) * 16 + hex_digit(field[2]));
        field.remove_prefix(3);
    }
    return out;
}

std::string summed(const std::string& line) {
    return fnv_text(line) + ' ' + line + '\n';
}

// The decoded fields of a line; absent when one is not well formed.
std::optional<std::vector<std::string>> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    for (;;) {
        const std::size_t end = std::min(line.find(' '), line.size());
        auto field = decode(line.substr(0, end));
        if (!field) return std::nullopt;
        fields.push_back(std::move(*field));
        if (end == line.size()) return fields;
        line.remove_prefix(end + 1);
    }
}

class Reader {
  public:
    // False: no line of a journal.
    bool take(std::string_view line) {
        auto fields = fields_of(line);
        if (!fields) return false;
        const std::string word = std::move(fields->front());
        fields->erase(fields->begin());
        if (word == "begin") return take_begin(*fields);
        if (word == "done" || word == "undoing" || word == "undone") return take_mark(word, *fields);
        const auto row = std::find_if(std::begin(kKinds), std::end(kKinds),
                                      [&](const KindRow& one) { return one.word == word; });
        return row != std::end(kKinds) && take_step(*row, *fields);
    }

    Journal journal;

  private:
    bool take_begin(const std::vector<std::string>& fields) {
        if (fields.size() != 3 || journal.begins.size() >= kStepsMax) return false;
        journal.begins.push_back({fields[0], fields[1], fields[2]});
        return true;
    }

    bool take_mark(std::string_view word, const std::vector<std::string>& fields) {
        const bool is_done = word == "done";
        if (fields.size() != (is_done ? 2u : 1u) || journal.entries.empty()) return false;
        const auto number = parse_unsigned(fields[0], journal.entries.size() - 1);
        if (!number) return false;
        JournalEntry& entry = journal.entries[*number];
        entry.undone = word == "undone";
        entry.found.reset();
        if (is_done) entry.found = fields[1];
        return true;
    }

    bool take_step(const KindRow& row, const std::vector<std::string>& fields) {
        if (fields.size() != row.fields() || journal.begins.empty() || journal.entries.size() >= kStepsMax)
            return false;
        JournalEntry entry;
        entry.begin = journal.begins.size() - 1;
        entry.step.kind = row.kind;
        entry.step.path = fields[0];
        if (row.has_before) entry.step.before = fields[1];
        if (row.has_after) entry.step.after = fields.back();
        // A step into nowhere, or out of the tree, is none of ours.
        const std::string& path = entry.step.path;
        if (!path.starts_with('/') || path.find('\0') != path.npos || (path + '/').find("/../") != path.npos)
            return false;
        journal.entries.push_back(std::move(entry));
        return true;
    }
};

}  // namespace

bool Journal::has_undone_all() const {
    return std::all_of(entries.begin(), entries.end(), [](const JournalEntry& one) { return one.undone; });
}

std::string fnv_text(std::string_view bytes) {
    std::uint64_t sum = 0xcbf29ce484222325u;
    for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return formatted("{:016x}", sum);
}

std::string journal_head() {
    return std::string(kHead);
}

std::string journal_line(const JournalBegin& begin) {
    return summed(
        formatted("begin {} {} {}", encode(begin.what), encode(begin.boot_id), encode(begin.digest)));
}

std::string journal_line(const JournalStep& step) {
    const auto row = std::find_if(std::begin(kKinds), std::end(kKinds),
                                  [&](const KindRow& one) { return one.kind == step.kind; });
    std::string line = formatted("{} {}", row->word, encode(step.path));
    if (row->has_before) line += ' ' + encode(step.before);
    if (row->has_after) line += ' ' + encode(step.after);
    return summed(line);
}

std::string journal_done(std::size_t step, std::string_view found) {
    return summed(formatted("done {} {}", step, encode(found)));
}

std::string journal_undoing(std::size_t step) {
    return summed(formatted("undoing {}", step));
}

std::string journal_undone(std::size_t step) {
    return summed(formatted("undone {}", step));
}

Result<Journal> parse_journal(std::string_view text, const std::string& name) {
    constexpr const char* kHint =
        "nothing was undone: put the files that it names back by hand, then remove it";
    if (text.size() > kJournalBytesMax) return fail("the journal is too long", name, kHint);
    Reader reader;
    if (text.size() < kHead.size() && kHead.starts_with(text)) return reader.journal;
    if (!text.starts_with(kHead)) return fail("this is no journal of torque", name);
    std::string_view rest = text.substr(kHead.size());
    for (int number = 2; rest.find('\n') != rest.npos; ++number) {
        std::string_view line = take_line(rest);
        const bool is_whole = line.size() > kSumDigits && line[kSumDigits] == ' ' &&
                              line.substr(0, kSumDigits) == fnv_text(line.substr(kSumDigits + 1));
        const auto complain = [&](const char* what) {
            return fail(what, formatted("{}: line {}", name, number), kHint);
        };
        if (!is_whole) return complain("the line is damaged");
        if (!reader.take(line.substr(kSumDigits + 1))) return complain("this is no line of a journal");
    }
    reader.journal.bytes = text.size() - rest.size();
    return std::move(reader.journal);
}

}  // namespace torque
