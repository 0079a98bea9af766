// Boot entries of the Boot Loader Specification, type 1: one text file each, loader/entries/ID.conf.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loader/line_words.h"

namespace torque::loader {

struct BlsEntry {
    std::string file;  // its name: "debian-6.1.0+3-0.conf"
    std::string path;
    std::string text;
};

// The file's name without ".conf" and without the count of tries ("+3-0"): what boot loaders call the entry.
std::string bls_id(std::string_view file);
// Tries that are left; absent: they are not counted.
std::optional<int> bls_tries_left(std::string_view file);

// The value of a field, the first of that name; absent where there is none.
std::optional<std::string> bls_field(std::string_view text, std::string_view key);

// All of `options`, with blanks between; the boot line.
std::string bls_options(std::string_view text);
std::string with_bls_options(std::string_view text, const IsDropped& is_dropped, std::string_view added);

// The entry under another title, and without a sort-key, so that it comes behind those that have one.
std::string bls_trial(std::string_view text, std::string_view title);

// The entries in the order of the menu, the first of which is booted unless another is chosen (Boot Loader
// Specification, "Sorting"). GRUB's blscfg sorts by names alone.
enum class EntryOrder { specification, names };
void sort_entries(std::vector<BlsEntry>& entries, EntryOrder order);

}  // namespace torque::loader
