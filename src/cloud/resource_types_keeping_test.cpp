// Logs, alarms, parameters, secrets, keys and repositories, as CloudFormation makes them.
#include <gmock/gmock.h>

#include "cloud/resource_types_fixture.h"

namespace matinee::cloud {
namespace {

using KeepingTypes = ResourceTypeFixture;

TEST_F(KeepingTypes, log_groups_are_made_changed_read_and_removed) {
  const auto key = create("AWS::KMS::Key", R"({"KeyPolicy": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}]}})");
  live("AWS::Logs::LogGroup",
       {R"({"LogGroupName": "/films", "RetentionInDays": 7, "Tags": [{"Key": "a", "Value": "1"}],
           "FieldIndexPolicies": [{"Fields": ["id"]}]})",
        R"({"LogGroupName": "/films", "RetentionInDays": 14, "KmsKeyId": ")" +
            key.attributes.text_or("Arn") + R"(", "DataProtectionPolicy": {"Name": "p",
             "Version": "2021-06-01", "Statement": [
              {"Sid": "a",
           "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
               "Operation": {"Audit": {"FindingsDestination": {}}}},
              {"Sid": "b",
           "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"],
               "Operation": {"Deidentify": {"MaskConfig": {}}}}]}})",
        R"({"LogGroupName": "/films"})"});
}

TEST_F(KeepingTypes, a_log_group_is_its_name_and_is_not_taken_over) {
  const auto made = create("AWS::Logs::LogGroup", "{}");
  EXPECT_TRUE(made.id.starts_with("stack-Thing-"));
  EXPECT_EQ(made.attributes.text_or("Arn"),
            "arn:aws:logs:us-east-1:000000000000:log-group:" + made.id + ":*");
  EXPECT_TRUE(failure_of([&] {
                create("AWS::Logs::LogGroup", R"({"LogGroupName": ")" + made.id + R"("})");
              }).starts_with("AlreadyExists: "));
  EXPECT_EQ(failure_of([&] {
              update("AWS::Logs::LogGroup", made.id, "{}",
                     R"({"LogGroupClass": "INFREQUENT_ACCESS"})");
            }),
            "InvalidRequest: LogGroupClass cannot be changed after a log group has been created.");
  EXPECT_EQ(failure_of([&] {
              create("AWS::Logs::LogGroup", R"({"BearerTokenAuthenticationEnabled": true})");
            }),
            "InvalidRequest: Matinee does not carry out BearerTokenAuthenticationEnabled of "
            "AWS::Logs::LogGroup: there are no bearer tokens.");
}

TEST_F(KeepingTypes, what_belongs_to_a_log_group_is_made_changed_read_and_removed) {
  create("AWS::Logs::LogGroup", R"({"LogGroupName": "/films"})");
  live("AWS::Logs::LogStream", {R"({"LogGroupName": "/films", "LogStreamName": "one"})"});
  const auto stream = create("AWS::Logs::LogStream", R"({"LogGroupName": "/films"})");
  EXPECT_EQ(list("AWS::Logs::LogStream", R"({"LogGroupName": "/films"})"),
            std::vector<std::string>{"/films|" + stream.id});
  live(
      "AWS::Logs::MetricFilter",
      {R"({"LogGroupName": "/films", "FilterName": "errors", "FilterPattern": "ERROR",
           "MetricTransformations": [{"MetricName": "errors", "MetricNamespace": "films",
             "MetricValue": "1", "DefaultValue": 0, "Unit": "Count"}]})",
       R"({"LogGroupName": "/films", "FilterName": "errors", "FilterPattern": "{ $.level = \"x\" }",
           "MetricTransformations": [{"MetricName": "all", "MetricNamespace": "films",
             "MetricValue": "$.n", "Dimensions": [{"Key": "level", "Value": "$.level"}]}]})"});
}

TEST_F(KeepingTypes, policies_queries_and_destinations_of_logs_are_made_changed_read_and_removed) {
  live("AWS::Logs::ResourcePolicy",
       {R"({"PolicyName": "p", "PolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"})",
        R"({"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
             "Action": "logs:PutLogEvents", "Resource": "*"}]}})"});
  live("AWS::Logs::QueryDefinition",
       {R"({"Name": "q", "QueryString": "fields @message"})",
        R"({"Name": "q2", "QueryString": "fields @timestamp", "LogGroupNames": ["/films"]})"});
  live("AWS::Logs::Destination",
       {R"({"DestinationName": "e", "RoleArn": "arn:aws:iam::000000000000:role/r",
            "TargetArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
            "Tags": [{"Key": "a", "Value": "1"}]})",
        R"({"DestinationName": "e", "RoleArn": "arn:aws:iam::000000000000:role/q",
            "TargetArn": "arn:aws:kinesis:us-east-1:000000000000:stream/t",
            "DestinationPolicy": "{\"Version\":\"2012-10-17\",\"Statement\":[]}"})"});
  live("AWS::Logs::AccountPolicy", {R"({"PolicyName": "index", "PolicyType": "FIELD_INDEX_POLICY",
           "PolicyDocument": "{\"Fields\":[\"a\"]}", "Scope": "ALL"})",
                                    R"({"PolicyName": "index", "PolicyType": "FIELD_INDEX_POLICY",
           "PolicyDocument": "{\"Fields\":[\"b\"]}", "Scope": "ALL"})"});
}

TEST_F(KeepingTypes, subscription_filters_are_made_changed_read_and_removed) {
  create("AWS::Logs::LogGroup", R"({"LogGroupName": "/films"})");
  const std::string target = R"("LogGroupName": "/films", "FilterName": "f",
      "RoleArn": "arn:aws:iam::000000000000:role/r",
      "DestinationArn": "arn:aws:firehose:us-east-1:000000000000:deliverystream/s")";
  live("AWS::Logs::SubscriptionFilter", {"{" + target + R"(, "FilterPattern": "ERROR"})",
                                         "{" + target + R"(, "FilterPattern": ""})"});
}

TEST_F(KeepingTypes, alarms_are_made_changed_read_and_removed) {
  live("AWS::CloudWatch::Alarm", {R"({"AlarmName": "deep", "Namespace": "AWS/SQS",
           "MetricName": "ApproximateNumberOfMessagesVisible",
           "Dimensions": [{"Name": "QueueName", "Value": "films"}], "Statistic": "Maximum",
           "Period": 60,
           "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold",
           "TreatMissingData": "notBreaching", "Tags": [{"Key": "a", "Value": "1"}]})",
                                  R"({"AlarmName": "deep", "Namespace": "AWS/SQS",
           "MetricName": "ApproximateAgeOfOldestMessage",
           "ExtendedStatistic": "p99", "Period": 300, "EvaluationPeriods": 3,
           "DatapointsToAlarm": 2,
           "Threshold": 1.5, "ComparisonOperator": "LessThanThreshold", "ActionsEnabled": false,
           "AlarmDescription": "a", "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:t"]})"});
  const auto made =
      create("AWS::CloudWatch::Alarm",
             R"({"Namespace": "n", "MetricName": "m", "Statistic": "Sum", "Period": 60,
          "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"})");
  EXPECT_EQ(made.attributes.text_or("Arn"),
            "arn:aws:cloudwatch:us-east-1:000000000000:alarm:" + made.id);
  EXPECT_EQ(list("AWS::CloudWatch::Alarm"), std::vector<std::string>{made.id});
}

TEST_F(KeepingTypes, composite_alarms_are_made_changed_read_and_removed) {
  const std::string metric = R"("Namespace": "n", "MetricName": "m", "Statistic": "Sum",
      "Period": 60, "EvaluationPeriods": 1, "Threshold": 0,
      "ComparisonOperator": "GreaterThanThreshold"})";
  create("AWS::CloudWatch::Alarm", R"({"AlarmName": "one", )" + metric);
  create("AWS::CloudWatch::Alarm", R"({"AlarmName": "two", )" + metric);
  live("AWS::CloudWatch::CompositeAlarm",
       {R"|({"AlarmName": "both", "AlarmRule": "ALARM(one) AND ALARM(two)", "AlarmActions":
           ["arn:aws:sns:us-east-1:000000000000:t"], "Tags": [{"Key": "a", "Value": "1"}],
           "ActionsSuppressor": "one", "ActionsSuppressorWaitPeriod": 60,
           "ActionsSuppressorExtensionPeriod": 120})|",
        R"|({"AlarmName": "both", "AlarmRule": "OK(one)", "ActionsEnabled": false,
           "AlarmDescription": "a", "OKActions": ["arn:aws:sns:us-east-1:000000000000:t"],
           "Tags": [{"Key": "b", "Value": "2"}]})|"});
  const auto made =
      create("AWS::CloudWatch::CompositeAlarm", R"({"AlarmRule": "ALARM(one) OR FALSE"})");
  EXPECT_EQ(made.attributes.text_or("Arn"),
            "arn:aws:cloudwatch:us-east-1:000000000000:alarm:" + made.id);
  EXPECT_EQ(list("AWS::CloudWatch::CompositeAlarm"), std::vector<std::string>{made.id});
  EXPECT_EQ(list("AWS::CloudWatch::Alarm"), (std::vector<std::string>{"one", "two"}));
  EXPECT_THAT(failure_of([&] {
                create("AWS::CloudWatch::CompositeAlarm", R"|({"AlarmRule": "ALARM(three)"})|");
              }),
              testing::HasSubstr("alarms [three] in the alarm rule do not exist"));
}

TEST_F(KeepingTypes, dashboards_are_made_changed_read_and_removed) {
  live("AWS::CloudWatch::Dashboard",
       {R"({"DashboardName": "films", "DashboardBody": "{\"widgets\":[]}", "Tags": [{"Key": "a",
           "Value": "1"}]})",
        R"({"DashboardName": "films", "DashboardBody": "{\"widgets\":[1]}", "Tags": [{"Key": "b",
           "Value": "2"}]})"});
  EXPECT_TRUE(
      failure_of([&] {
        create("AWS::CloudWatch::Dashboard", R"({"DashboardBody": "nothing"})");
      }).starts_with("InvalidRequest: The field DashboardBody must be a valid JSON object"));
}

TEST_F(KeepingTypes, parameters_are_made_changed_read_and_removed) {
  live("AWS::SSM::Parameter",
       {R"({"Name": "/films/key", "Type": "String", "Value": "a", "Description": "d",
           "Tags": {"a": "1"}})",
        R"({"Name": "/films/key", "Type": "String", "Value": "b", "Tags": {"a": "2", "b": "3"}})",
        R"({"Name": "/films/key", "Type": "String", "Value": "b", "AllowedPattern": "[a-z]"})"});
  const auto made = create("AWS::SSM::Parameter", R"({"Type": "StringList", "Value": "a,b"})");
  EXPECT_TRUE(made.id.starts_with("CFN-Thing-")) << made.id;
  EXPECT_EQ(made.attributes.text_or("Arn"),
            "arn:aws:ssm:us-east-1:000000000000:parameter/" + made.id);
  EXPECT_EQ(made.attributes.text_or("Value"), "a,b");
  EXPECT_EQ(made.attributes.text_or("Type"), "StringList");
  const Value secure = json(R"({"Type": "SecureString", "Value": "a"})");
  EXPECT_EQ(type_of("AWS::SSM::Parameter").schema().check(secure).size(), 1u);
}

TEST_F(KeepingTypes, secrets_are_made_changed_read_and_removed) {
  live("AWS::SecretsManager::Secret",
       {R"({"Name": "films", "SecretString": "a", "Description": "d", "Tags": [{"Key": "a",
           "Value": "1"}]})",
        R"({"Name": "films", "SecretString": "b", "Description": "e"})",
        R"({"Name": "films", "SecretString": "b"})"});
  const auto value = [&](const std::string& id) {
    return call("secretsmanager:GetSecretValue", R"({"SecretId": ")" + id + R"("})")
        .text_or("SecretString");
  };
  const auto plain =
      create("AWS::SecretsManager::Secret", R"({"GenerateSecretString": {"PasswordLength": 30}})");
  EXPECT_TRUE(plain.id.starts_with("arn:aws:secretsmanager:us-east-1:000000000000:secret:Thing-"));
  EXPECT_EQ(plain.attributes.text_or("Id"), plain.id);
  EXPECT_EQ(value(plain.id).size(), 30u);
  const auto made = create("AWS::SecretsManager::Secret",
                           R"({"Name": "user", "GenerateSecretString": {
      "SecretStringTemplate": "{\"username\": \"admin\"}", "GenerateStringKey": "password"}})");
  const Value secret = json(value(made.id));
  EXPECT_EQ(secret.text_or("username"), "admin");
  EXPECT_EQ(secret.text_or("password").size(), 32u);
  update("AWS::SecretsManager::Secret", made.id, R"({"Name": "user", "GenerateSecretString": {}})",
         R"({"Name": "user", "SecretString": "mine"})");
  EXPECT_EQ(value(made.id), "mine");
  EXPECT_TRUE(failure_of([&] {
                create("AWS::SecretsManager::Secret",
                       R"({"SecretString": "a", "GenerateSecretString": {}})");
              }).starts_with("InvalidRequest: "));
}

TEST_F(KeepingTypes, policies_of_secrets_are_made_changed_read_and_removed) {
  const std::string secret = create("AWS::SecretsManager::Secret", R"({"SecretString": "a"})").id;
  const auto policy = [&](const std::string& account) {
    return R"({"SecretId": ")" + secret + R"(", "ResourcePolicy": {"Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::)" +
           account + R"(:root"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}})";
  };
  live("AWS::SecretsManager::ResourcePolicy", {policy("111122223333"), policy("444455556666")});
  EXPECT_TRUE(failure_of([&] {
                create(
                    "AWS::SecretsManager::SecretTargetAttachment",
                    R"({"SecretId": "a", "TargetId": "b", "TargetType": "AWS::RDS::DBInstance"})");
              }).starts_with("InvalidRequest: Matinee does not carry out TargetType"));
}

TEST_F(KeepingTypes, keys_are_made_changed_read_and_removed) {
  live("AWS::KMS::Key",
       {R"({"Description": "a", "EnableKeyRotation": true, "RotationPeriodInDays": 100,
           "Tags": [{"Key": "a", "Value": "1"}], "PendingWindowInDays": 7})",
        R"({"Description": "b", "EnableKeyRotation": false, "Enabled": false,
           "KeyPolicy": {"Version": "2012-10-17", "Id": "mine", "Statement": [{"Effect": "Allow",
             "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "kms:*",
           "Resource": "*"}]}})",
        R"({"Enabled": true, "EnableKeyRotation": true})", "{}"});
  const auto key = create("AWS::KMS::Key", R"({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})");
  EXPECT_EQ(key.attributes.text_or("KeyId"), key.id);
  EXPECT_EQ(key.attributes.text_or("Arn"), "arn:aws:kms:us-east-1:000000000000:key/" + key.id);
  EXPECT_EQ(failure_of([&] {
              update("AWS::KMS::Key", key.id,
                     R"({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})",
                     R"({"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"})");
            }),
            "InvalidRequest: You cannot change the KeySpec of a KMS key.");
}

TEST_F(KeepingTypes, aliases_and_replicas_of_keys_are_made_changed_read_and_removed) {
  const std::string one = create("AWS::KMS::Key", "{}").id;
  const std::string two = create("AWS::KMS::Key", "{}").id;
  live("AWS::KMS::Alias", {R"({"AliasName": "alias/films", "TargetKeyId": ")" + one + R"("})",
                           R"({"AliasName": "alias/films", "TargetKeyId": ")" + two + R"("})"});
  const Value primary = call("kms:CreateKey@eu-west-1", R"({"MultiRegion": true})");
  const std::string arn = primary.find("KeyMetadata")->text_or("Arn");
  const std::string policy = R"("KeyPolicy": {"Version": "2012-10-17", "Statement": [{
      "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
      "Action": "kms:*", "Resource": "*"}]})";
  live("AWS::KMS::ReplicaKey",
       {R"({"PrimaryKeyArn": ")" + arn + R"(", "Description": "a", )" + policy + "}",
        R"({"PrimaryKeyArn": ")" + arn + R"(", "Enabled": false, )" + policy + "}"});
}

/// A document with its quotes escaped, as a text in JSON.
std::string text_of(const std::string& document) {
  return to_json(Value(document));
}

TEST_F(KeepingTypes, repositories_are_made_changed_read_and_removed) {
  live("AWS::ECR::Repository",
       {R"({"RepositoryName": "films", "ImageTagMutability": "IMMUTABLE",
           "ImageScanningConfiguration": {"ScanOnPush": true}, "Tags": [{"Key": "a",
           "Value": "1"}]})",
        R"({"RepositoryName": "films", "RepositoryPolicyText": {"Version": "2012-10-17",
           "Statement": [{"Sid": "a", "Effect": "Allow", "Principal": {"AWS": "*"},
                          "Action": ["ecr:BatchGetImage"]}]},
           "LifecyclePolicy": {"LifecyclePolicyText": )" +
            text_of(R"({"rules": [{"rulePriority": 1, "selection": {"tagStatus": "untagged",
                "countType": "imageCountMoreThan", "countNumber": 1},
                "action": {"type": "expire"}}]})") +
            "}}",
        R"({"RepositoryName": "films"})"});
  const auto made = create("AWS::ECR::Repository", "{}");
  EXPECT_TRUE(made.id.starts_with("stack-thing-")) << made.id;
  EXPECT_EQ(made.attributes.text_or("RepositoryUri"),
            "000000000000.dkr.ecr.us-east-1.amazonaws.com/" + made.id);
}

}  // namespace
}  // namespace matinee::cloud
