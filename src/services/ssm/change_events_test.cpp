// What EventBridge is told of parameters.
#include "services/ssm/service_fixture.h"

namespace matinee::ssm {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ToldParameters : public SsmTest, public services::EventSink {
 protected:
  ToldParameters() { service->use_events(*this); }

  void put(const services::ServiceEvent& event) override { told.push_back(event); }
  using SsmTest::put;

  std::vector<services::ServiceEvent> told;
};

constexpr std::string_view expires =
    R"([{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2024-01-11T00:00:00Z"}},)"
    R"({"Type":"ExpirationNotification","Version":"1.0",)"
    R"("Attributes":{"Before":"24","Unit":"Hours"}}])";

TEST_F(ToldParameters, changes_are_told_as_they_are_made) {
  put("/a/b", "v", {.description = "D"});
  overwrite("/a/b", "w");
  call(&Service::delete_parameter, DeleteParameterRequest{.name = "/a/b"});
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[0].detail,
            R"({"operation":"Create","name":"/a/b","type":"String","description":"D"})");
  EXPECT_EQ(told[0].detail_type, "Parameter Store Change");
  EXPECT_THAT(told[0].resources, ElementsAre("arn:aws:ssm:us-east-1:111122223333:parameter/a/b"));
  EXPECT_THAT(told[1].detail, HasSubstr("Update"));
  EXPECT_THAT(told[2].detail, HasSubstr("Delete"));
}

TEST_F(ToldParameters, an_image_that_is_none_is_told_with_its_exception) {
  put("ami", "no-image", {.data_type = "aws:ec2:image"});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].detail,
            R"({"exception":"Unable to Describe Resource","dataType":)"
            R"("aws:ec2:image","operation":"Create","name":"ami","type":"String"})");
}

TEST_F(ToldParameters, an_expiration_is_told_before_and_when_it_happens) {
  put("p", "v", {.tier = "Advanced", .policies = std::string(expires)});
  told.clear();
  advance(hours(9 * 24));
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0].detail, HasSubstr("The parameter will expire in 24 hours."));
  kill_and_restart();
  service->use_events(*this);
  advance(hours(24));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_THAT(told[1].detail, HasSubstr(R"("policy-type":"Expiration","parameter-name":"p")"));
  EXPECT_THAT(error_of_get("p"), HasSubstr("ParameterNotFound"));
}

TEST_F(ToldParameters, what_was_told_is_not_told_again_when_the_value_changes) {
  put("p", "v", {.tier = "Advanced", .policies = std::string(expires)});
  advance(hours(9 * 24));
  overwrite("p", "w");
  told.clear();
  advance(hours(23));
  EXPECT_THAT(told, IsEmpty());
}

TEST_F(ToldParameters, a_reset_takes_what_was_to_be_told) {
  put("p", "v", {.tier = "Advanced", .policies = std::string(expires)});
  told.clear();
  {
    storage::Transaction transaction(*store);
    service->reset({});
    transaction.commit();
  }
  advance(hours(24 * 30));
  EXPECT_THAT(told, IsEmpty());
}

}  // namespace
}  // namespace matinee::ssm
