// Reading single parameters, and the history of one.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "protocol/base64.h"
#include "protocol/json_writer.h"
#include "services/ssm/faults.h"
#include "services/ssm/parameter_policies.h"
#include "services/ssm/public_parameters.h"
#include "services/ssm/service.h"
#include "services/ssm/tokens.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::string_view secrets_path = "/aws/reference/secretsmanager/";

// What Secrets Manager would answer, as JSON text.
std::string describe_secret(const services::SecretText& secret) {
  namespace json = protocol::json;
  std::string out = "{";
  const auto add = [&out](std::string_view name, std::string_view value) {
    json::append_member(out, name);
    json::append_string(out, value);
    out += ',';
  };
  add("ARN", secret.arn);
  add("name", secret.name);
  add("versionId", secret.version_id);
  add("secretString", secret.text);
  out += R"("versionStages":[)";
  for (const std::string& stage : secret.stages) {
    if (&stage != &secret.stages.front()) out += ',';
    json::append_string(out, stage);
  }
  out += R"(],"createdDate":)";
  json::append_integer(out, runtime::to_milliseconds(secret.created));
  return out + '}';
}

ParameterHistory show_history(const VersionDetails& details, runtime::Time now) {
  ParameterHistory shown{.type = details.type,
                         .last_modified_date = details.modified,
                         .last_modified_user = details.user,
                         .version = static_cast<std::int64_t>(details.version),
                         .tier = details.tier,
                         .policies = describe_policies(details, now),
                         .data_type = details.data_type};
  if (!details.key_id.empty()) shown.key_id = details.key_id;
  if (!details.description.empty()) shown.description = details.description;
  if (!details.allowed_pattern.empty()) shown.allowed_pattern = details.allowed_pattern;
  shown.labels.emplace();
  return shown;
}

}  // namespace

Parameter Service::show(const Context& context, const Reference& reference,
                        const VersionRecord& version, bool decrypted) const {
  const VersionDetails& details = version.details;
  Parameter shown{.name = reference.name,
                  .type = details.type,
                  .value = version.value,
                  .version = static_cast<std::int64_t>(details.version),
                  .last_modified_date = details.modified,
                  .arn = parameter_arn(reference.place, reference.name),
                  .data_type = details.data_type};
  if (!reference.selector.empty()) shown.selector = reference.selector;
  if (details.type == "SecureString")
    shown.value = decrypted ? encryption_.decrypt(context, reference, version.value)
                            : protocol::base64_encode(version.value);
  return shown;
}

Parameter Service::read_secret(const Context& context, const Reference& reference) {
  if (!secrets_)
    throw protocol::ServiceError("NotImplemented", 501, "There is no Secrets Manager here.");
  services::SecretQuery query{.secret = reference.name.substr(secrets_path.size())};
  if (!reference.selector.empty()) {
    // A version's id is a UUID; whatever else is asked for is a stage.
    constexpr std::size_t uuid_length = 36;
    const std::string selector = reference.selector.substr(1);
    (selector.size() == uuid_length ? query.version_id : query.stage) = selector;
  }
  const auto secret = secrets_->read_secret(context, query);
  if (!secret) throw ParameterNotFound(fmt::format("Secret {} not found.", reference.name));
  Parameter shown{.name = reference.name,
                  .type = "SecureString",
                  .value = secret->text,
                  .version = 0,
                  .source_result = describe_secret(*secret),
                  .last_modified_date = secret->created,
                  .arn = secret->arn};
  if (!reference.selector.empty()) shown.selector = reference.selector;
  return shown;
}

Parameter Service::read(const Context& context, const std::string& name, bool decrypted) {
  Reference reference = parse_reference(context, name);
  if (reference.name.starts_with(secrets_path) && reference.name.size() > secrets_path.size()) {
    if (!decrypted)
      throw validation("WithDecryption flag must be True for retrieving a Secret Manager secret.");
    return read_secret(context, reference);
  }
  if (is_public(reference.name)) {
    auto found = find_public(reference.place.region, reference.name);
    if (!found) throw ParameterNotFound("");
    if (reference.selector.empty()) return *std::move(found);
    if (reference.selector.substr(1) != std::to_string(*found->version))
      throw ParameterVersionNotFound(
          fmt::format("Systems Manager could not find version {} of {}. Verify the version and try "
                      "again.",
                      reference.selector.substr(1), reference.name));
    found->selector = reference.selector;
    return *std::move(found);
  }
  const auto record =
      reference.place.region == context.region ? catalog_.find(reference) : std::nullopt;
  if (!record) throw ParameterNotFound("");
  return show(context, reference, catalog_.require_version(reference, *record), decrypted);
}

GetParameterResponse Service::get_parameter(const Context& context,
                                            const GetParameterRequest& request) {
  return {.parameter = read(context, request.name, request.with_decryption.value_or(false))};
}

GetParametersResponse Service::get_parameters(const Context& context,
                                              const GetParametersRequest& request) {
  GetParametersResponse response;
  response.parameters.emplace();
  response.invalid_parameters.emplace();
  std::set<std::string> seen;
  for (const std::string& name : request.names) {
    if (!seen.insert(name).second) continue;
    try {
      response.parameters->push_back(read(context, name, request.with_decryption.value_or(false)));
    } catch (const ParameterNotFound&) {
      response.invalid_parameters->push_back(name);
    } catch (const ParameterVersionNotFound&) {
      response.invalid_parameters->push_back(name);
    }
  }
  std::ranges::sort(*response.parameters, {}, &Parameter::name);
  return response;
}

GetParameterHistoryResponse Service::get_parameter_history(
    const Context& context, const GetParameterHistoryRequest& request) {
  constexpr std::int32_t most = 50;
  const auto limit = static_cast<std::size_t>(request.max_results.value_or(most));
  Reference reference = parse_reference(context, request.name);
  const auto after = read_token(request.next_token);
  const auto record = catalog_.find(reference);
  if (!record) throw ParameterNotFound("");
  std::map<std::uint64_t, std::vector<std::string>> labels;
  for (const auto& [label, version] : record->labels) labels[version].push_back(label);
  const Place& place = reference.place;
  auto range = catalog_.versions.prefix(place.account, place.region, reference.name);
  if (after)
    range = catalog_.versions.after(range, {place.account, place.region, reference.name,
                                            std::strtoull(after->c_str(), nullptr, 10)});
  GetParameterHistoryResponse response;
  response.parameters.emplace();
  catalog_.versions.scan(range, [&](const auto&, const VersionRecord& version) {
    if (response.parameters->size() == limit) {
      response.next_token = make_token(std::to_string(*response.parameters->back().version));
      return false;
    }
    ParameterHistory entry = show_history(version.details, runtime_.clock.now());
    entry.name = reference.name;
    entry.value = *show(context, reference, version, request.with_decryption.value_or(false)).value;
    if (const auto found = labels.find(version.details.version); found != labels.end())
      entry.labels = found->second;
    response.parameters->push_back(std::move(entry));
    return true;
  });
  return response;
}

}  // namespace matinee::ssm
