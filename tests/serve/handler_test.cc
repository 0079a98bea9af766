// Routes are checked before anything starts, and handlers' helpers hold what they promise.
#include "torque/handler.h"

#include <string>
#include <vector>

#include "catch.h"
#include "serve/route_table.h"

using namespace torque;

namespace {

Route with(void (*change)(Route&)) {
    Route route;
    route.path = "/a";
    change(route);
    return route;
}

}  // namespace

TEST_CASE("fields one by one") {
    std::string_view rest = "A: b\r\nEmpty:\r\nC:\t d e \r\n";
    Field field;
    REQUIRE(next_field(rest, field));
    CHECK((field.name == "A" && field.value == "b"));
    REQUIRE(next_field(rest, field));
    CHECK((field.name == "Empty" && field.value.empty()));
    REQUIRE(next_field(rest, field));
    CHECK((field.name == "C" && field.value == "d e"));
    CHECK_FALSE(next_field(rest, field));
    CHECK(find_field("A: b\r\nc: d\r\nC: e\r\n", "C") == "d");
    CHECK_FALSE(find_field("A: b\r\n", "B"));
    CHECK_FALSE(find_field("", "B"));
}

TEST_CASE("what does not fit fails the response") {
    char body[4], fields[16];
    HttpResponse response;
    response.room = body;
    response.field_room = fields;
    append(response, "abc");
    append(response, std::uint64_t{7});
    CHECK_FALSE(response.failed);
    CHECK(std::string_view(body, response.body_bytes) == "abc7");
    append(response, "x");
    CHECK(response.failed);
    response.failed = false;
    add_field(response, "A", "b");
    CHECK_FALSE(response.failed);
    CHECK(std::string_view(fields, response.field_bytes) == "A: b\r\n");
    add_field(response, "Longer", "than the room");
    CHECK(response.failed);
    for (const char* name :
         {"", "a b", "a:", "Content-Length", "TRANSFER-ENCODING", "connection", "Content-Type"}) {
        HttpResponse other;
        other.field_room = fields;
        add_field(other, name, "1");
        CHECK(other.failed);
    }
}

TEST_CASE("routes that cannot be are refused by name") {
    const auto refused = [](Route route) {
        const auto owned = serve::own_routes({std::move(route)});
        return !owned && !owned.error().where.empty();
    };
    CHECK_FALSE(refused(with([](Route&) {})));
    CHECK(refused(with([](Route& r) { r.path = ""; })));
    CHECK(refused(with([](Route& r) { r.path = "a"; })));
    CHECK(refused(with([](Route& r) { r.path = "/a b"; })));
    CHECK(refused(with([](Route& r) { r.path = "/a?b"; })));
    CHECK(refused(with([](Route& r) { r.path = "/" + std::string(2000, 'a'); })));
    CHECK(refused(with([](Route& r) { r.methods = 0; })));
    CHECK(refused(with([](Route& r) { r.methods = kPost; })));
    CHECK(refused(with([](Route& r) { r.methods = 1U << 20; })));
    CHECK(refused(with([](Route& r) { r.content_type = "a\r\nB: c"; })));
    CHECK(refused(with([](Route& r) { r.content_type = std::string(200, 'a'); })));
    CHECK(refused(with([](Route& r) { r.handler = answer_worker, r.body = "b"; })));
    CHECK(refused(with([](Route& r) { r.handler = answer_worker, r.body_bytes_max = 1U << 30; })));
    CHECK_FALSE(serve::own_routes(std::vector<Route>(257, with([](Route&) {}))));
}

TEST_CASE("a table points to what it owns wherever it is moved") {
    std::vector<Route> routes{with([](Route& r) { r.body = "b"; }), with([](Route& r) {
                                  r.path = "/p*", r.handler = answer_worker, r.methods = kGet | kPut;
                              })};
    auto owned = serve::own_routes(std::move(routes));
    REQUIRE(owned);
    const serve::OwnedRoutes moved = *std::move(owned);
    const serve::RouteTable table = moved.table();
    REQUIRE(table.count == 2);
    CHECK((table.entries[0].path == "/a" && !table.entries[0].is_prefix));
    CHECK((table.entries[1].path == "/p" && table.entries[1].is_prefix));
    CHECK(table.entries[1].allow == "Allow: GET, HEAD, PUT\r\n");
    CHECK(table.allow == "Allow: GET, HEAD, PUT\r\n");
    CHECK(table.large_body_bytes_max == 0);
    const serve::MadeReply& made = table.entries[0].ready[0];
    CHECK(std::string_view(made.data, made.bytes).ends_with("\r\n\r\nb"));
    CHECK(std::string_view(made.data, made.head_bytes).ends_with("Content-Length: 1\r\n\r\n"));
}
