// What the services will do at times that are known, for people who move the clock: what they tell
// of, and beside that the timers that are set for work of their own. Its beginning is what the
// clock does next.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>

#include "insight/errors.h"
#include "insight/operations.h"
#include "runtime/timer_purpose.h"
#include "services/insight/service.h"
#include "services/insight/unusable.h"

namespace matinee::insight {

namespace {

constexpr std::int32_t most_due = 500;
constexpr std::int32_t usual_due = 50;
/// Timers that are looked at between two looks at the turn.
constexpr std::size_t timers_at_once = 64;

/// Puts timers among what services have told.
class TimerRows {
 public:
  explicit TimerRows(const std::vector<services::DueThing>& told) {
    for (const services::DueThing& thing : told) told_.insert(thing.at);
  }

  /// A timer whose things were told is no row of its own. Where they were not they are others', or
  /// there is nothing to do any more: of very many of these that follow each other, one is enough.
  void add(const runtime::SetTimer& timer) {
    const runtime::TimerPurpose& purpose = *timer.purpose;
    if (purpose.is_told && told_.contains(timer.when)) {
      untold_.clear();
      return;
    }
    if (purpose.is_told && !untold_.insert(&purpose).second) return;
    const std::string_view what =
        purpose.what.empty() ? "a service goes on with its work" : purpose.what;
    if (!rows_.empty() && rows_.back().at == timer.when && rows_.back().what == what) return;
    rows_.push_back({.at = timer.when, .what = std::string(what), .resource = ""});
  }

  std::size_t size() const { return rows_.size(); }
  std::vector<services::DueThing> take() { return std::move(rows_); }

 private:
  std::set<runtime::Time> told_;
  /// Purposes of timers that stand for others' things, since the last one of the caller's own.
  std::set<const runtime::TimerPurpose*> untold_;
  std::vector<services::DueThing> rows_;
};

}  // namespace

/// Adds the timers, in no order with the rest, up to the `most`th of all that is due.
runtime::Task<> Service::add_timers(std::vector<services::DueThing>& told, std::size_t most) const {
  const auto* clock = dynamic_cast<const runtime::PurposefulClock*>(&clock_);
  if (!clock) co_return;
  TimerRows rows(told);
  runtime::SetTimer last{.when = clock_.now(), .number = UINT64_MAX};
  bool is_more = true;
  while (is_more && rows.size() < most) {
    if (loop_->turns().is_over()) co_await loop_->turns().next();
    const std::vector<runtime::SetTimer> timers = clock->timers_after(last, timers_at_once);
    is_more = timers.size() == timers_at_once;
    for (const runtime::SetTimer& timer : timers) {
      rows.add(timer);
      last = timer;
    }
    if (told.size() >= most && last.when > told[most - 1].at) break;
  }
  std::ranges::move(rows.take(), std::back_inserter(told));
}

runtime::Task<ListDueResponse> Service::list_due(const Context& context,
                                                 const ListDueRequest& request) {
  const std::int32_t most = request.max_items.value_or(usual_due);
  if (most < 1 || most > most_due)
    throw unusable(fmt::format("max-items is between 1 and {}.", most_due));
  const auto limit = static_cast<std::size_t>(most);
  // One more of each tells whether there are more.
  const services::DueQuery query{
      .account = context.account, .region = context.region, .now = clock_.now(), .most = limit + 1};
  std::vector<services::DueThing> all;
  for (const services::DueSource* source : due_)
    std::ranges::move(co_await source->due(query, loop_->turns()), std::back_inserter(all));
  services::keep_earliest(all, limit + 1);
  if (loop_) co_await add_timers(all, limit + 1);
  services::keep_earliest(all, limit + 1);
  ListDueResponse response{.now = clock_.now(), .complete = all.size() <= limit};
  if (all.size() > limit) all.resize(limit);
  // What was told first may have happened since.
  std::erase_if(all, [&](const services::DueThing& thing) { return thing.at <= response.now; });
  if (const auto* clock = dynamic_cast<const runtime::MovableClock*>(&clock_))
    response.next_timer = clock->state().next;
  std::vector<DueThing>& due = response.due.emplace();
  for (services::DueThing& thing : all) {
    due.push_back({.at = thing.at, .what = std::move(thing.what)});
    if (!thing.resource.empty()) due.back().resource = std::move(thing.resource);
  }
  co_return response;
}

}  // namespace matinee::insight
