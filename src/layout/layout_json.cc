#include "layout/layout_json.h"

#include <algorithm>
#include <span>

#include "layout/groups_json.h"
#include "layout/json.h"
#include "layout/json_text.h"

namespace torque {
namespace {

constexpr const char *kSchema = "torque.layout/1", *kFleetSchema = "torque.fleet/1";

// The words of the enumerations of torque/layout.h, in their order.
constexpr std::string_view kPolicies[] = {"spread", "huddle"};
constexpr std::string_view kSmtPolicies[] = {"idle", "use", "assist", "offline", "housekeeping"};
constexpr std::string_view kClassChoices[] = {"best", "efficiency", "any"};
constexpr std::string_view kIsolates[] = {"minimal", "rest"};
constexpr std::string_view kPrefers[] = {"number", "turbo"};

template <class Enum>
std::string_view word_of(std::span<const std::string_view> words, Enum value) {
    return words[static_cast<std::size_t>(value)];
}

void write_request(JsonText& out, const Request& request) {
    out.key("request").begin_object();
    request.workers ? out.member("workers", *request.workers) : out.member("workers", "auto");
    out.member("policy", word_of(kPolicies, request.policy));
    out.member("smt", word_of(kSmtPolicies, request.smt));
    out.member("class", word_of(kClassChoices, request.core_class));
    out.member("isolate", word_of(kIsolates, request.isolate));
    out.member("cpus", request.cpus).member("near", request.near).member("spill", request.spill);
    out.member("prefer", word_of(kPrefers, request.prefer)).member("oversubscribe", request.oversubscribe);
    out.member("allow_split", request.allow_split).member("quiet_llc", request.quiet_llc);
    out.member("require_isolation", request.require_isolation).member("keep", request.keep).end();
}

void take_flag(const JsonReader& json, bool& flag) {
    if (!json.is_null()) flag = json.boolean();
}

Request request_from_json(const JsonReader& json) {
    Request request;
    const JsonReader workers = json["workers"];
    if (!workers.is("auto")) request.workers = workers.integer(1);
    request.policy = static_cast<Policy>(json["policy"].word(kPolicies));
    request.smt = static_cast<SmtPolicy>(json["smt"].word(kSmtPolicies));
    request.core_class = static_cast<ClassChoice>(json["class"].word(kClassChoices));
    request.isolate = static_cast<Isolate>(json["isolate"].word(kIsolates));
    if (const JsonReader cpus = json.optional("cpus"); !cpus.is_null()) request.cpus = cpus.cpus();
    if (const JsonReader near = json.optional("near"); !near.is_null()) request.near = near.text();
    if (const JsonReader keep = json.optional("keep"); !keep.is_null()) request.keep = keep.cpus();
    if (const JsonReader prefer = json.optional("prefer"); !prefer.is_null())
        request.prefer = static_cast<Prefer>(prefer.word(kPrefers));
    take_flag(json.optional("spill"), request.spill);
    take_flag(json.optional("oversubscribe"), request.oversubscribe);
    take_flag(json.optional("allow_split"), request.allow_split);
    take_flag(json.optional("quiet_llc"), request.quiet_llc);
    take_flag(json.optional("require_isolation"), request.require_isolation);
    return request;
}

void write_worker(JsonText& out, const Worker& worker) {
    out.begin_object().member("id", worker.id).member("cpu", worker.cpu).member("core", worker.core);
    out.member("siblings", worker.siblings).member("package", worker.package).member("node", worker.node);
    out.member("llc", worker.llc).member("memory_nodes", worker.memory_nodes).member("queue", worker.queue);
    out.key("buffers").begin_object().member("count", worker.buffers.count);
    out.member("size_bytes", worker.buffers.size_bytes).end().member("shared", worker.is_shared).end();
}

template <class IdType>
std::optional<IdType> id_from_json(const JsonReader& json) {
    return json.is_null() ? std::nullopt : std::optional(IdType{json.integer()});
}

std::optional<int> integer_or_null(const JsonReader& json) {
    return json.is_null() ? std::nullopt : std::optional(json.integer());
}

Worker worker_from_json(const JsonReader& json) {
    Worker worker;
    worker.id = json["id"].integer();
    worker.cpu = CpuId{json["cpu"].integer(0, CpuSet::kMaxCpu)};
    worker.core = CoreId{json["core"].integer()};
    worker.siblings = json["siblings"].cpus();
    worker.package = id_from_json<PackageId>(json.optional("package"));
    worker.node = id_from_json<NodeId>(json.optional("node"));
    worker.llc = integer_or_null(json.optional("llc"));
    for (const JsonReader& node : json["memory_nodes"].elements()) {
        worker.memory_nodes.push_back(NodeId{node.integer(0, 1 << 16)});
    }
    worker.queue = integer_or_null(json.optional("queue"));
    const JsonReader buffers = json["buffers"];
    worker.buffers.count = buffers["count"].integer(1, 1 << 15);
    worker.buffers.size_bytes = buffers["size_bytes"].integer(64, 1 << 24);
    take_flag(json.optional("shared"), worker.is_shared);
    return worker;
}

void write_boot(JsonText& out, const Boot& boot) {
    out.key("boot").begin_object(JsonText::Form::lines).member("cmdline", boot.cmdline);
    out.table("args", boot.args, [](JsonText& row, const BootArg& arg) {
        row.begin_object().member("name", arg.name).member("value", arg.value).member("why", arg.why);
        row.member("price", arg.price).member("needs", arg.needs).end();
    });
    out.end();
}

void write_texts(JsonText& out, const char* name, const std::vector<std::string>& texts) {
    out.table(name, texts, [](JsonText& row, const std::string& text) { row.value(text); });
}

Boot boot_from_json(const JsonReader& json) {
    Boot boot;
    if (const JsonReader cmdline = json["cmdline"]; !cmdline.is_null()) boot.cmdline = cmdline.text();
    for (const JsonReader& arg : json["args"].elements()) {
        boot.args.push_back({arg["name"].text(), arg["value"].text(), arg["why"].text(), arg["price"].text(),
                             arg["needs"].text()});
    }
    return boot;
}

std::vector<std::string> texts_from_json(const JsonReader& json) {
    std::vector<std::string> texts;
    for (const JsonReader& text : json.elements()) texts.push_back(text.text());
    return texts;
}

Layout layout_from_json(const JsonReader& json) {
    Layout layout;
    const JsonReader machine = json["machine"];
    layout.machine.fingerprint = machine["fingerprint"].text();
    if (const JsonReader model = machine.optional("model"); !model.is_null())
        layout.machine.model = model.text();
    layout.machine.possible_cpus = machine["possible_cpus"].cpus();
    layout.request = request_from_json(json["request"]);
    layout.profile = json["profile"]["name"].text();
    for (const JsonReader& worker : json["workers"].elements())
        layout.workers.push_back(worker_from_json(worker));
    layout.isolated = json["isolated"].cpus();
    layout.housekeeping = json["housekeeping"].cpus();
    layout.boot = boot_from_json(json["boot"]);
    for (const JsonReader& knob : json["runtime"].elements()) {
        layout.runtime.push_back({knob["path"].text(), knob["value"].text(), knob["why"].text()});
    }
    layout.leftovers = texts_from_json(json["leftovers"]);
    layout.warnings = texts_from_json(json["warnings"]);
    for (const JsonReader& decision : json["decisions"].elements()) {
        layout.decisions.push_back({decision["rule"].text(), decision["why"].text()});
    }
    if (const JsonReader groups = json.optional("groups"); !groups.is_null())
        layout.groups = groups_from_json(groups);
    for (std::size_t i = 0; i < layout.workers.size(); ++i) {
        if (layout.workers[i].id != static_cast<int>(i))
            json["workers"].complain("the ids are not 0, 1, 2, ...");
    }
    return layout;
}

void write_layout(JsonText& out, const Layout& layout) {
    out.begin_object(JsonText::Form::lines).member("schema", kSchema);
    out.key("machine").begin_object().member("fingerprint", layout.machine.fingerprint);
    out.member("model", layout.machine.model).member("possible_cpus", layout.machine.possible_cpus).end();
    write_request(out, layout.request);
    out.key("profile").begin_object().member("name", layout.profile).end();
    out.table("workers", layout.workers, write_worker);
    out.member("isolated", layout.isolated).member("housekeeping", layout.housekeeping);
    write_boot(out, layout.boot);
    out.table("runtime", layout.runtime, [](JsonText& row, const RuntimeKnob& knob) {
        row.begin_object()
            .member("path", knob.path)
            .member("value", knob.value)
            .member("why", knob.why)
            .end();
    });
    write_texts(out, "leftovers", layout.leftovers);
    write_texts(out, "warnings", layout.warnings);
    out.table("decisions", layout.decisions, [](JsonText& row, const Decision& decision) {
        row.begin_object().member("rule", decision.rule).member("why", decision.why).end();
    });
    write_groups(out, layout.groups);
    out.end();
}

// Machines that boot with the same line, in the order of the first of each.
struct SharedLine {
    std::optional<std::string> cmdline;
    std::vector<std::string> inputs;
};

std::vector<SharedLine> lines_of(const std::vector<FleetMember>& fleet) {
    std::vector<SharedLine> lines;
    for (const FleetMember& member : fleet) {
        const auto& cmdline = member.layout.boot.cmdline;
        auto line = std::find_if(lines.begin(), lines.end(),
                                 [&](const SharedLine& known) { return known.cmdline == cmdline; });
        if (line == lines.end()) line = lines.insert(lines.end(), {cmdline, {}});
        line->inputs.push_back(member.input);
    }
    return lines;
}

std::vector<FleetMember> fleet_from_json(const JsonReader& json) {
    if (json.optional("schema").is(kSchema)) return {{"", layout_from_json(json)}};
    std::vector<FleetMember> fleet;
    for (const JsonReader& target : json["targets"].elements()) {
        const JsonReader layout = target["layout"];
        if (!layout["schema"].is(kSchema)) layout["schema"].complain(std::string("is not ") + kSchema);
        fleet.push_back({target["input"].text(), layout_from_json(layout)});
    }
    return fleet;
}

template <class T>
Result<T> parse(std::string_view text, const std::string& name, std::string_view other_schema,
                T (*from_json)(const JsonReader&)) {
    if (text.find_first_not_of(" \t\r\n") == text.npos) {
        return fail(name + " is empty: did 'torque-topo plan' fail?");
    }
    const Result<Json> document = parse_document(text, name, kSchema, other_schema);
    if (!document) return tl::unexpected<Error>(document.error());
    JsonReader::State state;
    T read = from_json(JsonReader(*document, state));
    const std::optional<JsonReader::Fault>& fault = state.fault;
    if (fault) {
        return fail(fault->what, name + ": " + fault->pointer,
                    fault->hint.empty() ? "write the layout anew with 'torque-topo plan'" : fault->hint);
    }
    return read;
}

}  // namespace

std::string layout_json(const Layout& layout) {
    JsonText out;
    write_layout(out, layout);
    return out.take();
}

std::string fleet_json(const std::vector<FleetMember>& fleet) {
    JsonText out;
    out.begin_object(JsonText::Form::lines).member("schema", kFleetSchema);
    out.table("lines", lines_of(fleet), [](JsonText& row, const SharedLine& line) {
        row.begin_object().member("cmdline", line.cmdline).member("inputs", line.inputs).end();
    });
    out.table("targets", fleet, [](JsonText& row, const FleetMember& member) {
        row.begin_object(JsonText::Form::lines).member("input", member.input).key("layout");
        write_layout(row, member.layout);
        row.end();
    });
    return out.end().take();
}

Result<Layout> parse_layout(std::string_view text, const std::string& name) {
    return parse<Layout>(text, name, {}, layout_from_json);
}

Result<std::vector<FleetMember>> parse_fleet(std::string_view text, const std::string& name) {
    return parse<std::vector<FleetMember>>(text, name, kFleetSchema, fleet_from_json);
}

}  // namespace torque
