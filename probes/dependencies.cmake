# Of the two files that answer for cpu_names.h, one is compiled.
if(NOT TORQUE_LIBCPUID)
    set_source_files_properties(${CMAKE_SOURCE_DIR}/probes/cpu_names.cc PROPERTIES HEADER_FILE_ONLY ON)
    return()
endif()
set_source_files_properties(${CMAKE_SOURCE_DIR}/probes/cpu_names_none.cc PROPERTIES HEADER_FILE_ONLY ON)

# libcpuid's tables are small; linked statically they cost no start-up time.
find_library(TORQUE_STATIC_cpuid libcpuid.a)
if(TORQUE_STATIC_cpuid)
    set(cpuid_library ${TORQUE_STATIC_cpuid})
else()
    set(cpuid_library ${LIBCPUID_LINK_LIBRARIES})
endif()
target_include_directories(torque_probes SYSTEM PRIVATE ${LIBCPUID_INCLUDE_DIRS})
target_link_libraries(torque_probes PRIVATE ${cpuid_library})
