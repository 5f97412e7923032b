// What waits to be delivered, as it is stored: a lane has what its deliveries have in common.
#pragma once

#include "services/outbox.h"
#include "storage/record.h"

namespace matinee::services {

inline void encode_record(storage::Writer& out, const MessageAttribute& attribute) {
  out.bytes(attribute.name);
  out.bytes(attribute.type);
  out.bytes(attribute.value);
}

inline void decode_record(storage::Reader& in, MessageAttribute& attribute) {
  attribute.name = in.bytes();
  attribute.type = in.bytes();
  attribute.value = in.bytes();
}

}  // namespace matinee::services

namespace matinee::delivery {

struct PhaseRecord {
  std::uint32_t count = 0;
  runtime::Duration first{};
  runtime::Duration last{};
  services::RetryPhase::Growth growth = services::RetryPhase::Growth::linear;

  bool operator==(const PhaseRecord&) const = default;
  static constexpr auto fields =
      std::tuple{storage::field<1>(&PhaseRecord::count), storage::field<2>(&PhaseRecord::first),
                 storage::field<3>(&PhaseRecord::last), storage::field<4>(&PhaseRecord::growth)};
};

/// Deliveries of one source to one target by one way.
struct LaneRecord {
  std::string target;
  std::string source_arn;
  std::string via;
  std::string service_principal;
  std::string source_account;
  std::string role;
  bool in_order = true;
  services::RetryPolicy::Kind retries = services::RetryPolicy::Kind::notification;
  std::vector<PhaseRecord> phases;
  std::optional<std::uint32_t> most_retries;
  std::optional<runtime::Duration> oldest;
  runtime::Duration patience_when_refused{};
  std::string dead_letters;  // the queue's ARN
  bool tells_reasons = false;

  bool operator==(const LaneRecord&) const = default;
  static constexpr auto fields = std::tuple{storage::field<1>(&LaneRecord::target),
                                            storage::field<2>(&LaneRecord::source_arn),
                                            storage::field<3>(&LaneRecord::via),
                                            storage::field<4>(&LaneRecord::service_principal),
                                            storage::field<5>(&LaneRecord::source_account),
                                            storage::field<6>(&LaneRecord::role),
                                            storage::field<7>(&LaneRecord::in_order),
                                            storage::field<8>(&LaneRecord::retries),
                                            storage::field<9>(&LaneRecord::phases),
                                            storage::field<10>(&LaneRecord::most_retries),
                                            storage::field<11>(&LaneRecord::oldest),
                                            storage::field<12>(&LaneRecord::patience_when_refused),
                                            storage::field<13>(&LaneRecord::dead_letters),
                                            storage::field<14>(&LaneRecord::tells_reasons)};
};

struct DeliveryRecord {
  std::string body;
  runtime::Time created;
  std::string trace_header;
  std::string id;
  std::vector<services::MessageAttribute> attributes;
  std::optional<std::string> subject;
  std::optional<std::string> group;
  std::optional<std::string> deduplication_id;
  std::optional<std::string> parameters;
  std::optional<std::string> dead_body;
  std::optional<std::vector<services::MessageAttribute>> dead_attributes;
  std::optional<std::uint32_t> tries;
  /// Of a lane that keeps its order: when its head is tried again. Else the key tells.
  std::optional<runtime::Time> due;
  std::optional<runtime::Time> first_tried;
  std::optional<std::string> told_of_tries;

  static constexpr auto fields = std::tuple{storage::field<1>(&DeliveryRecord::body),
                                            storage::field<2>(&DeliveryRecord::created),
                                            storage::field<3>(&DeliveryRecord::trace_header),
                                            storage::field<4>(&DeliveryRecord::id),
                                            storage::field<5>(&DeliveryRecord::attributes),
                                            storage::field<6>(&DeliveryRecord::subject),
                                            storage::field<7>(&DeliveryRecord::group),
                                            storage::field<8>(&DeliveryRecord::deduplication_id),
                                            storage::field<9>(&DeliveryRecord::parameters),
                                            storage::field<10>(&DeliveryRecord::dead_body),
                                            storage::field<11>(&DeliveryRecord::dead_attributes),
                                            storage::field<12>(&DeliveryRecord::tries),
                                            storage::field<13>(&DeliveryRecord::due),
                                            storage::field<14>(&DeliveryRecord::first_tried),
                                            storage::field<15>(&DeliveryRecord::told_of_tries)};
};

/// Lane, when it is due (the epoch in lanes that keep their order), and a number that grows.
using DeliveryKey = std::tuple<std::uint64_t, runtime::Time, std::uint64_t>;

/// As versions before there were lanes stored it, by target, source and number.
struct OldDeliveryRecord {
  std::string body;
  std::string service_principal;
  std::string source_account;
  runtime::Time created;
  std::string trace_header;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&OldDeliveryRecord::body),
                 storage::field<2>(&OldDeliveryRecord::service_principal),
                 storage::field<3>(&OldDeliveryRecord::source_account),
                 storage::field<4>(&OldDeliveryRecord::created),
                 storage::field<5>(&OldDeliveryRecord::trace_header)};
};
using OldDeliveryKey = std::tuple<std::string, std::string, std::uint64_t>;

LaneRecord lane_of(const services::Delivery& delivery);
DeliveryRecord record_of(const services::Delivery& delivery, runtime::Time now);
services::Delivery to_delivery(const LaneRecord& lane, DeliveryRecord record);
services::RetryPolicy retries_of(const LaneRecord& lane);

}  // namespace matinee::delivery
