// Provisioned concurrency: instances of a version that are ready before anybody calls it.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "services/lambda/catalog/concurrency_limits.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

FunctionKey function_of(const QualifiedKey& key) {
  return {std::get<0>(key), std::get<1>(key), std::get<2>(key)};
}

/// The version or alias that a request names. Throws for $LATEST, in the words that the operation
/// has for it.
QualifiedKey provisioned_key(const Context& context, const std::string& function,
                             const std::string& qualifier, const char* refusal_of_latest) {
  const Named name = named(context, function, qualifier);
  if (name.qualifier.empty() || name.qualifier == latest) refuse(refusal_of_latest);
  return qualified(name.key, name.qualifier);
}

constexpr const char* published_only =
    "The function resource provided must be an alias or a published version.";

}  // namespace

/// Where the key leads. Throws ResourceNotFoundException.
VersionKey Service::provisioned_version(const QualifiedKey& key) const {
  const FunctionKey function = function_of(key);
  const std::string& qualifier = std::get<3>(key);
  if (const auto number = version_of_text(qualifier)) {
    if (!versions_.contains(versioned(function, *number)))
      refuse_unknown_function(function, qualifier);
    return versioned(function, *number);
  }
  const AliasRecord alias = require_alias(function, qualifier);
  return versioned(function, version_of_text(alias.version).value_or(0));
}

std::int64_t Service::provisioned_of(const FunctionKey& key, const QualifiedKey* but) const {
  std::int64_t sum = 0;
  const auto& [account, region, name] = key;
  provisioned_.scan(provisioned_.prefix(account, region, name),
                    [&](const QualifiedKey& other, const ProvisionedRecord& record) {
                      if (!but || other != *but) sum += record.wanted;
                      return true;
                    });
  return sum;
}

std::int64_t Service::taken_concurrency(const FunctionKey& but) const {
  std::int64_t sum = 0;
  functions_.scan(functions_.prefix(std::get<0>(but), std::get<1>(but)),
                  [&](const FunctionKey& key, const FunctionRecord& record) {
                    if (key != but)
                      sum += record.reserved_concurrency ? *record.reserved_concurrency
                                                         : provisioned_of(key);
                    return true;
                  });
  return sum;
}

/// A version is provisioned by itself or by one alias. Throws ResourceConflictException.
void Service::require_free_version(const QualifiedKey& key, const VersionKey& version) const {
  const auto& [account, region, name, qualifier] = key;
  const bool is_alias = !version_of_text(qualifier);
  provisioned_.scan(provisioned_.prefix(account, region, name), [&](const QualifiedKey& other,
                                                                    const ProvisionedRecord&) {
    if (other == key || provisioned_version(other) != version) return true;
    refuse_conflict(is_alias ? "Alias can't be used for Provisioned Concurrency configuration on "
                               "an already Provisioned version"
                             : "Version is pointed by a Provisioned Concurrency alias");
  });
}

void Service::check_provisioned(const QualifiedKey& key, std::int32_t wanted) const {
  const FunctionKey function = function_of(key);
  const std::int64_t of_function = wanted + provisioned_of(function, &key);
  const FunctionRecord record = require_function(function);
  if (record.reserved_concurrency) {
    if (of_function > *record.reserved_concurrency)
      refuse(
          "Requested Provisioned Concurrency should not be greater than the "
          "reservedConcurrentExecution for function");
    return;
  }
  // As with reservations, this error has no Type.
  if (of_function + taken_concurrency(function) > most_concurrent - least_unreserved)
    throw InvalidParameterValueException(
        fmt::format("Specified ConcurrentExecutions for function decreases account's "
                    "UnreservedConcurrentExecution below its minimum value of [{}].",
                    least_unreserved));
}

GetProvisionedConcurrencyConfigResponse Service::describe_provisioned(
    const QualifiedKey& key, const ProvisionedRecord& record) const {
  ProvisionedState state;
  if (runner_) state = runner_->provisioned(provisioned_version(key));
  const auto ready = static_cast<std::int32_t>(state.ready);
  GetProvisionedConcurrencyConfigResponse response{
      .requested_provisioned_concurrent_executions = record.wanted,
      .available_provisioned_concurrent_executions = ready,
      .allocated_provisioned_concurrent_executions = ready,
      .status = ready >= record.wanted ? "READY" : "IN_PROGRESS",
      .last_modified = date_text(record.modified)};
  if (state.failure.empty()) return response;
  response.status = "FAILED";
  response.status_reason = state.failure;
  return response;
}

PutProvisionedConcurrencyConfigResponse Service::put_provisioned_concurrency_config(
    const Context& context, const PutProvisionedConcurrencyConfigRequest& request) {
  const QualifiedKey key =
      provisioned_key(context, request.function_name, request.qualifier, not_of_latest);
  const FunctionKey function = function_of(key);
  const VersionKey version = provisioned_version(key);
  if (!runner_) throw protocol::ServiceError("NotImplemented", 501, "Functions do not run here.");
  if (const auto alias = aliases_.find(key)) {
    if (alias->version == latest) refuse(not_of_latest);
    if (!alias->weights.empty())
      refuse("Alias with weights can not be used with Provisioned Concurrency");
  }
  require_free_version(key, version);
  check_provisioned(key, request.provisioned_concurrent_executions);
  const ProvisionedRecord record{.wanted = request.provisioned_concurrent_executions,
                                 .modified = runtime_.clock.now()};
  const bool is_new = !provisioned_.contains(key);
  provisioned_.put(key, record);
  store_.on_commit([this, version] {
    if (runner_) runner_->forget_failures(version);
  });
  keep_provisioned_later(function);
  const auto ready = is_new ? 0 : static_cast<std::int32_t>(runner_->provisioned(version).ready);
  return {.requested_provisioned_concurrent_executions = record.wanted,
          .allocated_provisioned_concurrent_executions = ready,
          .available_provisioned_concurrent_executions = ready,
          .status = "IN_PROGRESS",
          .last_modified = date_text(record.modified)};
}

GetProvisionedConcurrencyConfigResponse Service::get_provisioned_concurrency_config(
    const Context& context, const GetProvisionedConcurrencyConfigRequest& request) {
  const QualifiedKey key =
      provisioned_key(context, request.function_name, request.qualifier, published_only);
  provisioned_version(key);
  const auto record = provisioned_.find(key);
  if (!record)
    throw ProvisionedConcurrencyConfigNotFoundException(
        "No Provisioned Concurrency Config found for this function", {.type = "User"});
  return describe_provisioned(key, *record);
}

DeleteProvisionedConcurrencyConfigResponse Service::delete_provisioned_concurrency_config(
    const Context& context, const DeleteProvisionedConcurrencyConfigRequest& request) {
  const QualifiedKey key =
      provisioned_key(context, request.function_name, request.qualifier, published_only);
  provisioned_version(key);
  provisioned_.erase(key);
  keep_provisioned_later(function_of(key));
  return {};
}

ListProvisionedConcurrencyConfigsResponse Service::list_provisioned_concurrency_configs(
    const Context& context, const ListProvisionedConcurrencyConfigsRequest& request) {
  const Named name = named(context, request.function_name);
  require_function(name.key);
  const std::size_t most = page_length(request.max_items);
  const std::string after = read_marker(request.marker);
  const auto& [account, region, function] = name.key;
  auto place = provisioned_.cursor(provisioned_.prefix(account, region, function));
  if (!after.empty()) place.seek(qualified(name.key, after));
  std::vector<ProvisionedConcurrencyConfigListItem> items;
  ListProvisionedConcurrencyConfigsResponse response;
  std::string last;
  for (; place.valid(); place.next()) {
    const QualifiedKey key = place.key();
    if (!after.empty() && std::get<3>(key) <= after) continue;
    if (items.size() == most) {
      response.next_marker = marker_after(last);
      break;
    }
    last = std::get<3>(key);
    auto config = describe_provisioned(key, place.record());
    items.push_back({.function_arn = arn_of(name.key, last),
                     .requested_provisioned_concurrent_executions =
                         config.requested_provisioned_concurrent_executions,
                     .available_provisioned_concurrent_executions =
                         config.available_provisioned_concurrent_executions,
                     .allocated_provisioned_concurrent_executions =
                         config.allocated_provisioned_concurrent_executions,
                     .status = config.status,
                     .status_reason = config.status_reason,
                     .last_modified = config.last_modified});
  }
  response.provisioned_concurrency_configs = std::move(items);
  return response;
}

void Service::keep_provisioned_later(const FunctionKey& key) {
  store_.on_commit([this, key] { keep_provisioned(key); });
}

void Service::keep_provisioned(const FunctionKey& key) {
  if (!runner_) return;
  std::map<VersionKey, std::size_t> wanted;
  const auto& [account, region, name] = key;
  provisioned_.scan(provisioned_.prefix(account, region, name),
                    [&](const QualifiedKey& place, const ProvisionedRecord& record) {
                      wanted[provisioned_version(place)] += static_cast<std::size_t>(record.wanted);
                      return true;
                    });
  runner_->provision(key, wanted);
}

/// What an earlier run has kept ready.
void Service::keep_all_provisioned() {
  std::set<FunctionKey> functions;
  provisioned_.scan(provisioned_.all(), [&](const QualifiedKey& key, const ProvisionedRecord&) {
    functions.insert(function_of(key));
    return true;
  });
  for (const FunctionKey& key : functions) keep_provisioned(key);
}

}  // namespace matinee::lambda
