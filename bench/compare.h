// The same SQS load on several servers, one after the other, as a table of ratios to the first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "figures.h"

namespace bench {

/// A server that already runs on 127.0.0.1.
struct Candidate {
  std::string name;
  std::uint16_t port = 0;
};

/// Reads NAME=http://127.0.0.1:PORT. Throws std::invalid_argument for anything else.
Candidate parse_candidate(const std::string& text);

/// Runs every load on every server and returns the table. What a server cannot do is shown as
/// failed, with the reason below the table.
std::string compare(const Settings& settings, const std::vector<Candidate>& candidates);

}  // namespace bench
