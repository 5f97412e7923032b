#include "cloud/moved_time.h"

#include "runtime/later_clock.h"
#include "runtime/movable_clock.h"

namespace matinee::cloud {

namespace {

constexpr storage::TableId times{0x1101};
constexpr std::uint8_t latest_time = 1;
/// A clock that runs is kept so often: not with every reply.
constexpr runtime::Duration interval = std::chrono::seconds(1);

}  // namespace

MovedTime::MovedTime(storage::Store& store) : store_(store), table_(store, times) {
  if (const auto time = table_.find(latest_time))
    kept_ = runtime::Time(runtime::Duration(static_cast<std::int64_t>(*time)));
}

void MovedTime::keep(const runtime::Clock& clock) {
  const auto* movable = dynamic_cast<const runtime::MovableClock*>(&clock);
  if (!movable) return;
  const runtime::Time now = clock.now();
  const bool stands = movable->state().paused;
  if (!stands && now - runtime::wall_time(clock) < interval) return;
  if (kept_ && now < *kept_ + (stands ? runtime::Duration(1) : interval)) return;
  put(now);
}

void MovedTime::keep_step(const runtime::Clock& clock) {
  const runtime::Time now = clock.now();
  if (!kept_ || now >= *kept_ + interval) put(now);
}

void MovedTime::put(runtime::Time now) {
  try {
    storage::Transaction transaction(store_);
    table_.put(latest_time, static_cast<std::uint64_t>(now.time_since_epoch().count()));
    transaction.commit();
    kept_ = now;
  } catch (const storage::StoreFailure&) {
    // Then what the round has committed is in the same danger, and the flush tells.
  }
}

}  // namespace matinee::cloud
