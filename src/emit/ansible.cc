
#include "base/format.h"
#include "emit/emit.h"
#include "emit/text.h"

namespace torque::emit {
namespace {

// Boot words hold no character that JSON would escape; texts of the layout are not written but for these.
std::string boot_object(const std::vector<BootWord>& words) {
    std::string out;
    for (const BootWord& word : words) {
        const bool has_value = word.text.size() > word.name.size();
        out += formatted("{}\"{}\": {}", out.empty() ? "" : ", ", word.name,
                         has_value ? '"' + word.text.substr(word.name.size() + 1) + '"' : "null");
    }
    return '{' + out + '}';
}

}  // namespace

// Local facts of Ansible: JSON in a file that ends in .fact and is not executable; a playbook then reads
// ansible_local.torque. JSON has no comments, so the text has no head.
Result<std::string> emit_ansible(const Layout& layout) {
    const Result<std::vector<BootWord>> words = boot_words(layout);
    if (!words) return tl::unexpected<Error>(words.error());
    const Result<std::string> fingerprint = plain_fingerprint(layout);
    if (!fingerprint) return fingerprint;
    return formatted(
        "{{\n"
        "  \"fingerprint\": \"{}\",\n"
        "  \"workers\": {},\n"
        "  \"worker_cpus\": [{}],\n"
        "  \"isolated\": \"{}\",\n"
        "  \"housekeeping\": \"{}\",\n"
        "  \"boot_line\": {},\n"
        "  \"boot_parameters\": {}\n"
        "}}\n",
        *fingerprint, layout.workers.size(), worker_cpus(layout, ", "), layout.isolated.list(),
        layout.housekeeping.list(), words->empty() ? "null" : '"' + joined_texts(*words) + '"',
        boot_object(*words));
}

}  // namespace torque::emit
