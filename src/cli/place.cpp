#include "cli/place.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/version.h"

namespace matinee::cli {

namespace {

double milliseconds(runtime::Duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

}  // namespace

std::vector<std::uint16_t> Place::ports() const {
  std::vector<std::uint16_t> all;
  if (const auto own = port_of(std::string_view(url).substr(url.rfind(':') + 1))) all = {*own};
  for (const ServicePort& each : legacy_ports) all.push_back(each.port);
  return all;
}

std::string url_of(const std::string& address, std::uint16_t port) {
  const bool ipv6 = address.contains(':');
  return fmt::format("http://{}{}{}:{}", ipv6 ? "[" : "", address, ipv6 ? "]" : "", port);
}

std::string lock_text(const Place& place) {
  std::string text = place.url;
  for (const ServicePort& each : place.legacy_ports)
    text += fmt::format(" {}={}", each.port, each.service);
  return text;
}

std::optional<Place> read_lock_text(std::string_view text) {
  if (!text.starts_with("http")) return std::nullopt;
  Place place;
  place.url = take_word(text);
  while (!text.empty()) {
    const std::string_view word = take_word(text);
    const std::size_t equals = std::min(word.find('='), word.size());
    if (const auto port = port_of(word.substr(0, equals)); port && equals < word.size())
      place.legacy_ports.push_back(
          {.port = *port, .service = std::string(word.substr(equals + 1))});
  }
  return place;
}

std::string legacy_text(const Place& place) {
  std::string text;
  for (const ServicePort& each : place.legacy_ports)
    text += fmt::format("{} {} for {}", text.empty() ? ", on port" : ",", each.port, each.service);
  return text;
}

void add_to(jobs::JsonObject& json, const Place& place) {
  const std::vector<std::uint16_t> ports = place.ports();
  json.add("address", place.url);
  if (!ports.empty()) json.add("port", std::uint64_t{ports.front()});
  json.add_json("ports", fmt::format("[{}]", fmt::join(ports, ",")));
  if (!place.legacy_ports.empty()) {
    jobs::JsonObject legacy;
    for (const ServicePort& each : place.legacy_ports)
      legacy.add(each.service, std::uint64_t{each.port});
    json.add("legacy_ports", legacy);
  }
  json.add("pid", static_cast<std::uint64_t>(place.process_id));
  if (place.directory.empty())
    json.add_json("data", "null");
  else
    json.add("data", place.directory);
}

std::string ready_text(const Place& place, runtime::Duration took) {
  const std::string data =
      place.directory.empty() ? "nothing is kept" : "data in " + place.directory;
  return fmt::format("Matinee {} is ready on {}{} ({}, {:.0f} ms).\n", version, place.url,
                     legacy_text(place), data, milliseconds(took));
}

std::string ready_json(const Place& place, runtime::Duration took) {
  jobs::JsonObject json;
  add_to(json, place);
  json.add("version", std::string(version));
  json.add("ready_ms", milliseconds(took));
  return json.take();
}

}  // namespace matinee::cli
