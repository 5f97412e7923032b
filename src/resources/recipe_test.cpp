// What recipes say, on services that only take note of what they are called for.
#include "resources/recipe.h"

#include <gtest/gtest.h>

#include <deque>

#include "protocol/error.h"
#include "runtime/simulated/run_task.h"
#include "runtime/simulated/simulation.h"
#include "templates/text_readers.h"

namespace matinee::resources {
namespace {

Value json(std::string_view text) {
  return templates::read_json(text);
}

class NotingCalls final : public Calls {
 public:
  std::vector<std::string> made;
  std::deque<Value> answers;                  // then {}
  std::map<std::string, std::string> errors;  // operation to the error that it ends with

  runtime::Task<Value> call(std::string_view operation, Value request, Keep keep) override {
    made.push_back(std::string(operation) + " " + to_json(request));
    if (const auto error = errors.find(std::string(operation)); error != errors.end())
      throw protocol::ServiceError(error->second, 400, "no");
    Value answer = Value::map();
    if (!answers.empty()) {
      answer = std::move(answers.front());
      answers.pop_front();
    }
    if (keep) keep(answer);
    co_return answer;
  }
};

class Recipes : public testing::Test {
 protected:
  template <class T>
  T run(runtime::Task<T> task) {
    return runtime::run_task(simulation.loop, std::move(task));
  }
  std::string id_of(const RecipeType& type, std::string_view properties) {
    return run(type.create(subject, json(properties))).id;
  }
  /// What is called for the change.
  std::vector<std::string> change(const RecipeType& type, std::string_view before,
                                  std::string_view after) {
    calls.made.clear();
    run(type.update(subject, "id", json(before), json(after)));
    return calls.made;
  }
  static RecipeType queue(std::string_view recipe) {
    return {*find_schema("AWS::SQS::Queue"), json(recipe)};
  }

  runtime::Simulation simulation;
  runtime::Runtime runtime = simulation.runtime();
  NotingCalls calls;
  std::vector<std::string> noted;
  Subject subject{.calls = calls,
                  .runtime = runtime,
                  .account = "111122223333",
                  .region = "eu-west-1",
                  .stack_name = "stack",
                  .logical_id = "Queue",
                  .token = "0e7d3f9c-0000-4000-8000-000000000001",
                  .made = [this](std::string id) { noted.push_back(std::move(id)); }};
};

TEST_F(Recipes, the_first_step_makes_and_its_id_is_noted_with_the_response) {
  const RecipeType type = queue(R"({"id": "$response.Url", "name": {"property": "QueueName"},
      "create": [{"call": "a:Make", "with": {"Name": "$name", "Delay": "$DelaySeconds"}},
                 {"call": "a:More", "with": {"Id": "$id"}, "when": "$DelaySeconds"}],
      "attributes": {"Arn": "arn:${partition}:a:${region}:${account}:${name}"}})");
  calls.answers = {json(R"({"Url": "u"})")};
  const Made made = run(type.create(subject, json(R"({"QueueName": "q"})")));
  EXPECT_EQ(made.id, "u");
  EXPECT_EQ(to_json(made.attributes),
            R"({"QueueName":"q","Arn":"arn:aws:a:eu-west-1:111122223333:q"})");
  EXPECT_EQ(noted, std::vector<std::string>{"u"});
  EXPECT_EQ(calls.made, std::vector<std::string>{R"(a:Make {"Name":"q"})"});
}

TEST_F(Recipes, a_resource_that_was_made_before_a_restart_is_not_made_again) {
  const RecipeType type = queue(R"({"id": "$response.Url",
      "create": [{"call": "a:Make"}, {"call": "a:More", "with": {"Id": "$id"}}]})");
  subject.made_id = "u";
  subject.is_repeated = true;
  EXPECT_EQ(id_of(type, "{}"), "u");
  EXPECT_EQ(calls.made, std::vector<std::string>{R"(a:More {"Id":"u"})"});
}

TEST_F(Recipes, what_is_there_under_a_generated_name_is_ones_own_only_when_a_step_is_repeated) {
  const RecipeType type = queue(R"({"create": {"call": "a:Make", "existing": ["AlreadyExists"]}})");
  calls.errors["a:Make"] = "EntityAlreadyExists";
  EXPECT_THROW(id_of(type, "{}"), HandlerError);
  EXPECT_TRUE(noted.empty());
  subject.is_repeated = true;
  EXPECT_TRUE(id_of(type, "{}").starts_with("stack-Queue-"));
  EXPECT_EQ(noted.size(), 1u);
}

TEST_F(Recipes, what_is_there_under_a_given_name_is_ones_own_only_when_that_was_noted) {
  const RecipeType type = queue(R"({"name": {"property": "QueueName"},
      "create": {"call": "a:Make", "existing": ["AlreadyExists"]}})");
  calls.errors["a:Make"] = "EntityAlreadyExists";
  subject.is_repeated = true;
  EXPECT_THROW(id_of(type, R"({"QueueName": "q"})"), HandlerError);
  EXPECT_TRUE(noted.empty());
  subject.made_id = "q";
  EXPECT_EQ(id_of(type, R"({"QueueName": "q"})"), "q");
}

TEST_F(Recipes, what_creation_would_write_over_is_read_first) {
  const RecipeType type = queue(R"({"puts": true, "name": {"property": "QueueName"},
      "create": {"call": "a:Put"}, "read": {"call": "a:Get", "take": {"QueueName": "$id"}}})");
  try {
    id_of(type, R"({"QueueName": "q"})");
    FAIL() << "it is there";
  } catch (const HandlerError& error) {
    EXPECT_EQ(error.code, "AlreadyExists");
    EXPECT_EQ(error.message,
              "Resource of type 'AWS::SQS::Queue' with identifier "
              "'{\"/properties/QueueName\":\"q\"}' already exists.");
  }
  subject.is_repeated = true;
  EXPECT_THROW(id_of(type, R"({"QueueName": "q"})"), HandlerError);
  subject.is_repeated = false;
  calls.errors["a:Get"] = "ResourceNotFoundException";
  EXPECT_EQ(id_of(type, R"({"QueueName": "q"})"), "q");
}

TEST_F(Recipes, an_update_sends_what_changes_and_defaults_for_what_is_gone) {
  const RecipeType type = queue(R"({"create": {"call": "a:Make"}, "update": [
      {"let": "all", "be": {"$changed": {"DelaySeconds": 0, "VisibilityTimeout": 30,
           "QueueName": null}}},
      {"call": "a:Set", "when": "$all", "with": {"Id": "$id", "All": "$all"}}]})");
  EXPECT_EQ(change(type, R"({"DelaySeconds": 5, "VisibilityTimeout": 1, "QueueName": "q"})",
                   R"({"VisibilityTimeout": 2})"),
            std::vector<std::string>{
                R"(a:Set {"Id":"id","All":{"DelaySeconds":0,"VisibilityTimeout":2}})"});
  EXPECT_TRUE(change(type, R"({"DelaySeconds": 5})", R"({"DelaySeconds": 5})").empty());
}

TEST_F(Recipes, settings_are_set_when_made_and_cleared_when_gone) {
  const RecipeType type = queue(R"({"create": {"call": "a:Make"}, "settings": [
      {"of": "DelaySeconds", "set": {"call": "a:Set", "with": {"Delay": "$DelaySeconds"}},
       "clear": {"call": "a:Clear"}}]})");
  id_of(type, R"({"DelaySeconds": 5})");
  EXPECT_EQ(calls.made, (std::vector<std::string>{"a:Make {}", R"(a:Set {"Delay":5})"}));
  EXPECT_EQ(change(type, R"({"DelaySeconds": 5})", R"({"DelaySeconds": 6})"),
            std::vector<std::string>{R"(a:Set {"Delay":6})"});
  EXPECT_EQ(change(type, R"({"DelaySeconds": 5})", "{}"), std::vector<std::string>{"a:Clear {}"});
  EXPECT_TRUE(change(type, "{}", "{}").empty());
}

TEST_F(Recipes, tags_are_those_of_the_resource_and_then_of_the_stack) {
  const RecipeType type = queue(R"({"create": {"call": "a:Make", "with": {"Tags": "$tags"}},
      "tags": {"set": {"call": "a:Tag", "with": {"Tags": "$tags_set"}},
               "unset": {"call": "a:Untag", "with": {"Keys": "$tags_unset"}}}})");
  subject.stack_tags = json(R"([{"Key": "a", "Value": "stack"}, {"Key": "aws:x", "Value": "1"}])");
  id_of(type, R"({"Tags": [{"Key": "a", "Value": "own"}]})");
  EXPECT_EQ(calls.made,
            std::vector<std::string>{
                R"(a:Make {"Tags":[{"Key":"a","Value":"own"},{"Key":"aws:x","Value":"1"}]})"});
  subject.previous_stack_tags = subject.stack_tags;
  EXPECT_EQ(
      change(type, R"({"Tags": [{"Key": "a", "Value": "own"}, {"Key": "b", "Value": "1"}]})", "{}"),
      (std::vector<std::string>{R"(a:Untag {"Keys":["b"]})",
                                R"(a:Tag {"Tags":[{"Key":"a","Value":"stack"}]})"}));
}

TEST_F(Recipes, what_is_gone_is_deleted_and_what_is_not_there_cannot_be_read) {
  const RecipeType type = queue(R"({"create": {"call": "a:Make"}, "delete": {"call": "a:Delete"},
      "read": {"call": "a:List", "must": {"$find": {"in": "$response.Items",
           "where": {"Id": "$id"}}}}})");
  calls.errors["a:Delete"] = "QueueDoesNotExist";
  runtime::start(type.remove(subject, "id", json("{}")),
                 [](std::exception_ptr error) { EXPECT_EQ(error, nullptr); });
  calls.answers = {json(R"({"Items": [{"Id": "other"}]})")};
  try {
    run(type.read(subject, "id"));
    FAIL();
  } catch (const HandlerError& error) {
    EXPECT_EQ(error.code, "NotFound");
  }
}

TEST_F(Recipes, a_step_waits_until_it_is_so) {
  const RecipeType type = queue(R"({"create": [{"call": "a:Make"},
      {"call": "a:Look", "until": {"$equals": ["$response.Status", "ACTIVE"]},
       "fails": "$response.Reason"}]})");
  calls.answers = {json("{}"), json(R"({"Status": "CREATING"})"), json(R"({"Status": "ACTIVE"})")};
  id_of(type, "{}");
  EXPECT_EQ(calls.made.size(), 3u);
  calls.answers = {json("{}"), json(R"({"Status": "FAILED", "Reason": "broken"})")};
  try {
    id_of(type, "{}");
    FAIL();
  } catch (const HandlerError& error) {
    EXPECT_EQ(error.code, "NotStabilized");
    EXPECT_EQ(error.message, "broken");
  }
}

TEST_F(Recipes, properties_that_cannot_be_carried_out_are_refused_by_name) {
  const RecipeType type = queue(
      R"({"create": {"call": "a:Make"}, "refused": {"KmsMasterKeyId": "there are no keys."}})");
  try {
    id_of(type, R"({"KmsMasterKeyId": "k"})");
    FAIL();
  } catch (const HandlerError& error) {
    EXPECT_EQ(error.message,
              "Matinee does not carry out KmsMasterKeyId of AWS::SQS::Queue: there are no keys.");
  }
  EXPECT_TRUE(calls.made.empty());
}

TEST_F(Recipes, all_pages_are_listed) {
  const RecipeType type = queue(R"({"create": {"call": "a:Make"},
      "list": {"call": "a:List", "token": "Next", "ids": "$response.Items.*.Id"}})");
  calls.answers = {json(R"({"Items": [{"Id": "1"}, {"Id": "2"}], "Next": "n"})"),
                   json(R"({"Items": [{"Id": "3"}]})")};
  EXPECT_EQ(run(type.list(subject, json("{}"))), (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_EQ(calls.made, (std::vector<std::string>{"a:List {}", R"(a:List {"Next":"n"})"}));
}

TEST(AllRecipes, say_what_is_done_about_every_property_of_their_schemas) {
  EXPECT_GE(all_types().size(), 7u);
  for (const ResourceType* type : all_types())
    if (const auto* recipe = dynamic_cast<const RecipeType*>(type))
      EXPECT_EQ(forgotten_properties(*recipe), std::vector<std::string>{})
          << type->schema().type_name();
}

}  // namespace
}  // namespace matinee::resources
