#include "services/sts/service.h"

#include <gtest/gtest.h>

namespace matinee::sts {

TEST(CallerIdentity, is_the_root_of_the_account_unless_the_caller_is_somebody_else) {
  Service service;
  const auto root = service.get_caller_identity({.account = "111111111111"}, {});
  EXPECT_EQ(root.arn, "arn:aws:iam::111111111111:root");
  EXPECT_EQ(root.account, "111111111111");
  EXPECT_EQ(root.user_id, "111111111111");
  const auto user =
      service.get_caller_identity({.account = "111111111111",
                                   .access_key = "AKIAEXAMPLE",
                                   .caller_arn = "arn:aws:iam::111111111111:user/ann"},
                                  {});
  EXPECT_EQ(user.arn, "arn:aws:iam::111111111111:user/ann");
  EXPECT_EQ(user.user_id, "AKIAEXAMPLE");
}

}  // namespace matinee::sts
