// The lists of parameters: below a path with their values, and all of them without.
#include <algorithm>

#include "services/ssm/filters.h"
#include "services/ssm/parameter_policies.h"
#include "services/ssm/public_parameters.h"
#include "services/ssm/service.h"
#include "services/ssm/tokens.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

/// How many parameters one call looks at. Then AWS too answers with what it has found so far, even
/// if that is nothing, and a token.
constexpr int most_looked_at = 2000;

using Cursor = storage::TableCursor<Parameters::KeyType, ParameterRecord>;

// Visits the parameters whose names begin with `prefix`, after the token's, until `visit` returns
// false or enough was looked at: then the token for the rest is given back.
struct Walk {
  const Catalog& catalog;
  Place place;
  std::string prefix;
  bool only_one_level = false;

  template <class Visit>
  std::optional<std::string> run(const std::optional<std::string>& token, Visit visit) const {
    auto range = catalog.parameters.raw_prefix(prefix, place.account, place.region);
    if (const auto after = read_token(token))
      range =
          catalog.parameters.after(range, {place.account, place.region, storage::RawKey{*after}});
    Cursor cursor = catalog.parameters.cursor(range);
    std::string last;
    for (int looked_at = 0; cursor.valid(); ++looked_at) {
      const std::string name = std::get<2>(cursor.key()).bytes;
      const std::size_t start = std::max<std::size_t>(prefix.size(), 1);
      const std::size_t slash = only_one_level ? name.find('/', start) : std::string::npos;
      if (slash != std::string::npos) {
        const std::string below = name.substr(0, slash + 1);
        cursor.seek_past(
            storage::encode_key(std::tuple{place.account, place.region, storage::RawKey{below}}));
        last = below + '\xff';
        continue;
      }
      if (looked_at == most_looked_at || !visit(name, cursor.record())) return make_token(last);
      last = name;
      cursor.next();
    }
    return std::nullopt;
  }
};

ParameterMetadata describe(const Place& place, const std::string& name,
                           const VersionDetails& details) {
  ParameterMetadata shown{.name = name,
                          .arn = parameter_arn(place, name),
                          .type = details.type,
                          .last_modified_date = details.modified,
                          .last_modified_user = details.user,
                          .version = static_cast<std::int64_t>(details.version),
                          .tier = details.tier,
                          .data_type = details.data_type};
  if (!details.key_id.empty()) shown.key_id = details.key_id;
  if (!details.description.empty()) shown.description = details.description;
  if (!details.allowed_pattern.empty()) shown.allowed_pattern = details.allowed_pattern;
  return shown;
}

// A page of what AWS publishes, which is made anew for each call.
GetParametersByPathResponse public_page(const Context& context,
                                        const GetParametersByPathRequest& request,
                                        const std::string& prefix, std::size_t limit) {
  GetParametersByPathResponse response;
  response.parameters.emplace();
  const auto after = read_token(request.next_token);
  for (const auto& [name, parameter] : list_public(context.region)) {
    if (!name.starts_with(prefix) || (after && name <= *after)) continue;
    if (!request.recursive.value_or(false) && name.find('/', prefix.size()) != std::string::npos)
      continue;
    if (response.parameters->size() == limit) {
      response.next_token = make_token(*response.parameters->back().name);
      break;
    }
    response.parameters->push_back(parameter);
  }
  return response;
}

}  // namespace

GetParametersByPathResponse Service::get_parameters_by_path(
    const Context& context, const GetParametersByPathRequest& request) {
  constexpr std::int32_t most = 10;
  const auto limit = static_cast<std::size_t>(request.max_results.value_or(most));
  const std::string path = parse_path(request.path);
  // Names without a slash are on the first level too.
  const std::string prefix = path.empty() ? path : path + '/';
  const Filters filters = parse_filters(request);
  if (is_public(prefix)) return public_page(context, request, prefix, limit);
  const Place place{context.account, context.region};
  GetParametersByPathResponse response;
  response.parameters.emplace();
  const Walk walk{catalog_, place, prefix, !request.recursive.value_or(false)};
  response.next_token =
      walk.run(request.next_token, [&](const std::string& name, const ParameterRecord& record) {
        if (!pass(filters, name, record)) return true;
        if (response.parameters->size() == limit) return false;
        Reference reference{.place = place, .name = name};
        if (const std::string label = label_of(filters, record); !label.empty())
          reference.selector = ":" + label;
        const VersionRecord version = catalog_.require_version(reference, record);
        reference.selector.clear();
        response.parameters->push_back(
            show(context, reference, version, request.with_decryption.value_or(false)));
        return true;
      });
  return response;
}

DescribeParametersResponse Service::describe_parameters(const Context& context,
                                                        const DescribeParametersRequest& request) {
  constexpr std::int32_t most = 10;
  const auto limit = static_cast<std::size_t>(request.max_results.value_or(most));
  const Filters filters = parse_filters(request);
  const Place place{context.account, context.region};
  DescribeParametersResponse response;
  response.parameters.emplace();
  // What other accounts share is listed once the Resource Access Manager knows of it, which is not
  // served.
  if (request.shared.value_or(false)) return response;
  const Walk walk{catalog_, place, common_prefix(filters)};
  response.next_token =
      walk.run(request.next_token, [&](const std::string& name, const ParameterRecord& record) {
        if (!pass(filters, name, record)) return true;
        if (response.parameters->size() == limit) return false;
        response.parameters->push_back(describe(place, name, record.latest));
        response.parameters->back().policies =
            describe_policies(record.latest, runtime_.clock.now());
        return true;
      });
  return response;
}

}  // namespace matinee::ssm
