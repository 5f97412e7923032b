// Code signing configurations: kept and told. Signatures of code are not checked here.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "protocol/timestamps.h"
#include "services/arn.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr std::string_view kind = "code-signing-config:";

std::string arn_of_signing(const FunctionKey& key) {
  const auto& [account, region, id] = key;
  return fmt::format("arn:aws:lambda:{}:{}:{}{}", region, account, kind, id);
}

std::optional<FunctionKey> find_signing(std::string_view arn) {
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->service != "lambda" || !parts->resource.starts_with(kind))
    return std::nullopt;
  return FunctionKey{parts->account, parts->region, parts->resource.substr(kind.size())};
}

CodeSigningConfig told(const FunctionKey& key, const SigningConfigRecord& record) {
  CodeSigningConfig config{
      .code_signing_config_id = std::get<2>(key),
      .code_signing_config_arn = arn_of_signing(key),
      .allowed_publishers = {.signing_profile_version_arns = record.publishers},
      .code_signing_policies = {.untrusted_artifact_on_deployment = record.untrusted}};
  config.description = record.description;
  protocol::append_iso8601_milliseconds(config.last_modified, record.modified);
  return config;
}

}  // namespace

/// This one error has no Type.
FunctionKey Service::require_signing(const std::string& arn) const {
  const std::optional<FunctionKey> key = find_signing(arn);
  if (!key || !signing_configs_.contains(*key))
    throw ResourceNotFoundException("The Lambda code signing configuration ARN can not be found.");
  return *key;
}

CreateCodeSigningConfigResponse Service::create_code_signing_config(
    const Context& context, const CreateCodeSigningConfigRequest& request) {
  // "csc-" and 17 characters.
  constexpr std::size_t id_length = 17;
  std::string id = "csc-";
  while (id.size() < 4 + id_length)
    for (const char c : runtime_.random.uuid())
      if (c != '-' && id.size() < 4 + id_length) id += c;
  const FunctionKey key{context.account, context.region, id};
  SigningConfigRecord record{.description = request.description.value_or(""),
                             .publishers = request.allowed_publishers.signing_profile_version_arns,
                             .modified = runtime_.clock.now()};
  if (request.code_signing_policies &&
      request.code_signing_policies->untrusted_artifact_on_deployment)
    record.untrusted = *request.code_signing_policies->untrusted_artifact_on_deployment;
  if (request.tags) record.tags = *request.tags;
  signing_configs_.put(key, record);
  return {.code_signing_config = told(key, record)};
}

GetCodeSigningConfigResponse Service::get_code_signing_config(
    const Context&, const GetCodeSigningConfigRequest& request) {
  const FunctionKey key = require_signing(request.code_signing_config_arn);
  return {.code_signing_config = told(key, *signing_configs_.find(key))};
}

UpdateCodeSigningConfigResponse Service::update_code_signing_config(
    const Context&, const UpdateCodeSigningConfigRequest& request) {
  const FunctionKey key = require_signing(request.code_signing_config_arn);
  SigningConfigRecord record = *signing_configs_.find(key);
  if (request.description) record.description = *request.description;
  if (request.allowed_publishers)
    record.publishers = request.allowed_publishers->signing_profile_version_arns;
  if (request.code_signing_policies &&
      request.code_signing_policies->untrusted_artifact_on_deployment)
    record.untrusted = *request.code_signing_policies->untrusted_artifact_on_deployment;
  record.modified = runtime_.clock.now();
  signing_configs_.put(key, record);
  return {.code_signing_config = told(key, record)};
}

DeleteCodeSigningConfigResponse Service::delete_code_signing_config(
    const Context&, const DeleteCodeSigningConfigRequest& request) {
  const FunctionKey key = require_signing(request.code_signing_config_arn);
  const auto& [account, region, id] = key;
  functions_.scan(functions_.prefix(account, region),
                  [&](const FunctionKey&, const FunctionRecord& function) {
                    if (function.signing_config == request.code_signing_config_arn)
                      refuse_conflict(
                          "Code signing configuration is in use by functions and cannot be "
                          "deleted.");
                    return true;
                  });
  signing_configs_.erase(key);
  return {};
}

ListCodeSigningConfigsResponse Service::list_code_signing_configs(
    const Context& context, const ListCodeSigningConfigsRequest& request) {
  const std::size_t most = page_length(request.max_items);
  const std::string after = read_marker(request.marker);
  auto place = signing_configs_.cursor(signing_configs_.prefix(context.account, context.region));
  if (!after.empty()) place.seek(FunctionKey{context.account, context.region, after});
  ListCodeSigningConfigsResponse response{.code_signing_configs = std::vector<CodeSigningConfig>{}};
  for (; place.valid(); place.next()) {
    const FunctionKey key = place.key();
    if (std::get<2>(key) == after) continue;
    if (response.code_signing_configs->size() == most) {
      response.next_marker =
          marker_after(response.code_signing_configs->back().code_signing_config_id);
      break;
    }
    response.code_signing_configs->push_back(told(key, place.record()));
  }
  return response;
}

ListFunctionsByCodeSigningConfigResponse Service::list_functions_by_code_signing_config(
    const Context& context, const ListFunctionsByCodeSigningConfigRequest& request) {
  require_signing(request.code_signing_config_arn);
  ListFunctionsByCodeSigningConfigResponse response{.function_arns = std::vector<std::string>{}};
  functions_.scan(functions_.prefix(context.account, context.region),
                  [&](const FunctionKey& key, const FunctionRecord& function) {
                    if (function.signing_config == request.code_signing_config_arn)
                      response.function_arns->push_back(arn_of(key));
                    return true;
                  });
  return response;
}

PutFunctionCodeSigningConfigResponse Service::put_function_code_signing_config(
    const Context& context, const PutFunctionCodeSigningConfigRequest& request) {
  const std::optional<FunctionKey> signing = find_signing(request.code_signing_config_arn);
  if (!signing || !signing_configs_.contains(*signing))
    throw CodeSigningConfigNotFoundException(
        fmt::format("The code signing configuration cannot be found. Check that the provided "
                    "configuration is not deleted: {}.",
                    request.code_signing_config_arn),
        {.type = "User"});
  const FunctionKey key = named(context, request.function_name).key;
  FunctionRecord function = require_function(key);
  function.signing_config = request.code_signing_config_arn;
  functions_.put(key, function);
  return {.code_signing_config_arn = request.code_signing_config_arn,
          .function_name = std::get<2>(key)};
}

GetFunctionCodeSigningConfigResponse Service::get_function_code_signing_config(
    const Context& context, const GetFunctionCodeSigningConfigRequest& request) {
  const FunctionKey key = named(context, request.function_name).key;
  const FunctionRecord function = require_function(key);
  if (function.signing_config.empty()) return {};
  return {.code_signing_config_arn = function.signing_config, .function_name = std::get<2>(key)};
}

DeleteFunctionCodeSigningConfigResponse Service::delete_function_code_signing_config(
    const Context& context, const DeleteFunctionCodeSigningConfigRequest& request) {
  const FunctionKey key = named(context, request.function_name).key;
  FunctionRecord function = require_function(key);
  function.signing_config.clear();
  functions_.put(key, function);
  return {};
}

}  // namespace matinee::lambda
