#include "services/logs/housekeeping.h"

#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/logs/catalog/block.h"

namespace matinee::logs {

namespace {

/// What one transaction removes at most, however little time that takes.
constexpr std::size_t most_in_a_step = 500;
constexpr std::chrono::minutes wait_after_failure{1};
/// AWS takes days. Nobody sees expired events meanwhile.
constexpr std::chrono::hours wait_between_passes{1};
constexpr std::int64_t milliseconds_a_day = 86'400'000;

constexpr runtime::TimerPurpose removing{
    .what = "CloudWatch Logs removes events whose retention is over"};

}  // namespace

Housekeeping::Housekeeping(Catalog& catalog, const RetentionPolicies& retention,
                           runtime::Loop& loop)
    : catalog_(catalog), retention_(retention), loop_(loop) {
  if (!catalog_.remains.is_empty(catalog_.remains.all()) ||
      !catalog_.expiring.is_empty(catalog_.expiring.all()) ||
      !catalog_.account_policies.is_empty(catalog_.account_policies.all()))
    wake();
}

Housekeeping::~Housekeeping() {
  loop_.clock().cancel(timer_);
  alive_.reset();
}

void Housekeeping::wake() {
  if (is_posted_) {
    again_ = true;
    return;
  }
  again_ = false;
  next_group_ = 0;
  find_governed();
  post_step();
}

void Housekeeping::post_step() {
  is_posted_ = true;
  loop_.post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    is_posted_ = false;
    step();
  });
}

void Housekeeping::wait(runtime::Duration duration) {
  loop_.clock().cancel(timer_);
  timer_ = runtime::call_for(loop_.clock(), removing, loop_.clock().now() + duration, [this] {
    timer_ = runtime::TimerId::none;
    wake();
  });
}

void Housekeeping::step() {
  try {
    storage::Transaction transaction(catalog_.store());
    const bool goes_on = remove_some();
    transaction.commit();
    if (goes_on) return post_step();
    if (again_) return wake();
    if (has_policies_ || !catalog_.expiring.is_empty(catalog_.expiring.all()))
      wait(wait_between_passes);
  } catch (const std::exception& error) {
    spdlog::error("Old log events could not be removed, which is tried again in a minute: {}",
                  error.what());
    wait(wait_after_failure);
  }
}

bool Housekeeping::is_time_to_pause(std::size_t removed) const {
  return removed >= most_in_a_step || (removed > 0 && loop_.turns().is_over());
}

bool Housekeeping::remove_some() {
  if (const auto first = catalog_.remains.first(catalog_.remains.all())) {
    const auto [group, stream] = first->first;
    remove_remains(group, stream);
    return true;
  }
  const auto range = catalog_.expiring.from(catalog_.expiring.all(), next_group_);
  if (const auto first = catalog_.expiring.first(range)) {
    if (remove_expired(first->first)) next_group_ = first->first + 1;
    return true;
  }
  if (governed_.empty()) return false;
  auto& [next, end] = governed_.back();
  auto place = catalog_.group_names.cursor(catalog_.group_names.between(next, end));
  if (!place.valid()) {
    governed_.pop_back();
  } else {
    next = place.key();
    if (remove_expired(next)) ++next;
  }
  return true;
}

void Housekeeping::find_governed() {
  governed_.clear();
  // Most stores have none, and then nothing has to be looked for.
  if (!catalog_.account_policies.is_empty(catalog_.account_policies.all()))
    catalog_.scopes.scan(catalog_.scopes.all(), [&](const auto& owner, const ScopeRecord& scope) {
      if (!retention_.rules_of(std::get<0>(owner), std::get<1>(owner)).empty())
        governed_.push_back(groups_of(scope));
      return true;
    });
  has_policies_ = !governed_.empty();
}

bool Housekeeping::remove_expired(GroupNumber number) {
  const std::optional<Group> group = catalog_.find_group(number);
  if (!group) return true;
  const Milliseconds now = runtime::to_milliseconds(loop_.clock().now());
  const std::optional<std::int32_t> days = retention_.of(*group, now).days;
  return !days || remove_expired(number, now - *days * milliseconds_a_day);
}

void Housekeeping::remove_remains(GroupNumber group, StreamNumber stream) {
  std::vector<std::tuple<GroupNumber, StreamNumber, Milliseconds, Sequence>> removed;
  auto place = catalog_.blocks_of_streams.cursor(catalog_.blocks_of_streams.prefix(group, stream));
  for (; place.valid() && !is_time_to_pause(removed.size()); place.next())
    removed.push_back(place.key());
  const bool done = !place.valid();
  for (const auto& key : removed) {
    catalog_.blocks_of_streams.erase(key);
    catalog_.blocks.erase({group, std::get<2>(key), std::get<3>(key)});
  }
  if (done) catalog_.remains.erase({group, stream});
}

/// Blocks that have expired as a whole; of others, nobody sees what has.
bool Housekeeping::remove_expired(GroupNumber group, Milliseconds horizon) {
  struct Expired {
    Milliseconds start;
    Sequence sequence;
    StreamNumber stream;
    std::uint64_t bytes;
  };
  std::vector<Expired> removed;
  auto place = catalog_.blocks.cursor(catalog_.blocks.between(
      std::tuple(group), std::tuple(group, std::max<Milliseconds>(horizon, 0))));
  for (; place.valid() && !is_time_to_pause(removed.size()); place.next()) {
    const auto [owner, start, sequence] = place.key();
    const BlockView block(start, place.record().bytes);
    if (block.end() >= horizon) continue;
    std::uint64_t bytes = 0;
    for (std::uint32_t i = 0; i < block.size(); ++i)
      bytes += block.text(i).size() + bytes_beside_text;
    removed.push_back({start, sequence, block.stream(), bytes});
  }
  const bool is_done = !place.valid();
  GroupCounters counters = catalog_.counters_of(group);
  for (const Expired& block : removed) {
    catalog_.blocks.erase({group, block.start, block.sequence});
    catalog_.blocks_of_streams.erase({group, block.stream, block.start, block.sequence});
    counters.stored_bytes -= std::min(counters.stored_bytes, block.bytes);
    const auto name = catalog_.stream_names.find({group, block.stream});
    if (!name) continue;
    if (std::optional<Stream> stream = catalog_.find_stream(group, *name)) {
      stream->record.stored_bytes -= std::min(stream->record.stored_bytes, block.bytes);
      catalog_.change(group, *stream);
    }
  }
  if (!removed.empty()) catalog_.counters.put(group, counters);
  return is_done;
}

}  // namespace matinee::logs
