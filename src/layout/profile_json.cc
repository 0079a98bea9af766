#include "torque/json.h"

#include <algorithm>
#include <iterator>

#include "base/format.h"
#include "base/parse.h"
#include "layout/json.h"

namespace torque {
namespace {

constexpr std::string_view kSchema = "torque.profile/1";

// As torque-profile(5) lists them, and src/plan/boot_line.cc replaces them.
constexpr std::string_view kPlaceholders[] = {"{isolated}", "{housekeeping}", "{isolated_mask}",
                                              "{housekeeping_mask}"};

constexpr std::string_view kKnobFolders[] = {"/proc/", "/sys/", "/dev/"};

bool is_graphic(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string parameter_name(const JsonReader& json) {
    std::string name = json.text();
    if (name.empty() || !is_graphic(name) || name.find('=') != name.npos)
        json.complain("not a parameter's name");
    return name;
}

// A file of the kernel, which root may be about to write.
std::string knob_path(const JsonReader& json) {
    std::string path = json.text();
    const bool is_known = std::any_of(std::begin(kKnobFolders), std::end(kKnobFolders),
                                      [&](std::string_view folder) { return path.starts_with(folder); });
    if (!is_known || !is_graphic(path) || path.find("/../") != path.npos)
        json.complain("not the path of a file below /proc, /sys or /dev");
    return path;
}

// The value; a brace that is of none of the placeholders is a fault, for it would end up on the boot line.
std::string with_placeholders(const JsonReader& json, std::string value) {
    for (std::size_t at = value.find_first_of("{}"); at != value.npos; at = value.find_first_of("{}", at)) {
        const std::string_view rest = std::string_view(value).substr(at);
        const auto is_here = [&](std::string_view row) { return rest.starts_with(row); };
        const auto row = std::find_if(std::begin(kPlaceholders), std::end(kPlaceholders), is_here);
        if (row == std::end(kPlaceholders)) {
            const std::string_view word =
                rest.substr(0, rest.find('}') == rest.npos ? rest.size() : rest.find('}') + 1);
            const auto meant = did_you_mean(word, kPlaceholders);
            json.complain(formatted("\"{}\" is no placeholder", printable(word)),
                          meant ? formatted("did you mean \"{}\"?", *meant) : std::string());
            return {};
        }
        at += row->size();
    }
    return value;
}

std::string parameter_value(const JsonReader& json) {
    if (json.is_null()) return {};
    std::string value = with_placeholders(json, json.text());
    if (!is_graphic(value)) json.complain("white space and control characters would end the parameter");
    return value;
}

}  // namespace

Result<Profile> parse_profile(std::string_view text, const std::string& name) {
    const Result<Json> document = parse_document(text, name, kSchema);
    if (!document) return tl::unexpected<Error>(document.error());
    JsonReader::State state;
    const JsonReader json(*document, state);
    const std::optional<JsonReader::Fault>& fault = state.fault;
    const auto text_or_empty = [](const JsonReader& value) {
        return value.is_null() ? std::string() : value.text();
    };

    Profile profile;
    json.only({"schema", "name", "description", "boot", "runtime"});
    profile.name = json["name"].text();
    profile.description = json["description"].text();
    for (const JsonReader& parameter : json["boot"].elements()) {
        parameter.only({"name", "value", "why", "price", "needs"});
        profile.boot.push_back({parameter_name(parameter["name"]),
                                parameter_value(parameter.optional("value")), parameter["why"].text(),
                                text_or_empty(parameter.optional("price")),
                                text_or_empty(parameter.optional("needs"))});
    }
    for (const JsonReader& knob : json["runtime"].elements()) {
        knob.only({"path", "value", "why"});
        profile.runtime.push_back({knob_path(knob["path"]),
                                   with_placeholders(knob["value"], knob["value"].text()),
                                   knob["why"].text()});
    }
    if (fault) {
        return fail(fault->what, name + ": " + fault->pointer,
                    fault->hint.empty() ? manual_hint(kSchema) : fault->hint);
    }
    return profile;
}

}  // namespace torque
