// Puts events into a stream, as blocks.
#pragma once

#include <span>

#include "services/logs/catalog/catalog.h"

namespace matinee::logs {

struct NewEvent {
  Milliseconds time = 0;
  std::string_view text;
};

/// In the current transaction. The events are in order of their times. `stream` becomes what is
/// stored of it.
void write_events(Catalog& catalog, GroupNumber group, Stream& stream,
                  std::span<const NewEvent> events, Milliseconds now);

}  // namespace matinee::logs
