// Responses to torque-load, after a byte that says where they are cut: in one piece or in two, they are the
// same.
#include <algorithm>

#include "claim.h"
#include "load/reply_reader.h"

using torque::load::Expectation;
using torque::load::Fault;
using torque::load::ReplyReader;

namespace {

struct Outcome {
    Fault fault = Fault::none;
    std::uint32_t completed = 0;
    bool is_between = true, closes = false;
    bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view first, std::string_view second, bool has_body) {
    Expectation expected;
    expected.body = "OK";
    expected.has_body = has_body;
    ReplyReader reader;
    Outcome out;
    for (const std::string_view piece : {first, second}) {
        std::uint32_t completed = 0;
        if (out.fault == Fault::none) out.fault = reader.feed(piece, expected, completed);
        out.completed += completed;
    }
    if (out.fault != Fault::none) return out;
    out.is_between = reader.is_between();
    out.closes = reader.closes();
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kMax = 16000;  // a head that is longer may be refused sooner in one piece
    if (size < 2 || size > kMax) return 0;
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    const std::size_t cut = data[0] % text.size();
    for (const bool has_body : {false, true}) {
        const Outcome whole = read(text, {}, has_body);
        const Outcome halves = read(text.substr(0, cut), text.substr(cut), has_body);
        fuzz::claim(whole == halves, "it does not matter how the bytes come");
    }
    return 0;
}
