// The notification configuration of a bucket, and the way to its rules for all that happens.
#include <fmt/format.h>

#include <set>

#include "s3/errors.h"
#include "services/s3/headers/not_served.h"
#include "services/s3/notifications/notification_rules.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

InvalidArgument unable_to_validate(const std::string& target, std::string reason) {
  InvalidArgument error("Unable to validate the following destination configurations");
  error.details = {{"ArgumentName1", target}, {"ArgumentValue1", std::move(reason)}};
  return error;
}

/// What S3 says of a queue or topic that did not take the test message.
std::string reason_of(const protocol::ServiceError& error, std::string_view kind) {
  if (error.code().find("NonExistentQueue") != std::string::npos ||
      error.name() == "QueueDoesNotExist" || error.code() == "NotFound")
    return fmt::format("The destination {} does not exist", kind);
  if (error.status() == 403 || error.code().find("AccessDenied") != std::string::npos ||
      error.code() == "AuthorizationError")
    return fmt::format(
        "Permissions on the destination {} do not allow S3 to publish notifications from this "
        "bucket",
        kind);
  return error.message();
}

}  // namespace

GetBucketNotificationConfigurationResponse Service::get_bucket_notification_configuration(
    const Context& context, const GetBucketNotificationConfigurationRequest& request) {
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  const NotificationRecord* record = notifications_.find(request.bucket);
  return record ? write_rules(*record) : NotificationConfiguration();
}

/// Each target gets a message to see whether it is there and its policy lets this bucket send;
/// nothing is stored unless all take it.
runtime::Task<PutBucketNotificationConfigurationResponse>
Service::put_bucket_notification_configuration(
    const Context& context, const PutBucketNotificationConfigurationRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const NotificationRecord record =
      read_rules(request.notification_configuration, bucket.region, random_);
  if (record.to_event_bridge && !notifications_.has_events())
    refuse("notifications to EventBridge");
  if (!record.rules.empty() && !request.skip_destination_validation.value_or(false))
    co_await test_targets(context, request.bucket, record);

  storage::Transaction transaction(store_);
  require_bucket(context, request.bucket, request.expected_bucket_owner);
  notifications_.put(request.bucket, record);
  transaction.commit();
  co_return PutBucketNotificationConfigurationResponse{};
}

runtime::Task<> Service::test_targets(const Context& context, std::string bucket,
                                      NotificationRecord record) {
  std::set<std::string> tested;
  for (const NotificationRule& rule : record.rules) {
    if (!tested.insert(rule.target).second) continue;
    services::Delivery delivery =
        Notifications::envelope(rule.target, bucket, require_bucket(context, bucket, {}).account);
    delivery.body = test_message(context, bucket, clock_.now());
    // Functions get no test event; whether they may be called is asked all the same.
    if (rule.is_function()) delivery.parameters = R"({"InvocationType":"DryRun"})";
    std::optional<InvalidArgument> failure;
    try {
      co_await notifications_.outbox().deliver_now(std::move(delivery));
    } catch (const NotImplemented&) {
      throw;
    } catch (const protocol::ServiceError& error) {
      failure = unable_to_validate(rule.target, reason_of(error, rule.is_topic()      ? "topic"
                                                                 : rule.is_function() ? "function"
                                                                                      : "queue"));
    }
    if (failure) throw *failure;
  }
}

void Service::tell_of_writes(const Context& context, const std::string& bucket,
                             services::HopKind kind, const KeysAndSizes& objects) {
  const std::optional<BucketRecord> owner = catalog_.buckets.find(bucket);
  if (!owner) return;
  std::vector<services::HopMessage> what;
  what.reserve(objects.size());
  for (const auto& [key, bytes] : objects) what.push_back({.id = key, .bytes = bytes});
  const std::string arn = "arn:aws:s3:::" + bucket;
  writes_.tell(context, {.kind = kind,
                         .account = owner->account,
                         .region = owner->region,
                         .resource = arn,
                         .what = what});
}

void Service::publish(const Context& context, const std::string& bucket, const ObjectEvent& event) {
  const std::optional<BucketRecord> record = catalog_.buckets.find(bucket);
  if (!record) return;
  notifications_.publish(context,
                         {.bucket = bucket,
                          .region = record->region,
                          .account = record->account,
                          .time = clock_.now()},
                         event);
}

}  // namespace matinee::s3
