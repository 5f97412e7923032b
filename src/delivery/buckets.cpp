#include "delivery/buckets.h"

#include <fmt/format.h>

#include "client/body_reader.h"
#include "client/in_process_channel.h"
#include "s3/client.h"

namespace matinee::delivery {
namespace {

std::string without_quotes(std::string etag) {
  std::erase(etag, '"');
  return etag;
}

client::InProcessChannel channel_as(services::Endpoint& endpoint, runtime::Random& random,
                                    services::Context caller) {
  caller.host = "localhost";
  return {endpoint, random, std::move(caller)};
}

}  // namespace

runtime::Task<> Buckets::write(services::ObjectToWrite object) {
  services::Context caller{.account = object.account, .region = object.region};
  caller.service_principal = object.service_principal;
  caller.source_arn = object.source_arn;
  if (!object.service_principal.empty()) caller.source_account = object.account;
  client::InProcessChannel channel = channel_as(endpoint_, random_, std::move(caller));
  s3::PutObjectRequest request;
  request.bucket = std::move(object.bucket);
  request.key = std::move(object.key);
  request.body = std::move(object.body);
  request.content_type = std::move(object.content_type);
  co_await s3::Client(channel).put_object(std::move(request));
}

runtime::Task<std::string> Buckets::read(services::Context caller, services::ObjectToRead object) {
  client::InProcessChannel channel = channel_as(endpoint_, random_, std::move(caller));
  s3::GetObjectRequest request;
  request.bucket = std::move(object.bucket);
  request.key = std::move(object.key);
  if (!object.version.empty()) request.version_id = std::move(object.version);
  s3::GetObjectResponse response = co_await s3::Client(channel).get_object(std::move(request));
  constexpr int too_large = 400;
  if (response.body.size() > object.most_bytes)
    throw protocol::ServiceError("EntityTooLarge", too_large,
                                 "The object is larger than is allowed here");
  co_return client::read_body(std::move(response.body));
}

runtime::Task<std::vector<services::BucketFile>> Buckets::list(services::Context caller,
                                                               services::BucketPlace place) {
  client::InProcessChannel channel = channel_as(endpoint_, random_, std::move(caller));
  s3::ListObjectsV2Request request;
  request.bucket = std::move(place.bucket);
  if (!place.prefix.empty()) request.prefix = std::move(place.prefix);
  if (!place.after.empty()) request.start_after = std::move(place.after);
  s3::ListObjectsV2Response response =
      co_await s3::Client(channel).list_objects_v2(std::move(request));
  std::vector<services::BucketFile> files;
  if (!response.contents) co_return files;
  for (s3::Object& object : *response.contents)
    files.push_back(
        {std::move(object.key).value_or(""), static_cast<std::uint64_t>(object.size.value_or(0))});
  co_return files;
}

runtime::Task<services::ReadPart> Buckets::read(services::Context caller, services::FilePart part) {
  client::InProcessChannel channel = channel_as(endpoint_, random_, std::move(caller));
  s3::GetObjectRequest request;
  request.bucket = std::move(part.bucket);
  request.key = std::move(part.key);
  request.range = fmt::format("bytes={}-{}", part.offset, part.offset + part.length - 1);
  if (!part.etag.empty()) request.if_match = fmt::format("\"{}\"", part.etag);
  s3::GetObjectResponse response = co_await s3::Client(channel).get_object(std::move(request));
  co_return services::ReadPart{.bytes = client::read_body(std::move(response.body)),
                               .etag = without_quotes(std::move(response.etag).value_or(""))};
}

runtime::Task<std::string> Buckets::write(services::Context caller, services::FileToWrite file) {
  client::InProcessChannel channel = channel_as(endpoint_, random_, std::move(caller));
  s3::PutObjectRequest request;
  request.bucket = std::move(file.bucket);
  request.key = std::move(file.key);
  request.body = std::move(file.body);
  s3::PutObjectResponse response = co_await s3::Client(channel).put_object(std::move(request));
  co_return without_quotes(std::move(response.etag).value_or(""));
}

}  // namespace matinee::delivery
