#include "unit/emit/layouts.h"

#include "catch.h"
#include "emit/formats.h"
#include "torque/planner.h"
#include "unit/plan/worlds.h"

using namespace torque;

namespace {

Layout planned(const Machine& machine, int workers) {
    Request request;
    request.workers = workers;
    const auto layout = plan(machine, worlds::full_profile(), request);
    REQUIRE(layout.has_value());
    return *layout;
}

}  // namespace

Layout layouts::seed() {
    return planned(worlds::i9_12900hk(), 4);
}

Layout layouts::numa() {
    return planned(worlds::xeon_2x8(), 8);
}

Layout layouts::many(int workers) {
    Layout layout;
    layout.machine.possible_cpus = CpuSet::range(0, workers);
    layout.isolated = CpuSet::range(1, workers);
    layout.housekeeping = {0};
    for (int i = 0; i < workers; ++i) {
        Worker worker;
        worker.id = i;
        worker.cpu = CpuId{i + 1};
        worker.node = NodeId{0};
        layout.workers.push_back(worker);
    }
    return layout;
}

std::string layouts::text(const char* format, const Layout& layout) {
    const auto found = emit::find_format(format);
    REQUIRE(found.has_value());
    const auto text = emit::write_format(**found, layout);
    INFO((text ? std::string() : text.error().what));
    REQUIRE(text.has_value());
    return *text;
}

Error layouts::error(const char* format, const Layout& layout) {
    const auto found = emit::find_format(format);
    REQUIRE(found.has_value());
    const auto text = emit::write_format(**found, layout);
    REQUIRE_FALSE(text.has_value());
    return text.error();
}

std::string layouts::body(const char* format, const Layout& layout) {
    std::string out;
    std::string rest = text(format, layout);
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        REQUIRE(end != rest.npos);
        if (rest.front() != '#') out += rest.substr(0, end + 1);
        rest.erase(0, end + 1);
    }
    return out;
}
