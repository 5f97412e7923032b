// The notifications of buckets: their rules, kept in a table and mirrored in memory, so that a
// change in a bucket without any costs a look-up in a map; and the way of events into the outbox.
//
// State thread only; writes inside a transaction.
#pragma once

#include <map>

#include "services/event_sink.h"
#include "services/outbox.h"
#include "services/s3/catalog/notification_record.h"
#include "services/s3/notifications/object_event.h"
#include "storage/table.h"

namespace matinee::s3 {

class Notifications {
 public:
  /// Without an outbox, which is null then, there are no notifications: `outbox` refuses.
  Notifications(storage::Store& store, services::Outbox* outbox);

  /// Until it is told of one, there is no event bus. It must outlive this.
  void use_events(services::EventSink& events) { events_ = &events; }
  bool has_events() const { return events_ != nullptr; }

  /// Null where the bucket has none.
  const NotificationRecord* find(const std::string& bucket) const;
  void put(const std::string& bucket, const NotificationRecord& record);
  void erase(const std::string& bucket);

  /// Puts a message into the outbox for each rule of the bucket that the event matches, and tells
  /// the event bus, if it is to be told.
  /// `place.sequence` is set here.
  void publish(const services::Context& context, EventPlace place, const ObjectEvent& event);

  /// Throws NotImplemented where there is none.
  services::Outbox& outbox() const;

  /// A message without a body, in the name of a bucket.
  static services::Delivery envelope(const std::string& target, const std::string& bucket,
                                     const std::string& account);

 private:
  storage::Store& store_;
  services::Outbox* outbox_;
  services::EventSink* events_ = nullptr;
  storage::Table<std::string, NotificationRecord> table_;
  std::map<std::string, NotificationRecord> rules_;  // by bucket
  std::uint64_t last_sequence_ = 0;
};

}  // namespace matinee::s3
