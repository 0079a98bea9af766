// Files of boot loaders: the readers on any bytes, and what is written is read again as it was meant.
#include <algorithm>

#include "base/parse.h"
#include "claim.h"
#include "loader/bls_entry.h"
#include "loader/efi_text.h"
#include "loader/grub_config.h"
#include "loader/grub_defaults.h"
#include "loader/grub_env.h"
#include "loader/line_words.h"
#include "loader/version_order.h"

using namespace torque::loader;

namespace {

bool is_isolcpus(std::string_view name) {
    return name == "isolcpus";
}

int count_given(std::string_view line) {
    int count = 0;
    for (const LineWord& word : line_words(line)) count += is_isolcpus(word.name) ? 1 : 0;
    return count;
}

// The kernel takes what follows a quote that does not end for a part of it.
bool is_closed(std::string_view line) {
    return std::count(line.begin(), line.end(), '"') % 2 == 0;
}

// A quote may end in the next line of options: install then sees what the words have become, and refuses.
bool is_closed_in_each_line(std::string_view text) {
    while (!text.empty()) {
        if (!is_closed(torque::take_line(text))) return false;
    }
    return true;
}

void check_lines(std::string_view text) {
    const std::string line(text.substr(0, text.find_first_of("\r\n")));
    if (!is_closed(line)) return;
    fuzz::claim(count_given(with_words(line, is_isolcpus, "isolcpus=1")) == 1, "once, whatever was there");
}

void check_entries(std::string_view text) {
    const std::string changed = with_bls_options(text, is_isolcpus, "isolcpus=1");
    const std::string options = bls_options(changed);
    const std::string before = bls_options(text);
    const bool is_whole = is_closed_in_each_line(text) && before.find("--") == before.npos;
    if (is_whole) fuzz::claim(count_given(options) == 1, "an entry has it once");
    fuzz::claim(!bls_field(bls_trial(text, "a trial"), "sort-key"), "a trial has no sort-key");
    std::vector<BlsEntry> entries;
    for (std::size_t at = 0; at < text.size() && entries.size() < 8; at += text.size() / 8 + 1) {
        const std::string piece(text.substr(at, text.size() / 8 + 1));
        entries.push_back({piece.substr(0, 12), "/" + piece.substr(0, 12), piece});
        (void)bls_id(entries.back().file);
        (void)bls_tries_left(entries.back().file);
    }
    sort_entries(entries, EntryOrder::specification);
    sort_entries(entries, EntryOrder::names);
}

void check_grub(std::string_view text) {
    for (const char* saved : {"", "gnulinux-simple", "1>2"}) {
        const auto entry = default_entry(text, saved);
        if (!entry) continue;
        fuzz::claim(entry->linux < entry->lines.size(), "the line is one of them");
        fuzz::claim(entry->line_begin <= entry->lines[entry->linux].size(), "and begins in it");
        (void)entry_text(*entry, "a trial", "torque-trial", "isolcpus=1");
    }
    (void)takes_bls_entries(text);
    (void)boots_once(text);
    (void)reads_custom(text);
    (void)find_given(text, is_isolcpus);
    (void)shell_variable(text, "GRUB_DEFAULT");
    const auto block = with_grub_variable(text, "next_entry", "torque-trial");
    if (!block) return;
    fuzz::claim(block->size() == (text.empty() ? 1024 : text.size()), "a block keeps its size");
    fuzz::claim(grub_variable(*block, "next_entry") == "torque-trial", "what is set is read");
    const auto without = with_grub_variable(*block, "next_entry", std::nullopt);
    fuzz::claim(without && !grub_variable(*without, "next_entry"), "what is taken away is gone");
}

void check_order(std::string_view text) {
    const std::string_view a = text.substr(0, text.size() / 2), b = text.substr(text.size() / 2);
    fuzz::claim(compare_versions(a, a) == 0, "as old as itself");
    const int there = compare_versions(a, b), back = compare_versions(b, a);
    fuzz::claim((there < 0) == (back > 0) && (there == 0) == (back == 0), "the same from both sides");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    check_lines(text);
    check_entries(text);
    check_grub(text);
    check_order(text);
    if (const auto read = read_efi_text(text))
        fuzz::claim(read_efi_text(efi_text(*read)) == *read, "a text is read as it was written");
    (void)read_efi_number(text);
    return 0;
}
