// Telling the service manager what the server does: sd_notify(3)'s protocol, one datagram a message.
#pragma once

#include <string>

#include "torque/result.h"

namespace torque::serve {

// Sends `state` ("READY=1") to the datagram socket at `path`: absolute, or abstract with a leading '@'.
// Null or empty: there is no manager, and nothing is done.
// Errors: the path is neither or too long, or nobody listens there.
Result<void> notify(const char* path, const std::string& state);

// "RELOADING=1" with the time that systemd wants beside it.
std::string reloading_state();

}  // namespace torque::serve
