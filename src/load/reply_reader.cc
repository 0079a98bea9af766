#include "load/reply_reader.h"

#include <strings.h>

#include <algorithm>
#include <optional>

#include "base/parse.h"

namespace torque::load {
namespace {

bool is_same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

struct Head {
    int status = 0;
    std::optional<std::uint64_t> content_bytes;
    bool closes = false;
};

// "HTTP/1.1 200 OK" and the fields, up to and without the empty line.
std::optional<Head> parse_head(std::string_view text) {
    Head head;
    std::string_view line = take_line(text);
    if (!line.starts_with("HTTP/1.") || line.size() < 12 || line[8] != ' ') return std::nullopt;
    const auto status = parse_unsigned(line.substr(9, 3), 999);
    if (!status) return std::nullopt;
    head.status = static_cast<int>(*status);
    head.closes = line[7] == '0';
    while (!text.empty()) {
        line = take_line(text);
        const std::string_view name = take_until(line, ':');
        const std::string_view value = trim_space(line);
        if (is_same_name(name, "Content-Length")) {
            head.content_bytes = parse_unsigned(value, std::uint64_t{1} << 40);
            if (!head.content_bytes) return std::nullopt;
        } else if (is_same_name(name, "Transfer-Encoding")) {
            return std::nullopt;
        } else if (is_same_name(name, "Connection")) {
            head.closes = is_same_name(value, "close");
        }
    }
    return head;
}

}  // namespace

Fault ReplyReader::read_head(std::string_view& bytes) {
    constexpr std::string_view kEnd = "\r\n\r\n";
    const std::size_t had = head_.size();
    const std::size_t from = had < kEnd.size() ? 0 : had - kEnd.size();
    head_.append(bytes.substr(0, kHeadBytesMax));
    const std::size_t end = head_.find(kEnd, from);
    if (end == head_.npos) {
        bytes = {};
        return head_.size() >= kHeadBytesMax ? Fault::malformed : Fault::none;
    }
    bytes.remove_prefix(end + kEnd.size() - had);
    const auto head = parse_head(std::string_view(head_).substr(0, end));
    head_.clear();
    if (!head || !head->content_bytes) return Fault::malformed;
    if (head->status < 200 || head->status > 299) return Fault::status;
    closes_ = head->closes;
    body_bytes_ = *head->content_bytes;
    body_read_ = 0;
    in_body_ = true;
    return Fault::none;
}

Fault ReplyReader::read_body(std::string_view& bytes, const Expectation& expected) {
    const std::string_view part =
        bytes.substr(0, std::min<std::uint64_t>(bytes.size(), body_bytes_ - body_read_));
    if (expected.has_body) {
        if (body_bytes_ != expected.body.size()) return Fault::body;
        if (std::string_view(expected.body).substr(body_read_, part.size()) != part) return Fault::body;
    }
    bytes.remove_prefix(part.size());
    body_read_ += part.size();
    in_body_ = body_read_ < body_bytes_;
    return Fault::none;
}

Fault ReplyReader::feed(std::string_view bytes, Expectation& expected, std::uint32_t& completed) {
    completed = 0;
    while (!bytes.empty() || (in_body_ && body_bytes_ == 0)) {
        if (is_between() && closes_) return Fault::malformed;  // nothing follows the last response
        if (is_between() && !expected.good.empty() && bytes.starts_with(expected.good)) {
            bytes.remove_prefix(expected.good.size());
            ++completed;
            continue;
        }
        const std::string_view start = is_between() ? bytes : std::string_view{};
        if (!in_body_) {
            if (const Fault fault = read_head(bytes); fault != Fault::none) return fault;
        }
        if (!in_body_) continue;
        if (const Fault fault = read_body(bytes, expected); fault != Fault::none) return fault;
        if (in_body_) continue;
        ++completed;
        const std::size_t whole_bytes = start.size() - std::min(start.size(), bytes.size());
        if (whole_bytes > 0 && whole_bytes <= kHeadBytesMax && !closes_)
            expected.good.assign(start.substr(0, whole_bytes));
    }
    return Fault::none;
}

}  // namespace torque::load
