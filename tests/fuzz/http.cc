// HTTP requests in one piece and cut in two: both ways must agree, and the body's reader never reads past the
// end.
#include "serve/http.h"

#include <cstdint>
#include <cstdlib>

using namespace torque::serve;

namespace {

void read_body(Body body, const char* data, std::uint32_t size) {
    while (size > 0) {
        std::uint32_t used = 0;
        const Progress progress = skip_body(body, data, size, used);
        if (used > size) std::abort();
        if (progress != Progress::partial || used == 0) return;
        data += used;
        size -= used;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t length) {
    if (length < 2 || length > 20000) return 0;
    const char* data = reinterpret_cast<const char*>(bytes + 1);
    const auto size = static_cast<std::uint32_t>(length - 1);
    Head whole;
    const Progress progress = parse_head(data, size, 0, whole);
    if (progress == Progress::complete) {
        if (whole.bytes == 0 || whole.bytes > size || whole.bytes > kHeadBytesMax) std::abort();
        read_body(body_of(whole), data + whole.bytes, size - whole.bytes);
    }
    const std::uint32_t cut = bytes[0] % size;
    Head halves;
    if (cut > 0 && parse_head(data, cut, 0, halves) == Progress::partial) {
        const Progress again = parse_head(data, size, cut, halves);
        if (again != progress || (again == Progress::complete && halves.bytes != whole.bytes)) std::abort();
    }
    return 0;
}
