// Labels: names for versions, each on one version at a time.
#include <fmt/format.h>

#include <algorithm>

#include "services/ssm/faults.h"
#include "services/ssm/service.h"
#include "ssm/errors.h"

namespace matinee::ssm {
namespace {

constexpr std::ptrdiff_t most_labels = 10;

bool begins_with(std::string_view label, std::string_view lower_case) {
  return label.size() >= lower_case.size() &&
         std::ranges::equal(label.substr(0, lower_case.size()), lower_case,
                            [](char a, char b) { return (a | 0x20) == b; });
}

bool is_label(std::string_view label) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  };
  const bool digit = label.front() >= '0' && label.front() <= '9';
  return !digit && std::ranges::all_of(label, fits) && !begins_with(label, "aws") &&
         !begins_with(label, "ssm");
}

std::uint64_t require_version(const Catalog& catalog, const Reference& reference,
                              std::int64_t version) {
  if (catalog.find_version(reference.place, reference.name, static_cast<std::uint64_t>(version)))
    return static_cast<std::uint64_t>(version);
  throw ParameterVersionNotFound(
      fmt::format("Systems Manager could not find version {} of {}. Verify the version and try "
                  "again.",
                  version, reference.name));
}

}  // namespace

LabelParameterVersionResponse Service::label_parameter_version(
    const Context& context, const LabelParameterVersionRequest& request) {
  const Reference reference{.place = {context.account, context.region}, .name = trim(request.name)};
  ParameterRecord record = catalog_.require(reference.place, reference.name);
  const std::uint64_t version =
      request.parameter_version ? require_version(catalog_, reference, *request.parameter_version)
                                : record.latest.version;
  LabelParameterVersionResponse response;
  response.invalid_labels.emplace();
  response.parameter_version = static_cast<std::int64_t>(version);
  for (const std::string& label : request.labels) {
    if (is_label(label))
      record.labels[label] = version;
    else
      response.invalid_labels->push_back(label);
  }
  const auto of_version = [version](const auto& entry) { return entry.second == version; };
  if (std::ranges::count_if(record.labels, of_version) > most_labels)
    throw ParameterVersionLabelLimitExceeded(
        "A parameter version can have maximum 10 labels.Move one or more labels to another version "
        "and try again.");
  catalog_.update(reference.place, reference.name, record);
  if (response.invalid_labels->size() < request.labels.size())
    tell_change(context, reference, record.latest, {"LabelParameterVersion"});
  return response;
}

UnlabelParameterVersionResponse Service::unlabel_parameter_version(
    const Context& context, const UnlabelParameterVersionRequest& request) {
  const Reference reference{.place = {context.account, context.region}, .name = trim(request.name)};
  ParameterRecord record = catalog_.require(reference.place, reference.name);
  const std::uint64_t version = require_version(catalog_, reference, request.parameter_version);
  UnlabelParameterVersionResponse response;
  response.removed_labels.emplace();
  response.invalid_labels.emplace();
  for (const std::string& label : request.labels) {
    const auto found = record.labels.find(label);
    if (found != record.labels.end() && found->second == version) {
      record.labels.erase(found);
      response.removed_labels->push_back(label);
    } else {
      response.invalid_labels->push_back(label);
    }
  }
  catalog_.update(reference.place, reference.name, record);
  return response;
}

}  // namespace matinee::ssm
