// What keys have to do at a time: they stand in one table by time, whose first entry sets the
// timer.
#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/event_detail.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

/// So many at once; the next ones in the next round.
constexpr int most_at_once = 100;
constexpr std::chrono::seconds pause_of_a_full_disk{10};

constexpr runtime::TimerPurpose looking_after_keys{.what = "KMS deletes or rotates keys",
                                                   .is_told = true};

}  // namespace

void Service::schedule(const KeyName& name, runtime::Time when, Due kind) {
  catalog_.due.put({when, name.account, name.region, name.id, kind}, true);
  store_.on_commit([this] { watch_due(); });
}

void Service::unschedule(const KeyName& name, std::optional<runtime::Time> when, Due kind) {
  if (when) catalog_.due.erase({*when, name.account, name.region, name.id, kind});
}

void Service::watch_due() {
  clock_.cancel(due_timer_);
  due_timer_ = runtime::TimerId::none;
  const auto first = catalog_.due.first();
  if (!first) return;
  due_timer_ = runtime::call_for(clock_, looking_after_keys, std::get<0>(first->first), [this] {
    due_timer_ = runtime::TimerId::none;
    handle_due();
  });
}

void Service::handle_due() {
  try {
    storage::Transaction transaction(store_);
    const runtime::Time now = clock_.now();
    std::vector<DueTable::KeyType> reached;
    catalog_.due.scan(catalog_.due.left(), [&](const auto& key, bool) {
      if (std::get<0>(key) > now || reached.size() >= most_at_once) return false;
      reached.push_back(key);
      return true;
    });
    for (const auto& entry : reached) {
      const auto& [when, account, region, id, kind] = entry;
      catalog_.due.erase(entry);
      handle({.account = account, .region = region, .id = id}, kind);
    }
    transaction.commit();
    watch_due();
  } catch (const storage::StoreFailure& failure) {
    spdlog::error("What keys have to do now is tried again later: {}", failure.what());
    due_timer_ =
        runtime::call_for(clock_, looking_after_keys, clock_.now() + pause_of_a_full_disk, [this] {
          due_timer_ = runtime::TimerId::none;
          handle_due();
        });
  }
}

void Service::announce(const Key& key, std::string_view detail_type) {
  if (!events_) return;
  events_->put({.account = key.name.account,
                .region = key.name.region,
                .source = "aws.kms",
                .detail_type = std::string(detail_type),
                .resources = {key.arn()},
                .detail = services::EventDetail().add("key-id", key.name.id).take()});
}

void Service::handle(const KeyName& name, Due kind) {
  std::optional<Key> key = catalog_.find(name);
  if (!key) return;
  switch (kind) {
    case Due::deletion:
      return end_key(*key);
    case Due::rotation:
      return rotate_by_schedule(*key);
    case Due::expiry:
      return expire_material(*key);
    case Due::creation:
      if (key->record.state != State::creating) return;
      key->record.state = key->record.is_external ? State::pending_import : State::enabled;
      return catalog_.put(*key);
  }
}

}  // namespace matinee::kms
