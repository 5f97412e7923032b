// Listing a bucket. Keys are asked for in percent-encoding: XML cannot hold all that a key may be
// made of.
#include "jobs/publish/lister.h"

#include <fmt/format.h>

#include <charconv>

#include "jobs/report.h"

namespace matinee::jobs::publish {

namespace {

std::string without_quotes(std::string etag) {
  std::erase(etag, '"');
  return etag;
}

Page to_page(s3::ListObjectsV2Response response) {
  Page page{.objects = {}, .has_more = response.is_truncated.value_or(false)};
  if (!response.contents) return page;
  page.objects.reserve(response.contents->size());
  const bool encoded = response.encoding_type == "url";
  for (s3::Object& object : *response.contents) {
    std::string key = std::move(object.key).value_or("");
    page.objects.push_back({encoded ? decode_key(key) : std::move(key),
                            without_quotes(std::move(object.etag).value_or("")),
                            object.last_modified.value_or(runtime::Time())});
  }
  return page;
}

}  // namespace

std::string decode_key(std::string_view encoded) {
  std::string key;
  key.reserve(encoded.size());
  while (!encoded.empty()) {
    unsigned byte = 0;
    const char* digits = encoded.data() + 1;
    if (encoded.size() > 2 && encoded.front() == '%' &&
        std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
      key += static_cast<char>(byte);
      encoded.remove_prefix(3);
      continue;
    }
    key += encoded.front() == '+' ? ' ' : encoded.front();
    encoded.remove_prefix(1);
  }
  return key;
}

void Lister::explain(const protocol::ServiceError& error) const {
  const std::string& code = error.code();
  if (code == "NoSuchBucket" || error.status() == 404)
    throw JobError(fmt::format("There is no bucket {} in {}.", options_.bucket, options_.cloud));
  if (code == "PermanentRedirect" || code == "AuthorizationHeaderMalformed" ||
      code == "IllegalLocationConstraintException" || error.status() == 301)
    throw JobError(fmt::format(
        "The bucket {} is in another region than {}; name its region with --region ({}).",
        options_.bucket, options_.region, sentence_of(error, options_.cloud)));
  if (error.status() == 403)
    throw JobError(fmt::format("The bucket {} may not be listed, which needs s3:ListBucket: {}",
                               options_.bucket, sentence_of(error, options_.cloud)));
  throw JobError(sentence_of(error, options_.cloud));
}

runtime::Task<s3::ListObjectsV2Response> Lister::call(s3::ListObjectsV2Request request) {
  request.bucket = options_.bucket;
  request.encoding_type = "url";
  if (!options_.prefix.empty()) request.prefix = options_.prefix;
  try {
    co_return co_await client_.list_objects_v2(std::move(request));
  } catch (const protocol::ServiceError& error) {
    explain(error);
  }
}

runtime::Task<> Lister::require_bucket() {
  s3::ListObjectsV2Request request;
  request.max_keys = 1;
  co_await call(std::move(request));
}

runtime::Task<Page> Lister::list(std::string after) {
  s3::ListObjectsV2Request request;
  if (!after.empty()) request.start_after = std::move(after);
  for (;;) {
    ++pages_;
    s3::ListObjectsV2Response response = co_await call(request);
    request.continuation_token = std::move(response.next_continuation_token);
    Page page = to_page(std::move(response));
    // A page may have no key although there are more.
    if (!page.objects.empty() || !page.has_more || !request.continuation_token) co_return page;
  }
}

}  // namespace matinee::jobs::publish
