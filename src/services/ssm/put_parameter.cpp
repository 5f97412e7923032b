// Writing and deleting parameters.
#include <fmt/format.h>

#include "services/ssm/faults.h"
#include "services/ssm/parameter_policies.h"
#include "services/ssm/service.h"
#include "services/ssm/settings.h"
#include "services/ssm/tags.h"
#include "services/ssm/values.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::uint64_t most_versions = 100;
constexpr std::uint64_t most_standard = 10'000;
constexpr std::uint64_t most_advanced = 100'000;

void require_same_type(const VersionDetails& before, const std::optional<std::string>& type) {
  if (!type || *type == before.type) return;
  throw HierarchyTypeMismatchException(
      "Parameter Store does not support changing a parameter type in a hierarchy. For example, you "
      "can't change a parameter from a String type to a SecureString type. You must create a new, "
      "unique parameter.");
}

void require_same_kind_of_data(const std::string& before, const std::string& after) {
  const auto fixed = [](const std::string& type) {
    return type == "aws:ec2:image" || type == "aws:ssm:integration";
  };
  if (before != after && (fixed(before) || fixed(after)))
    throw validation(fmt::format("The data type of the parameter can't be changed from {} to {}.",
                                 before, after));
}

// What the request does not say stays as it was.
std::string or_else(const std::optional<std::string>& given, const std::string& before) {
  return given ? *given : before;
}

}  // namespace

std::string Service::wanted_tier(const Context& context, const PutParameterRequest& request,
                                 const std::optional<ParameterRecord>& before) const {
  std::string tier = request.tier ? *request.tier
                                  : setting_value(catalog_, {context.account, context.region},
                                                  default_tier_setting);
  const bool advanced_before = before && before->latest.tier == "Advanced";
  if (tier == "Advanced") return tier;
  if (advanced_before) {
    if (request.tier && tier == "Standard")
      throw validation(
          "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from "
          "the advanced-parameter tier to the standard-parameter tier. If necessary, you can "
          "delete the advanced parameter and recreate it as a standard parameter.");
    return "Advanced";
  }
  if (tier == "Intelligent-Tiering") {
    const bool full =
        !before && catalog_.counts({context.account, context.region}).standard >= most_standard;
    const bool advanced = request.value.size() > standard_bytes || full ||
                          (request.policies && !parse_policies(*request.policies).empty()) ||
                          (request.data_type && needs_advanced(*request.data_type));
    return advanced ? "Advanced" : "Standard";
  }
  return tier;
}

VersionDetails Service::make_details(const Context& context, const Reference& reference,
                                     const PutParameterRequest& request,
                                     const std::optional<ParameterRecord>& before) const {
  if (!before && !request.type)
    throw validation("A parameter type is required when you create a parameter.");
  if (before) require_same_type(before->latest, request.type);
  const VersionDetails old = before ? before->latest : VersionDetails{.data_type = "text"};
  VersionDetails details{.version = old.version + 1,
                         .type = or_else(request.type, old.type),
                         .key_id = or_else(request.key_id, old.key_id),
                         .modified = now(),
                         .user = context.caller_arn,
                         .description = or_else(request.description, old.description),
                         .allowed_pattern = or_else(request.allowed_pattern, old.allowed_pattern),
                         .tier = wanted_tier(context, request, before),
                         .data_type = or_else(request.data_type, old.data_type),
                         .policies = old.policies};
  if (details.user.empty()) details.user = fmt::format("arn:aws:iam::{}:root", context.account);
  if (details.data_type.empty()) details.data_type = "text";
  if (request.key_id && details.type != "SecureString")
    throw validation("KeyId is required for SecureString type parameter only.");
  if (details.type == "SecureString" && details.key_id.empty()) details.key_id = default_key;
  if (request.policies) {
    details.policies = parse_policies(*request.policies);
    for (PolicyRecord& policy : details.policies) policy.created = details.modified;
  }
  if (!details.policies.empty() && details.tier != "Advanced")
    throw validation(
        "Parameter policies are supported for parameters of the advanced-parameter tier only.");
  if (needs_advanced(details.data_type) && details.tier != "Advanced")
    throw validation(
        fmt::format("The data type {} is supported for parameters of the "
                    "advanced-parameter tier only.",
                    details.data_type));
  require_value(request.value, details.tier);
  require_pattern(request.value, details.allowed_pattern);
  require_data_type(request.value, details);
  if (before) require_same_kind_of_data(old.data_type, details.data_type);
  const CountRecord counts = catalog_.counts(reference.place);
  const bool joins = !before || before->latest.tier != details.tier;
  if (joins && (details.tier == "Advanced" ? counts.advanced >= most_advanced
                                           : counts.standard >= most_standard))
    throw ParameterLimitExceeded(
        "You have exceeded the number of parameters for this AWS account. Delete one or more "
        "parameters and try again.");
  return details;
}

void Service::drop_oldest(const Reference& reference, ParameterRecord& record) {
  if (record.latest.version - record.oldest + 1 < most_versions) return;
  for (const auto& [label, version] : record.labels) {
    if (version != record.oldest) continue;
    throw ParameterMaxVersionLimitExceeded(fmt::format(
        "You attempted to create a new version of {} by calling the PutParameter API with the "
        "overwrite flag. Version {}, the oldest version, can't be deleted because it has a label "
        "associated with it. Move the label to another version of the parameter, and try again.",
        reference.name, record.oldest));
  }
  catalog_.erase_version(reference.place, reference.name, record.oldest++);
}

PutParameterResponse Service::put_parameter(const Context& context,
                                            const PutParameterRequest& request) {
  const bool overwrite = request.overwrite.value_or(false);
  if (overwrite && request.tags && !request.tags->empty())
    throw validation(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with "
        "tags, please remove overwrite flag. To update tags for an existing parameter, please use "
        "AddTagsToResource or RemoveTagsFromResource.");
  const Reference reference{.place = {context.account, context.region}, .name = trim(request.name)};
  require_new_name(reference.place, reference.name);
  const auto before = catalog_.find(reference.place, reference.name);
  if (before && !overwrite)
    throw ParameterAlreadyExists(
        "The parameter already exists. To overwrite this value, set the overwrite option in the "
        "request to true.");
  ParameterRecord record = before.value_or(ParameterRecord{});
  VersionDetails details = make_details(context, reference, request, before);
  if (before) drop_oldest(reference, record);
  if (request.tags) add_tags(*request.tags, record.tags, context);
  record.latest = std::move(details);
  const PutParameterResponse response{.version = static_cast<std::int64_t>(record.latest.version),
                                      .tier = record.latest.tier};
  // AWS looks at images after it has answered, and then does not keep what is none.
  const std::string_view operation = before ? "Update" : "Create";
  if (record.latest.data_type == "aws:ec2:image" && !is_image_id(request.value)) {
    tell_change(context, reference, record.latest, {operation, "Unable to Describe Resource"});
    return response;
  }
  const bool secure = record.latest.type == "SecureString";
  const std::string value =
      secure ? encryption_.encrypt(context, reference, record.latest, request.value)
             : request.value;
  catalog_.put(reference, record, value, before);
  tell_change(context, reference, record.latest, {operation});
  if (!record.latest.policies.empty() || (before && !before->latest.policies.empty()))
    store_.on_commit([this] { await_policies(); });
  return response;
}

bool Service::erase(const Context& context, const std::string& name) {
  const Reference reference{.place = {context.account, context.region}, .name = trim(name)};
  const auto record = catalog_.find(reference.place, reference.name);
  if (!record) return false;
  catalog_.erase(reference.place, reference.name);
  tell_change(context, reference, record->latest, {"Delete"});
  return true;
}

DeleteParameterResponse Service::delete_parameter(const Context& context,
                                                  const DeleteParameterRequest& request) {
  if (!erase(context, request.name)) throw ParameterNotFound("");
  return {};
}

DeleteParametersResponse Service::delete_parameters(const Context& context,
                                                    const DeleteParametersRequest& request) {
  DeleteParametersResponse response;
  response.deleted_parameters.emplace();
  response.invalid_parameters.emplace();
  for (const std::string& name : request.names) {
    const bool deleted = erase(context, name);
    (deleted ? response.deleted_parameters : response.invalid_parameters)->push_back(name);
  }
  return response;
}

}  // namespace matinee::ssm
