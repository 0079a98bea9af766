// The tables below the picture of the page. Each is empty where there is nothing to say.
#pragma once

#include <string>
#include <vector>

#include "torque/machine.h"

namespace torque {

// Numbers between like things, as a table whose cells are the darker the larger: distances, latencies.
struct HeatMap {
    std::string title, about;
    std::vector<std::string> rows, columns;  // what each is called
    std::vector<std::vector<int>> values;    // of each row; a short row is filled with nothing
};

std::string html_heat_map(const HeatMap& map);
std::string html_distances(const Machine& machine);
std::string html_findings(const Machine& machine);
std::string html_devices(const Machine& machine);
std::string html_types(const Machine& machine);
std::string html_tlbs(const Machine& machine);
std::string html_host(const Machine& machine);
std::string html_sources(const Machine& machine);

}  // namespace torque
