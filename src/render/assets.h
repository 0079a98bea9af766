// The files of src/render/assets, compiled in so that a drawing needs no other file.
#pragma once

#include <string_view>

namespace torque::assets {

extern const std::string_view drawing_css;  // of svg
extern const std::string_view page_css;     // of html
extern const std::string_view page_js;
extern const std::string_view figure_css;  // of measurements, in svg and html

}  // namespace torque::assets
