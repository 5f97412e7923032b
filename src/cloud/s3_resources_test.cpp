// AWS::S3 types.
#include "cloud/resource_fixture.h"

namespace matinee::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* of_films = R"({"Bucket":"films"})";

TEST_F(Resources, a_bucket_has_a_name_in_lower_case_and_its_addresses) {
  const resources::Made made = create("AWS::S3::Bucket", "{}");
  EXPECT_THAT(made.id, testing::MatchesRegex("shop-it-[a-z0-9]{12}"));
  EXPECT_EQ(to_sorted_json(made.attributes),
            R"({"Arn":"arn:aws:s3:::)" + made.id + R"(","DomainName":")" + made.id +
                R"(.s3.amazonaws.com","DualStackDomainName":")" + made.id +
                R"(.s3.dualstack.us-east-1.amazonaws.com","RegionalDomainName":")" + made.id +
                R"(.s3.us-east-1.amazonaws.com","WebsiteURL":"http://)" + made.id +
                R"(.s3-website-us-east-1.amazonaws.com"})");
  EXPECT_THAT(list("AWS::S3::Bucket"), ElementsAre(made.id));
  remove("AWS::S3::Bucket", made.id);
  EXPECT_THAT(failure_of_read("AWS::S3::Bucket", made.id), StartsWith("NotFound: "));
  remove("AWS::S3::Bucket", made.id);
}

TEST_F(Resources, a_bucket_without_lists_of_access_may_say_that_it_is_private) {
  create("AWS::S3::Bucket", R"({"BucketName":"films","AccessControl":"Private"})");
  EXPECT_THAT(failure([&] {
                update("AWS::S3::Bucket", "films", R"({"AccessControl":"Private"})",
                       R"({"AccessControl":"PublicRead"})");
              }),
              StartsWith("AccessControlListNotSupported: "));
}

TEST_F(Resources, a_bucket_that_is_there_already_belongs_to_somebody_else) {
  call("s3:CreateBucket", of_films);
  EXPECT_EQ(failure([&] { create("AWS::S3::Bucket", R"({"BucketName":"films"})"); }),
            "AlreadyExists: films already exists");
  is_repeated = true;
  EXPECT_EQ(failure([&] { create("AWS::S3::Bucket", R"({"BucketName":"films"})"); }),
            "AlreadyExists: films already exists");
  made_id = "films";
  EXPECT_EQ(create("AWS::S3::Bucket", R"({"BucketName":"films"})").id, "films");
}

TEST_F(Resources, a_bucket_with_objects_stays) {
  create("AWS::S3::Bucket", R"({"BucketName":"films"})");
  call("s3:PutObject", R"({"Bucket":"films","Key":"x"})");
  EXPECT_THAT(failure([&] { remove("AWS::S3::Bucket", "films"); }), StartsWith("BucketNotEmpty: "));
  call("s3:DeleteObject", R"({"Bucket":"films","Key":"x"})");
  remove("AWS::S3::Bucket", "films");
}

TEST_F(Resources, a_buckets_configurations_come_and_go) {
  create("AWS::S3::Bucket", R"({"BucketName":"logs","OwnershipControls":{"Rules":[)"
                            R"({"ObjectOwnership":"ObjectWriter"}]},)"
                            R"("AccessControl":"LogDeliveryWrite"})");
  const std::string properties = R"({"BucketName":"films",
    "VersioningConfiguration":{"Status":"Enabled"},
    "BucketEncryption":{"ServerSideEncryptionConfiguration":[
      {"ServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]},
    "PublicAccessBlockConfiguration":{"BlockPublicAcls":true,"BlockPublicPolicy":true,
      "IgnorePublicAcls":true,"RestrictPublicBuckets":true},
    "CorsConfiguration":{"CorsRules":[{"AllowedMethods":["GET"],"AllowedOrigins":["*"],
      "ExposedHeaders":["ETag"],"Id":"all","MaxAge":60}]},
    "LoggingConfiguration":{"DestinationBucketName":"logs","LogFilePrefix":"films/"},
    "WebsiteConfiguration":{"IndexDocument":"index.html","ErrorDocument":"error.html",
      "RoutingRules":[{"RoutingRuleCondition":{"KeyPrefixEquals":"old/"},
        "RedirectRule":{"ReplaceKeyPrefixWith":"new/"}}]},
    "NotificationConfiguration":{"EventBridgeConfiguration":{"EventBridgeEnabled":true}},
    "AccelerateConfiguration":{"AccelerationStatus":"Enabled"},
    "Tags":[{"Key":"team","Value":"films"}]})";
  stack_tags = tree(R"([{"Key":"aws:cloudformation:stack-name","Value":"shop"}])");
  create("AWS::S3::Bucket", properties);
  const Value now = tree(read("AWS::S3::Bucket", "films"));
  const Value wanted = tree(properties);
  for (const templates::Member& each : wanted.members()) {
    const Value* found = now.find(each.name);
    ASSERT_TRUE(found) << each.name << " in " << to_json(now);
    // S3 tells a bucket's key setting, too.
    if (each.name != "BucketEncryption" && each.name != "CorsConfiguration")
      EXPECT_EQ(to_sorted_json(*found), to_sorted_json(each.value)) << each.name;
  }
  EXPECT_THAT(to_sorted_json(now), HasSubstr(R"({"SSEAlgorithm":"AES256"})"));
  EXPECT_THAT(to_sorted_json(now),
              HasSubstr(R"("ExposedHeaders":["ETag"],"Id":"all","MaxAge":60)"));
  EXPECT_THAT(told("s3:GetBucketTagging", of_films, "TagSet"),
              HasSubstr("aws:cloudformation:stack-name"));

  stack_tags = Value::list();
  update("AWS::S3::Bucket", "films", properties, R"({"BucketName":"films"})");
  const std::string then = read("AWS::S3::Bucket", "films");
  EXPECT_THAT(then, HasSubstr(R"("VersioningConfiguration":{"Status":"Suspended"})"));
  EXPECT_THAT(then, HasSubstr(R"("AccelerateConfiguration":{"AccelerationStatus":"Suspended"})"));
  for (const char* each : {"CorsConfiguration", "LoggingConfiguration", "WebsiteConfiguration",
                           "NotificationConfiguration", "Tags", "PublicAccessBlock"})
    EXPECT_THAT(then, Not(HasSubstr(each)));
}

TEST_F(Resources, a_buckets_rules_of_lifecycle_are_s3s) {
  create("AWS::S3::Bucket", R"({"BucketName":"films","LifecycleConfiguration":{"Rules":[
    {"Id":"old","Status":"Enabled","Prefix":"tmp/","ExpirationInDays":7,
     "TagFilters":[{"Key":"a","Value":"b"}],
     "Transitions":[{"StorageClass":"GLACIER","TransitionInDays":3}]},
    {"Id":"versions","Status":"Enabled","NoncurrentVersionExpirationInDays":90,
     "NoncurrentVersionTransition":{"StorageClass":"STANDARD_IA","TransitionInDays":30}},
    {"Id":"parts","Status":"Disabled","AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}},
    {"Id":"small","Status":"Enabled","ObjectSizeLessThan":"1024","ExpirationInDays":1}]}})");
  EXPECT_EQ(told("s3:GetBucketLifecycleConfiguration", of_films, "Rules"),
            R"([{"Expiration":{"Days":7},"Filter":{"And":{"Prefix":"tmp/","Tags":[{"Key":"a",)"
            R"("Value":"b"}]}},"ID":"old","Status":"Enabled","Transitions":[{"Days":3,)"
            R"("StorageClass":"GLACIER"}]},{"Filter":{"Prefix":""},"ID":"versions",)"
            R"("NoncurrentVersionExpiration":{"NoncurrentDays":90},)"
            R"("NoncurrentVersionTransitions":[{"NoncurrentDays":30,"StorageClass":)"
            R"("STANDARD_IA"}],"Status":"Enabled"},{"AbortIncompleteMultipartUpload":)"
            R"({"DaysAfterInitiation":1},"Filter":{"Prefix":""},"ID":"parts","Status":"Disabled"},)"
            R"({"Expiration":{"Days":1},"Filter":{"ObjectSizeLessThan":1024},"ID":"small",)"
            R"("Status":"Enabled"}])");
  EXPECT_THAT(read("AWS::S3::Bucket", "films"),
              HasSubstr(R"([{"ExpirationInDays":7,"Id":"old","Prefix":"tmp/","Status":"Enabled",)"
                        R"("TagFilters":[{"Key":"a","Value":"b"}],"Transitions":[{"StorageClass":)"
                        R"("GLACIER","TransitionInDays":3}]},{"Id":"versions",)"
                        R"("NoncurrentVersionExpiration":{"NoncurrentDays":90},)"
                        R"("NoncurrentVersionTransitions":[{"StorageClass":"STANDARD_IA",)"
                        R"("TransitionInDays":30}],"Status":"Enabled"})"));
  update("AWS::S3::Bucket", "films", R"({"LifecycleConfiguration":{"Rules":[]}})", "{}");
  EXPECT_THAT(failure([&] { call("s3:GetBucketLifecycleConfiguration", of_films); }),
              StartsWith("NoSuchLifecycleConfiguration: "));
}

TEST_F(Resources, configurations_with_ids_are_set_and_removed_one_by_one) {
  const std::string properties = R"({"BucketName":"films",
    "MetricsConfigurations":[{"Id":"all"},{"Id":"some","Prefix":"a/",
      "TagFilters":[{"Key":"k","Value":"v"}]}],
    "InventoryConfigurations":[{"Id":"daily","Enabled":true,"IncludedObjectVersions":"All",
      "ScheduleFrequency":"Daily","Prefix":"p/","Destination":{"BucketArn":"arn:aws:s3:::films",
      "Format":"CSV"}}],
    "AnalyticsConfigurations":[{"Id":"use","StorageClassAnalysis":{"DataExport":{
      "OutputSchemaVersion":"V_1","Destination":{"BucketArn":"arn:aws:s3:::films",
      "Format":"CSV"}}}}],
    "IntelligentTieringConfigurations":[{"Id":"cold","Status":"Enabled","Prefix":"z/",
      "Tierings":[{"AccessTier":"ARCHIVE_ACCESS","Days":90}]}]})";
  create("AWS::S3::Bucket", properties);
  EXPECT_EQ(told("s3:GetBucketMetricsConfiguration", R"({"Bucket":"films","Id":"some"})",
                 "MetricsConfiguration"),
            R"({"Filter":{"And":{"Prefix":"a/","Tags":[{"Key":"k","Value":"v"}]}},"Id":"some"})");
  EXPECT_EQ(told("s3:GetBucketInventoryConfiguration", R"({"Bucket":"films","Id":"daily"})",
                 "InventoryConfiguration"),
            R"({"Destination":{"S3BucketDestination":{"Bucket":"arn:aws:s3:::films","Format":)"
            R"("CSV"}},"Filter":{"Prefix":"p/"},"Id":"daily","IncludedObjectVersions":"All",)"
            R"("IsEnabled":true,"Schedule":{"Frequency":"Daily"}})");
  EXPECT_THAT(told("s3:GetBucketAnalyticsConfiguration", R"({"Bucket":"films","Id":"use"})",
                   "AnalyticsConfiguration"),
              HasSubstr(R"("S3BucketDestination":{"Bucket":"arn:aws:s3:::films")"));
  EXPECT_THAT(told("s3:GetBucketIntelligentTieringConfiguration",
                   R"({"Bucket":"films","Id":"cold"})", "IntelligentTieringConfiguration"),
              HasSubstr(R"("Filter":{"Prefix":"z/"})"));
  const Value now = tree(read("AWS::S3::Bucket", "films"));
  const Value wanted = tree(properties);
  for (const templates::Member& each : wanted.members()) {
    ASSERT_TRUE(now.find(each.name)) << each.name;
    EXPECT_EQ(to_sorted_json(*now.find(each.name)), to_sorted_json(each.value)) << each.name;
  }
  update("AWS::S3::Bucket", "films", properties,
         R"({"BucketName":"films","MetricsConfigurations":[{"Id":"all"}]})");
  EXPECT_EQ(told("s3:ListBucketMetricsConfigurations", of_films, "MetricsConfigurationList"),
            R"([{"Id":"all"}])");
  EXPECT_THAT(failure([&] {
                call("s3:GetBucketInventoryConfiguration", R"({"Bucket":"films","Id":"daily"})");
              }),
              StartsWith("NoSuchConfiguration: "));
}

TEST_F(Resources, a_buckets_notifications_and_locks_are_s3s) {
  call("sqs:CreateQueue", R"({"QueueName":"found","Attributes":{"Policy":{"Statement":[
    {"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}}})");
  const std::string properties = R"({"BucketName":"films",
    "ObjectLockEnabled":true,
    "ObjectLockConfiguration":{"ObjectLockEnabled":"Enabled",
      "Rule":{"DefaultRetention":{"Days":1,"Mode":"GOVERNANCE"}}},
    "NotificationConfiguration":{"QueueConfigurations":[{"Event":"s3:ObjectCreated:*",
      "Queue":"arn:aws:sqs:us-east-1:000000000000:found",
      "Filter":{"S3Key":{"Rules":[{"Name":"suffix","Value":".json"}]}}}]}})";
  create("AWS::S3::Bucket", properties);
  EXPECT_THAT(read("AWS::S3::Bucket", "films"),
              HasSubstr(R"("NotificationConfiguration":{"QueueConfigurations":[{"Event":)"
                        R"("s3:ObjectCreated:*","Filter":{"S3Key":{"Rules":[{"Name":)"));
  EXPECT_THAT(read("AWS::S3::Bucket", "films"),
              HasSubstr(R"("DefaultRetention":{"Days":1,"Mode":"GOVERNANCE"})"));
  update("AWS::S3::Bucket", "films", properties, R"({"BucketName":"films",
    "ObjectLockEnabled":true})");
  EXPECT_EQ(told("s3:GetObjectLockConfiguration", of_films, "ObjectLockConfiguration"),
            R"({"ObjectLockEnabled":"Enabled"})");
}

TEST_F(Resources, a_policy_of_a_bucket_is_its_only_one) {
  create("AWS::S3::Bucket", R"({"BucketName":"films"})");
  const auto policy = [](std::string_view action) {
    return R"({"Bucket":"films","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":)"
           R"("Deny","Principal":"*","Action":")" +
           std::string(action) + R"(","Resource":"arn:aws:s3:::films/*"}]}})";
  };
  EXPECT_EQ(create("AWS::S3::BucketPolicy", policy("s3:GetObject")).id, "films");
  update("AWS::S3::BucketPolicy", "films", policy("s3:GetObject"), policy("s3:PutObject"));
  EXPECT_THAT(read("AWS::S3::BucketPolicy", "films"), HasSubstr(R"("Action":"s3:PutObject")"));
  EXPECT_THAT(list("AWS::S3::BucketPolicy"), ElementsAre("films"));
  remove("AWS::S3::BucketPolicy", "films");
  EXPECT_THAT(failure([&] { call("s3:GetBucketPolicy", of_films); }),
              StartsWith("NoSuchBucketPolicy: "));
  remove("AWS::S3::BucketPolicy", "films");
}

TEST_F(Resources, what_a_bucket_cannot_have_is_refused_by_its_name) {
  EXPECT_EQ(failure([&] { create("AWS::S3::Bucket", R"({"MetadataConfiguration":{}})"); }),
            "InvalidRequest: Property MetadataConfiguration: Matinee does not serve it.");
  EXPECT_THAT(list("AWS::S3::Bucket"), ElementsAre());
}

}  // namespace
}  // namespace matinee::cloud
