// What decisions about secrets need to know: their whole ARNs, their policies and their tags.
#include <fmt/format.h>

#include "policy/wildcard.h"
#include "protocol/error.h"
#include "secretsmanager/operations.h"
#include "services/request_members.h"
#include "services/secretsmanager/service.h"

namespace matinee::secretsmanager {

namespace {

/// The secret that an ARN is of, whole or not; nothing where there is none.
std::optional<Found> find_secret(const Catalog& catalog, const Context& context,
                                 std::string_view arn) {
  try {
    const Reference reference = parse_secret_id(context, arn);
    std::optional<SecretRecord> secret = catalog.find(reference);
    if (!secret) return std::nullopt;
    return Found{.place = reference.place, .secret = std::move(*secret)};
  } catch (const protocol::ServiceError&) {
    return std::nullopt;  // for the operation to tell
  }
}

std::optional<std::vector<std::string>> one(const std::string& value) {
  if (value.empty()) return std::nullopt;
  return std::vector{value};
}

/// Of a key that a request names by its ARN or its id. What is behind an alias is not known here.
std::optional<std::vector<std::string>> key_arn_of(const services::Inquiry& inquiry) {
  const std::string* key = services::find_text(inquiry.operation, inquiry.request, "KmsKeyId");
  if (!key || key->contains("alias/")) return std::nullopt;
  if (key->starts_with("arn:")) return one(*key);
  const Context& context = inquiry.context;
  return one(fmt::format("arn:aws:kms:{}:{}:key/{}", context.region, context.account, *key));
}

}  // namespace

void Service::complete_arn(const Context& context, std::string& arn) const {
  if (const auto found = find_secret(catalog_, context, arn))
    arn = secret_arn(found->place, found->secret);
}

void Service::require_permission(const Context& context,
                                 const GetSecretValueRequest& request) const {
  if (!decider()) return;
  std::vector<services::Need> needs;
  add_needs(context, operations::GetSecretValue, &request, needs);
  for (services::Need& need : needs) {
    complete_arn(context, need.resource);
    decider()->require(*this, {.context = context,
                               .operation = operations::GetSecretValue,
                               .request = &request,
                               .action = need.action,
                               .resource = need.resource});
  }
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  if (inquiry.resource.empty()) return {};
  const auto found = find_secret(catalog_, inquiry.context, inquiry.resource);
  if (!found) return {};
  services::Guarded guarded{.account = found->place.account};
  if (found->secret.policy.empty()) return guarded;
  // It was checked when it was put.
  if (auto document = policy::parse(found->secret.policy))
    guarded.policy = std::make_shared<const policy::Document>(std::move(*document));
  return guarded;
}

std::optional<std::vector<std::string>> Service::find_key(const services::Inquiry& inquiry,
                                                          std::string_view key) const {
  constexpr std::string_view tag = "aws:resourcetag/";
  if (key == "secretsmanager:kmskeyarn") return key_arn_of(inquiry);
  const bool is_about_secret = key.starts_with(tag) || key.starts_with("secretsmanager:resource/");
  if (!is_about_secret && key != "secretsmanager:secretid" &&
      key != "secretsmanager:secretprimaryregion")
    return std::nullopt;
  const auto found = find_secret(catalog_, inquiry.context, inquiry.resource);
  if (!found) return std::nullopt;
  const SecretRecord& secret = found->secret;
  if (key == "secretsmanager:secretid") return one(secret_arn(found->place, secret));
  if (key == "secretsmanager:secretprimaryregion")
    return one(secret.primary_region.empty() ? found->place.region : secret.primary_region);
  if (key == "secretsmanager:resource/type") return one(secret.type);
  if (key == "secretsmanager:resource/allowrotationlambdaarn")
    return secret.rotation ? one(secret.rotation->function) : std::nullopt;
  for (const auto& [name, value] : secret.tags)
    if (policy::equals_ignoring_case(name, key.substr(tag.size()))) return std::vector{value};
  return std::nullopt;
}

}  // namespace matinee::secretsmanager
