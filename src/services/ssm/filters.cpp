#include "services/ssm/filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <set>

#include "services/ssm/faults.h"
#include "services/ssm/names.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

struct OptionName {
  std::string_view name;
  FilterOption option;
};

constexpr std::array<OptionName, 5> option_names = {{{"Equals", FilterOption::equals},
                                                     {"BeginsWith", FilterOption::begins_with},
                                                     {"Contains", FilterOption::contains},
                                                     {"OneLevel", FilterOption::one_level},
                                                     {"Recursive", FilterOption::recursive}}};

// Which options a key takes; the first is meant where none is given.
std::vector<FilterOption> options_of(const std::string& key) {
  if (key == "Path") return {FilterOption::one_level, FilterOption::recursive};
  if (key == "Label") return {FilterOption::equals};
  if (key == "Name")
    return {FilterOption::equals, FilterOption::begins_with, FilterOption::contains};
  return {FilterOption::equals, FilterOption::begins_with};
}

std::string_view list_options(const std::string& key) {
  if (key == "Path") return "Recursive, OneLevel";
  if (key == "Label") return "Equals";
  if (key == "Name") return "BeginsWith, Equals, Contains";
  return "BeginsWith, Equals";
}

FilterOption parse_option(const std::string& key, const std::optional<std::string>& option) {
  const auto allowed = options_of(key);
  if (!option) return allowed.front();
  const auto* found = std::ranges::find(option_names, *option, &OptionName::name);
  if (found != option_names.end() && std::ranges::find(allowed, found->option) != allowed.end())
    return found->option;
  throw InvalidFilterOption(
      fmt::format("The following filter option is not valid: {}. Valid options include: [{}].",
                  *option, list_options(key)));
}

void require_among(const Filter& filter, std::initializer_list<std::string_view> valid) {
  if (filter.option == FilterOption::begins_with) return;
  for (const std::string& value : filter.values) {
    if (std::ranges::find(valid, value) != valid.end()) continue;
    throw InvalidFilterOption(
        fmt::format("The following filter value is not valid: {}. Valid values include: [{}].",
                    value, fmt::join(valid, ", ")));
  }
}

// Each path of the filter, without the slash at its end.
void require_paths(Filter& filter) {
  for (std::string& value : filter.values) {
    std::string path = parse_path(value);
    const auto reserved = [&path](std::string_view word) {
      return path.size() > word.size() &&
             std::ranges::equal(std::string_view(path).substr(1, word.size()), word,
                                [](char a, char b) { return (a | 0x20) == b; });
    };
    if ((reserved("aws") || reserved("ssm")) && !is_public(path))
      throw validation(
          "Filters for common parameters can't be prefixed with \"aws\" or \"ssm\" "
          "(case-insensitive). When using global parameters, please specify within a global "
          "namespace.");
    value = std::move(path);
  }
}

Filter parse_filter(const ParameterStringFilter& given) {
  Filter filter{.key = given.key, .option = parse_option(given.key, given.option)};
  const bool tag = given.key.starts_with("tag:");
  if (given.values) filter.values = *given.values;
  if (filter.values.empty() && !tag)
    throw InvalidFilterValue(fmt::format(
        "The following filter values are missing : null for filter key {}.", given.key));
  if (given.key == "Path") require_paths(filter);
  if (given.key == "Type") require_among(filter, {"SecureString", "StringList", "String"});
  if (given.key == "Tier") require_among(filter, {"Standard", "Advanced", "Intelligent-Tiering"});
  return filter;
}

InvalidFilterKey bad_key(std::string_view key, std::string_view valid) {
  return InvalidFilterKey(fmt::format(
      "The following filter key is not valid: {}. Valid filter keys include: [{}].", key, valid));
}

void require_distinct(const Filters& filters) {
  std::set<std::string_view> keys;
  for (const Filter& filter : filters) {
    if (keys.insert(filter.key).second) continue;
    throw InvalidFilterKey(
        fmt::format("The following filter is duplicated in the request: {}. A request can contain "
                    "only one occurrence of a specific filter.",
                    filter.key));
  }
}

bool fits(const std::string& value, std::string_view text, FilterOption option) {
  if (option == FilterOption::begins_with) return text.starts_with(value);
  if (option == FilterOption::contains) return text.contains(value);
  return text == value;
}

// With or without the slash in front, but for beginnings that are given with it.
bool fits_name(const std::string& value, std::string_view name, FilterOption option) {
  if (fits(value, name, option)) return true;
  const std::string_view bare = name.starts_with('/') ? name.substr(1) : name;
  if (value.starts_with('/'))
    return option == FilterOption::equals && std::string_view(value).substr(1) == bare;
  return fits(value, bare, option);
}

bool is_below(const std::string& path, std::string_view name, FilterOption option) {
  // Names without a slash are on the first level too.
  if (path.empty() && !name.starts_with('/')) return true;
  if (!name.starts_with(path) || !name.substr(path.size()).starts_with('/')) return false;
  const std::string_view rest = name.substr(path.size() + 1);
  return option == FilterOption::recursive || !rest.contains('/');
}

bool pass_one(const Filter& filter, std::string_view name, const ParameterRecord& record) {
  const auto any = [&](auto matches) { return std::ranges::any_of(filter.values, matches); };
  const auto any_fits = [&](std::string_view text) {
    return any([&](const std::string& value) { return fits(value, text, filter.option); });
  };
  const VersionDetails& details = record.latest;
  if (filter.key == "Name")
    return any([&](const auto& value) { return fits_name(value, name, filter.option); });
  if (filter.key == "Path")
    return any([&](const auto& value) { return is_below(value, name, filter.option); });
  if (filter.key == "Type") return any_fits(details.type);
  if (filter.key == "KeyId") return !details.key_id.empty() && any_fits(details.key_id);
  if (filter.key == "Tier") return any_fits(details.tier);
  if (filter.key == "DataType") return any_fits(details.data_type);
  if (filter.key == "Label") return !label_of({filter}, record).empty();
  const auto tag = record.tags.find(filter.key.substr(std::string_view("tag:").size()));
  return tag != record.tags.end() && (filter.values.empty() || any_fits(tag->second));
}

}  // namespace

Filters parse_filters(const DescribeParametersRequest& request) {
  Filters filters;
  const bool old_form = request.filters && !request.filters->empty();
  const bool new_form = request.parameter_filters && !request.parameter_filters->empty();
  if (old_form && new_form)
    throw validation("You can use either Filters or ParameterFilters in a single request.");
  if (old_form)
    for (const ParametersFilter& given : *request.filters)
      filters.push_back(parse_filter({.key = given.key, .values = given.values}));
  if (new_form) {
    for (const ParameterStringFilter& given : *request.parameter_filters) {
      if (given.key == "Label") throw bad_key(given.key, "Path, Name, Type, KeyId, Tier");
      filters.push_back(parse_filter(given));
    }
  }
  require_distinct(filters);
  return filters;
}

Filters parse_filters(const GetParametersByPathRequest& request) {
  Filters filters;
  if (!request.parameter_filters) return filters;
  for (const ParameterStringFilter& given : *request.parameter_filters) {
    if (given.key != "Type" && given.key != "KeyId" && given.key != "Label")
      throw bad_key(given.key, "Type, KeyId, Label");
    filters.push_back(parse_filter(given));
  }
  require_distinct(filters);
  return filters;
}

bool pass(const Filters& filters, std::string_view name, const ParameterRecord& record) {
  return std::ranges::all_of(filters,
                             [&](const Filter& filter) { return pass_one(filter, name, record); });
}

std::string common_prefix(const Filters& filters) {
  for (const Filter& filter : filters) {
    if (filter.values.size() != 1) continue;
    if (filter.key == "Path" && !filter.values.front().empty()) return filter.values.front() + '/';
    if (filter.key == "Name" && filter.option == FilterOption::begins_with &&
        filter.values.front().starts_with('/'))
      return filter.values.front();
  }
  return "";
}

std::string label_of(const Filters& filters, const ParameterRecord& record) {
  for (const Filter& filter : filters) {
    if (filter.key != "Label") continue;
    for (const std::string& value : filter.values)
      if (record.labels.contains(value)) return value;
  }
  return "";
}

}  // namespace matinee::ssm
