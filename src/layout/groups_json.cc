#include "layout/groups_json.h"

namespace torque {
namespace {

void write_group(JsonText& out, const SchedulingGroup& group) {
    out.begin_object().member("shape", group.shape).member("count", group.count);
    out.member("cpus", group.cpus).end();
}

SchedulingGroup group_from_json(const JsonReader& json) {
    SchedulingGroup group;
    group.shape = json["shape"].text();
    group.count = json["count"].integer(1);
    for (const JsonReader& cpus : json["cpus"].elements()) group.cpus.push_back(cpus.cpus());
    return group;
}

}  // namespace

void write_groups(JsonText& out, const std::vector<SchedulingLevel>& levels) {
    out.table("groups", levels, [](JsonText& row, const SchedulingLevel& level) {
        row.begin_object(JsonText::Form::lines).member("level", level.name);
        row.table("groups", level.groups, write_group).end();
    });
}

std::vector<SchedulingLevel> groups_from_json(const JsonReader& json) {
    std::vector<SchedulingLevel> levels;
    for (const JsonReader& one : json.elements()) {
        SchedulingLevel level;
        level.name = one["level"].text();
        for (const JsonReader& group : one["groups"].elements())
            level.groups.push_back(group_from_json(group));
        levels.push_back(std::move(level));
    }
    return levels;
}

}  // namespace torque
