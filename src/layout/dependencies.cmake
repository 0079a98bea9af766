target_link_libraries(torque_layout PRIVATE nlohmann_json::nlohmann_json)

# profiles/*.json become one generated table.
file(GLOB profiles CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/profiles/*.json)
set(rows "")
foreach(profile IN LISTS profiles)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile})
    get_filename_component(name ${profile} NAME_WE)
    file(READ ${profile} text)
    string(APPEND rows "    {\"${name}\", R\"json(${text})json\"},\n")
endforeach()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/builtin_profiles.cc @ONLY CONTENT
"#include \"layout/builtin_profiles.h\"

namespace torque {
namespace {

constexpr BuiltinProfile kProfiles[] = {
@rows@};

}  // namespace

std::span<const BuiltinProfile> builtin_profiles() { return kProfiles; }

}  // namespace torque
")
target_sources(torque_layout PRIVATE ${CMAKE_BINARY_DIR}/generated/builtin_profiles.cc)
install(FILES ${profiles} DESTINATION ${CMAKE_INSTALL_DATADIR}/torque/profiles)
