#include "delivery/buckets.h"

#include "client/body_reader.h"
#include "client/in_process_channel.h"
#include "s3/client.h"

namespace matinee::delivery {

runtime::Task<> Buckets::write(services::ObjectToWrite object) {
  services::Context caller{.account = object.account, .region = object.region};
  caller.service_principal = object.service_principal;
  caller.source_arn = object.source_arn;
  if (!object.service_principal.empty()) caller.source_account = object.account;
  caller.host = "localhost";
  client::InProcessChannel channel(endpoint_, random_, std::move(caller));
  s3::PutObjectRequest request;
  request.bucket = std::move(object.bucket);
  request.key = std::move(object.key);
  request.body = std::move(object.body);
  request.content_type = std::move(object.content_type);
  co_await s3::Client(channel).put_object(std::move(request));
}

runtime::Task<std::string> Buckets::read(services::Context caller, services::ObjectToRead object) {
  caller.host = "localhost";
  client::InProcessChannel channel(endpoint_, random_, std::move(caller));
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

}  // namespace matinee::delivery
