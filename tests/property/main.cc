// Plans for every machine of the corpus: 1, 2, half and all the workers it holds, spread and huddled.
//
// usage: test_property SHARED [PART-OF-A-NAME]
// Exit status 0 when all rules hold, 77 when SHARED holds no corpus.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>

#include "layout/builtin_profiles.h"
#include "property/checks.h"
#include "property/inputs.h"
#include "torque/json.h"
#include "torque/planner.h"

using namespace torque;
using namespace property;

namespace {

struct Tally {
    int machines = 0, plans = 0, refused = 0, faulty = 0;
};

std::vector<Profile> profiles() {
    std::vector<Profile> out;
    for (const BuiltinProfile& builtin : builtin_profiles()) {
        if (auto profile = parse_profile(builtin.text, std::string(builtin.name))) out.push_back(*profile);
    }
    return out;
}

const Profile& named(const std::vector<Profile>& all, const char* name) {
    return *std::find_if(all.begin(), all.end(), [&](const Profile& p) { return p.name == name; });
}

// Is this the refusal of a request for more than there is, with the words that help?
void check_refusal(const Error& error, const Request& request, int slots, Faults& faults) {
    if (error.kind != ErrorKind::infeasible) faults.push_back("the wrong kind of error: " + error.what);
    if (request.workers && error.what.find(std::to_string(slots) + " slot") == std::string::npos)
        faults.push_back("the refusal does not name the " + std::to_string(slots) + " slots: " + error.what);
    if (error.hint.empty()) faults.push_back("the refusal has no hint: " + error.what);
}

// Quotas make for other numbers, which tests of their own look at.
void check_request(const Machine& machine, const Machine& reversed, const Machine& reread,
                   const Profile& profile, const Request& request, int slots, Tally& tally, Faults& faults) {
    const auto layout = plan(machine, profile, request);
    ++tally.plans;
    const bool fits = request.workers.value_or(1) <= slots;
    if (layout.has_value() != fits) {
        faults.push_back(fits ? "refused: " + layout.error().what : "planned more workers than fit");
        return;
    }
    if (!layout) {
        ++tally.refused;
        return check_refusal(layout.error(), request, slots, faults);
    }
    if (static_cast<int>(layout->workers.size()) != request.workers.value_or(slots))
        faults.push_back("the wrong number of workers");
    check_plan(machine, request, *layout, faults);
    check_boot_line(machine, *layout, faults);
    check_document(*layout, faults);
    const auto other = plan(reversed, profile, request);
    if (!other || *other != *layout) faults.push_back("the order of directories matters");
    const auto again = plan(reread, profile, request);
    if (!again || *again != *layout) faults.push_back("the machine's document gives another plan");
}

void check_machine(const std::string& path, const Machine& machine, const std::vector<Profile>& all,
                   Tally& tally) {
    const auto reversed = read(path, Order::reversed);
    const auto reread = parse_machine(machine_json(machine), path);
    std::map<std::string, int> faults;  // and how often
    if (!reversed) ++faults["cannot be read with its directories reversed"];
    if (!reread) ++faults["its document cannot be read: " + reread.error().what];
    const int room = slots(machine);
    const std::optional<int> counts[] = {1, 2, std::max(1, room / 2), room + 1, std::nullopt};
    for (const auto& workers : counts) {
        for (const Policy policy : {Policy::spread, Policy::huddle}) {
            for (const Profile& profile : all) {
                // The profile has no say in who sits where: with the others one number is enough.
                if (profile.name != "full" && (workers || policy == Policy::huddle)) continue;
                Faults found;
                Request request;
                request.workers = workers;
                request.policy = policy;
                if (reversed && reread)
                    check_request(machine, *reversed, *reread, profile, request, room, tally, found);
                for (const std::string& fault : found) {
                    ++faults[(workers ? std::to_string(*workers) : "auto") +
                             (policy == Policy::spread ? " spread: " : " huddle: ") + fault];
                }
            }
        }
    }
    for (const auto& [fault, times] : faults)
        std::printf("%s: %s (%d times)\n", path.c_str(), fault.c_str(), times);
    tally.faulty += faults.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string shared = argc > 1 ? argv[1] : "";
    const std::string part = argc > 2 ? argv[2] : "";
    if (!std::filesystem::is_directory(shared + "/corpus")) {
        std::printf("skipped: there is no folder \"%s/corpus\"\n", shared.c_str());
        return 77;
    }
    const std::vector<Profile> all = profiles();
    if (all.empty() || named(all, "full").boot.empty()) return 1;
    Tally tally;
    for (const std::string& path : inputs(shared)) {
        if (path.find(part) == path.npos) continue;
        const auto machine = read(path, Order::as_read);
        if (!machine) {
            std::printf("%s: cannot be read\n", path.c_str());
            ++tally.faulty;
            continue;
        }
        ++tally.machines;
        check_machine(path, *machine, all, tally);
    }
    std::printf("%d machines, %d plans of which %d refused, %d machines with faults\n", tally.machines,
                tally.plans, tally.refused, tally.faulty);
    return tally.faulty > 0 || tally.machines == 0 ? 1 : 0;
}
