#include "cli/deploy_options.h"

#include <fmt/format.h>

#include <filesystem>

#include "client/endpoints.h"
#include "jobs/report.h"

namespace matinee::cli {

std::expected<std::map<std::string, std::string>, std::string> read_pairs(
    const std::vector<std::string>& given, const std::string& option) {
  std::map<std::string, std::string> pairs;
  for (const std::string& pair : given) {
    const std::size_t sign = pair.find('=');
    if (sign == std::string::npos || sign == 0)
      return std::unexpected(
          fmt::format("{} must be NAME=VALUE, and \"{}\" is not.", option, jobs::shortened(pair)));
    const std::string name = pair.substr(0, sign);
    if (!pairs.emplace(name, pair.substr(sign + 1)).second)
      return std::unexpected(fmt::format("{} {} is given twice.", option, name));
  }
  return pairs;
}

bool is_local(const CloudChoice& choice) {
  return choice.cloud == "embedded" || client::is_loopback_url(choice.cloud);
}

jobs::deploy::Pace pace_for(const CloudChoice& choice) {
  return is_local(choice) ? jobs::deploy::Pace{} : jobs::deploy::pace_of_aws;
}

std::string absolute_path(const Surroundings& surroundings, const std::string& path) {
  return (std::filesystem::path(surroundings.runtime.environment.current_directory()) / path)
      .lexically_normal()
      .string();
}

std::string remedy_for(std::string_view failure) {
  constexpr std::string_view capabilities = "equires capabilities : [";
  if (const std::size_t place = failure.find(capabilities); place != std::string_view::npos) {
    std::string_view rest = failure.substr(place + capabilities.size());
    rest = rest.substr(0, rest.find(']'));
    std::string options;
    while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find(", "));
      options += fmt::format(" --capability {}", one);
      rest.remove_prefix(std::min(rest.size(), one.size() + 2));
    }
    return fmt::format("The template makes roles or users, or expands; allow that with{}", options);
  }
  if (failure.contains("must have values")) return "Give them with --parameter NAME=VALUE";
  return "";
}

}  // namespace matinee::cli
