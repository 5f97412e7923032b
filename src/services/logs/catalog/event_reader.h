// Looks through blocks for events, and gives a page of them in order.
//
// Blocks begin one after the other but overlap, so the page is collected while blocks are looked
// at: the best events so far are kept, until no later block can have better ones. Only what the
// page gives is copied. Memory is that of a page, however much there is.
#pragma once

#include <functional>

#include "runtime/loop.h"
#include "runtime/task.h"
#include "services/logs/catalog/block_source.h"
#include "services/logs/catalog/position.h"

namespace matinee::logs {

/// The most that a page of events has, as AWS counts.
constexpr std::size_t most_page_bytes = std::size_t{1} << 20;
constexpr std::size_t most_page_events = 10'000;

struct EventQuery {
  Milliseconds from = 0;
  Milliseconds to = std::int64_t{1} << 42;  // inclusive
  Direction direction = Direction::forward;
  /// Only events behind this one, in that direction.
  std::optional<Position> beyond;
  /// No block before this one, in that direction, has any.
  std::optional<BlockKey> resume;
  std::size_t limit = most_page_events;
  /// No block has events further apart.
  Milliseconds longest_block = most_block_span;
  /// Without one, all.
  std::function<bool(StreamNumber)> takes_stream;
  std::function<bool(std::string_view)> takes_text;
  /// After so long a page is given with what there is.
  runtime::Duration patience = std::chrono::hours(1);
};

struct FoundEvent {
  Position position;
  StreamNumber stream = 0;
  Milliseconds ingestion = 0;
  std::string text;
  Milliseconds block_start = 0;
};

struct EventPage {
  std::vector<FoundEvent> events;  // in the query's direction
  /// Whether there may be more, and where they are looked for.
  bool has_more = false;
  std::optional<Position> beyond;
  BlockKey resume;
};

/// Gives way to others while it works. All must outlive the task.
runtime::Task<EventPage> read_events(BlockSource& source, const EventQuery& query,
                                     runtime::Loop& loop);

}  // namespace matinee::logs
