#include "services/logs/catalog/event_reader.h"

#include <algorithm>

namespace matinee::logs {

namespace {

/// The best events so far.
class PageBuilder {
 public:
  explicit PageBuilder(const EventQuery& query) : query_(query) {}

  bool is_forward() const { return query_.direction == Direction::forward; }
  bool comes_before(const Position& one, const Position& other) const {
    return is_forward() ? one < other : other < one;
  }

  /// Where to begin.
  BlockKey first_key() const {
    constexpr Sequence last = (std::uint64_t{1} << 48) - 1;
    const auto beyond_time = [this](Milliseconds otherwise) {
      return query_.beyond ? query_.beyond->time : otherwise;
    };
    if (is_forward()) {
      const Milliseconds first = std::max(query_.from, beyond_time(query_.from));
      const BlockKey key{.start = std::max<Milliseconds>(first - query_.longest_block, 0)};
      return query_.resume ? std::max(key, *query_.resume) : key;
    }
    const Milliseconds first = std::min(query_.to, beyond_time(query_.to));
    const BlockKey key{.start = first, .sequence = last};
    return query_.resume ? std::min(key, *query_.resume) : key;
  }

  /// Whether neither this block nor those behind it can add anything.
  bool is_past_range(Milliseconds start) const {
    return is_forward() ? start > query_.to : start + query_.longest_block < query_.from;
  }
  /// Whether blocks from here on only have what belongs to later pages.
  bool is_past_page(Milliseconds start) const {
    const std::optional<Milliseconds> worst = worst_time();
    if (!worst) return false;
    return is_forward() ? start > *worst : start + query_.longest_block < *worst;
  }
  /// Whether an event can no more be overtaken by what blocks from here on have.
  bool is_settled(Milliseconds time, Milliseconds start) const {
    return is_forward() ? time < start : time > start + query_.longest_block;
  }

  void look_at(const BlockSource& source);
  EventPage finish(std::optional<BlockKey> stopped_at);
  /// With what is settled before `here`; nothing where that would get nobody any further.
  std::optional<EventPage> give_what_there_is(const BlockKey& here);

 private:
  const EventQuery& query_;
  std::vector<FoundEvent> found_;  // a heap, the last one of the page at its top
  std::size_t bytes_ = 0;
  std::optional<Position> bound_;  // the best one that was dropped
  std::optional<BlockKey> first_dropped_;

  std::optional<Milliseconds> worst_time() const {
    if (bound_) return bound_->time;
    if (found_.size() >= query_.limit) return found_.front().position.time;
    return std::nullopt;
  }
  auto order() const {
    return [this](const FoundEvent& one, const FoundEvent& other) {
      return comes_before(one.position, other.position);
    };
  }
  bool is_wanted(const Position& position) const {
    if (position.time < query_.from || position.time > query_.to) return false;
    return !query_.beyond || comes_before(*query_.beyond, position);
  }
  bool is_beyond_page(const Position& position) const {
    if (bound_ && !comes_before(position, *bound_)) return true;
    return found_.size() >= query_.limit && !comes_before(position, found_.front().position);
  }
  void drop(const BlockKey& block, const Position& position) {
    if (!bound_ || comes_before(position, *bound_)) bound_ = position;
    if (!first_dropped_) first_dropped_ = block;
    first_dropped_ =
        is_forward() ? std::min(*first_dropped_, block) : std::max(*first_dropped_, block);
  }
  void keep(FoundEvent event);
  void drop_last();
};

void PageBuilder::look_at(const BlockSource& source) {
  const BlockKey key = source.key();
  const Milliseconds end = source.end();
  if (end < query_.from) return;
  if (is_forward() && query_.beyond && end < query_.beyond->time) return;
  const std::optional<BlockView> block = source.view();
  if (!block) return;
  if (query_.takes_stream && !query_.takes_stream(block->stream())) return;
  for (std::uint32_t i = 0; i < block->size(); ++i) {
    const std::uint32_t index = is_forward() ? i : block->size() - 1 - i;
    const Position position{.time = block->time(index),
                            .sequence = key.sequence,
                            .index = static_cast<std::uint16_t>(index)};
    if (!is_wanted(position)) continue;
    const std::string_view text = block->text(index);
    if (query_.takes_text && !query_.takes_text(text)) continue;
    if (is_beyond_page(position)) {
      // So are all that follow in this block.
      drop(key, position);
      return;
    }
    keep({.position = position,
          .stream = block->stream(),
          .ingestion = block->ingestion(),
          .text = std::string(text),
          .block_start = key.start});
  }
}

void PageBuilder::keep(FoundEvent event) {
  bytes_ += event.text.size() + bytes_beside_text;
  found_.push_back(std::move(event));
  std::ranges::push_heap(found_, order());
  while (found_.size() > query_.limit || (bytes_ > most_page_bytes && found_.size() > 1))
    drop_last();
}

void PageBuilder::drop_last() {
  std::ranges::pop_heap(found_, order());
  const FoundEvent& last = found_.back();
  bytes_ -= last.text.size() + bytes_beside_text;
  drop({.start = last.block_start, .sequence = last.position.sequence}, last.position);
  found_.pop_back();
}

EventPage PageBuilder::finish(std::optional<BlockKey> stopped_at) {
  std::ranges::sort_heap(found_, order());
  EventPage page{.events = std::move(found_), .beyond = query_.beyond};
  if (!page.events.empty()) page.beyond = page.events.back().position;
  std::optional<BlockKey> resume = first_dropped_;
  if (!resume) resume = stopped_at;
  if (!resume) return page;
  if (stopped_at)
    resume = is_forward() ? std::min(*resume, *stopped_at) : std::max(*resume, *stopped_at);
  page.has_more = true;
  page.resume = *resume;
  return page;
}

std::optional<EventPage> PageBuilder::give_what_there_is(const BlockKey& here) {
  const auto is_settled_here = [&](const FoundEvent& event) {
    return is_settled(event.position.time, here.start);
  };
  if (!found_.empty() && std::ranges::none_of(found_, is_settled_here)) return std::nullopt;
  while (!found_.empty() && !is_settled_here(found_.front())) drop_last();
  return finish(here);
}

}  // namespace

runtime::Task<EventPage> read_events(BlockSource& source, const EventQuery& query,
                                     runtime::Loop& loop) {
  const runtime::Duration began = loop.elapsed();
  PageBuilder page(query);
  for (source.seek(page.first_key()); source.valid(); source.next()) {
    if (loop.turns().is_over()) {
      co_await loop.turns().next();
      if (loop.elapsed() - began > query.patience)
        if (auto partial = page.give_what_there_is(source.key())) co_return std::move(*partial);
    }
    const Milliseconds start = source.key().start;
    if (page.is_past_range(start)) break;
    if (page.is_past_page(start)) co_return page.finish(source.key());
    page.look_at(source);
  }
  co_return page.finish(std::nullopt);
}

}  // namespace matinee::logs
