#include "libraries/hwloc_xml_check.h"

#include <algorithm>

#include "base/format.h"
#include "base/parse.h"
#include "torque/cpu_set.h"

namespace torque {
namespace {

constexpr int kDepthMax = 256;
constexpr std::size_t kTagsMax = 4'000'000;
constexpr std::uint64_t kDistancesMax = 8192;
constexpr std::size_t kMaskBytesMax =
    11 * (std::size_t{CpuSet::kMaxCpu} + 1) / 32;  // "0x0000000f," for 32 CPUs
// hwloc's own files are UTF-8; in an encoding that does not contain ASCII, a declaration could pass unseen.
constexpr std::string_view kEncodings[] = {"utf-8", "us-ascii", "ascii", "iso-8859-1"};

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

// The value of `attribute` in a tag, as written; empty when it is not there.
std::string_view attribute_of(std::string_view tag, std::string_view attribute) {
    for (std::size_t at = tag.find(attribute); at != tag.npos; at = tag.find(attribute, at + 1)) {
        const bool is_word = at > 0 && (tag[at - 1] == ' ' || tag[at - 1] == '\n' || tag[at - 1] == '\t');
        std::string_view rest = tag.substr(at + attribute.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
        if (!is_word || !rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
        if (rest.empty() || (rest.front() != '"' && rest.front() != '\'')) continue;
        const char quote = rest.front();
        rest.remove_prefix(1);
        return take_until(rest, quote);
    }
    return {};
}

bool is_numbered(std::string_view tag, std::string_view attribute, std::uint64_t max) {
    const std::string_view value = attribute_of(tag, attribute);
    return value.empty() || parse_unsigned(value, max).has_value();
}

// What hwloc makes memory of, by the numbers in a tag.
const char* fault_of(std::string_view tag) {
    if (tag.starts_with("object")) {
        const std::string_view type = attribute_of(tag, "type");
        const bool is_in_sets = type == "PU" || type == "NUMANode";
        // "-1" and 4294967295 mean "unknown" elsewhere; PCI objects have large numbers.
        if (is_in_sets && !is_numbered(tag, "os_index", CpuSet::kMaxCpu))
            return "a CPU or node has an impossible number";
        for (const char* set : {"cpuset", "complete_cpuset", "allowed_cpuset", "online_cpuset", "nodeset",
                                "complete_nodeset", "allowed_nodeset"}) {
            if (attribute_of(tag, set).size() > kMaskBytesMax)
                return "a set names more CPUs than a machine can have";
        }
    }
    if (tag.starts_with("distances") && !is_numbered(tag, "nbobjs", kDistancesMax))
        return "too many distances";
    return nullptr;
}

bool has_plain_encoding(std::string_view declaration) {
    const std::string encoding = lower(attribute_of(declaration, "encoding"));
    return encoding.empty() ||
           std::find(std::begin(kEncodings), std::end(kEncodings), encoding) != std::end(kEncodings);
}

constexpr const char* kHint = "lstopo writes such a file: 'lstopo machine.xml'";

// The end of the tag that `text` starts with, which may hold '>' in quotes; npos when it is not closed.
std::size_t end_of_tag(std::string_view text) {
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return i;
        }
    }
    return std::string_view::npos;
}

}  // namespace

Result<void> check_hwloc_xml(std::string_view text, const std::string& name) {
    const std::string_view whole = text;
    const auto refuse = [&](std::string why) {
        const std::string_view before = whole.substr(0, whole.size() - text.size());
        return fail("cannot read the XML: " + std::move(why),
                    formatted("{}:{}", name, 1 + std::count(before.begin(), before.end(), '\n')), kHint);
    };
    if (text.find('\0') != text.npos) return refuse("it is not UTF-8");
    // No file of hwloc holds these words, wherever they stand.
    for (const char* word : {"<!ENTITY", "<!ELEMENT", "<!ATTLIST", "<!NOTATION", "<![CDATA["}) {
        const std::size_t at = text.find(word);
        if (at == text.npos) continue;
        text.remove_prefix(at);
        return refuse(formatted("it holds a declaration, {}", word));
    }
    int depth = 0;
    std::size_t tags = 0;
    for (std::size_t at = text.find('<'); at != text.npos; at = text.find('<')) {
        text.remove_prefix(at);
        if (++tags > kTagsMax) return refuse("it is too long");
        if (text.starts_with("<!--")) {
            const std::size_t end = text.find("-->", 4);  // "<!-->" is none yet
            if (end == text.npos) return refuse("a comment does not end");
            text.remove_prefix(end + 3);
            continue;
        }
        const std::size_t end = end_of_tag(text);
        if (end == text.npos) return refuse("it is cut short");
        const std::string_view tag = text.substr(1, end - 1);
        // XML allows none, not even in quotes. What a parser takes for a tag must not be a part of one to us.
        if (tag.find('<') != tag.npos) return refuse("a tag does not end");
        if (tag.starts_with('!') && tag.find('[') != tag.npos) return refuse("it brings its own DTD");
        if (tag.starts_with("?xml") && !has_plain_encoding(tag)) return refuse("its encoding is not UTF-8");
        const bool is_declaration = tag.starts_with('!') || tag.starts_with('?');
        const bool is_end = tag.starts_with('/');
        if (is_end) --depth;
        if (!is_declaration && !is_end) {
            if (const char* fault = fault_of(tag)) return refuse(fault);
            if (!tag.ends_with('/') && ++depth > kDepthMax) return refuse("it is nested too deep");
        }
        text.remove_prefix(end + 1);
    }
    text.remove_prefix(text.size());
    if (depth != 0) return refuse("it is cut short");
    return {};
}

}  // namespace torque
