// What a function is configured to: AWS's checks of it, and how it is told.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lambda/errors.h"
#include "lambda/operations.h"
#include "protocol/json_writer.h"
#include "services/arn.h"
#include "services/lambda/catalog/runtimes.h"
#include "services/lambda/service.h"
#include "services/role_trust.h"

namespace matinee::lambda {

namespace {

constexpr std::size_t most_environment_bytes = 4096;
/// Those that the service sets itself, as AWS's guide lists them.
constexpr std::string_view reserved_variables[] = {"_HANDLER",
                                                   "_X_AMZN_TRACE_ID",
                                                   "AWS_DEFAULT_REGION",
                                                   "AWS_REGION",
                                                   "AWS_EXECUTION_ENV",
                                                   "AWS_LAMBDA_FUNCTION_NAME",
                                                   "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                   "AWS_LAMBDA_FUNCTION_VERSION",
                                                   "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                   "AWS_LAMBDA_LOG_GROUP_NAME",
                                                   "AWS_LAMBDA_LOG_STREAM_NAME",
                                                   "AWS_ACCESS_KEY",
                                                   "AWS_ACCESS_KEY_ID",
                                                   "AWS_SECRET_ACCESS_KEY",
                                                   "AWS_SESSION_TOKEN",
                                                   "AWS_LAMBDA_RUNTIME_API",
                                                   "LAMBDA_TASK_ROOT",
                                                   "LAMBDA_RUNTIME_DIR"};

std::string compact_json(const std::map<std::string, std::string>& variables) {
  std::string text = "{";
  for (const auto& [name, value] : variables) {
    if (text.size() > 1) text += ',';
    protocol::json::append_string(text, name);
    text += ':';
    protocol::json::append_string(text, value);
  }
  return text + "}";
}

void check_environment(const std::map<std::string, std::string>& variables) {
  constexpr std::string_view beginning =
      "Lambda was unable to configure your environment variables because the environment variables "
      "you have provided ";
  std::string reserved;
  for (const auto& [name, value] : variables) {
    if (std::ranges::find(reserved_variables, name) == std::end(reserved_variables)) continue;
    reserved += reserved.empty() ? name : ", " + name;
  }
  if (!reserved.empty())
    refuse(
        fmt::format("{}contains reserved keys that are currently not supported for "
                    "modification. Reserved keys used in this request: {}",
                    beginning, reserved));
  const std::string text = compact_json(variables);
  if (text.size() > most_environment_bytes)
    refuse(fmt::format("{}exceeded the 4KB limit. String measured: {}", beginning, text));
}

void check_runtime(const Settings& settings) {
  if (settings.runtime.empty() || settings.handler.empty())
    refuse(
        "Runtime and Handler are mandatory parameters for functions created with deployment "
        "packages.");
  switch (support_of(settings.runtime)) {
    case RuntimeSupport::supported:
      break;
    case RuntimeSupport::deprecated:
      refuse(fmt::format(
          "The runtime parameter of {} is no longer supported for creating or updating AWS Lambda "
          "functions. We recommend you use a supported runtime while creating or updating "
          "functions.",
          settings.runtime));
    case RuntimeSupport::unknown:
      refuse(
          fmt::format("Value {} at 'runtime' failed to satisfy constraint: Member must satisfy "
                      "enum value set: [{}] or be a valid ARN",
                      settings.runtime, supported_runtimes()));
  }
  if (settings.snap_start == "PublishedVersions" && !can_snap_start(settings.runtime))
    refuse(fmt::format("{} is not supported for SnapStart enabled functions.", settings.runtime));
}

}  // namespace

void Service::check_settings(const Context& context, const FunctionKey& key,
                             const Settings& settings) {
  check_runtime(settings);
  if (settings.environment) check_environment(*settings.environment);
  check_layers(context, settings.layers);
  if (!settings.dead_letters.empty()) {
    const std::optional<services::Arn> target = services::parse_arn(settings.dead_letters);
    if (!target || (target->service != "sqs" && target->service != "sns"))
      refuse(fmt::format("The provided dead letter target {} is no queue and no topic.",
                         settings.dead_letters));
  }
  require_role(context, key, settings.role);
}

/// Keeps it encrypted where the function has a key for that.
void Service::set_environment(const Context& context, const FunctionKey& key, Settings& settings) {
  settings.sealed_environment.clear();
  if (settings.key.empty() || !settings.environment) return;
  if (!neighbours_.keys)
    throw protocol::ServiceError("NotImplemented", 501, "KMS is not served here.");
  std::string bytes;
  storage::encode_record_bytes(bytes, *settings.environment);
  settings.sealed_environment =
      neighbours_.keys->encrypt(context,
                                {.key = settings.key,
                                 .service = std::string(service_principal),
                                 .context = {{"aws:lambda:FunctionArn", arn_of(key)}}},
                                bytes);
  settings.environment.reset();
}

std::optional<std::map<std::string, std::string>> Service::environment_of(
    const Context& context, const FunctionKey& key, const Settings& settings) const {
  if (settings.sealed_environment.empty()) return settings.environment;
  const std::string bytes =
      neighbours_.keys->decrypt(context,
                                {.key = settings.key,
                                 .service = std::string(service_principal),
                                 .context = {{"aws:lambda:FunctionArn", arn_of(key)}},
                                 .opens = true},
                                settings.sealed_environment);
  return storage::decode_record_bytes<std::map<std::string, std::string>>(bytes);
}

/// Where policies decide, the caller has to be allowed to hand over the role, and that has to trust
/// this service.
void Service::require_role(const Context& context, const FunctionKey& key,
                           const std::string& role) {
  services::Decider* decider = this->decider();
  if (!decider) return;
  const std::string arn = arn_of(key);
  const services::Inquiry inquiry{.context = context,
                                  .operation = operations::CreateFunction,
                                  .request = nullptr,
                                  .action = "lambda:CreateFunction",
                                  .resource = arn};
  decider->require_pass_role(*this, inquiry, role, service_principal);
  if (!decider->enforces() || !neighbours_.directory) return;
  Context taker{.account = context.account, .region = context.region};
  taker.service_principal = service_principal;
  taker.source_account = context.account;
  taker.source_arn = arn;
  if (services::why_not_trusted(
          *decider, *neighbours_.directory,
          {.role = role, .taker = taker, .operation = operations::CreateFunction}))
    refuse("The role defined for the function cannot be assumed by Lambda.");
}

CreateFunctionResponse Service::describe_listed(const Context& context, const VersionKey& key,
                                                const VersionRecord& record,
                                                std::string arn) const {
  const Settings& settings = record.settings;
  const auto& [account, region, name, version] = key;
  const std::optional<PackageRecord> package = packages_.find(settings.package);
  CreateFunctionResponse told{.function_name = name, .function_arn = std::move(arn)};
  told.runtime = settings.runtime;
  told.role = settings.role;
  told.handler = settings.handler;
  told.code_size = package ? static_cast<std::int64_t>(package->size) : 0;
  told.code_sha256 = settings.package;
  told.description = settings.description;
  told.timeout = settings.timeout_seconds;
  told.memory_size = settings.memory_mb;
  told.last_modified = date_text(record.modified);
  told.version = text_of_version(version);
  told.revision_id = record.revision;
  told.package_type = "Zip";
  told.architectures = {settings.architecture};
  told.ephemeral_storage = EphemeralStorage{.size = settings.scratch_mb};
  told.tracing_config = TracingConfigResponse{.mode = settings.tracing};
  const bool has_snapshot = settings.snap_start != "None" && version != 0;
  told.snap_start = SnapStartResponse{.apply_on = settings.snap_start,
                                      .optimization_status = has_snapshot ? "On" : "Off"};
  told.logging_config =
      LoggingConfig{.log_format = settings.logging.format, .log_group = settings.logging.group};
  if (settings.logging.format == "JSON") {
    told.logging_config->application_log_level = settings.logging.application_level;
    told.logging_config->system_log_level = settings.logging.system_level;
  }
  if (!settings.key.empty()) told.kms_key_arn = settings.key;
  if (!settings.dead_letters.empty())
    told.dead_letter_config = DeadLetterConfig{.target_arn = settings.dead_letters};
  if (settings.network)
    told.vpc_config =
        VpcConfigResponse{.subnet_ids = settings.network->subnets,
                          .security_group_ids = settings.network->security_groups,
                          .vpc_id = settings.network->subnets.empty() ? "" : "vpc-0",
                          .ipv6_allowed_for_dual_stack = settings.network->dual_stack};
  if (!settings.layers.empty()) {
    told.layers.emplace();
    for (const std::string& layer : settings.layers) told.layers->push_back(describe_layer(layer));
  }
  try {
    if (auto variables = environment_of(context, {account, region, name}, settings))
      told.environment = EnvironmentResponse{.variables = *std::move(variables)};
  } catch (const protocol::ServiceError& error) {
    told.environment = EnvironmentResponse{
        .error = EnvironmentError{.error_code = error.code(), .message = error.message()}};
  }
  return told;
}

CreateFunctionResponse Service::describe(const Context& context, const VersionKey& key,
                                         const VersionRecord& record, std::string arn) const {
  CreateFunctionResponse told = describe_listed(context, key, record, std::move(arn));
  told.runtime_version_config = RuntimeVersionConfig{
      .runtime_version_arn = runtime_version_arn(std::get<1>(key), record.settings.runtime,
                                                 record.settings.architecture)};
  constexpr const char* reason = "The function is being created.";
  constexpr const char* code = "Creating";
  if (record.stage == Stage::creating) {
    told.state = "Pending";
    told.state_reason = reason;
    told.state_reason_code = code;
    return told;
  }
  told.state = "Active";
  told.last_update_status = record.stage == Stage::active ? "Successful" : "InProgress";
  // The same words as of a new function: AWS's are.
  if (record.stage == Stage::updating) {
    told.last_update_status_reason = reason;
    told.last_update_status_reason_code = code;
  }
  return told;
}

}  // namespace matinee::lambda
