// Items of the job's table, and back.
#include "jobs/movies/items.h"

#include <fmt/format.h>

#include <charconv>

#include "jobs/movies/summary.h"

namespace matinee::jobs::movies {

namespace {

AttributeValue number(std::uint64_t value) {
  return dynamodb::Number(static_cast<std::int64_t>(value));
}

const std::string* find_text(const Item& item, const std::string& name) {
  const auto place = item.find(name);
  return place == item.end() ? nullptr : place->second.find<std::string>();
}

std::optional<std::uint64_t> read_number(const AttributeValue& value) {
  const auto* content = value.find<dynamodb::Number>();
  if (!content) return std::nullopt;
  const std::string digits = content->to_string();
  std::uint64_t result = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return result;
}

std::optional<std::uint64_t> read_digits(std::string_view text) {
  std::uint64_t result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return result;
}

}  // namespace

Item ItemKeys::make(std::string name) const {
  if (style_ == KeyStyle::job_and_part)
    return {{"job_id", AttributeValue(job_id_)}, {"part", AttributeValue(std::move(name))}};
  return {{"job_id", AttributeValue(name == "000000" ? job_id_ : job_id_ + "#" + name)}};
}

Item ItemKeys::header() const {
  return make("000000");
}

Item ItemKeys::part(std::uint64_t part) const {
  return make(fmt::format("{:06}", part + 1));
}

Item ItemKeys::chunk(std::uint64_t chunk) const {
  return make(fmt::format("{:06}/{:03}", chunk / chunks_per_part + 1, chunk % chunks_per_part));
}

Item ItemKeys::complete_chunks(std::uint64_t part) const {
  return make(fmt::format("{:06}/chunks", part + 1));
}

std::pair<std::uint64_t, std::uint64_t> ItemKeys::require_numbers(const Item& item) const {
  const std::string* name = find_text(item, style_ == KeyStyle::job_and_part ? "part" : "job_id");
  std::string_view text;
  if (name) text = *name;
  if (style_ == KeyStyle::job_only) text.remove_prefix(std::min(text.size(), job_id_.size() + 1));
  const std::optional<std::uint64_t> part = read_digits(text.substr(0, 6));
  const std::optional<std::uint64_t> chunk =
      text.size() > 7 ? read_digits(text.substr(7)) : std::optional<std::uint64_t>(0);
  if (!part || *part == 0 || !chunk)
    throw JobError(
        fmt::format("The table answers with an item \"{}\" that nobody asked for.", text));
  return {*part - 1, *chunk};
}

std::uint64_t ItemKeys::require_chunk(const Item& item) const {
  const auto [part, chunk] = require_numbers(item);
  return part * chunks_per_part + chunk;
}

void add_header(const Header& header, Item& item) {
  item["started_on"] = AttributeValue(header.started_on);
  item["count"] = number(header.count);
  item["parts"] = number(header.parts);
  item["seed"] = AttributeValue(std::to_string(header.seed));
  item["state"] = AttributeValue(header.complete ? "COMPLETE" : "RUNNING");
}

std::optional<Header> read_header(const Item& item) {
  const std::string* started_on = find_text(item, "started_on");
  const std::optional<std::uint64_t> count = find_number(item, "count");
  const std::optional<std::uint64_t> parts = find_number(item, "parts");
  const std::string* seed_text = find_text(item, "seed");
  const std::string* state = find_text(item, "state");
  if (!started_on || !count || !parts || !seed_text || !state) return std::nullopt;
  const std::optional<std::uint64_t> seed = read_digits(*seed_text);
  if (!seed) return std::nullopt;
  return Header{*started_on, *count, *parts, *seed, *state == "COMPLETE"};
}

std::string slot_name(std::uint64_t index) {
  return {'m', static_cast<char>('0' + index % movies_per_chunk)};
}

AttributeValue to_attribute(Movie movie) {
  dynamodb::Map map;
  // In the order of the names, so that each goes to the end.
  map.emplace_hint(map.end(), "actor", AttributeValue(std::move(movie.actor)));
  map.emplace_hint(map.end(), "director", AttributeValue(std::move(movie.director)));
  map.emplace_hint(map.end(), "title", AttributeValue(std::move(movie.title)));
  map.emplace_hint(map.end(), "year", number(static_cast<std::uint64_t>(movie.year)));
  return map;
}

std::optional<Movie> read_attribute(const AttributeValue& value) {
  const auto* map = value.find<dynamodb::Map>();
  if (!map) return std::nullopt;
  const std::string* title = find_text(*map, "title");
  const std::string* director = find_text(*map, "director");
  const std::string* actor = find_text(*map, "actor");
  const std::optional<std::uint64_t> year = find_number(*map, "year");
  if (!title || !director || !actor || !year || *year > max_year) return std::nullopt;
  return Movie{*title, static_cast<int>(*year), *director, *actor};
}

void add_part(std::uint64_t first, std::vector<AttributeValue> movies, Item& item) {
  item["first"] = number(first);
  item["count"] = number(movies.size());
  item["movies"] = AttributeValue(std::move(movies));
}

const dynamodb::List* find_movies(const Item& item) {
  const auto place = item.find("movies");
  return place == item.end() ? nullptr : place->second.find<dynamodb::List>();
}

std::optional<std::uint64_t> find_number(const Item& item, const std::string& name) {
  const auto place = item.find(name);
  return place == item.end() ? std::nullopt : read_number(place->second);
}

}  // namespace matinee::jobs::movies
