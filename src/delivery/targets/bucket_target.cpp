#include "delivery/targets/bucket_target.h"

#include <simdjson.h>

#include "s3/client.h"

namespace matinee::delivery {

namespace {

std::string key_of(const services::Delivery& delivery) {
  simdjson::dom::parser parser;
  std::string_view key;
  if (parser.parse(delivery.parameters)["Key"].get(key) != simdjson::SUCCESS)
    throw protocol::ServiceError("InvalidParameters", 400, "The delivery names no key.");
  return std::string(key);
}

}  // namespace

/// ARNs of buckets have neither account nor region: the caller is where the source is.
runtime::Task<services::Refusals> BucketTarget::send(std::vector<services::Delivery> deliveries) {
  services::Delivery& delivery = deliveries.front();
  services::Arn place = services::parse_arn(delivery.target).value();
  const std::string bucket = place.resource;
  const std::optional<services::Arn> source = services::parse_arn(delivery.source_arn);
  place.account = delivery.source_account;
  if (source) place.region = source->region;
  services::Context caller = caller_of(delivery, place, way_.directory);
  caller.trace_header = delivery.trace_header;
  s3::PutObjectRequest request;
  request.bucket = bucket;
  request.key = key_of(delivery);
  request.body = std::move(delivery.body);
  request.content_type = "application/json";
  const std::string id = delivery.id;
  client::InProcessChannel channel(way_.endpoint, way_.random, std::move(caller));
  co_await s3::Client(channel).put_object(std::move(request));
  services::Refusals refusals(1);
  refusals.taken.push_back({.id = id});
  co_return refusals;
}

}  // namespace matinee::delivery
