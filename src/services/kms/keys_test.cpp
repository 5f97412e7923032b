// Keys themselves: made, described, deleted, rotated, imported, replicated, named, granted.
#include <fmt/format.h>

#include "services/kms/managed.h"
#include "services/kms/service_fixture.h"

namespace matinee::kms {
namespace {

class Keys : public KmsTest {
 protected:
  void schedule_deletion(const std::string& key, std::int32_t window = 7) {
    call<ScheduleKeyDeletionResponse>(
        operations::ScheduleKeyDeletion,
        ScheduleKeyDeletionRequest{.key_id = key, .pending_window_in_days = window});
  }
  GetKeyRotationStatusResponse rotation(const std::string& key) {
    return call<GetKeyRotationStatusResponse>(operations::GetKeyRotationStatus,
                                              GetKeyRotationStatusRequest{.key_id = key});
  }
  std::vector<RotationsListEntry> rotations(const std::string& key, bool all = false) {
    ListKeyRotationsRequest request{.key_id = key};
    if (all) request.include_key_material = "ALL_KEY_MATERIAL";
    return *call<ListKeyRotationsResponse>(operations::ListKeyRotations, request).rotations;
  }
  void rotate(const std::string& key) {
    call<RotateKeyOnDemandResponse>(operations::RotateKeyOnDemand,
                                    RotateKeyOnDemandRequest{.key_id = key});
  }
  void alias(const std::string& name, const std::string& key) {
    call<CreateAliasResponse>(operations::CreateAlias,
                              CreateAliasRequest{.alias_name = name, .target_key_id = key});
  }
  ImportKeyMaterialResponse import(const std::string& key, const std::string& bytes,
                                   std::optional<std::string> type = std::nullopt,
                                   std::optional<runtime::Time> valid_to = std::nullopt) {
    const auto parameters = call<GetParametersForImportResponse>(
        operations::GetParametersForImport,
        GetParametersForImportRequest{.key_id = key,
                                      .wrapping_algorithm = "RSAES_OAEP_SHA_256",
                                      .wrapping_key_spec = "RSA_2048"});
    const Pair wrapping = read_public(parameters.public_key->bytes);
    ImportKeyMaterialRequest request{.key_id = key, .import_token = *parameters.import_token};
    request.encrypted_key_material.bytes =
        *kms::encrypt(wrapping, {"SHA256"}, bytes, machine.random);
    request.import_type = std::move(type);
    request.valid_to = valid_to;
    request.expiration_model = valid_to ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE";
    return call<ImportKeyMaterialResponse>(operations::ImportKeyMaterial, request);
  }
};

TEST_F(Keys, are_described_as_they_were_made) {
  const KeyMetadata key = create({.description = "for tests"});
  EXPECT_EQ(key.arn, "arn:aws:kms:us-east-1:000000000000:key/" + key.key_id);
  EXPECT_EQ(key.key_state, "Enabled");
  EXPECT_EQ(key.encryption_algorithms, (std::vector<std::string>{"SYMMETRIC_DEFAULT"}));
  EXPECT_EQ(key.current_key_material_id->size(), 64u);
  EXPECT_EQ(key.multi_region, false);
  EXPECT_EQ(describe(key.key_id).description, "for tests");
  const KeyMetadata mac = create("HMAC_384", "GENERATE_VERIFY_MAC");
  EXPECT_EQ(mac.mac_algorithms, (std::vector<std::string>{"HMAC_SHA_384"}));
  EXPECT_FALSE(mac.current_key_material_id);
  EXPECT_EQ(error_of([&] { create({.key_spec = "RSA_2048"}); }),
            "ValidationException: You must specify a KeyUsage value for all KMS keys except for "
            "symmetric encryption keys.");
  EXPECT_TRUE(error_of([&] { create("ML_DSA_44", "SIGN_VERIFY"); }).starts_with("NotImplemented"));
}

TEST_F(Keys, are_gone_when_their_days_are_over_even_over_a_restart) {
  const std::string key = create().key_id;
  alias("alias/doomed", key);
  schedule_deletion(key);
  EXPECT_EQ(describe(key).key_state, "PendingDeletion");
  advance(days(6));
  EXPECT_EQ(describe("alias/doomed").key_id, key);
  kill_and_restart();
  advance(days(2));
  EXPECT_TRUE(error_of([&] { describe(key); }).starts_with("NotFoundException: Key "));
  EXPECT_TRUE(error_of([&] { describe("alias/doomed"); }).starts_with("NotFoundException: Alias "));
}

TEST_F(Keys, are_disabled_when_their_deletion_is_cancelled) {
  const KeyMetadata key = create();
  EXPECT_EQ(error_of([&] {
              call<CancelKeyDeletionResponse>(operations::CancelKeyDeletion,
                                              CancelKeyDeletionRequest{.key_id = key.key_id});
            }),
            fmt::format("KMSInvalidStateException: {} is not pending deletion.", *key.arn));
  schedule_deletion(key.key_id);
  EXPECT_EQ(error_of([&] { schedule_deletion(key.key_id); }),
            fmt::format("KMSInvalidStateException: {} is pending deletion.", *key.arn));
  call<CancelKeyDeletionResponse>(operations::CancelKeyDeletion,
                                  CancelKeyDeletionRequest{.key_id = key.key_id});
  EXPECT_EQ(describe(key.key_id).key_state, "Disabled");
  EXPECT_FALSE(describe(key.key_id).deletion_date);
  advance(days(40));
  EXPECT_EQ(describe(key.key_id).key_state, "Disabled");
}

TEST_F(Keys, are_rotated_by_the_clock_and_open_what_they_encrypted_before) {
  const std::string key = create().key_id;
  EXPECT_FALSE(rotation(key).next_rotation_date);
  call<EnableKeyRotationResponse>(
      operations::EnableKeyRotation,
      EnableKeyRotationRequest{.key_id = key, .rotation_period_in_days = 90});
  EXPECT_EQ(rotation(key).rotation_period_in_days, 90);
  const std::string blob = encrypt(key, "x");
  const auto before = describe(key).current_key_material_id;
  advance(days(91));
  EXPECT_NE(describe(key).current_key_material_id, before);
  EXPECT_EQ(decrypt(blob), "x");
  kill_and_restart();
  advance(days(90));
  ASSERT_EQ(rotations(key).size(), 2u);
  EXPECT_EQ(rotations(key)[0].rotation_type, "AUTOMATIC");
  EXPECT_EQ(rotations(key, true).size(), 3u);
  EXPECT_EQ(decrypt(blob), "x");
}

TEST_F(Keys, tell_of_what_happens_to_them_in_time) {
  struct : services::EventSink {
    void put(const services::ServiceEvent& event) override { told.push_back(event); }
    std::vector<services::ServiceEvent> told;
  } sink;
  service->use_events(sink);
  const KeyMetadata key = create();
  rotate(key.key_id);
  ASSERT_EQ(sink.told.size(), 1u);
  EXPECT_EQ(sink.told[0].detail_type, "KMS CMK Rotation");
  EXPECT_EQ(sink.told[0].detail, fmt::format(R"({{"key-id":"{}"}})", key.key_id));
  EXPECT_EQ(sink.told[0].resources, std::vector{*key.arn});
  const KeyMetadata outside = create({.origin = "EXTERNAL"});
  import(outside.key_id, std::string(32, 'k'), std::nullopt, machine.loop.now() + days(3));
  advance(days(4));
  ASSERT_EQ(sink.told.size(), 2u);
  EXPECT_EQ(sink.told[1].detail_type, "KMS Imported Key Material Expiration");
  call<ScheduleKeyDeletionResponse>(
      operations::ScheduleKeyDeletion,
      ScheduleKeyDeletionRequest{.key_id = key.key_id, .pending_window_in_days = 7});
  advance(days(8));
  ASSERT_EQ(sink.told.size(), 3u);
  EXPECT_EQ(sink.told[2].detail_type, "KMS CMK Deletion");
}

TEST_F(Keys, that_are_disabled_are_rotated_once_they_are_enabled_again) {
  const std::string key = create().key_id;
  call<EnableKeyRotationResponse>(
      operations::EnableKeyRotation,
      EnableKeyRotationRequest{.key_id = key, .rotation_period_in_days = 90});
  call<DisableKeyResponse>(operations::DisableKey, DisableKeyRequest{.key_id = key});
  advance(days(100));
  EXPECT_EQ(rotations(key).size(), 0u);
  call<EnableKeyResponse>(operations::EnableKey, EnableKeyRequest{.key_id = key});
  advance(seconds(1));
  EXPECT_EQ(rotations(key).size(), 1u);
  advance(days(89));
  EXPECT_EQ(rotations(key).size(), 1u);
  advance(days(2));
  EXPECT_EQ(rotations(key).size(), 2u);
}

TEST_F(Keys, are_rotated_on_demand_so_many_times) {
  const KeyMetadata key = create();
  for (int i = 0; i < 25; ++i) rotate(key.key_id);
  EXPECT_TRUE(rotation(key.key_id).on_demand_rotation_start_date);
  advance(seconds(5));
  EXPECT_FALSE(rotation(key.key_id).on_demand_rotation_start_date);
  EXPECT_TRUE(error_of([&] { rotate(key.key_id); }).starts_with("LimitExceededException: "));
  const std::string pair = create("RSA_2048", "SIGN_VERIFY").key_id;
  EXPECT_EQ(error_of([&] { rotate(pair); }), "UnsupportedOperationException: ");
  call<DisableKeyResponse>(operations::DisableKey, DisableKeyRequest{.key_id = pair});
  EXPECT_TRUE(error_of([&] { rotate(pair); }).starts_with("DisabledException: "));
}

TEST_F(Keys, take_material_from_outside_and_forget_it_in_time) {
  const KeyMetadata key = create({.origin = "EXTERNAL"});
  EXPECT_EQ(key.key_state, "PendingImport");
  EXPECT_EQ(error_of([&] { encrypt(key.key_id, "x"); }),
            fmt::format("KMSInvalidStateException: {} is pending import.", *key.arn));
  const std::string bytes(32, 'k');
  import(key.key_id, bytes, std::nullopt, machine.loop.now() + days(3));
  EXPECT_EQ(describe(key.key_id).expiration_model, "KEY_MATERIAL_EXPIRES");
  const std::string blob = encrypt(key.key_id, "x");
  advance(days(4));
  EXPECT_EQ(describe(key.key_id).key_state, "PendingImport");
  EXPECT_EQ(error_of([&] { import(key.key_id, std::string(32, 'l')); }),
            "IncorrectKeyMaterialException: ");
  import(key.key_id, bytes);
  EXPECT_EQ(decrypt(blob), "x");
  EXPECT_EQ(error_of([&] { rotate(key.key_id); }),
            fmt::format("KMSInvalidStateException: No available key material pending rotation for "
                        "the key: {}.",
                        *key.arn));
  const auto second = import(key.key_id, std::string(32, 'l'), "NEW_KEY_MATERIAL");
  EXPECT_TRUE(error_of([&] {
                import(key.key_id, std::string(32, 'm'), "NEW_KEY_MATERIAL");
              }).contains("is pending rotation."));
  rotate(key.key_id);
  EXPECT_EQ(describe(key.key_id).current_key_material_id, second.key_material_id);
  EXPECT_EQ(decrypt(blob), "x");
}

TEST_F(Keys, of_several_regions_open_each_others_blobs) {
  const KeyMetadata key = create({.multi_region = true});
  EXPECT_TRUE(key.key_id.starts_with("mrk-"));
  const std::string blob = encrypt(key.key_id, "x");
  const auto made = call<ReplicateKeyResponse>(
      operations::ReplicateKey,
      ReplicateKeyRequest{.key_id = key.key_id, .replica_region = "eu-west-1"});
  EXPECT_EQ(made.replica_key_metadata->key_state, "Creating");
  EXPECT_FALSE(made.replica_key_metadata->current_key_material_id);
  advance(seconds(2));
  context.region = "eu-west-1";
  EXPECT_EQ(describe(key.key_id).multi_region_configuration->multi_region_key_type, "REPLICA");
  EXPECT_EQ(decrypt(blob), "x");
  EXPECT_TRUE(
      error_of([&] { rotate(key.key_id); }).ends_with("is not a multi-region primary key."));
  context.region = "us-east-1";
  rotate(key.key_id);
  const std::string after = encrypt(key.key_id, "y");
  schedule_deletion(key.key_id);
  EXPECT_EQ(describe(key.key_id).key_state, "PendingReplicaDeletion");
  context.region = "eu-west-1";
  EXPECT_EQ(decrypt(after), "y");
  schedule_deletion(key.key_id);
  advance(days(8));
  context.region = "us-east-1";
  EXPECT_EQ(describe(key.key_id).key_state, "PendingDeletion");
}

TEST_F(Keys, change_their_primary_region) {
  const std::string key = create({.multi_region = true}).key_id;
  call<ReplicateKeyResponse>(operations::ReplicateKey,
                             ReplicateKeyRequest{.key_id = key, .replica_region = "eu-west-1"});
  advance(seconds(2));
  call<UpdatePrimaryRegionResponse>(
      operations::UpdatePrimaryRegion,
      UpdatePrimaryRegionRequest{.key_id = key, .primary_region = "eu-west-1"});
  const auto regions = *describe(key).multi_region_configuration;
  EXPECT_EQ(regions.multi_region_key_type, "REPLICA");
  EXPECT_EQ(regions.primary_key->region, "eu-west-1");
  ASSERT_EQ(regions.replica_keys->size(), 1u);
  EXPECT_EQ(regions.replica_keys->front().region, "us-east-1");
}

TEST_F(Keys, are_listed_page_by_page_with_their_aliases) {
  std::vector<std::string> keys;
  for (int i = 0; i < 5; ++i) keys.push_back(create().key_id);
  ListKeysRequest request{.limit = 2};
  std::vector<std::string> found;
  while (true) {
    const auto page = call<ListKeysResponse>(operations::ListKeys, request);
    for (const KeyListEntry& entry : *page.keys) found.push_back(*entry.key_id);
    if (!*page.truncated) break;
    request.marker = page.next_marker;
  }
  std::ranges::sort(keys);
  EXPECT_EQ(found, keys);
  alias("alias/b", keys[0]);
  alias("alias/a", keys[0]);
  alias("alias/z", keys[1]);
  const auto own =
      call<ListAliasesResponse>(operations::ListAliases, ListAliasesRequest{.key_id = keys[0]});
  ASSERT_EQ(own.aliases->size(), 2u);
  EXPECT_EQ(own.aliases->front().alias_name, "alias/a");
  ListAliasesRequest pages{.limit = 3};
  std::vector<std::string> names;
  while (true) {
    const auto page = call<ListAliasesResponse>(operations::ListAliases, pages);
    for (const AliasListEntry& entry : *page.aliases) names.push_back(*entry.alias_name);
    if (!*page.truncated) break;
    pages.marker = page.next_marker;
  }
  EXPECT_TRUE(std::ranges::is_sorted(names));
  EXPECT_EQ(names.size(), 3u + managed_services().size());
  EXPECT_EQ(error_of([&] { alias("alias/a", keys[1]); }),
            "AlreadyExistsException: An alias with the name "
            "arn:aws:kms:us-east-1:000000000000:alias/a already exists");
}

TEST_F(Keys, are_granted_by_name_once) {
  const std::string key = create().key_id;
  const std::string user = "arn:aws:iam::000000000000:user/u";
  CreateGrantRequest request{.key_id = key,
                             .grantee_principal = user,
                             .retiring_principal = user,
                             .operations = {"Encrypt"},
                             .name = "n"};
  const auto first = call<CreateGrantResponse>(operations::CreateGrant, request);
  const auto again = call<CreateGrantResponse>(operations::CreateGrant, request);
  EXPECT_EQ(first.grant_id, again.grant_id);
  EXPECT_NE(first.grant_token, again.grant_token);
  request.operations.emplace_back("Decrypt");
  call<CreateGrantResponse>(operations::CreateGrant, request);
  const auto listed =
      call<ListGrantsResponse>(operations::ListGrants, ListGrantsRequest{.key_id = key});
  EXPECT_EQ(listed.grants->size(), 2u);
  const ListRetirableGrantsRequest retirable{.limit = 1, .retiring_principal = user};
  const auto page = call<ListRetirableGrantsResponse>(operations::ListRetirableGrants, retirable);
  EXPECT_TRUE(*page.truncated);
  call<RetireGrantResponse>(operations::RetireGrant,
                            RetireGrantRequest{.grant_token = first.grant_token});
  EXPECT_EQ(call<ListGrantsResponse>(operations::ListGrants, ListGrantsRequest{.key_id = key})
                .grants->size(),
            1u);
  request.operations = {"Sign"};
  EXPECT_TRUE(error_of([&] {
                call<CreateGrantResponse>(operations::CreateGrant, request);
              }).starts_with("ValidationException: "));
}

TEST_F(Keys, keep_no_policy_that_locks_out_who_sets_it) {
  const std::string key = create().key_id;
  PutKeyPolicyRequest request{
      .key_id = key,
      .policy = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":)"
                R"({"AWS":"arn:aws:iam::000000000000:user/u"},"Action":"kms:*","Resource":"*"}]})"};
  EXPECT_EQ(error_of([&] { call<PutKeyPolicyResponse>(operations::PutKeyPolicy, request); }),
            "MalformedPolicyDocumentException: The new key policy will not allow you to update the "
            "key policy in the future.");
  request.bypass_policy_lockout_safety_check = true;
  call<PutKeyPolicyResponse>(operations::PutKeyPolicy, request);
  EXPECT_EQ(call<GetKeyPolicyResponse>(operations::GetKeyPolicy, GetKeyPolicyRequest{.key_id = key})
                .policy,
            request.policy);
}

TEST_F(Keys, tell_when_they_were_last_used) {
  const std::string key = create().key_id;
  const auto use = [&] {
    return *call<GetKeyLastUsageResponse>(operations::GetKeyLastUsage,
                                          GetKeyLastUsageRequest{.key_id = key})
                .key_last_usage;
  };
  EXPECT_FALSE(use().operation);
  encrypt(key, "x");
  EXPECT_EQ(use().operation, "Encrypt");
  advance(seconds(10));
  kill_and_restart();
  EXPECT_EQ(use().operation, "Encrypt");
}

TEST_F(Keys, of_one_account_are_reset_alone) {
  const std::string mine = create().key_id;
  context.account = "111111111111";
  const std::string other = create().key_id;
  {
    storage::Transaction transaction(*store);
    service->reset({.account = "111111111111"});
    transaction.commit();
  }
  EXPECT_TRUE(error_of([&] { describe(other); }).starts_with("NotFoundException"));
  context.account = "000000000000";
  EXPECT_EQ(describe(mine).key_id, mine);
}

}  // namespace
}  // namespace matinee::kms
