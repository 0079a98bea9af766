# Build options, warnings and sanitizers; every target links torque_warnings.
option(TORQUE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(TORQUE_FUZZ "Build the fuzzers, and nothing else of the tests (clang)" OFF)
option(TORQUE_WERROR "Treat warnings as errors" OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_library(torque_warnings INTERFACE)
target_compile_options(torque_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
                       $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-missing-field-initializers>
                       $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-field-initializers>
                       $<$<BOOL:${TORQUE_WERROR}>:-Werror>)

if(TORQUE_SANITIZE)
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
if(TORQUE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()

add_library(torque_headers INTERFACE)
target_include_directories(torque_headers INTERFACE
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/generated>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(torque_headers INTERFACE cxx_std_20)
