#include "layout/profile_json.h"

#include "layout/json.h"

namespace torque {

Result<Profile> parse_profile(std::string_view text, const std::string& name) {
    const Result<Json> document = parse_document(text, name, "torque.profile/1");
    if (!document) return tl::unexpected<Error>(document.error());
    std::optional<JsonReader::Fault> fault;
    const JsonReader json(*document, fault);
    const auto text_or_empty = [](const JsonReader& value) {
        return value.is_null() ? std::string() : value.text();
    };

    Profile profile;
    json.only({"schema", "name", "description", "boot", "runtime"});
    profile.name = json["name"].text();
    profile.description = json["description"].text();
    for (const JsonReader& parameter : json["boot"].elements()) {
        parameter.only({"name", "value", "why", "price", "needs"});
        profile.boot.push_back({parameter["name"].text(), text_or_empty(parameter.optional("value")),
                                parameter["why"].text(), text_or_empty(parameter.optional("price")),
                                text_or_empty(parameter.optional("needs"))});
    }
    for (const JsonReader& knob : json["runtime"].elements()) {
        knob.only({"path", "value", "why"});
        profile.runtime.push_back({knob["path"].text(), knob["value"].text(), knob["why"].text()});
    }
    if (fault) return fail(fault->what, name + ": " + fault->pointer, fault->hint);
    return profile;
}

}  // namespace torque
