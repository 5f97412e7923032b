// Reads lines of JSON, {"pattern": TEXT, "events": [TEXT, ...]}, and answers each with a line: what
// is wrong with the pattern as a text, or a list of whether each event matches. It asks a pattern
// alone and a set of patterns, and ends with an error where they disagree.
#include <fmt/format.h>
#include <simdjson.h>

#include <fstream>
#include <iostream>

#include "patterns/pattern_set.h"
#include "protocol/json_writer.h"

namespace {

using namespace matinee::patterns;

std::string answer(std::string_view pattern, simdjson::dom::array events, PatternSet& others) {
  std::string out;
  auto compiled = Pattern::compile(Dialect::event_bus, pattern);
  if (!compiled) {
    matinee::protocol::json::append_string(out, compiled.error().message);
    return out;
  }
  const std::size_t id = others.size();
  others.add(id, *Pattern::compile(Dialect::event_bus, pattern));
  Event event;
  for (const std::string_view text : events) {
    event.parse(text);
    const bool matches = compiled->matches(event);
    const std::vector<PatternSet::Id> found = others.match(event);
    if (std::ranges::binary_search(found, id) != matches)
      throw std::runtime_error(fmt::format("a set disagrees: {} with {}", pattern, text));
    if (compiled->explain(event).matches != matches) throw std::runtime_error("explain disagrees");
    out += fmt::format("{}{}", out.empty() ? "[" : ",", matches);
  }
  return out.empty() ? "[]" : out + "]";
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error("usage: pattern_answers FILE");
  std::ifstream lines(argv[1]);
  simdjson::dom::parser parser;
  PatternSet others;
  for (std::string line; std::getline(lines, line);) {
    simdjson::dom::element document = parser.parse(line);
    std::cout << answer(document["pattern"], document["events"], others) << '\n';
  }
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
