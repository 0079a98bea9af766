// Routes as a program gives them, checked and made into what workers read.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "serve/route.h"
#include "torque/result.h"

namespace torque::serve {

// Owns all that the entries point to; moving it leaves that in its place.
struct OwnedRoutes {
    std::vector<Route> routes;
    std::vector<std::unique_ptr<char[]>> ready;       // responses
    std::vector<std::unique_ptr<std::string>> allow;  // fields
    std::vector<RouteEntry> entries;
    std::unique_ptr<std::string> all_allow;
    std::uint32_t large_body_bytes_max = 0;

    RouteTable table() const {
        return {entries.data(), static_cast<std::uint32_t>(entries.size()), large_body_bytes_max, *all_allow};
    }
};

// Errors: a route that cannot be, with its index and path: no path, text and handler at once, a content type
// that is none, no method, a limit that is exceeded (torque/handler.h).
Result<OwnedRoutes> own_routes(std::vector<Route> routes);

}  // namespace torque::serve
