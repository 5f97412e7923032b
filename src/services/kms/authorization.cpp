// Who may do what with a key, where policies of identities are looked at: the key's policy rules,
// grants let single principals in besides, and aliases stand for their keys.
#include <fmt/format.h>

#include "kms/operations.h"
#include "policy/wildcard.h"
#include "services/arn.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"
#include "services/request_members.h"

namespace matinee::kms {

namespace {

constexpr std::string_view key_prefix = "key/";
constexpr std::string_view alias_prefix = "alias/";
/// So many read policies are kept.
constexpr std::size_t most_policies = 256;

bool is_about_aliases(const protocol::Operation& operation) {
  return operation.name.ends_with("Alias");
}

/// The member of a request that has the encryption context of what an action does.
const EncryptionContext* context_of(const services::Inquiry& inquiry) {
  std::string_view name = "EncryptionContext";
  if (inquiry.action == "kms:ReEncryptFrom") name = "SourceEncryptionContext";
  if (inquiry.action == "kms:ReEncryptTo") name = "DestinationEncryptionContext";
  const protocol::Field* field = inquiry.operation.input->find(name);
  return field && inquiry.request
             ? static_cast<const EncryptionContext*>(field->find(inquiry.request))
             : nullptr;
}

/// Keys of constraints have no case, values have.
bool has_pair(const EncryptionContext& context,
              const std::pair<const std::string, std::string>& pair) {
  return std::ranges::any_of(context, [&](const auto& one) {
    return one.second == pair.second && policy::equals_ignoring_case(one.first, pair.first);
  });
}

/// What only operations with an encryption context are held to.
bool fits_context(const GrantRecord& grant, const services::Inquiry& inquiry) {
  if (!grant.context_subset && !grant.context_equals) return true;
  if (inquiry.action == "kms:DescribeKey" || inquiry.action == "kms:RetireGrant" ||
      inquiry.action == "kms:CreateGrant")
    return true;
  const EncryptionContext none;
  const EncryptionContext* given = context_of(inquiry);
  const EncryptionContext& context = given ? *given : none;
  const EncryptionContext& wanted =
      grant.context_equals ? *grant.context_equals : *grant.context_subset;
  if (grant.context_equals && context.size() != wanted.size()) return false;
  return std::ranges::all_of(wanted, [&](const auto& pair) { return has_pair(context, pair); });
}

std::optional<std::vector<std::string>> one(std::string_view value) {
  return std::vector{std::string(value)};
}

/// The value of an encryption context that an action has, or that the constraint of a new grant
/// has: with a name of one of its keys, without one the keys.
std::optional<std::vector<std::string>> find_in_context(const services::Inquiry& inquiry,
                                                        std::string_view key) {
  const EncryptionContext* context = context_of(inquiry);
  if (&inquiry.operation == &operations::CreateGrant) {
    const auto& constraints = static_cast<const CreateGrantRequest*>(inquiry.request)->constraints;
    if (!constraints) return std::nullopt;
    if (constraints->encryption_context_equals) context = &*constraints->encryption_context_equals;
    if (constraints->encryption_context_subset) context = &*constraints->encryption_context_subset;
  }
  if (!context || context->empty()) return std::nullopt;
  constexpr std::string_view pair = "kms:encryptioncontext:";
  std::vector<std::string> keys;
  for (const auto& [name, value] : *context) {
    if (!key.starts_with(pair)) keys.push_back(name);
    if (key.starts_with(pair) && policy::equals_ignoring_case(name, key.substr(pair.size())))
      return std::vector{value};
  }
  if (keys.empty()) return std::nullopt;
  return keys;
}

/// What is asked of a key that is to be made, with what AWS takes where nothing is said.
std::optional<std::vector<std::string>> find_of_new_key(const CreateKeyRequest& request,
                                                        std::string_view key) {
  const bool is_multi_region = request.multi_region.value_or(false);
  if (key == "kms:keyspec")
    return one(
        request.key_spec.value_or(request.customer_master_key_spec.value_or("SYMMETRIC_DEFAULT")));
  if (key == "kms:keyusage") return one(request.key_usage.value_or("ENCRYPT_DECRYPT"));
  if (key == "kms:keyorigin") return one(request.origin.value_or("AWS_KMS"));
  if (key == "kms:multiregion") return one(is_multi_region ? "true" : "false");
  if (key == "kms:multiregionkeytype" && is_multi_region) return one("PRIMARY");
  return std::nullopt;
}

/// What is asked of a grant.
std::optional<std::vector<std::string>> find_of_grant(const services::Inquiry& inquiry,
                                                      std::string_view key) {
  // Services of this cloud make no grants.
  const bool may_be_theirs = inquiry.action == "kms:CreateGrant" ||
                             inquiry.action == "kms:ListGrants" ||
                             inquiry.action == "kms:RevokeGrant";
  if (key == "kms:grantisforawsresource" && may_be_theirs) return one("false");
  if (key != "kms:grantconstrainttype" || &inquiry.operation != &operations::CreateGrant)
    return std::nullopt;
  const auto& constraints = static_cast<const CreateGrantRequest*>(inquiry.request)->constraints;
  if (!constraints) return std::nullopt;
  if (constraints->encryption_context_equals) return one("EncryptionContextEquals");
  if (constraints->encryption_context_subset) return one("EncryptionContextSubset");
  return std::nullopt;
}

/// Where a request may leave the algorithm out.
bool encrypts(std::string_view action) {
  return action == "kms:Encrypt" || action == "kms:Decrypt" ||
         action.starts_with("kms:GenerateDataKey");
}

}  // namespace

/// An alias's ARN stands for its key, unless the call is about aliases; a ciphertext names its key.
void Service::add_needs(const Context& context, const protocol::Operation& operation,
                        const void* request, std::vector<services::Need>& needs) const {
  services::add_needs_of_table(context, operation, request, needs);
  const std::string* key_id = services::find_text(
      operation, request, &operation == &operations::ReEncrypt ? "SourceKeyId" : "KeyId");
  const protocol::Blob* blob = nullptr;
  if (&operation == &operations::Decrypt || &operation == &operations::ReEncrypt)
    if (const protocol::Field* field = operation.input->find("CiphertextBlob"))
      blob = static_cast<const protocol::Blob*>(field->find(request));
  for (services::Need& need : needs) {
    const bool opens = need.action == "kms:Decrypt" || need.action == "kms:ReEncryptFrom";
    if (opens && !key_id && blob) {
      const std::optional<Ciphertext> read = read_ciphertext(blob->bytes);
      if (read)
        need.resource = Key{
            .name = {.account = read->account, .region = context.region, .id = read->key_id},
            .record = {}}.arn();
    }
    if (!is_about_aliases(operation)) name_key(need.resource);
  }
}

/// "...:key/alias/NAME" is what a table makes of an alias.
void Service::complete_arn(const Context&, std::string& arn) const {
  if (arn.contains(":key/alias/")) name_key(arn);
}

/// Puts the key in the place of the alias, where there is one.
void Service::name_key(std::string& arn) const {
  std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts) return;
  std::string_view alias = parts->resource;
  if (alias.starts_with(key_prefix)) alias.remove_prefix(key_prefix.size());
  if (!alias.starts_with(alias_prefix)) return;
  const auto found = catalog_.aliases.find({parts->account, parts->region, std::string(alias)});
  if (found)
    arn = Key{.name = {.account = parts->account, .region = parts->region, .id = found->key},
              .record = {}}
              .arn();
}

std::optional<KeyName> Service::key_of_arn(std::string_view text) {
  std::optional<services::Arn> arn = services::parse_arn(text);
  if (!arn || !arn->resource.starts_with(key_prefix)) return std::nullopt;
  return KeyName{.account = arn->account,
                 .region = arn->region,
                 .id = arn->resource.substr(key_prefix.size())};
}

/// The text, read once: the same object for as long as nobody has changed it.
std::shared_ptr<const policy::Document> Service::read_policy(const KeyName& name) const {
  std::string text = catalog_.details(name).policy;
  std::string place = name.region + name.account + name.id;
  if (const auto found = policies_.find(place);
      found != policies_.end() && found->second.first == text)
    return found->second.second;
  auto document = policy::parse(text);
  if (!document) return nullptr;
  auto shared = std::make_shared<const policy::Document>(*std::move(document));
  if (policies_.size() >= most_policies) policies_.erase(policies_.begin());
  policies_.insert_or_assign(std::move(place), std::pair(std::move(text), shared));
  return shared;
}

/// Aliases have no policy: they are looked at by those of identities alone.
services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  const std::optional<KeyName> name = key_of_arn(inquiry.resource);
  if (!name || !catalog_.find(*name)) return ServiceBase::guard_of(inquiry);
  return {.account = name->account,
          .policy = read_policy(*name),
          .policy_rules = true,
          .is_trust_policy = false,
          .let_in = is_granted(*name, inquiry)};
}

bool Service::is_granted(const KeyName& key, const services::Inquiry& inquiry) const {
  const Context& context = inquiry.context;
  const std::string_view operation = inquiry.action.substr(inquiry.action.find(':') + 1);
  const auto lets = [&](const GrantRecord& grant) {
    return std::ranges::find(grant.operations, operation) != grant.operations.end() &&
           fits_context(grant, inquiry) &&
           (!grant.source_arn || policy::matches_wildcards(*grant.source_arn, context.source_arn));
  };
  std::vector<std::string> principals = {
      context.caller_arn, context.role_arn,
      fmt::format("arn:{}:iam::{}:root", partition_of(key.region), context.account),
      context.service_principal};
  for (const std::string& principal : principals) {
    if (principal.empty()) continue;
    bool found = false;
    catalog_.grantees.scan(catalog_.grantees.prefix(key.account, key.region, key.id, principal),
                           [&](const auto& place, bool) {
                             const auto grant = catalog_.grants.find(
                                 {key.account, key.region, key.id, std::get<4>(place)});
                             found = grant && lets(*grant);
                             return !found;
                           });
    if (found) return true;
  }
  return false;
}

bool Service::reencrypts_same(const services::Inquiry& inquiry) const {
  std::vector<services::Need> needs;
  add_needs(inquiry.context, inquiry.operation, inquiry.request, needs);
  return std::ranges::all_of(
      needs, [&](const services::Need& need) { return need.resource == needs.front().resource; });
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  if (key == "kms:calleraccount") return one(inquiry.context.account);
  if (key == "kms:viaservice") {
    if (via_service_.empty()) return std::nullopt;
    return one(via_service_);
  }
  // A service that asks in the name of its caller, not for itself.
  if (!via_service_.empty() && inquiry.context.service_principal.empty()) {
    if (key == "aws:viaawsservice") return one("true");
    if (key == "aws:calledvia" || key == "aws:calledviafirst" || key == "aws:calledvialast")
      return one(via_service_.substr(0, via_service_.find('.')) + ".amazonaws.com");
  }
  if (key.starts_with("kms:encryptioncontext")) return find_in_context(inquiry, key);
  if (key.starts_with("kms:grant")) return find_of_grant(inquiry, key);
  if (&inquiry.operation == &operations::CreateKey)
    return find_of_new_key(*static_cast<const CreateKeyRequest*>(inquiry.request), key);
  if (key == "kms:encryptionalgorithm" && encrypts(inquiry.action) &&
      !services::find_text(inquiry.operation, inquiry.request, "EncryptionAlgorithm"))
    return one("SYMMETRIC_DEFAULT");
  if (key == "kms:reencryptonsamekey" && &inquiry.operation == &operations::ReEncrypt)
    return one(reencrypts_same(inquiry) ? "true" : "false");
  const std::optional<KeyName> name = key_of_arn(inquiry.resource);
  const std::optional<Key> found = name ? catalog_.find(*name) : std::nullopt;
  if (!found) return std::nullopt;
  constexpr std::string_view tag_prefix = "aws:resourcetag/";
  if (key.starts_with(tag_prefix)) {
    for (const auto& [tag, value] : catalog_.details(*name).tags)
      if (policy::equals_ignoring_case(tag, key.substr(tag_prefix.size()))) return one(value);
    return std::nullopt;
  }
  if (key == "kms:keyspec") return one(found->facts().name);
  if (key == "kms:keyusage") return one(kms::name_of(found->record.usage));
  if (key == "kms:keyorigin") return one(found->record.is_external ? "EXTERNAL" : "AWS_KMS");
  if (key == "kms:multiregion") return one(found->record.is_multi_region ? "true" : "false");
  if (key == "kms:multiregionkeytype" && found->record.is_multi_region)
    return one(found->record.primary_region == name->region ? "PRIMARY" : "REPLICA");
  if (key == "kms:resourcealiases") {
    std::vector<std::string> aliases;
    catalog_.key_aliases.scan(catalog_.key_aliases.prefix(name->account, name->region, name->id),
                              [&](const auto& place, bool) {
                                aliases.push_back(std::get<3>(place));
                                return true;
                              });
    return aliases;
  }
  if (key == "kms:requestalias") {
    const std::string* text = services::find_text(inquiry.operation, inquiry.request, "KeyId");
    if (!text || !text->contains(alias_prefix)) return std::nullopt;
    return one(std::string_view(*text).substr(text->find(alias_prefix)));
  }
  return std::nullopt;
}

/// The caller needs the permission, for what the service does in its name.
void Service::require_permission(const Context& context, const Key& key,
                                 const services::KeyUse& use, std::string_view action) {
  services::Decider* decisions = decider();
  if (!decisions) return;
  std::string_view service = use.service;
  service = service.substr(0, service.find('.'));
  via_service_ = fmt::format("{}.{}.amazonaws.com", service, context.region);
  struct Forget {
    std::string& text;
    ~Forget() { text.clear(); }
  } forget{via_service_};
  const std::string arn = key.arn();
  if (action == "kms:Decrypt") {
    const DecryptRequest request{.encryption_context = use.context};
    decisions->require(*this, {context, operations::Decrypt, &request, action, arn});
  } else if (action == "kms:Encrypt") {
    const EncryptRequest request{.key_id = use.key, .encryption_context = use.context};
    decisions->require(*this, {context, operations::Encrypt, &request, action, arn});
  } else {
    const GenerateDataKeyRequest request{.key_id = use.key, .encryption_context = use.context};
    decisions->require(*this, {context, operations::GenerateDataKey, &request, action, arn});
  }
}

}  // namespace matinee::kms
