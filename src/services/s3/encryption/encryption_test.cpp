#include "services/s3/encryption/encryption.h"

#include "protocol/base64.h"
#include "services/s3/configurations/configurations.h"
#include "services/s3/service_fixture.h"
#include "services/s3/transfer/checksums.h"

namespace matinee::s3 {
namespace {

using protocol::base64_encode;

constexpr std::string_view key_id = "1234abcd-12ab-34cd-56ef-1234567890ab";

class Encryption : public ServiceTest {
 protected:
  Encryption() { make_bucket(); }

  /// Headers of SSE-C on any request that has them.
  template <class Request>
  static Request with_key(Request request, char letter) {
    const std::string key(32, letter);
    request.sse_customer_algorithm = "AES256";
    request.sse_customer_key = base64_encode(key);
    request.sse_customer_key_md5 = base64_encode(digest(Algorithm::md5, key));
    return request;
  }
  static PutObjectRequest put_request() {
    PutObjectRequest request{.bucket = "bucket", .key = "key"};
    request.body = "content";
    return request;
  }
  PutObjectResponse put_with(const std::function<void(PutObjectRequest&)>& change) {
    PutObjectRequest request = put_request();
    change(request);
    return call(&Service::put_object, request);
  }
  HeadObjectResponse head(const std::string& name = "key") {
    return call(&Service::head_object, HeadObjectRequest{.bucket = "bucket", .key = name});
  }
  GetObjectResponse get_with_key(char letter) {
    return call(&Service::get_object,
                with_key(GetObjectRequest{.bucket = "bucket", .key = "key"}, letter));
  }
  void set_default(const std::string& algorithm, const std::optional<std::string>& key = {}) {
    ServerSideEncryptionRule rule{.bucket_key_enabled = true};
    auto& by_default = rule.apply_server_side_encryption_by_default.emplace();
    by_default.sse_algorithm = algorithm;
    by_default.kms_master_key_id = key;
    set_rule(rule);
  }
  void set_rule(const ServerSideEncryptionRule& rule) {
    storage::Transaction transaction(*store);
    Configurations(*store).put(Configurations::key("bucket", ConfigurationKind::encryption),
                               ServerSideEncryptionConfiguration{.rules = {rule}});
    transaction.commit();
  }
};

TEST_F(Encryption, is_sse_s3_where_nobody_says_anything) {
  EXPECT_EQ(put("key", "content").server_side_encryption, "AES256");
  EXPECT_EQ(head().server_side_encryption, "AES256");
  EXPECT_EQ(head().etag, '"' + to_hex(digest(Algorithm::md5, "content")) + '"');
}

TEST_F(Encryption, with_kms_uses_the_key_of_the_account_where_none_is_named) {
  const auto response = put_with([](auto& r) { r.server_side_encryption = "aws:kms"; });
  EXPECT_EQ(response.server_side_encryption, "aws:kms");
  EXPECT_TRUE(response.sse_kms_key_id->starts_with("arn:aws:kms:us-east-1:000000000000:key/"));
  EXPECT_EQ(head().sse_kms_key_id, response.sse_kms_key_id);
  EXPECT_EQ(put_with([](auto& r) { r.server_side_encryption = "aws:kms"; }).sse_kms_key_id,
            response.sse_kms_key_id);
  EXPECT_NE(head().etag, '"' + to_hex(digest(Algorithm::md5, "content")) + '"');
  EXPECT_EQ(read("key"), "content");
}

TEST_F(Encryption, with_kms_reports_the_key_as_an_arn_and_the_context_as_it_came) {
  const auto response = put_with([](auto& r) {
    r.server_side_encryption = "aws:kms:dsse";
    r.sse_kms_key_id = key_id;
    r.sse_kms_encryption_context = base64_encode(R"({"a": "b"})");
  });
  const std::string arn = "arn:aws:kms:us-east-1:000000000000:key/" + std::string(key_id);
  EXPECT_EQ(response.server_side_encryption, "aws:kms:dsse");
  EXPECT_EQ(response.sse_kms_key_id, arn);
  EXPECT_EQ(response.sse_kms_encryption_context, base64_encode(R"({"a": "b"})"));
  EXPECT_EQ(put_with([&](auto& r) {
              r.server_side_encryption = "aws:kms";
              r.sse_kms_key_id = arn;
              r.bucket_key_enabled = true;
            }).bucket_key_enabled,
            true);
  EXPECT_EQ(head().sse_kms_key_id, arn);
}

TEST_F(Encryption, refuses_headers_that_do_not_go_together) {
  EXPECT_THROW(put_with([](auto& r) { r.server_side_encryption = "rot13"; }), InvalidArgument);
  EXPECT_THROW(put_with([](auto& r) { r.sse_kms_key_id = key_id; }), InvalidArgument);
  EXPECT_THROW(put_with([](auto& r) {
                 r = with_key(r, 'k');
                 r.server_side_encryption = "AES256";
               }),
               InvalidArgument);
  for (const std::string context : {"nonsense", "WzFd", "eyJhIjoxfQ=="})  // [1] and {"a":1}
    EXPECT_THROW(put_with([&](auto& r) {
                   r.server_side_encryption = "aws:kms";
                   r.sse_kms_encryption_context = context;
                 }),
                 InvalidArgument)
        << context;
}

TEST_F(Encryption, refuses_kms_keys_that_cannot_be) {
  for (const std::string key : {"aws/s3", "arn:aws:kms:eu-west-1:000000000000:key/x", "alias/"}) {
    try {
      put_with([&](auto& r) {
        r.server_side_encryption = "aws:kms";
        r.sse_kms_key_id = key;
      });
      ADD_FAILURE() << key;
    } catch (const protocol::ServiceError& error) {
      EXPECT_EQ(error.code(), "KMS.NotFoundException") << key;
      EXPECT_EQ(error.status(), 400);
    }
  }
}

TEST_F(Encryption, follows_the_bucket_s_default_where_the_request_says_nothing) {
  set_default("aws:kms", std::string(key_id));
  put("key", "content");
  EXPECT_EQ(head().server_side_encryption, "aws:kms");
  EXPECT_TRUE(head().sse_kms_key_id->ends_with(key_id));
  EXPECT_EQ(head().bucket_key_enabled, true);
  put_with([](auto& r) { r.server_side_encryption = "AES256"; });
  EXPECT_EQ(head().server_side_encryption, "AES256");
  EXPECT_EQ(head().sse_kms_key_id, std::nullopt);

  CopyObjectRequest copy{.bucket = "bucket", .copy_source = "bucket/key", .key = "copy"};
  EXPECT_EQ(call(&Service::copy_object, copy).server_side_encryption, "aws:kms");
  CreateMultipartUploadRequest begin{.bucket = "bucket", .key = "parts"};
  EXPECT_EQ(call(&Service::create_multipart_upload, begin).server_side_encryption, "aws:kms");
}

TEST_F(Encryption, with_a_blocked_kind_is_refused) {
  ServerSideEncryptionRule rule;
  rule.blocked_encryption_types.emplace().encryption_type = {"SSE-C"};
  set_rule(rule);
  EXPECT_THROW(call(&Service::put_object, with_key(put_request(), 'k')), AccessDenied);
  EXPECT_NO_THROW(put("key", "content"));
}

TEST_F(Encryption, with_the_customer_s_key_is_read_with_that_key_only) {
  const auto response = call(&Service::put_object, with_key(put_request(), 'k'));
  EXPECT_EQ(response.server_side_encryption, std::nullopt);
  EXPECT_EQ(response.sse_customer_algorithm, "AES256");
  EXPECT_EQ(response.sse_customer_key_md5,
            base64_encode(digest(Algorithm::md5, std::string(32, 'k'))));
  EXPECT_EQ(content_of(get_with_key('k').body), "content");
  EXPECT_EQ(get_with_key('k').sse_customer_algorithm, "AES256");
  EXPECT_THROW(get_with_key('x'), AccessDenied);
  EXPECT_THROW(get("key"), InvalidRequest);
  EXPECT_THROW(head(), InvalidRequest);
  ASSERT_TRUE(store->flush());
  kill_and_restart();
  EXPECT_EQ(content_of(get_with_key('k').body), "content");
  EXPECT_THROW(get_with_key('x'), AccessDenied);
}

TEST_F(Encryption, with_the_customer_s_key_is_not_asked_of_other_objects) {
  put("key", "content");
  EXPECT_THROW(get_with_key('k'), InvalidRequest);
}

TEST_F(Encryption, checks_the_customer_s_key) {
  const auto put_key = [&](const std::function<void(PutObjectRequest&)>& change) {
    PutObjectRequest request = with_key(put_request(), 'k');
    change(request);
    return call(&Service::put_object, request);
  };
  EXPECT_THROW(put_key([](auto& r) { r.sse_customer_algorithm = "AES128"; }),
               InvalidEncryptionAlgorithmError);
  EXPECT_THROW(put_key([](auto& r) { r.sse_customer_algorithm.reset(); }), InvalidArgument);
  EXPECT_THROW(put_key([](auto& r) { r.sse_customer_key.reset(); }), InvalidArgument);
  EXPECT_THROW(put_key([](auto& r) { r.sse_customer_key_md5.reset(); }), InvalidArgument);
  EXPECT_THROW(put_key([](auto& r) { r.sse_customer_key = base64_encode("short"); }),
               InvalidArgument);
  EXPECT_THROW(put_key([](auto& r) { r.sse_customer_key_md5 = base64_encode("wrong"); }),
               InvalidArgument);
}

TEST_F(Encryption, of_a_copy_s_source_wants_the_source_s_key) {
  call(&Service::put_object, with_key(put_request(), 'k'));
  CopyObjectRequest copy{.bucket = "bucket", .copy_source = "bucket/key", .key = "copy"};
  EXPECT_THROW(call(&Service::copy_object, copy), InvalidRequest);
  copy.copy_source_sse_customer_algorithm = "AES256";
  copy.copy_source_sse_customer_key = base64_encode(std::string(32, 'k'));
  copy.copy_source_sse_customer_key_md5 =
      base64_encode(digest(Algorithm::md5, std::string(32, 'k')));
  EXPECT_EQ(call(&Service::copy_object, copy).server_side_encryption, "AES256");
  EXPECT_EQ(read("copy"), "content");
  EXPECT_EQ(get("copy").etag, '"' + to_hex(digest(Algorithm::md5, "content")) + '"');
}

TEST_F(Encryption, of_an_upload_wants_its_key_with_each_part) {
  const auto created =
      call(&Service::create_multipart_upload,
           with_key(CreateMultipartUploadRequest{.bucket = "bucket", .key = "key"}, 'k'));
  UploadPartRequest part{.bucket = "bucket", .key = "key", .part_number = 1};
  part.upload_id = *created.upload_id;
  part.body = "content";
  EXPECT_THROW(call(&Service::upload_part, part), InvalidRequest);
  EXPECT_THROW(call(&Service::upload_part, with_key(part, 'x')), InvalidRequest);
  const auto uploaded = call(&Service::upload_part, with_key(part, 'k'));
  EXPECT_EQ(uploaded.sse_customer_algorithm, "AES256");

  CompleteMultipartUploadRequest complete{.bucket = "bucket", .key = "key"};
  complete.upload_id = part.upload_id;
  complete.multipart_upload.emplace().parts = {{.etag = uploaded.etag, .part_number = 1}};
  EXPECT_NO_THROW(call(&Service::complete_multipart_upload, complete));
  EXPECT_EQ(content_of(get_with_key('k').body), "content");
  EXPECT_THROW(get("key"), InvalidRequest);
}

TEST_F(Encryption, is_not_chosen_by_a_read) {
  protocol::HttpRequest request;
  EXPECT_NO_THROW(service->check_body(operations::GetObject, request));
  request.headers.add("x-amz-server-side-encryption", "AES256");
  EXPECT_THROW(service->check_body(operations::GetObject, request), InvalidArgument);
  EXPECT_THROW(service->check_body(operations::HeadObject, request), InvalidArgument);
}

TEST_F(Encryption, with_kms_is_not_for_anonymous_readers) {
  EncryptionRecord record{.kms_key = "arn"};
  EXPECT_THROW(check_kms_reader(record, true), InvalidArgument);
  EXPECT_NO_THROW(check_kms_reader(record, false));
  EXPECT_NO_THROW(check_kms_reader(std::nullopt, true));
}

}  // namespace
}  // namespace matinee::s3
