// AWS Secrets Manager: secrets in versions, found by their stages.
//
// A secret belongs to an account and a region; a secret of another account is named by its ARN.
// Each method is the operation of AWS's model with that name, and throws its errors with AWS's
// messages. Whether the caller may, the Endpoint decides
// (`authorization.cpp` tells it what it needs). Replicas follow their primary in the same
// transaction.
#pragma once

#include <memory>
#include <set>
#include <span>

#include "runtime/runtime.h"
#include "runtime/task.h"
#include "secretsmanager/shapes.h"
#include "services/endpoint.h"
#include "services/function_caller.h"
#include "services/key_service.h"
#include "services/secret_keeper.h"
#include "services/secret_reader.h"
#include "services/secretsmanager/catalog.h"
#include "services/secretsmanager/encryption.h"
#include "storage/store.h"

namespace matinee::secretsmanager {

using services::Context;

/// A secret of the store with where it is.
struct Found {
  Place place;
  SecretRecord secret;
};

/// What a request brings as a value: one of the two.
struct GivenValue {
  std::string bytes;
  bool binary = false;
};

/// What becomes a version.
struct NewVersion {
  std::string id;
  GivenValue value;
  std::vector<std::string> stages;
};

class Service final : public services::ServiceBase,
                      public services::SecretReader,
                      public services::SecretKeeper {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// All must outlive the service. Without keys, what needs a value answers 501.
  Service(storage::Store& store, runtime::Runtime& runtime, services::KeyService* keys = nullptr);
  ~Service() override;
  /// Who calls functions; until it is told of one, nothing is rotated. It must outlive this.
  void use_functions(services::FunctionCaller& functions);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  void complete_arn(const Context& context, std::string& arn) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;

  CreateSecretResponse create_secret(const Context&, const CreateSecretRequest&);
  UpdateSecretResponse update_secret(const Context&, const UpdateSecretRequest&);
  DescribeSecretResponse describe_secret(const Context&, const DescribeSecretRequest&);
  DeleteSecretResponse delete_secret(const Context&, const DeleteSecretRequest&);
  RestoreSecretResponse restore_secret(const Context&, const RestoreSecretRequest&);
  ListSecretsResponse list_secrets(const Context&, const ListSecretsRequest&);

  GetSecretValueResponse get_secret_value(const Context&, const GetSecretValueRequest&);
  BatchGetSecretValueResponse batch_get_secret_value(const Context&,
                                                     const BatchGetSecretValueRequest&);
  PutSecretValueResponse put_secret_value(const Context&, const PutSecretValueRequest&);
  ListSecretVersionIdsResponse list_secret_version_ids(const Context&,
                                                       const ListSecretVersionIdsRequest&);
  UpdateSecretVersionStageResponse update_secret_version_stage(
      const Context&, const UpdateSecretVersionStageRequest&);
  GetRandomPasswordResponse get_random_password(const Context&, const GetRandomPasswordRequest&);

  runtime::Task<RotateSecretResponse> rotate_secret(const Context&, const RotateSecretRequest&);
  CancelRotateSecretResponse cancel_rotate_secret(const Context&, const CancelRotateSecretRequest&);

  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);

  PutResourcePolicyResponse put_resource_policy(const Context&, const PutResourcePolicyRequest&);
  GetResourcePolicyResponse get_resource_policy(const Context&, const GetResourcePolicyRequest&);
  DeleteResourcePolicyResponse delete_resource_policy(const Context&,
                                                      const DeleteResourcePolicyRequest&);
  ListResourcePoliciesResponse list_resource_policies(const Context&,
                                                      const ListResourcePoliciesRequest&);
  ValidateResourcePolicyResponse validate_resource_policy(const Context&,
                                                          const ValidateResourcePolicyRequest&);

  ReplicateSecretToRegionsResponse replicate_secret_to_regions(
      const Context&, const ReplicateSecretToRegionsRequest&);
  RemoveRegionsFromReplicationResponse remove_regions_from_replication(
      const Context&, const RemoveRegionsFromReplicationRequest&);
  StopReplicationToReplicaResponse stop_replication_to_replica(
      const Context&, const StopReplicationToReplicaRequest&);

  std::optional<services::SecretText> read_secret(const Context& context,
                                                  const services::SecretQuery& query) override;
  std::string keep_secret(const Context& context, const services::KeptSecret& secret) override;
  std::optional<std::string> kept_secret(const Context& context, const std::string& name) override;
  void drop_secret(const Context& context, const std::string& name) override;
  void reset(const services::ResetScope& scope) override;

 private:
  storage::Store& store_;
  runtime::Runtime& runtime_;
  Catalog catalog_;
  Encryption encryption_;
  runtime::TimerId timer_ = runtime::TimerId::none;  // of the next secret that ends
  services::FunctionCaller* functions_ = nullptr;
  runtime::TimerId rotation_timer_ = runtime::TimerId::none;
  /// Secrets whose function is being called: account, region, name.
  std::set<std::tuple<std::string, std::string, std::string>> rotating_;
  /// What is under way when this object ends asks for it.
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);

  runtime::Time now() const;
  /// The end of a new secret's ARN.
  std::string new_suffix();
  /// Sets the timer for the deleted secret that ends next.
  void await_ending();
  void end();

  /// Throws ResourceNotFoundException.
  Found require(const Context& context, const std::string& id) const;
  /// Of a secret that is not deleted.
  Found require_live(const Context& context, const std::string& id) const;
  /// Of a secret that may be changed here: neither deleted nor a replica.
  Found require_writable(const Context& context, const std::string& id) const;
  /// Stores a secret that was changed, and brings its replicas up to date.
  void save(const Context& context, Found& found);

  /// Adds a version, or finds that the request was carried out before: then false.
  bool add_version(const Context& context, Found& found, const NewVersion& version);
  bool has_same_value(const Context& context, const Found& found, const NewVersion& version) const;
  void drop_old_versions(Found& found);
  void encrypt_again(const Context& context, Found& found);
  CreateSecretResponse repeat_creation(const Context& context, const CreateSecretRequest& request,
                                       Found found);

  /// The version that the request means, by id, stage or both.
  const VersionRecord& require_version(const Found& found, const GetSecretValueRequest& request);
  GetSecretValueResponse read(const Context& context, const GetSecretValueRequest& request);
  /// One of a batch, or behind a parameter: throws AccessDeniedException where the caller may not
  /// read it.
  void require_permission(const Context& context, const GetSecretValueRequest& request) const;
  void note_access(Found& found, const std::string& version);

  /// What a request makes of a secret's rotation, without what begins now. Throws the errors for a
  /// request that cannot be.
  RotationRecord configure_rotation(const Found& found, const RotateSecretRequest& request) const;
  /// In a transaction of its own. Throws 501 where there are no functions, and has kept the
  /// configuration all the same.
  RotateSecretResponse begin_rotation(const Context& context, const RotateSecretRequest& request);
  /// Sets when the next rotation is due, seen from now.
  void plan_rotation(RotationRecord& rotation);

  // rotation_runs.cpp
  /// Sets the timer for what is due next.
  void await_rotation();
  void rotate_due();
  void start_run(const Place& place, const std::string& name);
  runtime::Task<> run_rotation(Place place, std::string name, std::shared_ptr<bool> lives);
  /// The next call of a secret's rotation; nothing where there is none to be made now. Begins a
  /// rotation that the schedule asks for.
  std::optional<services::FunctionCall> next_step(const Place& place, const std::string& name);
  /// Keeps how a call has ended: `failure` says why it has failed, or is empty.
  void end_step(const Place& place, const std::string& name, const std::string& version,
                const std::string& failure);

  void replicate(const Context& context, Found& found, const ReplicaRegionType& target,
                 bool overwrite);
  void update_replica(const Context& context, const Found& found, const ReplicaRecord& replica);
};

// What several files of the service need.

SecretListEntry to_list_entry(const Place& place, const SecretRecord& secret);
std::vector<ReplicationStatusType> describe_replicas(const SecretRecord& secret, bool in_progress);
std::vector<Tag> to_tags(const SecretRecord& secret);
void add_tags(const std::vector<Tag>& tags, SecretRecord& secret, const Context& context);
/// Throws InvalidRequestException where a raw request has none: SDKs always make one.
std::string require_token(const std::optional<std::string>& token);
/// The value of a request that may have none. Throws InvalidParameterException for two.
std::optional<GivenValue> given_value(const std::optional<std::string>& text,
                                      const std::optional<protocol::Blob>& binary);
std::vector<std::string> stages_of(const VersionRecord& version);

}  // namespace matinee::secretsmanager
