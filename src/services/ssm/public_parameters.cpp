#include "services/ssm/public_parameters.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "protocol/timestamps.h"
#include "runtime/assertion.h"
#include "services/ssm/policy_hash.h"
#include "ssm/public_parameters_json.h"

namespace matinee::ssm {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::string_view root = "/aws/service/";

class Collector {
 public:
  Collector(std::string region, protocol::Timestamp published)
      : region_(std::move(region)), published_(published) {}

  void add(std::string_view path, std::string value) {
    std::string name = fmt::format("{}{}", root, path);
    Parameter parameter{.name = name,
                        .type = "String",
                        .value = std::move(value),
                        .version = 1,
                        .last_modified_date = published_,
                        .arn = fmt::format("arn:aws:ssm:{}::parameter{}", region_, name),
                        .data_type = "text"};
    parameters_.emplace(std::move(name), std::move(parameter));
  }
  void add_region(std::string_view path, const object& facts) {
    for (const auto [key, value] : facts)
      add(fmt::format("global-infrastructure/{}/{}", path, key),
          std::string(std::string_view(value)));
  }
  void add_image(std::string_view name) {
    constexpr std::size_t digits = 17;
    add(name, "ami-" + policy_hash(fmt::format("{}/{}", region_, name)).substr(0, digits));
  }

  std::map<std::string, Parameter> take() { return std::move(parameters_); }

 private:
  std::string region_;
  protocol::Timestamp published_;
  std::map<std::string, Parameter> parameters_;
};

}  // namespace

std::map<std::string, Parameter> list_public(const std::string& region) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(public_parameters_json);
  element data;
  runtime::expect(parser.parse(text).get(data) == simdjson::SUCCESS, "the table is JSON");
  Collector collector(region, protocol::parse_iso8601(std::string_view(data["published"])).value());
  for (const auto [name, facts] : object(data["regions"])) {
    collector.add(fmt::format("global-infrastructure/regions/{}", name), std::string(name));
    collector.add_region(fmt::format("regions/{}", name), facts);
    if (name != region) continue;
    collector.add("global-infrastructure/current-region", region);
    collector.add_region("current-region", facts);
  }
  for (const element name : data["images"]) collector.add_image(std::string_view(name));
  return collector.take();
}

std::optional<Parameter> find_public(const std::string& region, const std::string& name) {
  auto all = list_public(region);
  const auto found = all.find(name);
  if (found == all.end()) return std::nullopt;
  return std::move(found->second);
}

}  // namespace matinee::ssm
