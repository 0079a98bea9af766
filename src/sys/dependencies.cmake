# libarchive as shipped pulls in libxml2 and ICU, and with them more start-up time than everything else together.
# Of the static library only tar and the decompressors are linked; where an archive is missing, the shared one serves.
set(archive_libraries "")
foreach(library archive lzma zstd bz2 z)
    find_library(TORQUE_STATIC_${library} lib${library}.a)
    list(APPEND archive_libraries ${TORQUE_STATIC_${library}})
endforeach()
if("${archive_libraries}" MATCHES NOTFOUND)
    set(archive_libraries PkgConfig::LIBARCHIVE)
endif()
target_link_libraries(torque_sys PRIVATE ${archive_libraries})

# torque-apart, which apart.cc starts: below the prefix, and from the folder of the programs.
set(torque_apart_folder ${CMAKE_INSTALL_FULL_LIBEXECDIR}/torque)
file(RELATIVE_PATH apart_from_programs ${CMAKE_INSTALL_FULL_BINDIR} ${torque_apart_folder})
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/sys/apart.cc PROPERTIES COMPILE_DEFINITIONS
    "TORQUE_APART_FOLDER=\"${torque_apart_folder}\";TORQUE_APART_FROM_PROGRAMS=\"${apart_from_programs}\"")
