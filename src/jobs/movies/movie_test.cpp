#include "jobs/movies/movie.h"

#include <gtest/gtest.h>

#include "jobs/movies/object_text.h"
#include "jobs/movies/words.h"

namespace matinee::jobs::movies {
namespace {

std::string json_of(const Movie& movie) {
  std::string text;
  append_json(movie, text);
  return text;
}

TEST(MovieList, the_same_seed_and_index_give_the_same_movie_wherever_one_starts) {
  const MovieList list(7);
  std::vector<Movie> forwards;
  for (std::uint64_t i = 0; i < 1000; ++i) forwards.push_back(list.at(i));
  for (std::uint64_t i = 1000; i-- > 0;) EXPECT_EQ(MovieList(7).at(i), forwards[i]);
}

TEST(MovieList, the_list_of_seed_1_never_changes) {
  // A job that was begun with an older program must end with the same object.
  EXPECT_EQ(json_of(MovieList(1).at(0)),
            R"({"title":"Tove in Krakow","year":1983,"director":"Leonie Steiner",)"
            R"("actor":"Ulrike Winterbourne"})");
  EXPECT_EQ(json_of(MovieList(1).at(2)),
            R"({"title":"Village and Mirror","year":1962,"director":"Wanda Maddox",)"
            R"("actor":"Camille Reinholt"})");
}

TEST(MovieList, another_seed_gives_other_movies) {
  int same = 0;
  for (std::uint64_t i = 0; i < 1000; ++i)
    if (MovieList(1).at(i) == MovieList(2).at(i)) ++same;
  EXPECT_EQ(same, 0);
}

TEST(MovieList, every_movie_is_one_that_a_queue_accepts) {
  const MovieList list(99);
  for (std::uint64_t i = 0; i < 20'000; ++i) EXPECT_EQ(find_fault(list.at(i)), "");
}

TEST(MovieList, even_the_longest_words_together_stay_within_the_limits) {
  const auto longest = [](Words words) {
    std::size_t length = 0;
    for (std::string_view word : words) length = std::max(length, word.size());
    return length;
  };
  const std::size_t name = longest(first_names()) + 1 + longest(last_names());
  EXPECT_LE(name, max_name_bytes);
  const std::size_t title = std::string_view("The  and the  : The Return").size() +
                            2 * longest(nouns()) + longest(adjectives());
  EXPECT_LE(title, max_title_bytes);
}

TEST(Movie, its_text_escapes_what_json_does_not_allow) {
  EXPECT_EQ(json_of({"a\"b\\c\nd", 2001, "Zoë", "\x01"}),
            R"({"title":"a\"b\\c\u000ad","year":2001,"director":"Zoë","actor":"\u0001"})");
}

TEST(Movie, one_that_does_not_fit_is_refused_with_the_reason) {
  const Movie good{"T", 1999, "D", "A"};
  EXPECT_EQ(find_fault(good), "");
  Movie movie = good;
  movie.title.assign(91, 'x');
  EXPECT_EQ(find_fault(movie), "has a title of 91 bytes, and at most 90 are stored");
  movie = good;
  movie.actor.assign(41, 'x');
  EXPECT_EQ(find_fault(movie), "has a name of 41 bytes as its actor, and at most 40 are stored");
  movie = good;
  movie.director.clear();
  EXPECT_EQ(find_fault(movie), "has no director");
  movie = good;
  movie.year = 999;
  EXPECT_EQ(find_fault(movie), "has the year 999, which is not between 1000 and 9999");
}

TEST(ObjectText, it_is_an_array_with_one_movie_a_line) {
  ObjectText text;
  text.add({"A", 2001, "B", "C"});
  text.add({"D", 2002, "E", "F"});
  text.finish();
  EXPECT_EQ(text.take(text.size()),
            "[\n"
            R"({"title":"A","year":2001,"director":"B","actor":"C"},)"
            "\n"
            R"({"title":"D","year":2002,"director":"E","actor":"F"})"
            "\n]\n");
}

TEST(ObjectText, taking_pieces_gives_the_same_bytes_as_taking_all) {
  const MovieList list(3);
  ObjectText whole;
  ObjectText cut;
  std::string pieces;
  for (std::uint64_t i = 0; i < 100; ++i) {
    whole.add(list.at(i));
    cut.add(list.at(i));
    if (cut.size() >= 64) pieces += cut.take(64);
  }
  whole.finish();
  cut.finish();
  pieces += cut.take(cut.size());
  EXPECT_EQ(pieces, whole.take(whole.size()));
}

}  // namespace
}  // namespace matinee::jobs::movies
