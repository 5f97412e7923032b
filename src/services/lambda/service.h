// AWS Lambda: functions with their versions, aliases and settings.
//
// What a function is stands in tables; packages are kept once each. `stage` of a version ends by
// itself in a later round, as AWS's does after some seconds. Each method is the operation of AWS's
// model with that name, and throws its errors with AWS's messages.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>

#include "faults/rule.h"
#include "lambda/shapes.h"
#include "policy/document.h"
#include "runtime/runtime.h"
#include "services/change_explainer.h"
#include "services/endpoint.h"
#include "services/lambda/catalog/names.h"
#include "services/lambda/catalog/packages.h"
#include "services/lambda/catalog/records.h"
#include "services/lambda/neighbours.h"
#include "services/lambda/running/change_poller.h"
#include "services/lambda/running/measures.h"
#include "services/lambda/running/queue_poller.h"
#include "services/lambda/running/runner.h"
#include "services/lambda/targets.h"
#include "storage/front_table.h"
#include "storage/store.h"

namespace matinee::lambda {

using runtime::Task;

class Service final : public services::ServiceBase,
                      public services::DeliveryListener,
                      public services::ChangeExplainer {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service. Takes up what an earlier run left, in the loop's next round.
  Service(storage::Store& store, runtime::Runtime& runtime, const Neighbours& neighbours = {});
  ~Service() override;

  // services::ChangeExplainer (explain_changes.cpp)
  runtime::Task<services::ChangeExplanation> explain_change(
      services::ChangeQuestion question) override;

  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // queued_calls.cpp
  /// Hears what becomes of records and dead letters.
  void settled(const services::Delivery& delivery, const services::DeliveryResult& result) override;

  // invoking.cpp
  Task<InvokeResponse> invoke(const Context&, const InvokeRequest&);
  InvokeAsyncResponse invoke_async(const Context&, const InvokeAsyncRequest&);
  // streaming.cpp
  Task<InvokeWithResponseStreamResponse> invoke_with_response_stream(
      const Context&, const InvokeWithResponseStreamRequest&);
  /// From now on functions run: in these sandboxes, on these ports; `endpoint` is where their SDKs
  /// find this cloud. All must outlive the service, or `stop_running`.
  void run_on(runtime::Sandboxes& sandboxes, const LocalWays& ways, std::string endpoint,
              LaunchOf launch_of);
  /// Ends all instances.
  void stop_running();

  // url_calls.cpp
  /// The bytes of a package by its digest; nothing where there is no such.
  std::optional<std::string> find_archive(const std::string& package) const;
  std::optional<FoundUrl> find_url(const std::string& id) const;
  /// Whether the function's policy lets everybody call its URL.
  bool lets_everybody_in(const FoundUrl& url) const;
  /// Whether policies let a caller whose signature counts do so.
  bool lets_in(const FoundUrl& url, const Context& caller) const;
  /// `done` is called later; a call that cannot be made is told as a function's failure.
  void call_by_url(const FoundUrl& url, UrlInvocation call,
                   std::move_only_function<void(Result)> done);

  // access.cpp
  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  protocol::ServiceError refusal(const services::Inquiry& inquiry,
                                 std::string sentence) const override;
  void authorize(const Context& context, const protocol::Operation& operation,
                 const void* request) override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;

  // service.cpp
  void reset(const services::ResetScope& scope) override;

  // functions.cpp
  Task<CreateFunctionResponse> create_function(const Context&, const CreateFunctionRequest&);
  GetFunctionResponse get_function(const Context&, const GetFunctionRequest&);
  GetFunctionConfigurationResponse get_function_configuration(
      const Context&, const GetFunctionConfigurationRequest&);
  ListFunctionsResponse list_functions(const Context&, const ListFunctionsRequest&);
  DeleteFunctionResponse delete_function(const Context&, const DeleteFunctionRequest&);
  GetAccountSettingsResponse get_account_settings(const Context&, const GetAccountSettingsRequest&);

  // updates.cpp
  Task<UpdateFunctionCodeResponse> update_function_code(const Context&,
                                                        const UpdateFunctionCodeRequest&);
  UpdateFunctionConfigurationResponse update_function_configuration(
      const Context&, const UpdateFunctionConfigurationRequest&);

  // versions.cpp
  PublishVersionResponse publish_version(const Context&, const PublishVersionRequest&);
  ListVersionsByFunctionResponse list_versions_by_function(const Context&,
                                                           const ListVersionsByFunctionRequest&);

  // aliases.cpp
  CreateAliasResponse create_alias(const Context&, const CreateAliasRequest&);
  GetAliasResponse get_alias(const Context&, const GetAliasRequest&);
  UpdateAliasResponse update_alias(const Context&, const UpdateAliasRequest&);
  DeleteAliasResponse delete_alias(const Context&, const DeleteAliasRequest&);
  ListAliasesResponse list_aliases(const Context&, const ListAliasesRequest&);

  // resource_policies.cpp
  PutResourcePolicyResponse put_resource_policy(const Context&, const PutResourcePolicyRequest&);
  GetResourcePolicyResponse get_resource_policy(const Context&, const GetResourcePolicyRequest&);
  DeleteResourcePolicyResponse delete_resource_policy(const Context&,
                                                      const DeleteResourcePolicyRequest&);

  // permissions.cpp
  AddPermissionResponse add_permission(const Context&, const AddPermissionRequest&);
  RemovePermissionResponse remove_permission(const Context&, const RemovePermissionRequest&);
  GetPolicyResponse get_policy(const Context&, const GetPolicyRequest&);

  // tags.cpp
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListTagsResponse list_tags(const Context&, const ListTagsRequest&);

  // concurrency.cpp
  PutFunctionConcurrencyResponse put_function_concurrency(const Context&,
                                                          const PutFunctionConcurrencyRequest&);
  GetFunctionConcurrencyResponse get_function_concurrency(const Context&,
                                                          const GetFunctionConcurrencyRequest&);
  DeleteFunctionConcurrencyResponse delete_function_concurrency(
      const Context&, const DeleteFunctionConcurrencyRequest&);

  // provisioned.cpp
  PutProvisionedConcurrencyConfigResponse put_provisioned_concurrency_config(
      const Context&, const PutProvisionedConcurrencyConfigRequest&);
  GetProvisionedConcurrencyConfigResponse get_provisioned_concurrency_config(
      const Context&, const GetProvisionedConcurrencyConfigRequest&);
  DeleteProvisionedConcurrencyConfigResponse delete_provisioned_concurrency_config(
      const Context&, const DeleteProvisionedConcurrencyConfigRequest&);
  ListProvisionedConcurrencyConfigsResponse list_provisioned_concurrency_configs(
      const Context&, const ListProvisionedConcurrencyConfigsRequest&);

  // layers.cpp
  Task<PublishLayerVersionResponse> publish_layer_version(const Context&,
                                                          const PublishLayerVersionRequest&);
  GetLayerVersionResponse get_layer_version(const Context&, const GetLayerVersionRequest&);
  GetLayerVersionByArnResponse get_layer_version_by_arn(const Context&,
                                                        const GetLayerVersionByArnRequest&);
  DeleteLayerVersionResponse delete_layer_version(const Context&, const DeleteLayerVersionRequest&);
  ListLayerVersionsResponse list_layer_versions(const Context&, const ListLayerVersionsRequest&);
  ListLayersResponse list_layers(const Context&, const ListLayersRequest&);
  AddLayerVersionPermissionResponse add_layer_version_permission(
      const Context&, const AddLayerVersionPermissionRequest&);
  RemoveLayerVersionPermissionResponse remove_layer_version_permission(
      const Context&, const RemoveLayerVersionPermissionRequest&);
  GetLayerVersionPolicyResponse get_layer_version_policy(const Context&,
                                                         const GetLayerVersionPolicyRequest&);

  // invoke_configs.cpp
  PutFunctionEventInvokeConfigResponse put_function_event_invoke_config(
      const Context&, const PutFunctionEventInvokeConfigRequest&);
  UpdateFunctionEventInvokeConfigResponse update_function_event_invoke_config(
      const Context&, const UpdateFunctionEventInvokeConfigRequest&);
  GetFunctionEventInvokeConfigResponse get_function_event_invoke_config(
      const Context&, const GetFunctionEventInvokeConfigRequest&);
  DeleteFunctionEventInvokeConfigResponse delete_function_event_invoke_config(
      const Context&, const DeleteFunctionEventInvokeConfigRequest&);
  ListFunctionEventInvokeConfigsResponse list_function_event_invoke_configs(
      const Context&, const ListFunctionEventInvokeConfigsRequest&);

  // signing.cpp
  CreateCodeSigningConfigResponse create_code_signing_config(const Context&,
                                                             const CreateCodeSigningConfigRequest&);
  GetCodeSigningConfigResponse get_code_signing_config(const Context&,
                                                       const GetCodeSigningConfigRequest&);
  UpdateCodeSigningConfigResponse update_code_signing_config(const Context&,
                                                             const UpdateCodeSigningConfigRequest&);
  DeleteCodeSigningConfigResponse delete_code_signing_config(const Context&,
                                                             const DeleteCodeSigningConfigRequest&);
  ListCodeSigningConfigsResponse list_code_signing_configs(const Context&,
                                                           const ListCodeSigningConfigsRequest&);
  ListFunctionsByCodeSigningConfigResponse list_functions_by_code_signing_config(
      const Context&, const ListFunctionsByCodeSigningConfigRequest&);
  PutFunctionCodeSigningConfigResponse put_function_code_signing_config(
      const Context&, const PutFunctionCodeSigningConfigRequest&);
  GetFunctionCodeSigningConfigResponse get_function_code_signing_config(
      const Context&, const GetFunctionCodeSigningConfigRequest&);
  DeleteFunctionCodeSigningConfigResponse delete_function_code_signing_config(
      const Context&, const DeleteFunctionCodeSigningConfigRequest&);

  // urls.cpp
  CreateFunctionUrlConfigResponse create_function_url_config(const Context&,
                                                             const CreateFunctionUrlConfigRequest&);
  GetFunctionUrlConfigResponse get_function_url_config(const Context&,
                                                       const GetFunctionUrlConfigRequest&);
  UpdateFunctionUrlConfigResponse update_function_url_config(const Context&,
                                                             const UpdateFunctionUrlConfigRequest&);
  DeleteFunctionUrlConfigResponse delete_function_url_config(const Context&,
                                                             const DeleteFunctionUrlConfigRequest&);
  ListFunctionUrlConfigsResponse list_function_url_configs(const Context&,
                                                           const ListFunctionUrlConfigsRequest&);

  // mappings.cpp
  CreateEventSourceMappingResponse create_event_source_mapping(
      const Context&, const CreateEventSourceMappingRequest&);
  GetEventSourceMappingResponse get_event_source_mapping(const Context&,
                                                         const GetEventSourceMappingRequest&);
  UpdateEventSourceMappingResponse update_event_source_mapping(
      const Context&, const UpdateEventSourceMappingRequest&);
  DeleteEventSourceMappingResponse delete_event_source_mapping(
      const Context&, const DeleteEventSourceMappingRequest&);
  ListEventSourceMappingsResponse list_event_source_mappings(const Context&,
                                                             const ListEventSourceMappingsRequest&);

  // behaviour.cpp
  PutFunctionRecursionConfigResponse put_function_recursion_config(
      const Context&, const PutFunctionRecursionConfigRequest&);
  GetFunctionRecursionConfigResponse get_function_recursion_config(
      const Context&, const GetFunctionRecursionConfigRequest&);
  PutRuntimeManagementConfigResponse put_runtime_management_config(
      const Context&, const PutRuntimeManagementConfigRequest&);
  GetRuntimeManagementConfigResponse get_runtime_management_config(
      const Context&, const GetRuntimeManagementConfigRequest&);

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  Neighbours neighbours_;
  Packages packages_;
  storage::Table<FunctionKey, FunctionRecord> functions_;
  storage::Table<VersionKey, VersionRecord> versions_;
  storage::Table<QualifiedKey, AliasRecord> aliases_;
  storage::Table<QualifiedKey, PolicyRecord> policies_;
  storage::Table<QualifiedKey, ProvisionedRecord> provisioned_;
  storage::Table<VersionKey, UnsettledRecord> unsettled_;
  storage::Table<FunctionKey, LayerRecord> layers_;
  storage::Table<LayerVersionKey, LayerVersionRecord> layer_versions_;
  storage::Table<QualifiedKey, InvokeConfigRecord> invoke_configs_;
  storage::Table<FunctionKey, SigningConfigRecord> signing_configs_;
  storage::Table<QualifiedKey, UrlRecord> urls_;
  storage::Table<std::tuple<std::string>, UrlPlace> url_ids_;
  storage::FrontTable<QueuedKey, QueuedRecord> queued_;
  std::set<QueuedKey> under_way_;                        // of the queued calls
  storage::Table<FunctionKey, MappingRecord> mappings_;  // by account, region and id
  storage::Table<FunctionKey, UnsettledRecord> unsettled_mappings_;
  storage::Table<FunctionKey, StreamPositionRecord> stream_positions_;
  storage::Table<FunctionKey, StreamWindowRecord> stream_windows_;
  std::map<FunctionKey, std::unique_ptr<QueuePoller>> pollers_;
  std::map<FunctionKey, std::unique_ptr<ChangePoller>> change_pollers_;
  std::map<FunctionKey, std::weak_ptr<std::size_t>> mapping_calls_;  // under way
  runtime::TimerId queue_timer_ = runtime::TimerId::none;
  runtime::Time queue_timer_at_{};
  /// Policies as they were read last; of one that changes, no more.
  mutable std::map<QualifiedKey, std::shared_ptr<const policy::Document>> documents_;
  std::unique_ptr<Runner> runner_;  // null: functions do not run
  Measures measures_;
  std::size_t unreserved_calls_ = 0;  // of functions without a concurrency of their own
  std::string endpoint_;
  /// What is posted to the loop asks whether the service still lives.
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  // service.cpp
  /// The record of a function. Throws ResourceNotFoundException, which names the qualifier too.
  FunctionRecord require_function(const FunctionKey& key, std::string_view qualifier = {}) const;
  VersionRecord require_version(const VersionKey& key) const;
  /// Where a name leads: an alias to the version that it points to. Throws
  /// ResourceNotFoundException.
  Target require_target(const Named& name) const;
  /// Writes a version whose stage ends by itself.
  void put_unsettled(const VersionKey& key, VersionRecord record);
  void settle();
  std::string new_revision() { return runtime_.random.uuid(); }

  // invoking.cpp
  /// Keeps an asynchronous call: part of the current transaction.
  void accept(const Named& name, QueuedRecord call);
  std::uint32_t route(const Target& target);

  // calling.cpp
  /// Throws TooManyRequestsException.
  void require_capacity(const VersionKey& version, const FunctionRecord& function) const;
  /// Every call of a function goes this way: a loop is noticed, capacity is asked for, and the call
  /// is measured. `call` lacks its version, and what is in its ARN; `qualifier` is as the caller
  /// has named it. Throws RecursiveInvocationException and TooManyRequestsException, or what says
  /// that the version cannot be run. The version that it has led to.
  std::uint32_t run_call(const Target& target, const std::string& qualifier, Invocation call);
  /// A call that has just begun, of a version that may have provisioned concurrency.
  void count_provisioned(CallCounts& counts, const VersionKey& version, bool is_provisioned) const;
  void end_call(const CallKey& key, bool is_reserved, const Result& result);
  std::optional<faults::Action> strike(const FunctionKey& key, const std::string& qualifier,
                                       const Invocation& call);
  void let_crash(Invocation& call, faults::Action when);
  /// Whether the journal would keep a hop of that call.
  bool is_told(std::string_view trace, std::string_view id) const;
  /// Tells the journal a hop of that function, in the current transaction or one of its own; of a
  /// call that has ended with what the function has answered.
  void tell(const FunctionKey& function, const std::string& qualifier, services::Hop hop,
            const Result* answer = nullptr);
  /// Part of the current transaction. Nothing that could be a secret is kept.
  void keep_answer(const FunctionKey& function, const std::string& qualifier, std::string_view id,
                   const Result& result);
  /// Waits for the result, and tells the journal how it was. Throws as run_call does.
  Task<Result> call_now(const Context& context, Target target, std::string qualifier,
                        Invocation call);
  // streaming.cpp
  /// What the journal is told of a call, beside the call itself.
  struct Telling {
    std::string qualifier;
    std::string caller;
  };
  std::uint32_t run_told(const Target& target, const Telling& telling, Invocation call);

  Program program_of(const VersionKey& key);
  void keep_lines(const LogOrigin& origin, const std::vector<LogText>& lines);

  /// The role of a function as it is now; empty where it has gone.
  std::string role_of(const FunctionKey& function) const;

  // mappings.cpp
  MappingRecord require_mapping(const FunctionKey& key) const;
  void check_mapping(const FunctionKey& key, const MappingRecord& mapping) const;
  void put_mapping(const FunctionKey& key, const MappingRecord& mapping);
  void settle_mappings();
  void start_poller(const FunctionKey& key, const MappingRecord& mapping);
  void start_pollers();
  void wake_pollers();
  void wake_poller(const FunctionKey& key);
  // change_mappings.cpp
  /// Throws InvalidParameterValueException. A new mapping of a stream gets its place in it.
  void check_stream_mapping(const MappingRecord& mapping) const;
  /// The last change before it, where it begins with LATEST.
  std::string place_in_stream(const FunctionKey& key, const MappingRecord& mapping);
  void start_change_poller(const FunctionKey& key, const MappingRecord& mapping);
  bool call_for_changes(const MappingRecord& mapping, std::string event, const Changes& changes,
                        std::move_only_function<void(Result)> done);
  bool is_followed(const services::Change& change) const;
  void tell_given_up(const Named& name, const MappingRecord& mapping, const GivenUp& batch);
  void tell_unwanted(const FunctionKey& key, const MappingRecord& mapping, const Changes& changes);
  // explain_changes.cpp
  runtime::Task<> explain_mapping(AskedChange asked, services::ChangeExplanation& told);
  /// Whether a filter wants a change; nothing where it cannot be read.
  runtime::Task<std::optional<bool>> explain_filters(AskedChange asked,
                                                     services::Explanation& found);
  /// A batch that was given up has got to its destination, or never will.
  void settled_batch(const FunctionKey& function, const services::Delivery& delivery,
                     const services::DeliveryResult& result);
  void keep_progress(const FunctionKey& key, const ChangeProgress& progress);
  void give_up_changes(const FunctionKey& key, const MappingRecord& mapping, const GivenUp& batch);
  CreateEventSourceMappingResponse mapping_response(const FunctionKey& key,
                                                    const MappingRecord& mapping) const;

  // mapping_calls.cpp
  bool call_for_mapping(const MappingRecord& mapping, BatchCall batch);
  /// Whether the journal must not have what the function gets.
  bool is_secret(const MappingRecord& mapping,
                 const std::vector<services::QueueMessage>& messages) const;
  void tell_unwanted(const FunctionKey& key, const MappingRecord& mapping,
                     const std::vector<services::QueueMessage>& messages);

  // queued_calls.cpp
  /// Keeps an asynchronous call: part of the current transaction.
  void enqueue(QueuedRecord call);
  void look_at_queue();
  void look_at_queue_again();
  void start_queued(const QueuedKey& key, const QueuedRecord& call);
  void put_off(const QueuedKey& key, QueuedRecord call, runtime::Duration wait,
               std::string_view reason);
  void end_loop(const QueuedKey& key, const QueuedRecord& call,
                const protocol::ServiceError& error);
  /// Where a bucket keeps the record of that call.
  /// What a destination of a function gets, in the name of its role.
  services::Delivery delivery_to(const FunctionKey& function, std::string target,
                                 std::string body) const;
  /// The key of the object that a bucket gets, below "aws/lambda/FOLDER/".
  std::string object_parameters(std::string_view folder);
  void end_queued(const QueuedKey& key, const Result& result);
  void fail_queued(const QueuedKey& key, QueuedRecord call, const Result& result);
  void give_up_queued(const QueuedKey& key, const QueuedRecord& call, const Result& result,
                      std::string_view condition);
  void send_record(const QueuedRecord& call, const Result& result, std::string_view condition,
                   const std::string& destination);
  void send_dead_letter(const QueuedRecord& call, const Result& result);
  InvokeConfigRecord invoke_config_of(const QueuedRecord& call) const;
  void note_call(const QueuedRecord& call, services::HopKind kind, std::string_view reason);
  void note_answered(const QueuedRecord& call, services::HopKind kind, std::string_view reason,
                     const Result& result);

  // settings.cpp
  /// `FunctionConfiguration` of a version as `arn` names it. Of lists the stages are left out.
  CreateFunctionResponse describe(const Context& context, const VersionKey& key,
                                  const VersionRecord& record, std::string arn) const;
  CreateFunctionResponse describe_listed(const Context& context, const VersionKey& key,
                                         const VersionRecord& record, std::string arn) const;
  void check_settings(const Context& context, const FunctionKey& key, const Settings& settings);
  void set_environment(const Context& context, const FunctionKey& key, Settings& settings);
  /// Decrypted where it is kept so. Throws KMS's errors.
  std::optional<std::map<std::string, std::string>> environment_of(const Context& context,
                                                                   const FunctionKey& key,
                                                                   const Settings& settings) const;
  void require_role(const Context& context, const FunctionKey& key, const std::string& role);

  // layers.cpp
  /// Whether a function may have these. Throws InvalidParameterValueException.
  void check_layers(const Context& context, const std::vector<std::string>& layers) const;
  Layer describe_layer(const std::string& arn) const;
  /// Nothing where the layer is gone.
  std::optional<std::string> package_of_layer(const std::string& arn) const;
  LayerVersionRecord require_layer(const LayerVersionKey& key) const;
  GetLayerVersionResponse describe_layer_version(const Context& context, const LayerVersionKey& key,
                                                 const LayerVersionRecord& record) const;

  // invoke_configs.cpp, signing.cpp, urls.cpp
  void check_destinations(const Named& name, const InvokeConfigRecord& record) const;
  void require_invokable(const Named& name) const;
  FunctionKey require_signing(const std::string& arn) const;
  UrlRecord require_url(const QualifiedKey& key) const;

  // functions.cpp
  /// Where clients can get an archive.
  std::string location_of(const Context& context, const std::string& package) const;
  /// The package that a request brings or names, and where it comes from.
  struct Code {
    NewPackage package;
    std::optional<SourceRecord> source;
  };
  Task<Code> fetch_code(const Context& context, FunctionCode code);
  void place_code(Code code, Settings& settings);
  void delete_version(const VersionKey& key);
  void delete_all(const FunctionKey& key);

  // versions.cpp
  /// The newest version where nothing has changed since, else a new one in that stage.
  VersionKey publish(const FunctionKey& key, const std::optional<std::string>& description,
                     Stage stage);

  VersionRecord require_changeable(const Named& name,
                                   const std::optional<std::string>& revision) const;

  // aliases.cpp
  AliasRecord require_alias(const FunctionKey& key, const std::string& name) const;
  void check_alias(const FunctionKey& key, const AliasRecord& alias) const;

  // permissions.cpp, resource_policies.cpp
  void put_policy(const QualifiedKey& key, PolicyRecord policy);
  Named require_policy_holder(const Context& context, const std::string& arn) const;

  // url_calls.cpp
  bool lets_in(const FoundUrl& url, const Context& caller, std::string_view action) const;

  // access.cpp
  /// The policy of what a name and qualifier name; null without.
  std::shared_ptr<const policy::Document> document_of(const Named& name) const;

  // tags.cpp, concurrency.cpp
  void with_tags(const Context& context, const std::string& arn,
                 const std::function<bool(std::map<std::string, std::string>& tags)>& change);
  FunctionKey require_unqualified(const Named& name) const;

  // provisioned.cpp
  /// What is provisioned for a function as a whole, without what `but` has.
  std::int64_t provisioned_of(const FunctionKey& key, const QualifiedKey* but = nullptr) const;
  /// What reservations and provisioned concurrency of all functions but one take of an account's
  /// concurrency in a region.
  std::int64_t taken_concurrency(const FunctionKey& but) const;
  VersionKey provisioned_version(const QualifiedKey& key) const;
  void require_free_version(const QualifiedKey& key, const VersionKey& version) const;
  void check_provisioned(const QualifiedKey& key, std::int32_t wanted) const;
  GetProvisionedConcurrencyConfigResponse describe_provisioned(
      const QualifiedKey& key, const ProvisionedRecord& record) const;
  /// Once the current transaction is kept, instances of the function are as its configurations say.
  void keep_provisioned_later(const FunctionKey& key);
  void keep_provisioned(const FunctionKey& key);
  void keep_all_provisioned();
};

}  // namespace matinee::lambda
