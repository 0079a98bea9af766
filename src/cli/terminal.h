// What the terminal can show: colour, Unicode, width.
#pragma once

#include "render/tree.h"

namespace torque {

// For text on `fd`. Colour: on a terminal, unless NO_COLOR is set or TERM is dumb; CLICOLOR_FORCE asks for it
// anywhere. Unicode: where the locale's character set is UTF-8, but not on a dumb terminal. Width: the
// terminal's, else 100 columns.
TreeStyle terminal_style(int fd);

}  // namespace torque
