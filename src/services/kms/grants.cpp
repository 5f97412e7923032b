// Grants: what a key lets single principals do, besides its policy, until they are retired.
#include "services/kms/grants.h"

#include <fmt/format.h>

#include "services/kms/pages.h"
#include "services/kms/rules.h"
#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr std::string_view token_purpose = "grant token";
constexpr std::size_t most_grants = 50'000;
constexpr std::string_view no_principal =
    "Either GranteePrincipal or GranteeServicePrincipal is required.";

/// Operations that a kind of key has: the others cannot be granted.
bool suits_key(const Key& key, std::string_view operation) {
  constexpr std::string_view always[] = {"CreateGrant", "RetireGrant", "DescribeKey"};
  if (std::ranges::find(always, operation) != std::end(always)) return true;
  if (operation == "GetPublicKey") return key.facts().is_asymmetric();
  switch (key.record.usage) {
    case Usage::sign_verify:
      return operation == "Sign" || operation == "Verify";
    case Usage::generate_verify_mac:
      return operation == "GenerateMac" || operation == "VerifyMac";
    case Usage::key_agreement:
      return operation == "DeriveSharedSecret";
    case Usage::encrypt_decrypt:
      if (operation.starts_with("GenerateDataKey")) return !key.facts().is_asymmetric();
      return operation == "Encrypt" || operation == "Decrypt" || operation.starts_with("ReEncrypt");
  }
  return false;
}

GrantRecord read_grant(const CreateGrantRequest& request, const Context& context) {
  GrantRecord grant;
  grant.name = request.name.value_or("");
  grant.grantee = request.grantee_principal.value_or("");
  grant.retiring = request.retiring_principal.value_or("");
  grant.grantee_service = request.grantee_service_principal.value_or("");
  grant.retiring_service = request.retiring_service_principal.value_or("");
  grant.issuer = fmt::format("arn:{}:iam::{}:root", partition_of(context.region), context.account);
  grant.operations = request.operations;
  if (!request.constraints) return grant;
  grant.context_subset = request.constraints->encryption_context_subset;
  grant.context_equals = request.constraints->encryption_context_equals;
  grant.source_arn = request.constraints->source_arn;
  return grant;
}

/// The form of who may be granted anything: an ARN of an account, user, role or session.
void require_principal(const std::string& principal) {
  if (principal.empty()) return;
  const bool is_account = principal.size() == 12 && std::ranges::all_of(principal, [](char c) {
                            return c >= '0' && c <= '9';
                          });
  const bool is_arn = principal.starts_with("arn:") &&
                      (principal.contains(":iam::") || principal.contains(":sts::"));
  const bool is_service = principal.contains(".amazonaws.com");
  if (!is_account && !is_arn && !is_service)
    throw InvalidArnException(fmt::format("Invalid arn {}", principal));
}

GrantListEntry describe_grant(const Key& key, const std::string& id, const GrantRecord& grant) {
  const auto given = [](const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
  };
  GrantListEntry entry;
  entry.key_id = key.arn();
  entry.grant_id = id;
  entry.name = grant.name;
  entry.creation_date = grant.created;
  entry.grantee_principal = given(grant.grantee);
  entry.retiring_principal = given(grant.retiring);
  entry.grantee_service_principal = given(grant.grantee_service);
  entry.retiring_service_principal = given(grant.retiring_service);
  entry.issuing_account = grant.issuer;
  entry.operations = grant.operations;
  if (grant.context_subset || grant.context_equals || grant.source_arn)
    entry.constraints = GrantConstraints{.encryption_context_subset = grant.context_subset,
                                         .encryption_context_equals = grant.context_equals,
                                         .source_arn = grant.source_arn};
  return entry;
}

/// Of a page of grants, behind which there are more.
void cut(ListGrantsResponse& response, std::string last) {
  response.truncated = true;
  response.next_marker = make_marker(last);
}

}  // namespace

/// With a name, the same grant again is the one that is there; its token is another.
CreateGrantResponse Service::create_grant(const Context& context,
                                          const CreateGrantRequest& request) {
  Key key = require_named(context, request.key_id, Naming::key_only);
  require_state(key, {State::enabled});
  if (!request.grantee_principal && !request.grantee_service_principal)
    refuse(std::string(no_principal));
  GrantRecord grant = read_grant(request, context);
  require_principal(grant.grantee);
  require_principal(grant.retiring);
  if (request.operations.empty()) refuse("Operations must not be empty.");
  for (const std::string& operation : grant.operations)
    if (!suits_key(key, operation))
      refuse(fmt::format("Operation {} is not valid for {} with key usage {}.", operation,
                         key.facts().name, name_of(key.record.usage)));
  if ((grant.context_subset || grant.context_equals) && key.facts().family != Family::symmetric)
    refuse("EncryptionContext constraints are only supported for symmetric encryption keys.");
  grant.created = clock_.now();
  std::string id = id_of_grant(key, grant);
  const bool exists =
      !grant.name.empty() &&
      catalog_.grants.contains({key.name.account, key.name.region, key.name.id, id});
  end_dry_run(request.dry_run);
  if (!exists) {
    if (key.record.grants >= most_grants) throw LimitExceededException("Too many grants.");
    ++key.record.grants;
    catalog_.put(key);
    catalog_.put_grant(key.name, id, grant);
  }
  return {.grant_token = make_grant_token(key, id), .grant_id = id};
}

/// 64 hex digits: of a grant with a name they follow from all that it says.
std::string Service::id_of_grant(const Key& key, const GrantRecord& grant) {
  std::string secret(32, '\0');
  if (grant.name.empty()) {
    random_.fill({reinterpret_cast<std::uint8_t*>(secret.data()), secret.size()});
    return to_hex(secret);
  }
  GrantRecord timeless = grant;
  timeless.created = {};
  std::string text;
  storage::encode_record_bytes(text, timeless);
  return to_hex(hmac_sha256(key.arn(), text));
}

std::string Service::make_grant_token(const Key& key, const std::string& grant_id) {
  return protocol::base64_encode(catalog_.seal(
      fmt::format("{}|{}|{}|{}", key.name.account, key.name.region, key.name.id, grant_id),
      token_purpose));
}

std::optional<GrantPlace> Service::read_grant_token(const std::string& token) {
  const std::optional<std::string> sealed = protocol::base64_decode(token);
  const std::optional<std::string> text =
      sealed ? catalog_.unseal(*sealed, token_purpose) : std::nullopt;
  if (!text) return std::nullopt;
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text->size();) {
    const std::size_t end = std::min(text->find('|', begin), text->size());
    parts.push_back(text->substr(begin, end - begin));
    begin = end + 1;
  }
  if (parts.size() != 4) return std::nullopt;
  return GrantPlace{.key = {.account = parts[0], .region = parts[1], .id = parts[2]},
                    .grant_id = parts[3]};
}

void Service::remove_grant(const KeyName& key, const std::string& grant_id) {
  const auto place = std::tuple(key.account, key.region, key.id, grant_id);
  const std::optional<GrantRecord> grant = catalog_.grants.find(place);
  if (!grant) throw NotFoundException(fmt::format("Grant ID {} not found", grant_id));
  catalog_.erase_grant(key, grant_id, *grant);
  std::optional<Key> of = catalog_.find(key);
  if (!of || of->record.grants == 0) return;
  --of->record.grants;
  catalog_.put(*of);
}

RevokeGrantResponse Service::revoke_grant(const Context& context,
                                          const RevokeGrantRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::key_only);
  remove_grant(key.name, request.grant_id);
  end_dry_run(request.dry_run);
  return {};
}

RetireGrantResponse Service::retire_grant(const Context& context,
                                          const RetireGrantRequest& request) {
  if (!request.grant_token && (!request.key_id || !request.grant_id))
    refuse("Either GrantToken, or KeyId and GrantId, must be specified.");
  if (request.grant_token) {
    const std::optional<GrantPlace> place = read_grant_token(*request.grant_token);
    if (!place) throw InvalidGrantTokenException("Invalid grant token");
    remove_grant(place->key, place->grant_id);
  } else {
    remove_grant(require_named(context, *request.key_id, Naming::key_only).name, *request.grant_id);
  }
  end_dry_run(request.dry_run);
  return {};
}

ListGrantsResponse Service::list_grants(const Context& context, const ListGrantsRequest& request) {
  const Key key = require_named(context, request.key_id, Naming::key_only);
  const auto most = static_cast<std::size_t>(request.limit.value_or(default_small_limit));
  const auto& [account, region, id] = key.name;
  const std::string after = read_marker(request.marker);
  const auto all = catalog_.grants.prefix(account, region, id);
  const auto range = after.empty() ? all : catalog_.grants.after(all, {account, region, id, after});
  ListGrantsResponse response;
  response.grants.emplace();
  response.truncated = false;
  catalog_.grants.scan(range, [&](const auto& place, const GrantRecord& grant) {
    const std::string& grant_id = std::get<3>(place);
    if (request.grant_id && grant_id != *request.grant_id) return true;
    if (request.grantee_principal && grant.grantee != *request.grantee_principal) return true;
    if (request.grantee_service_principal &&
        grant.grantee_service != *request.grantee_service_principal)
      return true;
    if (response.grants->size() == most) {
      cut(response, *response.grants->back().grant_id);
      return false;
    }
    response.grants->push_back(describe_grant(key, grant_id, grant));
    return true;
  });
  return response;
}

ListRetirableGrantsResponse Service::list_retirable_grants(
    const Context& context, const ListRetirableGrantsRequest& request) {
  if (!request.retiring_principal && !request.retiring_service_principal)
    refuse("Either RetiringPrincipal or RetiringServicePrincipal is required.");
  const std::string principal = request.retiring_principal ? *request.retiring_principal
                                                           : *request.retiring_service_principal;
  require_principal(principal);
  const auto most = static_cast<std::size_t>(request.limit.value_or(default_small_limit));
  const auto& [account, region] = std::pair(context.account, context.region);
  const std::string after = read_marker(request.marker);
  const auto all = catalog_.retirable.prefix(account, region, principal);
  auto range = all;
  if (const std::size_t cut_at = after.find('|'); cut_at != std::string::npos)
    range = catalog_.retirable.after(
        all, {account, region, principal, after.substr(0, cut_at), after.substr(cut_at + 1)});
  ListRetirableGrantsResponse response;
  response.grants.emplace();
  response.truncated = false;
  std::string last;
  catalog_.retirable.scan(range, [&](const auto& place, bool) {
    if (response.grants->size() == most) {
      cut(response, last);
      return false;
    }
    const auto& key_id = std::get<3>(place);
    const auto& grant_id = std::get<4>(place);
    const std::optional<Key> key = catalog_.find({account, region, key_id});
    const auto grant = catalog_.grants.find({account, region, key_id, grant_id});
    if (key && grant) response.grants->push_back(describe_grant(*key, grant_id, *grant));
    last = key_id + "|" + grant_id;
    return true;
  });
  return response;
}

}  // namespace matinee::kms
