#include "services/kms/rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/evaluate.h"
#include "services/from_cloudformation.h"
#include "services/policy_context.h"

namespace matinee::kms {

namespace {

constexpr std::size_t most_tags = 50;
constexpr std::size_t most_policy_bytes = 32'768;

[[noreturn]] void refuse_state(const Key& key) {
  const std::string arn = key.arn();
  switch (key.record.state) {
    case State::enabled:
      throw KMSInvalidStateException(fmt::format("{} is not pending deletion.", arn));
    case State::disabled:
      throw DisabledException(fmt::format("{} is disabled.", arn));
    case State::pending_deletion:
      throw KMSInvalidStateException(fmt::format("{} is pending deletion.", arn));
    case State::pending_replica_deletion:
      throw KMSInvalidStateException(fmt::format("{} is pending replica deletion.", arn));
    case State::pending_import:
      throw KMSInvalidStateException(fmt::format("{} is pending import.", arn));
    case State::creating:
      throw KMSInvalidStateException(fmt::format("{} is creating.", arn));
  }
  throw KMSInvalidStateException(fmt::format("{} cannot be used.", arn));
}

}  // namespace

void refuse(std::string message) {
  throw protocol::ServiceError("ValidationException", 400, std::move(message));
}

void refuse_unserved(std::string what) {
  throw protocol::ServiceError("NotImplemented", 501,
                               fmt::format("Matinee does not serve {} of KMS.", what));
}

void require_state(const Key& key, std::initializer_list<State> allowed) {
  if (std::ranges::find(allowed, key.record.state) == allowed.end()) refuse_state(key);
}

void require_usage(const Key& key, Usage usage, std::string_view operation) {
  if (key.record.usage != usage)
    throw InvalidKeyUsageException(fmt::format("{} key usage is {} which is not valid for {}.",
                                               key.arn(), name_of(key.record.usage), operation));
}

void require_algorithm(const Key& key, const std::string& algorithm,
                       const std::vector<std::string>& algorithms) {
  if (std::ranges::find(algorithms, algorithm) == algorithms.end())
    throw InvalidKeyUsageException(
        fmt::format("Algorithm {} is incompatible with key spec {}.", algorithm, key.facts().name));
}

void require_origin(const Key& key, bool is_external) {
  if (key.record.is_external != is_external)
    throw UnsupportedOperationException(
        fmt::format("{} origin is {} which is not valid for this operation.", key.arn(),
                    key.record.is_external ? "EXTERNAL" : "AWS_KMS"));
}

void end_dry_run(const std::optional<bool>& dry_run) {
  if (dry_run.value_or(false))
    throw DryRunOperationException(
        "The request would have succeeded, but the DryRun option is set.");
}

void add_tags(Tags& existing, const std::vector<Tag>& tags, const services::Context& context) {
  Tags added;
  for (const Tag& tag : tags) {
    if (tag.tag_key.starts_with("aws:") && !services::comes_from_cloudformation(context))
      throw TagException("aws: prefixed tag key names are not allowed for external use.");
    if (!added.emplace(tag.tag_key, tag.tag_value).second)
      throw TagException("Duplicate tag keys found.");
  }
  for (auto& [key, value] : added) existing.insert_or_assign(key, std::move(value));
  if (existing.size() > most_tags) throw LimitExceededException("Too many tags.");
}

std::vector<Tag> list_tags(const Tags& tags) {
  std::vector<Tag> all;
  all.reserve(tags.size());
  for (const auto& [key, value] : tags) all.push_back({.tag_key = key, .tag_value = value});
  return all;
}

std::string default_policy(const KeyName& name) {
  return fmt::format(R"({{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":)"
                     R"("Enable IAM User Permissions","Effect":"Allow","Principal":{{"AWS":)"
                     R"("arn:{}:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}})",
                     partition_of(name.region), name.account);
}

void require_policy(const services::Context& context, const Key& key, const std::string& text,
                    bool may_lock_out) {
  if (text.size() > most_policy_bytes)
    throw LimitExceededException("The policy is longer than 32768 bytes.");
  const auto document = policy::parse(text);
  if (!document) throw MalformedPolicyDocumentException(document.error().message);
  if (may_lock_out) return;
  const policy::Keys keys = [&](std::string_view name) {
    return services::find_global_key(context, runtime::Time(), name);
  };
  const std::string arn = key.arn();
  const std::string root =
      fmt::format("arn:{}:iam::{}:root", partition_of(key.name.region), context.account);
  const policy::Caller caller = {
      .account = context.account,
      .arn = context.caller_arn.empty() ? std::string_view(root) : context.caller_arn};
  const policy::Verdict verdict = policy::evaluate(
      *document, {.caller = caller, .action = "kms:PutKeyPolicy", .resource = arn, .keys = keys});
  if (verdict.effect != policy::Effect::allow)
    throw MalformedPolicyDocumentException(
        "The new key policy will not allow you to update the key policy in the future.");
}

}  // namespace matinee::kms
