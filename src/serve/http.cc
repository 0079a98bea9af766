#include "serve/http.h"

#include <cstring>

namespace torque::serve {
namespace {

// Classes of bytes, RFC 9110 section 5.6.2 and RFC 3986 section 2.
constexpr std::uint8_t kToken = 1;   // of a method or a field name
constexpr std::uint8_t kTarget = 2;  // of a request target: visible ASCII but '#'
constexpr std::uint8_t kValue = 4;   // of a field value: visible, space, tab, 0x80 and above
constexpr std::uint8_t kHost = 8;    // of a Host: what a uri-host with a port may have

struct ByteClasses {
    std::uint8_t of[256] = {};
};

constexpr bool is_alphanumeric(int c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

constexpr bool is_among(int c, const char* set) {
    for (; *set; ++set) {
        if (c == *set) return true;
    }
    return false;
}

constexpr ByteClasses make_classes() {
    ByteClasses classes;
    for (int c = 0; c < 256; ++c) {
        const bool alphanumeric = is_alphanumeric(c);
        std::uint8_t mask = 0;
        if (alphanumeric || is_among(c, "!#$%&'*+-.^_`|~")) mask |= kToken;
        if (c > 0x20 && c < 0x7f && c != '#') mask |= kTarget;
        if ((c >= 0x20 && c != 0x7f) || c == '\t') mask |= kValue;
        if (alphanumeric || is_among(c, "-._~%!$&'()*+;=:[]")) mask |= kHost;
        classes.of[c] = mask;
    }
    return classes;
}

constexpr ByteClasses kClasses = make_classes();

bool is(char c, std::uint8_t byte_class) {
    return (kClasses.of[static_cast<unsigned char>(c)] & byte_class) != 0;
}

struct Text {
    const char* data;
    std::uint32_t size;
};

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

// `word` is in lower case.
bool equals_ignoring_case(Text text, const char* word, std::uint32_t word_size) {
    if (text.size != word_size) return false;
    for (std::uint32_t i = 0; i < word_size; ++i) {
        if (lower(text.data[i]) != word[i]) return false;
    }
    return true;
}

template <std::uint32_t kSize>
bool equals_ignoring_case(Text text, const char (&word)[kSize]) {
    return equals_ignoring_case(text, word, kSize - 1);
}

template <std::uint32_t kSize>
bool equals(Text text, const char (&word)[kSize]) {
    return text.size == kSize - 1 && std::memcmp(text.data, word, kSize - 1) == 0;
}

Progress refuse(Head& head, Refusal refusal) {
    head.refusal = refusal;
    return Progress::refused;
}

// Where the head that starts at `start` ends; 0 while its end is not there. Refuses line ends that are not
// CRLF and NUL at once, so that a request that never ends as it should is not waited for.
std::uint32_t find_end(const char* data, std::uint32_t size, std::uint32_t start, std::uint32_t seen,
                       bool& bad) {
    // One byte back: a CR that was the last byte seen is judged by what follows it.
    for (std::uint32_t i = seen > start ? seen - 1 : start; i < size; ++i) {
        const char c = data[i];
        if (static_cast<unsigned char>(c) > '\r') continue;
        if (c == '\0' || (c == '\r' && i + 1 < size && data[i + 1] != '\n')) {
            bad = true;
            return 0;
        }
        if (c != '\n') continue;
        if (i == start || data[i - 1] != '\r') {
            bad = true;
            return 0;
        }
        if (i >= start + 3 && data[i - 2] == '\n') return i + 1;
    }
    return 0;
}

bool has_line_end(const char* data, std::uint32_t size) {
    for (std::uint32_t i = 0; i < size; ++i) {
        if (data[i] == '\n') return true;
    }
    return false;
}

struct MethodName {
    const char* name;
    std::uint32_t size;
    Method method;
};

constexpr MethodName kMethods[] = {
    {"GET", 3, Method::get},         {"HEAD", 4, Method::head},     {"POST", 4, Method::post},
    {"PUT", 3, Method::put},         {"DELETE", 6, Method::remove}, {"PATCH", 5, Method::patch},
    {"OPTIONS", 7, Method::options}, {"TRACE", 5, Method::trace},   {"CONNECT", 7, Method::connect},
};

Method method_of(Text word) {
    for (const MethodName& row : kMethods) {
        if (word.size == row.size && std::memcmp(word.data, row.name, row.size) == 0) return row.method;
    }
    return Method::unknown;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Refusal parse_version(Text version, Head& head) {
    if (version.size != 8 || std::memcmp(version.data, "HTTP/", 5) != 0 || !is_digit(version.data[5]) ||
        version.data[6] != '.' || !is_digit(version.data[7])) {
        return Refusal::bad_request;
    }
    if (version.data[5] != '1') return Refusal::bad_version;
    head.is_1_0 = version.data[7] == '0';
    head.keep_alive = !head.is_1_0;
    return Refusal::none;
}

// RFC 9112 section 3.2: origin form, absolute form (of which the path counts), "*" with OPTIONS. The
// authority form is CONNECT's, which is answered 405 whatever it names.
bool parse_target(Text target, Text method, Head& head) {
    if (target.size == 0) return false;
    for (std::uint32_t i = 0; i < target.size; ++i) {
        if (!is(target.data[i], kTarget)) return false;
    }
    if (equals(method, "CONNECT")) return true;
    if (equals(target, "*")) {
        head.path = target.data;
        head.path_bytes = 1;
        return equals(method, "OPTIONS");
    }
    std::uint32_t at = 0;
    if (target.data[0] != '/') {
        constexpr std::uint32_t kScheme = 7;
        if (target.size <= kScheme || !equals_ignoring_case(Text{target.data, kScheme}, "http://"))
            return false;
        at = kScheme;
        while (at < target.size && is(target.data[at], kHost)) ++at;
        if (at == kScheme || (at < target.size && target.data[at] != '/' && target.data[at] != '?'))
            return false;
    }
    std::uint32_t end = at;
    while (end < target.size && target.data[end] != '?') ++end;
    const bool has_path = end > at;
    head.path = has_path ? target.data + at : "/";
    head.path_bytes = has_path ? end - at : 1;
    return true;
}

Refusal parse_request_line(Text line, Head& head) {
    std::uint32_t at = 0;
    while (at < line.size && is(line.data[at], kToken)) ++at;
    if (at == 0 || at == line.size || line.data[at] != ' ') return Refusal::bad_request;
    const Text method{line.data, at};
    const std::uint32_t target_at = ++at;
    while (at < line.size && line.data[at] != ' ') ++at;
    if (at == line.size) return Refusal::bad_request;
    const Text target{line.data + target_at, at - target_at};
    ++at;
    const Refusal refusal = parse_version(Text{line.data + at, line.size - at}, head);
    if (refusal != Refusal::none) return refusal;
    head.method = method_of(method);
    return parse_target(target, method, head) ? Refusal::none : Refusal::bad_request;
}

// What the fields said so far that no second field may say again.
struct Seen {
    bool host = false;
    bool content_length = false;
    bool transfer_encoding = false;
    bool close = false;
    bool keep_alive = false;
};

Refusal parse_content_length(Text value, Head& head, Seen& seen) {
    if (seen.content_length || value.size == 0) return Refusal::bad_request;
    seen.content_length = true;
    std::uint64_t length = 0;
    for (std::uint32_t i = 0; i < value.size; ++i) {
        if (!is_digit(value.data[i])) return Refusal::bad_request;
        if (length <= kBodyBytesMax) length = length * 10 + static_cast<std::uint64_t>(value.data[i] - '0');
    }
    head.content_length = length;  // anything above kBodyBytesMax is as good as any other
    return Refusal::none;
}

Refusal parse_transfer_encoding(Text value, Head& head, Seen& seen) {
    if (seen.transfer_encoding || value.size == 0) return Refusal::bad_request;
    seen.transfer_encoding = true;
    head.chunked = equals_ignoring_case(value, "chunked");
    return head.chunked ? Refusal::none : Refusal::not_implemented;
}

// The members of a comma-separated list, RFC 9110 section 5.6.1.
void parse_connection(Text value, Seen& seen) {
    std::uint32_t at = 0;
    while (at < value.size) {
        while (at < value.size && (value.data[at] == ',' || value.data[at] == ' ' || value.data[at] == '\t'))
            ++at;
        const std::uint32_t start = at;
        while (at < value.size && is(value.data[at], kToken)) ++at;
        const Text option{value.data + start, at - start};
        if (equals_ignoring_case(option, "close")) seen.close = true;
        if (equals_ignoring_case(option, "keep-alive")) seen.keep_alive = true;
        while (at < value.size && value.data[at] != ',') ++at;
    }
}

Refusal parse_host(Text value, Seen& seen) {
    if (seen.host) return Refusal::bad_request;
    seen.host = true;
    for (std::uint32_t i = 0; i < value.size; ++i) {
        if (!is(value.data[i], kHost)) return Refusal::bad_request;
    }
    return Refusal::none;
}

Refusal apply_field(Text name, Text value, Head& head, Seen& seen) {
    switch (name.size) {
        case 4:
            if (equals_ignoring_case(name, "host")) return parse_host(value, seen);
            break;
        case 6:
            if (equals_ignoring_case(name, "expect")) {
                head.expects_continue = equals_ignoring_case(value, "100-continue");
                return head.expects_continue ? Refusal::none : Refusal::expectation_failed;
            }
            break;
        case 10:
            if (equals_ignoring_case(name, "connection")) parse_connection(value, seen);
            break;
        case 14:
            if (equals_ignoring_case(name, "content-length")) return parse_content_length(value, head, seen);
            break;
        case 17:
            if (equals_ignoring_case(name, "transfer-encoding"))
                return parse_transfer_encoding(value, head, seen);
            break;
        default:
            break;
    }
    return Refusal::none;
}

Refusal parse_field(Text line, Head& head, Seen& seen) {
    std::uint32_t at = 0;
    while (at < line.size && is(line.data[at], kToken)) ++at;
    // No name: a folded line, or rubbish. No colon right behind it: a space that a proxy may take as part.
    if (at == 0 || at == line.size || line.data[at] != ':') return Refusal::bad_request;
    const Text name{line.data, at};
    ++at;
    std::uint32_t end = line.size;
    while (at < end && (line.data[at] == ' ' || line.data[at] == '\t')) ++at;
    while (end > at && (line.data[end - 1] == ' ' || line.data[end - 1] == '\t')) --end;
    for (std::uint32_t i = at; i < end; ++i) {
        if (!is(line.data[i], kValue)) return Refusal::bad_request;
    }
    return apply_field(name, Text{line.data + at, end - at}, head, seen);
}

// What can be judged only when all the fields are known.
Refusal judge(Head& head, const Seen& seen) {
    if (seen.content_length && seen.transfer_encoding) return Refusal::bad_request;  // RFC 9112 section 6.1
    if (head.is_1_0 && seen.transfer_encoding) return Refusal::bad_request;
    if (!head.is_1_0 && !seen.host) return Refusal::bad_request;  // RFC 9112 section 3.2
    if (head.content_length > kBodyBytesMax) return Refusal::content_too_large;
    if (head.is_1_0) head.expects_continue = false;  // RFC 9110 section 10.1.1
    if (seen.keep_alive) head.keep_alive = true;
    if (seen.close) head.keep_alive = false;
    return Refusal::none;
}

// The lines of a head that is whole.
Refusal parse_lines(const char* data, std::uint32_t start, std::uint32_t end, Head& head) {
    Seen seen;
    Refusal late = Refusal::none;
    bool first = true;
    std::uint32_t at = start;
    while (at + 2 < end) {
        std::uint32_t line_end = at;
        while (data[line_end] != '\r') ++line_end;  // every CR is followed by LF, and the head ends in one
        const Text line{data + at, line_end - at};
        const Refusal refusal = first ? parse_request_line(line, head) : parse_field(line, head, seen);
        // Malformed goes before not supported: the whole head is looked at for the former.
        if (refusal == Refusal::bad_request || refusal == Refusal::bad_version) return refusal;
        if (late == Refusal::none) late = refusal;
        first = false;
        at = line_end + 2;
    }
    const Refusal verdict = judge(head, seen);
    return verdict == Refusal::bad_request || late == Refusal::none ? verdict : late;
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// One byte of a chunk's framing. False: malformed.
bool step_chunk_framing(Body& body, char c) {
    constexpr std::uint16_t kLineBytesMax = 256;      // a size line with its extensions
    constexpr std::uint16_t kTrailerBytesMax = 4096;  // all trailers together
    using State = Body::State;
    switch (body.state) {
        case State::chunk_size: {
            if (const int digit = hex_digit(c); digit >= 0) {
                // Sixteen digits fit; more are refused even when they are zeros.
                if (++body.line_bytes > 16) return false;
                if (body.left_bytes <= kBodyBytesMax)
                    body.left_bytes = body.left_bytes * 16 + static_cast<std::uint32_t>(digit);
                return true;
            }
            if (body.line_bytes == 0) return false;
            if (c == '\r')
                body.state = State::chunk_size_lf;
            else if (c == ';')
                body.state = State::chunk_extension;
            else
                return false;
            return true;
        }
        case State::chunk_extension:
            if (c == '\r')
                body.state = State::chunk_size_lf;
            else if (!is(c, kValue))
                return false;
            return ++body.line_bytes <= kLineBytesMax;
        case State::chunk_size_lf:
            body.line_bytes = 0;
            body.state = body.left_bytes == 0 ? State::trailer_start : State::chunk_data;
            return c == '\n';
        case State::chunk_data_cr:
            body.state = State::chunk_data_lf;
            return c == '\r';
        case State::chunk_data_lf:
            body.state = State::chunk_size;
            return c == '\n';
        case State::trailer_start:
            body.state = c == '\r' ? State::trailer_end_lf : State::trailer_line;
            return c == '\r' || is(c, kToken);
        case State::trailer_line:
            if (c == '\r')
                body.state = State::trailer_line_lf;
            else if (!is(c, kValue))
                return false;
            return ++body.line_bytes <= kTrailerBytesMax;
        case State::trailer_line_lf:
            body.state = State::trailer_start;
            return c == '\n';
        case State::trailer_end_lf:
            body.state = State::none;
            return c == '\n';
        default:
            return false;
    }
}

std::uint32_t skip_data(Body& body, const char* data, std::uint32_t size, BodyRoom* room) {
    const std::uint32_t taken = body.left_bytes < size ? body.left_bytes : size;
    body.left_bytes -= taken;
    if (!room || room->overflowed) return taken;
    room->overflowed = taken > room->size - room->bytes;
    if (room->overflowed) return taken;
    std::memcpy(room->to + room->bytes, data, taken);
    room->bytes += taken;
    return taken;
}

}  // namespace

Progress parse_head(const char* data, std::uint32_t size, std::uint32_t seen, Head& head) {
    head = Head{};
    // RFC 9112 section 2.2: empty lines before a request are passed over.
    std::uint32_t start = 0;
    while (start + 1 < size && data[start] == '\r' && data[start + 1] == '\n') start += 2;
    if (start < size && !is(data[start], kToken) && !(data[start] == '\r' && start + 1 == size)) {
        return refuse(head, Refusal::bad_request);
    }
    bool bad = false;
    const std::uint32_t searched = size < kHeadBytesMax ? size : kHeadBytesMax;
    const std::uint32_t end = find_end(data, searched, start, seen, bad);
    if (bad) return refuse(head, Refusal::bad_request);
    if (end == 0) {
        if (size < kHeadBytesMax) return Progress::partial;
        return refuse(head, has_line_end(data, searched) ? Refusal::head_too_large : Refusal::uri_too_long);
    }
    head.text = data + start;
    head.text_bytes = end - start;
    head.bytes = end;
    const Refusal refusal = parse_lines(data, start, end, head);
    return refusal == Refusal::none ? Progress::complete : refuse(head, refusal);
}

bool is_token(std::string_view text) {
    for (const char c : text) {
        if (!is(c, kToken)) return false;
    }
    return !text.empty();
}

bool is_field_value(std::string_view text) {
    for (const char c : text) {
        if (!is(c, kValue)) return false;
    }
    return true;
}

Body body_of(const Head& head) {
    Body body;
    if (head.chunked) {
        body.state = Body::State::chunk_size;
    } else if (head.content_length > 0) {
        body.state = Body::State::length;
        body.left_bytes = static_cast<std::uint32_t>(head.content_length);  // at most kBodyBytesMax
    }
    return body;
}

Progress skip_body(Body& body, const char* data, std::uint32_t size, std::uint32_t& used, BodyRoom* room) {
    using State = Body::State;
    used = 0;
    while (body.state != State::none) {
        if (used == size) return Progress::partial;
        if (body.state == State::length || body.state == State::chunk_data) {
            used += skip_data(body, data + used, size - used, room);
            if (body.left_bytes > 0) return Progress::partial;
            body.state = body.state == State::length ? State::none : State::chunk_data_cr;
            continue;
        }
        const bool sized = body.state == State::chunk_size_lf;
        if (!step_chunk_framing(body, data[used])) {
            body.refusal = Refusal::bad_request;
            return Progress::refused;
        }
        ++used;
        if (!sized) continue;
        if (body.left_bytes > kBodyBytesMax || (body.total_bytes += body.left_bytes) > kBodyBytesMax) {
            body.refusal = Refusal::content_too_large;
            return Progress::refused;
        }
    }
    return Progress::complete;
}

}  // namespace torque::serve
