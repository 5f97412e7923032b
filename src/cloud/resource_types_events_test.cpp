// Rules, buses, schedules and what belongs to them, as CloudFormation makes them.
#include "cloud/resource_types_fixture.h"

namespace matinee::cloud {
namespace {

using EventTypes = ResourceTypeFixture;

TEST_F(EventTypes, rules_are_made_changed_read_and_removed) {
  create("AWS::SQS::Queue", R"({"QueueName": "films"})");
  const std::string target = R"("Arn": "arn:aws:sqs:us-east-1:000000000000:films")";
  live("AWS::Events::Rule",
       {R"({"Name": "daily", "ScheduleExpression": "rate(1 day\u0029", "Description": "a",
           "Tags": [{"Key": "a", "Value": "1"}],
           "Targets": [{"Id": "one", )" +
            target + R"(, "Input": "{\"a\":1}"}, {"Id": "two", )" + target + "}]}",
        R"({"Name": "daily", "EventPattern": {"source": ["films"]}, "State": "DISABLED",
           "Targets": [{"Id": "two", )" +
            target + R"(, "InputTransformer": {"InputPathsMap": {"a": "$.detail"},
               "InputTemplate": "<a>"}, "RetryPolicy": {"MaximumRetryAttempts": 3}}]})",
        R"({"Name": "daily", "ScheduleExpression": "rate(2 days\u0029"})"});
}

TEST_F(EventTypes, a_rule_is_its_name_and_on_another_bus_that_of_the_bus_too) {
  const auto rule = create("AWS::Events::Rule", R"({"ScheduleExpression": "rate(1 day\u0029"})");
  EXPECT_TRUE(rule.id.starts_with("stack-Thing-")) << rule.id;
  EXPECT_EQ(rule.attributes.text_or("Arn"),
            "arn:aws:events:us-east-1:000000000000:rule/" + rule.id);
  EXPECT_EQ(rule.attributes.text_or("RuleName"), rule.id);
  create("AWS::Events::EventBus", R"({"Name": "films"})");
  const auto other =
      create("AWS::Events::Rule",
             R"({"Name": "news", "EventBusName": "films", "EventPattern": {"source": ["films"]}})");
  EXPECT_EQ(other.id, "films|news");
  EXPECT_EQ(other.attributes.text_or("Arn"),
            "arn:aws:events:us-east-1:000000000000:rule/films/news");
  EXPECT_EQ(read("AWS::Events::Rule", other.id).text_or("EventBusName"), "films");
  EXPECT_EQ(list("AWS::Events::Rule", R"({"EventBusName": "films"})"),
            std::vector<std::string>{other.attributes.text_or("Arn")});
  EXPECT_EQ(type_of("AWS::Events::Rule").id_of(Value::map("Arn", other.attributes.text_or("Arn"))),
            other.id);
  remove("AWS::Events::Rule", other.id);
  EXPECT_TRUE(is_gone("AWS::Events::Rule", other.id));
}

TEST_F(EventTypes, a_rule_that_is_there_is_not_written_over) {
  call("events:PutRule", R"({"Name": "daily", "ScheduleExpression": "rate(1 day\u0029"})");
  EXPECT_TRUE(failure_of([&] {
                create("AWS::Events::Rule",
                       R"({"Name": "daily", "ScheduleExpression": "rate(2 days\u0029"})");
              }).starts_with("AlreadyExists: "));
}

TEST_F(EventTypes, a_target_that_is_not_taken_fails_the_rule) {
  EXPECT_TRUE(failure_of([&] {
                create("AWS::Events::Rule", R"({"ScheduleExpression": "rate(1 day\u0029",
                    "Targets": [{"Id": "a", "Arn": "nothing"}]})");
              }).starts_with("InvalidRequest: "));
}

TEST_F(EventTypes, buses_are_made_changed_read_and_removed) {
  live("AWS::Events::EventBus",
       {R"({"Name": "films", "Description": "a", "Tags": [{"Key": "a", "Value": "1"}],
           "Policy": {"Version": "2012-10-17", "Statement": [{"Sid": "a", "Effect": "Allow",
             "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "events:PutEvents",
             "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/films"}]}})",
        R"({"Name": "films", "Description": "b"})", R"({"Name": "films"})"});
  const auto made = create("AWS::Events::EventBus", R"({"Name": "news"})");
  EXPECT_EQ(made.id, "news");
  EXPECT_EQ(made.attributes.text_or("Arn"), "arn:aws:events:us-east-1:000000000000:event-bus/news");
  EXPECT_EQ(made.attributes.text_or("Name"), "news");
}

TEST_F(EventTypes, a_rule_moves_to_another_bus_by_being_made_anew) {
  const Value films("films");
  const Value news("news");
  const resources::ResourceType& rule = type_of("AWS::Events::Rule");
  EXPECT_EQ(rule.recreation("EventBusName", &films, &news), resources::Recreation::always);
  EXPECT_EQ(rule.recreation("EventBusName", nullptr, &news), resources::Recreation::always);
  EXPECT_EQ(rule.recreation("Description", &films, &news), resources::Recreation::never);
}

TEST_F(EventTypes, what_a_bus_does_not_have_any_more_is_gone) {
  const std::string full = R"({"Name": "films", "Description": "a", "KmsKeyIdentifier": "alias/a",
      "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:000000000000:dead"},
      "LogConfig": {"Level": "INFO", "IncludeDetail": "FULL"}})";
  const std::string id = create("AWS::Events::EventBus", full).id;
  expect_state("AWS::Events::EventBus", id, full);
  update("AWS::Events::EventBus", id, full, R"({"Name": "films"})");
  const Value bus = read("AWS::Events::EventBus", id);
  EXPECT_EQ(bus.text_or("Description"), "");
  for (const char* gone : {"KmsKeyIdentifier", "DeadLetterConfig", "LogConfig"})
    EXPECT_EQ(bus.find(gone), nullptr) << gone;
}

TEST_F(EventTypes, what_a_connection_does_not_have_any_more_is_gone) {
  const std::string key = call("kms:CreateKey", "{}").find("KeyMetadata")->text_or("Arn");
  const std::string bare = R"("Name": "films", "AuthorizationType": "API_KEY", "AuthParameters": {
      "ApiKeyAuthParameters": {"ApiKeyName": "x", "ApiKeyValue": "secret"}})";
  const std::string full =
      "{" + bare + R"(, "Description": "a", "KmsKeyIdentifier": ")" + key + "\"}";
  const std::string id = create("AWS::Events::Connection", full).id;
  expect_state("AWS::Events::Connection", id, full);
  update("AWS::Events::Connection", id, full, "{" + bare + "}");
  const Value connection = read("AWS::Events::Connection", id);
  EXPECT_EQ(connection.text_or("Description"), "");
  EXPECT_EQ(connection.find("KmsKeyIdentifier"), nullptr);
}

TEST_F(EventTypes, statements_of_a_bus_come_and_go_one_by_one) {
  create("AWS::Events::EventBus", R"({"Name": "films"})");
  const auto policy = [&] {
    return call("events:DescribeEventBus", R"({"Name": "films"})").text_or("Policy");
  };
  const std::string one = R"({"EventBusName": "films", "StatementId": "one",
      "Action": "events:PutEvents", "Principal": "111122223333"})";
  const std::string two = R"({"EventBusName": "films", "StatementId": "two", "Statement": {
      "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"},
      "Action": "events:PutEvents",
      "Resource": "arn:aws:events:us-east-1:000000000000:event-bus/films"}})";
  const std::string first = create("AWS::Events::EventBusPolicy", one).id;
  const std::string second = create("AWS::Events::EventBusPolicy", two).id;
  EXPECT_NE(first, second);
  EXPECT_NE(policy().find(R"("Sid":"one")"), std::string::npos) << policy();
  EXPECT_NE(policy().find("444455556666"), std::string::npos) << policy();
  remove("AWS::Events::EventBusPolicy", first, one);
  EXPECT_EQ(policy().find(R"("Sid":"one")"), std::string::npos) << policy();
  EXPECT_NE(policy().find(R"("Sid":"two")"), std::string::npos) << policy();
  remove("AWS::Events::EventBusPolicy", second, two);
  remove("AWS::Events::EventBusPolicy", second, two);
  EXPECT_EQ(policy().find("444455556666"), std::string::npos) << policy();
}

TEST_F(EventTypes, archives_are_made_changed_read_and_removed) {
  const std::string source =
      R"("SourceArn": "arn:aws:events:us-east-1:000000000000:event-bus/default")";
  live("AWS::Events::Archive",
       {R"({"ArchiveName": "all", "Description": "a", "RetentionDays": 5, )" + source + "}",
        R"({"ArchiveName": "all", "EventPattern": {"source": ["films"]}, )" + source + "}",
        R"({"ArchiveName": "all", )" + source + "}"});
  const auto made = create("AWS::Events::Archive", "{" + source + "}");
  EXPECT_LE(made.id.size(), 48u);
  EXPECT_EQ(made.attributes.text_or("Arn"),
            "arn:aws:events:us-east-1:000000000000:archive/" + made.id);
}

TEST_F(EventTypes, connections_and_api_destinations_are_made_changed_read_and_removed) {
  const std::string key = R"("AuthorizationType": "API_KEY", "AuthParameters": {
      "ApiKeyAuthParameters": {"ApiKeyName": "x", "ApiKeyValue": "secret"}})";
  const auto connection = create("AWS::Events::Connection", R"({"Name": "films", )" + key + "}");
  EXPECT_EQ(connection.id, "films");
  const std::string arn = connection.attributes.text_or("Arn");
  EXPECT_TRUE(arn.starts_with("arn:aws:events:us-east-1:000000000000:connection/films/")) << arn;
  EXPECT_EQ(connection.attributes.text_or("ArnForPolicy"),
            "arn:aws:events:us-east-1:000000000000:connection/films");
  EXPECT_NE(connection.attributes.text_or("SecretArn"), "");
  const std::string destination = R"("Name": "films", "ConnectionArn": ")" + arn +
                                  R"(", "InvocationEndpoint": "https://example.com/)";
  live("AWS::Events::ApiDestination",
       {"{" + destination + R"(a", "HttpMethod": "POST", "InvocationRateLimitPerSecond": 5})",
        "{" + destination + R"(b", "HttpMethod": "PUT", "Description": "b"})",
        "{" + destination + R"(b", "HttpMethod": "PUT"})"});
  live("AWS::Events::Connection",
       {R"({"Name": "other", "AuthorizationType": "BASIC", "AuthParameters": {
           "BasicAuthParameters": {"Username": "u", "Password": "p"}}})",
        R"({"Name": "other", "Description": "b", )" + key + "}"});
}

TEST_F(EventTypes, schedules_are_made_changed_read_and_removed) {
  create("AWS::SQS::Queue", R"({"QueueName": "films"})");
  call("iam:CreateRole", R"({"RoleName": "r", "AssumeRolePolicyDocument": {"Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"},
                     "Action": "sts:AssumeRole"}]}})");
  const auto schedule_of = [](const std::string& first, const std::string& of_target) {
    return "{" + first + R"(, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {
        "Arn": "arn:aws:sqs:us-east-1:000000000000:films",
        "RoleArn": "arn:aws:iam::000000000000:role/r")" +
           of_target + "}}";
  };
  const std::string daily = R"("Name": "daily", "ScheduleExpression": )";
  live("AWS::Scheduler::Schedule",
       {schedule_of(daily + R"("rate(1 day\u0029", "Description": "a")",
                    R"(, "Input": "x", "RetryPolicy": {"MaximumRetryAttempts": 5})"),
        schedule_of(daily + R"("cron(0 8 * * ? *\u0029", "State": "DISABLED",
                               "ScheduleExpressionTimezone": "UTC")",
                    ""),
        schedule_of(daily + R"("rate(2 days\u0029")", "")});
  const auto group = create("AWS::Scheduler::ScheduleGroup",
                            R"({"Name": "films", "Tags": [{"Key": "a", "Value": "1"}]})");
  EXPECT_EQ(group.attributes.text_or("Arn"),
            "arn:aws:scheduler:us-east-1:000000000000:schedule-group/films");
  EXPECT_EQ(group.attributes.text_or("State"), "ACTIVE");
  const auto schedule =
      create("AWS::Scheduler::Schedule",
             schedule_of(R"("GroupName": "films", "ScheduleExpression": "rate(1 day\u0029")", ""));
  EXPECT_EQ(schedule.attributes.text_or("Arn"),
            "arn:aws:scheduler:us-east-1:000000000000:schedule/films/" + schedule.id);
  EXPECT_EQ(read("AWS::Scheduler::Schedule", schedule.id).text_or("GroupName"), "films");
  remove("AWS::Scheduler::ScheduleGroup", "films");
  EXPECT_TRUE(is_gone("AWS::Scheduler::Schedule", schedule.id));
  live("AWS::Scheduler::ScheduleGroup",
       {R"({"Name": "news", "Tags": [{"Key": "a", "Value": "1"}]})",
        R"({"Name": "news", "Tags": [{"Key": "b", "Value": "2"}]})"});
}

}  // namespace
}  // namespace matinee::cloud
