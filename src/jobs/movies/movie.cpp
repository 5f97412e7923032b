// Movies as JSON, and the generator. Each movie draws from a small generator of its own, seeded by
// the list's seed and its index, so the list can be entered anywhere.
#include "jobs/movies/movie.h"

#include <fmt/format.h>

#include "jobs/movies/words.h"

namespace matinee::jobs::movies {

namespace {

/// SplitMix64: tiny, fast, and good enough that neighbouring indexes have nothing in common.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t index)
      : state_(mix(seed + 0x9E3779B97F4A7C15ULL) ^ mix(index)) {}

  /// Uniform in [0, bound), but for a bias far below what anyone can see.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::string_view word(Words words) { return words[below(words.size())]; }

 private:
  std::uint64_t state_;

  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBULL;
    return value ^ (value >> 31);
  }
  std::uint64_t next() { return mix(state_ += 0x9E3779B97F4A7C15ULL); }
};

void append_words(std::string& out, std::initializer_list<std::string_view> words) {
  for (std::string_view word : words) out += word;
}

void append_base_title(Draw& draw, std::string& out) {
  switch (draw.below(8)) {
    case 0:
    case 1:
      return append_words(out, {"The ", draw.word(adjectives()), " ", draw.word(nouns())});
    case 2:
      return append_words(out, {draw.word(adjectives()), " ", draw.word(nouns())});
    case 3:
      return append_words(out, {"The ", draw.word(nouns()), " of ", draw.word(places())});
    case 4:
      return append_words(out, {"A ", draw.word(nouns()), " for ", draw.word(first_names())});
    case 5:
      return append_words(out, {draw.word(nouns()), " and ", draw.word(nouns())});
    case 6:
      return append_words(out, {draw.word(first_names()), " in ", draw.word(places())});
    default:
      return append_words(out, {"The ", draw.word(nouns()), " and the ", draw.word(adjectives()),
                                " ", draw.word(nouns())});
  }
}

void append_name(Draw& draw, std::string& out) {
  append_words(out, {draw.word(first_names()), " ", draw.word(last_names())});
}

bool needs_escape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const auto plain =
        static_cast<std::size_t>(std::ranges::find_if(text, needs_escape) - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (text.front() == '"' || text.front() == '\\')
      (out += '\\') += text.front();
    else
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(text.front()));
    text.remove_prefix(1);
  }
  out += '"';
}

std::string find_name_fault(std::string_view role, std::string_view name) {
  if (name.empty()) return fmt::format("has no {}", role);
  if (name.size() <= max_name_bytes) return "";
  return fmt::format("has a name of {} bytes as its {}, and at most {} are stored", name.size(),
                     role, max_name_bytes);
}

}  // namespace

std::string find_fault(const Movie& movie) {
  if (movie.title.empty()) return "has no title";
  if (movie.title.size() > max_title_bytes)
    return fmt::format("has a title of {} bytes, and at most {} are stored", movie.title.size(),
                       max_title_bytes);
  if (movie.year < min_year || movie.year > max_year)
    return fmt::format("has the year {}, which is not between {} and {}", movie.year, min_year,
                       max_year);
  if (std::string fault = find_name_fault("director", movie.director); !fault.empty()) return fault;
  return find_name_fault("actor", movie.actor);
}

void append_json(const Movie& movie, std::string& out) {
  out += R"({"title":)";
  append_json_string(movie.title, out);
  out += R"(,"year":)";
  const fmt::format_int year(movie.year);
  out.append(year.data(), year.size());
  out += R"(,"director":)";
  append_json_string(movie.director, out);
  out += R"(,"actor":)";
  append_json_string(movie.actor, out);
  out += '}';
}

Movie MovieList::at(std::uint64_t index) const {
  Movie movie;
  make(index, movie);
  return movie;
}

void MovieList::make(std::uint64_t index, Movie& movie) const {
  Draw draw(seed_, index);
  movie.title.clear();
  append_base_title(draw, movie.title);
  // One movie in twelve is a sequel.
  constexpr std::array<std::string_view, 3> sequels = {" II", " III", ": The Return"};
  if (draw.below(12) == 0) movie.title += draw.word(sequels);
  movie.year = 1920 + static_cast<int>(draw.below(106));
  movie.director.clear();
  append_name(draw, movie.director);
  movie.actor.clear();
  append_name(draw, movie.actor);
}

}  // namespace matinee::jobs::movies
