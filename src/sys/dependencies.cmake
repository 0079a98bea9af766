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
target_link_libraries(torque_sys PRIVATE ${archive_libraries} torque_fmt)
