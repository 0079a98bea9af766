// The EFI variables by which systemd-boot and the system speak to each other: texts in UTF-16.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace torque::loader {

// Below /sys/firmware/efi/efivars (systemd, boot loader interface).
inline constexpr std::string_view kLoaderGuid = "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

// The bytes of efivarfs: four of attributes (kept over a reset), the text, a closing NUL.
std::string efi_text(std::string_view ascii);
// Absent: it is no text of ASCII characters.
std::optional<std::string> read_efi_text(std::string_view bytes);
// The 64-bit number behind the attributes, which has LoaderFeatures; absent where it is shorter.
std::optional<std::uint64_t> read_efi_number(std::string_view bytes);

}  // namespace torque::loader
