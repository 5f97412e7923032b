#include "services/kept_answer.h"

#include <gtest/gtest.h>

namespace matinee::services {

TEST(KeptAnswer, has_a_place_of_its_own_behind_what_it_answers) {
  const std::string arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
  EXPECT_GT(answer_place(arn), arn);
  EXPECT_EQ(function_of_answer(answer_place(arn)), arn);
  EXPECT_EQ(function_of_answer(arn), std::nullopt);
  EXPECT_EQ(function_of_answer("http://127.0.0.1/answer"), std::nullopt);
}

}  // namespace matinee::services
