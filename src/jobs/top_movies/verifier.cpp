#include "jobs/top_movies/verifier.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "omdb/stand_in.h"
#include "templates/reader.h"

namespace matinee::jobs::top_movies {

namespace {

using templates::Value;

bool is_number(const Value* value) {
  return value && value->kind() == Value::Kind::number;
}

/// Numbers are numbers, and OMDb has been asked.
void check_film(const Value& film, const std::string& id, std::vector<std::string>& faults) {
  for (const std::string_view name : {"rank", "year", "rating"})
    if (!is_number(film.find(name)))
      faults.push_back(fmt::format("{} of {} is no number.", name, id));
  if (!is_number(film.find("votes")) || !film.find("directors"))
    faults.push_back(fmt::format("{} has nothing of what OMDb knows.", id));
}

WrittenFilm to_film(const Value& value) {
  WrittenFilm film{.id = value.text_or("id"),
                   .title = value.text_or("title"),
                   .rating = value.text_or("rating"),
                   .directors = {}};
  if (const Value* rank = value.find("rank")) film.rank = rank->integer().value_or(0);
  if (const Value* year = value.find("year")) film.year = year->integer().value_or(0);
  if (const Value* directors = value.find("directors"))
    for (const Value& director : directors->elements()) film.directors.push_back(director.text());
  return film;
}

}  // namespace

std::vector<WrittenFilm> expected_films(std::string_view list, std::size_t count) {
  std::vector<WrittenFilm> films;
  // The list is in the order of its ranks.
  for (const omdb::Film& film : omdb::read_films(list))
    films.push_back({.id = film.id,
                     .title = film.title,
                     .rating = film.rating,
                     .rank = static_cast<std::int64_t>(films.size()) + 1,
                     .year = std::atoll(film.year.c_str()),
                     .directors = {}});
  std::ranges::sort(films, std::less(), [](const WrittenFilm& film) {
    return std::pair(-std::strtod(film.rating.c_str(), nullptr), film.rank);
  });
  films.resize(std::min(films.size(), count));
  return films;
}

std::vector<WrittenFilm> read_day(std::string_view text, std::string_view day,
                                  std::vector<std::string>& faults) {
  std::vector<WrittenFilm> films;
  Value document;
  try {
    document = templates::read_json(text);
  } catch (const templates::TemplateError&) {
    faults.emplace_back("The file is no JSON.");
    return films;
  }
  if (const std::string written = document.text_or("day"); written != day)
    faults.push_back(fmt::format("The file is of the day \"{}\" and not of {}.", written, day));
  const Value* list = document.find("films");
  if (!list || !list->is_list()) {
    faults.emplace_back("The file has no list of films.");
    return films;
  }
  for (const Value& value : list->elements()) {
    films.push_back(to_film(value));
    check_film(value, films.back().id, faults);
  }
  return films;
}

void compare(const std::vector<WrittenFilm>& written, const std::vector<WrittenFilm>& expected,
             std::vector<std::string>& faults) {
  if (written.size() != expected.size())
    faults.push_back(
        fmt::format("The file has {} films and not {}.", written.size(), expected.size()));
  for (std::size_t i = 0; i < std::min(written.size(), expected.size()); ++i) {
    const WrittenFilm& is = written[i];
    const WrittenFilm& should_be = expected[i];
    if (is.id != should_be.id)
      faults.push_back(fmt::format("Film {} is {} ({}) and not {} ({}).", i + 1, is.id, is.title,
                                   should_be.id, should_be.title));
    else if (is.title != should_be.title || is.rank != should_be.rank || is.year != should_be.year)
      faults.push_back(
          fmt::format("Of {} the file has \"{}\", {}, rank {}, and not \"{}\", {}, rank {}.", is.id,
                      is.title, is.year, is.rank, should_be.title, should_be.year, should_be.rank));
  }
}

}  // namespace matinee::jobs::top_movies
