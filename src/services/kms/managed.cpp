#include "services/kms/managed.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/kms/service.h"

namespace matinee::kms {

namespace {

constexpr int yearly = 365;

constexpr std::array services_with_keys = {
    ManagedService{"acm", "ACM", "ACM private keys"},
    ManagedService{"backup", "Backup", "Backup vaults"},
    ManagedService{"dynamodb", "DynamoDB", "DynamoDB tables"},
    ManagedService{"ebs", "EC2", "EBS volumes"},
    ManagedService{"ecr", "ECR", "ECR data"},
    ManagedService{"elasticfilesystem", "EFS", "EFS filesystems"},
    ManagedService{"es", "Elasticsearch", "Elasticsearch domains"},
    ManagedService{"glue", "Glue", "Glue metadata"},
    ManagedService{"kinesis", "Kinesis", "Kinesis streams"},
    ManagedService{"kinesisvideo", "Kinesis Video Streams", "Kinesis Video Streams data"},
    ManagedService{"lambda", "Lambda", "Lambda functions"},
    ManagedService{"rds", "RDS", "RDS database volumes"},
    ManagedService{"redshift", "Redshift", "Redshift clusters"},
    ManagedService{"s3", "S3", "S3 objects"},
    ManagedService{"secretsmanager", "AWS Secrets Manager", "Secrets Manager data"},
    ManagedService{"sns", "SNS", "SNS data"},
    ManagedService{"sqs", "SQS", "SQS messages"},
    ManagedService{"ssm", "SSM", "SSM parameters"},
    ManagedService{"xray", "X-Ray", "X-Ray data"}};

const ManagedService* find_managed(std::string_view name) {
  const auto* found = std::ranges::find(services_with_keys, name, &ManagedService::name);
  return found == services_with_keys.end() ? nullptr : &*found;
}

}  // namespace

std::span<const ManagedService> managed_services() {
  return services_with_keys;
}

bool is_managed_service(std::string_view name) {
  return find_managed(name) != nullptr;
}

std::string managed_description(std::string_view service) {
  return fmt::format("Default key that protects my {} when no other key is defined",
                     find_managed(service)->protects);
}

/// Everybody of the account may use it through the service, and look at it, and nobody change it.
std::string managed_policy(const KeyName& name, std::string_view service) {
  const std::string_view title = find_managed(service)->title;
  return fmt::format(
      R"({{"Version":"2012-10-17","Id":"auto-{0}-1","Statement":[{{"Sid":)"
      R"("Allow access through {1} )"
      R"(for all principals in the account that are authorized to use {1}","Effect":"Allow",)"
      R"("Principal":{{"AWS":"*"}},"Action":["kms:Encrypt","kms:Decrypt","kms:ReEncrypt*",)"
      R"("kms:GenerateDataKey*","kms:CreateGrant","kms:DescribeKey"],"Resource":"*","Condition":)"
      R"({{"StringEquals":{{"kms:CallerAccount":"{2}",)"
      R"("kms:ViaService":"{0}.{3}.amazonaws.com"}}}}}},)"
      R"({{"Sid":"Allow direct access to key metadata to the account","Effect":"Allow",)"
      R"("Principal":{{"AWS":"arn:{4}:iam::{2}:root"}},"Action":["kms:Describe*","kms:Get*",)"
      R"("kms:List*","kms:RevokeGrant"],"Resource":"*"}}]}})",
      service, title, name.account, name.region, partition_of(name.region));
}

Key Service::make_managed_key(const KeyName& place, std::string_view service) {
  const runtime::Time now = clock_.now();
  Key key{.name = {.account = place.account, .region = place.region, .id = random_.uuid()},
          .record = {}};
  key.record.created = now;
  key.record.is_managed = true;
  key.record.rotates = true;
  key.record.rotation_days = yearly;
  key.record.next_rotation = now + std::chrono::days(yearly);
  NewMaterial material;
  material.bytes.resize(Cipher::key_bytes);
  random_.fill({reinterpret_cast<std::uint8_t*>(material.bytes.data()), material.bytes.size()});
  const std::uint32_t number = catalog_.add_material(key, material, {.created = now});
  catalog_.make_current(key, number);
  add_key(key, {.description = managed_description(service),
                .policy = managed_policy(key.name, service),
                .tags = {}});
  catalog_.aliases.put(place.tuple(), {.key = key.name.id, .created = now, .updated = now});
  catalog_.key_aliases.put({place.account, place.region, key.name.id, place.id}, true);
  schedule(key.name, *key.record.next_rotation, Due::rotation);
  return key;
}

}  // namespace matinee::kms
