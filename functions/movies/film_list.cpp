#include "movies/film_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include "library/errors.h"
#include "omdb/repair.h"

namespace top_movies {

namespace {

using lambda::FunctionError;
using lambda::Json;

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_id(std::string_view text) {
  return text.starts_with("tt") && text.size() >= 9 && are_digits(text.substr(2));
}

[[noreturn]] void refuse(const std::string& film, std::string_view what) {
  throw FunctionError("BadFilmList", fmt::format("The film {} has {}.", film, what));
}

std::int64_t read_number(const std::string& film, const Json& item, const char* name) {
  const std::string text = item.text_or(name);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0)
    refuse(film, fmt::format("the {} \"{}\"", name, text));
  return number;
}

Film read_film(const Json& item, std::size_t place) {
  Film film{.id = item.text_or("id"), .rank = 0, .title = "", .year = 0, .rating = {}};
  if (!is_id(film.id)) refuse(fmt::format("at place {} of the list", place), "no usable id");
  film.rank = read_number(film.id, item, "rank");
  film.title = matinee::omdb::repair_text(item.text_or("title"));
  if (film.title.empty()) refuse(film.id, "no title");
  film.year = read_number(film.id, item, "year");
  const std::string rating = item.text_or("imDbRating");
  if (rating.empty()) return film;  // not rated yet
  try {
    film.rating = Json::number(rating);
  } catch (const lambda::JsonError&) {
    refuse(film.id, fmt::format("the rating \"{}\"", rating));
  }
  return film;
}

}  // namespace

std::vector<Film> read_film_list(std::string_view text) {
  std::vector<Film> films;
  std::set<std::string> seen;
  const Json list = Json::parse(text);
  std::size_t place = 0;
  for (const Json& item : list.at("items").elements()) {
    Film film = read_film(item, ++place);
    if (!seen.insert(film.id).second) refuse(film.id, "two places in the list");
    if (!film.rating.is_null()) films.push_back(std::move(film));
  }
  return films;
}

std::vector<Film> best_of(std::vector<Film> films, std::size_t count) {
  if (films.size() < count)
    throw FunctionError(
        "BadFilmList",
        fmt::format("The list has {} films with a rating; {} are needed.", films.size(), count));
  std::ranges::sort(films, [](const Film& one, const Film& other) {
    const double left = one.rating.as_double();
    const double right = other.rating.as_double();
    return left != right ? left > right : one.rank < other.rank;
  });
  films.resize(count);
  return films;
}

bool is_day(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  if (!are_digits(text.substr(0, 4)) || !are_digits(text.substr(5, 2)) ||
      !are_digits(text.substr(8, 2)))
    return false;
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  std::from_chars(text.data(), text.data() + 4, year);
  std::from_chars(text.data() + 5, text.data() + 7, month);
  std::from_chars(text.data() + 8, text.data() + 10, day);
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(month),
                                     std::chrono::day(day))
      .ok();
}

std::string DailyList::to_message() const {
  Json list = Json::array();
  for (const Film& film : films)
    list.push(Json::object()
                  .set("id", film.id)
                  .set("rank", film.rank)
                  .set("title", film.title)
                  .set("year", film.year)
                  .set("rating", film.rating));
  return Json::object().set("day", day).set("films", std::move(list)).dump();
}

DailyList DailyList::from_message(const std::string& text) {
  const Json message = Json::parse(text);
  DailyList list{.day = message.at("day").text(), .films = {}};
  if (!is_day(list.day))
    throw FunctionError("BadMessage", fmt::format("\"{}\" is not a day.", list.day));
  for (const Json& item : message.at("films").elements()) {
    Film film{.id = item.at("id").text(),
              .rank = item.at("rank").integer(),
              .title = item.at("title").text(),
              .year = item.at("year").integer(),
              .rating = item.at("rating")};
    if (!is_id(film.id))
      throw FunctionError("BadMessage", fmt::format("\"{}\" is not the id of a film.", film.id));
    film.rating.number_text();  // or throws
    list.films.push_back(std::move(film));
  }
  if (list.films.empty())
    throw FunctionError("BadMessage", fmt::format("The message for {} has no film.", list.day));
  return list;
}

}  // namespace top_movies
