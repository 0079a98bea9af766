# The styles and the script of svg and html are files of their own, compiled in.
set(rows "")
foreach(asset drawing.css page.css page.js figure.css)
    set(path ${CMAKE_SOURCE_DIR}/src/render/assets/${asset})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
    string(REPLACE . _ name ${asset})
    file(READ ${path} text)
    string(APPEND rows "const std::string_view ${name} = R\"asset(${text})asset\";\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/render_assets.cc @ONLY CONTENT
"#include \"render/assets.h\"

namespace torque::assets {

@rows@
}  // namespace torque::assets
")
target_sources(torque_render PRIVATE ${CMAKE_BINARY_DIR}/generated/render_assets.cc)
