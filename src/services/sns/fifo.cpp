// What FIFO topics remember: deduplication ids for five minutes, and an archive where they have
// one.
#include "protocol/sigv4.h"
#include "services/sns/named.h"

namespace matinee::sns {

namespace {

/// A little more than five minutes: a queue may remember what it was sent before a crash for some
/// milliseconds longer, and would drop what the topic takes for new.
constexpr runtime::Duration window = std::chrono::minutes(5) + std::chrono::milliseconds(100);
constexpr std::size_t hash_bytes = 16;
constexpr std::uint64_t sequences_a_microsecond = 1000;
constexpr std::uint64_t first_sequence = 10'000'000'000'000'000'000U;

std::uint64_t minute_of(runtime::Time time) {
  return static_cast<std::uint64_t>(
      std::chrono::floor<std::chrono::minutes>(time).time_since_epoch().count());
}

}  // namespace

std::string content_deduplication_id(std::string_view message) {
  return protocol::sigv4::to_hex(protocol::sigv4::sha256(message));
}

/// The first sequence of a moment: sequences are times.
std::uint64_t sequence_at(runtime::Time time) {
  return first_sequence +
         static_cast<std::uint64_t>(time.time_since_epoch().count()) * sequences_a_microsecond;
}

std::string Service::deduplication_hash(const LiveTopic& topic, const Message& message) const {
  std::string text = message.deduplication_id;
  if (topic.settings.deduplicates_by_group) text.append(1, '\0').append(message.group);
  const protocol::sigv4::Digest digest = protocol::sigv4::sha256(text);
  return {reinterpret_cast<const char*>(digest.data()), hash_bytes};
}

/// What is remembered lies under its minute, so that a whole minute can be forgotten at once.
std::optional<SeenRecord> Service::find_seen(const LiveTopic& topic,
                                             const std::string& hash) const {
  const runtime::Time oldest = now() - window;
  for (std::uint64_t minute = minute_of(now()); minute >= minute_of(oldest); --minute) {
    std::optional<SeenRecord> seen = deduplication_.find({topic.record.number, minute, hash});
    if (seen && seen->at > oldest) return seen;
  }
  return std::nullopt;
}

void Service::remember(LiveTopic& topic, const std::string& hash, const Message& message) {
  const std::uint64_t number = topic.record.number;
  const std::uint64_t minute = minute_of(message.at);
  deduplication_.put({number, minute, hash},
                     {.at = message.at, .message_id = message.id, .sequence = *message.sequence});
  if (topic.swept_minute == minute) return;
  topic.swept_minute = minute;
  forget_on_rollback(topic.arn);
  deduplication_.erase_range(deduplication_.between(
      std::tuple{number}, std::tuple{number, minute_of(message.at - window)}));
  if (topic.settings.archives)
    archive_.erase_range(
        archive_.between(std::tuple{number},
                         std::tuple{number, sequence_at(message.at - topic.settings.retention)}));
}

void Service::keep_in_archive(const LiveTopic& topic, const Message& message) {
  if (!topic.settings.archives) return;
  ArchivedRecord record{.message_id = message.id,
                        .message = std::string(message.text),
                        .subject = message.subject,
                        .group = message.group,
                        .deduplication_id = message.deduplication_id,
                        .attributes = {},
                        .at = message.at,
                        .by_protocol = message.texts.has_value()};
  for (const services::MessageAttribute& attribute : message.attributes)
    record.attributes[attribute.name] = {.type = attribute.type, .value = attribute.value};
  archive_.put({topic.record.number, *message.sequence}, record);
}

}  // namespace matinee::sns
