// Replays: a subscription of a FIFO topic gets messages of the archive again, some at a time.
#include <fmt/format.h>

#include "runtime/log.h"
#include "runtime/timer_purpose.h"
#include "services/sns/named.h"

namespace matinee::sns {

namespace {

constexpr std::size_t messages_a_piece = 100;

constexpr runtime::TimerPurpose replaying{.what = "SNS goes on with replays"};

}  // namespace

/// By the subscription's ReplayPolicy, in place of one that is under way. What is published from
/// now on comes of itself, so a replay ends with what is there now.
void Service::begin_replay(Named& named) {
  const std::optional<ReplayPolicy> policy = find_replay_policy(named.record.attributes);
  if (!policy) {
    if (named.record.replay != ReplayStatus::none) end_replay(named.key());
    named.record.replay = ReplayStatus::none;
    return;
  }
  if (!named.topic->settings.archives) refuse("ReplayPolicy: The topic has no ArchivePolicy");
  const std::uint64_t end = policy->ending
                                ? std::min(sequence_at(*policy->ending), last_sequence_ + 1)
                                : last_sequence_ + 1;
  named.record.replay = ReplayStatus::pending;
  replays_.put(named.key(), {.next = sequence_at(policy->starting), .end = end});
  store_.on_commit([this, key = named.key()] {
    replaying_.insert(key);
    replay_soon();
  });
}

void Service::end_replay(const StoredSubscription& key) {
  replays_.erase(key);
  store_.on_commit([this, key] { replaying_.erase(key); });
}

void Service::resume_replays() {
  replays_.scan(replays_.all(), [&](const StoredSubscription& key, const ReplayRecord&) {
    replaying_.insert(key);
    return true;
  });
  if (!replaying_.empty()) replay_soon();
}

void Service::replay_soon() {
  if (replay_timer_ != runtime::TimerId::none) return;
  replay_timer_ = runtime::call_for(runtime_.clock, replaying, now(), [this] {
    replay_timer_ = runtime::TimerId::none;
    replay_next();
  });
}

/// One piece of each replay, then the rest of the cloud has its turn.
void Service::replay_next() {
  const std::set<StoredSubscription> all = replaying_;
  for (const StoredSubscription& key : all) {
    try {
      storage::Transaction transaction(store_);
      const std::optional<ReplayRecord> replay = replays_.find(key);
      if (!replay || !replay_some(key, *replay)) end_replay(key);
      transaction.commit();
    } catch (const std::exception& error) {
      spdlog::error("A replay has stopped: {}", error.what());
      replaying_.erase(key);
    }
  }
  if (!replaying_.empty()) replay_soon();
}

bool Service::replay_some(const StoredSubscription& key, ReplayRecord replay) {
  const auto& [account, region, name, id] = key;
  LiveTopic* topic = find_topic(arn_of({account, region, name}));
  std::optional<SubscriptionRecord> record = subscriptions_.find(key);
  if (!topic || !record) return false;
  if (!read_subscriptions(*topic)) return true;
  const std::optional<std::uint32_t> place = topic->subscriptions->find(id);
  std::size_t count = 0;
  const std::uint64_t number = topic->record.number;
  archive_.scan(archive_.between(std::tuple{number, replay.next}, std::tuple{number, replay.end}),
                [&](const auto& archived_key, const ArchivedRecord& archived) {
                  if (count == messages_a_piece) return false;
                  ++count;
                  replay.next = std::get<1>(archived_key) + 1;
                  if (place) replay_message(*topic, *place, archived, std::get<1>(archived_key));
                  return true;
                });
  const bool goes_on = count == messages_a_piece;
  record->replay = goes_on ? ReplayStatus::in_progress : ReplayStatus::completed;
  subscriptions_.put(key, *record);
  if (goes_on) replays_.put(key, replay);
  return goes_on;
}

void Service::replay_message(LiveTopic& topic, std::uint32_t place, const ArchivedRecord& archived,
                             std::uint64_t sequence) {
  Message message{.id = archived.message_id,
                  .topic_arn = topic.arn,
                  .text = archived.message,
                  .texts = std::nullopt,
                  .subject = archived.subject,
                  .attributes = {},
                  .at = archived.at,
                  .group = archived.group,
                  // The first delivery had the archived id: the queue would take this for the same.
                  .deduplication_id =
                      fmt::format("{}-{}", archived.message_id, runtime_.random.next() % 1'000'000),
                  .sequence = sequence,
                  .replayed = true};
  for (const auto& [name, attribute] : archived.attributes)
    message.attributes.push_back({.name = name, .type = attribute.type, .value = attribute.value});
  if (archived.by_protocol) message.texts = texts_of(archived.message);
  const std::vector<std::uint32_t> wanting = topic.subscriptions->matching(message);
  if (!std::ranges::binary_search(wanting, place)) return;
  if (topic.subscriptions->at(place).raw)
    message.attributes.push_back({.name = "Replayed", .type = "String", .value = "true"});
  deliver({.account = topic.key.account, .region = topic.key.region}, topic, message,
          std::span(&place, 1));
}

}  // namespace matinee::sns
