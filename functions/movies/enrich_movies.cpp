#include "movies/enrich_movies.h"

#include <fmt/format.h>

#include <memory>

#include "library/aws.h"
#include "library/environment.h"
#include "library/events.h"
#include "library/log.h"
#include "movies/film_list.h"
#include "movies/omdb_client.h"
#include "s3/operations.h"
#include "s3/shapes.h"
#include "ssm/operations.h"
#include "ssm/shapes.h"

namespace top_movies {

namespace {

using lambda::FunctionError;
using lambda::Json;
using matinee::protocol::ServiceError;
namespace s3 = matinee::s3;
namespace ssm = matinee::ssm;

struct Settings {
  std::string bucket;
  std::string prefix;
  std::string omdb_url;
  std::string key_parameter;
};

std::string variable_or(const char* name, const char* otherwise) {
  std::string value = lambda::variable(name);
  return value.empty() ? otherwise : value;
}

Settings read_settings() {
  return {.bucket = lambda::require_variable("OUTPUT_BUCKET"),
          .prefix = variable_or("OUTPUT_PREFIX", "top-movies/"),
          .omdb_url = variable_or("OMDB_URL", "https://www.omdbapi.com/"),
          .key_parameter = lambda::require_variable("OMDB_KEY_PARAMETER")};
}

class Enricher {
 public:
  explicit Enricher(Settings settings)
      : settings_(std::move(settings)), omdb_(settings_.omdb_url) {}

  Json handle(const lambda::SqsEvent& event, const lambda::Context& context) {
    deadline_ = context.work_until();
    aws_.set_deadline(deadline_);
    refusal_.clear();
    Json answer = lambda::for_each_record(
        event, [this](const lambda::SqsRecord& record) { handle_record(record); });
    // Whoever has put a new key into the parameter need not start the function anew.
    if (!refusal_.empty()) key_.clear();
    return answer;
  }

 private:
  Settings settings_;
  lambda::Aws aws_;
  OmdbClient omdb_;
  lambda::Deadline deadline_;
  std::string key_;      // of OMDb; empty before it was read
  std::string refusal_;  // of the key, in this invocation

  std::string place_of(const std::string& day) const { return settings_.prefix + day + ".json"; }

  void handle_record(const lambda::SqsRecord& record) {
    const DailyList list = DailyList::from_message(lambda::published_text(record));
    const std::string place = place_of(list.day);
    if (is_written(place)) {
      lambda::log(lambda::Level::info, "The day is there already.", {{"key", place}});
      return;
    }
    const std::string text = enrich(list);
    const bool is_first = write(place, text);
    lambda::log(lambda::Level::info,
                is_first ? "The day is written." : "Another invocation has written the day.",
                {{"key", place}, {"films", static_cast<std::int64_t>(list.films.size())}});
  }

  /// Without the right to list the bucket, S3 says 403 of what is not there; then the condition of
  /// `write` decides.
  bool is_written(const std::string& place) {
    try {
      aws_.call<s3::HeadObjectResponse>(
          s3::operations::HeadObject,
          s3::HeadObjectRequest{.bucket = settings_.bucket, .key = place});
      return true;
    } catch (const ServiceError& error) {
      if (error.status() != 404 && error.status() != 403) throw;
      return false;
    }
  }

  std::string enrich(const DailyList& list) {
    Json films = Json::array();
    std::string unknown;
    for (const Film& film : list.films) {
      const std::optional<Json> found = ask(film.id);
      if (found)
        films.push(enriched(film, *found));
      else
        unknown += fmt::format("{}{} ({})", unknown.empty() ? "" : ", ", film.id, film.title);
    }
    if (!unknown.empty())
      throw FunctionError(
          "UnknownFilms",
          fmt::format("OMDb does not know {}; nothing is written for {}.", unknown, list.day));
    return Json::object().set("day", list.day).set("films", std::move(films)).dump() + "\n";
  }

  std::optional<Json> ask(const std::string& id) {
    // What was refused once is refused for the rest of the batch: each call counts for OMDb.
    if (!refusal_.empty()) throw FunctionError("OmdbKeyRefused", refusal_);
    if (key_.empty()) key_ = read_key();
    try {
      return omdb_.find(id, key_, deadline_);
    } catch (const FunctionError& error) {
      if (error.type() == "OmdbKeyRefused")
        refusal_ = fmt::format("{} It is that of the parameter {}.", error.what(),
                               settings_.key_parameter);
      if (!refusal_.empty()) throw FunctionError(error.type(), refusal_);
      throw;
    }
  }

  std::string read_key() {
    const auto answer = aws_.call<ssm::GetParameterResponse>(
        ssm::operations::GetParameter,
        ssm::GetParameterRequest{.name = settings_.key_parameter, .with_decryption = true});
    std::string key = answer.parameter ? answer.parameter->value.value_or("") : "";
    if (key.empty())
      throw FunctionError("MissingSetting",
                          fmt::format("The parameter {} is empty.", settings_.key_parameter));
    return key;
  }

  /// False where somebody else was first.
  bool write(const std::string& place, const std::string& text) {
    s3::PutObjectRequest request{.body = text,
                                 .bucket = settings_.bucket,
                                 .content_type = "application/json",
                                 .if_none_match = "*",
                                 .key = place};
    try {
      aws_.call<s3::PutObjectResponse>(s3::operations::PutObject, request);
      return true;
    } catch (const ServiceError& error) {
      if (error.status() == 412) return false;
      throw;  // Also 409: the other's write may yet fail, and the record comes again.
    }
  }
};

}  // namespace

lambda::Handler make_enrich_movies() {
  const auto enricher = std::make_shared<Enricher>(read_settings());
  return lambda::on<lambda::SqsEvent>(
      [enricher](const lambda::SqsEvent& event, const lambda::Context& context) {
        return enricher->handle(event, context);
      });
}

}  // namespace top_movies
