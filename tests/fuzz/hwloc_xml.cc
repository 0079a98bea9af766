// What stands between XML and hwloc: nothing that it lets through declares entities or is cut short.
#include "libraries/hwloc_xml_check.h"

#include "claim.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    if (!torque::check_hwloc_xml(text, "fuzz")) return 0;
    const auto accepts = [](const std::string& changed) {
        return torque::check_hwloc_xml(changed, "fuzz").has_value();
    };
    fuzz::claim(!accepts(text + "<!ENTITY x \"\">"), "no declaration, wherever it stands");
    fuzz::claim(!accepts(text + "<!DOCTYPE x [ ]>"), "no DTD of its own");
    fuzz::claim(!accepts(text + "<object type=\"PU\" os_index=\"4294967294\"/>"), "no CPU beyond the last");
    fuzz::claim(!accepts(text + "<object>"), "what is opened is closed");
    const std::size_t tag = text.find("/>");
    if (tag != text.npos && text.find("<!--") == text.npos) {
        std::string inside = text;
        inside.insert(tag + 2, "<object type='PU' os_index='4294967294'/>");
        fuzz::claim(!accepts(inside), "nothing hides in what is around it");
    }
    fuzz::claim(accepts(text + "<object type=\"PU\" os_index=\"7\"/>"), "what follows is judged by itself");
    return 0;
}
