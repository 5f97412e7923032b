// AddPermission, RemovePermission and the Policy attribute that they edit.
#include <gmock/gmock.h>

#include "services/sqs/service_fixture.h"

namespace matinee::sqs {

using testing::HasSubstr;

class Permissions : public SqsTest {
 protected:
  std::string url = create("films");

  void add(const std::string& label, std::vector<std::string> actions = {"SendMessage"},
           std::vector<std::string> accounts = {"111122223333"}) {
    call(&Service::add_permission, AddPermissionRequest{.queue_url = url,
                                                        .label = label,
                                                        .aws_account_ids = std::move(accounts),
                                                        .actions = std::move(actions)});
  }
  void take(const std::string& label) {
    call(&Service::remove_permission, RemovePermissionRequest{.queue_url = url, .label = label});
  }
};

TEST_F(Permissions, a_permission_becomes_a_statement_of_the_policy) {
  add("one");
  add("two", {"SendMessage", "ReceiveMessage"}, {"111122223333", "444455556666"});
  const std::string arn = attribute(url, "QueueArn");
  EXPECT_EQ(
      attribute(url, "Policy"),
      R"({"Version":"2008-10-17","Id":")" + arn +
          R"(/SQSDefaultPolicy","Statement":[)"
          R"({"Sid":"one","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},)"
          R"("Action":"SQS:SendMessage","Resource":")" +
          arn +
          R"("},)"
          R"({"Sid":"two","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root",)"
          R"("arn:aws:iam::444455556666:root"]},"Action":["SQS:SendMessage","SQS:ReceiveMessage"],)"
          R"("Resource":")" +
          arn + R"("}]})");
}

TEST_F(Permissions, removing_the_last_one_removes_the_policy) {
  add("one");
  add("two");
  take("one");
  EXPECT_THAT(attribute(url, "Policy"), HasSubstr("two"));
  EXPECT_THAT(attribute(url, "Policy"), testing::Not(HasSubstr("one")));
  kill_and_restart();
  take("two");
  EXPECT_EQ(attribute(url, "Policy"), "");
}

TEST_F(Permissions, a_policy_that_was_set_keeps_its_other_statements) {
  const std::string mine =
      R"({"Sid":"mine","Effect":"Deny","Principal":"*","Action":"SQS:*","Resource":"*"})";
  set(url, "Policy", R"({"Version":"2012-10-17","Statement":)" + mine + "}");
  add("one");
  take("one");
  EXPECT_EQ(attribute(url, "Policy"), R"({"Version":"2012-10-17","Statement":[)" + mine + "]}");
}

TEST_F(Permissions, wrong_requests_are_refused) {
  add("one");
  EXPECT_THAT(error_of([&] { add("one"); }), HasSubstr("Already exists."));
  EXPECT_THAT(error_of([&] { add("no spaces"); }), HasSubstr("for parameter Label is invalid"));
  EXPECT_THAT(error_of([&] { add("x", {"Fly"}); }), HasSubstr("SQS:Fly for parameter ActionName"));
  EXPECT_THAT(error_of([&] { add("x", {"CreateQueue"}); }), HasSubstr("Only the queue owner"));
  EXPECT_THAT(error_of([&] { add("x", {"*"}, {"me"}); }), HasSubstr("for parameter PrincipalId"));
  EXPECT_THAT(error_of([&] { add("x", std::vector<std::string>(8, "SendMessage")); }),
              HasSubstr("OverLimit: 8 Actions were found, maximum allowed is 7."));
  EXPECT_THAT(error_of([&] { take("two"); }), HasSubstr("for parameter Label is invalid"));
  EXPECT_THAT(error_of([&] { set(url, "Policy", "not JSON"); }),
              HasSubstr("InvalidAttributeValue"));
}

}  // namespace matinee::sqs
