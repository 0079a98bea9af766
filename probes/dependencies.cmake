# hwloc is opened when it is needed (probes/hwloc.cc): a plain run does not load it. Only its headers are
# needed here, and the name that the run-time library has.
pkg_check_modules(HWLOC QUIET hwloc)
if(NOT HWLOC_FOUND)
    message(FATAL_ERROR "hwloc was not found (Debian: libhwloc-dev). "
                        "scripts/quickstart installs all libraries on Debian and Ubuntu.")
endif()
target_include_directories(torque_probes SYSTEM PRIVATE ${HWLOC_INCLUDE_DIRS})
find_library(TORQUE_HWLOC hwloc HINTS ${HWLOC_LIBRARY_DIRS})
get_filename_component(hwloc_folder "${TORQUE_HWLOC}" DIRECTORY)
file(GLOB hwloc_names RELATIVE ${hwloc_folder} ${hwloc_folder}/libhwloc.so.*)
list(FILTER hwloc_names INCLUDE REGEX "^libhwloc\\.so\\.[0-9]+$")
if(NOT hwloc_names)
    set(hwloc_names libhwloc.so.15)
endif()
list(GET hwloc_names 0 hwloc_name)

# libcpuid's tables are small; linked statically they cost no start-up time.
find_library(TORQUE_STATIC_cpuid libcpuid.a)
if(TORQUE_STATIC_cpuid)
    set(cpuid_library ${TORQUE_STATIC_cpuid})
else()
    set(cpuid_library ${LIBCPUID_LINK_LIBRARIES})
endif()
target_include_directories(torque_probes SYSTEM PRIVATE ${LIBCPUID_INCLUDE_DIRS})
target_compile_definitions(torque_probes PRIVATE TORQUE_HWLOC_NAME="${hwloc_name}")
target_link_libraries(torque_probes PRIVATE ${cpuid_library} ${CMAKE_DL_LIBS} torque_fmt)
