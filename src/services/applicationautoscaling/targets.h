// What the operations on scalable targets, policies and scheduled actions have in common.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "applicationautoscaling/errors.h"
#include "protocol/base64.h"
#include "services/applicationautoscaling/records.h"
#include "services/context.h"
#include "storage/key.h"

namespace matinee::applicationautoscaling {

using services::Context;

/// "service namespace: dynamodb, resource ID: table/films, scalable dimension: ...", as errors name
/// a target.
std::string place_of(const TargetKey& key);

/// What a request names. Throws ValidationException where namespace, resource and dimension do not
/// belong together, and NotImplemented (501) for resources of services that Matinee does not serve.
TargetKey require_key(const Context& context, const std::string& service,
                      const std::string& resource, const std::string& dimension);

/// Adds tags to those that a target has. Throws TooManyTagsException above 50.
void add_tags(const std::map<std::string, std::string>& tags, TargetRecord& record,
              const std::string& arn);

std::string arn_of(const TargetKey& key, const TargetRecord& record);

/// Of a policy ("scalingPolicy", "policyName") or a scheduled action ("scheduledAction",
/// "scheduledActionName").
std::string arn_of(const PartKey& key, const PartRecord& record, std::string_view kind,
                   std::string_view name_of);

/// The key of a policy or an action of a target, as `require_key`.
template <class Request>
PartKey require_part(const Context& context, const Request& request, const std::string& name) {
  auto [account, region, service, resource, dimension] = require_key(
      context, request.service_namespace, request.resource_id, request.scalable_dimension);
  return {account, region, service, resource, dimension, name};
}

inline TargetKey target_of(const PartKey& key) {
  return {std::get<0>(key), std::get<1>(key), std::get<2>(key), std::get<3>(key), std::get<4>(key)};
}

/// What a page of descriptions is limited to.
inline constexpr std::int32_t page_size = 50;

/// A key as text, after which the next page begins.
template <class Key>
std::string token_of(const Key& key) {
  return protocol::base64_encode(storage::encode_key(key));
}

/// And back. Throws InvalidNextTokenException.
template <class Key>
Key key_of(const std::string& token) {
  try {
    if (const auto bytes = protocol::base64_decode(token)) return storage::decode_key<Key>(*bytes);
  } catch (const storage::DamagedRecord&) {  // another text than token_of has made
  }
  throw InvalidNextTokenException("The next token is not valid");
}

template <class Entry>
struct Page {
  std::vector<Entry> entries;
  std::optional<std::string> next_token;
};

/// A page of the entries of a service's namespace. `shown_as` tells what an entry is shown as, and
/// nothing for one that was not asked for. Throws ValidationException and
/// InvalidNextTokenException.
template <class Table, class Request, class ShownAs>
auto read_page(const Table& table, const Context& context, const Request& request,
               ShownAs shown_as) {
  using Key = typename Table::KeyType;
  using Record = typename Table::RecordType;
  using Shown = std::invoke_result_t<ShownAs, const Key&, const Record&>;
  const std::int32_t most = request.max_results.value_or(page_size);
  if (most < 1 || most > page_size)
    throw ValidationException(
        fmt::format("MaxResults must be between 1 and {}: {}", page_size, most));
  storage::KeyRange range =
      table.prefix(context.account, context.region, request.service_namespace);
  if (request.next_token) range = table.after(range, key_of<Key>(*request.next_token));
  Page<typename Shown::value_type> page;
  std::string last;
  table.scan(range, [&](const Key& key, const Record& record) {
    Shown shown = shown_as(key, record);
    if (!shown) return true;
    if (page.entries.size() == static_cast<std::size_t>(most)) {
      page.next_token = last;
      return false;
    }
    page.entries.push_back(*std::move(shown));
    last = token_of(key);
    return true;
  });
  return page;
}

/// AWS's rule for descriptions: a dimension goes with a resource.
template <class Request>
void require_resource_with_dimension(const Request& request, bool names_resource) {
  if (request.scalable_dimension && !names_resource)
    throw ValidationException("A scalable dimension can only be given with a resource ID");
}

/// Whether an entry is of the resource and dimension that a request names, where it does.
template <class Request, class Key>
bool is_of(const Request& request, const Key& key) {
  return (!request.resource_id || *request.resource_id == std::get<3>(key)) &&
         (!request.scalable_dimension || *request.scalable_dimension == std::get<4>(key));
}

/// Whether a list of names is absent, empty, or has the name.
inline bool lists(const std::optional<std::vector<std::string>>& names, const std::string& name) {
  return !names || names->empty() || std::ranges::find(*names, name) != names->end();
}

}  // namespace matinee::applicationautoscaling
