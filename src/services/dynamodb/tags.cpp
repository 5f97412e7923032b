#include "services/dynamodb/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dynamodb/errors.h"
#include "services/arn.h"
#include "services/dynamodb/service.h"
#include "services/dynamodb/values/validation.h"

namespace matinee::dynamodb {
namespace {

constexpr std::size_t max_tags = 50;

// Letters, digits and spaces of any script, and a few signs.
bool is_tag_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') || std::string_view(" +-=._:/@").contains(c);
}

void require_tag_text(std::string_view text, std::string_view what) {
  if (!std::ranges::all_of(text, is_tag_character))
    throw validation_error(fmt::format("The Tag {} provided is invalid, {}: {}", what, what, text));
}

// Whom a request about tags is of, and what it is about.
struct TagCall {
  const Context& context;
  const std::string& arn;
  std::string_view operation;
};

protocol::ServiceError access_denied(const TagCall& call) {
  const std::string& caller = call.context.caller_arn;
  return {"AccessDeniedException", 400,
          fmt::format(
              "User: {} is not authorized to perform: dynamodb:{} on resource: {}",
              caller.empty() ? fmt::format("arn:aws:iam::{}:root", call.context.account) : caller,
              call.operation, call.arn)};
}

// The name of the table that an ARN is of. Who may not know whether there is one is told so.
std::string require_table_arn(const TagCall& call) {
  const std::optional<services::Arn> arn = services::parse_arn(call.arn);
  if (!arn || arn->account != call.context.account) throw access_denied(call);
  constexpr std::string_view prefix = "table/";
  const bool is_table = arn->service == "dynamodb" && arn->resource.starts_with(prefix) &&
                        arn->resource.find('/', prefix.size()) == std::string::npos;
  if (!is_table) {
    throw validation_error("Invalid TableArn: Invalid ResourceArn provided as input " + call.arn);
  }
  return arn->resource.substr(prefix.size());
}

const TableRecord& require_table(Catalog& catalog, const TagCall& call, const std::string& name) {
  const services::Arn arn = *services::parse_arn(call.arn);
  Context owner = call.context;
  owner.region = arn.region;
  try {
    return catalog.require(owner, name);
  } catch (const ResourceNotFoundException&) {
    if (call.operation == "UntagResource") throw;
    // AWS spells it so.
    throw ResourceNotFoundException(
        fmt::format("Requested resource not found: ResourcArn: {} not found", call.arn));
  }
}

}  // namespace

void add_tags(const std::vector<Tag>& tags, std::map<std::string, std::string>& table_tags) {
  std::set<std::string_view> keys;
  for (const Tag& tag : tags) {
    require_tag_text(tag.key, "Key");
    require_tag_text(tag.value, "Value");
    if (tag.key.starts_with("aws:"))
      throw validation_error("Tag Key cannot be prefixed with aws:, Key: " + tag.key);
    if (!keys.insert(tag.key).second)
      throw validation_error("Duplicate Tag Keys provided as input: Duplicate Tag Key found " +
                             tag.key);
    table_tags[tag.key] = tag.value;
  }
  if (table_tags.size() > max_tags)
    throw validation_error("Number of Tags exceed the current limit for the provided ResourceArn");
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  const TagCall call{context, request.resource_arn, "TagResource"};
  const std::string name = require_table_arn(call);
  if (request.tags.empty())
    throw validation_error("Atleast one Tag needs to be provided as Input.");
  TableRecord table = require_table(catalog_, call, name);
  add_tags(request.tags, table.tags);
  catalog_.update(table);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  const TagCall call{context, request.resource_arn, "UntagResource"};
  const std::string name = require_table_arn(call);
  if (request.tag_keys.empty())
    throw validation_error("Atleast one Tag Key needs to be provided as Input.");
  TableRecord table = require_table(catalog_, call, name);
  for (const std::string& key : request.tag_keys) table.tags.erase(key);
  catalog_.update(table);
  return {};
}

/// There are never so many tags that a second page would be needed.
ListTagsOfResourceResponse Service::list_tags_of_resource(
    const Context& context, const ListTagsOfResourceRequest& request) {
  const TagCall call{context, request.resource_arn, "ListTagsOfResource"};
  const TableRecord& table = require_table(catalog_, call, require_table_arn(call));
  ListTagsOfResourceResponse response;
  response.tags.emplace();
  for (const auto& [key, value] : table.tags)
    response.tags->push_back({.key = key, .value = value});
  return response;
}

}  // namespace matinee::dynamodb
