// What the fuzzers share: their input as text, choices drawn from it, and claims that end them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

inline void claim(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "broken claim: %s\n", what);
    std::abort();
}

// Choices that are no part of the input's format: they follow from all of its bytes (FNV-1a).
class Draw {
  public:
    explicit Draw(std::string_view text) {
        for (const char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    }
    // From 0 to `count` - 1.
    int below(int count) {
        state_ = (state_ ^ state_ >> 29) * 0xbf58476d1ce4e5b9u;
        return static_cast<int>((state_ >> 33) % static_cast<std::uint64_t>(count));
    }

  private:
    std::uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace fuzz
