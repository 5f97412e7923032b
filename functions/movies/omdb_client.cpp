#include "movies/omdb_client.h"

#include <fmt/format.h>

#include <algorithm>

#include "library/errors.h"
#include "protocol/http.h"

namespace top_movies {

namespace {

using lambda::FunctionError;
using lambda::Json;

/// A failure that may pass.
class OmdbBusy : public FunctionError {
 public:
  explicit OmdbBusy(const std::string& what) : FunctionError("OmdbFailed", what) {}
};

bool may_pass(const FunctionError& error) {
  return dynamic_cast<const OmdbBusy*>(&error) != nullptr || error.type() == "ConnectionFailed" ||
         error.type() == "ConnectionTimedOut" || error.type() == "NameResolutionFailed";
}

/// The text of a member; empty for "N/A" too.
std::string known(const Json& omdb, const char* name) {
  const Json* member = omdb.find(name);
  if (!member || !member->is_text() || member->text() == "N/A") return "";
  return member->text();
}

void set_text(Json& film, const char* name, const std::string& text) {
  if (!text.empty()) film.set(name, text);
}

/// "Crime, Drama" as a list.
void set_list(Json& film, const char* name, std::string_view text) {
  if (text.empty()) return;
  Json list = Json::array();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(", "), text.size());
    list.push(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  film.set(name, std::move(list));
}

/// The number in "142 min", "2,572,473", "$28,767,189" or "82"; texts without one are left out.
void set_number(Json& film, const char* name, std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find(' ')))
    if (c != ',' && c != '$') digits += c;
  const bool is_number = !digits.empty() && digits.size() < 16 &&
                         std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  if (is_number) film.set(name, static_cast<std::int64_t>(std::stoll(digits)));
}

}  // namespace

std::optional<Json> OmdbClient::find_once(const std::string& id, const std::string& key,
                                          lambda::Deadline deadline) {
  const std::string url =
      fmt::format("{}{}i={}&apikey={}", url_, url_.contains('?') ? "&" : "?",
                  matinee::protocol::percent_encode(id), matinee::protocol::percent_encode(key));
  const lambda::HttpReply reply =
      http_.send(url, {.method = "GET", .headers = {{"Accept", "application/json"}}},
                 lambda::patience_until(deadline, std::chrono::seconds(5)));
  if (reply.status >= 500 || reply.status == 429)
    throw OmdbBusy(fmt::format("OMDb answers {} when asked for {}.", reply.status, id));
  Json answer;
  try {
    answer = Json::parse(reply.body);
  } catch (const lambda::JsonError& error) {
    if (reply.status != 401)
      throw OmdbBusy(fmt::format("OMDb's answer to {} is no JSON: {}", id, error.what()));
  }
  const std::string reason = answer.text_or("Error");
  if (reply.status == 401 || reply.status == 403)
    throw FunctionError("OmdbKeyRefused", fmt::format("OMDb refuses the key: {}", reason));
  if (answer.text_or("Response") == "True") {
    if (answer.text_or("imdbID") != id)
      throw FunctionError("OmdbFailed", fmt::format("OMDb was asked for {} and answers with {}.",
                                                    id, answer.text_or("imdbID")));
    return answer;
  }
  if (reply.status == 200 && answer.text_or("Response") == "False") return std::nullopt;
  throw FunctionError("OmdbFailed",
                      fmt::format("OMDb answers {} when asked for {}.", reply.status, id));
}

std::optional<Json> OmdbClient::find(const std::string& id, const std::string& key,
                                     lambda::Deadline deadline) {
  for (int attempt = 1;; ++attempt) {
    try {
      return find_once(id, key, deadline);
    } catch (const FunctionError& error) {
      if (!may_pass(error) || !lambda::wait_before_retry(policy_, attempt, deadline)) throw;
    }
  }
}

Json enriched(const Film& film, const Json& omdb) {
  Json result = Json::object();
  result.set("rank", film.rank)
      .set("id", film.id)
      .set("title", film.title)
      .set("year", film.year)
      .set("rating", film.rating);
  set_number(result, "votes", known(omdb, "imdbVotes"));
  set_text(result, "rated", known(omdb, "Rated"));
  set_text(result, "released", known(omdb, "Released"));
  set_number(result, "runtimeMinutes", known(omdb, "Runtime"));
  set_list(result, "genres", known(omdb, "Genre"));
  set_list(result, "directors", known(omdb, "Director"));
  set_list(result, "writers", known(omdb, "Writer"));
  set_list(result, "actors", known(omdb, "Actors"));
  set_text(result, "plot", known(omdb, "Plot"));
  set_list(result, "languages", known(omdb, "Language"));
  set_list(result, "countries", known(omdb, "Country"));
  set_text(result, "awards", known(omdb, "Awards"));
  set_text(result, "poster", known(omdb, "Poster"));
  set_number(result, "metascore", known(omdb, "Metascore"));
  set_number(result, "boxOfficeDollars", known(omdb, "BoxOffice"));
  return result;
}

}  // namespace top_movies
