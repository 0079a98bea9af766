// Text that is safe inside of SVG and HTML.
#pragma once

#include <string>
#include <string_view>

#include "render/picture.h"

namespace torque {

// For text and for attributes in double quotes: &, <, >, " and ' as entities, and control characters, which
// no entity may name, as question marks. Other bytes pass: callers give UTF-8 of ours or clean() text.
std::string markup(std::string_view text);

// A JSON string with its quotes that may stand in a <script> of HTML: < is escaped as well.
std::string script_string(std::string_view text);

// Classes that the styles know.
const char* kind_class(BoxKind kind);  // "place"
const char* tone_class(Tone tone);     // "faint"; "" for plain text

// "4 CPUs (4,6,8,10)", and a list that is long left out.
std::string counted_cpus(const CpuSet& cpus);

}  // namespace torque
