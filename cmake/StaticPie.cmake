# TORQUE_STATIC_PIE: whether torque-topo is linked statically and placed at random nevertheless: in a release, where the
# libraries are there as archives (libc's is in libc6-dev, and on Fedora in glibc-static) and the result runs.
set(TORQUE_STATIC_PIE OFF)
set(archives "${TORQUE_STATIC_archive};${TORQUE_STATIC_lzma};${TORQUE_STATIC_zstd};${TORQUE_STATIC_bz2};${TORQUE_STATIC_z}")
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NOT TORQUE_SANITIZE
   AND NOT "${archives};${TORQUE_STATIC_cpuid}" MATCHES NOTFOUND)
    include(CheckCXXSourceCompiles)
    include(CheckCXXSourceRuns)
    # What has failed elsewhere: objects that cannot be placed at random, exceptions, threads before glibc 2.34.
    set(static_pie_source "
        #include <stdexcept>
        #include <string>
        #include <thread>
        int main(int argc, char** argv) {
            int caught = 0;
            std::thread thread([&] {
                try { throw std::runtime_error(std::string(argv[0], argc)); }
                catch (const std::exception& error) { caught = static_cast<int>(std::string(error.what()).size()); }
            });
            thread.join();
            return caught == argc ? 0 : 1;
        }")
    set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie -Wl,--gc-sections)
    if(CMAKE_CROSSCOMPILING)
        check_cxx_source_compiles("${static_pie_source}" TORQUE_STATIC_PIE_WORKS)
    else()
        check_cxx_source_runs("${static_pie_source}" TORQUE_STATIC_PIE_WORKS)
    endif()
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
    set(TORQUE_STATIC_PIE ${TORQUE_STATIC_PIE_WORKS})
endif()
