#include "services/s3/notifications/notifications.h"

#include "services/s3/headers/not_served.h"
#include "services/s3/notifications/bus_event.h"

namespace matinee::s3 {

Notifications::Notifications(storage::Store& store, services::Outbox* outbox)
    : store_(store), outbox_(outbox), table_(store, storage::TableId{0x0330}) {
  table_.scan(table_.all(), [&](const std::string& bucket, NotificationRecord record) {
    rules_.emplace(bucket, std::move(record));
    return true;
  });
}

const NotificationRecord* Notifications::find(const std::string& bucket) const {
  const auto found = rules_.find(bucket);
  return found == rules_.end() ? nullptr : &found->second;
}

void Notifications::put(const std::string& bucket, const NotificationRecord& record) {
  if (record.is_empty()) return erase(bucket);
  table_.put(bucket, record);
  store_.on_commit([this, bucket, record] { rules_[bucket] = record; });
}

void Notifications::erase(const std::string& bucket) {
  if (!find(bucket)) return;
  table_.erase(bucket);
  store_.on_commit([this, bucket] { rules_.erase(bucket); });
}

/// Sequences are times, so that they grow on after a restart.
void Notifications::publish(const services::Context& context, EventPlace place,
                            const ObjectEvent& event) {
  const NotificationRecord* record = find(place.bucket);
  if (!record || !outbox_) return;
  last_sequence_ = std::max(last_sequence_ + 1,
                            static_cast<std::uint64_t>(place.time.time_since_epoch().count()));
  place.sequence = last_sequence_;
  for (const NotificationRule& rule : record->rules) {
    if (!rule.matches(event.name, event.key)) continue;
    services::Delivery delivery = envelope(rule.target, place.bucket, place.account);
    delivery.body = event_message(context, place, event, rule.id);
    delivery.trace_header = context.trace_header;
    outbox_->add(delivery);
  }
  if (record->to_event_bridge && events_)
    if (std::optional<services::ServiceEvent> told = bus_event(context, place, event))
      events_->put(*told);
}

services::Outbox& Notifications::outbox() const {
  if (!outbox_) refuse("notifications");
  return *outbox_;
}

services::Delivery Notifications::envelope(const std::string& target, const std::string& bucket,
                                           const std::string& account) {
  services::Delivery delivery{.target = target,
                              .body = "",
                              .service_principal = "s3.amazonaws.com",
                              .source_arn = "arn:aws:s3:::" + bucket,
                              .source_account = account};
  if (target.starts_with("arn:aws:sns:")) delivery.subject = "Amazon S3 Notification";
  // A queue's policy can be mended meanwhile.
  delivery.retries.patience_when_refused = std::chrono::seconds(30);
  return delivery;
}

}  // namespace matinee::s3
