#include "movies/omdb_client.h"

#include <gtest/gtest.h>

#include "movies/get_top_movies.h"

namespace top_movies {
namespace {

using lambda::Json;

TEST(Enriched, has_numbers_as_numbers_and_lists_as_lists) {
  const Film film{.id = "tt0111161",
                  .rank = 1,
                  .title = "The Shawshank Redemption",
                  .year = 1994,
                  .rating = Json::number("9.2")};
  const Json omdb = Json::parse(R"({"Title":"x","Year":"1994","Rated":"R",
    "Released":"14 Oct 1994","Runtime":"142 min","Genre":"Crime, Drama",
    "Director":"Frank Darabont","Writer":"Stephen King, Frank Darabont","Actors":"Tim Robbins",
    "Plot":"Two men.","Language":"English","Country":"United States","Awards":"N/A",
    "Poster":"https://p","Metascore":"82","imdbRating":"9.3","imdbVotes":"2,731,095",
    "imdbID":"tt0111161","BoxOffice":"$28,767,189","Production":"N/A","Response":"True"})");
  EXPECT_EQ(enriched(film, omdb).dump(),
            R"({"rank":1,"id":"tt0111161","title":"The Shawshank Redemption","year":1994,)"
            R"("rating":9.2,"votes":2731095,"rated":"R","released":"14 Oct 1994",)"
            R"("runtimeMinutes":142,"genres":["Crime","Drama"],"directors":["Frank Darabont"],)"
            R"("writers":["Stephen King","Frank Darabont"],"actors":["Tim Robbins"],)"
            R"("plot":"Two men.","languages":["English"],"countries":["United States"],)"
            R"("poster":"https://p","metascore":82,"boxOfficeDollars":28767189})");
}

TEST(Enriched, leaves_out_what_omdb_does_not_know) {
  const Film film{.id = "tt1", .rank = 1, .title = "T", .year = 1, .rating = Json::number("9")};
  const Json omdb = Json::parse(R"({"Runtime":"N/A","imdbVotes":"1e5","Genre":"N/A","Plot":7,
    "Metascore":"99999999999999999999"})");
  EXPECT_EQ(enriched(film, omdb).dump(),
            R"({"rank":1,"id":"tt1","title":"T","year":1,"rating":9})");
}

TEST(DayOf, is_that_of_the_event_or_today) {
  EXPECT_EQ(day_of(Json::parse("{}"), "2026-05-05"), "2026-05-05");
  EXPECT_EQ(day_of(Json::parse(R"({"time":"2026-01-31T23:59:59Z"})"), "x"), "2026-01-31");
  EXPECT_EQ(day_of(Json::parse(R"({"day":"2024-02-29","time":"t"})"), "x"), "2024-02-29");
  for (const char* bad : {R"({"day":"2026-02-29"})", R"({"time":"noon"})", R"({"day":"2026-1-1"})"})
    EXPECT_THROW(day_of(Json::parse(bad), "x"), std::runtime_error) << bad;
}

}  // namespace
}  // namespace top_movies
