// The filters of DescribeParameters and GetParametersByPath.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/ssm/records.h"
#include "ssm/shapes.h"

namespace matinee::ssm {

enum class FilterOption : std::uint8_t { equals, begins_with, contains, one_level, recursive };

struct Filter {
  std::string key;  // "Name", "tag:team"
  FilterOption option = FilterOption::equals;
  std::vector<std::string> values;
};

using Filters = std::vector<Filter>;

/// Throws ValidationException, InvalidFilterKey, InvalidFilterOption and InvalidFilterValue.
Filters parse_filters(const DescribeParametersRequest& request);
Filters parse_filters(const GetParametersByPathRequest& request);

/// Whether the parameter passes all of them. Filters by label are for GetParametersByPath.
bool pass(const Filters& filters, std::string_view name, const ParameterRecord& record);

/// What all names that pass begin with, as far as one filter alone tells.
std::string common_prefix(const Filters& filters);

/// The label by which versions are looked for; empty without.
std::string label_of(const Filters& filters, const ParameterRecord& record);

}  // namespace matinee::ssm
