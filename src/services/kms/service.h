// The Key Management Service: keys that never leave it, and what is done with them.
//
// What takes long (making RSA keys, private operations of pairs) is done by workers. Whatever has
// to happen to a key at a time (its deletion, a rotation, the end of imported material) stands in
// one table by time, whose first entry sets the only timer.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "kms/errors.h"
#include "kms/shapes.h"
#include "runtime/elsewhere.h"
#include "runtime/runtime.h"
#include "runtime/task.h"
#include "services/endpoint.h"
#include "services/event_sink.h"
#include "services/key_service.h"
#include "services/kms/catalog.h"
#include "services/kms/ciphertext.h"
#include "services/kms/grants.h"
#include "services/kms/sources.h"
#include "storage/store.h"

namespace matinee::kms {

using services::Context;
template <class T>
using Task = runtime::Task<T>;

/// Management operations take ids and key ARNs; others aliases and their ARNs too.
enum class Naming : std::uint8_t { key_only, alias_too };

class Service;

/// KMS as other services ask it.
class KeysForServices final : public services::KeyService {
 public:
  explicit KeysForServices(Service& service) : service_(service) {}

  std::string require_key(const Context& context, const services::KeyUse& use) override;
  std::string encrypt(const Context& context, const services::KeyUse& use,
                      std::string_view plaintext) override;
  std::string decrypt(const Context& context, const services::KeyUse& use,
                      std::string_view ciphertext) override;

 private:
  Service& service_;
};

class Service final : public services::ServiceBase {
 public:
  /// The dispatch table: an entry for each operation of the model.
  static std::span<const services::Handler> handlers();

  /// Both must outlive the service.
  Service(storage::Store& store, runtime::Runtime& runtime);
  ~Service() override;

  protocol::ServiceError invalid(const protocol::Operation& operation,
                                 const protocol::Violations& violations) const override;
  void reset(const services::ResetScope& scope) override;

  // authorization.cpp
  void add_needs(const Context& context, const protocol::Operation& operation, const void* request,
                 std::vector<services::Need>& needs) const override;
  void complete_arn(const Context& context, std::string& arn) const override;
  services::Guarded guard_of(const services::Inquiry& inquiry) const override;
  std::optional<std::vector<std::string>> find_key(const services::Inquiry& inquiry,
                                                   std::string_view key) const override;

  // keys.cpp
  Task<CreateKeyResponse> create_key(const Context&, const CreateKeyRequest&);
  DescribeKeyResponse describe_key(const Context&, const DescribeKeyRequest&);
  ListKeysResponse list_keys(const Context&, const ListKeysRequest&);
  EnableKeyResponse enable_key(const Context&, const EnableKeyRequest&);
  DisableKeyResponse disable_key(const Context&, const DisableKeyRequest&);
  UpdateKeyDescriptionResponse update_key_description(const Context&,
                                                      const UpdateKeyDescriptionRequest&);
  GetPublicKeyResponse get_public_key(const Context&, const GetPublicKeyRequest&);
  GetKeyLastUsageResponse get_key_last_usage(const Context&, const GetKeyLastUsageRequest&);

  // deletion.cpp
  ScheduleKeyDeletionResponse schedule_key_deletion(const Context&,
                                                    const ScheduleKeyDeletionRequest&);
  CancelKeyDeletionResponse cancel_key_deletion(const Context&, const CancelKeyDeletionRequest&);

  // signing.cpp
  Task<SignResponse> sign(const Context&, const SignRequest&);
  Task<VerifyResponse> verify(const Context&, const VerifyRequest&);
  GenerateMacResponse generate_mac(const Context&, const GenerateMacRequest&);
  VerifyMacResponse verify_mac(const Context&, const VerifyMacRequest&);
  Task<DeriveSharedSecretResponse> derive_shared_secret(const Context&,
                                                        const DeriveSharedSecretRequest&);

  // aliases.cpp
  CreateAliasResponse create_alias(const Context&, const CreateAliasRequest&);
  UpdateAliasResponse update_alias(const Context&, const UpdateAliasRequest&);
  DeleteAliasResponse delete_alias(const Context&, const DeleteAliasRequest&);
  ListAliasesResponse list_aliases(const Context&, const ListAliasesRequest&);

  // policies.cpp
  GetKeyPolicyResponse get_key_policy(const Context&, const GetKeyPolicyRequest&);
  PutKeyPolicyResponse put_key_policy(const Context&, const PutKeyPolicyRequest&);
  ListKeyPoliciesResponse list_key_policies(const Context&, const ListKeyPoliciesRequest&);
  TagResourceResponse tag_resource(const Context&, const TagResourceRequest&);
  UntagResourceResponse untag_resource(const Context&, const UntagResourceRequest&);
  ListResourceTagsResponse list_resource_tags(const Context&, const ListResourceTagsRequest&);

  // grants.cpp
  CreateGrantResponse create_grant(const Context&, const CreateGrantRequest&);
  RevokeGrantResponse revoke_grant(const Context&, const RevokeGrantRequest&);
  RetireGrantResponse retire_grant(const Context&, const RetireGrantRequest&);
  ListGrantsResponse list_grants(const Context&, const ListGrantsRequest&);
  ListRetirableGrantsResponse list_retirable_grants(const Context&,
                                                    const ListRetirableGrantsRequest&);

  // import.cpp
  Task<GetParametersForImportResponse> get_parameters_for_import(
      const Context&, const GetParametersForImportRequest&);
  Task<ImportKeyMaterialResponse> import_key_material(const Context&,
                                                      const ImportKeyMaterialRequest&);
  DeleteImportedKeyMaterialResponse delete_imported_key_material(
      const Context&, const DeleteImportedKeyMaterialRequest&);

  // replication.cpp
  ReplicateKeyResponse replicate_key(const Context&, const ReplicateKeyRequest&);
  UpdatePrimaryRegionResponse update_primary_region(const Context&,
                                                    const UpdatePrimaryRegionRequest&);

  // rotation.cpp
  EnableKeyRotationResponse enable_key_rotation(const Context&, const EnableKeyRotationRequest&);
  DisableKeyRotationResponse disable_key_rotation(const Context&, const DisableKeyRotationRequest&);
  GetKeyRotationStatusResponse get_key_rotation_status(const Context&,
                                                       const GetKeyRotationStatusRequest&);
  RotateKeyOnDemandResponse rotate_key_on_demand(const Context&, const RotateKeyOnDemandRequest&);
  ListKeyRotationsResponse list_key_rotations(const Context&, const ListKeyRotationsRequest&);

  // encryption.cpp
  EncryptResponse encrypt(const Context&, const EncryptRequest&);
  Task<DecryptResponse> decrypt(const Context&, const DecryptRequest&);
  Task<ReEncryptResponse> re_encrypt(const Context&, const ReEncryptRequest&);

  // data_keys.cpp
  GenerateDataKeyResponse generate_data_key(const Context&, const GenerateDataKeyRequest&);
  GenerateDataKeyWithoutPlaintextResponse generate_data_key_without_plaintext(
      const Context&, const GenerateDataKeyWithoutPlaintextRequest&);
  Task<GenerateDataKeyPairResponse> generate_data_key_pair(const Context&,
                                                           const GenerateDataKeyPairRequest&);
  Task<GenerateDataKeyPairWithoutPlaintextResponse> generate_data_key_pair_without_plaintext(
      const Context&, const GenerateDataKeyPairWithoutPlaintextRequest&);
  GenerateRandomResponse generate_random(const Context&, const GenerateRandomRequest&);

  /// Lives as long as the service.
  services::KeyService& for_services() { return for_services_; }
  /// Who hears of rotations, of imported material that has expired, and of deletions; nobody, until
  /// it is told. It must outlive the service.
  void use_events(services::EventSink& events) { events_ = &events; }

 private:
  friend class KeysForServices;

  storage::Store& store_;
  runtime::Runtime& runtime_;
  runtime::Clock& clock_;
  runtime::Random& random_;
  Catalog catalog_;
  KeysForServices for_services_{*this};
  services::EventSink* events_ = nullptr;
  runtime::TimerId due_timer_ = runtime::TimerId::none;
  runtime::TimerId uses_timer_ = runtime::TimerId::none;
  /// Uses that are not in the store yet, by key.
  std::unordered_map<std::string, std::pair<KeyName, UseRecord>> uses_;

  /// Of keys whose policies were asked for: text and what it says.
  mutable std::unordered_map<std::string,
                             std::pair<std::string, std::shared_ptr<const policy::Document>>>
      policies_;
  /// "s3.us-east-1.amazonaws.com" while a service asks for a caller.
  std::string via_service_;

  // authorization.cpp
  bool reencrypts_same(const services::Inquiry& inquiry) const;
  void name_key(std::string& arn) const;
  static std::optional<KeyName> key_of_arn(std::string_view text);
  std::shared_ptr<const policy::Document> read_policy(const KeyName& name) const;
  bool is_granted(const KeyName& key, const services::Inquiry& inquiry) const;
  /// Whether a service may use the key for its caller. Throws AccessDeniedException.
  void require_permission(const Context& context, const Key& key, const services::KeyUse& use,
                          std::string_view action);

  // naming.cpp
  /// Throws NotFoundException.
  Key require_named(const Context& context, const std::string& text, Naming naming);
  Key require_existing(const KeyName& name) const;
  /// Of one of AWS's own aliases, which makes the key.
  std::optional<Key> find_by_alias(const KeyName& alias);
  /// As require_named, of a key whose customer may change it. Throws AccessDeniedException.
  Key require_own(const Context& context, const std::string& text, std::string_view operation);
  /// For cryptographic operations: enabled, and of that usage.
  Key require_usable(const Context& context, const std::string& text,
                     std::pair<Usage, std::string_view> what);

  // data_keys.cpp
  Key require_wrapping(const Context& context, const std::string& text, std::string_view operation);
  Task<GenerateDataKeyPairResponse> make_data_key_pair(const Context& context,
                                                       const GenerateDataKeyPairRequest& request,
                                                       std::string_view operation);

  // managed.cpp
  Key make_managed_key(const KeyName& place, std::string_view service);

  // keys.cpp
  KeyMetadata describe(const Key& key) const;
  std::optional<MultiRegionConfiguration> describe_regions(const Key& key) const;
  /// Stores a new key with its details.
  void add_key(const Key& key, DetailsRecord details);

  // deletion.cpp
  /// What was scheduled: with the last replica, a primary key that waits for it begins to wait for
  /// its own deletion.
  void end_key(const Key& key);
  void begin_deletion(Key& key);
  bool has_replicas(const Key& key) const { return !key.record.replica_regions.empty(); }

  // rotation.cpp
  /// The primary of related keys that are in one cloud, else the key itself.
  std::vector<Key> related(const Key& key) const;
  void set_rotation(Key& key, std::optional<std::int32_t> days);
  void rotate(Key& key, Rotation kind);
  void rotate_by_schedule(Key key);
  void catch_up_with_rotation(Key& key);
  /// Imported material that waits for the next rotation.
  std::optional<std::uint32_t> find_waiting(const Key& key) const;
  Key require_rotating(const Context& context, const std::string& text, std::string_view operation);

  /// Whether all related keys have the material.
  bool is_everywhere(const Key& key, const std::string& material_id) const;

  // signing.cpp
  /// In a transaction of its own.
  std::pair<Key, std::shared_ptr<Material>> require_signing(const Context& context,
                                                            const std::string& text,
                                                            const std::string& algorithm,
                                                            std::string_view operation);

  // aliases.cpp
  AliasListEntry describe_alias(const KeyName& name, const AliasRecord& alias) const;

  // grants.cpp
  std::string id_of_grant(const Key& key, const GrantRecord& grant);
  std::string make_grant_token(const Key& key, const std::string& grant_id);
  std::optional<GrantPlace> read_grant_token(const std::string& token);
  /// Throws NotFoundException.
  void remove_grant(const KeyName& key, const std::string& grant_id);

  // replication.cpp
  void copy_material(const Key& from, Key& to);

  // import.cpp
  std::uint32_t place_material(Key& key, const NewMaterial& material,
                               const ImportKeyMaterialRequest& request);
  void expire_material(Key key);
  void forget_material(Key& key, std::uint32_t number);
  /// Whether all material that the key has ever had is there.
  bool is_complete(const Key& key) const;

  // uses.cpp
  void note_use(const Context& context, const Key& key, std::string_view operation);
  void store_uses();

  // due.cpp
  void schedule(const KeyName& name, runtime::Time when, Due kind);
  void unschedule(const KeyName& name, std::optional<runtime::Time> when, Due kind);
  void watch_due();
  void handle_due();
  void handle(const KeyName& name, Due kind);
  /// Sends the event of that type to the default bus of the key's account and region.
  void announce(const Key& key, std::string_view detail_type);

  // encryption.cpp
  using Content = std::pair<std::string_view, const EncryptionContext*>;
  /// Which key a Decrypt or ReEncrypt means, after all checks that need no work.
  Opened require_source(const Context& context, const SourceNames& names);
  Task<std::string> open(const Opened& opened, const SourceNames& names);
  std::string seal(const Key& key, std::string_view plaintext, const EncryptionContext* context);
  std::string encrypt_with(const Key& key, Material& material, const std::string& algorithm,
                           Content content);
  /// The current material. Throws KMSInvalidStateException where it is gone.
  std::shared_ptr<Material> require_material(const Key& key);

  /// What `work` returns, done by a worker.
  template <class Result>
  Task<Result> elsewhere(std::move_only_function<Result()> work) {
    return runtime::elsewhere<Result>(runtime_, std::move(work));
  }
};

}  // namespace matinee::kms
