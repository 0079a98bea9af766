# hwloc is opened when it is needed (hwloc.cc). Only its headers are needed here, and the name that the run-time
# library has.
pkg_check_modules(HWLOC QUIET hwloc)
if(NOT HWLOC_FOUND)
    message(FATAL_ERROR "hwloc was not found (Debian: libhwloc-dev). "
                        "scripts/quickstart installs all libraries on Debian and Ubuntu.")
endif()
target_include_directories(torque_libraries SYSTEM PRIVATE ${HWLOC_INCLUDE_DIRS})
find_library(TORQUE_HWLOC hwloc HINTS ${HWLOC_LIBRARY_DIRS})
get_filename_component(hwloc_folder "${TORQUE_HWLOC}" DIRECTORY)
file(GLOB hwloc_names RELATIVE ${hwloc_folder} ${hwloc_folder}/libhwloc.so.*)
list(FILTER hwloc_names INCLUDE REGEX "^libhwloc\\.so\\.[0-9]+$")
if(NOT hwloc_names)
    set(hwloc_names libhwloc.so.15)
endif()
list(GET hwloc_names 0 hwloc_name)
target_compile_definitions(torque_libraries PRIVATE TORQUE_HWLOC_NAME="${hwloc_name}")
target_link_libraries(torque_libraries PRIVATE ${CMAKE_DL_LIBS})
