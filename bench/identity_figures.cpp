// What decisions cost: the same calls with the credentials of a role whose policy has ten
// statements, on a server that asks no policies and on one that enforces them, in turn.
#include <fmt/format.h>

#include "dynamodb_load.h"
#include "figures.h"
#include "measuring.h"
#include "pairs.h"
#include "requests.h"
#include "sqs_load.h"

namespace bench {
namespace {

/// Ten statements of which the last two are about what is measured.
std::string policy() {
  std::string statements;
  for (int i = 0; i < 8; ++i)
    statements +=
        fmt::format(R"({{"Effect":"Allow","Action":["s3:Get*","s3:PutObject","kms:Decrypt"],)"
                    R"("Resource":["arn:aws:s3:::bucket-{0}/*","arn:aws:kms:*:*:key/{0}"]}},)",
                    i);
  return R"({"Version":"2012-10-17","Statement":[)" + statements +
         R"({"Effect":"Allow","Action":["sqs:SendMessage","sqs:ReceiveMessage"],)"
         R"("Resource":"arn:aws:sqs:us-east-1:*:bench-*"},)"
         R"({"Effect":"Allow","Action":["dynamodb:PutItem","dynamodb:GetItem"],)"
         R"("Resource":"arn:aws:dynamodb:us-east-1:*:table/bench"}]})";
}

constexpr std::string_view kTrust =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},)"
    R"("Action":"sts:AssumeRole"}})";

constexpr std::string_view kAssume =
    R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",)"
    R"("Resource":"*"}})";

std::string element(std::string_view xml, std::string_view name) {
  const std::string opening = fmt::format("<{}>", name);
  const std::size_t begin = xml.find(opening);
  if (begin == std::string_view::npos)
    throw std::runtime_error(fmt::format("an answer without {}", name));
  const std::size_t from = begin + opening.size();
  return std::string(xml.substr(from, xml.find('<', from) - from));
}

/// A server with a queue, a table and a role, and what is sent to it with the role's credentials.
class Side {
 public:
  Side(const Settings& settings, const std::string& mode)
      : settings_(settings), server_(settings.binary, {"--iam", mode}) {
    use_credentials({});
    const Queue queue = create_queue(server_.port(), "bench-decisions");
    create_table(server_.port(), "bench");
    const auto call = [&](std::string_view service, const std::string& form) {
      return require_success(server_.port(), form_request(server_.port(), service, form)).body;
    };
    call("iam", "Action=CreateRole&Version=2010-05-08&RoleName=bench&AssumeRolePolicyDocument=" +
                    form_encoded(kTrust));
    call("iam",
         "Action=PutRolePolicy&Version=2010-05-08&RoleName=bench&PolicyName=ten"
         "&PolicyDocument=" +
             form_encoded(policy()));
    // Root users may assume no roles where IAM is enforced.
    call("iam", "Action=CreateUser&Version=2010-05-08&UserName=bench");
    call("iam",
         "Action=PutUserPolicy&Version=2010-05-08&UserName=bench&PolicyName=assume"
         "&PolicyDocument=" +
             form_encoded(kAssume));
    const std::string key = call("iam", "Action=CreateAccessKey&Version=2010-05-08&UserName=bench");
    use_credentials({.access_key = element(key, "AccessKeyId"), .session_token = {}});
    const std::string answer =
        call("sts", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=bench&RoleArn=" +
                        form_encoded("arn:aws:iam::000000000000:role/bench"));
    use_credentials({.access_key = element(answer, "AccessKeyId"),
                     .session_token = element(answer, "SessionToken")});
    sends_ = std::make_unique<SingleLoad>(queue, settings.connections);
    puts_ = std::make_unique<PutItemLoad>(server_.port(), "bench", settings.connections);
    use_credentials({});
  }

  Speed send() { return run(*sends_); }
  Speed put() { return run(*puts_); }

 private:
  const Settings& settings_;
  ServerProcess server_;
  std::unique_ptr<Workload> sends_;
  std::unique_ptr<Workload> puts_;

  Speed run(Workload& workload) {
    return run_measured(half_as_long(plan_for(settings_, server_.port()), settings_), workload,
                        server_);
  }
};

}  // namespace

std::vector<Figure> measure_identity(const Settings& settings) {
  Side off(settings, "off");
  Side enforce(settings, "enforce");
  return {compare_in_pairs({.name = "SQS SendMessage, ten statements, enforce : off",
                            .least = 0.95,
                            .without = [&] { return off.send(); },
                            .with = [&] { return enforce.send(); }}),
          compare_in_pairs({.name = "DynamoDB PutItem, ten statements, enforce : off",
                            .least = 0.95,
                            .without = [&] { return off.put(); },
                            .with = [&] { return enforce.put(); }})};
}

}  // namespace bench
