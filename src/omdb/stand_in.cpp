#include "omdb/stand_in.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "omdb/film_list_json.h"
#include "omdb/repair.h"
#include "protocol/json_writer.h"
#include "runtime/assertion.h"

namespace matinee::omdb {

namespace {

constexpr std::string_view unknown = "N/A";

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return lower;
}

/// "2572473" as "2,572,473".
std::string with_commas(std::string_view digits) {
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) result += ',';
    result += digits[i];
  }
  return result;
}

void append_name(std::string& names, std::string_view name) {
  if (!names.empty()) names += ", ";
  names += name;
}

/// "Frank Darabont (dir.), Tim Robbins": those who direct, and the others.
void read_crew(std::string_view crew, Film& film) {
  constexpr std::string_view mark = " (dir.)";
  while (!crew.empty()) {
    const std::size_t end = std::min(crew.find(", "), crew.size());
    std::string_view name = crew.substr(0, end);
    crew.remove_prefix(std::min(end + 2, crew.size()));
    if (name.ends_with(mark)) {
      name.remove_suffix(mark.size());
      append_name(film.directors, name);
    } else {
      append_name(film.actors, name);
    }
  }
}

std::string_view or_unknown(std::string_view text) {
  return text.empty() ? unknown : text;
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.size() > 1) out += ',';
  protocol::json::append_member(out, name);
  protocol::json::append_string(out, or_unknown(value));
}

/// Members and their order are OMDb's for a film.
std::string to_json(const Film& film) {
  std::string out = "{";
  append_member(out, "Title", film.title);
  append_member(out, "Year", film.year);
  for (const std::string_view name : {"Rated", "Released", "Runtime", "Genre"})
    append_member(out, name, unknown);
  append_member(out, "Director", film.directors);
  append_member(out, "Writer", unknown);
  append_member(out, "Actors", film.actors);
  for (const std::string_view name : {"Plot", "Language", "Country", "Awards"})
    append_member(out, name, unknown);
  append_member(out, "Poster", film.poster);
  out += ",\"Ratings\":[";
  if (!film.rating.empty())
    out += fmt::format(R"({{"Source":"Internet Movie Database","Value":"{}/10"}})", film.rating);
  out += "]";
  append_member(out, "Metascore", unknown);
  append_member(out, "imdbRating", film.rating);
  append_member(out, "imdbVotes", film.votes);
  append_member(out, "imdbID", film.id);
  append_member(out, "Type", "movie");
  for (const std::string_view name : {"DVD", "BoxOffice", "Production", "Website"})
    append_member(out, name, unknown);
  append_member(out, "Response", "True");
  return out + "}";
}

protocol::HttpResponse reply(int status, std::string json) {
  protocol::HttpResponse response{.status = status};
  response.headers.add("Content-Type", "application/json; charset=utf-8");
  response.body.bytes = std::move(json);
  return response;
}

protocol::HttpResponse refusal(int status, std::string_view error) {
  std::string json = R"({"Response":"False","Error":)";
  protocol::json::append_string(json, error);
  return reply(status, json + "}");
}

bool is_id(std::string_view text) {
  return text.starts_with("tt") && text.size() >= 9 &&
         std::ranges::all_of(text.substr(2), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view value_of(const protocol::Parameters& query, std::string_view name) {
  const std::string* value = protocol::find_parameter(query, name);
  return value ? std::string_view(*value) : "";
}

}  // namespace

std::vector<Film> read_films(std::string_view list) {
  simdjson::dom::parser parser;
  const simdjson::padded_string text(list);
  simdjson::dom::element document;
  runtime::expect(parser.parse(text).get(document) == simdjson::SUCCESS, "the film list is JSON");
  std::vector<Film> films;
  for (const simdjson::dom::element item : document["items"]) {
    const auto member = [&](std::string_view name) {
      return repair_text(std::string_view(item[name]));
    };
    Film film{.id = member("id"),
              .title = member("title"),
              .year = member("year"),
              .poster = member("image"),
              .directors = "",
              .actors = "",
              .rating = member("imDbRating"),
              .votes = with_commas(member("imDbRatingCount"))};
    read_crew(member("crew"), film);
    films.push_back(std::move(film));
  }
  return films;
}

std::string_view film_list() {
  return film_list_json;
}

StandIn::StandIn(std::vector<std::string> keys)
    : keys_(std::move(keys)), films_(read_films(film_list())) {}

/// The title itself, else the best film that has the text in its title.
const Film* StandIn::find_by_title(const protocol::Parameters& query) const {
  const std::string title = lower_case(value_of(query, "t"));
  const std::string_view year = value_of(query, "y");
  const std::string_view type = value_of(query, "type");
  if (!type.empty() && type != "movie") return nullptr;
  const Film* found = nullptr;
  for (const Film& film : films_) {
    if (!year.empty() && film.year != year) continue;
    const std::string candidate = lower_case(film.title);
    if (candidate == title) return &film;
    if (!found && candidate.contains(title)) found = &film;
  }
  return found;
}

protocol::HttpResponse StandIn::answer(const protocol::HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD")
    return refusal(405, "OMDb's stand-in answers GET only.");
  const std::string_view key = value_of(request.query, "apikey");
  if (key.empty()) return refusal(401, "No API key provided.");
  if (!keys_.empty() && std::ranges::find(keys_, key) == keys_.end())
    return refusal(401, "Invalid API key!");
  const std::string_view format = value_of(request.query, "r");
  if (!format.empty() && format != "json")
    return refusal(200, "OMDb's stand-in answers in JSON only.");
  if (const std::string_view id = value_of(request.query, "i"); !id.empty()) {
    // OMDb tells an id that it cannot be from one that it does not have.
    if (!is_id(id)) return refusal(200, "Incorrect IMDb ID.");
    const auto film = std::ranges::find(films_, id, &Film::id);
    return film == films_.end() ? refusal(200, "Error getting data.") : reply(200, to_json(*film));
  }
  if (!value_of(request.query, "t").empty()) {
    const Film* film = find_by_title(request.query);
    return film ? reply(200, to_json(*film)) : refusal(200, "Movie not found!");
  }
  if (!value_of(request.query, "s").empty())
    return refusal(200, "OMDb's stand-in answers i= and t= only.");
  return refusal(200, "Incorrect IMDb ID.");
}

}  // namespace matinee::omdb
