// URLs of functions: how they are configured.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "protocol/timestamps.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr const char* not_there = "The resource you requested does not exist.";

CorsRecord record_of(const Cors& cors) {
  return {.allow_credentials = cors.allow_credentials,
          .allow_headers = cors.allow_headers,
          .allow_methods = cors.allow_methods,
          .allow_origins = cors.allow_origins,
          .expose_headers = cors.expose_headers,
          .max_age = cors.max_age};
}

std::optional<Cors> told(const std::optional<CorsRecord>& cors) {
  if (!cors) return std::nullopt;
  return Cors{.allow_credentials = cors->allow_credentials,
              .allow_headers = cors->allow_headers,
              .allow_methods = cors->allow_methods,
              .allow_origins = cors->allow_origins,
              .expose_headers = cors->expose_headers,
              .max_age = cors->max_age};
}

std::string text_of(runtime::Time time) {
  std::string text;
  protocol::append_iso8601_milliseconds(text, time);
  return text;
}

FunctionUrlConfig told(const QualifiedKey& key, const UrlRecord& url) {
  const auto& [account, region, name, alias] = key;
  return {.function_url = fmt::format("https://{}.lambda-url.{}.on.aws/", url.id, region),
          .function_arn = arn_of({account, region, name}, alias),
          .creation_time = text_of(url.created),
          .last_modified_time = text_of(url.modified),
          .cors = told(url.cors),
          .auth_type = url.auth,
          .invoke_mode = url.mode};
}

/// What all three operations tell that answer with one.
template <class Response>
Response told_as(const FunctionUrlConfig& config) {
  Response response;
  response.function_url = config.function_url;
  response.function_arn = config.function_arn;
  response.auth_type = config.auth_type;
  response.cors = config.cors;
  response.creation_time = config.creation_time;
  return response;
}

/// A URL belongs to $LATEST, or to an alias.
QualifiedKey url_key(const Named& name) {
  if (!name.qualifier.empty() && version_of_text(name.qualifier))
    refuse(
        "The function URL configuration can only be of an alias, or of the unqualified function.");
  return qualified(name.key, name.qualifier);
}

}  // namespace

CreateFunctionUrlConfigResponse Service::create_function_url_config(
    const Context& context, const CreateFunctionUrlConfigRequest& request) {
  constexpr std::size_t id_length = 32;
  const Named name = named(context, request.function_name, request.qualifier);
  const QualifiedKey key = url_key(name);
  require_target(name);
  if (urls_.contains(key))
    refuse_conflict(
        fmt::format("Failed to create function url config for [functionArn = {}]. Error "
                    "message:  FunctionUrlConfig exists for this Lambda function",
                    arn_of(name.key, name.qualifier)));
  UrlRecord url{.auth = request.auth_type,
                .mode = request.invoke_mode.value_or("BUFFERED"),
                .created = runtime_.clock.now(),
                .modified = runtime_.clock.now()};
  while (url.id.size() < id_length)
    for (const char c : runtime_.random.uuid())
      if (c != '-' && url.id.size() < id_length) url.id += c;
  if (request.cors) url.cors = record_of(*request.cors);
  urls_.put(key, url);
  const auto& [account, region, function, alias] = key;
  url_ids_.put({url.id}, {.account = account, .region = region, .name = function, .alias = alias});
  auto response = told_as<CreateFunctionUrlConfigResponse>(told(key, url));
  response.invoke_mode = request.invoke_mode;
  return response;
}

UrlRecord Service::require_url(const QualifiedKey& key) const {
  std::optional<UrlRecord> url = urls_.find(key);
  if (!url) refuse_unknown(not_there);
  return *std::move(url);
}

GetFunctionUrlConfigResponse Service::get_function_url_config(
    const Context& context, const GetFunctionUrlConfigRequest& request) {
  const QualifiedKey key = url_key(named(context, request.function_name, request.qualifier));
  const FunctionUrlConfig config = told(key, require_url(key));
  auto response = told_as<GetFunctionUrlConfigResponse>(config);
  response.last_modified_time = config.last_modified_time;
  response.invoke_mode = config.invoke_mode;
  return response;
}

UpdateFunctionUrlConfigResponse Service::update_function_url_config(
    const Context& context, const UpdateFunctionUrlConfigRequest& request) {
  const QualifiedKey key = url_key(named(context, request.function_name, request.qualifier));
  UrlRecord url = require_url(key);
  if (request.auth_type) url.auth = *request.auth_type;
  if (request.invoke_mode) url.mode = *request.invoke_mode;
  if (request.cors) url.cors = record_of(*request.cors);
  url.modified = runtime_.clock.now();
  urls_.put(key, url);
  const FunctionUrlConfig config = told(key, url);
  auto response = told_as<UpdateFunctionUrlConfigResponse>(config);
  response.last_modified_time = config.last_modified_time;
  response.invoke_mode = request.invoke_mode;
  return response;
}

DeleteFunctionUrlConfigResponse Service::delete_function_url_config(
    const Context& context, const DeleteFunctionUrlConfigRequest& request) {
  const QualifiedKey key = url_key(named(context, request.function_name, request.qualifier));
  url_ids_.erase({require_url(key).id});
  urls_.erase(key);
  return {};
}

ListFunctionUrlConfigsResponse Service::list_function_url_configs(
    const Context& context, const ListFunctionUrlConfigsRequest& request) {
  const Named name = named(context, request.function_name);
  require_function(name.key);
  const std::size_t most = page_length(request.max_items);
  // The URL of the function itself comes first; its place has no name.
  const std::string after = read_marker(request.marker);
  const auto& [account, region, function] = name.key;
  auto place = urls_.cursor(urls_.prefix(account, region, function));
  std::string last;
  ListFunctionUrlConfigsResponse response;
  for (; place.valid(); place.next()) {
    const QualifiedKey key = place.key();
    const std::string token = "=" + std::get<3>(key);
    if (!after.empty() && token <= after) continue;
    if (response.function_url_configs.size() == most) {
      response.next_marker = marker_after(last);
      break;
    }
    response.function_url_configs.push_back(told(key, place.record()));
    last = token;
  }
  return response;
}

}  // namespace matinee::lambda
