// The tables below the picture of the page. Each is empty where there is nothing to say.
#pragma once

#include <string>

#include "torque/machine.h"
#include "torque/measured.h"

namespace torque {

std::string html_distances(const Machine& machine);
std::string html_latencies(const MeasuredCores& cores);
std::string html_findings(const Machine& machine);
std::string html_devices(const Machine& machine);
std::string html_types(const Machine& machine);
std::string html_tlbs(const Machine& machine);
std::string html_host(const Machine& machine);
std::string html_sources(const Machine& machine);

}  // namespace torque
