#include "omdb/stand_in.h"

#include <gtest/gtest.h>

#include "omdb/repair.h"

namespace matinee::omdb {
namespace {

protocol::HttpResponse ask(const StandIn& stand_in, const std::string& target) {
  protocol::HttpRequest request{.method = "GET"};
  EXPECT_TRUE(request.set_target(target));
  return stand_in.answer(request);
}

TEST(StandIn, answers_by_id_with_the_members_of_omdb_in_its_order) {
  const protocol::HttpResponse response = ask(StandIn(), "/?i=tt0211915&apikey=k");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.find("Content-Type"), "application/json; charset=utf-8");
  EXPECT_EQ(response.body.bytes,
            R"({"Title":"Amélie","Year":"2001","Rated":"N/A","Released":"N/A","Runtime":"N/A",)"
            R"("Genre":"N/A","Director":"Jean-Pierre Jeunet","Writer":"N/A",)"
            R"("Actors":"Audrey Tautou, Mathieu Kassovitz","Plot":"N/A","Language":"N/A",)"
            R"("Country":"N/A","Awards":"N/A","Poster":"https://m.media-amazon.com/images/M/)"
            R"(MV5BNDg4NjM1YjMtYmNhZC00MjM0LWFiZmYtNGY1YjA3MzZmODc5XkEyXkFqcGdeQXVyNDk3NzU2MTQ@.)"
            R"(_V1_UX128_CR0,3,128,176_AL_.jpg","Ratings":[{"Source":"Internet Movie Database",)"
            R"("Value":"8.3/10"}],"Metascore":"N/A","imdbRating":"8.3","imdbVotes":"741,015",)"
            R"("imdbID":"tt0211915","Type":"movie","DVD":"N/A","BoxOffice":"N/A",)"
            R"("Production":"N/A","Website":"N/A","Response":"True"})");
}

TEST(StandIn, refuses_a_missing_and_a_wrong_key_with_401) {
  const StandIn stand_in({"good", "other"});
  for (const std::string_view target : {"/?i=tt0111161", "/?i=tt0111161&apikey="}) {
    const protocol::HttpResponse response = ask(stand_in, std::string(target));
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.body.bytes, R"({"Response":"False","Error":"No API key provided."})");
  }
  const protocol::HttpResponse response = ask(stand_in, "/?i=tt0111161&apikey=bad");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.body.bytes, R"({"Response":"False","Error":"Invalid API key!"})");
  EXPECT_EQ(ask(stand_in, "/?i=tt0111161&apikey=other").status, 200);
}

TEST(StandIn, says_what_it_does_not_find_in_the_words_of_omdb) {
  const auto error = [stand_in = StandIn()](const std::string& query) {
    const protocol::HttpResponse response = ask(stand_in, "/?apikey=k&" + query);
    EXPECT_EQ(response.status, 200);
    return response.body.bytes;
  };
  EXPECT_EQ(error("i=tt9999999"), R"({"Response":"False","Error":"Error getting data."})");
  EXPECT_EQ(error("i=99"), R"({"Response":"False","Error":"Incorrect IMDb ID."})");
  EXPECT_EQ(error(""), R"({"Response":"False","Error":"Incorrect IMDb ID."})");
  EXPECT_EQ(error("t=No+such+film"), R"({"Response":"False","Error":"Movie not found!"})");
}

TEST(StandIn, finds_titles_in_any_letters_and_the_best_of_those_that_contain_them) {
  const auto title = [stand_in = StandIn()](const std::string& query) {
    const std::string body = ask(stand_in, "/?apikey=k&" + query).body.bytes;
    return body.substr(0, body.find(",\"Rated"));
  };
  EXPECT_EQ(title("t=the%20godfather"), R"({"Title":"The Godfather","Year":"1972")");
  EXPECT_EQ(title("t=Godfather"), R"({"Title":"The Godfather","Year":"1972")");
  EXPECT_EQ(title("t=Godfather&y=1974"), R"({"Title":"The Godfather: Part II","Year":"1974")");
  EXPECT_EQ(title("t=heat&type=series"), R"({"Response":"False","Error":"Movie not found!"})");
}

TEST(RepairText, takes_back_what_was_encoded_twice_and_nothing_else) {
  EXPECT_EQ(repair_text("AmÃ©lie"), "Amélie");
  EXPECT_EQ(repair_text("WALLÂ·E"), "WALL·E");
  EXPECT_EQ(repair_text("Ã‡etin Tekindor"), "Çetin Tekindor");  // beyond Latin-1
  EXPECT_EQ(repair_text("Gael GarcÃ\u00ada Bernal"), "Gael García Bernal");
  EXPECT_EQ(repair_text("IÃ±Ã¡rritu and Léon"), "Iñárritu and Léon");  // half of it is well
  EXPECT_EQ(repair_text("AmÃƒÂ©lie"), "Amélie");                       // three times
  for (const std::string_view well : {"", "Heat", "Amélie", "七人の侍", "Ö", "€", "naïve – “so”"})
    EXPECT_EQ(repair_text(well), well);
}

}  // namespace
}  // namespace matinee::omdb
