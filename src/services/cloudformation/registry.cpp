// What the registry tells of extensions: AWS's types of resources that this cloud serves. Private
// and third-party extensions there are none, because none can be registered or activated.
#include <fmt/format.h>

#include <algorithm>

#include "resources/data.h"
#include "services/cloudformation/pages.h"
#include "services/cloudformation/service.h"

namespace matinee::cloudformation {

namespace {

constexpr std::string_view page_kind = "types";
constexpr std::string_view resource_kind = "RESOURCE";

/// AWS's types are in no account: "arn:aws:cloudformation:REGION::type/resource/AWS-SQS-Queue"
std::string arn_of_type(const Context& context, std::string_view name) {
  std::string path(name);
  for (std::size_t at = path.find("::"); at != path.npos; at = path.find("::", at))
    path.replace(at, 2, "-");
  return fmt::format("arn:aws:cloudformation:{}::type/resource/{}", context.region, path);
}

/// Whether its resources can be changed in place.
bool is_mutable(const resources::Schema& schema) {
  const auto& fixed = schema.create_only();
  return std::ranges::any_of(schema.properties(), [&](const std::string& property) {
    return std::ranges::find(fixed, "/properties/" + property) == fixed.end();
  });
}

/// Whether what a request asks for can be types of AWS at all.
bool asks_for_aws(const ListTypesRequest& request) {
  if (request.visibility.value_or("PRIVATE") != "PUBLIC") return false;
  if (request.type.value_or(std::string(resource_kind)) != resource_kind) return false;
  if (request.deprecated_status.value_or("LIVE") != "LIVE") return false;
  if (!request.filters) return true;
  return request.filters->category.value_or("AWS_TYPES") == "AWS_TYPES" &&
         !request.filters->publisher_id;
}

}  // namespace

/// Those that stacks carry out themselves cannot be had without one.
std::string Service::provisioning_of(const std::string& type_name) {
  if (own_types_.find(type_name)) return "NON_PROVISIONABLE";
  const resources::ResourceType* type = find_type(type_name);
  return type && is_mutable(type->schema()) ? "FULLY_MUTABLE" : "IMMUTABLE";
}

ListTypesResponse Service::list_types(const Context& context, const ListTypesRequest& request) {
  constexpr std::int32_t most = 100;
  const std::string after = read_page_token(page_kind, request.next_token).value_or("");
  const auto limit = static_cast<std::size_t>(request.max_results.value_or(most));
  const std::string wanted = request.provisioning_type.value_or("FULLY_MUTABLE");
  ListTypesResponse response{.type_summaries = std::vector<TypeSummary>()};
  if (!asks_for_aws(request)) return response;
  const std::string prefix =
      request.filters ? request.filters->type_name_prefix.value_or("") : std::string();
  for (const std::string& name : resources::all_schemas()) {
    if (name <= after || !name.starts_with(prefix) || !find_type(name)) continue;
    if (provisioning_of(name) != wanted) continue;
    if (response.type_summaries->size() == limit) {
      response.next_token = page_token(page_kind, *response.type_summaries->back().type_name);
      break;
    }
    TypeSummary summary;
    summary.type = resource_kind;
    summary.type_name = name;
    summary.type_arn = arn_of_type(context, name);
    response.type_summaries->push_back(std::move(summary));
  }
  return response;
}

DescribeTypeResponse Service::describe_type(const Context& context,
                                            const DescribeTypeRequest& request) {
  if (!request.arn && !(request.type && request.type_name))
    throw ValidationError("You must specify either TypeName and Type, or Arn.");
  std::string name = request.type_name.value_or("");
  if (request.arn) {
    const auto& names = resources::all_schemas();
    const auto found = std::ranges::find_if(
        names, [&](const std::string& each) { return arn_of_type(context, each) == *request.arn; });
    name = found == names.end() ? "" : *found;
  }
  const std::string text = resources::find_schema_text(name);
  const bool is_aws = !request.publisher_id && !request.public_version_number &&
                      !request.version_id &&
                      request.type.value_or(std::string(resource_kind)) == resource_kind;
  if (text.empty() || !is_aws || !find_type(name))
    throw TypeNotFoundException(fmt::format("The type '{}' cannot be found.",
                                            request.type_name ? *request.type_name : *request.arn));
  DescribeTypeResponse response;
  response.arn = arn_of_type(context, name);
  response.type = resource_kind;
  response.type_name = name;
  response.is_default_version = true;
  response.schema = text;
  response.provisioning_type = provisioning_of(name);
  response.deprecated_status = "LIVE";
  response.visibility = "PUBLIC";
  return response;
}

}  // namespace matinee::cloudformation
