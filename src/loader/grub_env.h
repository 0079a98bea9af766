// GRUB's environment block, /boot/grub/grubenv: what GRUB remembers from one boot to the next.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "torque/result.h"

namespace torque::loader {

// The value of a variable; absent where it is not set, or `block` is no environment block.
std::optional<std::string> grub_variable(std::string_view block, std::string_view name);

// The block with the variable set, or without it. It keeps its size, 1024 bytes for a new one (`block`
// empty), since GRUB writes into the blocks that the file has. Errors: it is no environment block, or is full
// (GRUB manual, "The GRUB environment block").
Result<std::string> with_grub_variable(std::string_view block, std::string_view name,
                                       const std::optional<std::string>& value);

}  // namespace torque::loader
