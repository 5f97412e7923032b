// For tests: a bucket whose versions are kept, and what is done with them.
#pragma once

#include "services/s3/service_fixture.h"

namespace matinee::s3 {

class VersionedTest : public ServiceTest {
 protected:
  VersionedTest() {
    make_bucket();
    set_versioning("Enabled");
  }

  void set_versioning(const std::string& status) {
    PutBucketVersioningRequest request{.bucket = "bucket"};
    request.versioning_configuration.status = status;
    call(&Service::put_bucket_versioning, request);
  }
  std::string store_version(const std::string& key, const std::string& content) {
    return put(key, content).version_id.value();
  }
  DeleteObjectResponse remove(const std::string& key,
                              const std::optional<std::string>& version = std::nullopt) {
    return call(&Service::delete_object, {.bucket = "bucket", .key = key, .version_id = version});
  }
  std::string read_version(const std::string& key, const std::string& version) {
    const GetObjectResponse response =
        call(&Service::get_object,
             GetObjectRequest{.bucket = "bucket", .key = key, .version_id = version});
    EXPECT_EQ(response.version_id, version);
    return content_of(response.body);
  }
};

}  // namespace matinee::s3
