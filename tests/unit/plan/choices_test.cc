// What a user may choose beyond the rules' defaults: keeping, sharing, preferring, quiet caches, queues.
#include <algorithm>
#include <string>

#include "base/offline_siblings.h"
#include "plan/memory.h"
#include "plan/steer.h"
#include "unit/plan/planned.h"

using namespace torque;
using worlds::ask;
using worlds::cpus_of;
using worlds::list;
using worlds::Numbering;
using worlds::planned;

namespace {

std::string knob(const Layout& layout, const std::string& path) {
    for (const RuntimeKnob& one : layout.runtime) {
        if (one.path == path) return one.value;
    }
    return "none";
}

bool mentions(const std::vector<std::string>& texts, const std::string& part) {
    return std::any_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

// eth0 of the Xeon with an interrupt of its own for each queue, the first numbered 100.
Machine with_queues(int queues) {
    Machine machine = worlds::xeon_2x8();
    for (Device& device : machine.devices) {
        if (device.name != "eth0") continue;
        device.queues = queues;
        device.rps_cpus = CpuSet{};
        for (int queue = 0; queue <= queues; ++queue) {
            device.irqs.push_back(100 + queue);
            Irq irq;
            irq.irq = 100 + queue;
            irq.name = queue == queues ? "eth0" : "eth0-TxRx-" + std::to_string(queue);
            irq.cpus = machine.host.online;
            machine.irqs.push_back(irq);
        }
    }
    return machine;
}

}  // namespace

TEST_CASE("R5: --prefer turbo takes the cores that clock highest") {
    Request request = ask(2);
    request.prefer = Prefer::turbo;
    Machine machine = worlds::epyc_64();
    for (Cpu& cpu : machine.cpus)
        cpu.max_khz = cpu.id.value % 64 == 20 || cpu.id.value % 64 == 41 ? 3'600'000 : 3'400'000;
    CHECK(cpus_of(planned(machine, request)).list() == "20,41");
    request.workers = 3;
    CHECK(cpus_of(planned(machine, request)).list() == "20,41,63");
    request.workers = 2;
    for (Cpu& cpu : machine.cpus) cpu.max_khz.reset();
    const Layout blind = planned(machine, request);
    CHECK(cpus_of(blind).list() == "55,63");
    CHECK(mentions(blind.warnings, "--prefer turbo"));
}

TEST_CASE("R6: --quiet-llc isolates what else is below the workers' caches, but not the floor") {
    Request request = ask(2);
    request.quiet_llc = true;
    CHECK(planned(worlds::epyc_64(), request).isolated.list() == "48-63,112-127");
    const Layout hybrid = planned(worlds::i9_12900hk(), request);
    CHECK(hybrid.isolated.list() == "2-19");
    CHECK(hybrid.housekeeping.list() == "0-1");
    const Layout xeon = planned(worlds::xeon_2x8(), request);
    CHECK(xeon.housekeeping.list() == "0,8,16,24");
}

TEST_CASE("R10: --require-isolation refuses a plan that isolates nothing") {
    Request request = ask(1);
    request.require_isolation = true;
    const auto lone = plan(worlds::build(worlds::uniform(1, 1, 1, 2, Numbering::neighbours)),
                           worlds::full_profile(), request);
    REQUIRE_FALSE(lone.has_value());
    CHECK(lone.error().kind == ErrorKind::infeasible);
    CHECK(lone.error().what.find("CPUs 0-1") != std::string::npos);
    CHECK(planned(worlds::i9_12900hk(), request).isolated.list() == "10-11");
}

TEST_CASE("split cores host workers with --allow-split, and only on their allowed threads") {
    Machine machine = worlds::i9_12900hk();
    worlds::confine(machine, "5,7,9-13");
    Request request = ask(3);
    request.allow_split = true;
    const Layout layout = planned(machine, request);
    CHECK(cpus_of(layout).list() == "7,9-10");
    CHECK(layout.isolated.list() == "7,9-11");
    CHECK(mentions(layout.warnings, "CPUs 6,8"));
    request.workers = 5;
    const auto refused = plan(machine, worlds::full_profile(), request);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().what.find("4 slots") != std::string::npos);
    CHECK(refused.error().hint.find("--allow-split") == std::string::npos);
}

TEST_CASE("R15: --oversubscribe wraps around and marks who shares") {
    Request request = ask(7);
    request.oversubscribe = true;
    const Layout layout = planned(worlds::i9_12900hk(), request);
    std::vector<int> cpus;
    std::vector<bool> shared;
    for (const Worker& worker : layout.workers) {
        cpus.push_back(worker.cpu.value);
        shared.push_back(worker.is_shared);
    }
    CHECK(cpus == std::vector<int>{2, 4, 6, 8, 10, 2, 4});
    CHECK(shared == std::vector<bool>{true, true, false, false, false, true, true});
    CHECK(mentions(layout.warnings, "CPUs 2,4 each have more than one worker"));
    request.workers = 5;
    for (const Worker& worker : planned(worlds::i9_12900hk(), request).workers) CHECK_FALSE(worker.is_shared);
    request.workers = 12;
    CHECK(planned(worlds::i9_12900hk(), request).workers[11].cpu == CpuId{4});
}

TEST_CASE("R17: of plans that are as good, the one that moves fewest workers") {
    Request request = ask(5);
    request.keep = list("1-3,10-11");
    CHECK(cpus_of(planned(worlds::xeon_2x8(), request)).list() == "1-3,10-11");
    request.keep = list("10-14");  // balance is not given up: three on one node, two on the other
    CHECK(cpus_of(planned(worlds::xeon_2x8(), request)).list() == "6-7,12-14");
    request.policy = Policy::huddle;
    CHECK(cpus_of(planned(worlds::xeon_2x8(), request)).list() == "10-14");
    request.keep = list("90-99");
    CHECK(cpus_of(planned(worlds::xeon_2x8(), request)).list() == "3-7");
    request = ask(2);
    request.keep = list("7,9");
    CHECK(cpus_of(planned(worlds::epyc_64(), request)).list() == "7,9");
    // Every plan is its own best successor.
    for (int workers = 1; workers <= 14; ++workers) {
        for (Policy policy : {Policy::spread, Policy::huddle}) {
            Request first = ask(workers);
            first.policy = policy;
            const CpuSet before = cpus_of(planned(worlds::xeon_2x8(), first));
            first.keep = before;
            CHECK(cpus_of(planned(worlds::xeon_2x8(), first)) == before);
        }
    }
}

TEST_CASE("R19: a queue for each worker is steered to it, all else to housekeeping of the device's node") {
    const Machine machine = with_queues(8);
    Request request = ask(6);
    request.near = "eth0";
    const Layout layout = planned(machine, request);
    CHECK(layout.workers[0].queue == 0);
    CHECK(knob(layout, "/proc/irq/100/smp_affinity_list") == "10");
    CHECK(knob(layout, "/proc/irq/105/smp_affinity_list") == "15");
    CHECK(knob(layout, "/proc/irq/106/smp_affinity_list") == "8-9,24-25");  // a queue of no worker
    CHECK(knob(layout, "/proc/irq/108/smp_affinity_list") == "8-9,24-25");
    CHECK(knob(layout, "/sys/class/net/eth0/queues/tx-1/xps_cpus") == "00000800");
    CHECK(knob(layout, "/sys/class/net/eth0/queues/rx-1/rps_cpus") == "none");  // is off already
    CHECK(layout.leftovers.empty());

    request.smt = SmtPolicy::assist;
    CHECK(knob(planned(machine, request), "/proc/irq/100/smp_affinity_list") == "26");
    request.smt = SmtPolicy::idle;

    Machine steering = machine;
    for (Device& device : steering.devices) device.rps_cpus = list("0-31");
    CHECK(knob(planned(steering, request), "/sys/class/net/eth0/queues/rx-1/rps_cpus") == "0");

    Machine managed = machine;
    for (Irq& irq : managed.irqs) irq.managed = true;
    const Layout stuck = planned(managed, request);
    CHECK(knob(stuck, "/proc/irq/100/smp_affinity_list") == "none");
    CHECK(mentions(stuck.leftovers, "9 interrupts of eth0"));
}

TEST_CASE("R19: interrupts without names are the queues' only where there is one for each") {
    Machine machine = with_queues(8);
    for (Irq& irq : machine.irqs) irq.name.clear();
    Request request = ask(6);
    request.near = "eth0";
    const Layout unclear = planned(machine, request);  // nine interrupts for eight queues
    CHECK(knob(unclear, "/proc/irq/100/smp_affinity_list") == "none");
    CHECK(mentions(unclear.leftovers, "6 of 6 workers"));
    for (Device& device : machine.devices) {
        if (device.name == "eth0") device.irqs.pop_back();
    }
    const Layout clear = planned(machine, request);
    CHECK(knob(clear, "/proc/irq/101/smp_affinity_list") == "11");
    CHECK(knob(clear, "/proc/irq/107/smp_affinity_list") == "8-9,24-25");
    CHECK(clear.leftovers.empty());
}

TEST_CASE("R19: with too few queues all interrupts go to one housekeeping core") {
    Request request = ask(6);
    request.near = "eth0";
    const Layout layout = planned(with_queues(1), request);
    CHECK_FALSE(layout.workers[0].queue.has_value());
    CHECK(knob(layout, "/proc/irq/100/smp_affinity_list") == "9,25");
    CHECK(knob(layout, "/proc/irq/101/smp_affinity_list") == "9,25");
    CHECK(knob(layout, "/sys/class/net/eth0/queues/tx-0/xps_cpus") == "none");
    CHECK(mentions(layout.leftovers, "eth0 has 1 queue for 6 workers"));
    for (const RuntimeKnob& one : layout.runtime) CHECK(one.path.find("rps") == std::string::npos);
}

TEST_CASE("the queue of an interrupt is told by its name") {
    using planning::queue_of_interrupt;
    CHECK(queue_of_interrupt("eth0-TxRx-3") == 3);
    CHECK(queue_of_interrupt("i40e-enp1s0f0-TxRx-63") == 63);
    CHECK(queue_of_interrupt("mlx5_comp7@pci:0000:65:00.0") == 7);
    CHECK(queue_of_interrupt("virtio2-input.0") == 0);
    CHECK(queue_of_interrupt("eth0-rx-12") == 12);
    for (const char* other : {"virtio2-config", "mlx5_async0@pci:0000:65:00.0", "eth0",
                              "ena-mgmnt@pci:0000:00:05.0", "", "-", "rx", "eth0-TxRx-99999999999"}) {
        INFO(other);
        CHECK_FALSE(queue_of_interrupt(other).has_value());
    }
}

TEST_CASE("R12: the HMAT comes before the distance") {
    Machine machine = worlds::build(worlds::uniform(3, 1, 4, 1, Numbering::rounds));
    machine.nodes[1].memory_bytes = 0;
    machine.distances =
        Distances{{NodeId{0}, NodeId{1}, NodeId{2}}, {{10, 20, 30}, {20, 10, 30}, {30, 30, 10}}};
    CHECK(planning::memory_nodes(machine, NodeId{1}) == std::vector<NodeId>{NodeId{0}});
    machine.memory_attributes.push_back({NodeId{2}, 0, {NodeId{1}, NodeId{2}}, {}, {}, {}, {}});
    CHECK(planning::memory_nodes(machine, NodeId{1}) == std::vector<NodeId>{NodeId{2}});
    // A node without CPUs only where it is plain memory that the HMAT names.
    Node far;
    far.id = NodeId{3};
    far.memory_bytes = 1 << 30;
    machine.nodes.push_back(far);
    machine.memory_attributes = {{NodeId{3}, 0, {NodeId{1}}, {}, {}, {}, {}}};
    CHECK(planning::memory_nodes(machine, NodeId{1}) == std::vector<NodeId>{NodeId{3}});
    machine.nodes.back().memory_kind = MemoryKind::cxl;
    CHECK(planning::memory_nodes(machine, NodeId{1}) == std::vector<NodeId>{NodeId{0}});
}

TEST_CASE("buffers: the TLB bounds them, or huge pages pay") {
    constexpr std::uint64_t kMiB = 1 << 20;
    CHECK(planning::receive_buffers({4 * kMiB, 8 * kMiB, true}).buffers.count == 1024);
    CHECK_FALSE(planning::receive_buffers({4 * kMiB, 8 * kMiB, true}).huge_pages_pay);
    CHECK(planning::receive_buffers({4 * kMiB, 2 * kMiB, true}).huge_pages_pay);
    CHECK(planning::receive_buffers({4 * kMiB, 2 * kMiB, false}).buffers.count == 512);
    CHECK(planning::receive_buffers({4 * kMiB, kMiB / 4, false}).buffers.count == 256);
    CHECK(planning::receive_buffers({}).buffers.count == 256);
    CHECK(planning::receive_buffers({std::uint64_t{1} << 40, {}, true}).buffers.count == 32768);
}

TEST_CASE("buffers: a worker's part of the TLB is that of its CPU and level") {
    Machine machine = worlds::build(worlds::uniform(1, 1, 4, 2, Numbering::neighbours));
    Tlb small{1, TlbType::data, {"4K"}, 64, {}, true, machine.host.online};
    Tlb large{2, TlbType::unified, {"4K", "2M"}, 1536, 12, false, machine.host.online};
    Tlb code{2, TlbType::instruction, {"4K"}, 4096, 8, false, machine.host.online};
    machine.tlbs = {small, large, code};
    const Layout layout = planned(machine, ask(2));
    const auto found = std::find_if(layout.decisions.begin(), layout.decisions.end(),
                                    [](const Decision& one) { return one.rule == "buffers"; });
    REQUIRE(found != layout.decisions.end());
    CHECK(found->why.find("1536 TLB entries") != std::string::npos);
}

TEST_CASE("R13: an offline sibling is found by its APIC id or core, whatever the numbering") {
    // Cores {0,1}, {2,3} and so on, of which no whole one is left to learn the numbering from.
    Machine machine = worlds::build(worlds::uniform(1, 1, 4, 2, Numbering::neighbours));
    worlds::take_offline(machine, "1,2,5,6");
    CHECK(planned(machine, ask(1)).isolated.list() == "7");
    Machine with_ids = machine;
    for (Cpu& cpu : with_ids.cpus) cpu.apic_id = static_cast<std::uint32_t>(cpu.id.value);
    CHECK(planned(with_ids, ask(1)).isolated.list() == "7");  // one bit or none: nothing says which
    with_ids.cpus[1].online = true;
    with_ids.host.online.add(1);
    with_ids.cpus[1].core = with_ids.cores[0].id;
    with_ids.cores[0].cpus.add(1);
    CHECK(planned(with_ids, ask(1)).isolated.list() == "6-7");
    Machine named = machine;
    named.cpus[6].core = named.cores.back().id;
    CHECK(planned(named, ask(1)).isolated.list() == "6-7");
}

TEST_CASE("R13: an offline CPU whose APIC id fits no core is no sibling, whatever the numbering") {
    // CPUs 4 and 5 are cores of one thread, and nothing says that they are of another type.
    Machine machine = worlds::build(worlds::uniform(1, 1, 3, 2, Numbering::neighbours));
    worlds::take_offline(machine, "5");
    const CpuSet offline{5};
    CHECK(place_offline(machine, machine.cores).of_core[2] == offline);
    for (Cpu& cpu : machine.cpus) cpu.apic_id = static_cast<std::uint32_t>(cpu.id.value);
    CHECK(place_offline(machine, machine.cores).known == offline);
    machine.cpus[5].apic_id = 6;
    const OfflineSiblings apart = place_offline(machine, machine.cores);
    CHECK(apart.of_core[2].empty());
    CHECK(apart.known.empty());
    CHECK(apart.unplaced == offline);
}
