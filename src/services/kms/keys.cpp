// Keys: made, described, listed, switched on and off.
#include <fmt/format.h>

#include "services/kms/managed.h"
#include "services/kms/pages.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

std::string_view name_of(State state) {
  switch (state) {
    case State::enabled:
      return "Enabled";
    case State::disabled:
      return "Disabled";
    case State::pending_deletion:
      return "PendingDeletion";
    case State::pending_import:
      return "PendingImport";
    case State::creating:
      return "Creating";
    case State::pending_replica_deletion:
      return "PendingReplicaDeletion";
  }
  return "Unavailable";
}

/// What a new key is to be. Throws where the request's parts do not go together.
struct Wish {
  const SpecFacts* facts = nullptr;
  Usage usage = Usage::encrypt_decrypt;
  bool is_external = false;
};

/// Regions of China alone have SM2.
const SpecFacts& require_spec(const std::string& name) {
  const SpecFacts* facts = find_spec(name);
  if (!facts) refuse_unserved(fmt::format("KeySpec {}", name));
  return *facts;
}

[[noreturn]] void refuse_pairing(const SpecFacts& facts, std::string_view usage) {
  std::string allowed;
  for (const Usage one : facts.usages)
    allowed += fmt::format("{}{}", allowed.empty() ? "" : " or ", name_of(one));
  refuse(
      fmt::format("The operation failed because the KeyUsage value of the CMK is {}. To perform "
                  "this operation, the KeyUsage value must be {}.",
                  usage, allowed));
}

Wish read_wish(const CreateKeyRequest& request) {
  if (request.key_spec && request.customer_master_key_spec)
    refuse(
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.");
  const std::string origin = request.origin.value_or("AWS_KMS");
  if (request.custom_key_store_id || request.xks_key_id || origin == "AWS_CLOUDHSM" ||
      origin == "EXTERNAL_KEY_STORE")
    refuse_unserved("custom key stores");
  const std::string symmetric = "SYMMETRIC_DEFAULT";
  const std::string spec =
      request.key_spec.value_or(request.customer_master_key_spec.value_or(symmetric));
  if (spec != symmetric && !request.key_usage)
    refuse(
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption "
        "keys.");
  const std::string usage_name = request.key_usage.value_or("ENCRYPT_DECRYPT");
  Wish wish;
  wish.facts = &require_spec(spec);
  wish.is_external = origin == "EXTERNAL";
  const Usage* usage = find_usage(usage_name);
  if (!usage || std::ranges::find(wish.facts->usages, *usage) == wish.facts->usages.end())
    refuse_pairing(*wish.facts, usage_name);
  wish.usage = *usage;
  return wish;
}

std::string make_key_id(bool is_multi_region, runtime::Random& random) {
  std::string id = random.uuid();
  if (!is_multi_region) return id;
  std::erase(id, '-');
  return "mrk-" + id;
}

NewMaterial make_material(const SpecFacts& facts, runtime::Random& random) {
  NewMaterial material;
  if (facts.is_asymmetric()) {
    const Pair pair = make_pair(facts, random);
    material.bytes = private_bytes(pair);
    material.public_key = public_bytes(pair);
  } else {
    material.bytes.resize(static_cast<std::size_t>(facts.size));
    random.fill({reinterpret_cast<std::uint8_t*>(material.bytes.data()), material.bytes.size()});
  }
  return material;
}

/// The members that tell by which algorithms a key works.
template <class Described>
void describe_algorithms(const Key& key, Described& described) {
  switch (key.record.usage) {
    case Usage::encrypt_decrypt:
      described.encryption_algorithms = encryption_algorithms(key.facts());
      return;
    case Usage::sign_verify:
      described.signing_algorithms = signing_algorithms(key.facts());
      return;
    case Usage::generate_verify_mac:
      if constexpr (requires { described.mac_algorithms; })
        described.mac_algorithms = std::vector{std::string(key.facts().mac)};
      return;
    case Usage::key_agreement:
      described.key_agreement_algorithms = std::vector<std::string>{"ECDH"};
  }
}

}  // namespace

void Service::add_key(const Key& key, DetailsRecord details) {
  catalog_.put(key);
  catalog_.put_details(key.name, details);
}

Task<CreateKeyResponse> Service::create_key(const Context& context,
                                            const CreateKeyRequest& request) {
  const Wish wish = read_wish(request);
  const bool is_multi_region = request.multi_region.value_or(false);
  Key key{.name = {.account = context.account,
                   .region = context.region,
                   .id = make_key_id(is_multi_region, random_)},
          .record = {}};
  DetailsRecord details{.description = request.description.value_or(""),
                        .policy = request.policy.value_or(default_policy(key.name)),
                        .tags = {}};
  if (request.policy)
    require_policy(context, key, *request.policy,
                   request.bypass_policy_lockout_safety_check.value_or(false));
  if (request.tags) add_tags(details.tags, *request.tags, context);
  NewMaterial material;
  if (!wish.is_external && wish.facts->is_asymmetric())
    material = co_await elsewhere<NewMaterial>(
        [facts = wish.facts, &random = random_] { return make_material(*facts, random); });
  else if (!wish.is_external)
    material = make_material(*wish.facts, random_);
  key.record.created = clock_.now();
  key.record.spec = wish.facts->spec;
  key.record.usage = wish.usage;
  key.record.is_external = wish.is_external;
  key.record.state = wish.is_external ? State::pending_import : State::enabled;
  key.record.is_multi_region = is_multi_region;
  if (is_multi_region) key.record.primary_region = context.region;
  storage::Transaction transaction(store_);
  if (!wish.is_external)
    catalog_.make_current(key,
                          catalog_.add_material(key, material, {.created = key.record.created}));
  add_key(key, std::move(details));
  CreateKeyResponse response{.key_metadata = describe(key)};
  transaction.commit();
  co_return response;
}

std::optional<MultiRegionConfiguration> Service::describe_regions(const Key& key) const {
  const KeyRecord& record = key.record;
  if (!record.is_multi_region) return std::nullopt;
  const auto place_in = [&](const std::string& region) {
    Key there = key;
    there.name.region = region;
    return MultiRegionKey{.arn = there.arn(), .region = region};
  };
  const bool is_primary = record.primary_region == key.name.region;
  MultiRegionConfiguration configuration;
  configuration.multi_region_key_type = is_primary ? "PRIMARY" : "REPLICA";
  configuration.primary_key = place_in(record.primary_region);
  configuration.replica_keys.emplace();
  const std::optional<Key> primary =
      is_primary ? key : catalog_.find({key.name.account, record.primary_region, key.name.id});
  if (primary)
    for (const std::string& region : primary->record.replica_regions)
      configuration.replica_keys->push_back(place_in(region));
  return configuration;
}

KeyMetadata Service::describe(const Key& key) const {
  const KeyRecord& record = key.record;
  const SpecFacts& facts = key.facts();
  KeyMetadata data;
  data.aws_account_id = key.name.account;
  data.key_id = key.name.id;
  data.arn = key.arn();
  data.creation_date = record.created;
  data.enabled = record.state == State::enabled;
  data.description = catalog_.details(key.name).description;
  data.key_usage = name_of(record.usage);
  data.key_state = name_of(record.state);
  if (record.state == State::pending_deletion) data.deletion_date = record.deletion_at;
  if (record.state == State::pending_replica_deletion)
    data.pending_deletion_window_in_days = record.deletion_days;
  data.origin = record.is_external ? "EXTERNAL" : "AWS_KMS";
  data.key_manager = record.is_managed ? "AWS" : "CUSTOMER";
  data.customer_master_key_spec = std::string(facts.name);
  data.key_spec = std::string(facts.name);
  describe_algorithms(key, data);
  data.multi_region = record.is_multi_region;
  data.multi_region_configuration = describe_regions(key);
  if (record.current != 0 && facts.family == Family::symmetric && record.state != State::creating)
    data.current_key_material_id = to_hex(record.material_id);
  if (record.is_external && record.current != 0) {
    const auto material = catalog_.find_material(key.name, record.current);
    if (material && !material->sealed.empty()) {
      data.expiration_model =
          material->expires_at ? "KEY_MATERIAL_EXPIRES" : "KEY_MATERIAL_DOES_NOT_EXPIRE";
      data.valid_to = material->expires_at;
    }
  }
  return data;
}

DescribeKeyResponse Service::describe_key(const Context& context,
                                          const DescribeKeyRequest& request) {
  return {.key_metadata = describe(require_named(context, request.key_id, Naming::alias_too))};
}

/// By id, which is no order that means anything, as on AWS.
ListKeysResponse Service::list_keys(const Context& context, const ListKeysRequest& request) {
  const auto most = static_cast<std::size_t>(request.limit.value_or(default_limit));
  KeyName after{
      .account = context.account, .region = context.region, .id = read_marker(request.marker)};
  ListKeysResponse response;
  response.keys.emplace();
  response.truncated = false;
  catalog_.scan(after, [&](const std::string& id) {
    if (response.keys->size() == most) {
      response.truncated = true;
      response.next_marker = make_marker(*response.keys->back().key_id);
      return false;
    }
    after.id = id;
    response.keys->push_back({.key_id = id, .key_arn = Key{.name = after, .record = {}}.arn()});
    return true;
  });
  return response;
}

EnableKeyResponse Service::enable_key(const Context& context, const EnableKeyRequest& request) {
  Key key = require_own(context, request.key_id, "EnableKey");
  require_state(key, {State::enabled, State::disabled});
  key.record.state = State::enabled;
  catch_up_with_rotation(key);
  catalog_.put(key);
  return {};
}

DisableKeyResponse Service::disable_key(const Context& context, const DisableKeyRequest& request) {
  Key key = require_own(context, request.key_id, "DisableKey");
  require_state(key, {State::enabled, State::disabled});
  key.record.state = State::disabled;
  catalog_.put(key);
  return {};
}

UpdateKeyDescriptionResponse Service::update_key_description(
    const Context& context, const UpdateKeyDescriptionRequest& request) {
  const Key key = require_own(context, request.key_id, "UpdateKeyDescription");
  require_state(key, {State::enabled, State::disabled, State::pending_import, State::creating});
  DetailsRecord details = catalog_.details(key.name);
  details.description = request.description;
  catalog_.put_details(key.name, details);
  return {};
}

GetPublicKeyResponse Service::get_public_key(const Context& context,
                                             const GetPublicKeyRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::alias_too);
  require_state(key, {State::enabled});
  if (!key.facts().is_asymmetric())
    throw UnsupportedOperationException(
        fmt::format("KeySpec {} is not supported for GetPublicKey.", key.facts().name));
  GetPublicKeyResponse response;
  response.key_id = key.arn();
  response.public_key = protocol::Blob{require_material(key)->public_key};
  response.customer_master_key_spec = std::string(key.facts().name);
  response.key_spec = std::string(key.facts().name);
  response.key_usage = name_of(key.record.usage);
  describe_algorithms(key, response);
  return response;
}

}  // namespace matinee::kms
