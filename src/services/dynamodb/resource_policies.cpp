// Policies of tables and of streams, by which others may use them; that of a table is about its
// indexes too, and not about its streams.
#include <fmt/format.h>

#include <algorithm>

#include "dynamodb/errors.h"
#include "policy/document.h"
#include "services/arn.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/validation.h"
#include "services/policy_context.h"

namespace matinee::dynamodb {
namespace {

constexpr std::size_t max_policy_bytes = 20 * 1024;
/// The revision that stands for "there is no policy yet".
constexpr std::string_view no_policy = "NO_POLICY";

std::string revision_text(std::int64_t revision) {
  return std::to_string(revision);
}

/// The name in the ARN of a table; nothing in that of what belongs to a table, and of all else.
std::optional<std::string> table_of(const services::Arn& arn) {
  constexpr std::string_view prefix = "table/";
  if (arn.service != "dynamodb" || !arn.resource.starts_with(prefix)) return std::nullopt;
  std::string name = arn.resource.substr(prefix.size());
  return name.contains('/') ? std::nullopt : std::optional(std::move(name));
}

[[noreturn]] void refuse_revision(const std::string& expected) {
  throw PolicyNotFoundException(
      fmt::format("Resource-based policy not found for the provided ResourceArn: the expected "
                  "revision id {} is not that of the policy",
                  expected));
}

/// `policy` is empty where there is none.
void require_revision(const std::optional<std::string>& expected, const std::string& policy,
                      std::int64_t revision) {
  if (!expected) return;
  if (*expected == no_policy ? policy.empty()
                             : !policy.empty() && *expected == revision_text(revision))
    return;
  refuse_revision(*expected);
}

}  // namespace

Service::Policed Service::require_policed(const Context& context, const std::string& arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  const bool is_here =
      parts && parts->account == context.account && parts->region == context.region;
  if (const std::optional<StreamKey> key = parse_stream_arn(arn); key && is_here) {
    if (std::optional<KeptStream> stream = changes_.find(*key))
      return {.stream = std::move(stream)};
    throw ResourceNotFoundException(
        fmt::format("Requested resource not found: Stream: {} not found", arn));
  }
  const auto name = parts ? table_of(*parts) : std::nullopt;
  if (!name || !is_here)
    throw validation_error("Invalid ResourceArn: " + arn + " is not a table or stream of account " +
                           context.account + " in " + context.region);
  return {.table = catalog_.require(context, *name)};
}

void Service::set_policy(const std::string& policy, Policed& policed) const {
  if (policy.size() > max_policy_bytes)
    throw validation_error(
        fmt::format("Resource-based policy is too large: it has {} bytes, and the limit is {}",
                    policy.size(), max_policy_bytes));
  if (const auto document = policy::parse(policy); !document)
    throw validation_error("Invalid policy document: " + document.error().message);
  policed.policy() = policy;
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now().time_since_epoch());
  // Never the same again, also where two changes fall into one millisecond.
  policed.revision() = std::max<std::int64_t>(policed.revision() + 1, now.count());
}

void Service::keep_policy(const Policed& policed) {
  if (policed.table)
    catalog_.update(*policed.table);
  else
    changes_.update(*policed.stream);
}

PutResourcePolicyResponse Service::put_resource_policy(const Context& context,
                                                       const PutResourcePolicyRequest& request) {
  Policed policed = require_policed(context, request.resource_arn);
  require_revision(request.expected_revision_id, policed.policy(), policed.revision());
  if (request.policy != policed.policy() || policed.policy().empty()) {
    set_policy(request.policy, policed);
    keep_policy(policed);
  }
  return {.revision_id = revision_text(policed.revision())};
}

GetResourcePolicyResponse Service::get_resource_policy(const Context& context,
                                                       const GetResourcePolicyRequest& request) {
  Policed policed = require_policed(context, request.resource_arn);
  if (policed.policy().empty())
    throw PolicyNotFoundException("Resource-based policy not found for the provided ResourceArn: " +
                                  request.resource_arn);
  return {.policy = policed.policy(), .revision_id = revision_text(policed.revision())};
}

/// Tells the revision that has gone; nothing where there was none.
DeleteResourcePolicyResponse Service::delete_resource_policy(
    const Context& context, const DeleteResourcePolicyRequest& request) {
  Policed policed = require_policed(context, request.resource_arn);
  if (request.expected_revision_id == no_policy)
    throw validation_error("NO_POLICY is not a revision id that can be removed");
  require_revision(request.expected_revision_id, policed.policy(), policed.revision());
  DeleteResourcePolicyResponse response;
  if (policed.policy().empty()) return response;
  response.revision_id = revision_text(policed.revision());
  policed.policy().clear();
  keep_policy(policed);
  return response;
}

services::Guarded Service::guard_of(const services::Inquiry& inquiry) const {
  std::optional<services::Arn> arn = services::parse_arn(inquiry.resource);
  if (!arn) return {};
  services::Guarded guarded{.account = arn->account};
  // Backups, exports and imports have no policy, and that of a table is not theirs.
  if (const std::size_t at = arn->resource.find("/index/"); at != std::string::npos)
    arn->resource.resize(at);
  const std::optional<std::string> name = table_of(*arn);
  const std::optional<StreamKey> stream = parse_stream_arn(inquiry.resource);
  if (!name && !stream) return guarded;
  // The root user can always take a policy away that shuts everybody out.
  const bool mends = &inquiry.operation == &operations::DeleteResourcePolicy &&
                     inquiry.context.account == arn->account &&
                     services::is_root_of(inquiry.context, arn->account);
  if (stream) {
    if (!mends) guarded.policy = stream_policies_.find(changes_, *stream);
    return guarded;
  }
  const auto table = catalog_.find_held({.account = arn->account, .region = arn->region}, *name);
  if (!table || table->policy.empty() || mends) return guarded;
  ParsedPolicy& parsed = parsed_policies_[table->number];
  if (parsed.revision != table->policy_revision) {
    // It was checked when it was put.
    auto document = policy::parse(table->policy);
    parsed = {.revision = table->policy_revision,
              .document = document ? std::make_shared<const policy::Document>(*std::move(document))
                                   : nullptr};
  }
  guarded.policy = parsed.document;
  return guarded;
}

}  // namespace matinee::dynamodb
