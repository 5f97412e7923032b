#include "jobs/top_movies/verifier.h"

#include <gmock/gmock.h>

#include "omdb/stand_in.h"

namespace matinee::jobs::top_movies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view day = R"({"day": "2026-01-31", "films": [
  {"rank": 1, "id": "tt1", "title": "One", "year": 1994, "rating": 9.2, "votes": 7,
   "directors": ["A", "B"]},
  {"rank": 10, "id": "tt2", "title": "Two", "year": 1957, "rating": 9.0, "votes": 7,
   "directors": []}]})";

std::vector<WrittenFilm> expected() {
  return {{.id = "tt1", .title = "One", .rating = "9.2", .rank = 1, .year = 1994},
          {.id = "tt2", .title = "Two", .rating = "9.0", .rank = 10, .year = 1957}};
}

std::vector<std::string> faults_of(std::string_view text) {
  std::vector<std::string> faults;
  compare(read_day(text, "2026-01-31", faults), expected(), faults);
  return faults;
}

TEST(Verifier, a_day_that_is_right_has_no_faults) {
  EXPECT_THAT(faults_of(day), IsEmpty());
  std::vector<std::string> faults;
  EXPECT_THAT(read_day(day, "2026-01-31", faults)[0].directors, ElementsAre("A", "B"));
}

TEST(Verifier, each_thing_that_is_wrong_is_named) {
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string text(day);
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_THAT(faults_of(changed("2026-01-31", "2026-02-01")),
              ElementsAre("The file is of the day \"2026-02-01\" and not of 2026-01-31."));
  EXPECT_THAT(faults_of(changed("\"tt1\"", "\"tt9\"")),
              ElementsAre("Film 1 is tt9 (One) and not tt1 (One)."));
  EXPECT_THAT(faults_of(changed("9.2", "\"9.2\"")), ElementsAre("rating of tt1 is no number."));
  EXPECT_THAT(faults_of(changed("\"votes\": 7", "\"vote\": 7")),
              ElementsAre("tt1 has nothing of what OMDb knows."));
  EXPECT_THAT(faults_of(changed("One", "OnÃ©")),
              ElementsAre("Of tt1 the file has \"OnÃ©\", 1994, rank 1, and not \"One\", 1994, "
                          "rank 1."));
  EXPECT_THAT(faults_of("{}"), SizeIs(3));
  EXPECT_THAT(faults_of("{"), testing::Contains("The file is no JSON."));
}

TEST(Verifier, of_equal_ratings_rank_10_comes_before_rank_12) {
  const std::vector<WrittenFilm> films = expected_films(omdb::film_list(), 20);
  ASSERT_THAT(films, SizeIs(20));
  EXPECT_EQ(films[0].title, "The Shawshank Redemption");
  for (std::size_t i = 1; i < films.size(); ++i) {
    const double before = std::stod(films[i - 1].rating);
    const double after = std::stod(films[i].rating);
    EXPECT_TRUE(before > after || (before == after && films[i - 1].rank < films[i].rank));
  }
}

}  // namespace
}  // namespace matinee::jobs::top_movies
