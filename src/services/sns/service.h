// Amazon SNS: topics and their subscriptions, devices, and telephone numbers.
//
// What is published becomes deliveries in the outbox, in the same transaction: one for each
// subscription that wants it. The store has everything; a topic and its subscriptions are read into
// memory when something is published to it.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/runtime.h"
#include "runtime/task_group.h"
#include "services/endpoint.h"
#include "services/explainer.h"
#include "services/journal.h"
#include "services/key_service.h"
#include "services/log_sink.h"
#include "services/metric_sink.h"
#include "services/outbox.h"
#include "services/sns/certificates.h"
#include "services/sns/measures.h"
#include "services/sns/people.h"
#include "services/sns/topic.h"
#include "sns/shapes.h"
#include "storage/store.h"

namespace matinee::sns {

using services::Context;

/// What topics need of others. Each may be null.
struct Neighbours {
  services::Outbox* outbox = nullptr;
  services::KeyService* keys = nullptr;
  services::Journal* journal = nullptr;
  services::LogSink* logs = nullptr;
  services::MetricSink* metrics = nullptr;
};

class Service final : public services::ServiceBase,
                      public services::DeliveryListener,
                      public services::Explainer {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours = {});
  ~Service() override;

  /// For whoever answers requests for it. From any thread.
  std::shared_ptr<const Certificates> certificates() const { return certificates_; }

  /// What would have gone to people. On the state thread.
  const services::UnsentMessages& unsent_messages() const { return people_; }

  // access.cpp
  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  void check_before_body(const Context& context, const protocol::Operation& operation,
                         const void* request) override;
  void authorize(const Context& context, const protocol::Operation& operation,
                 const void* request) override;
  void add_needs(const Context& context, const protocol::Operation& operation, const void* request,
                 std::vector<services::Need>& needs) const override;
  void complete_arn(const Context& context, std::string& arn) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  protocol::ServiceError refusal(const services::Inquiry& inquiry,
                                 std::string sentence) const override;

  // service.cpp
  void reset(const services::ResetScope& scope) override;

  // delivery_logs.cpp
  void settled(const services::Delivery& delivery, const services::DeliveryResult& result) override;
  bool reads_bodies(const services::Delivery& delivery) override;

  // explain.cpp
  std::string_view service() const override { return "sns"; }
  runtime::Task<services::Explanation> explain(Context context,
                                               services::Question question) override;

  // topics.cpp
  CreateTopicResponse create_topic(const Context&, const CreateTopicRequest&);
  DeleteTopicResponse delete_topic(const Context&, const DeleteTopicRequest&);
  ListTopicsResponse list_topics(const Context&, const ListTopicsRequest&);
  GetTopicAttributesResponse get_topic_attributes(const Context&, const GetTopicAttributesRequest&);
  SetTopicAttributesResponse set_topic_attributes(const Context&, const SetTopicAttributesRequest&);
  GetDataProtectionPolicyResponse get_data_protection_policy(const Context&,
                                                             const GetDataProtectionPolicyRequest&);
  PutDataProtectionPolicyResponse put_data_protection_policy(const Context&,
                                                             const PutDataProtectionPolicyRequest&);

  // tags.cpp
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);

  // permissions.cpp
  AddPermissionResponse add_permission(const Context&, const AddPermissionRequest&);
  RemovePermissionResponse remove_permission(const Context&, const RemovePermissionRequest&);

  // subscribe.cpp
  SubscribeResponse subscribe(const Context&, const SubscribeRequest&);

  // subscriptions.cpp
  UnsubscribeResponse unsubscribe(const Context&, const UnsubscribeRequest&);
  ConfirmSubscriptionResponse confirm_subscription(const Context&,
                                                   const ConfirmSubscriptionRequest&);
  GetSubscriptionAttributesResponse get_subscription_attributes(
      const Context&, const GetSubscriptionAttributesRequest&);
  SetSubscriptionAttributesResponse set_subscription_attributes(
      const Context&, const SetSubscriptionAttributesRequest&);
  ListSubscriptionsResponse list_subscriptions(const Context&, const ListSubscriptionsRequest&);
  ListSubscriptionsByTopicResponse list_subscriptions_by_topic(
      const Context&, const ListSubscriptionsByTopicRequest&);

  // publish.cpp
  PublishResponse publish(const Context&, const PublishRequest&);
  PublishBatchResponse publish_batch(const Context&, const PublishBatchRequest&);

  // applications.cpp
  CreatePlatformApplicationResponse create_platform_application(
      const Context&, const CreatePlatformApplicationRequest&);
  DeletePlatformApplicationResponse delete_platform_application(
      const Context&, const DeletePlatformApplicationRequest&);
  GetPlatformApplicationAttributesResponse get_platform_application_attributes(
      const Context&, const GetPlatformApplicationAttributesRequest&);
  SetPlatformApplicationAttributesResponse set_platform_application_attributes(
      const Context&, const SetPlatformApplicationAttributesRequest&);
  ListPlatformApplicationsResponse list_platform_applications(
      const Context&, const ListPlatformApplicationsRequest&);

  // devices.cpp
  CreatePlatformEndpointResponse create_platform_endpoint(const Context&,
                                                          const CreatePlatformEndpointRequest&);
  DeleteEndpointResponse delete_endpoint(const Context&, const DeleteEndpointRequest&);
  GetEndpointAttributesResponse get_endpoint_attributes(const Context&,
                                                        const GetEndpointAttributesRequest&);
  SetEndpointAttributesResponse set_endpoint_attributes(const Context&,
                                                        const SetEndpointAttributesRequest&);
  ListEndpointsByPlatformApplicationResponse list_endpoints_by_platform_application(
      const Context&, const ListEndpointsByPlatformApplicationRequest&);

  // phones.cpp
  SetSMSAttributesResponse set_sms_attributes(const Context&, const SetSMSAttributesRequest&);
  GetSMSAttributesResponse get_sms_attributes(const Context&, const GetSMSAttributesRequest&);
  CheckIfPhoneNumberIsOptedOutResponse check_if_phone_number_is_opted_out(
      const Context&, const CheckIfPhoneNumberIsOptedOutRequest&);
  ListPhoneNumbersOptedOutResponse list_phone_numbers_opted_out(
      const Context&, const ListPhoneNumbersOptedOutRequest&);
  OptInPhoneNumberResponse opt_in_phone_number(const Context&, const OptInPhoneNumberRequest&);
  ListOriginationNumbersResponse list_origination_numbers(const Context&,
                                                          const ListOriginationNumbersRequest&);

  // sandbox.cpp
  GetSMSSandboxAccountStatusResponse get_sms_sandbox_account_status(
      const Context&, const GetSMSSandboxAccountStatusRequest&);
  CreateSMSSandboxPhoneNumberResponse create_sms_sandbox_phone_number(
      const Context&, const CreateSMSSandboxPhoneNumberRequest&);
  VerifySMSSandboxPhoneNumberResponse verify_sms_sandbox_phone_number(
      const Context&, const VerifySMSSandboxPhoneNumberRequest&);
  DeleteSMSSandboxPhoneNumberResponse delete_sms_sandbox_phone_number(
      const Context&, const DeleteSMSSandboxPhoneNumberRequest&);
  ListSMSSandboxPhoneNumbersResponse list_sms_sandbox_phone_numbers(
      const Context&, const ListSMSSandboxPhoneNumbersRequest&);

 private:
  struct Named;       // a subscription with its topic, found by its ARN
  struct Accepted;    // what a publisher is told
  struct Subscriber;  // whose endpoint a subscription names

  /// How many topics are kept in memory, lest it grow with what was ever used.
  static constexpr std::size_t most_topics = 4096;

  storage::Store& store_;
  runtime::Runtime& runtime_;
  Neighbours neighbours_;
  Counters counters_;
  Topics topics_table_;
  Subscriptions subscriptions_;
  Owners owners_;
  Subscribed subscribed_;
  Subscriptions removed_;
  Deduplication deduplication_;
  Archive archive_;
  Replays replays_;
  Applications applications_;
  Devices devices_;
  DeviceTokens device_tokens_;
  SmsSettings sms_;
  Sandbox sandbox_;
  OptedOut opted_out_;
  storage::Table<std::uint8_t, std::string> signing_;
  mutable std::unordered_map<std::string, std::unique_ptr<LiveTopic>>
      topics_;  // by ARN: those in use
  std::shared_ptr<Certificates> certificates_ = std::make_shared<Certificates>();
  std::unique_ptr<SigningKey> signing_key_;
  std::string certificate_name_;
  std::string address_ = "http://localhost:4566";  // of this server, as it was called last
  std::uint64_t last_sequence_ = 0;
  std::uint64_t reserved_sequence_ = 0;
  Measures measures_;
  People people_;
  runtime::TaskGroup freeing_{most_topics};
  std::set<StoredSubscription> replaying_;
  runtime::TimerId replay_timer_ = runtime::TimerId::none;

  // service.cpp
  runtime::Time now() const { return runtime_.clock.now(); }
  LiveTopic* find_topic(const std::string& arn) const;
  /// Throws NotFound, or InvalidParameter for an ARN that is none of this region.
  LiveTopic& require_topic(const Context& context, std::string_view parameter,
                           const std::string& arn);
  void change_record(LiveTopic& topic, TopicRecord record);
  void forget_on_rollback(const std::string& arn);
  /// Reads subscriptions that were not read yet, as many as long work may in this round; true once
  /// all are there.
  bool read_subscriptions(LiveTopic& topic);
  /// For plain operations that have changed nothing yet: where it takes longer, they are called
  /// again.
  void require_subscriptions(LiveTopic& topic);
  void forget(const std::string& arn);
  runtime::Task<> free_in_turns(std::unique_ptr<LiveTopic> topic);
  void remove_all_of(const std::string& account);
  void load_signing_key();
  Signer signer_for(const Context& context, const LiveTopic* topic);
  void note_address(const Context& context);
  std::string address_of(const Context& context) const;
  std::uint64_t next_sequence();

  // topics.cpp
  void require_same(const LiveTopic& topic, const Attributes& checked,
                    const Attributes& tags) const;
  void add_topic(const TopicKey& key, TopicRecord record);
  void remove_topic(LiveTopic& topic);
  /// Throws InvalidParameter where subscriptions do not allow messages of that size.
  void require_subscriptions_fit(const LiveTopic& topic, const TopicRecord& changed) const;
  void remove_from_owners(const LiveTopic& topic);

  // subscribe.cpp
  Attributes checked_attributes(const SubscribeRequest& request, const LiveTopic& topic) const;
  void require_endpoint(const Context& context, const LiveTopic& topic,
                        const SubscribeRequest& request);
  /// Throws InvalidParameter where the topic's messages are too large for one more of that kind.
  void require_size_fits(const LiveTopic& topic, std::string_view protocol) const;
  bool needs_confirmation(const Context& context, const SubscribeRequest& request) const;
  std::string add_subscription(const Context& context, LiveTopic& topic,
                               const SubscribeRequest& request, Attributes attributes);
  void ask_to_confirm(const Context& context, LiveTopic& topic, const std::string& id,
                      SubscriptionRecord& record);

  // subscriptions.cpp
  std::optional<Named> find_subscription(const std::string& arn);
  Named require_subscription(const Context& context, const std::string& arn);
  void require_rights(const Context& context, const Named& named, std::string_view action) const;
  void put_subscription(const Named& named);
  void remove_subscription(const Named& named);
  void say_goodbye(const Context& context, const Named& named);
  void send_confirmation(const Context& context, const Named& named, std::string_view type);
  std::optional<std::string> restore(LiveTopic& topic, const std::string& id,
                                     const std::string& token);

  // publish.cpp
  void require_key(const Context& context, const LiveTopic& topic) const;
  void require_fifo_rules(const LiveTopic& topic, const Published& published) const;
  /// All that Publish would refuse, of a caller whom the topic's policy lets in.
  void require_publishable(const Context& context, const LiveTopic& topic,
                           const PublishRequest& request) const;
  Accepted accept(const Context& context, LiveTopic& topic, const Published& published,
                  std::optional<Texts> texts);
  PublishResponse publish_to_phone(const Context& context, const PublishRequest& request);
  PublishResponse publish_to_device(const Context& context, const PublishRequest& request);
  /// Of `delivery` target, body, id and subject are given.
  void send_to_person(const Context& context, services::Delivery delivery);

  // fan_out.cpp
  void fan_out(const Context& context, LiveTopic& topic, const Message& message);
  services::Delivery delivery_for(const Context& context, const LiveTopic& topic,
                                  const LiveSubscription& subscription,
                                  const Message& message) const;
  void deliver(const Context& context, LiveTopic& topic, const Message& message,
               std::span<const std::uint32_t> places);
  void note_sent(const Context& context, const LiveTopic& topic, const Message& message);
  void note_unmatched(const Context& context, LiveTopic& topic, const Message& message,
                      std::span<const std::uint32_t> places);
  void note_duplicate(const Context& context, const LiveTopic& topic, const SeenRecord& seen);

  // explain.cpp
  std::optional<std::string> why_not_published(const Context& context, const LiveTopic& topic,
                                               const PublishRequest& request);
  /// Whether the subscriber gets it.
  bool explain_subscriber(const LiveTopic& topic, const LiveSubscription& subscription,
                          const services::Delivery& delivery,
                          services::Explanation& explanation) const;

  // delivery_logs.cpp
  void log_delivery(const LiveTopic& topic, const services::Delivery& delivery,
                    const services::DeliveryResult& result);

  // fifo.cpp
  std::string deduplication_hash(const LiveTopic& topic, const Message& message) const;
  std::optional<SeenRecord> find_seen(const LiveTopic& topic, const std::string& hash) const;
  void remember(LiveTopic& topic, const std::string& hash, const Message& message);
  void keep_in_archive(const LiveTopic& topic, const Message& message);

  // replays.cpp
  void begin_replay(Named& named);
  void end_replay(const StoredSubscription& key);
  void resume_replays();
  void replay_soon();
  void replay_next();
  /// True where something is left of it.
  bool replay_some(const StoredSubscription& key, ReplayRecord replay);
  void replay_message(LiveTopic& topic, std::uint32_t place, const ArchivedRecord& archived,
                      std::uint64_t sequence);

  // devices.cpp
  DeviceRecord require_device(const Context& context, std::string_view parameter,
                              const std::string& arn) const;
};

/// "GCM" of "arn:aws:sns:REGION:ACCOUNT:endpoint/GCM/NAME/ID". Points into the ARN.
std::string_view platform_of(std::string_view arn);

/// A token for the next page, of what the last one ended with; and back. Throws InvalidParameter.
std::string page_token(std::string_view last);
std::string require_page_token(std::string_view token);

}  // namespace matinee::sns
