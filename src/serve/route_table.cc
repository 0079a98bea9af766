#include "serve/route_table.h"

#include <algorithm>
#include <utility>

#include "base/format.h"
#include "base/parse.h"
#include "torque/server.h"

namespace torque::serve {
namespace {

constexpr std::size_t kRoutesMax = 256;
constexpr std::size_t kPathBytesMax = 1024;
constexpr std::size_t kReadyBodyBytesMax = std::size_t{64} << 20;
constexpr std::uint32_t kCalledBodyBytesMax = 16U << 20;
constexpr std::uint32_t kRunResponseBytesMax = 1024;

struct MethodName {
    unsigned bit;
    const char* name;
};

constexpr MethodName kMethodNames[] = {
    {kGet, "GET, HEAD"}, {kPost, "POST"},   {kPut, "PUT"},
    {kDelete, "DELETE"}, {kPatch, "PATCH"}, {kOptions, "OPTIONS"},
};
constexpr unsigned kAllMethods = kGet | kPost | kPut | kDelete | kPatch | kOptions;

// RFC 9110 section 10.2.1.
std::unique_ptr<std::string> allow_field(unsigned methods) {
    auto text = std::make_unique<std::string>("Allow: ");
    const char* comma = "";
    for (const MethodName& row : kMethodNames) {
        if ((methods & row.bit) == 0) continue;
        *text += std::exchange(comma, ", ");
        *text += row.name;
    }
    *text += "\r\n";
    return text;
}

// Why a route cannot be; "": it can.
std::string fault_of(const Route& route) {
    const bool has_star = route.path == "*";
    if (!has_star && !route.path.starts_with('/')) return "the path does not start with '/'";
    if (route.path.size() > kPathBytesMax) return formatted("the path has over {} bytes", kPathBytesMax);
    for (const char c : route.path) {
        if (c <= ' ' || c > '~' || c == '?' || c == '#') return "no request has such a path";
    }
    if (route.methods == 0 || (route.methods & ~kAllMethods) != 0)
        return "the methods are none of kGet to kOptions";
    if (!is_field_value(route.content_type) || route.content_type.empty() ||
        route.content_type.size() > kTypeBytesMax) {
        return formatted("the content type is not 1 to {} bytes of a field's value", kTypeBytesMax);
    }
    if (route.handler) {
        if (!route.body.empty()) return "it has a handler and a body";
        if (route.body_bytes_max > kCalledBodyBytesMax) return "a handler's body has at most 16 MiB";
        return {};
    }
    if (route.methods != kGet) return "a ready body answers GET only";
    if (route.body.size() > kReadyBodyBytesMax) return "a ready body has at most 64 MiB";
    return {};
}

// All forms of the response, one behind the other.
std::unique_ptr<char[]> make_ready(const Route& route, RouteEntry& entry) {
    const std::size_t each_bytes = kAnswerHeadBytesMax + route.body.size();
    auto bytes = std::make_unique<char[]>(kKeepCount * each_bytes);
    const Content content{200, route.content_type, {}, route.body};
    for (std::size_t keep = 0; keep < kKeepCount; ++keep) {
        char* at = bytes.get() + keep * each_bytes;
        MadeReply& made = entry.ready[keep];
        made.data = at;
        made.head_bytes = write_response(at, content, static_cast<Keep>(keep), true);
        made.bytes = write_response(at, content, static_cast<Keep>(keep), false);
    }
    const std::uint32_t one_bytes = entry.ready[static_cast<std::size_t>(Keep::silent)].bytes;
    if (one_bytes <= kRunResponseBytesMax) entry.run_max = std::min(kRunMax, kRunBytesMax / one_bytes);
    return bytes;
}

}  // namespace

Result<OwnedRoutes> own_routes(std::vector<Route> routes) {
    if (routes.size() > kRoutesMax) return fail(formatted("there are over {} routes", kRoutesMax));
    OwnedRoutes owned;
    owned.routes = std::move(routes);
    owned.entries.resize(owned.routes.size());
    unsigned all_methods = kGet;
    for (std::size_t i = 0; i < owned.routes.size(); ++i) {
        const Route& route = owned.routes[i];
        if (std::string fault = fault_of(route); !fault.empty())
            return fail(std::move(fault), formatted("route {} ('{}')", i, printable(route.path)));
        RouteEntry& entry = owned.entries[i];
        entry.path = route.path;
        entry.is_prefix = entry.path.ends_with('*');
        if (entry.is_prefix) entry.path.remove_suffix(1);
        entry.methods = route.methods;
        all_methods |= route.methods;
        owned.allow.push_back(allow_field(route.methods));
        entry.allow = *owned.allow.back();
        entry.handler = route.handler;
        entry.context = route.context;
        entry.body_bytes_max = route.body_bytes_max;
        if (!entry.handler) {
            owned.ready.push_back(make_ready(route, entry));
        } else if (kAnswerHeadBytesMax + entry.body_bytes_max > kBlockBytes) {
            owned.large_body_bytes_max = std::max(owned.large_body_bytes_max, entry.body_bytes_max);
        }
    }
    owned.all_allow = allow_field(all_methods);
    return owned;
}

}  // namespace torque::serve

namespace torque {

std::vector<Route> reference_routes(const Layout& layout, std::string layout_json) {
    std::vector<Route> routes(3);
    routes[0].path = "/";
    routes[0].body = "OK";
    routes[1].path = "/worker";
    routes[1].handler = answer_worker;
    routes[2].path = "/metrics";
    routes[2].handler = answer_metrics;
    routes[2].body_bytes_max = metrics_bytes_max(layout.workers.size());
    if (!layout_json.empty()) {
        routes.push_back({.path = "/layout", .body = std::move(layout_json)});
        routes.back().content_type = "application/json";
    }
    return routes;
}

}  // namespace torque
