// Layers: archives that several functions share, in versions, each with a policy of its own.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "lambda/errors.h"
#include "services/arn.h"
#include "services/lambda/catalog/json_text.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/catalog/policy_text.h"
#include "services/lambda/requests.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_layers = 5;

/// A version of a layer, as its ARN names it.
std::optional<LayerVersionKey> find_layer_version(std::string_view arn) {
  constexpr std::string_view kind = "layer:";
  const std::optional<services::Arn> parts = services::parse_arn(arn);
  if (!parts || parts->service != "lambda" || !parts->resource.starts_with(kind))
    return std::nullopt;
  const std::string_view rest = std::string_view(parts->resource).substr(kind.size());
  const std::size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto version = version_of_text(rest.substr(colon + 1));
  if (!version) return std::nullopt;
  return LayerVersionKey{parts->account, parts->region, rest.substr(0, colon), *version};
}

std::string layer_arn(const LayerVersionKey& key) {
  const auto& [account, region, name, version] = key;
  return fmt::format("arn:aws:lambda:{}:{}:layer:{}", region, account, name);
}

std::string layer_version_arn(const LayerVersionKey& key) {
  return fmt::format("{}:{}", layer_arn(key), std::get<3>(key));
}

/// By name, or by the layer's ARN.
LayerVersionKey key_of(const Context& context, std::string_view name, std::int64_t version) {
  LayerVersionKey key{context.account, context.region, std::string(name), 0};
  if (const std::optional<services::Arn> parts = services::parse_arn(name)) {
    std::get<0>(key) = parts->account;
    std::get<1>(key) = parts->region;
    std::get<2>(key) = parts->resource.substr(parts->resource.find(':') + 1);
  }
  std::get<3>(key) = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(version, 0, std::numeric_limits<std::uint32_t>::max()));
  return key;
}

[[noreturn]] void refuse_unknown_layer(const LayerVersionKey& key) {
  refuse_unknown(fmt::format("Layer version {} does not exist.", layer_version_arn(key)));
}

bool fits(const LayerVersionRecord& record, const std::optional<std::string>& architecture,
          const std::optional<std::string>& runtime) {
  if (architecture && !record.architectures.empty() &&
      std::ranges::find(record.architectures, *architecture) == std::end(record.architectures))
    return false;
  if (!runtime) return true;
  return record.runtimes && std::ranges::find(*record.runtimes, *runtime) != record.runtimes->end();
}

LayerVersionsListItem listed(const LayerVersionKey& key, const LayerVersionRecord& record) {
  LayerVersionsListItem item{.layer_version_arn = layer_version_arn(key),
                             .version = std::get<3>(key),
                             .description = record.description,
                             .created_date = date_text(record.created)};
  if (!record.architectures.empty()) item.compatible_architectures = record.architectures;
  item.compatible_runtimes = record.runtimes;
  if (!record.license.empty()) item.license_info = record.license;
  return item;
}

void check_layer_revision(const std::optional<std::string>& wanted, const PolicyRecord& policy) {
  if (wanted && !wanted->empty() && *wanted != policy.revision) refuse_revision("GetLayerPolicy");
}

}  // namespace

GetLayerVersionResponse Service::describe_layer_version(const Context& context,
                                                        const LayerVersionKey& key,
                                                        const LayerVersionRecord& record) const {
  const LayerVersionsListItem item = listed(key, record);
  GetLayerVersionResponse response{.layer_arn = layer_arn(key),
                                   .layer_version_arn = item.layer_version_arn,
                                   .description = item.description,
                                   .created_date = item.created_date,
                                   .version = item.version,
                                   .compatible_architectures = item.compatible_architectures,
                                   .compatible_runtimes = item.compatible_runtimes,
                                   .license_info = item.license_info};
  const std::optional<PackageRecord> package = packages_.find(record.package);
  response.content = LayerVersionContentOutput{
      .location = location_of(context, record.package),
      .code_sha256 = record.package,
      .code_size = package ? static_cast<std::int64_t>(package->size) : 0};
  return response;
}

Task<PublishLayerVersionResponse> Service::publish_layer_version(
    const Context& context, const PublishLayerVersionRequest& request) {
  Code code =
      co_await fetch_code(context, {.zip_file = request.content.zip_file,
                                    .s3_bucket = request.content.s3_bucket,
                                    .s3_key = request.content.s3_key,
                                    .s3_object_version = request.content.s3_object_version});
  if (code.source && code.source->bucket == "hot-reload")
    refuse("Only the code of functions can be a folder of this machine.");
  storage::Transaction transaction(store_);
  LayerVersionKey key = key_of(context, request.layer_name, 0);
  const FunctionKey name{std::get<0>(key), std::get<1>(key), std::get<2>(key)};
  LayerRecord layer = layers_.find(name).value_or(LayerRecord{});
  std::get<3>(key) = ++layer.last_version;
  layers_.put(name, layer);
  packages_.keep(code.package);
  const LayerVersionRecord record{
      .package = code.package.sha256,
      .description = request.description.value_or(""),
      .created = std::chrono::floor<std::chrono::milliseconds>(runtime_.clock.now()),
      .architectures = request.compatible_architectures.value_or(std::vector<std::string>{}),
      .runtimes = request.compatible_runtimes,
      .license = request.license_info.value_or("")};
  layer_versions_.put(key, record);
  GetLayerVersionResponse told = describe_layer_version(context, key, record);
  transaction.commit();
  co_return PublishLayerVersionResponse{
      .content = std::move(told.content),
      .layer_arn = std::move(told.layer_arn),
      .layer_version_arn = std::move(told.layer_version_arn),
      .description = std::move(told.description),
      .created_date = std::move(told.created_date),
      .version = told.version,
      .compatible_architectures = std::move(told.compatible_architectures),
      .compatible_runtimes = std::move(told.compatible_runtimes),
      .license_info = std::move(told.license_info)};
}

LayerVersionRecord Service::require_layer(const LayerVersionKey& key) const {
  std::optional<LayerVersionRecord> record = layer_versions_.find(key);
  if (!record) refuse_unknown_layer(key);
  return *std::move(record);
}

GetLayerVersionResponse Service::get_layer_version(const Context& context,
                                                   const GetLayerVersionRequest& request) {
  const LayerVersionKey key = key_of(context, request.layer_name, request.version_number);
  return describe_layer_version(context, key, require_layer(key));
}

GetLayerVersionByArnResponse Service::get_layer_version_by_arn(
    const Context& context, const GetLayerVersionByArnRequest& request) {
  const std::optional<LayerVersionKey> key = find_layer_version(request.arn);
  if (!key) refuse_unknown(fmt::format("Layer version {} does not exist.", request.arn));
  return describe_layer_version(context, *key, require_layer(*key));
}

/// One that is not there is no error. Functions that have it keep its content.
DeleteLayerVersionResponse Service::delete_layer_version(const Context& context,
                                                         const DeleteLayerVersionRequest& request) {
  const LayerVersionKey key = key_of(context, request.layer_name, request.version_number);
  if (const auto record = layer_versions_.find(key)) {
    packages_.remove_user(record->package);
    layer_versions_.erase(key);
  }
  return {};
}

ListLayerVersionsResponse Service::list_layer_versions(const Context& context,
                                                       const ListLayerVersionsRequest& request) {
  const LayerVersionKey key = key_of(context, request.layer_name, 0);
  const auto& [account, region, name, none] = key;
  const std::size_t most = page_length(request.max_items);
  const std::string before = read_marker(request.marker);
  auto place = layer_versions_.cursor(layer_versions_.prefix(account, region, name));
  place.seek_last();
  if (!before.empty())
    place.seek_before(LayerVersionKey{account, region, name, version_of_text(before).value_or(0)});
  ListLayerVersionsResponse response{.layer_versions = std::vector<LayerVersionsListItem>{}};
  for (; place.valid(); place.previous()) {
    const LayerVersionRecord record = place.record();
    if (!fits(record, request.compatible_architecture, request.compatible_runtime)) continue;
    if (response.layer_versions->size() == most) {
      response.next_marker = marker_after(std::to_string(*response.layer_versions->back().version));
      break;
    }
    response.layer_versions->push_back(listed(place.key(), record));
  }
  return response;
}

/// Each layer with the newest of its versions that fits.
ListLayersResponse Service::list_layers(const Context& context, const ListLayersRequest& request) {
  const std::size_t most = page_length(request.max_items);
  const std::string after = read_marker(request.marker);
  auto place = layers_.cursor(layers_.prefix(context.account, context.region));
  if (!after.empty()) place.seek(FunctionKey{context.account, context.region, after});
  ListLayersResponse response{.layers = std::vector<LayersListItem>{}};
  for (; place.valid(); place.next()) {
    const auto [account, region, name] = place.key();
    if (name == after) continue;
    std::optional<LayersListItem> item;
    layer_versions_.scan(
        layer_versions_.prefix(account, region, name),
        [&](const LayerVersionKey& key, const LayerVersionRecord& record) {
          if (!fits(record, request.compatible_architecture, request.compatible_runtime))
            return true;
          item = LayersListItem{.layer_name = name,
                                .layer_arn = layer_arn(key),
                                .latest_matching_version = listed(key, record)};
          return false;
        },
        storage::Order::backward);
    if (!item) continue;
    if (response.layers->size() == most) {
      response.next_marker = marker_after(*response.layers->back().layer_name);
      break;
    }
    response.layers->push_back(*std::move(item));
  }
  return response;
}

AddLayerVersionPermissionResponse Service::add_layer_version_permission(
    const Context& context, const AddLayerVersionPermissionRequest& request) {
  const LayerVersionKey key = key_of(context, request.layer_name, request.version_number);
  LayerVersionRecord record = require_layer(key);
  check_layer_revision(request.revision_id, record.policy);
  if (has_statement(record.policy, request.statement_id))
    refuse_conflict(
        fmt::format("The statement id ({}) provided already exists. Please provide a "
                    "new statement id, or remove the existing statement.",
                    request.statement_id));
  std::string statement = "{";
  append_pair(statement, "Sid", request.statement_id);
  statement += R"(,"Effect":"Allow","Principal":)" + principal_of(request.principal);
  append_pair(statement, "Action", request.action);
  append_pair(statement, "Resource", layer_version_arn(key));
  if (request.organization_id) {
    statement += R"(,"Condition":{"StringEquals":{)";
    append_pair(statement, "aws:PrincipalOrgID", *request.organization_id);
    statement += "}}";
  }
  statement += '}';
  record.policy.statements.emplace_back(request.statement_id, statement);
  record.policy.revision = new_revision();
  layer_versions_.put(key, record);
  return {.statement = statement, .revision_id = record.policy.revision};
}

RemoveLayerVersionPermissionResponse Service::remove_layer_version_permission(
    const Context& context, const RemoveLayerVersionPermissionRequest& request) {
  const LayerVersionKey key = key_of(context, request.layer_name, request.version_number);
  LayerVersionRecord record = require_layer(key);
  check_layer_revision(request.revision_id, record.policy);
  if (!remove_statement(record.policy, request.statement_id))
    refuse_unknown(
        fmt::format("Statement {} is not found in resource policy.", request.statement_id));
  record.policy.revision = new_revision();
  layer_versions_.put(key, record);
  return {};
}

GetLayerVersionPolicyResponse Service::get_layer_version_policy(
    const Context& context, const GetLayerVersionPolicyRequest& request) {
  const LayerVersionKey key = key_of(context, request.layer_name, request.version_number);
  const LayerVersionRecord record = require_layer(key);
  if (record.policy.statements.empty())
    refuse_unknown("No policy is associated with the given resource.");
  return {.policy = text_of(record.policy), .revision_id = record.policy.revision};
}

void Service::check_layers(const Context& context, const std::vector<std::string>& layers) const {
  if (layers.size() > most_layers)
    refuse(fmt::format("Cannot reference more than {} layers.", most_layers));
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const std::optional<LayerVersionKey> key = find_layer_version(layers[i]);
    if (!key) refuse(fmt::format("Layer version {} does not exist.", layers[i]));
    if (std::get<1>(*key) != context.region)
      refuse(
          fmt::format("Layers are not in the same region as the function. Layers are expected "
                      "to be in region {}.",
                      context.region));
    if (!layer_versions_.contains(*key))
      refuse(fmt::format("Layer version {} does not exist.", layers[i]));
  }
  for (std::size_t i = 0; i < layers.size(); ++i)
    for (std::size_t j = i + 1; j < layers.size(); ++j)
      if (layer_arn(*find_layer_version(layers[i])) == layer_arn(*find_layer_version(layers[j])))
        refuse(
            fmt::format("Two different versions of the same layer are not allowed to be "
                        "referenced in the same function. {} and {} are versions of the same "
                        "layer.",
                        layers[i], layers[j]));
}

std::optional<std::string> Service::package_of_layer(const std::string& arn) const {
  const std::optional<LayerVersionKey> key = find_layer_version(arn);
  const auto record = key ? layer_versions_.find(*key) : std::nullopt;
  if (!record) return std::nullopt;
  return record->package;
}

Layer Service::describe_layer(const std::string& arn) const {
  Layer told{.arn = arn, .code_size = 0};
  const std::optional<std::string> id = package_of_layer(arn);
  const std::optional<PackageRecord> package = id ? packages_.find(*id) : std::nullopt;
  if (package) told.code_size = static_cast<std::int64_t>(package->size);
  return told;
}

}  // namespace matinee::lambda
