#include "services/dynamodb/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dynamodb/errors.h"
#include "policy/wildcard.h"
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

// What has tags. A table's are not on its streams.
struct Tagged {
  std::optional<TableRecord> table;
  std::optional<KeptStream> stream;

  std::map<std::string, std::string>& tags() { return table ? table->tags : stream->record.tags; }
};

// AWS spells it so.
ResourceNotFoundException missing(const TagCall& call) {
  return ResourceNotFoundException(
      fmt::format("Requested resource not found: ResourcArn: {} not found", call.arn));
}

// Refuses the ARN of what has no tags. Who may not know whether there is such a thing is told so.
void require_arn(const TagCall& call) {
  const std::optional<services::Arn> arn = services::parse_arn(call.arn);
  if (!arn || arn->account != call.context.account) throw access_denied(call);
  if (parse_stream_arn(call.arn)) return;
  constexpr std::string_view prefix = "table/";
  const bool is_table = arn->service == "dynamodb" && arn->resource.starts_with(prefix) &&
                        arn->resource.find('/', prefix.size()) == std::string::npos;
  if (!is_table) {
    throw validation_error("Invalid TableArn: Invalid ResourceArn provided as input " + call.arn);
  }
}

// Behind an ARN that has passed.
Tagged require_tagged(Catalog& catalog, const ChangeLog& changes, const TagCall& call) {
  if (const std::optional<StreamKey> key = parse_stream_arn(call.arn)) {
    std::optional<KeptStream> stream = changes.find(*key);
    if (!stream) throw missing(call);
    return {.stream = std::move(stream)};
  }
  const services::Arn arn = *services::parse_arn(call.arn);
  Context owner = call.context;
  owner.region = arn.region;
  try {
    return {.table = catalog.require(owner, arn.resource.substr(arn.resource.find('/') + 1))};
  } catch (const ResourceNotFoundException&) {
    if (call.operation == "UntagResource") throw;
    throw missing(call);
  }
}

void keep(const Tagged& tagged, Catalog& catalog, ChangeLog& changes) {
  if (tagged.table)
    catalog.update(*tagged.table);
  else
    changes.update(*tagged.stream);
}

}  // namespace

void add_tags(const std::vector<Tag>& tags, std::map<std::string, std::string>& owned) {
  std::set<std::string_view> keys;
  for (const Tag& tag : tags) {
    require_tag_text(tag.key, "Key");
    require_tag_text(tag.value, "Value");
    if (tag.key.starts_with("aws:"))
      throw validation_error("Tag Key cannot be prefixed with aws:, Key: " + tag.key);
    if (!keys.insert(tag.key).second)
      throw validation_error("Duplicate Tag Keys provided as input: Duplicate Tag Key found " +
                             tag.key);
    owned[tag.key] = tag.value;
  }
  if (owned.size() > max_tags)
    throw validation_error("Number of Tags exceed the current limit for the provided ResourceArn");
}

std::optional<std::vector<std::string>> find_resource_tag(
    const std::map<std::string, std::string>& tags, std::string_view key) {
  constexpr std::string_view prefix = "aws:resourcetag/";
  if (!key.starts_with(prefix)) return std::nullopt;
  for (const auto& [name, value] : tags)
    if (policy::equals_ignoring_case(name, key.substr(prefix.size()))) return std::vector{value};
  return std::nullopt;
}

TagResourceResponse Service::tag_resource(const Context& context,
                                          const TagResourceRequest& request) {
  const TagCall call{context, request.resource_arn, "TagResource"};
  require_arn(call);
  if (request.tags.empty())
    throw validation_error("Atleast one Tag needs to be provided as Input.");
  Tagged tagged = require_tagged(catalog_, changes_, call);
  add_tags(request.tags, tagged.tags());
  keep(tagged, catalog_, changes_);
  return {};
}

UntagResourceResponse Service::untag_resource(const Context& context,
                                              const UntagResourceRequest& request) {
  const TagCall call{context, request.resource_arn, "UntagResource"};
  require_arn(call);
  if (request.tag_keys.empty())
    throw validation_error("Atleast one Tag Key needs to be provided as Input.");
  Tagged tagged = require_tagged(catalog_, changes_, call);
  for (const std::string& key : request.tag_keys) tagged.tags().erase(key);
  keep(tagged, catalog_, changes_);
  return {};
}

/// There are never so many tags that a second page would be needed.
ListTagsOfResourceResponse Service::list_tags_of_resource(
    const Context& context, const ListTagsOfResourceRequest& request) {
  const TagCall call{context, request.resource_arn, "ListTagsOfResource"};
  require_arn(call);
  Tagged tagged = require_tagged(catalog_, changes_, call);
  ListTagsOfResourceResponse response;
  response.tags.emplace();
  for (const auto& [key, value] : tagged.tags())
    response.tags->push_back({.key = key, .value = value});
  return response;
}

}  // namespace matinee::dynamodb
