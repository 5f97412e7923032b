#include "cli/top_movies_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/deploy_report.h"
#include "cli/story_text.h"
#include "client/json_text.h"
#include "jobs/report.h"

namespace matinee::cli {

using jobs::JsonObject;
using jobs::ReportLines;
using jobs::top_movies::TopMoviesSummary;
using jobs::top_movies::WrittenFilm;

namespace {

std::string film_line(std::size_t place, const WrittenFilm& film) {
  return fmt::format(
      "  {:>2}  {:<4} {} ({}){}", place, film.rating, film.title, film.year,
      film.directors.empty() ? "" : fmt::format(", {}", fmt::join(film.directors, " and ")));
}

std::string verified_text(const TopMoviesSummary& summary) {
  if (!summary.faults.empty()) return "NO";
  return fmt::format("yes: {} films in order, enriched", summary.films.size());
}

std::string stack_text(const TopMoviesSummary& summary) {
  const std::size_t changes = summary.deployment.changes.size();
  return fmt::format("{}, {}{}", summary.deployment.stack,
                     summary.via == "sns" ? "through a topic and a queue" : "through a queue",
                     changes == 0 ? "; nothing had to change"
                                  : fmt::format("; {} resources made or changed", changes));
}

std::string object_url(const TopMoviesSummary& summary) {
  return fmt::format("s3://{}/{}", summary.bucket, summary.key);
}

std::string films_json(const std::vector<WrittenFilm>& films) {
  std::string text = "[";
  for (const WrittenFilm& film : films) {
    JsonObject json;
    json.add("id", film.id);
    json.add("title", film.title);
    json.add("year", static_cast<std::uint64_t>(film.year));
    json.add("rank", static_cast<std::uint64_t>(film.rank));
    json.add_json("rating", film.rating.empty() ? "null" : film.rating);
    json.add("directors", film.directors);
    if (text.size() > 1) text += ',';
    text += json.take();
    text.pop_back();  // the newline
  }
  return text + "]";
}

std::string journey_json(const std::vector<insight::Hop>& hops) {
  std::string text = "[";
  for (const insight::Hop& hop : hops) {
    if (text.size() > 1) text += ',';
    text += client::to_json(insight::Hop::shape, &hop);
  }
  return text + "]";
}

}  // namespace

std::string to_text(const TopMoviesSummary& summary) {
  if (!summary.deployment.succeeded()) return to_text(summary.deployment);
  ReportLines lines;
  lines.add_line(fmt::format("The best films of {}{}", summary.day,
                             summary.was_there ? ", which were there already" : ""));
  for (std::size_t i = 0; i < summary.films.size(); ++i)
    lines.add_line(film_line(i + 1, summary.films[i]));
  lines.add_line("");
  lines.add("stack", stack_text(summary));
  lines.add("object", object_url(summary));
  lines.add("version", summary.version);
  lines.add("encrypted", summary.encryption.empty() ? "no" : "yes, " + summary.encryption);
  lines.add("private", summary.is_private ? "yes" : "no");
  lines.add("verified", verified_text(summary));
  for (const std::string& fault : summary.faults) lines.add_line("    " + fault);
  lines.add("seconds", fmt::format("{:.2f}", summary.seconds));
  if (!summary.journey.empty()) {
    lines.add_line("\nThe way of the message");
    std::string story = story_text(summary.journey);
    while (story.ends_with('\n')) story.pop_back();
    lines.add_line(story);
  }
  lines.add_line(fmt::format("\nLook at it{}", summary.look_first));
  lines.add_command(fmt::format("aws s3 cp {} -{}", object_url(summary), summary.cli_arguments));
  lines.add_command(fmt::format("matinee stacks {}", summary.deployment.stack));
  return lines.take();
}

std::string to_json(const TopMoviesSummary& summary) {
  if (!summary.deployment.succeeded()) return to_json(summary.deployment);
  JsonObject json;
  json.add("verified", summary.verified());
  json.add("stack", summary.deployment.stack);
  json.add("via", summary.via);
  json.add("day", summary.day);
  json.add("bucket", summary.bucket);
  json.add("key", summary.key);
  json.add("version", summary.version);
  json.add("encryption", summary.encryption);
  json.add("private", summary.is_private);
  json.add("was_there", summary.was_there);
  json.add_json("films", films_json(summary.films));
  json.add("faults", summary.faults);
  json.add_json("journey", journey_json(summary.journey));
  json.add("seconds", summary.seconds);
  return json.take();
}

}  // namespace matinee::cli
