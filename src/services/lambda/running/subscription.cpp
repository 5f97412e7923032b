#include "services/lambda/running/subscription.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace matinee::lambda {

namespace {

using simdjson::dom::element;

constexpr std::int64_t least_items = 1000;
constexpr std::int64_t most_items = 10'000;
constexpr std::int64_t least_bytes = 262'144;
constexpr std::int64_t most_bytes = 1'048'576;
constexpr std::int64_t least_milliseconds = 25;
constexpr std::int64_t most_milliseconds = 30'000;
/// That of the Runtime API at AWS.
constexpr std::uint16_t reserved_port = 9001;

template <class List>
bool holds(const List& list, std::string_view wanted) {
  return std::ranges::find(list, wanted) != std::ranges::end(list);
}

class Reader {
 public:
  Reader(TelemetryApi api, const element& document) : document_(document) { found_.api = api; }

  std::expected<Subscription, std::string> read() {
    read_schema();
    read_types();
    read_buffering();
    read_destination();
    if (!wrong_.empty()) return std::unexpected(wrong_);
    return std::move(found_);
  }

 private:
  const element& document_;
  Subscription found_;
  std::string wrong_;

  void complain(std::string_view sentence) {
    if (!wrong_.empty()) wrong_ += "; ";
    wrong_ += sentence;
  }

  void read_schema() {
    constexpr std::array<std::string_view, 3> of_telemetry = {"2022-07-01", "2022-12-13",
                                                              "2025-01-29"};
    constexpr std::array<std::string_view, 2> of_logs = {"2020-08-15", "2021-03-18"};
    const bool is_telemetry = found_.api == TelemetryApi::telemetry;
    element given;
    std::string_view schema;
    if (document_["schemaVersion"].get(given) != simdjson::SUCCESS) {
      found_.schema = is_telemetry ? of_telemetry.front() : of_logs.front();
      if (is_telemetry) complain("schemaVersion is not provided");
      return;
    }
    const bool is_known = given.get(schema) == simdjson::SUCCESS &&
                          (is_telemetry ? holds(of_telemetry, schema) : holds(of_logs, schema));
    if (!is_known) return complain("schemaVersion is not supported");
    found_.schema = schema;
  }

  void read_types() {
    simdjson::dom::array types;
    if (document_["types"].get(types) != simdjson::SUCCESS || types.size() == 0)
      return complain("types should not be empty");
    for (const element type : types) {
      std::string_view name;
      if (type.get(name) != simdjson::SUCCESS ||
          (name != "platform" && name != "function" && name != "extension"))
        return complain("types should be of platform, function and extension");
      if (!found_.has(name)) found_.types.emplace_back(name);
    }
  }

  std::optional<std::int64_t> number(const element& buffering, const char* name, std::int64_t least,
                                     std::int64_t most) {
    element given;
    if (buffering[name].get(given) != simdjson::SUCCESS) return std::nullopt;
    std::int64_t value = 0;
    if (given.get(value) == simdjson::SUCCESS && value >= least && value <= most) return value;
    complain(fmt::format("{} should be between {} and {}", name, least, most));
    return std::nullopt;
  }

  void read_buffering() {
    element buffering;
    if (document_["buffering"].get(buffering) != simdjson::SUCCESS) return;
    if (!buffering.is_object()) return complain("buffering should be an object");
    if (const auto items = number(buffering, "maxItems", least_items, most_items))
      found_.most_items = static_cast<std::size_t>(*items);
    if (const auto bytes = number(buffering, "maxBytes", least_bytes, most_bytes))
      found_.most_bytes = static_cast<std::size_t>(*bytes);
    if (const auto wait = number(buffering, "timeoutMs", least_milliseconds, most_milliseconds))
      found_.patience = std::chrono::milliseconds(*wait);
  }

  void read_destination() {
    element destination;
    std::string_view protocol;
    if (document_["destination"].get(destination) != simdjson::SUCCESS ||
        destination["protocol"].get(protocol) != simdjson::SUCCESS)
      return complain("destination protocol is not provided");
    if (protocol == "TCP") {
      found_.is_tcp = true;
      std::int64_t port = 0;
      if (destination["port"].get(port) != simdjson::SUCCESS || port < 1 || port > UINT16_MAX)
        return complain("TCP port is not provided");
      return take_port(static_cast<std::uint16_t>(port));
    }
    if (protocol != "HTTP") return complain("destination protocol should be HTTP or TCP");
    std::string_view uri;
    if (destination["URI"].get(uri) != simdjson::SUCCESS) return complain("URI is not provided");
    read_uri(uri);
  }

  /// "http://sandbox.localdomain:8080/path": the host is that of the environment, by one of its
  /// names.
  void read_uri(std::string_view uri) {
    constexpr std::string_view scheme = "http://";
    if (!uri.starts_with(scheme)) return complain("URI should begin with http://");
    uri.remove_prefix(scheme.size());
    const std::size_t slash = uri.find('/');
    const std::string_view place = uri.substr(0, slash);
    if (slash != std::string_view::npos) found_.path = uri.substr(slash);
    const std::size_t colon = place.find(':');
    const std::string_view host = place.substr(0, colon);
    if (host != "sandbox.localdomain" && host != "sandbox" && host != "localhost" &&
        host != "127.0.0.1")
      complain("URI host should be sandbox.localdomain");
    const bool has_controls =
        std::ranges::any_of(found_.path, [](unsigned char c) { return c <= ' ' || c == 127; });
    if (has_controls) complain("URI path is malformed");
    if (colon == std::string_view::npos) return complain("URI port is not provided");
    const std::string_view digits = place.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
      return complain("URI port is not provided");
    take_port(port);
  }

  void take_port(std::uint16_t port) {
    if (port == reserved_port) return complain("port 9001 is reserved");
    found_.port = port;
  }
};

}  // namespace

bool Subscription::has(std::string_view type) const {
  return holds(types, type);
}

std::expected<Subscription, std::string> read_subscription(TelemetryApi api,
                                                           std::string_view body) {
  simdjson::dom::parser parser;
  element document;
  const std::string text(body);
  if (parser.parse(text).get(document) != simdjson::SUCCESS || !document.is_object())
    return std::unexpected("the request is no JSON object");
  return Reader(api, document).read();
}

}  // namespace matinee::lambda
