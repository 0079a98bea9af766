#include "libraries/hwloc.h"

#include <dlfcn.h>
#include <hwloc.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/format.h"
#include "base/parse.h"
#include "libraries/hwloc_xml_check.h"

namespace torque {
namespace {

constexpr std::uint64_t kSyntheticCpusMax = 65536;

static_assert(HWLOC_API_VERSION >= 0x00020000 && HWLOC_API_VERSION < 0x00030000,
              "hwloc 3 has another interface for object infos and OS devices");

// The functions that are used, by the names that they have in the library.
#define TORQUE_HWLOC_FUNCTIONS(row)                                                                          \
    row(hwloc_get_api_version) row(hwloc_topology_init) row(hwloc_topology_destroy) row(hwloc_topology_load) \
        row(hwloc_topology_set_flags) row(hwloc_topology_set_xmlbuffer) row(hwloc_topology_set_synthetic)    \
            row(hwloc_topology_set_all_types_filter) row(hwloc_topology_set_io_types_filter)                 \
                row(hwloc_topology_get_depth) row(hwloc_get_nbobjs_by_depth) row(hwloc_get_obj_by_depth)     \
                    row(hwloc_topology_get_complete_cpuset) row(hwloc_topology_get_topology_cpuset)          \
                        row(hwloc_topology_get_allowed_cpuset) row(hwloc_bitmap_next) row(hwloc_bitmap_last) \
                            row(hwloc_distances_get_by_type) row(hwloc_distances_release)                    \
                                row(hwloc_cpukinds_get_nr) row(hwloc_cpukinds_get_info)                      \
                                    row(hwloc_bitmap_alloc) row(hwloc_bitmap_free)

struct HwlocLibrary {
#define TORQUE_ROW(name) decltype(&::name) name = nullptr;
    TORQUE_HWLOC_FUNCTIONS(TORQUE_ROW)
#undef TORQUE_ROW
};

struct HwlocCloser {
    const HwlocLibrary* library;
    void operator()(hwloc_topology_t topology) const { library->hwloc_topology_destroy(topology); }
};
using HwlocTopology = std::unique_ptr<hwloc_topology, HwlocCloser>;

template <class Function>
bool find(void* handle, const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(handle, name));
    return function != nullptr;
}

// Says where the topology comes from; returns what the function of hwloc that it calls did.
using HwlocDescribe = int (*)(const HwlocLibrary& library, hwloc_topology_t topology,
                              const std::string& text);

Result<HwlocLibrary> open_hwloc() {
    // Never closed: hwloc keeps state of the process, and its plug-ins do as well.
    void* handle = ::dlopen(TORQUE_HWLOC_NAME, RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        const char* why = ::dlerror();
        return fail(formatted("hwloc is needed for this and cannot be loaded ({})",
                              why != nullptr ? printable(why, 200) : "no reason given"),
                    TORQUE_HWLOC_NAME, "install it (Debian and Ubuntu: libhwloc15; Fedora: hwloc-libs)");
    }
    HwlocLibrary library;
    bool complete = true;
#define TORQUE_ROW(name) complete = find(handle, #name, library.name) && complete;
    TORQUE_HWLOC_FUNCTIONS(TORQUE_ROW)
#undef TORQUE_ROW
    if (!complete || library.hwloc_get_api_version() >> 16 != HWLOC_API_VERSION >> 16) {
        return fail("this hwloc is of another generation than the one that this program was built with",
                    TORQUE_HWLOC_NAME, "2.4 or a later 2.x would do");
    }
    return library;
}

Result<HwlocTopology> load_hwloc(const HwlocLibrary& library, HwlocDescribe describe,
                                 const std::string& text) {
    hwloc_topology_t raw = nullptr;
    if (library.hwloc_topology_init(&raw) != 0) return fail("hwloc cannot start");
    HwlocTopology topology(raw, HwlocCloser{&library});
    library.hwloc_topology_set_all_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_ALL);
    library.hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_IMPORTANT);
    library.hwloc_topology_set_flags(raw, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    if (describe(library, raw, text) != 0) return fail("hwloc does not understand it");
    if (library.hwloc_topology_load(raw) != 0) {
        return fail(formatted("hwloc cannot read it: {}", std::strerror(errno)));
    }
    return topology;
}

// Reads one loaded topology. Everything that hwloc gives is bounded by what it was given.
class Reader {
  public:
    Reader(const HwlocLibrary& library, hwloc_topology_t topology) : library_(library), topology_(topology) {}

    HwlocFacts read() const {
        HwlocFacts facts;
        facts.possible = cpus_of(library_.hwloc_topology_get_complete_cpuset(topology_));
        facts.online = cpus_of(library_.hwloc_topology_get_topology_cpuset(topology_));
        facts.allowed = cpus_of(library_.hwloc_topology_get_allowed_cpuset(topology_));
        facts.possible |= facts.online;
        const int depth = library_.hwloc_topology_get_depth(topology_);
        for (int level = 0; level < depth; ++level) {
            for_each(level, [&](hwloc_obj_t object) { take(object, facts); });
        }
        for_each(HWLOC_TYPE_DEPTH_NUMANODE,
                 [&](hwloc_obj_t object) { facts.nodes.push_back(node_of(object)); });
        for_each(HWLOC_TYPE_DEPTH_PCI_DEVICE,
                 [&](hwloc_obj_t object) { facts.devices.push_back(pci_of(object)); });
        for_each(HWLOC_TYPE_DEPTH_OS_DEVICE, [&](hwloc_obj_t object) { take_os_device(object, facts); });
        read_distances(facts);
        read_kinds(facts);
        const unsigned version = library_.hwloc_get_api_version();
        facts.library = formatted("hwloc, API {}.{}", version >> 16, version >> 8 & 0xff);
        return facts;
    }

  private:
    template <class Visit>
    void for_each(int depth, Visit visit) const {
        const unsigned count = library_.hwloc_get_nbobjs_by_depth(topology_, depth);
        for (unsigned i = 0; i < count; ++i) visit(library_.hwloc_get_obj_by_depth(topology_, depth, i));
    }

    // Infinite sets, which hwloc has as well, name nothing.
    CpuSet cpus_of(hwloc_const_bitmap_t bitmap) const {
        CpuSet cpus;
        if (bitmap == nullptr || library_.hwloc_bitmap_last(bitmap) < 0) return cpus;
        for (int cpu = library_.hwloc_bitmap_next(bitmap, -1); cpu >= 0 && cpu <= CpuSet::kMaxCpu;) {
            cpus.add(cpu);
            cpu = library_.hwloc_bitmap_next(bitmap, cpu);
        }
        return cpus;
    }

    static std::string info_of(hwloc_obj_t object, std::string_view name) {
        for (unsigned i = 0; object != nullptr && i < object->infos_count; ++i) {
            const hwloc_info_s& info = object->infos[i];
            if (info.name != nullptr && name == info.name) return info.value != nullptr ? info.value : "";
        }
        return {};
    }

    static std::optional<int> number_of(const std::string& text) {
        const auto value = parse_unsigned(text, INT32_MAX);
        return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
    }

    HwlocObject object_of(hwloc_obj_t object) const {
        HwlocObject out;
        if (object->os_index <= static_cast<unsigned>(INT32_MAX)) out.id = static_cast<int>(object->os_index);
        out.cpus = cpus_of(object->cpuset);
        return out;
    }

    Cache cache_of(hwloc_obj_t object) const {
        const auto& from = object->attr->cache;
        Cache cache;
        cache.level = static_cast<int>(from.depth);
        if (from.type == HWLOC_OBJ_CACHE_DATA) cache.type = CacheType::data;
        if (from.type == HWLOC_OBJ_CACHE_INSTRUCTION) cache.type = CacheType::instruction;
        if (from.size > 0) cache.size_bytes = from.size;
        if (from.linesize > 0) cache.line_bytes = static_cast<int>(from.linesize);
        if (from.associativity > 0) cache.ways = from.associativity;
        if (from.associativity == -1 && from.linesize > 0) {
            cache.ways = static_cast<int>(std::min<std::uint64_t>(from.size / from.linesize, INT32_MAX));
        }
        const std::string inclusive = info_of(object, "Inclusive");
        if (!inclusive.empty()) cache.inclusive = inclusive != "0";
        cache.cpus = cpus_of(object->cpuset);
        return cache;
    }

    void take_identity(hwloc_obj_t package, HwlocFacts& facts) const {
        if (!facts.identity.brand.empty() || !facts.identity.vendor.empty()) return;
        facts.identity.vendor = info_of(package, "CPUVendor");
        facts.identity.brand = std::string(trim_space(info_of(package, "CPUModel")));
        facts.identity.family = number_of(info_of(package, "CPUFamilyNumber"));
        facts.identity.model = number_of(info_of(package, "CPUModelNumber"));
        facts.identity.stepping = number_of(info_of(package, "CPUStepping"));
    }

    void take(hwloc_obj_t object, HwlocFacts& facts) const {
        const std::string subtype = object->subtype != nullptr ? object->subtype : "";
        switch (object->type) {
            case HWLOC_OBJ_MACHINE:
                facts.kernel = info_of(object, "OSRelease");
                facts.arch = info_of(object, "Architecture");
                take_identity(object, facts);
                break;
            case HWLOC_OBJ_PACKAGE:
                facts.packages.push_back(object_of(object));
                take_identity(object, facts);
                break;
            case HWLOC_OBJ_DIE:
                facts.dies.push_back(object_of(object));
                break;
            case HWLOC_OBJ_GROUP:
                if (subtype == "Cluster" || subtype == "Module" || subtype == "Tile") {
                    facts.clusters.push_back(object_of(object));
                }
                break;
            case HWLOC_OBJ_CORE:
                facts.cores.push_back(object_of(object));
                break;
            case HWLOC_OBJ_PU:
                break;  // the sets hold them
            default:
                // hwloc_obj_type_is_cache() is a function of the library; so is the test that it makes.
                if (object->type >= HWLOC_OBJ_L1CACHE && object->type <= HWLOC_OBJ_L3ICACHE) {
                    facts.caches.push_back(cache_of(object));
                }
        }
    }

    HwlocNode node_of(hwloc_obj_t object) const {
        HwlocNode node;
        node.id = static_cast<int>(std::min(object->os_index, static_cast<unsigned>(CpuSet::kMaxCpu)));
        node.cpus = cpus_of(object->cpuset);
        const auto& memory = object->attr->numanode;
        node.memory_bytes = memory.local_memory;
        for (unsigned i = 1; i < memory.page_types_len; ++i) {
            node.page_types.push_back({memory.page_types[i].size, memory.page_types[i].count, 0});
        }
        node.subtype = object->subtype != nullptr ? object->subtype : "";
        return node;
    }

    // The nearest ancestor that is not I/O says what the device is near to.
    void locate(hwloc_obj_t object, HwlocDevice& device) const {
        hwloc_obj_t near = object->parent;
        while (near != nullptr && near->cpuset == nullptr) near = near->parent;
        if (near == nullptr) return;
        device.cpus = cpus_of(near->cpuset);
        for (const int node : cpus_of(near->nodeset)) device.nodes.push_back(node);
    }

    static std::string address_of(const hwloc_obj_attr_u::hwloc_pcidev_attr_s& pci) {
        return formatted("{:04x}:{:02x}:{:02x}.{:x}", pci.domain, pci.bus, pci.dev, pci.func);
    }

    HwlocDevice pci_of(hwloc_obj_t object) const {
        HwlocDevice device;
        device.address = address_of(object->attr->pcidev);
        device.class_code = std::uint32_t{object->attr->pcidev.class_id} << 8;
        device.vendor = info_of(object, "PCIVendor");
        device.model = info_of(object, "PCIDevice");
        locate(object, device);
        return device;
    }

    void take_os_device(hwloc_obj_t object, HwlocFacts& facts) const {
        HwlocDevice device;
        device.name = object->name != nullptr ? object->name : "";
        switch (object->attr->osdev.type) {
            case HWLOC_OBJ_OSDEV_NETWORK:
                device.kind = "network";
                break;
            case HWLOC_OBJ_OSDEV_OPENFABRICS:
                device.kind = "infiniband";
                break;
            case HWLOC_OBJ_OSDEV_BLOCK:
                device.kind = device.name.starts_with("nvme") ? "nvme" : "block";
                break;
            case HWLOC_OBJ_OSDEV_GPU:
                device.kind = "gpu";
                break;
            case HWLOC_OBJ_OSDEV_COPROC:
                device.kind = "accelerator";
                break;
            case HWLOC_OBJ_OSDEV_DMA:
                return;
        }
        hwloc_obj_t function = object->parent;
        while (function != nullptr && function->type != HWLOC_OBJ_PCI_DEVICE && function->cpuset == nullptr) {
            function = function->parent;
        }
        if (function != nullptr && function->type == HWLOC_OBJ_PCI_DEVICE) {
            device.address = address_of(function->attr->pcidev);
        }
        device.vendor = info_of(object, "Vendor");
        device.model = info_of(object, "Model");
        locate(object, device);
        facts.devices.push_back(std::move(device));
    }

    void read_distances(HwlocFacts& facts) const {
        unsigned count = 1;
        hwloc_distances_s* found = nullptr;
        constexpr unsigned long kKind = HWLOC_DISTANCES_KIND_FROM_OS | HWLOC_DISTANCES_KIND_MEANS_LATENCY;
        if (library_.hwloc_distances_get_by_type(topology_, HWLOC_OBJ_NUMANODE, &count, &found, kKind, 0) !=
            0)
            return;
        if (count == 0 || found == nullptr) return;
        const std::size_t n = found->nbobjs;
        const bool fits = n == facts.nodes.size() && std::all_of(found->values, found->values + n * n,
                                                                 [](auto v) { return v <= INT32_MAX; });
        bool in_order = fits;
        for (std::size_t i = 0; in_order && i < n; ++i) {
            in_order =
                found->objs[i] != nullptr && static_cast<int>(found->objs[i]->os_index) == facts.nodes[i].id;
        }
        for (std::size_t i = 0; in_order && i < n; ++i) {
            auto& row = facts.distances.emplace_back();
            for (std::size_t j = 0; j < n; ++j) row.push_back(static_cast<int>(found->values[i * n + j]));
        }
        library_.hwloc_distances_release(topology_, found);
    }

    void read_kinds(HwlocFacts& facts) const {
        const int count = library_.hwloc_cpukinds_get_nr(topology_, 0);
        hwloc_bitmap_t set = library_.hwloc_bitmap_alloc();
        for (int i = 0; set != nullptr && i < count; ++i) {
            int efficiency = 0;
            unsigned infos_count = 0;
            hwloc_info_s* infos = nullptr;
            if (library_.hwloc_cpukinds_get_info(topology_, static_cast<unsigned>(i), set, &efficiency,
                                                 &infos_count, &infos, 0) != 0) {
                continue;
            }
            HwlocCpuKind kind;
            kind.cpus = cpus_of(set);
            for (unsigned k = 0; k < infos_count; ++k) take_kind_info(infos[k].name, infos[k].value, kind);
            facts.kinds.push_back(std::move(kind));
        }
        library_.hwloc_bitmap_free(set);
    }

    static void take_kind_info(std::string_view name, const std::string& value, HwlocCpuKind& kind) {
        if (name == "CoreType") kind.core_type = value;
        const auto number = parse_unsigned(value, 1'000'000'000);
        if (name == "FrequencyMaxMHz" && number) kind.max_khz = *number * 1000;
        if (name == "LinuxCapacity" && number) kind.capacity = static_cast<int>(*number);
    }

    const HwlocLibrary& library_;
    hwloc_topology_t topology_;
};

Result<HwlocFacts> read_by_hwloc(HwlocDescribe describe, const std::string& text, const std::string& name) {
    const Result<HwlocLibrary> library = open_hwloc();
    if (!library) return tl::unexpected<Error>(library.error());
    const Result<HwlocTopology> topology = load_hwloc(*library, describe, text);
    if (!topology) return fail(topology.error().what, name);
    return Reader(*library, topology->get()).read();
}

Result<HwlocFacts> with_hint(Result<HwlocFacts> facts, const char* hint) {
    if (!facts && facts.error().hint.empty()) facts.error().hint = hint;
    return facts;
}

// The number of CPUs that a synthetic description makes, without its parentheses and brackets, in which
// numbers mean something else; absent when it is larger than that of any machine.
std::optional<std::uint64_t> synthetic_cpus(std::string_view text) {
    std::uint64_t product = 1, number = 0;
    int inside = 0;
    for (const char c : std::string(text) + " ") {
        if (c == '(' || c == '[') ++inside;
        if (inside == 0 && std::isdigit(static_cast<unsigned char>(c)) != 0) {
            number = std::min<std::uint64_t>(number * 10 + static_cast<std::uint64_t>(c - '0'), UINT32_MAX);
        } else if (inside == 0 && c == ':') {
            number = 0;  // what came before was part of a type's name, such as "l3"
        } else if (number > 0) {
            product = product * number;
            number = 0;
            if (product > kSyntheticCpusMax) return std::nullopt;
        }
        if ((c == ')' || c == ']') && inside > 0) --inside;
    }
    return product;
}

// Numbers of "(indexes=3,1,2)" become CPU numbers.
bool has_huge_number(std::string_view text) {
    std::size_t digits = 0;
    for (const char c : text) {
        digits = std::isdigit(static_cast<unsigned char>(c)) != 0 ? digits + 1 : 0;
        if (digits > 6 && text.find("indexes") != text.npos) return true;
    }
    return false;
}

}  // namespace

Result<HwlocFacts> read_hwloc_own(const std::string& name) {
    return read_by_hwloc(
        [](const HwlocLibrary& library, hwloc_topology_t topology, const std::string&) {
            return library.hwloc_topology_set_io_types_filter(topology, HWLOC_TYPE_FILTER_KEEP_NONE);
        },
        {}, name);
}

Result<HwlocFacts> read_hwloc_xml(const std::string& text, const std::string& name) {
    if (Result<void> checked = check_hwloc_xml(text, name); !checked)
        return tl::unexpected<Error>(checked.error());
    Result<HwlocFacts> facts = read_by_hwloc(
        [](const HwlocLibrary& library, hwloc_topology_t topology, const std::string& xml) {
            // The length includes the final NUL (hwloc_topology_set_xmlbuffer).
            return library.hwloc_topology_set_xmlbuffer(topology, xml.c_str(),
                                                        static_cast<int>(xml.size()) + 1);
        },
        text, name);
    return with_hint(std::move(facts), "it is XML, but no topology: lstopo writes one, 'lstopo machine.xml'");
}

Result<HwlocFacts> read_hwloc_synthetic(const std::string& text, const std::string& name) {
    if (!synthetic_cpus(text) || has_huge_number(text)) {
        return fail(formatted("the description makes more than {} CPUs", kSyntheticCpusMax), name,
                    "the counts of its levels multiply");
    }
    Result<HwlocFacts> facts = read_by_hwloc(
        [](const HwlocLibrary& library, hwloc_topology_t topology, const std::string& description) {
            return library.hwloc_topology_set_synthetic(topology, description.c_str());
        },
        text, name);
    return with_hint(
        std::move(facts),
        "a description looks like \"pack:2 core:4 pu:2\"; if a file is meant: there is none of that name");
}

}  // namespace torque
