// Listing, choosing and sending.
#include "jobs/publish/publisher.h"

#include <fmt/format.h>

namespace matinee::jobs::publish {

namespace {

/// Messages refused for good, after which there is something wrong with more than them.
constexpr std::uint64_t most_failures = 1000;

}  // namespace

struct LaneState {
  PublishedCursor known;
  LaneWriter*& writer;  // of the lane; null before its first batch
  bool has_section = false;
  std::vector<Entry> batch = {};
};

Publisher::Publisher(PublisherParts parts)
    : parts_(parts), sends_(parts.options.concurrency), workers_(parts.options.concurrency) {}

LaneWriter& Publisher::open_lane() {
  return *lanes_.emplace_back(parts_.ledger.open_lane());
}

runtime::Task<> Publisher::settle(std::vector<Entry> doubts) {
  std::erase_if(doubts, [this](const Entry& entry) {
    return !parts_.sender.is_dropped_when_repeated(*entry.doubt);
  });
  if (doubts.empty()) co_return;
  LaneWriter& lane = open_lane();
  lane.begin_section(true);
  for (std::size_t begin = 0; begin < doubts.size(); begin += batch_size) {
    const std::size_t end = std::min(begin + batch_size, doubts.size());
    std::vector<Entry> batch(doubts.begin() + static_cast<std::ptrdiff_t>(begin),
                             doubts.begin() + static_cast<std::ptrdiff_t>(end));
    for (const Entry& entry : batch) settled_.insert(entry.key);
    co_await sends_.spawn(parts_.sender.send(std::move(batch), lane));
  }
  co_await sends_.join();
  lanes_.clear();
}

runtime::Task<> Publisher::publish() {
  const PublishOptions& options = parts_.options;
  const bool is_small = options.limit && *options.limit <= 1000;
  const std::uint64_t lanes = is_small ? 1 : options.concurrency;
  space_.emplace(options.prefix, parts_.ledger.published().divide(options.prefix, lanes - 1));
  std::exception_ptr error;
  try {
    for (std::uint64_t i = 0; i < lanes; ++i) co_await workers_.spawn(work());
  } catch (...) {
    error = std::current_exception();
  }
  co_await join_all();
  if (error) std::rethrow_exception(error);
  for (const auto& lane : lanes_) lane->sync();
  lanes_.clear();
}

/// Waits for both groups, also where the first one has failed.
runtime::Task<> Publisher::join_all() {
  std::exception_ptr error;
  try {
    co_await workers_.join();
  } catch (...) {
    error = std::current_exception();
  }
  co_await sends_.join();
  if (error) std::rethrow_exception(error);
}

/// One lane. When it fails, the others end as well.
runtime::Task<> Publisher::work() {
  std::exception_ptr error;
  try {
    co_await work_until_done();
  } catch (...) {
    error = std::current_exception();
    has_given_up_ = true;
  }
  changed_.notify();
  if (error) std::rethrow_exception(error);
}

runtime::Task<> Publisher::work_until_done() {
  LaneWriter* lane = nullptr;
  while (!has_ended() && !space_->is_finished()) {
    KeyRange* range = space_->take();
    if (!range) {
      co_await changed_.wait();
      continue;
    }
    co_await list(*range, lane);
  }
}

runtime::Task<> Publisher::list(KeyRange& range, LaneWriter*& lane) {
  LaneState state{.known = {parts_.ledger.published(), range.span.after}, .writer = lane};
  while (range.has_more && !has_ended()) {
    Page page = co_await parts_.lister.list(range.span.after);
    const Span span = range.span;
    const bool is_empty = page.objects.empty();
    range.has_more = page.has_more;
    space_->listed(range, is_empty ? "" : page.objects.front().key,
                   is_empty ? "" : page.objects.back().key);
    changed_.notify();
    co_await handle(std::move(page), span, state);
    on_page();
  }
  if (!state.batch.empty()) co_await send_batch(state);
  space_->finish(range);
  changed_.notify();
}

runtime::Task<> Publisher::handle(Page page, const Span& span, LaneState& state) {
  for (const ListedObject& object : page.objects) {
    if (!span.covers(object.key) || has_ended()) break;
    ++counts_.seen;
    std::optional<Entry> entry = choose(object, state.known.find(object.key));
    if (!entry) continue;
    if (parts_.options.limit && counts_.to_send >= *parts_.options.limit) {
      is_limited_ = true;
      break;
    }
    ++counts_.to_send;
    if (parts_.options.dry_run) continue;
    state.batch.push_back(std::move(*entry));
    if (state.batch.size() < batch_size) continue;
    co_await send_batch(state);
    has_given_up_ = has_given_up_ || parts_.sender.failed() >= most_failures;
  }
}

/// Goes on once the batch is being sent.
runtime::Task<> Publisher::send_batch(LaneState& state) {
  if (!state.writer) state.writer = &open_lane();
  if (!std::exchange(state.has_section, true)) state.writer->begin_section();
  co_await sends_.spawn(parts_.sender.send(std::exchange(state.batch, {}), *state.writer));
}

bool Publisher::is_selected(const ListedObject& object) const {
  const PublishOptions& options = parts_.options;
  return object.key.ends_with(options.suffix) &&
         (!options.since || object.modified >= *options.since);
}

/// What is to be sent for an object, if anything.
std::optional<Entry> Publisher::choose(const ListedObject& object, const Entry* before) {
  if (!is_selected(object)) {
    ++counts_.not_selected;
    return std::nullopt;
  }
  if (before && before->etag == object.etag) return choose_again(object, *before);
  if (!is_utf8(object.key)) {
    parts_.sender.fail(object.key, "the key is not UTF-8, and no message can hold it");
    return std::nullopt;
  }
  return Entry{.key = object.key,
               .etag = object.etag,
               .edition = parts_.ledger.state().edition,
               .doubt = std::nullopt};
}

/// The same for an object that the ledger knows just as it is.
std::optional<Entry> Publisher::choose_again(const ListedObject& object, const Entry& before) {
  const LedgerState& state = parts_.ledger.state();
  Entry anew{.key = object.key, .etag = object.etag, .edition = state.edition, .doubt = {}};
  if (state.again && before.edition < state.edition) return anew;
  if (!before.doubt) {
    if (!settled_.contains(object.key)) ++counts_.skipped;
    return std::nullopt;
  }
  // The first message's own deduplication id, so that the queue drops this one if it has that.
  if (parts_.sender.is_dropped_when_repeated(*before.doubt)) return before;
  ++counts_.in_doubt;
  if (parts_.options.in_doubt == InDoubt::skip) return std::nullopt;
  return anew;
}

}  // namespace matinee::jobs::publish
