// Last-accessed data: of what policies allow, used or not.
#include "services/iam/service_fixture.h"

namespace matinee::iam {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LastAccessed : public IamTest {
 protected:
  GetServiceLastAccessedDetailsResponse details_of(const std::string& arn) {
    const auto job = call(&Service::generate_service_last_accessed_details, {.arn = arn});
    return call(&Service::get_service_last_accessed_details, {.job_id = *job.job_id});
  }
  std::vector<std::string> services_of(const std::string& arn) {
    std::vector<std::string> names;
    for (const auto& service : details_of(arn).services_last_accessed)
      names.push_back(service.service_namespace);
    return names;
  }
  void set_policy(const std::string& user, const std::string& elements) {
    call(&Service::put_user_policy,
         {.user_name = user,
          .policy_name = "p",
          .policy_document = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)" +
                             elements + R"(,"Resource":"*"}]})"});
  }
  const std::string bob = "arn:aws:iam::111111111111:user/bob";
};

TEST_F(LastAccessed, services_that_are_allowed_are_told_though_nobody_used_them) {
  create_user("bob");
  EXPECT_THAT(services_of(bob), IsEmpty());
  set_policy("bob", R"("Action":["SQS:SendMessage","s3:Get*","dynamodb:*","nothing:X"])");
  EXPECT_THAT(services_of(bob), ElementsAre("dynamodb", "s3", "sqs"));
  const auto details = details_of(bob);
  const ServiceLastAccessed& first = details.services_last_accessed.front();
  EXPECT_EQ(first.service_name, "Amazon DynamoDB");
  EXPECT_FALSE(first.last_authenticated);
  EXPECT_FALSE(first.last_authenticated_entity);
  EXPECT_EQ(first.total_authenticated_entities, 0);
}

TEST_F(LastAccessed, what_is_left_out_of_a_statement_is_not_told_if_it_is_a_whole_service) {
  create_user("bob");
  set_policy("bob", R"("NotAction":["sqs:*","s3:GetObject"])");
  const auto job = call(&Service::generate_service_last_accessed_details, {.arn = bob});
  std::vector<std::string> services;
  std::optional<std::string> marker;
  do {
    const auto page = call(&Service::get_service_last_accessed_details,
                           {.job_id = *job.job_id, .max_items = 50, .marker = marker});
    EXPECT_LE(page.services_last_accessed.size(), 50u);
    for (const auto& service : page.services_last_accessed)
      services.push_back(service.service_namespace);
    marker = page.marker;
  } while (marker);
  EXPECT_GT(services.size(), 300u);
  EXPECT_THAT(services, testing::Contains("s3"));
  EXPECT_THAT(services, testing::Not(testing::Contains("sqs")));
}

TEST_F(LastAccessed, groups_and_policies_are_asked_for_like_users) {
  create_user("bob");
  create_group("clerks");
  call(&Service::add_user_to_group, {.group_name = "clerks", .user_name = "bob"});
  const std::string policy = create_policy("films");
  call(&Service::attach_group_policy, {.group_name = "clerks", .policy_arn = policy});
  EXPECT_THAT(services_of(policy), ElementsAre("s3"));
  EXPECT_THAT(services_of("arn:aws:iam::111111111111:group/clerks"), ElementsAre("s3"));
  EXPECT_THAT(services_of(bob), ElementsAre("s3"));
  EXPECT_THAT(services_of("arn:aws:iam::aws:policy/AmazonSQSFullAccess"), testing::Contains("sqs"));
}

}  // namespace
}  // namespace matinee::iam
