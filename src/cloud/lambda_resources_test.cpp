// AWS::Lambda types.
#include "cloud/resource_fixture.h"
#include "resources/types/lambda/inline_code.h"

namespace matinee::cloud {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* arn = "arn:aws:lambda:us-east-1:000000000000:function:clerk";

class LambdaResources : public Resources {
 protected:
  LambdaResources() {
    call("iam:CreateRole", R"({"RoleName":"role","AssumeRolePolicyDocument":{"Version":"2012-10-17",
      "Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"Service":"lambda.amazonaws.com"}}]}})");
  }

  static std::string function_with(std::string_view more, std::string_view code = "x = 1") {
    return R"({"FunctionName":"clerk","Runtime":"python3.12","Handler":"index.handler",
      "Role":"arn:aws:iam::000000000000:role/role","Code":{"ZipFile":")" +
           std::string(code) + R"("})" + std::string(more) + "}";
  }
  std::string make_function() { return create("AWS::Lambda::Function", function_with("")).id; }
  /// A version that is new, since its code is.
  std::string make_version(std::string_view code) {
    update("AWS::Lambda::Function", "clerk", function_with(""), function_with("", code));
    return create("AWS::Lambda::Version", R"({"FunctionName":"clerk"})").id;
  }
};

TEST_F(LambdaResources, a_function_has_its_code_from_the_template) {
  stack_tags = tree(R"([{"Key":"aws:cloudformation:stack-name","Value":"shop"}])");
  const std::string properties = function_with(R"(,"Environment":{"Variables":{"AA":"1","BB":2}},
    "MemorySize":256,"Timeout":9,"ReservedConcurrentExecutions":3,"RecursiveLoop":"Allow",
    "Architectures":["x86_64"],"TracingConfig":{"Mode":"Active"},
    "LoggingConfig":{"LogFormat":"JSON","LogGroup":"/shop"},"EphemeralStorage":{"Size":600},
    "Tags":[{"Key":"team","Value":"films"}])");
  const resources::Made made = create("AWS::Lambda::Function", properties);
  EXPECT_EQ(made.id, "clerk");
  EXPECT_EQ(made.attributes.text_or("Arn"), arn);
  EXPECT_EQ(made.attributes.text_or("SnapStartResponse.ApplyOn"), "None");
  const std::string now = read("AWS::Lambda::Function", "clerk");
  for (const char* each :
       {R"("Environment":{"Variables":{"AA":"1","BB":"2"}})", R"("MemorySize":256)",
        R"("Timeout":9)", R"("ReservedConcurrentExecutions":3)", R"("RecursiveLoop":"Allow")",
        R"("TracingConfig":{"Mode":"Active"})", R"("EphemeralStorage":{"Size":600})",
        R"("LogGroup":"/shop")", R"("Tags":[{"Key":"team","Value":"films"}])"})
    EXPECT_THAT(now, HasSubstr(each));
  EXPECT_EQ(told("lambda:ListTags", R"({"Resource":")" + std::string(arn) + R"("})", "Tags"),
            R"({"aws:cloudformation:stack-name":"shop","team":"films"})");

  update("AWS::Lambda::Function", "clerk", properties, function_with("", "x = 2"));
  const std::string then = read("AWS::Lambda::Function", "clerk");
  for (const char* each :
       {R"("MemorySize":128)", R"("Timeout":3)", R"("RecursiveLoop":"Terminate")",
        R"("TracingConfig":{"Mode":"PassThrough"})", R"("EphemeralStorage":{"Size":512})",
        R"("LogGroup":"/aws/lambda/clerk")"})
    EXPECT_THAT(then, HasSubstr(each));
  for (const char* each : {"ReservedConcurrentExecutions", "team", R"("AA":"1")"})
    EXPECT_THAT(then, Not(HasSubstr(each)));

  EXPECT_THAT(list("AWS::Lambda::Function"), ElementsAre("clerk"));
  remove("AWS::Lambda::Function", "clerk");
  EXPECT_THAT(failure_of_read("AWS::Lambda::Function", "clerk"), StartsWith("NotFound: "));
  remove("AWS::Lambda::Function", "clerk");
}

TEST_F(LambdaResources, an_update_changes_code_only_where_it_is_another) {
  make_function();
  const std::string before =
      told("lambda:GetFunctionConfiguration", R"({"FunctionName":"clerk"})", "CodeSha256");
  update("AWS::Lambda::Function", "clerk", function_with(""), function_with(R"(,"Timeout":5)"));
  EXPECT_EQ(told("lambda:GetFunctionConfiguration", R"({"FunctionName":"clerk"})", "CodeSha256"),
            before);
  update("AWS::Lambda::Function", "clerk", function_with(""), function_with("", "x = 2"));
  EXPECT_NE(told("lambda:GetFunctionConfiguration", R"({"FunctionName":"clerk"})", "CodeSha256"),
            before);
}

TEST_F(LambdaResources, what_a_function_cannot_have_is_refused_by_its_name) {
  EXPECT_EQ(failure([&] {
              create("AWS::Lambda::Function", function_with(R"(,"FileSystemConfigs":[])"));
            }),
            "InvalidRequest: Property FileSystemConfigs: Matinee does not serve it.");
  EXPECT_EQ(failure([&] {
              create("AWS::Lambda::Function",
                     R"({"Role":"r","Code":{"ImageUri":"000000000000.dkr.ecr/x"}})");
            }),
            "InvalidRequest: Property Code.ImageUri: Matinee does not serve it.");
  EXPECT_EQ(failure([&] {
              create("AWS::Lambda::Function",
                     R"({"Role":"r","Runtime":"java21","Code":{"ZipFile":"x"}})");
            }),
            "InvalidRequest: ZipFile can only be used when Runtime is set to one of Node.js or "
            "Python.");
}

TEST_F(LambdaResources, a_version_is_published_once) {
  make_function();
  const resources::Made made = create("AWS::Lambda::Version", R"({"FunctionName":"clerk"})");
  EXPECT_EQ(made.id, std::string(arn) + ":1");
  EXPECT_EQ(made.attributes.text_or("Version"), "1");
  EXPECT_EQ(failure([&] { create("AWS::Lambda::Version", R"({"FunctionName":"clerk"})"); }),
            "AlreadyExists: A version for this Lambda function exists ( 1 ). Modify the function "
            "to create a new version.");
  EXPECT_EQ(make_version("x = 2"), std::string(arn) + ":2");
  EXPECT_THAT(list("AWS::Lambda::Version", R"({"FunctionName":"clerk"})"),
              ElementsAre(std::string(arn) + ":1", std::string(arn) + ":2"));
  EXPECT_THAT(read("AWS::Lambda::Version", made.id), HasSubstr(R"("FunctionName":"clerk")"));
  remove("AWS::Lambda::Version", made.id);
  EXPECT_THAT(failure_of_read("AWS::Lambda::Version", made.id), StartsWith("NotFound: "));
}

TEST_F(LambdaResources, an_alias_points_to_versions) {
  make_function();
  create("AWS::Lambda::Version", R"({"FunctionName":"clerk"})");
  make_version("x = 2");
  const std::string before = R"({"FunctionName":"clerk","FunctionVersion":"1","Name":"live",
    "Description":"the one","RoutingConfig":{"AdditionalVersionWeights":[
      {"FunctionVersion":"2","FunctionWeight":0.25}]}})";
  const resources::Made made = create("AWS::Lambda::Alias", before);
  EXPECT_EQ(made.id, std::string(arn) + ":live");
  EXPECT_THAT(read("AWS::Lambda::Alias", made.id),
              HasSubstr(R"("RoutingConfig":{"AdditionalVersionWeights":[{"FunctionVersion":"2",)"
                        R"("FunctionWeight":0.25}]})"));
  update("AWS::Lambda::Alias", made.id, before,
         R"({"FunctionName":"clerk","FunctionVersion":"2","Name":"live"})");
  EXPECT_EQ(read("AWS::Lambda::Alias", made.id),
            R"({"AliasArn":")" + made.id +
                R"(","FunctionName":"clerk","FunctionVersion":"2","Name":"live"})");
  EXPECT_THAT(list("AWS::Lambda::Alias", R"({"FunctionName":"clerk"})"), ElementsAre(made.id));
  remove("AWS::Lambda::Alias", made.id);
  EXPECT_THAT(failure_of_read("AWS::Lambda::Alias", made.id), StartsWith("NotFound: "));
}

TEST_F(LambdaResources, a_permission_is_a_statement) {
  make_function();
  const std::string properties = R"({"FunctionName":"clerk","Action":"lambda:InvokeFunction",
    "Principal":"s3.amazonaws.com","SourceArn":"arn:aws:s3:::films",
    "SourceAccount":"000000000000"})";
  const resources::Made made = create("AWS::Lambda::Permission", properties);
  EXPECT_THAT(made.id, StartsWith("shop-It-"));
  EXPECT_THAT(told("lambda:GetPolicy", R"({"FunctionName":"clerk"})", "Policy"),
              HasSubstr(made.id));
  const std::string wanted = R"({"Action":"lambda:InvokeFunction","FunctionName":"clerk","Id":")" +
                             made.id +
                             R"(","Principal":"s3.amazonaws.com","SourceAccount":"000000000000",)"
                             R"("SourceArn":"arn:aws:s3:::films"})";
  EXPECT_EQ(read("AWS::Lambda::Permission", made.id), wanted);
  EXPECT_EQ(read("AWS::Lambda::Permission", "clerk|" + made.id), wanted);
  EXPECT_THAT(list("AWS::Lambda::Permission", R"({"FunctionName":"clerk"})"),
              ElementsAre("clerk|" + made.id));
  remove("AWS::Lambda::Permission", made.id, properties);
  EXPECT_THAT(failure_of_read("AWS::Lambda::Permission", made.id), StartsWith("NotFound: "));
}

TEST_F(LambdaResources, a_mapping_is_on_when_its_queue_is_read) {
  make_function();
  call("sqs:CreateQueue", R"({"QueueName":"films"})");
  const std::string properties = R"({"FunctionName":"clerk",
    "EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:films","BatchSize":5,
    "FunctionResponseTypes":["ReportBatchItemFailures"],
    "FilterCriteria":{"Filters":[{"Pattern":"{\"body\":{\"a\":[1]}}"}]},
    "ScalingConfig":{"MaximumConcurrency":4}})";
  const resources::Made made = create("AWS::Lambda::EventSourceMapping", properties);
  EXPECT_EQ(made.id.size(), 36);
  EXPECT_EQ(made.attributes.text_or("EventSourceMappingArn"),
            "arn:aws:lambda:us-east-1:000000000000:event-source-mapping:" + made.id);
  EXPECT_THAT(read("AWS::Lambda::EventSourceMapping", made.id), HasSubstr(R"("BatchSize":5)"));
  update("AWS::Lambda::EventSourceMapping", made.id, properties, R"({"FunctionName":"clerk",
    "EventSourceArn":"arn:aws:sqs:us-east-1:000000000000:films","Enabled":false})");
  const std::string now = read("AWS::Lambda::EventSourceMapping", made.id);
  for (const char* each :
       {R"("BatchSize":10)", R"("Enabled":false)", R"("FunctionResponseTypes":[])"})
    EXPECT_THAT(now, HasSubstr(each));
  for (const char* each : {"Pattern", R"("MaximumConcurrency")"})
    EXPECT_THAT(now, Not(HasSubstr(each)));
  remove("AWS::Lambda::EventSourceMapping", made.id);
  EXPECT_THAT(failure_of_read("AWS::Lambda::EventSourceMapping", made.id),
              StartsWith("NotFound: "));
  EXPECT_EQ(failure([&] {
              create("AWS::Lambda::EventSourceMapping",
                     R"({"FunctionName":"clerk","Topics":["t"]})");
            }),
            "InvalidRequest: Property Topics: Matinee does not serve it.");
}

TEST_F(LambdaResources, what_becomes_of_asynchronous_calls_is_a_resource) {
  make_function();
  const resources::Made made =
      create("AWS::Lambda::EventInvokeConfig",
             R"({"FunctionName":"clerk","Qualifier":"$LATEST","MaximumRetryAttempts":1})");
  EXPECT_EQ(made.id, "clerk|$LATEST");
  update("AWS::Lambda::EventInvokeConfig", made.id, "{}",
         R"({"FunctionName":"clerk","Qualifier":"$LATEST","MaximumEventAgeInSeconds":100})");
  const std::string now = read("AWS::Lambda::EventInvokeConfig", made.id);
  EXPECT_THAT(now, HasSubstr(R"("MaximumEventAgeInSeconds":100)"));
  EXPECT_THAT(now, Not(HasSubstr("MaximumRetryAttempts")));
  EXPECT_THAT(list("AWS::Lambda::EventInvokeConfig", R"({"FunctionName":"clerk"})"),
              ElementsAre(made.id));
  remove("AWS::Lambda::EventInvokeConfig", made.id);
  EXPECT_THAT(failure_of_read("AWS::Lambda::EventInvokeConfig", made.id), StartsWith("NotFound: "));
}

TEST_F(LambdaResources, a_url_belongs_to_a_function) {
  make_function();
  const std::string properties = R"({"TargetFunctionArn":"clerk","AuthType":"NONE",
    "Cors":{"AllowOrigins":["*"],"MaxAge":5},"InvokeMode":"RESPONSE_STREAM"})";
  const resources::Made made = create("AWS::Lambda::Url", properties);
  EXPECT_EQ(made.id, arn);
  EXPECT_THAT(made.attributes.text_or("FunctionUrl"), StartsWith("http"));
  update("AWS::Lambda::Url", made.id, properties,
         R"({"TargetFunctionArn":"clerk","AuthType":"AWS_IAM"})");
  const std::string now = read("AWS::Lambda::Url", made.id);
  EXPECT_THAT(now, HasSubstr(R"("AuthType":"AWS_IAM")"));
  EXPECT_THAT(now, HasSubstr(R"("InvokeMode":"BUFFERED")"));
  EXPECT_THAT(now, Not(HasSubstr("MaxAge")));
  EXPECT_THAT(list("AWS::Lambda::Url", R"({"TargetFunctionArn":"clerk"})"), ElementsAre(made.id));
  remove("AWS::Lambda::Url", made.id);
  EXPECT_THAT(failure_of_read("AWS::Lambda::Url", made.id), StartsWith("NotFound: "));
}

TEST_F(LambdaResources, layers_come_by_versions) {
  make_function();
  call("s3:CreateBucket", R"({"Bucket":"code"})");
  const std::string zip = resources::types::lambda::inline_package("python3.12", "x = 1");
  call("s3:PutObject", R"({"Bucket":"code","Key":"layer.zip","Body":")" + zip + R"("})");
  const resources::Made made =
      create("AWS::Lambda::LayerVersion",
             R"({"LayerName":"words","Content":{"S3Bucket":"code","S3Key":"layer.zip"},
        "CompatibleRuntimes":["python3.12"],"Description":"of the shop"})");
  EXPECT_EQ(made.id, "arn:aws:lambda:us-east-1:000000000000:layer:words:1");
  EXPECT_THAT(read("AWS::Lambda::LayerVersion", made.id),
              HasSubstr(R"("CompatibleRuntimes":["python3.12"],"Description":"of the shop")"));
  const resources::Made permission =
      create("AWS::Lambda::LayerVersionPermission",
             R"({"LayerVersionArn":")" + made.id +
                 R"(","Action":"lambda:GetLayerVersion","Principal":"111111111111"})");
  EXPECT_THAT(permission.id, StartsWith(made.id + "#shop-It-"));
  EXPECT_THAT(read("AWS::Lambda::LayerVersionPermission", permission.id),
              HasSubstr(R"("Action":"lambda:GetLayerVersion")"));
  EXPECT_THAT(
      list("AWS::Lambda::LayerVersionPermission", R"({"LayerVersionArn":")" + made.id + R"("})"),
      ElementsAre(permission.id));
  remove("AWS::Lambda::LayerVersionPermission", permission.id);
  remove("AWS::Lambda::LayerVersion", made.id);
  EXPECT_THAT(failure_of_read("AWS::Lambda::LayerVersion", made.id), StartsWith("NotFound: "));
}

TEST_F(LambdaResources, code_signing_configurations_change_in_place) {
  const auto properties = [](std::string_view more) {
    return R"({"AllowedPublishers":{"SigningProfileVersionArns":[)"
           R"("arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/1234567890"]})" +
           std::string(more) + "}";
  };
  const std::string before = properties(R"(,"Description":"strict",
    "CodeSigningPolicies":{"UntrustedArtifactOnDeployment":"Enforce"})");
  const resources::Made made = create("AWS::Lambda::CodeSigningConfig", before);
  EXPECT_THAT(made.attributes.text_or("CodeSigningConfigId"), StartsWith("csc-"));
  update("AWS::Lambda::CodeSigningConfig", made.id, before, properties(""));
  const std::string now = read("AWS::Lambda::CodeSigningConfig", made.id);
  EXPECT_THAT(now, HasSubstr(R"("UntrustedArtifactOnDeployment":"Warn")"));
  EXPECT_THAT(now, Not(HasSubstr("strict")));
  remove("AWS::Lambda::CodeSigningConfig", made.id);
  EXPECT_THAT(list("AWS::Lambda::CodeSigningConfig"), ElementsAre());
}

}  // namespace
}  // namespace matinee::cloud
