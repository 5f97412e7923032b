// What clients have sent into a trace themselves, as the journal tells of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "insight/shapes.h"

namespace matinee::cli {

/// A message, an event or a call, at the resource that took it in.
struct Beginning {
  std::string id;
  std::string resource;  // its ARN
  std::int64_t bytes = 0;
};

/// In the order of the hops. None of what services have delivered or functions have sent while they
/// were called within the trace; a program elsewhere that hands on the trace is a client. `root` is
/// that of the trace: "1-5759e988-bd862e3fe1be46a994272793".
std::vector<Beginning> find_beginnings(const std::string& root,
                                       const std::vector<insight::Hop>& hops);

}  // namespace matinee::cli
