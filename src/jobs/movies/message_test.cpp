#include "jobs/movies/message.h"

#include <gtest/gtest.h>

namespace matinee::jobs::movies {
namespace {

Reading read(std::string body) {
  return MessageReader("J", 100).read(body);
}

std::string reason_of(const std::string& body) {
  const Reading reading = read(body);
  const auto* fault = std::get_if<Unintelligible>(&reading);
  return fault ? fault->reason : "understood";
}

std::string with_movie(const std::string& movie) {
  return R"({"job_id":"J","movie_id":"J:5","movie":)" + movie + "}";
}

const std::string good_movie = R"({"title":"T","year":1999,"director":"D","actor":"A"})";

TEST(Message, what_is_written_can_be_read_for_every_movie) {
  const MovieList list(5);
  MessageReader reader("J", 2000);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    std::string body;
    append_message("J", i, list.at(i), body);
    const Reading reading = reader.read(body);
    const auto* own = std::get_if<OwnMovie>(&reading);
    ASSERT_NE(own, nullptr) << body;
    EXPECT_EQ(own->index, i);
    EXPECT_EQ(own->movie, list.at(i));
  }
}

TEST(Message, its_body_is_what_the_documentation_says) {
  std::string body;
  append_message("J", 17, {"T", 1999, "D", "A"}, body);
  EXPECT_EQ(body, R"({"job_id":"J","movie_id":"J:17","movie":)" + good_movie + "}");
  EXPECT_EQ(movie_id("J", 17), "J:17");
}

TEST(Message, members_in_another_order_and_unknown_ones_do_not_matter) {
  const Reading reading = read(R"({"movie":{"actor":"A","extra":[1],"year":1999,"director":"D",)"
                               R"("title":"T"},"more":{"a":1},"movie_id":"J:5","job_id":"J"})");
  const auto* own = std::get_if<OwnMovie>(&reading);
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->movie, (Movie{"T", 1999, "D", "A"}));
}

TEST(Message, one_of_another_job_is_foreign_whatever_else_it_says) {
  const Reading reading = read(R"({"job_id":"K","movie_id":5,"movie":"none"})");
  const auto* foreign = std::get_if<Foreign>(&reading);
  ASSERT_NE(foreign, nullptr);
  EXPECT_EQ(foreign->job_id, "K");
}

TEST(Message, text_that_is_no_message_is_refused_with_the_reason) {
  EXPECT_EQ(reason_of(""), "The message is not a JSON object.");
  EXPECT_EQ(reason_of("hello"), "The message is not a JSON object.");
  EXPECT_EQ(reason_of("[1]"), "The message is not a JSON object.");
  EXPECT_EQ(reason_of("{}"), "The message has no job_id.");
  EXPECT_EQ(reason_of(R"({"job_id":7})"), "The message's job_id is not a string.");
  EXPECT_EQ(reason_of(with_movie(good_movie) + "{}"), "The message goes on after its JSON object.");
  EXPECT_EQ(reason_of(with_movie(good_movie) + "x"), "The message is not a JSON object.");
  EXPECT_NE(reason_of(R"({"job_id":"J","movie_id":"J:5","movie":{"title":"T)"), "understood");
}

TEST(Message, a_movie_id_that_is_not_the_jobs_is_refused) {
  const auto with_id = [](const std::string& id) {
    return R"({"job_id":"J","movie_id":")" + id + R"(","movie":)" + good_movie + "}";
  };
  EXPECT_EQ(reason_of(with_id("J:99")), "understood");
  EXPECT_EQ(reason_of(with_id("J:100")), "The message is movie number 100, and the job has 100.");
  for (const char* id :
       {"", "J", "J:", "J:x", "J:1x", "J:01", "J:-1", "K:1", "J:99999999999999999999"})
    EXPECT_EQ(reason_of(with_id(id)),
              "The message's movie_id \"" + std::string(id) + "\" is not \"J:\" and a number.");
}

TEST(Message, a_movie_that_cannot_be_stored_is_refused) {
  EXPECT_EQ(reason_of(R"({"job_id":"J","movie_id":"J:5"})"), "The message has no movie.");
  EXPECT_EQ(reason_of(with_movie("3")), "The message's movie is not an object.");
  EXPECT_EQ(reason_of(with_movie("{}")), "The message's movie has no title.");
  EXPECT_EQ(reason_of(with_movie(R"({"title":"T","year":"1999","director":"D","actor":"A"})")),
            "The message's movie has a year of the wrong type.");
  EXPECT_EQ(reason_of(with_movie(R"({"title":["T"],"year":1999,"director":"D","actor":"A"})")),
            "The message's movie has a title of the wrong type.");
  const std::string long_name(41, 'x');
  EXPECT_EQ(reason_of(with_movie(R"({"title":"T","year":1999,"director":")" + long_name +
                                 R"(","actor":"A"})")),
            "The message's movie has a name of 41 bytes as its director, and at most 40 are "
            "stored.");
}

}  // namespace
}  // namespace matinee::jobs::movies
