#include "services/lineage.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>
#include <vector>

namespace matinee::services {

namespace {

constexpr std::string_view mark = "Lineage=";
constexpr std::size_t most_functions = 32;

/// FNV-1a: the same for the same function in every run.
std::uint32_t hash_of(std::string_view text) {
  constexpr std::uint32_t basis = 2'166'136'261;
  constexpr std::uint32_t prime = 16'777'619;
  std::uint32_t hash = basis;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return hash;
}

/// The parts between semicolons, without the lineage, as they stand; and the lineage.
struct Parts {
  std::string rest;
  std::string_view lineage;
};

Parts parts_of(std::string_view header) {
  Parts parts;
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    const std::string_view part = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    if (part.starts_with(mark)) {
      parts.lineage = part.substr(mark.size());
      continue;
    }
    if (!parts.rest.empty()) parts.rest += ';';
    parts.rest += part;
  }
  return parts;
}

using Entry = std::pair<std::uint32_t, std::uint32_t>;

/// What cannot be read is left out.
std::vector<Entry> entries_of(std::string_view lineage) {
  std::vector<Entry> entries;
  while (!lineage.empty()) {
    const std::size_t end = std::min(lineage.find('|'), lineage.size());
    const std::string_view text = lineage.substr(0, end);
    lineage.remove_prefix(std::min(end + 1, lineage.size()));
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) continue;
    constexpr int hexadecimal = 16;
    Entry entry;
    const char* const last = text.data() + text.size();
    const auto [hash_end, hash_error] =
        std::from_chars(text.data(), text.data() + colon, entry.first, hexadecimal);
    const auto [count_end, count_error] =
        std::from_chars(text.data() + colon + 1, last, entry.second);
    if (hash_error != std::errc() || hash_end != text.data() + colon ||
        count_error != std::errc() || count_end != last)
      continue;
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace

bool have_same_lineage(std::string_view one, std::string_view other) {
  return parts_of(one).lineage == parts_of(other).lineage;
}

Passed pass_through(std::string_view header, std::string_view function_arn) {
  const auto [rest, lineage] = parts_of(header);
  std::vector<Entry> entries = entries_of(lineage);
  const std::uint32_t hash = hash_of(function_arn);
  Entry* own = nullptr;
  for (Entry& entry : entries)
    if (entry.first == hash) own = &entry;
  if (!own) {
    if (entries.size() >= most_functions) entries.erase(entries.begin());
    own = &entries.emplace_back(hash, 0);
  }
  if (own->second < UINT32_MAX) ++own->second;
  Passed passed{.header = rest, .passes = own->second};
  if (!passed.header.empty()) passed.header += ';';
  passed.header += mark;
  for (const auto& [name, count] : entries) {
    if (!passed.header.ends_with('=')) passed.header += '|';
    passed.header += fmt::format("{:08x}:{}", name, count);
  }
  return passed;
}

std::uint32_t passes_through(std::string_view header, std::string_view function_arn) {
  if (!header.contains(mark)) return 0;
  const std::uint32_t hash = hash_of(function_arn);
  for (const auto& [name, count] : entries_of(parts_of(header).lineage))
    if (name == hash) return count;
  return 0;
}

std::string without_lineage(std::string_view header) {
  if (!header.contains(mark)) return std::string(header);
  return parts_of(header).rest;
}

std::string with_root(std::string header, runtime::Time now, runtime::Random& random) {
  if (header.contains("Root=1-")) return header;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::uint64_t first = random.next();
  const std::uint64_t second = random.next();
  return fmt::format("Root=1-{:08x}-{:016x}{:08x};Parent={:016x};Sampled=0",
                     static_cast<std::uint32_t>(seconds), first, static_cast<std::uint32_t>(second),
                     random.next());
}

}  // namespace matinee::services
