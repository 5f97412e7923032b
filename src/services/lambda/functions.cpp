// Functions: made, read, listed, removed.
#include <fmt/format.h>

#include <algorithm>

#include "lambda/errors.h"
#include "protocol/http.h"
#include "services/arn.h"
#include "services/lambda/catalog/concurrency_limits.h"
#include "services/lambda/catalog/pages.h"
#include "services/lambda/requests.h"
#include "services/lambda/service.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_tags = 50;
constexpr std::string_view hot_reload = "hot-reload";

std::string refused_code(const protocol::ServiceError& error) {
  return fmt::format("Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
                     error.code(), error.message());
}

}  // namespace

/// From the request itself, from a bucket, or of a folder of this machine.
Task<Service::Code> Service::fetch_code(const Context& context, FunctionCode code) {
  if (code.image_uri)
    refuse_member("ImageUri", "container images are not run here; use a zip archive");
  if (code.zip_file && (code.s3_bucket || code.s3_key || code.s3_object_version))
    refuse("Please do not provide other FunctionCode parameters when providing a ZipFile.");
  Code fetched;
  std::string bytes;
  if (code.zip_file) {
    bytes = std::move(code.zip_file->bytes);
  } else {
    if (!code.s3_bucket || !code.s3_key) refuse("Please provide a source for function code.");
    fetched.source = SourceRecord{.bucket = *code.s3_bucket,
                                  .key = *code.s3_key,
                                  .version = code.s3_object_version.value_or("")};
    if (*code.s3_bucket == hot_reload) co_return fetched;
    if (!neighbours_.objects) refuse_member("S3Bucket", "there are no buckets here");
    std::string problem;
    try {
      bytes = co_await neighbours_.objects->read(context, {.bucket = fetched.source->bucket,
                                                           .key = fetched.source->key,
                                                           .version = fetched.source->version,
                                                           .most_bytes = Packages::most_unzipped});
    } catch (const protocol::ServiceError& error) {
      problem = refused_code(error);
    }
    if (!problem.empty()) refuse(std::move(problem));
  }
  std::expected<NewPackage, std::string> package = co_await packages_.prepare(std::move(bytes));
  if (!package) refuse(std::move(package.error()));
  fetched.package = *std::move(package);
  co_return fetched;
}

/// The archive's digest is what only those know who may read the function.
std::string Service::location_of(const Context& context, const std::string& package) const {
  if (package.empty()) return {};
  return fmt::format("{}://{}/_matinee/function-code/{}", context.secure ? "https" : "http",
                     context.host, protocol::percent_encode(package));
}

void Service::place_code(Code code, Settings& settings) {
  settings.source = std::move(code.source);
  settings.package.clear();
  if (settings.is_hot()) return;
  packages_.keep(code.package);
  settings.package = code.package.sha256;
  // That of layers is unpacked with the first call: most versions of them nobody calls.
  store_.on_commit([this, package = settings.package] {
    if (runner_) runner_->prepare(package);
  });
}

Task<CreateFunctionResponse> Service::create_function(const Context& context,
                                                      const CreateFunctionRequest& request) {
  const FunctionKey key = named(context, request.function_name).key;
  refuse_unserved(request);
  if (request.package_type.value_or("Zip") == "Image")
    refuse_member("PackageType", "container images are not run here; use a zip archive");
  if (request.tenancy_config) refuse_member("TenancyConfig", "tenants are not told apart here");
  if (request.publish_to) refuse_member("PublishTo", "capacity providers are not served here");
  if (request.tags && request.tags->size() > most_tags)
    refuse("Number of tags exceeds resource tag limit.");
  Settings settings{.role = request.role};
  settings.logging.group = "/aws/lambda/" + std::get<2>(key);
  apply(request, settings);
  if (request.architectures && !request.architectures->empty())
    settings.architecture = request.architectures->front();
  check_settings(context, key, settings);
  if (functions_.contains(key)) refuse_conflict("Function already exist: " + std::get<2>(key));
  Code code = co_await fetch_code(context, request.code);

  storage::Transaction transaction(store_);
  if (functions_.contains(key)) refuse_conflict("Function already exist: " + std::get<2>(key));
  set_environment(context, key, settings);
  place_code(std::move(code), settings);
  FunctionRecord function;
  if (request.tags) function.tags = *request.tags;
  if (request.code_signing_config_arn) function.signing_config = *request.code_signing_config_arn;
  functions_.put(key, function);
  // One of that name may have had event sources.
  store_.on_commit([this] { wake_pollers(); });
  put_unsettled(versioned(key, 0), {.settings = std::move(settings)});
  VersionKey told = versioned(key, 0);
  if (request.publish.value_or(false)) told = publish(key, std::nullopt, Stage::creating);
  CreateFunctionResponse response = describe(context, told, require_version(told), arn_of(key));
  transaction.commit();
  co_return response;
}

GetFunctionResponse Service::get_function(const Context& context,
                                          const GetFunctionRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  const Target target = require_target(name);
  const FunctionRecord function = require_function(name.key);
  const VersionKey key = versioned(name.key, target.version);
  const VersionRecord record = require_version(key);
  GetFunctionResponse response{
      .configuration = describe(context, key, record, arn_of(name.key, name.qualifier))};
  response.code = FunctionCodeLocation{.repository_type = "S3",
                                       .location = location_of(context, record.settings.package)};
  if (!function.tags.empty()) response.tags = function.tags;
  if (function.reserved_concurrency)
    response.concurrency = PutFunctionConcurrencyResponse{.reserved_concurrent_executions =
                                                              *function.reserved_concurrency};
  return response;
}

GetFunctionConfigurationResponse Service::get_function_configuration(
    const Context& context, const GetFunctionConfigurationRequest& request) {
  const Named name = named(context, request.function_name, request.qualifier);
  const VersionKey key = versioned(name.key, require_target(name).version);
  return describe(context, key, require_version(key), arn_of(name.key, name.qualifier));
}

/// Functions in the order of their names; with FunctionVersion=ALL all their versions, the latest
/// first.
ListFunctionsResponse Service::list_functions(const Context& context,
                                              const ListFunctionsRequest& request) {
  const std::size_t most = page_length(request.max_items);
  const bool all = request.function_version == "ALL";
  const std::string after = read_marker(request.marker);
  ListFunctionsResponse response{.functions = std::vector<CreateFunctionResponse>{}};
  auto place = versions_.cursor(versions_.prefix(context.account, context.region));
  if (!after.empty()) {
    const std::size_t colon = after.find(':');
    const std::string name = after.substr(0, colon);
    const std::uint32_t version =
        colon == std::string::npos ? 0 : version_of_text(after.substr(colon + 1)).value_or(0);
    place.seek(VersionKey{context.account, context.region, name, version});
    if (place.valid() && place.key() == VersionKey{context.account, context.region, name, version})
      place.next();
  }
  VersionKey last;
  for (; place.valid(); place.next()) {
    const VersionKey key = place.key();
    const auto& [account, region, name, version] = key;
    if (!all && version != 0) continue;
    if (response.functions->size() == most) {
      response.next_marker =
          marker_after(fmt::format("{}:{}", std::get<2>(last), text_of_version(std::get<3>(last))));
      break;
    }
    const FunctionKey function{account, region, name};
    response.functions->push_back(
        describe_listed(context, key, place.record(),
                        all ? arn_of(function, text_of_version(version)) : arn_of(function)));
    last = key;
  }
  return response;
}

DeleteFunctionResponse Service::delete_function(const Context& context,
                                                const DeleteFunctionRequest& request) {
  constexpr std::int32_t no_content = 204;
  const Named name = named(context, request.function_name, request.qualifier);
  require_function(name.key);
  if (name.qualifier == latest)
    refuse("$LATEST version cannot be deleted without deleting the function.");
  if (name.qualifier.empty()) {
    delete_all(name.key);
    return {.status_code = no_content};
  }
  const std::optional<std::uint32_t> version = version_of_text(name.qualifier);
  if (!version) refuse(fmt::format("Deletion of aliases is not currently supported."));
  std::string users;
  aliases_.scan(
      aliases_.prefix(std::get<0>(name.key), std::get<1>(name.key), std::get<2>(name.key)),
      [&](const QualifiedKey& key, const AliasRecord& alias) {
        if (alias.version == name.qualifier || alias.weights.contains(name.qualifier))
          users += (users.empty() ? "" : ", ") + std::get<3>(key);
        return true;
      });
  if (!users.empty())
    refuse_conflict(fmt::format(
        "Function version is referenced by existing aliases. Function version: {}, aliases: [{}]",
        name.qualifier, users));
  delete_version(versioned(name.key, *version));
  return {.status_code = no_content};
}

/// One that does not exist is no error.
void Service::delete_version(const VersionKey& key) {
  const std::optional<VersionRecord> record = versions_.find(key);
  if (!record) return;
  packages_.remove_user(record->settings.package);
  versions_.erase(key);
  unsettled_.erase(key);
  const FunctionKey function{std::get<0>(key), std::get<1>(key), std::get<2>(key)};
  provisioned_.erase(qualified(function, text_of_version(std::get<3>(key))));
  keep_provisioned_later(function);
  store_.on_commit([this, key] {
    if (runner_) runner_->retire(key);
  });
}

void Service::delete_all(const FunctionKey& key) {
  const auto& [account, region, name] = key;
  std::vector<VersionKey> versions;
  versions_.scan(versions_.prefix(account, region, name),
                 [&](const VersionKey& version, const VersionRecord&) {
                   versions.push_back(version);
                   return true;
                 });
  for (const VersionKey& version : versions) delete_version(version);
  aliases_.erase_range(aliases_.prefix(account, region, name));
  policies_.erase_range(policies_.prefix(account, region, name));
  provisioned_.erase_range(provisioned_.prefix(account, region, name));
  invoke_configs_.erase_range(invoke_configs_.prefix(account, region, name));
  urls_.scan(urls_.prefix(account, region, name), [&](const QualifiedKey&, const UrlRecord& url) {
    url_ids_.erase({url.id});
    return true;
  });
  urls_.erase_range(urls_.prefix(account, region, name));
  functions_.erase(key);
  documents_.clear();
}

GetAccountSettingsResponse Service::get_account_settings(const Context& context,
                                                         const GetAccountSettingsRequest&) {
  constexpr std::int64_t most_code = 80'530'636'800;
  std::int64_t functions = 0;
  std::int64_t bytes = 0;
  std::int32_t reserved = 0;
  functions_.scan(functions_.prefix(context.account, context.region),
                  [&](const FunctionKey&, const FunctionRecord& function) {
                    ++functions;
                    reserved += function.reserved_concurrency.value_or(0);
                    return true;
                  });
  versions_.scan(versions_.prefix(context.account, context.region),
                 [&](const VersionKey&, const VersionRecord& record) {
                   if (const auto package = packages_.find(record.settings.package))
                     bytes += static_cast<std::int64_t>(package->size);
                   return true;
                 });
  GetAccountSettingsResponse response;
  response.account_limit =
      AccountLimit{.total_code_size = most_code,
                   .code_size_unzipped = Packages::most_unzipped,
                   .code_size_zipped = Packages::most_zipped_in_request,
                   .concurrent_executions = most_concurrent,
                   .unreserved_concurrent_executions = most_concurrent - reserved};
  response.account_usage = AccountUsage{.total_code_size = bytes, .function_count = functions};
  return response;
}

}  // namespace matinee::lambda
