#include "probes/arm_names.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "base/parse.h"

namespace torque {
namespace {

struct Core {
    std::uint16_t implementer, part;
    std::string_view name;
};

// Linux, arch/arm64/include/asm/cputype.h.
constexpr Core kCores[] = {
    {0x41, 0xd03, "Cortex-A53"},       {0x41, 0xd04, "Cortex-A35"},       {0x41, 0xd05, "Cortex-A55"},
    {0x41, 0xd07, "Cortex-A57"},       {0x41, 0xd08, "Cortex-A72"},       {0x41, 0xd09, "Cortex-A73"},
    {0x41, 0xd0a, "Cortex-A75"},       {0x41, 0xd0b, "Cortex-A76"},       {0x41, 0xd0c, "Neoverse-N1"},
    {0x41, 0xd0d, "Cortex-A77"},       {0x41, 0xd0e, "Cortex-A76AE"},     {0x41, 0xd40, "Neoverse-V1"},
    {0x41, 0xd41, "Cortex-A78"},       {0x41, 0xd42, "Cortex-A78AE"},     {0x41, 0xd44, "Cortex-X1"},
    {0x41, 0xd46, "Cortex-A510"},      {0x41, 0xd47, "Cortex-A710"},      {0x41, 0xd48, "Cortex-X2"},
    {0x41, 0xd49, "Neoverse-N2"},      {0x41, 0xd4b, "Cortex-A78C"},      {0x41, 0xd4c, "Cortex-X1C"},
    {0x41, 0xd4d, "Cortex-A715"},      {0x41, 0xd4e, "Cortex-X3"},        {0x41, 0xd4f, "Neoverse-V2"},
    {0x41, 0xd80, "Cortex-A520"},      {0x41, 0xd81, "Cortex-A720"},      {0x41, 0xd82, "Cortex-X4"},
    {0x41, 0xd83, "Neoverse-V3AE"},    {0x41, 0xd84, "Neoverse-V3"},      {0x41, 0xd85, "Cortex-X925"},
    {0x41, 0xd87, "Cortex-A725"},      {0x41, 0xd89, "Cortex-A720AE"},    {0x41, 0xd8e, "Neoverse-N3"},
    {0x43, 0x0a1, "ThunderX"},         {0x43, 0x0af, "ThunderX2"},        {0x46, 0x001, "A64FX"},
    {0x48, 0xd01, "TaiShan v110"},     {0x4e, 0x003, "Denver"},           {0x4e, 0x004, "Carmel"},
    {0x4e, 0x010, "Olympus"},          {0x50, 0x000, "X-Gene"},           {0x51, 0x001, "Oryon"},
    {0x51, 0xc00, "Falkor"},           {0x61, 0x022, "M1 Icestorm"},      {0x61, 0x023, "M1 Firestorm"},
    {0x61, 0x024, "M1 Pro Icestorm"},  {0x61, 0x025, "M1 Pro Firestorm"}, {0x61, 0x028, "M1 Max Icestorm"},
    {0x61, 0x029, "M1 Max Firestorm"}, {0x61, 0x032, "M2 Blizzard"},      {0x61, 0x033, "M2 Avalanche"},
    {0x61, 0x034, "M2 Pro Blizzard"},  {0x61, 0x035, "M2 Pro Avalanche"}, {0x61, 0x038, "M2 Max Blizzard"},
    {0x61, 0x039, "M2 Max Avalanche"}, {0x6d, 0xd49, "Azure Cobalt 100"}, {0xc0, 0xac3, "Ampere-1"},
    {0xc0, 0xac4, "Ampere-1A"},
};

}  // namespace

std::string_view arm_core_name(std::string_view implementer, std::string_view part) {
    const auto by = parse_hex(implementer), number = parse_hex(part);
    if (!by || !number) return {};
    const auto* core = std::find_if(std::begin(kCores), std::end(kCores), [&](const Core& known) {
        return known.implementer == *by && known.part == *number;
    });
    return core == std::end(kCores) ? std::string_view{} : core->name;
}

}  // namespace torque
