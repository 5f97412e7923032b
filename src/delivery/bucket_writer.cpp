#include "delivery/bucket_writer.h"

#include "client/in_process_channel.h"
#include "s3/client.h"

namespace matinee::delivery {

runtime::Task<> BucketWriter::write(services::ObjectToWrite object) {
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

}  // namespace matinee::delivery
