// Puts events into a stream, as blocks.
#pragma once

#include <span>
#include <vector>

#include "services/logs/catalog/catalog.h"
#include "services/logs/catalog/position.h"

namespace matinee::logs {

struct NewEvent {
  Milliseconds time = 0;
  std::string_view text;
};

/// In order of their times, and when they came.
struct NewEvents {
  std::span<const NewEvent> events;
  Milliseconds now = 0;
  /// Where the events have come to lie, for whoever wants to know.
  std::vector<Position>* positions = nullptr;
};

/// In the current transaction. `stream` becomes what is stored of it.
void write_events(Catalog& catalog, GroupNumber group, Stream& stream, const NewEvents& batch);

}  // namespace matinee::logs
