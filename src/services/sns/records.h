// What the store keeps of topics, subscriptions, devices and telephone numbers.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "runtime/clock.h"
#include "storage/table.h"

namespace matinee::sns {

using Attributes = std::map<std::string, std::string>;

inline constexpr storage::TableId counters_table{0x0501};
inline constexpr storage::TableId topics_table{0x0502};
inline constexpr storage::TableId subscriptions_table{0x0503};
inline constexpr storage::TableId owners_table{0x0504};
inline constexpr storage::TableId subscribed_table{0x0505};
inline constexpr storage::TableId deduplication_table{0x0506};
inline constexpr storage::TableId archive_table{0x0507};
inline constexpr storage::TableId applications_table{0x0508};
inline constexpr storage::TableId devices_table{0x0509};
inline constexpr storage::TableId device_tokens_table{0x050A};
inline constexpr storage::TableId sms_table{0x050B};
inline constexpr storage::TableId sandbox_table{0x050C};
inline constexpr storage::TableId opted_out_table{0x050D};
inline constexpr storage::TableId signing_table{0x050E};
inline constexpr storage::TableId replays_table{0x050F};

struct TopicRecord {
  std::uint64_t number = 0;  // of its messages; never used twice
  runtime::Time created_at;
  Attributes attributes;  // those that were set
  Attributes tags;
  std::string data_protection_policy;
  std::uint64_t confirmed = 0;  // subscriptions
  std::uint64_t pending = 0;
  std::uint64_t deleted = 0;
  std::optional<runtime::Time> archived_since;

  static constexpr auto fields = std::tuple{storage::field<1>(&TopicRecord::number),
                                            storage::field<2>(&TopicRecord::created_at),
                                            storage::field<3>(&TopicRecord::attributes),
                                            storage::field<4>(&TopicRecord::tags),
                                            storage::field<5>(&TopicRecord::data_protection_policy),
                                            storage::field<6>(&TopicRecord::confirmed),
                                            storage::field<7>(&TopicRecord::pending),
                                            storage::field<8>(&TopicRecord::deleted),
                                            storage::field<9>(&TopicRecord::archived_since)};
};

enum class ReplayStatus : std::uint8_t { none, pending, in_progress, completed, failed };

struct SubscriptionRecord {
  std::string protocol;
  std::string endpoint;
  std::string owner;      // account
  std::string principal;  // ARN of who subscribed
  Attributes attributes;
  bool pending = false;
  bool authenticated = false;  // its confirmation was
  bool authenticates_on_unsubscribe = false;
  std::string token;  // of the confirmation, while it is good
  runtime::Time token_expires;
  runtime::Time created_at;
  ReplayStatus replay = ReplayStatus::none;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&SubscriptionRecord::protocol),
                 storage::field<2>(&SubscriptionRecord::endpoint),
                 storage::field<3>(&SubscriptionRecord::owner),
                 storage::field<4>(&SubscriptionRecord::principal),
                 storage::field<5>(&SubscriptionRecord::attributes),
                 storage::field<6>(&SubscriptionRecord::pending),
                 storage::field<7>(&SubscriptionRecord::authenticated),
                 storage::field<8>(&SubscriptionRecord::authenticates_on_unsubscribe),
                 storage::field<9>(&SubscriptionRecord::token),
                 storage::field<10>(&SubscriptionRecord::token_expires),
                 storage::field<11>(&SubscriptionRecord::created_at),
                 storage::field<12>(&SubscriptionRecord::replay)};
};

/// That a deduplication id was seen, and what was answered.
struct SeenRecord {
  runtime::Time at;
  std::string message_id;
  std::uint64_t sequence = 0;

  static constexpr auto fields =
      std::tuple{storage::field<1>(&SeenRecord::at), storage::field<2>(&SeenRecord::message_id),
                 storage::field<3>(&SeenRecord::sequence)};
};

struct AttributeRecord {
  std::string type;
  std::string value;  // of Binary the bytes themselves

  static constexpr auto fields = std::tuple{storage::field<1>(&AttributeRecord::type),
                                            storage::field<2>(&AttributeRecord::value)};
};

/// A message that a FIFO topic keeps.
struct ArchivedRecord {
  std::string message_id;
  std::string message;
  std::optional<std::string> subject;
  std::string group;
  std::string deduplication_id;
  std::map<std::string, AttributeRecord> attributes;
  runtime::Time at;
  bool by_protocol = false;  // the message is JSON with a text for each

  static constexpr auto fields = std::tuple{storage::field<1>(&ArchivedRecord::message_id),
                                            storage::field<2>(&ArchivedRecord::message),
                                            storage::field<3>(&ArchivedRecord::subject),
                                            storage::field<4>(&ArchivedRecord::group),
                                            storage::field<5>(&ArchivedRecord::deduplication_id),
                                            storage::field<6>(&ArchivedRecord::attributes),
                                            storage::field<7>(&ArchivedRecord::at),
                                            storage::field<8>(&ArchivedRecord::by_protocol)};
};

/// How far a replay has come.
struct ReplayRecord {
  std::uint64_t next = 0;  // sequence
  std::uint64_t end = 0;   // beyond the last one

  static constexpr auto fields =
      std::tuple{storage::field<1>(&ReplayRecord::next), storage::field<2>(&ReplayRecord::end)};
};

struct DeviceRecord {
  std::string token;
  Attributes attributes;

  static constexpr auto fields = std::tuple{storage::field<1>(&DeviceRecord::token),
                                            storage::field<2>(&DeviceRecord::attributes)};
};

/// A telephone number that the sandbox may send to once it is verified.
struct SandboxRecord {
  std::string code;
  bool verified = false;
  runtime::Time created_at;

  static constexpr auto fields = std::tuple{storage::field<1>(&SandboxRecord::code),
                                            storage::field<2>(&SandboxRecord::verified),
                                            storage::field<3>(&SandboxRecord::created_at)};
};

/// The next number of a topic, and the sequence up to which sequences may have been given out.
enum class Counter : std::uint8_t { next_topic, reserved_sequence };

using Counters = storage::Table<Counter, std::uint64_t>;
/// Account, region, name.
using StoredTopic = std::tuple<std::string, std::string, std::string>;
using Topics = storage::Table<StoredTopic, TopicRecord>;
/// Of the topic account, region and name, and an id.
using StoredSubscription = std::tuple<std::string, std::string, std::string, std::string>;
using Subscriptions = storage::Table<StoredSubscription, SubscriptionRecord>;
/// Owner, region, ARN of the subscription.
using Owners = storage::Table<std::tuple<std::string, std::string, std::string>, std::string>;
/// Of the topic account, region and name, then protocol and endpoint: to the subscription's id.
using Subscribed =
    storage::Table<std::tuple<std::string, std::string, std::string, std::string, std::string>,
                   std::string>;
/// Number of the topic, minute, hash.
using Deduplication =
    storage::Table<std::tuple<std::uint64_t, std::uint64_t, std::string>, SeenRecord>;
/// Number of the topic, sequence.
using Archive = storage::Table<std::tuple<std::uint64_t, std::uint64_t>, ArchivedRecord>;
using Replays = storage::Table<StoredSubscription, ReplayRecord>;
/// Account, region, "GCM/NAME".
using Applications = storage::Table<StoredTopic, Attributes>;
/// Account, region, "GCM/NAME", id.
using Devices = storage::Table<StoredSubscription, DeviceRecord>;
/// Account, region, "GCM/NAME", token: to the id.
using DeviceTokens = storage::Table<StoredSubscription, std::string>;
/// Account, region.
using SmsSettings = storage::Table<std::tuple<std::string, std::string>, Attributes>;
/// Account, region, number.
using Sandbox = storage::Table<StoredTopic, SandboxRecord>;
using OptedOut = storage::Table<StoredTopic, runtime::Time>;

}  // namespace matinee::sns
