// A program with the server in it: its own routes, on the CPUs it is given. Includes torque/ only.
// usage: embed CPU...    Says where it listens; ends with its standard input.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "handlers.h"
#include "torque/server.h"

namespace {

torque::Layout layout_of(int count, char** cpus) {
    torque::Layout layout;
    for (int i = 0; i < count; ++i) {
        torque::Worker worker;
        worker.id = i;
        worker.cpu = torque::CpuId{std::atoi(cpus[i])};
        worker.buffers = {1024, 2048};
        layout.workers.push_back(worker);
    }
    return layout;
}

int report(const torque::Error& error) {
    std::fprintf(stderr, "error: %s: %s\n", error.where.c_str(), error.what.c_str());
    return 1;
}

torque::Route called(const char* path, torque::Handler* handler, unsigned methods = torque::kGet) {
    torque::Route route;
    route.path = path;
    route.handler = handler;
    route.methods = methods;
    return route;
}

}  // namespace

std::vector<torque::Route> example_routes(Shared& shared) {
    std::vector<torque::Route> routes;
    routes.push_back({.path = "/", .body = "a ready text\n"});
    routes.push_back({.path = "/html", .body = "<p>ready</p>\n", .content_type = "text/html"});
    routes.push_back(called("/echo", answer_echo, torque::kGet | torque::kPost | torque::kPut));
    routes.back().body_bytes_max = 7168;
    routes.push_back(called("/post", answer_echo, torque::kPost));
    routes.push_back(called("/visits", answer_visits));
    routes.back().context = &shared;
    routes.push_back(called("/lines", answer_lines));
    routes.push_back(called("/large", answer_lines, torque::kGet | torque::kPost));
    routes.back().body_bytes_max = 1 << 20;
    routes.push_back(called("/status", answer_status));
    routes.push_back(called("/deep", answer_deep));
    routes.push_back(called("/below/*", answer_echo));
    routes.push_back(called("/metrics", torque::answer_metrics));
    routes.back().body_bytes_max = torque::metrics_bytes_max(2);
    return routes;
}

int main(int count, char** arguments) {
    Shared shared;
    torque::ServerOptions options;
    options.listen = "127.0.0.1:0";
    options.routes = example_routes(shared);
    auto server = torque::Server::start(layout_of(count - 1, arguments + 1), options);
    if (!server) return report(server.error());
    std::fprintf(stderr, "listening on http://%s\n", server->address().c_str());
    for (char byte; read(STDIN_FILENO, &byte, 1) > 0;) {
    }
    if (auto stopped = server->stop(); !stopped) return report(stopped.error());
    return 0;
}
