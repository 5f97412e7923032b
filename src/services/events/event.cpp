#include "services/events/event.h"

#include <simdjson.h>

#include "protocol/json_writer.h"
#include "protocol/timestamps.h"

namespace matinee::events {

namespace {

using protocol::json::append_member;
using protocol::json::append_string;

/// Objects of AWS's reader may not be nested without end either.
constexpr std::size_t deepest = 1000;

/// The parser keeps its buffers from one event to the next. Only the state thread reads events.
simdjson::dom::parser& parser() {
  thread_local simdjson::dom::parser kept;
  return kept;
}

std::optional<simdjson::dom::element> parse(std::string_view text) {
  simdjson::dom::parser& reader = parser();
  if (reader.max_depth() != deepest && reader.allocate(text.size(), deepest) != simdjson::SUCCESS)
    return std::nullopt;
  simdjson::dom::element element;
  if (reader.parse(text.data(), text.size()).get(element) != simdjson::SUCCESS) return std::nullopt;
  return element;
}

}  // namespace

std::string to_text(runtime::Time time) {
  std::string out;
  protocol::append_iso8601(out, std::chrono::floor<std::chrono::seconds>(time));
  return out;
}

std::string to_json(const BusEvent& event) {
  std::string out;
  constexpr std::size_t usual_rest = 320;
  out.reserve(event.detail.size() + usual_rest);
  out += R"({"version":"0","id":)";
  append_string(out, event.id);
  out += R"(,"detail-type":)";
  append_string(out, event.detail_type);
  out += R"(,"source":)";
  append_string(out, event.source);
  out += R"(,"account":)";
  append_string(out, event.account);
  out += R"(,"time":)";
  append_string(out, to_text(event.time));
  out += R"(,"region":)";
  append_string(out, event.region);
  if (!event.replay.empty()) {
    out += R"(,"replay-name":)";
    append_string(out, event.replay);
  }
  out += R"(,"resources":[)";
  for (std::size_t index = 0; index < event.resources.size(); ++index) {
    if (index > 0) out += ',';
    append_string(out, event.resources[index]);
  }
  out += R"(],"detail":)";
  out += event.detail;
  out += '}';
  return out;
}

std::string with_id(std::string_view json, std::string_view id) {
  constexpr std::string_view start = R"({"version":"0","id":")";
  const std::size_t end = json.find('"', start.size());
  std::string out(start);
  out += id;
  out += json.substr(end);
  return out;
}

std::string with_replay(std::string_view json, std::string_view name) {
  // Texts before it cannot hold this: their quotes are escaped.
  const std::size_t place = json.find(R"(,"resources":[)");
  std::string out(json.substr(0, place));
  out += R"(,"replay-name":)";
  append_string(out, name);
  out += json.substr(place);
  return out;
}

std::optional<std::string> compact_object(std::string_view text) {
  const std::optional<simdjson::dom::element> element = parse(text);
  if (!element || !element->is_object()) return std::nullopt;
  std::string out(text.size() + simdjson::SIMDJSON_PADDING, '\0');
  std::size_t size = 0;
  if (simdjson::minify(text.data(), text.size(), out.data(), size) != simdjson::SUCCESS)
    return std::nullopt;
  out.resize(size);
  return out;
}

bool is_json(std::string_view text) {
  return parse(text).has_value();
}

}  // namespace matinee::events
