// Writing and reading the message of one movie. What arrives is not trusted: another program may
// have sent it.
#include "jobs/movies/message.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>

namespace matinee::jobs::movies {

namespace {

using simdjson::ondemand::object;
using simdjson::ondemand::value;

simdjson::padded_string_view padded(std::string& text) {
  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  return simdjson::padded_string_view(text.data(), text.size(), text.capacity());
}

bool read_string(value& from, std::string& to) {
  std::string_view text;
  if (from.get_string().get(text) != simdjson::SUCCESS) return false;
  to.assign(text);
  return true;
}

bool read_year(value& from, int& year) {
  std::int64_t number = 0;
  if (from.get_int64().get(number) != simdjson::SUCCESS) return false;
  if (number < min_year || number > max_year) number = 0;
  year = static_cast<int>(number);
  return true;
}

/// The fault as the end of a sentence; empty for a movie that is fine.
std::string read_movie_object(object from, Movie& movie) {
  movie = Movie();
  for (auto field : from) {
    std::string_view name;
    value content;
    if (field.unescaped_key().get(name) || field.value().get(content)) return "is broken JSON";
    bool fits = true;
    if (name == "title") fits = read_string(content, movie.title);
    if (name == "year") fits = read_year(content, movie.year);
    if (name == "director") fits = read_string(content, movie.director);
    if (name == "actor") fits = read_string(content, movie.actor);
    if (!fits) return fmt::format("has a {} of the wrong type", name);
  }
  return find_fault(movie);
}

}  // namespace

std::string movie_id(std::string_view job_id, std::uint64_t index) {
  std::string id(job_id);
  id += ':';
  id += fmt::format_int(index).c_str();
  return id;
}

void append_message(std::string_view job_id, std::uint64_t index, const Movie& movie,
                    std::string& out) {
  // A job id has no characters that JSON escapes: find_option_fault sees to it.
  const fmt::format_int number(index);
  out += R"({"job_id":")";
  out += job_id;
  out += R"(","movie_id":")";
  out += job_id;
  out += ':';
  out.append(number.data(), number.size());
  out += R"(","movie":)";
  append_json(movie, out);
  out += '}';
}

struct MessageReader::Parser {
  simdjson::ondemand::parser parser;
};

MessageReader::MessageReader(std::string job_id, std::uint64_t count)
    : job_id_(std::move(job_id)), count_(count), parser_(std::make_unique<Parser>()) {}
MessageReader::MessageReader(MessageReader&&) noexcept = default;
MessageReader::~MessageReader() = default;

namespace {

/// What a message says, with the first fault found in what concerns its own job only.
struct Parts {
  std::string job_id;
  std::string movie_id;
  bool has_movie = false;
  std::string fault;  // a sentence
  Movie movie;
};

void read_part(std::string_view name, value& content, Parts& parts) {
  std::string fault;
  if (name == "movie_id") {
    if (!read_string(content, parts.movie_id)) fault = "The message's movie_id is not a string.";
  } else if (name == "movie") {
    parts.has_movie = true;
    object movie;
    if (content.get_object().get(movie)) {
      fault = "The message's movie is not an object.";
    } else if (std::string why = read_movie_object(movie, parts.movie); !why.empty()) {
      fault = fmt::format("The message's movie {}.", why);
    }
  }
  if (parts.fault.empty()) parts.fault = std::move(fault);
}

/// What makes it impossible to tell even whose message it is, or nothing.
std::string read_parts(object root, Parts& parts) {
  for (auto field : root) {
    std::string_view name;
    value content;
    if (field.unescaped_key().get(name) || field.value().get(content))
      return "The message is broken JSON.";
    if (name == "job_id") {
      if (!read_string(content, parts.job_id)) return "The message's job_id is not a string.";
    } else {
      read_part(name, content, parts);
    }
  }
  return parts.job_id.empty() ? "The message has no job_id." : "";
}

/// The index in "JOB:17"; nothing for any other text, "JOB:017" among them.
std::optional<std::uint64_t> find_index(std::string_view id, std::string_view job_id) {
  if (!id.starts_with(job_id)) return std::nullopt;
  id.remove_prefix(job_id.size());
  if (id.size() < 2 || id[0] != ':' || (id[1] == '0' && id.size() > 2)) return std::nullopt;
  std::uint64_t index = 0;
  const auto [end, error] = std::from_chars(id.data() + 1, id.data() + id.size(), index);
  if (error != std::errc() || end != id.data() + id.size()) return std::nullopt;
  return index;
}

}  // namespace

Reading MessageReader::read(std::string& body) {
  simdjson::ondemand::document document;
  object root;
  if (parser_->parser.iterate(padded(body)).get(document) || document.get_object().get(root))
    return Unintelligible{"The message is not a JSON object."};
  Parts parts;
  if (std::string fault = read_parts(root, parts); !fault.empty()) return Unintelligible{fault};
  const char* rest = nullptr;
  if (!document.current_location().get(rest))
    return Unintelligible{"The message goes on after its JSON object."};
  if (parts.job_id != job_id_) return Foreign{std::move(parts.job_id)};
  if (!parts.fault.empty()) return Unintelligible{std::move(parts.fault)};
  if (!parts.has_movie) return Unintelligible{"The message has no movie."};
  const std::optional<std::uint64_t> index = find_index(parts.movie_id, job_id_);
  if (!index)
    return Unintelligible{fmt::format("The message's movie_id \"{}\" is not \"{}:\" and a number.",
                                      parts.movie_id, job_id_)};
  if (*index >= count_)
    return Unintelligible{
        fmt::format("The message is movie number {}, and the job has {}.", *index, count_)};
  return OwnMovie{*index, std::move(parts.movie)};
}

bool MessageReader::read_movie(std::string& json, Movie& movie) {
  simdjson::ondemand::document document;
  object root;
  if (parser_->parser.iterate(padded(json)).get(document) || document.get_object().get(root))
    return false;
  return read_movie_object(root, movie).empty();
}

}  // namespace matinee::jobs::movies
