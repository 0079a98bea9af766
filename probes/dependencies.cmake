# libcpuid's tables are small; linked statically they cost no start-up time.
find_library(TORQUE_STATIC_cpuid libcpuid.a)
if(TORQUE_STATIC_cpuid)
    set(cpuid_library ${TORQUE_STATIC_cpuid})
else()
    set(cpuid_library ${LIBCPUID_LINK_LIBRARIES})
endif()
target_include_directories(torque_probes SYSTEM PRIVATE ${LIBCPUID_INCLUDE_DIRS})
target_link_libraries(torque_probes PRIVATE ${cpuid_library})
