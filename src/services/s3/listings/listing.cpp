#include "services/s3/listings/listing.h"

#include <fmt/format.h>

#include "protocol/base64.h"
#include "services/s3/requests.h"
#include "services/s3/service.h"

namespace matinee::s3 {

namespace {

/// Tokens are opaque to clients. The first character leaves room for other forms.
constexpr char token_form = '1';

std::string make_token(const std::string& last) {
  return protocol::base64_encode(token_form + last);
}

std::string read_token(const std::string& token) {
  const std::optional<std::string> text = protocol::base64_decode(token);
  if (text && !text->empty() && text->front() == token_form) return text->substr(1);
  InvalidArgument error("The continuation token provided is incorrect");
  error.details = {{"ArgumentName", "continuation-token"}, {"ArgumentValue", token}};
  throw error;
}

bool stands_for_itself(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '*' || c == '/';
}

/// The encoding of HTML forms, which clients undo, but that slashes stay: so a space is a plus
/// sign.
std::string form_encoded(std::string_view key) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(key.size());
  for (const char c : key) {
    if (stands_for_itself(c)) {
      encoded += c;
    } else if (c == ' ') {
      encoded += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += digits[byte >> 4];
      encoded += digits[byte & 15];
    }
  }
  return encoded;
}

Object describe_object(const std::string& key, const ObjectRecord& record) {
  Object object;
  object.key = key;
  object.last_modified = record.modified;
  object.etag = quoted(record.etag);
  if (record.checksum) {
    object.checksum_algorithm.emplace().emplace_back(name_of(record.checksum->algorithm));
    object.checksum_type = record.checksum->parts > 0 ? "COMPOSITE" : "FULL_OBJECT";
  }
  object.size = static_cast<std::int64_t>(record.size);
  object.storage_class = record.attributes.storage_class.value_or("STANDARD");
  return object;
}

/// What both versions of ListObjects have in common.
template <class Request, class Response>
void fill(const Request& request, const Listing& listing, const KeyEncoding& encode,
          Response& response) {
  response.name = request.bucket;
  response.prefix = encode(request.prefix.value_or(""));
  if (request.delimiter && !request.delimiter->empty())
    response.delimiter = encode(*request.delimiter);
  response.encoding_type = request.encoding_type;
  response.is_truncated = listing.truncated;
  std::vector<Object>& contents = response.contents.emplace();
  contents.reserve(listing.objects.size());
  for (const auto& [key, record] : listing.objects)
    contents.push_back(describe_object(encode(key), record));
  std::vector<CommonPrefix>& prefixes = response.common_prefixes.emplace();
  for (const std::string& prefix : listing.common_prefixes)
    prefixes.push_back({.prefix = encode(prefix)});
}

void name_owners(const Listing& listing, const ObjectOwners& owners, std::vector<Object>& objects) {
  for (std::size_t index = 0; index < objects.size(); ++index)
    objects[index].owner.emplace().id = owners(listing.objects[index].second.attributes);
}

}  // namespace

std::optional<std::string> common_prefix(std::string_view key, std::string_view prefix,
                                         std::string_view delimiter) {
  if (delimiter.empty()) return std::nullopt;
  const std::size_t found = key.find(delimiter, prefix.size());
  if (found == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, found + delimiter.size()));
}

std::optional<std::string> group_of_marker(std::string_view marker, std::string_view prefix,
                                           std::string_view delimiter) {
  if (!marker.starts_with(prefix)) return std::nullopt;
  return common_prefix(marker, prefix, delimiter);
}

runtime::Task<Listing> list(runtime::Turns& turns, const Catalog& catalog, std::string bucket,
                            ListQuery query) {
  Listing listing;
  storage::KeyRange range = catalog.objects.raw_prefix(query.prefix, bucket);
  // Keys before it cost nothing then, not even those that were removed a moment ago.
  if (!query.after.empty())
    range = catalog.objects.from(range, Catalog::object_key(bucket, query.after));
  auto place = catalog.objects.cursor(range);
  const auto seek_past = [&](const std::string& prefix) {
    place.seek_past(storage::encode_key(Catalog::object_key(bucket, prefix)));
  };
  if (const auto group = group_of_marker(query.after, query.prefix, query.delimiter))
    seek_past(*group);
  else if (!query.after.empty())
    place.seek(Catalog::object_key(bucket, query.after + '\0'));
  for (std::size_t count = 0; count < query.limit && place.valid(); ++count) {
    if (turns.is_over()) co_await turns.next();
    std::string key = std::get<1>(place.key()).bytes;
    if (auto folded = common_prefix(key, query.prefix, query.delimiter)) {
      seek_past(*folded);
      listing.last = *folded;
      listing.common_prefixes.push_back(std::move(*folded));
      continue;
    }
    listing.last = key;
    listing.objects.emplace_back(std::move(key), place.record());
    place.next();
  }
  listing.truncated = query.limit > 0 && place.valid();
  co_return listing;
}

std::int32_t page_size(const std::optional<std::int32_t>& requested, std::string_view argument) {
  if (!requested) return max_page_size;
  check_not_negative(*requested, argument);
  return std::min(*requested, max_page_size);
}

void check_not_negative(std::int32_t number, std::string_view argument) {
  if (number >= 0) return;
  InvalidArgument error(
      fmt::format("Argument {} must be an integer between 0 and 2147483647", argument));
  error.details = {{"ArgumentName", std::string(argument)},
                   {"ArgumentValue", fmt::to_string(number)}};
  throw error;
}

KeyEncoding::KeyEncoding(const std::optional<std::string>& encoding_type)
    : url_(encoding_type.has_value()) {
  if (!encoding_type || *encoding_type == "url") return;
  InvalidArgument error("Invalid Encoding Method specified in Request");
  error.details = {{"ArgumentName", "encoding-type"}, {"ArgumentValue", *encoding_type}};
  throw error;
}

ObjectOwners::ObjectOwners(const std::string& bucket_account, bool has_lists)
    : bucket_owner_(canonical_user_id(bucket_account)), has_lists_(has_lists) {}

std::string ObjectOwners::operator()(const Attributes& attributes) const {
  return has_lists_ && attributes.acl ? owner_id(attributes.acl->owner) : bucket_owner_;
}

std::string KeyEncoding::operator()(std::string_view key) const {
  return url_ ? form_encoded(key) : std::string(key);
}

runtime::Task<ListObjectsResponse> Service::list_objects(const Context& context,
                                                         const ListObjectsRequest& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const KeyEncoding encode(request.encoding_type);
  const std::int32_t limit = page_size(request.max_keys, "maxKeys");
  ListQuery query{.prefix = request.prefix.value_or(""),
                  .delimiter = request.delimiter.value_or(""),
                  .after = request.marker.value_or(""),
                  .limit = static_cast<std::size_t>(limit)};
  const Listing listing = co_await list(loop_.turns(), catalog_, request.bucket, std::move(query));
  if (loop_.turns().is_over()) co_await loop_.turns().next();
  ListObjectsResponse response;
  fill(request, listing, encode, response);
  name_owners(listing, {bucket.account, has_lists(request.bucket)}, *response.contents);
  response.max_keys = limit;
  response.marker = encode(request.marker.value_or(""));
  // Without a delimiter clients go on after the last key that they got.
  if (listing.truncated && response.delimiter) response.next_marker = encode(listing.last);
  co_return response;
}

runtime::Task<ListObjectsV2Response> Service::list_objects_v2(const Context& context,
                                                              const ListObjectsV2Request& request) {
  const BucketRecord bucket =
      require_bucket(context, request.bucket, request.expected_bucket_owner);
  const KeyEncoding encode(request.encoding_type);
  const std::int32_t limit = page_size(request.max_keys, "max-keys");
  const std::string after = request.continuation_token ? read_token(*request.continuation_token)
                                                       : request.start_after.value_or("");
  ListQuery query{.prefix = request.prefix.value_or(""),
                  .delimiter = request.delimiter.value_or(""),
                  .after = after,
                  .limit = static_cast<std::size_t>(limit)};
  const Listing listing = co_await list(loop_.turns(), catalog_, request.bucket, std::move(query));
  if (loop_.turns().is_over()) co_await loop_.turns().next();
  ListObjectsV2Response response;
  fill(request, listing, encode, response);
  if (request.fetch_owner.value_or(false))
    name_owners(listing, {bucket.account, has_lists(request.bucket)}, *response.contents);
  response.max_keys = limit;
  response.key_count =
      static_cast<std::int32_t>(listing.objects.size() + listing.common_prefixes.size());
  response.continuation_token = request.continuation_token;
  if (request.start_after) response.start_after = encode(*request.start_after);
  if (listing.truncated) response.next_continuation_token = make_token(listing.last);
  co_return response;
}

}  // namespace matinee::s3
