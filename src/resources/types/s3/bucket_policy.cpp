#include "resources/types/s3/s3_types.h"

namespace matinee::resources::types::s3 {

namespace {

class BucketPolicy final : public CodedType {
 public:
  BucketPolicy() : CodedType("AWS::S3::BucketPolicy") {}

  Task<Made> create(Subject& subject, const Value& properties) const override {
    const std::string bucket = properties.text_or("Bucket");
    Value request = of_bucket(bucket).set("Policy", member(properties, "PolicyDocument"));
    co_await make(subject, {.operation = "s3:PutBucketPolicy",
                            .request = std::move(request),
                            .id_of = [bucket](const Value&) { return bucket; }});
    co_return Made{.id = bucket, .attributes = Value::map()};
  }

  Task<Made> update(Subject& subject, const std::string& id, const Value&,
                    const Value& after) const override {
    co_await call(subject, "s3:PutBucketPolicy",
                  of_bucket(id).set("Policy", member(after, "PolicyDocument")));
    co_return Made{.id = id, .attributes = Value::map()};
  }

  Task<void> remove(Subject& subject, const std::string& id, const Value&) const override {
    co_await call_if_there(subject, "s3:DeleteBucketPolicy", of_bucket(id));
  }

  Task<Value> told(Subject& subject, const std::string& id) const override {
    const Value got = co_await call_if_there(subject, "s3:GetBucketPolicy", of_bucket(id));
    if (got.is_null()) not_found(name(), id);
    Value properties = of_bucket(id);
    co_return properties.set("PolicyDocument", document_of(got.text_or("Policy")));
  }

  /// Buckets that have a policy.
  Task<std::vector<std::string>> list(Subject& subject, const Value&) const override {
    std::vector<std::string> with_policy;
    for (const std::string& bucket : co_await s3::bucket().list(subject, Value::map())) {
      const Value got = co_await call_if_there(subject, "s3:GetBucketPolicy", of_bucket(bucket));
      if (!got.is_null()) with_policy.push_back(bucket);
    }
    co_return with_policy;
  }
};

}  // namespace

const CodedType& bucket_policy() {
  static const BucketPolicy type;
  return type;
}

}  // namespace matinee::resources::types::s3
