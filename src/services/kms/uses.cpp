// When a key was last used with success: kept in memory for some seconds, so that no encryption has
// to write for it.
#include "kms/operations.h"
#include "runtime/timer_purpose.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::chrono::seconds uses_are_stored_after{5};

constexpr runtime::TimerPurpose storing{.what = "KMS notes when keys were used"};

}  // namespace

void Service::note_use(const Context& context, const Key& key, std::string_view operation) {
  std::string place = key.name.region;
  place.append(key.name.account).append(key.name.id);
  auto& [name, use] = uses_[std::move(place)];
  if (name.id.empty()) name = key.name;
  use.operation = operation;
  use.at = clock_.now();
  use.request_id = context.request_id;
  if (use.event_id.empty()) use.event_id = random_.uuid();
  if (uses_timer_ != runtime::TimerId::none) return;
  uses_timer_ = runtime::call_for(clock_, storing, use.at + uses_are_stored_after, [this] {
    uses_timer_ = runtime::TimerId::none;
    store_uses();
  });
}

/// What a full disk does not take is tried again with the next use.
void Service::store_uses() {
  try {
    storage::Transaction transaction(store_);
    for (const auto& [place, use] : uses_)
      if (catalog_.find(use.first)) catalog_.uses.put(use.first.tuple(), use.second);
    transaction.commit();
    uses_.clear();
  } catch (const storage::StoreFailure&) {
    return;
  }
}

GetKeyLastUsageResponse Service::get_key_last_usage(const Context& context,
                                                    const GetKeyLastUsageRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::key_only);
  GetKeyLastUsageResponse response;
  response.key_id = key.name.id;
  response.key_creation_date = key.record.created;
  response.tracking_start_date = key.record.created;
  response.key_last_usage.emplace();
  std::optional<UseRecord> use = catalog_.uses.find(key.name.tuple());
  const auto recent = uses_.find(key.name.region + key.name.account + key.name.id);
  if (recent != uses_.end()) use = recent->second.second;
  if (!use) return response;
  response.key_last_usage->operation = use->operation;
  response.key_last_usage->timestamp = use->at;
  response.key_last_usage->cloud_trail_event_id = use->event_id;
  response.key_last_usage->kms_request_id = use->request_id;
  return response;
}

}  // namespace matinee::kms
