// Includes Catch2 2.x or 3.x, whichever the system has.
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#include <catch2/catch_tostring.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "torque/cpu_set.h"

template <>
struct Catch::StringMaker<torque::CpuSet> {
    static std::string convert(const torque::CpuSet& set) { return "{" + set.list() + "}"; }
};
