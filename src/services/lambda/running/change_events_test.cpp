#include "services/lambda/running/change_events.h"

#include <gtest/gtest.h>

namespace matinee::lambda {
namespace {

TEST(ChangeAnswers, the_first_that_is_reported_ends_what_is_done) {
  const Changes batch = {{.sequence = "1"}, {.sequence = "2"}, {.sequence = "3"}};
  const auto of = [&](const std::string& answer) {
    return read_answer(answer, batch, {.reports_failures = true}).done;
  };
  EXPECT_EQ(of(R"({"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]})"), 1U);
  for (const char* success : {"", "null", "[]", "{}", "17", "\"done\"",
                              R"({"batchItemFailures":[]})", R"({"batchItemFailures":null})"})
    EXPECT_EQ(of(success), 3U) << success;
  for (const char* failure : {"no JSON", R"({"batchItemFailures":[{"itemIdentifier":"4"}]})",
                              R"({"batchItemFailures":[{"itemIdentifier":""}]})",
                              R"({"batchItemFailures":[{"itemIdentifier":null}]})",
                              R"({"batchItemFailures":[{"foo":"1"}]})",
                              R"({"batchItemFailures":["1"]})", R"({"batchItemFailures":"1"})"})
    EXPECT_EQ(of(failure), 0U) << failure;
}

TEST(ChangeAnswers, a_state_is_handed_on_as_it_was_written) {
  const Changes batch = {{.sequence = "1"}};
  const auto of = [&](const std::string& answer) {
    return read_answer(answer, batch, {.reports_failures = true, .has_state = true});
  };
  const std::string state = R"({"n": 123456789012345678901234567890, "of": [1.10, "\u00e9"]})";
  EXPECT_EQ(of(R"({"state": )" + state + "}").state, state);
  EXPECT_EQ(of(R"({"state": )" + state + "}").done, 1U);
  EXPECT_EQ(of(R"({"batchItemFailures": [{"itemIdentifier": "1"}], "state": {} })").done, 0U);
  for (const char* failure : {"", "null", "[]", "{}", "no JSON", R"({"state": null})",
                              R"({"state": [1]})", R"({"state": "text"})", R"({"state": {"a" 1}})"})
    EXPECT_EQ(of(failure).done, 0U) << failure;
}

}  // namespace
}  // namespace matinee::lambda
