// Values of NoEcho parameters are in what is made, and in nothing that is told of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cloudformation/service_fixture.h"

namespace matinee::cloudformation {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string with_secret(const std::string& resources) {
  return R"({"Parameters": {"Secret": {"Type": "String", "NoEcho": true, "Default": "hush"}},
             "Resources": {)" +
         resources + "}}";
}

constexpr const char* kept = R"("Keeper": {"Type": "Test::Thing", "Properties": {"Name": "k"}})";
/// Thing has the secret, Copy by asking Thing, and Joined in a longer text.
constexpr const char* secret = R"(
  "Thing": {"Type": "Test::Thing", "Properties": {"Name": "t", "Size": {"Ref": "Secret"}}},
  "Copy": {"Type": "Test::Thing", "Properties": {
      "Name": "c", "Size": {"Fn::GetAtt": ["Thing", "Size"]}}},
  "Joined": {"Type": "Test::Thing", "Properties": {
      "Name": "j", "Size": {"Fn::Sub": "x-${Copy.Size}"}}})";

class SecretsTest : public StacksTest {
 protected:
  SecretsTest() {
    create(with_secret(std::string(kept) + "," + secret));
    EXPECT_EQ(stack().stack_status, "CREATE_COMPLETE");
  }

  /// All that a change set to that template tells.
  std::string changes(const std::string& body) {
    call(&Service::create_change_set,
         CreateChangeSetRequest{
             .stack_name = "stack", .template_body = body, .change_set_name = "set"});
    const auto told =
        call(&Service::describe_change_set,
             DescribeChangeSetRequest{
                 .change_set_name = "set", .stack_name = "stack", .include_property_values = true});
    std::string all;
    for (const Change& change : *told.changes) {
      const ResourceChange& one = *change.resource_change;
      all += fmt::format("{} {} {} {}\n", *one.action, *one.logical_resource_id,
                         one.before_context.value_or(""), one.after_context.value_or(""));
      for (const ResourceChangeDetail& detail : *one.details)
        all += fmt::format("{} {}\n", detail.target->before_value.value_or(""),
                           detail.target->after_value.value_or(""));
    }
    return all;
  }
};

TEST_F(SecretsTest, it_is_in_what_is_made_and_in_no_event) {
  EXPECT_THAT(world.things["j"], HasSubstr("x-hush"));
  const auto told =
      call(&Service::describe_stack_events, DescribeStackEventsRequest{.stack_name = id});
  int hidden = 0;
  for (const StackEvent& event : *told.stack_events) {
    EXPECT_THAT(event.resource_properties.value_or(""), Not(HasSubstr("hush")));
    hidden += event.resource_properties.value_or("").contains("****") ? 1 : 0;
  }
  EXPECT_EQ(hidden, 9);
}

TEST_F(SecretsTest, what_is_removed_is_told_without_it) {
  const std::string told = changes(with_secret(kept));
  EXPECT_THAT(told, HasSubstr("Remove Thing"));
  EXPECT_THAT(told, Not(HasSubstr("hush")));
  EXPECT_THAT(told, HasSubstr("****"));
}

TEST_F(SecretsTest, what_becomes_a_plain_text_is_told_without_what_it_was) {
  std::string body = with_secret(std::string(kept) + "," + secret);
  const std::string reference = R"({"Ref": "Secret"})";
  body.replace(body.find(reference), reference.size(), R"("plain")");
  const std::string told = changes(body);
  EXPECT_THAT(told, HasSubstr("Modify Thing"));
  EXPECT_THAT(told, HasSubstr("**** plain"));
  EXPECT_THAT(told, Not(HasSubstr("hush")));
}

TEST_F(SecretsTest, what_becomes_a_secret_is_told_without_what_it_was) {
  std::string body = with_secret(std::string(kept) + "," + secret);
  const std::string name = R"("Name": "k")";
  body.replace(body.find(name), name.size(), name + R"(, "Size": {"Ref": "Secret"})");
  call(&Service::update_stack,
       UpdateStackRequest{.stack_name = "stack",
                          .template_body = with_secret(
                              std::string(R"("Keeper": {"Type": "Test::Thing", )"
                                          R"("Properties": {"Name": "k", "Size": "open"}},)") +
                              secret)});
  machine.loop.run_until_idle();
  const std::string told = changes(body);
  EXPECT_THAT(told, HasSubstr("Modify Keeper"));
  EXPECT_THAT(told, Not(HasSubstr("open")));
}

TEST_F(SecretsTest, drift_is_told_without_it) {
  const auto check = [&](const std::string& logical) {
    return call(&Service::detect_stack_resource_drift,
                DetectStackResourceDriftRequest{.stack_name = "stack",
                                                .logical_resource_id = logical})
        .stack_resource_drift;
  };
  for (const char* logical : {"Thing", "Copy", "Joined"}) {
    const StackResourceDrift same = check(logical);
    EXPECT_EQ(same.stack_resource_drift_status, "IN_SYNC") << logical;
    EXPECT_THAT(same.expected_properties.value_or(""), Not(HasSubstr("hush")));
    EXPECT_THAT(same.actual_properties.value_or(""), Not(HasSubstr("hush")));
  }
  world.things["t"] = R"({"Name": "t", "Size": "shout"})";
  const StackResourceDrift other = check("Thing");
  EXPECT_EQ(other.stack_resource_drift_status, "MODIFIED");
  EXPECT_EQ(other.property_differences->front().property_path, "/Size");
  EXPECT_EQ(other.property_differences->front().expected_value, "****");
  EXPECT_EQ(other.property_differences->front().actual_value, "****");
}

}  // namespace
}  // namespace matinee::cloudformation
