// facts_of(): what is known of one box of a picture, each fact with the name under which its source is kept.
#pragma once

#include <string>
#include <vector>

#include "render/picture.h"
#include "torque/machine.h"

namespace torque {

struct Fact {
    std::string name, value;
    std::string source;  // a fact of Machine::provenance, "caches"; empty: it follows from the others
};

// Indexes over a machine, so that the facts of a thousand CPUs are not a million look-ups.
class FactBook {
  public:
    FactBook(const Machine& machine, const Picture& picture);

    std::vector<Fact> of(const Box& box) const;
    std::vector<Fact> of(const Device& device) const;

    // "worker 3 on CPU 6, P core 3": one line that names the box.
    std::string name_of(const Box& box) const;

  private:
    std::vector<Fact> of_cpu(int cpu) const;
    void add_caches(const std::vector<const Cache*>& caches, std::vector<Fact>& out) const;

    const Machine& machine_;
    const Picture& picture_;
    std::vector<Span> types_;
    std::map<int, const Cpu*> cpus_;
    std::map<int, std::vector<const Cache*>> caches_;  // by CPU
};

// Where the machine says that the fact comes from; empty when it does not.
std::string source_text(const Machine& machine, const std::string& fact);

}  // namespace torque
