// Amazon CloudWatch Logs: groups and streams of events, and what looks through them.
//
// Events lie in the store as blocks (catalog/block.h); nothing of them is in memory. Whatever may
// look at many of them is a task that gives way to others.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "logs/errors.h"
#include "logs/shapes.h"
#include "runtime/runtime.h"
#include "runtime/task_group.h"
#include "services/endpoint.h"
#include "services/key_service.h"
#include "services/log_sink.h"
#include "services/logs/catalog/catalog.h"
#include "services/logs/catalog/event_reader.h"
#include "services/logs/catalog/event_writer.h"
#include "services/logs/housekeeping.h"
#include "services/logs/live_tails.h"
#include "services/logs/metric_rules.h"
#include "services/logs/names.h"
#include "services/logs/retention.h"
#include "services/logs/subscription_rules.h"
#include "services/metric_sink.h"
#include "services/object_writer.h"
#include "services/outbox.h"
#include "storage/store.h"

namespace matinee::logs {

using services::Context;

/// The other services that this one asks; each may be missing.
struct Neighbours {
  services::MetricSink* metrics = nullptr;
  services::KeyService* keys = nullptr;
  services::ObjectWriter* objects = nullptr;
  services::Outbox* outbox = nullptr;
};

class Service final : public services::ServiceBase, public services::LogSink {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime, Neighbours neighbours = {});
  ~Service() override;

  void check(const protocol::Operation& operation, const void* request,
             protocol::Violations& violations) const override;
  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;
  void reset(const services::ResetScope& scope) override;

  /// Asks for lines that others have gathered, where events or streams are to be read.
  void authorize(const services::Context& context, const protocol::Operation& operation,
                 const void* request) override;
  void put(const services::LogTarget& target, std::span<const services::LogLine> lines) override;
  void before_reading(std::move_only_function<void()> bring) override {
    bring_.push_back(std::move(bring));
  }

  // groups.cpp
  CreateLogGroupResponse create_log_group(const Context&, const CreateLogGroupRequest&);
  DeleteLogGroupResponse delete_log_group(const Context&, const DeleteLogGroupRequest&);
  runtime::Task<DescribeLogGroupsResponse> describe_log_groups(const Context&,
                                                               const DescribeLogGroupsRequest&);
  runtime::Task<ListLogGroupsResponse> list_log_groups(const Context&, const ListLogGroupsRequest&);
  // group_settings.cpp
  PutRetentionPolicyResponse put_retention_policy(const Context&, const PutRetentionPolicyRequest&);
  DeleteRetentionPolicyResponse delete_retention_policy(const Context&,
                                                        const DeleteRetentionPolicyRequest&);
  PutLogGroupDeletionProtectionResponse put_log_group_deletion_protection(
      const Context&, const PutLogGroupDeletionProtectionRequest&);
  AssociateKmsKeyResponse associate_kms_key(const Context&, const AssociateKmsKeyRequest&);
  DisassociateKmsKeyResponse disassociate_kms_key(const Context&, const DisassociateKmsKeyRequest&);

  // tags.cpp
  TagLogGroupResponse tag_log_group(const Context&, const TagLogGroupRequest&);
  UntagLogGroupResponse untag_log_group(const Context&, const UntagLogGroupRequest&);
  ListTagsLogGroupResponse list_tags_log_group(const Context&, const ListTagsLogGroupRequest&);
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsForResourceResponse list_tags_for_resource(const Context&,
                                                     const ListTagsForResourceRequest&);

  // streams.cpp
  CreateLogStreamResponse create_log_stream(const Context&, const CreateLogStreamRequest&);
  DeleteLogStreamResponse delete_log_stream(const Context&, const DeleteLogStreamRequest&);
  runtime::Task<DescribeLogStreamsResponse> describe_log_streams(const Context&,
                                                                 const DescribeLogStreamsRequest&);

  // streams.cpp
  /// The time of the last event, 0 without one, and the name.
  using StreamPlace = std::pair<Milliseconds, std::string>;
  struct StreamQuery {
    GroupNumber group = 0;
    bool descending = false;
    std::size_t limit = 0;
    std::optional<StreamPlace> after = std::nullopt;  // in that direction
  };
  std::vector<Stream> streams_by_name(const StreamQuery& query, const std::string& prefix) const;
  runtime::Task<std::vector<Stream>> streams_by_time(const StreamQuery& query) const;
  runtime::Task<> order_streams(Group group);

  // put_events.cpp
  runtime::Task<PutLogEventsResponse> put_log_events(const Context&, const PutLogEventsRequest&);
  // get_events.cpp, filter_events.cpp, records.cpp
  runtime::Task<GetLogEventsResponse> get_log_events(const Context&, const GetLogEventsRequest&);
  runtime::Task<FilterLogEventsResponse> filter_log_events(const Context&,
                                                           const FilterLogEventsRequest&);
  GetLogRecordResponse get_log_record(const Context&, const GetLogRecordRequest&);
  runtime::Task<GetLogGroupFieldsResponse> get_log_group_fields(const Context&,
                                                                const GetLogGroupFieldsRequest&);

  // start_live_tail.cpp
  StartLiveTailResponse start_live_tail(const Context&, const StartLiveTailRequest&);

  // metric_filters.cpp
  PutMetricFilterResponse put_metric_filter(const Context&, const PutMetricFilterRequest&);
  DeleteMetricFilterResponse delete_metric_filter(const Context&, const DeleteMetricFilterRequest&);
  runtime::Task<DescribeMetricFiltersResponse> describe_metric_filters(
      const Context&, const DescribeMetricFiltersRequest&);
  TestMetricFilterResponse test_metric_filter(const Context&, const TestMetricFilterRequest&);

  // subscriptions.cpp
  runtime::Task<PutSubscriptionFilterResponse> put_subscription_filter(
      const Context&, const PutSubscriptionFilterRequest&);
  DeleteSubscriptionFilterResponse delete_subscription_filter(
      const Context&, const DeleteSubscriptionFilterRequest&);
  DescribeSubscriptionFiltersResponse describe_subscription_filters(
      const Context&, const DescribeSubscriptionFiltersRequest&);
  // destinations.cpp
  PutDestinationResponse put_destination(const Context&, const PutDestinationRequest&);
  PutDestinationPolicyResponse put_destination_policy(const Context&,
                                                      const PutDestinationPolicyRequest&);
  DeleteDestinationResponse delete_destination(const Context&, const DeleteDestinationRequest&);
  DescribeDestinationsResponse describe_destinations(const Context&,
                                                     const DescribeDestinationsRequest&);

  // resource_policies.cpp
  PutResourcePolicyResponse put_resource_policy(const Context&, const PutResourcePolicyRequest&);
  DeleteResourcePolicyResponse delete_resource_policy(const Context&,
                                                      const DeleteResourcePolicyRequest&);
  DescribeResourcePoliciesResponse describe_resource_policies(
      const Context&, const DescribeResourcePoliciesRequest&);

  // account_policies.cpp
  runtime::Task<PutAccountPolicyResponse> put_account_policy(const Context&,
                                                             const PutAccountPolicyRequest&);
  runtime::Task<DeleteAccountPolicyResponse> delete_account_policy(
      const Context&, const DeleteAccountPolicyRequest&);
  DescribeAccountPoliciesResponse describe_account_policies(const Context&,
                                                            const DescribeAccountPoliciesRequest&);
  // group_policies.cpp
  PutDataProtectionPolicyResponse put_data_protection_policy(const Context&,
                                                             const PutDataProtectionPolicyRequest&);
  GetDataProtectionPolicyResponse get_data_protection_policy(const Context&,
                                                             const GetDataProtectionPolicyRequest&);
  DeleteDataProtectionPolicyResponse delete_data_protection_policy(
      const Context&, const DeleteDataProtectionPolicyRequest&);
  PutIndexPolicyResponse put_index_policy(const Context&, const PutIndexPolicyRequest&);
  DeleteIndexPolicyResponse delete_index_policy(const Context&, const DeleteIndexPolicyRequest&);
  DescribeIndexPoliciesResponse describe_index_policies(const Context&,
                                                        const DescribeIndexPoliciesRequest&);
  DescribeFieldIndexesResponse describe_field_indexes(const Context&,
                                                      const DescribeFieldIndexesRequest&);

  // query_definitions.cpp
  PutQueryDefinitionResponse put_query_definition(const Context&, const PutQueryDefinitionRequest&);
  DeleteQueryDefinitionResponse delete_query_definition(const Context&,
                                                        const DeleteQueryDefinitionRequest&);
  DescribeQueryDefinitionsResponse describe_query_definitions(
      const Context&, const DescribeQueryDefinitionsRequest&);

  // exports.cpp
  runtime::Task<CreateExportTaskResponse> create_export_task(const Context&,
                                                             const CreateExportTaskRequest&);
  CancelExportTaskResponse cancel_export_task(const Context&, const CancelExportTaskRequest&);
  DescribeExportTasksResponse describe_export_tasks(const Context&,
                                                    const DescribeExportTasksRequest&);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  Neighbours neighbours_;
  Catalog catalog_;
  RetentionPolicies retention_{catalog_};
  Housekeeping housekeeping_;
  MetricRules metric_rules_;
  SubscriptionRules subscription_rules_;
  LiveTails live_tails_;
  std::vector<std::move_only_function<void()>> bring_;  // lines that others have gathered
  /// Exports. After a reset there may be more of them than accounts.
  runtime::TaskGroup tasks_{1000};
  /// What is still posted when this object ends must not run.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // service.cpp
  Milliseconds now() const;
  /// All throw ResourceNotFoundException.
  Group require_group(const Context& context, const std::string& name) const;
  Group require_group_of(const Context& context, const std::string& identifier) const;
  /// Of either a name or an identifier, of which there has to be one.
  Group require_group(const Context& context, const std::optional<std::string>& name,
                      const std::optional<std::string>& identifier) const;
  Stream require_stream(const Group& group, const std::string& name) const;
  /// Events before this time have expired.
  Milliseconds horizon_of(const Group& group) const;
  /// "f/…/s" without what is around the digits. Throws InvalidParameterException.
  Position read_position(std::string_view digits, const Group& group) const;

  // group_settings.cpp
  std::string require_key(const Context& context, const NameKey& group, const std::string& key);
  Group require_group_to_encrypt(const Context& context, const std::optional<std::string>& name,
                                 const std::optional<std::string>& identifier) const;

  // tags.cpp
  struct Tagged;
  Tagged require_tagged(const Context& context, const std::string& arn) const;
  void change_tags(const Tagged& tagged);

  // subscriptions.cpp
  /// In whose name the function may be called for the log group with that ARN: as
  /// logs.amazonaws.com or, as older policies write it, as the service in its region. Throws
  /// InvalidParameterException where neither may, or there is no such function.
  runtime::Task<std::string> require_callable(std::string function, std::string source_arn);
  void keep_subscription_filter(const Context& context, const PutSubscriptionFilterRequest& request,
                                const std::string& principal);

  // subscription_calls.cpp
  /// Gives way to others: for what clients send.
  runtime::Task<std::vector<Subscribed>> find_subscribed(Group group,
                                                         std::span<const NewEvent> events);
  std::vector<Subscribed> find_subscribed_now(const Group& group, std::span<const NewEvent> events);
  struct Written {
    const Group& group;
    const std::string& stream;
    std::span<const NewEvent> events;
    std::span<const Position> positions;
    const std::string& trace;
  };
  /// In the transaction that keeps the events.
  void call_subscribers(const Written& written, std::span<const Subscribed> subscribed);

  // put_events.cpp
  struct Accepted;
  Accepted check_events(const Group& group, const std::vector<InputLogEvent>& events) const;

  // account_policies.cpp
  PutAccountPolicyResponse keep_account_policy(const Context& context,
                                               const PutAccountPolicyRequest& request,
                                               const std::string& principal);
  /// Of a subscription to a function the principal that may call it; else nothing.
  runtime::Task<std::string> principal_of_policy(Context context,
                                                 const PutAccountPolicyRequest& request);
  void require_room_for_policy(const Context& context,
                               const PutAccountPolicyRequest& request) const;
  /// What would be kept longer or shorter by the rules, of the groups that `changed` is about.
  runtime::Task<DryRunResult> preview(const Context& context, RetentionRule changed,
                                      std::vector<RetentionRule> rules) const;
  std::vector<RetentionRule> other_rules(const Context& context, const std::string& name) const;
  void retention_has_changed();

  // filter_events.cpp
  struct SearchedStreams {
    bool are_all = false;  // those of the group whose names begin with the prefix
    std::string prefix;
    std::vector<StreamNumber> numbers = {};
    Milliseconds longest_block = 0;
  };
  /// Throws ResourceNotFoundException.
  SearchedStreams streams_to_search(const Group& group,
                                    const FilterLogEventsRequest& request) const;

  // metric_filters.cpp
  void require_regexes_left(const Group& group, const std::string& name, int count) const;

  // resource_policies.cpp
  PutResourcePolicyResponse put_policy_of_group(const Context& context,
                                                const PutResourcePolicyRequest& request);

  // exports.cpp
  struct Export;
  void resume_exports();
  void start_export(NameKey key);
  runtime::Task<> run_export(NameKey key);
  runtime::Task<> export_streams(const NameKey& key, const ExportTaskRecord& task);
  runtime::Task<bool> export_stream(const Export& task, const Stream& stream);
  void end_export(const NameKey& key, const std::string& status, const std::string& message);
};

/// The pattern of a request. Throws InvalidParameterException.
filters::FilterPattern parse_pattern(const std::string& pattern);

}  // namespace matinee::logs
