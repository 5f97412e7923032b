#include "services/cloudcontrol/service.h"

#include <fmt/format.h>

#include "services/arn.h"
#include "templates/template_error.h"
#include "templates/text_readers.h"

namespace matinee::cloudcontrol {

namespace {

constexpr std::string_view prefix = "/properties/";

std::string_view name_of(const std::string& path) {
  return std::string_view(path).substr(prefix.size());
}

}  // namespace

Service::Service(storage::Store& store, runtime::Runtime& runtime, services::CallsMaker& calls)
    : ServiceBase(cloudcontrol::model),
      store_(store),
      runtime_(runtime),
      calls_(calls),
      requests_(store, requests_table),
      request_times_(store, request_times_table),
      client_tokens_(store, client_tokens_table),
      resources_(store, resources_table) {
  requests_.scan(requests_.all(), [&](const RequestKey& key, const RequestRecord& record) {
    if (!record.has_ended()) start_later(key, true);
    return true;
  });
}

Service::~Service() {
  *lives_ = false;
}

void Service::reset(const services::ResetScope& scope) {
  const auto erase = [&](auto& table) {
    table.erase_range(scope.account ? table.prefix(*scope.account) : table.all());
  };
  erase(requests_);
  erase(request_times_);
  erase(client_tokens_);
  erase(resources_);
}

const resources::ResourceType& require_type(const std::string& name) {
  const resources::ResourceType* type = resources::find_type(name);
  if (!type) throw TypeNotFoundException(fmt::format("The type '{}' cannot be found.", name));
  return *type;
}

Value identifying_properties(const resources::Schema& schema, const std::string& identifier) {
  Value properties = Value::map();
  std::string_view rest = identifier;
  const auto& paths = schema.primary_identifier();
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::size_t end = i + 1 < paths.size() ? rest.find('|') : rest.npos;
    properties.set(name_of(paths[i]), rest.substr(0, end));
    rest = end == rest.npos ? "" : rest.substr(end + 1);
  }
  return properties;
}

std::string identifier_of(const resources::Schema& schema, const Value& properties) {
  std::string identifier;
  for (const std::string& path : schema.primary_identifier()) {
    const std::string part = properties.text_or(name_of(path));
    if (part.empty()) return "";
    identifier += (identifier.empty() ? "" : "|") + part;
  }
  return identifier;
}

Value document_of(const std::string& text, std::string_view member) {
  try {
    return templates::read_json(text);
  } catch (const templates::TemplateError&) {
    throw InvalidRequestException(fmt::format("{} is not valid JSON.", member));
  }
}

void raise(const resources::ResourceType& type, const resources::HandlerError& error,
           const std::string& token) {
  const std::string& code = error.code;
  if (code == "UnsupportedAction") throw UnsupportedActionException(error.message);
  const std::string message =
      fmt::format("{} Handler returned status FAILED: {} (HandlerErrorCode: {}, RequestToken: {})",
                  type.schema().type_name(), error.message, code, token);
  if (code == "NotFound") throw ResourceNotFoundException(message);
  if (code == "AlreadyExists") throw AlreadyExistsException(message);
  if (code == "InvalidRequest") throw InvalidRequestException(message);
  if (code == "NotUpdatable") throw NotUpdatableException(message);
  if (code == "NotStabilized") throw NotStabilizedException(message);
  if (code == "ResourceConflict") throw ResourceConflictException(message);
  if (code == "ServiceLimitExceeded") throw ServiceLimitExceededException(message);
  if (code == "Throttling") throw ThrottlingException(message);
  throw GeneralServiceException(message);
}

CallerRecord caller_record(const Context& context, const std::optional<std::string>& role) {
  CallerRecord record{.access_key = context.access_key,
                      .caller_arn = context.caller_arn,
                      .caller_id = context.caller_id,
                      .role_arn = context.role_arn,
                      .principal = static_cast<std::uint8_t>(context.principal),
                      .host = context.host,
                      .secure = context.secure};
  const std::optional<services::Arn> arn = services::parse_arn(role.value_or(""));
  if (!arn) return record;
  record.access_key.clear();
  record.caller_id.clear();
  record.role_arn = *role;
  record.caller_arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/AWSCloudFormation", arn->account,
                                  arn->resource.substr(arn->resource.rfind('/') + 1));
  record.principal = static_cast<std::uint8_t>(services::PrincipalKind::role_session);
  return record;
}

Context caller_of(const RequestKey& key, const CallerRecord& record) {
  Context context{.account = std::get<0>(key), .region = std::get<1>(key)};
  context.access_key = record.access_key;
  context.caller_arn = record.caller_arn;
  context.caller_id = record.caller_id;
  context.role_arn = record.role_arn;
  context.principal = static_cast<services::PrincipalKind>(record.principal);
  context.host = record.host;
  context.secure = record.secure;
  return context;
}

}  // namespace matinee::cloudcontrol
