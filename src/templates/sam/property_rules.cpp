#include <algorithm>
#include <array>

#include "templates/sam/properties.h"

namespace matinee::templates::sam {

namespace {

constexpr auto function_rules = std::to_array<PropertyRule>({
    {"Architectures"},
    {"AssumeRolePolicyDocument", Takes::map},
    {"AutoPublishAlias", Takes::strict_text},
    {"AutoPublishAliasAllProperties", Takes::plain_truth},
    {"AutoPublishCodeSha256", Takes::strict_text},
    {"CapacityProviderConfig", Takes::map},
    {"CodeSigningConfigArn"},
    {"CodeUri"},
    {"DeadLetterQueue", Takes::map},
    {"DeploymentPreference", Takes::map},
    {"Description"},
    {"DurableConfig", Takes::map},
    {"Environment", Takes::strict_map},
    {"EphemeralStorage"},
    {"EventInvokeConfig", Takes::map},
    {"Events", Takes::plain_map},
    {"FileSystemConfigs"},
    {"FunctionName", Takes::strict_text},
    {"FunctionScalingConfig", Takes::map},
    {"FunctionUrlConfig", Takes::map},
    {"Handler"},
    {"ImageConfig"},
    {"ImageUri"},
    {"InlineCode"},
    {"KmsKeyArn"},
    {"Layers", Takes::strict_list},
    {"LoggingConfig"},
    {"MemorySize"},
    {"PackageType"},
    {"PermissionsBoundary", Takes::text},
    {"Policies", Takes::policies},
    {"PropagateTags", Takes::strict_truth},
    {"ProvisionedConcurrencyConfig"},
    {"PublishToLatestPublished"},
    {"RecursiveLoop"},
    {"ReservedConcurrentExecutions"},
    {"Role", Takes::text},
    {"RolePath"},
    {"Runtime"},
    {"RuntimeManagementConfig"},
    {"SnapStart", Takes::map},
    {"SourceKMSKeyArn"},
    {"Tags", Takes::map},
    {"TenancyConfig"},
    {"Timeout"},
    {"Tracing", Takes::strict_text},
    {"VersionDeletionPolicy"},
    {"VersionDescription"},
    {"VpcConfig"},
});

constexpr auto table_rules =
    std::to_array<PropertyRule>({{"PrimaryKey", Takes::strict_map},
                                 {"ProvisionedThroughput", Takes::strict_map},
                                 {"TableName", Takes::strict_text},
                                 {"Tags", Takes::map},
                                 {"SSESpecification", Takes::map},
                                 {"PointInTimeRecoverySpecification"}});

constexpr auto layer_rules =
    std::to_array<PropertyRule>({{"LayerName", Takes::strict_text},
                                 {"Description", Takes::text},
                                 {"ContentUri", Takes::text_or_map, true},
                                 {"CompatibleArchitectures", Takes::strict_list},
                                 {"CompatibleRuntimes", Takes::strict_list},
                                 {"LicenseInfo", Takes::text},
                                 {"RetentionPolicy", Takes::text},
                                 {"PublishLambdaVersion", Takes::plain_truth}});

constexpr auto application_rules =
    std::to_array<PropertyRule>({{"Location", Takes::text_or_map},
                                 {"Parameters", Takes::map},
                                 {"NotificationARNs", Takes::strict_list},
                                 {"Tags", Takes::map},
                                 {"TimeoutInMinutes", Takes::strict_number}});

constexpr auto connector_rules =
    std::to_array<PropertyRule>({{"Source", Takes::plain_map, true},
                                 {"Destination", Takes::anything, true},
                                 {"Permissions", Takes::strict_list, true}});

/// What all mappings take; each type adds its own.
constexpr auto mapping_rules =
    std::to_array<PropertyRule>({{"BatchSize", Takes::strict_number},
                                 {"BisectBatchOnFunctionError", Takes::strict_truth},
                                 {"DestinationConfig", Takes::map},
                                 {"Enabled", Takes::strict_truth},
                                 {"FilterCriteria", Takes::map},
                                 {"FunctionResponseTypes", Takes::strict_list},
                                 {"KmsKeyArn"},
                                 {"LoggingConfig", Takes::map},
                                 {"MaximumBatchingWindowInSeconds", Takes::strict_number},
                                 {"MaximumRecordAgeInSeconds", Takes::strict_number},
                                 {"MaximumRetryAttempts", Takes::strict_number},
                                 {"MetricsConfig", Takes::map},
                                 {"ParallelizationFactor", Takes::strict_number},
                                 {"ProvisionedPollerConfig", Takes::map},
                                 {"ScalingConfig", Takes::map},
                                 {"StartingPositionTimestamp"},
                                 {"TumblingWindowInSeconds", Takes::strict_number}});

template <std::size_t size>
constexpr auto with_mapping_rules(const std::array<PropertyRule, size>& own) {
  std::array<PropertyRule, size + mapping_rules.size()> all{};
  std::ranges::copy(own, all.begin());
  std::ranges::copy(mapping_rules, all.begin() + size);
  return all;
}

constexpr auto queue_rules = with_mapping_rules(
    std::to_array<PropertyRule>({{"Queue", Takes::anything, true}, {"StartingPosition"}}));
constexpr auto stream_rules = with_mapping_rules(std::to_array<PropertyRule>(
    {{"Stream", Takes::anything, true}, {"StartingPosition", Takes::anything, true}}));

constexpr auto topic_rules =
    std::to_array<PropertyRule>({{"Topic", Takes::text, true},
                                 {"Region", Takes::text},
                                 {"FilterPolicy"},
                                 {"FilterPolicyScope"},
                                 {"RedrivePolicy", Takes::map},
                                 {"SqsSubscription", Takes::truth_or_map}});
constexpr auto bucket_rules = std::to_array<PropertyRule>({{"Bucket", Takes::text, true},
                                                           {"Events", Takes::text_or_list, true},
                                                           {"Filter", Takes::strict_map}});
constexpr auto schedule_rules = std::to_array<PropertyRule>({{"Schedule", Takes::text, true},
                                                             {"Input", Takes::text},
                                                             {"Name", Takes::text},
                                                             {"Description", Takes::text},
                                                             {"Enabled", Takes::strict_truth},
                                                             {"State", Takes::text},
                                                             {"DeadLetterConfig", Takes::map},
                                                             {"RetryPolicy", Takes::map}});
constexpr auto scheduler_rules =
    std::to_array<PropertyRule>({{"ScheduleExpression", Takes::text, true},
                                 {"FlexibleTimeWindow", Takes::map},
                                 {"ScheduleExpressionTimezone", Takes::text},
                                 {"StartDate", Takes::text},
                                 {"EndDate", Takes::text},
                                 {"GroupName", Takes::text},
                                 {"Name", Takes::text},
                                 {"OmitName", Takes::plain_truth},
                                 {"State", Takes::text},
                                 {"Input", Takes::text},
                                 {"KmsKeyArn", Takes::text},
                                 {"RoleArn", Takes::text},
                                 {"PermissionsBoundary", Takes::text},
                                 {"DeadLetterConfig", Takes::map},
                                 {"RetryPolicy", Takes::map},
                                 {"Description", Takes::text}});
constexpr auto rule_rules = std::to_array<PropertyRule>({{"Pattern", Takes::map},
                                                         {"EventBusName", Takes::text},
                                                         {"Input", Takes::text},
                                                         {"InputPath", Takes::text},
                                                         {"State", Takes::text},
                                                         {"Enabled", Takes::strict_truth},
                                                         {"RuleName", Takes::text},
                                                         {"InputTransformer", Takes::map},
                                                         {"DeadLetterConfig", Takes::map},
                                                         {"RetryPolicy", Takes::map},
                                                         {"Target", Takes::map}});
constexpr auto log_rules = std::to_array<PropertyRule>(
    {{"LogGroupName", Takes::text, true}, {"FilterPattern", Takes::text, true}});

struct Table {
  std::string_view type;
  Rules rules;
};

constexpr auto resource_tables = std::to_array<Table>({{"Function", function_rules},
                                                       {"SimpleTable", table_rules},
                                                       {"LayerVersion", layer_rules},
                                                       {"Application", application_rules},
                                                       {"Connector", connector_rules}});

constexpr auto event_tables = std::to_array<Table>({{"SQS", queue_rules},
                                                    {"Kinesis", stream_rules},
                                                    {"DynamoDB", stream_rules},
                                                    {"SNS", topic_rules},
                                                    {"S3", bucket_rules},
                                                    {"Schedule", schedule_rules},
                                                    {"ScheduleV2", scheduler_rules},
                                                    {"EventBridgeRule", rule_rules},
                                                    {"CloudWatchEvent", rule_rules},
                                                    {"CloudWatchLogs", log_rules}});

Rules find(std::span<const Table> tables, std::string_view type) {
  const auto found = std::ranges::find(tables, type, &Table::type);
  return found == tables.end() ? Rules() : found->rules;
}

}  // namespace

Rules rules_of_resource(std::string_view type) {
  return find(resource_tables, type);
}

Rules rules_of_event(std::string_view type) {
  return find(event_tables, type);
}

}  // namespace matinee::templates::sam
