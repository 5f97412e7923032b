// Server-side encryption: which kind new content gets, what replies report of it, and who may read
// content whose key the customer keeps (SSE-C).
//
// Content is not encrypted on this machine's disk, whatever the kind: Matinee rehearses what
// clients see. That includes that content stored with SSE-C is given to nobody without its key,
// but not that somebody with the data directory cannot read it. KMS is asked whether a key may be
// used; without it every well-formed key exists, and an alias stands for a key whose id follows
// from its name.
//
// AWS refuses customer keys over plain HTTP. Matinee takes them: it listens on loopback.
//
// As on AWS the entity tag of content with SSE-KMS, DSSE or SSE-C is not the MD5 of the content,
// so that a client that takes it for one fails here too.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/http.h"
#include "runtime/random.h"
#include "s3/shapes.h"
#include "services/s3/catalog/encryption_record.h"

namespace matinee::s3 {

/// The Matinee default and AWS's: what replies report for content that nobody asked to encrypt.
inline constexpr std::string_view default_encryption = "AES256";

/// The three headers that carry a customer's key.
struct CustomerKeyHeaders {
  std::optional<std::string> algorithm;
  std::optional<std::string> key;  // base64
  std::optional<std::string> md5;  // base64

  bool present() const { return algorithm || key || md5; }
};

/// All that a request may say about the encryption of what it stores.
struct EncryptionHeaders {
  std::optional<std::string> algorithm;  // x-amz-server-side-encryption
  std::optional<std::string> kms_key;
  std::optional<std::string> kms_context;
  std::optional<bool> bucket_key;
  CustomerKeyHeaders customer;
};

/// Where new content goes.
struct EncryptionPlace {
  std::string account;  // of the caller, whose KMS keys are meant
  std::string region;   // of the bucket
  /// The bucket's rule; null where it has none, which is SSE-S3.
  const ServerSideEncryptionRule* rule = nullptr;
  /// The ARN of the key that a well-formed id, ARN or alias means, where new content may be
  /// encrypted with it, perhaps through a bucket key; else it throws. Empty where nobody knows
  /// keys: then all of them exist.
  std::function<std::string(const std::string& key, bool bucket_key)> find_key = nullptr;
};

/// How new content is to be encrypted: as the request says, else by the bucket's rule. Nothing is
/// SSE-S3. Throws InvalidArgument, InvalidEncryptionAlgorithmError or KMS.NotFoundException for
/// headers that are wrong or do not go together, AccessDenied where the bucket blocks SSE-C.
std::optional<EncryptionRecord> choose_encryption(const EncryptionHeaders& headers,
                                                  const EncryptionPlace& place,
                                                  runtime::Random& random);

/// Whether a reader of stored content has shown its key. Throws InvalidRequest where a key is
/// missing or not called for, InvalidArgument for a malformed one, AccessDenied for another.
void check_customer_key(const std::optional<EncryptionRecord>& stored,
                        const CustomerKeyHeaders& headers);

/// For the parts of an upload, which come with the key that the upload was begun with. Throws
/// InvalidRequest where they do not.
void check_part_key(const std::optional<EncryptionRecord>& upload,
                    const CustomerKeyHeaders& headers);

/// How content is encrypted cannot be chosen when it is read, except with SSE-C: InvalidArgument
/// for such a header.
void refuse_encryption_of_reads(const protocol::Headers& headers);

/// What AWS says to anonymous readers of content with SSE-KMS: InvalidArgument.
void check_kms_reader(const std::optional<EncryptionRecord>& stored, bool anonymous);

/// What the entity tag is made of, instead of the content's MD5 where AWS does not use that.
std::string entity_digest(const std::string& md5, const std::optional<EncryptionRecord>& stored);

/// "arn:aws:kms:REGION:ACCOUNT:key/ID" of a key's id, ARN, alias or alias's ARN; of the key
/// alias/aws/s3 where nothing is given. Throws KMS.NotFoundException, and what `find_key` throws.
std::string kms_key_arn(const std::optional<std::string>& key, const EncryptionPlace& place,
                        bool bucket_key);

/// "AES256", "aws:kms" or "aws:kms:dsse"; nothing for SSE-C, which other headers report.
std::optional<std::string> name_of(const std::optional<EncryptionRecord>& stored);

template <class Request>
CustomerKeyHeaders customer_key_of(const Request& request) {
  return {.algorithm = request.sse_customer_algorithm,
          .key = request.sse_customer_key,
          .md5 = request.sse_customer_key_md5};
}

template <class Request>
CustomerKeyHeaders source_customer_key_of(const Request& request) {
  return {.algorithm = request.copy_source_sse_customer_algorithm,
          .key = request.copy_source_sse_customer_key,
          .md5 = request.copy_source_sse_customer_key_md5};
}

template <class Request>
EncryptionHeaders encryption_headers_of(const Request& request) {
  return {.algorithm = request.server_side_encryption,
          .kms_key = request.sse_kms_key_id,
          .kms_context = request.sse_kms_encryption_context,
          .bucket_key = request.bucket_key_enabled,
          .customer = customer_key_of(request)};
}

/// Fills in those of the headers that this reply has.
template <class Response>
void report_encryption(const std::optional<EncryptionRecord>& stored, Response& response) {
  response.server_side_encryption = name_of(stored);
  if (!stored) return;
  if (stored->kind == EncryptionKind::customer) {
    if constexpr (requires { response.sse_customer_algorithm; }) {
      response.sse_customer_algorithm = "AES256";
      response.sse_customer_key_md5 = stored->customer_key_md5;
    }
    return;
  }
  if constexpr (requires { response.sse_kms_key_id; }) response.sse_kms_key_id = stored->kms_key;
  if constexpr (requires { response.sse_kms_encryption_context; })
    response.sse_kms_encryption_context = stored->kms_context;
  if constexpr (requires { response.bucket_key_enabled; })
    if (stored->bucket_key) response.bucket_key_enabled = true;
}

}  // namespace matinee::s3
