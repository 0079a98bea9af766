# libtorque for other programs: one archive of the layers that the public headers speak of, the headers, and the words
# for CMake and pkg-config to find them. What a program is made of beyond that (tree, emit, check) is not in it.
add_library(torque STATIC)
foreach(part base sys probes machine plan layout discover serve_worker serve_options serve)
    target_sources(torque PRIVATE $<TARGET_OBJECTS:torque_${part}>)
endforeach()

# Shared ones: an archive of libarchive wants a dozen more.
set(torque_link_names archive)
if(TORQUE_LIBCPUID)
    list(APPEND torque_link_names cpuid)
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")
    list(APPEND torque_link_names fmt)
endif()
list(TRANSFORM torque_link_names PREPEND -l OUTPUT_VARIABLE torque_link_flags)
list(APPEND torque_link_flags -pthread)
list(JOIN torque_link_flags " " torque_link_line)

include(CMakePackageConfigHelpers)
set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/torque)
configure_package_config_file(${CMAKE_SOURCE_DIR}/packaging/torqueConfig.cmake.in ${CMAKE_BINARY_DIR}/torqueConfig.cmake
                              INSTALL_DESTINATION ${config_folder}
                              PATH_VARS CMAKE_INSTALL_INCLUDEDIR CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/torqueConfigVersion.cmake COMPATIBILITY SameMinorVersion)
configure_file(${CMAKE_SOURCE_DIR}/packaging/torque.pc.in ${CMAKE_BINARY_DIR}/torque.pc @ONLY)

install(TARGETS torque ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT dev)
install(DIRECTORY include/torque DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT dev FILES_MATCHING PATTERN "*.h")
install(FILES ${CMAKE_BINARY_DIR}/generated/torque/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/torque
        COMPONENT dev)
install(FILES ${CMAKE_BINARY_DIR}/torqueConfig.cmake ${CMAKE_BINARY_DIR}/torqueConfigVersion.cmake
        DESTINATION ${config_folder} COMPONENT dev)
install(FILES ${CMAKE_BINARY_DIR}/torque.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT dev)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libtorque-dev COMPONENT dev RENAME copyright)
