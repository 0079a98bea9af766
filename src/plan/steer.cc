#include "plan/steer.h"

#include <algorithm>
#include <tuple>

#include "base/format.h"
#include "base/parse.h"
#include "plan/words.h"

namespace torque::planning {
namespace {

// What drivers call the interrupt of a queue, in lower case. Others ("async", "config", "mgmnt") serve the
// device as a whole.
constexpr std::string_view kQueueWords[] = {"rx", "tx", "input", "output", "comp", "fp", "queue"};
constexpr int kQueuesMax = 4096;

const Irq* find_irq(const Machine& machine, int number) {
    const auto found = std::find_if(machine.irqs.begin(), machine.irqs.end(),
                                    [=](const Irq& irq) { return irq.irq == number; });
    return found == machine.irqs.end() ? nullptr : &*found;
}

// The nodes of the survey, nearest to the device first: with --near that is their order.
CpuSet nearest_housekeeping(const Survey& survey, const Division& division) {
    for (const SurveyNode& node : survey.nodes) {
        CpuSet cpus;
        for (int core : node.cores) cpus |= survey.core(core).cpus & division.housekeeping;
        if (!cpus.empty()) return cpus;
    }
    return division.housekeeping;
}

// R19: the nearest core that keeps house as a whole; the fastest and highest there, but not the boot CPU's.
CpuSet nearest_housekeeping_core(const Survey& survey, const Division& division) {
    for (const SurveyNode& node : survey.nodes) {
        const SurveyCore* best = nullptr;
        const auto key = [](const SurveyCore& core) {
            return std::tuple(core.passed == Passed::boot, core.rank, -core.first());
        };
        for (int index : node.cores) {
            const SurveyCore& core = survey.core(index);
            if (!division.housekeeping.contains(core.cpus)) continue;
            if (best == nullptr || key(core) < key(*best)) best = &core;
        }
        if (best != nullptr) return best->cpus;
    }
    return division.housekeeping;
}

// Where a worker's queue is served: by itself, or by a sibling that is isolated with it.
CpuSet served_by(const Worker& worker, const Request& request, const Division& division) {
    const CpuSet helpers = worker.siblings & division.idle;
    if (request.smt == SmtPolicy::assist && !helpers.empty()) return {helpers.first()};
    return {worker.cpu.value};
}

class Steerer {
  public:
    Steerer(const Machine& machine, const Request& request, const Survey& survey, const Division& division,
            const std::vector<Worker>& workers)
        : machine_(machine),
          request_(request),
          division_(division),
          workers_(workers),
          device_(*survey.near),
          aligned_(queues_suffice(survey, workers.size())),
          others_(aligned_ ? nearest_housekeeping(survey, division)
                           : nearest_housekeeping_core(survey, division)) {}

    Steering take() {
        for (std::size_t i = 0; i < device_.irqs.size(); ++i) steer_irq(i);
        if (aligned_) steer_queues_of_workers();
        tell();
        return std::move(out_);
    }

  private:
    // The queues' vectors are in the order of the queues where there is one for each and none has a name.
    std::optional<int> queue_of(const Irq& irq, std::size_t position) const {
        if (!irq.name.empty()) return queue_of_interrupt(irq.name);
        const bool one_each =
            device_.queues && device_.irqs.size() == static_cast<std::size_t>(*device_.queues);
        return one_each ? std::optional(static_cast<int>(position)) : std::nullopt;
    }

    void steer_irq(std::size_t position) {
        const int number = device_.irqs[position];
        const Irq* irq = find_irq(machine_, number);
        if (irq == nullptr) return;
        const auto queue = queue_of(*irq, position);
        // Without a name it may be a worker's.
        if (aligned_ && !queue && irq->name.empty()) return;
        const bool is_workers = aligned_ && queue && *queue < static_cast<int>(workers_.size());
        const CpuSet cpus =
            is_workers ? served_by(workers_[static_cast<std::size_t>(*queue)], request_, division_) : others_;
        if (irq->managed.value_or(false)) {
            ++managed_;
            return;
        }
        ++(is_workers ? steered_ : housed_);
        out_.knobs.push_back({formatted("/proc/irq/{}/smp_affinity_list", number), cpus.list(),
                              is_workers ? formatted("queue {} of {} is worker {}'s", *queue, name(), *queue)
                                         : formatted("this interrupt of {} belongs to no worker", name())});
    }

    void steer_queues_of_workers() {
        if (device_.name.empty()) return;
        const std::string folder = formatted("/sys/class/net/{}/queues", printable(device_.name));
        const bool steers_packets = !device_.rps_cpus || !device_.rps_cpus->empty();
        for (const Worker& worker : workers_) {
            CpuSet cpus = served_by(worker, request_, division_);
            cpus.add(worker.cpu);
            if (worker.id < device_.tx_queues.value_or(*device_.queues)) {
                out_.knobs.push_back(
                    {formatted("{}/tx-{}/xps_cpus", folder, worker.id), cpus.mask(),
                     formatted("worker {} sends by the queue that it receives by", worker.id)});
            }
            if (!steers_packets) continue;
            out_.knobs.push_back({formatted("{}/rx-{}/rps_cpus", folder, worker.id), "0",
                                  "packets stay on the CPU that the interrupt came to"});
        }
    }

    void tell() {
        const std::string workers = counted(static_cast<int>(workers_.size()), "worker");
        if (!device_.queues) {
            out_.why = formatted("how many queues {} has is not known: none is given to a worker", name());
        } else if (aligned_) {
            out_.why = formatted(
                "{} has {} for {}: queue i is worker i's, served {}; all else of {} goes to {}", name(),
                counted(*device_.queues, "queue"), workers,
                request_.smt == SmtPolicy::assist ? "by the worker's sibling" : "on the worker's CPU", name(),
                cpus_text(others_));
        } else {
            out_.why = formatted(
                "{} has {} for {}: all of its interrupts go to the nearest core that keeps house, {}", name(),
                counted(*device_.queues, "queue"), workers, cpus_text(others_));
        }
        if (managed_ > 0) {
            out_.leftovers.push_back(formatted(
                "{} of {}: the kernel places managed interrupts itself and refuses other CPUs for them",
                counted(managed_, "interrupt"), name()));
        }
        if (aligned_ && steered_ + managed_ < static_cast<int>(workers_.size())) {
            out_.leftovers.push_back(formatted(
                "which interrupts of {} serve which queue cannot be told for {} of {}: see /proc/interrupts",
                name(),
                static_cast<int>(workers_.size()) - std::min(steered_, static_cast<int>(workers_.size())),
                workers));
        }
        if (device_.queues && !aligned_) {
            out_.leftovers.push_back(
                formatted("{} has {} for {}: its packets arrive on housekeeping CPUs, and "
                          "the kernel refuses to steer them on to isolated ones",
                          name(), counted(*device_.queues, "queue"), workers));
        }
    }

    std::string name() const { return printable(*request_.near); }

    const Machine& machine_;
    const Request& request_;
    const Division& division_;
    const std::vector<Worker>& workers_;
    const Device& device_;
    bool aligned_;
    CpuSet others_;  // for interrupts that belong to no worker
    int managed_ = 0, steered_ = 0, housed_ = 0;
    Steering out_;
};

}  // namespace

bool queues_suffice(const Survey& survey, std::size_t workers) {
    const Device* near = survey.near;
    return near != nullptr && near->kind == "network" && near->queues &&
           *near->queues >= static_cast<int>(workers);
}

Steering steer_queues(const Machine& machine, const Request& request, const Survey& survey,
                      const Division& division, const std::vector<Worker>& workers) {
    const bool is_ours = survey.near != nullptr && survey.near->kind == "network" && !survey.container &&
                         !division.isolated.empty();
    if (!is_ours) return {};
    return Steerer(machine, request, survey, division, workers).take();
}

std::optional<int> queue_of_interrupt(std::string_view name) {
    name = name.substr(0, name.find('@'));
    const std::size_t last = name.find_last_not_of("0123456789");
    if (last == name.npos || last + 1 == name.size()) return std::nullopt;
    const auto queue = parse_unsigned(name.substr(last + 1), kQueuesMax);
    std::string_view stem = name.substr(0, last + 1);
    while (!stem.empty() && (stem.back() == '-' || stem.back() == '.' || stem.back() == '_'))
        stem.remove_suffix(1);
    std::string folded(stem);
    for (char& c : folded) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const bool is_queue = std::any_of(std::begin(kQueueWords), std::end(kQueueWords),
                                      [&](std::string_view word) { return folded.ends_with(word); });
    if (!is_queue || !queue) return std::nullopt;
    return static_cast<int>(*queue);
}

}  // namespace torque::planning
