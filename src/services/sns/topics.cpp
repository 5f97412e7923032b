// Topics come and go: CreateTopic, DeleteTopic, ListTopics, and their attributes.
#include <fmt/format.h>
#include <simdjson.h>

#include "services/sns/named.h"

namespace matinee::sns {

namespace {

constexpr std::size_t page_size = 100;
constexpr std::size_t longest_data_protection_policy = 30'720;

Attributes tags_of(const std::optional<std::vector<Tag>>& given) {
  Attributes tags;
  if (!given) return tags;
  for (const Tag& tag : *given)
    if (!tags.emplace(tag.key, tag.value).second) refuse("Duplicated keys are not allowed.");
  constexpr std::size_t most_tags = 50;
  if (tags.size() > most_tags)
    throw TagLimitExceededException(
        "Could not complete request: tag quota of per resource exceeded");
  return tags;
}

}  // namespace

/// Only what is given is compared.
void Service::require_same(const LiveTopic& topic, const Attributes& checked,
                           const Attributes& tags) const {
  for (const auto& [name, value] : checked)
    if (attribute_of(topic.record, name) != value)
      refuse("Attributes Reason: Topic already exists with different attributes");
  if (!tags.empty() && tags != topic.record.tags)
    refuse("Tags Reason: Topic already exists with different tags");
}

CreateTopicResponse Service::create_topic(const Context& context,
                                          const CreateTopicRequest& request) {
  note_address(context);
  const Attributes given = request.attributes.value_or(Attributes{});
  const bool fifo = asks_for_fifo(given);
  require_topic_name(request.name, fifo);
  Attributes checked;
  for (const auto& [name, value] : given)
    checked[name] = checked_attribute(name, value, fifo, GivenTo::create);
  Attributes tags = tags_of(request.tags);
  const TopicKey key{.account = context.account, .region = context.region, .name = request.name};
  const std::string arn = arn_of(key);
  if (const LiveTopic* existing = find_topic(arn)) {
    require_same(*existing, checked, tags);
    return {.topic_arn = arn};
  }
  // On a standard topic it is not told, whatever it was made with.
  if (!fifo) checked.erase("FifoTopic");
  std::erase_if(checked, [](const auto& attribute) { return attribute.second.empty(); });
  TopicRecord record{.attributes = std::move(checked),
                     .tags = std::move(tags),
                     .data_protection_policy = request.data_protection_policy.value_or("")};
  if (record.attributes.contains("ArchivePolicy")) record.archived_since = now();
  add_topic(key, std::move(record));
  return {.topic_arn = arn};
}

void Service::add_topic(const TopicKey& key, TopicRecord record) {
  record.number = counters_.find(Counter::next_topic).value_or(1);
  record.created_at = now();
  counters_.put(Counter::next_topic, record.number + 1);
  topics_table_.put(key.stored(), record);
}

/// Deleting what is not there is fine.
DeleteTopicResponse Service::delete_topic(const Context& context,
                                          const DeleteTopicRequest& request) {
  require_topic_key(context, "TopicArn", request.topic_arn);
  LiveTopic* topic = find_topic(request.topic_arn);
  if (!topic) return {};
  if (topic->settings.archives)
    throw InvalidStateException(
        "Invalid state: Topics with an active ArchivePolicy cannot be deleted.");
  remove_topic(*topic);
  return {};
}

void Service::remove_topic(LiveTopic& topic) {
  const auto& [account, region, name] = topic.key;
  remove_from_owners(topic);
  subscriptions_.erase_range(subscriptions_.prefix(account, region, name));
  subscribed_.erase_range(subscribed_.prefix(account, region, name));
  removed_.erase_range(removed_.prefix(account, region, name));
  replays_.erase_range(replays_.prefix(account, region, name));
  deduplication_.erase_range(deduplication_.prefix(topic.record.number));
  archive_.erase_range(archive_.prefix(topic.record.number));
  topics_table_.erase(topic.key.stored());
  store_.on_commit([this, arn = topic.arn] { forget(arn); });
}

/// Of each account a range, however many subscriptions that is: accounts are few.
void Service::remove_from_owners(const LiveTopic& topic) {
  auto place = owners_.cursor();
  while (place.valid()) {
    const std::string owner = std::get<0>(place.key());
    // What follows a colon.
    const std::tuple end(owner, topic.key.region, topic.arn + ';');
    owners_.erase_range(owners_.between(std::tuple(owner, topic.key.region, topic.arn + ':'), end));
    place.seek_past(storage::encode_key(owner));
  }
}

ListTopicsResponse Service::list_topics(const Context& context, const ListTopicsRequest& request) {
  storage::KeyRange range = topics_table_.prefix(context.account, context.region);
  if (request.next_token)
    range = topics_table_.after(
        range, {context.account, context.region, require_page_token(*request.next_token)});
  ListTopicsResponse response{.topics = std::vector<Topic>{}, .next_token = std::nullopt};
  std::string last;
  for (auto place = topics_table_.cursor(range); place.valid(); place.next()) {
    if (response.topics->size() == page_size) {
      response.next_token = page_token(last);
      break;
    }
    last = std::get<2>(place.key());
    response.topics->push_back({.topic_arn = arn_of({context.account, context.region, last})});
  }
  return response;
}

GetTopicAttributesResponse Service::get_topic_attributes(const Context& context,
                                                         const GetTopicAttributesRequest& request) {
  const LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  return {.attributes = told_attributes(topic.key, topic.record, now())};
}

void Service::require_subscriptions_fit(const LiveTopic& topic, const TopicRecord& changed) const {
  if (read_settings(topic.key, changed).most_message_bytes <= usual_message_bytes) return;
  const auto unfit = [](std::string_view reason) {
    refuse(fmt::format("MaximumMessageSize: {}", reason));
  };
  if (changed.confirmed + changed.pending > most_for_large)
    unfit("A topic for messages above 262144 bytes can have at most 100 subscriptions.");
  const auto& [account, region, name] = topic.key;
  subscriptions_.scan(subscriptions_.prefix(account, region, name),
                      [&](const StoredSubscription&, const SubscriptionRecord& record) {
                        if (record.protocol != "sqs" && record.protocol != "lambda" &&
                            record.protocol != "firehose")
                          unfit(
                              "A topic for messages above 262144 bytes can have subscriptions of "
                              "Amazon SQS, Amazon Data Firehose and AWS Lambda only.");
                        return true;
                      });
}

SetTopicAttributesResponse Service::set_topic_attributes(const Context& context,
                                                         const SetTopicAttributesRequest& request) {
  LiveTopic& topic = require_topic(context, "TopicArn", request.topic_arn);
  const std::string& name = request.attribute_name;
  const std::string value = checked_attribute(name, request.attribute_value.value_or(""),
                                              topic.settings.fifo, GivenTo::set);
  TopicRecord record = topic.record;
  if (value.empty())
    record.attributes.erase(name);
  else
    record.attributes[name] = value;
  if (name == "MaximumMessageSize") require_subscriptions_fit(topic, record);
  if (name == "ArchivePolicy") {
    if (value.empty()) {
      archive_.erase_range(archive_.prefix(record.number));
      record.archived_since.reset();
    } else if (!record.archived_since) {
      record.archived_since = now();
    }
  }
  change_record(topic, std::move(record));
  return {};
}

GetDataProtectionPolicyResponse Service::get_data_protection_policy(
    const Context& context, const GetDataProtectionPolicyRequest& request) {
  const LiveTopic& topic = require_topic(context, "ResourceArn", request.resource_arn);
  return {.data_protection_policy = topic.record.data_protection_policy};
}

PutDataProtectionPolicyResponse Service::put_data_protection_policy(
    const Context& context, const PutDataProtectionPolicyRequest& request) {
  LiveTopic& topic = require_topic(context, "ResourceArn", request.resource_arn);
  if (topic.settings.fifo)
    refuse("ResourceArn Reason: FIFO topics do not support data protection policies");
  simdjson::dom::parser parser;
  simdjson::dom::object policy;
  const std::string& text = request.data_protection_policy;
  if (text.size() > longest_data_protection_policy ||
      (!text.empty() && parser.parse(text).get(policy)))
    refuse("DataProtectionPolicy Reason: the policy is not valid JSON, or longer than 30720 bytes");
  TopicRecord record = topic.record;
  record.data_protection_policy = request.data_protection_policy;
  change_record(topic, std::move(record));
  return {};
}

}  // namespace matinee::sns
