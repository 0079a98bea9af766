#include "loader/efi_text.h"

namespace torque::loader {
namespace {

constexpr std::size_t kAttributes = 4;
// EFI_VARIABLE_NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS (UEFI 2.10, 8.2).
constexpr char kAttribute = 7;

}  // namespace

std::string efi_text(std::string_view ascii) {
    std::string bytes{kAttribute, 0, 0, 0};
    for (const char c : ascii) bytes += {c, '\0'};
    return bytes + std::string(2, '\0');
}

std::optional<std::string> read_efi_text(std::string_view bytes) {
    if (bytes.size() < kAttributes || bytes.size() % 2 != 0) return std::nullopt;
    std::string text;
    for (std::size_t i = kAttributes; i < bytes.size(); i += 2) {
        const char c = bytes[i];
        if (c == 0 && bytes[i + 1] == 0) break;
        if (bytes[i + 1] != 0 || c < ' ' || c > '~') return std::nullopt;
        text += c;
    }
    return text;
}

std::optional<std::uint64_t> read_efi_number(std::string_view bytes) {
    if (bytes.size() < kAttributes + 8) return std::nullopt;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < 8; ++i)
        number |= std::uint64_t{static_cast<unsigned char>(bytes[kAttributes + i])} << (8 * i);
    return number;
}

}  // namespace torque::loader
