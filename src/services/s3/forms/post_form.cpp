#include "services/s3/forms/post_form.h"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "protocol/xml.h"
#include "s3/errors.h"

namespace matinee::s3 {

namespace {

constexpr std::array default_checksum = {Algorithm::crc64nvme};

/// "bucket" of "/bucket" and "/bucket/".
std::string bucket_of(std::string_view path) {
  path.remove_prefix(1);
  if (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

/// What the signature is about, and what is for the form alone.
bool is_about_form(std::string_view name) {
  constexpr std::string_view names[] = {"x-amz-algorithm", "x-amz-credential", "x-amz-date",
                                        "x-amz-signature", "x-amz-security-token"};
  return std::ranges::find(names, name) != std::end(names);
}

/// Fields that PutObject has as headers of the same name.
bool is_header(std::string_view name) {
  constexpr std::string_view names[] = {"cache-control",    "content-type", "content-disposition",
                                        "content-encoding", "expires",      "content-md5"};
  return std::ranges::find(names, name) != std::end(names) ||
         (name.starts_with("x-amz-") && !is_about_form(name));
}

/// The field `tagging`, a document, as x-amz-tagging has it.
std::string tagging_header(std::string_view text) {
  pugi::xml_document document;
  const pugi::xml_node root = protocol::xml::parse(document, text);
  std::string header;
  for (const pugi::xml_node& tag : protocol::xml::find_child(root, "TagSet").children()) {
    if (!header.empty()) header += '&';
    header += protocol::percent_encode(protocol::xml::child_text(tag, "Key"));
    header += '=';
    header += protocol::percent_encode(protocol::xml::child_text(tag, "Value"));
  }
  return header;
}

void replace_file_name(FormFields& fields, const std::string& file_name) {
  constexpr std::string_view variable = "${filename}";
  for (auto& [name, value] : fields) {
    if (name != "key") continue;
    for (std::size_t at = value.find(variable); at != std::string::npos;
         at = value.find(variable, at + file_name.size()))
      value.replace(at, variable.size(), file_name);
  }
}

InvalidArgument missing_field(const char* name) {
  InvalidArgument error(
      fmt::format("Bucket POST must contain a field named '{}'.  If it is specified, please check "
                  "the order of the fields.",
                  name));
  error.details = {{"ArgumentName", name}, {"ArgumentValue", ""}};
  return error;
}

/// A policy is worth nothing without all that tells who has signed it.
void require_signer(const FormFields& fields) {
  if (find_field(fields, "awsaccesskeyid")) {
    if (!find_field(fields, "signature")) throw missing_field("Signature");
    return;
  }
  if (!find_field(fields, "x-amz-signature")) throw missing_field("X-Amz-Signature");
  if (!find_field(fields, "x-amz-credential")) throw missing_field("X-Amz-Credential");
  if (!find_field(fields, "x-amz-algorithm")) throw missing_field("X-Amz-Algorithm");
  if (!find_field(fields, "x-amz-date")) throw missing_field("X-Amz-Date");
}

[[noreturn]] void refuse_length(std::uint64_t size, const LengthRange& lengths) {
  if (size < lengths.minimum) {
    EntityTooSmall error("Your proposed upload is smaller than the minimum allowed size");
    error.details = {{"ProposedSize", fmt::to_string(size)},
                     {"MinSizeAllowed", fmt::to_string(lengths.minimum)}};
    throw error;
  }
  EntityTooLarge error("Your proposed upload exceeds the maximum allowed size");
  error.details = {{"ProposedSize", fmt::to_string(size)},
                   {"MaxSizeAllowed", fmt::to_string(lengths.maximum)}};
  throw error;
}

std::string boundary_of(const protocol::HttpRequest& head) {
  const auto type = head.headers.find("Content-Type");
  std::optional<std::string> boundary = type ? find_boundary(*type) : std::nullopt;
  if (!boundary)
    throw MalformedPOSTRequest(
        "The body of your POST request is not well-formed multipart/form-data.");
  return std::move(*boundary);
}

/// Where a browser goes from here, or nothing where the form does not say.
std::optional<std::string> redirect_of(const FormFields& fields, std::string_view bucket,
                                       std::string_view etag) {
  const std::string* url = find_field(fields, "success_action_redirect");
  if (!url) url = find_field(fields, "redirect");
  if (!url || (!url->starts_with("http://") && !url->starts_with("https://"))) return std::nullopt;
  return fmt::format(
      "{}{}bucket={}&key={}&etag={}", *url, url->find('?') == std::string::npos ? '?' : '&',
      protocol::percent_encode(bucket), protocol::percent_encode(*find_field(fields, "key")),
      protocol::percent_encode(etag));
}

}  // namespace

bool has_signer(const FormFields& fields) {
  constexpr std::string_view names[] = {"awsaccesskeyid",   "signature",       "x-amz-signature",
                                        "x-amz-credential", "x-amz-algorithm", "x-amz-date"};
  return std::ranges::any_of(names, [&](auto name) { return find_field(fields, name); });
}

bool is_post_form(const protocol::HttpRequest& head) {
  const std::size_t slash = head.path.find('/', 1);
  const bool is_bucket =
      head.path.size() > 1 && (slash == std::string::npos || slash + 1 == head.path.size());
  const auto type = head.headers.find("Content-Type");
  return head.method == "POST" && is_bucket && type && type->starts_with("multipart/form-data");
}

PostFormSink::PostFormSink(storage::Blobs& blobs, const protocol::HttpRequest& head,
                           runtime::Time now)
    : blobs_(blobs), form_(boundary_of(head)), bucket_(bucket_of(head.path)), now_(now) {
  form_.on_file = [this] { begin_file(); };
  form_.on_bytes = [this](std::string_view bytes) { receive(bytes); };
}

void PostFormSink::begin_file() {
  fields_ = form_.fields();
  replace_file_name(fields_, form_.file_name());
  const std::string* key = find_field(fields_, "key");
  if (!key || key->empty()) throw missing_field("key");
  // A policy that nobody answers for is none: the bucket's own rules for strangers decide.
  if (find_field(fields_, "policy") && has_signer(fields_)) {
    require_signer(fields_);
    lengths_ = check_post_policy(fields_, bucket_, now_);
  }
  Expectations expectations;
  if (const std::string* md5 = find_field(fields_, "content-md5"))
    expectations.md5 = read_content_md5(*md5);
  expectations.checksum =
      read_checksum([this](std::string_view name) -> std::optional<std::string_view> {
        if (const std::string* value = find_field(fields_, name)) return *value;
        return std::nullopt;
      });
  receiver_.emplace(blobs_, expectations, WantedChecksums{.algorithms = default_checksum});
}

/// A file that is too long is refused as soon as it is known to be.
void PostFormSink::receive(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > lengths_.maximum) refuse_length(size_, lengths_);
  receiver_->write(bytes);
}

void PostFormSink::write(std::span<const char> bytes) {
  form_.feed({bytes.data(), bytes.size()});
}

protocol::Body PostFormSink::finish() {
  if (!form_.complete())
    throw MalformedPOSTRequest(
        "The body of your POST request is not well-formed multipart/form-data.");
  if (!form_.has_file()) {
    InvalidArgument error("POST requires exactly one file upload per request.");
    error.details = {{"ArgumentName", "file"}, {"ArgumentValue", "0"}};
    throw error;
  }
  if (size_ < lengths_.minimum) refuse_length(size_, lengths_);
  auto form = std::make_shared<ReceivedForm>();
  form->fields = std::move(fields_);
  const std::shared_ptr<ReceivedContent> content = receiver_->finish();
  content->from_form = true;
  form->content = content;
  protocol::Body body;
  body.received = std::move(form);
  return body;
}

protocol::HttpRequest to_put_request(const protocol::HttpRequest& form_request,
                                     const ReceivedForm& form) {
  protocol::HttpRequest request;
  request.method = "PUT";
  request.path = fmt::format("/{}/{}", bucket_of(form_request.path),
                             protocol::percent_encode(*find_field(form.fields, "key"), true));
  request.target = request.path;
  for (const std::string_view name : {"Host", "Origin", "User-Agent", "Referer"})
    if (const auto value = form_request.headers.find(name)) request.headers.add(name, *value);
  for (const auto& [name, value] : form.fields) {
    if (is_header(name)) request.headers.add(name, value);
    if (name == "acl") request.headers.add("x-amz-acl", value);
    if (name == "tagging") request.headers.add("x-amz-tagging", tagging_header(value));
  }
  request.body.received = form.content;
  return request;
}

protocol::HttpResponse to_form_response(protocol::HttpResponse put_response,
                                        const FormFields& fields,
                                        const protocol::HttpRequest& put_request) {
  const std::string etag(put_response.headers.find("ETag").value_or(""));
  const std::string_view path = put_request.path;
  const std::string_view bucket = path.substr(1, path.find('/', 1) - 1);
  const std::string url =
      fmt::format("http://{}{}", put_request.headers.find("Host").value_or(""), put_request.path);
  put_response.body = {};
  put_response.headers.erase("Content-Type");
  put_response.status = 204;
  if (const auto redirect = redirect_of(fields, bucket, etag)) {
    put_response.status = 303;
    put_response.headers.set("Location", *redirect);
    return put_response;
  }
  put_response.headers.set("Location", url);
  const std::string* status = find_field(fields, "success_action_status");
  if (status && *status == "200") put_response.status = 200;
  if (!status || *status != "201") return put_response;
  put_response.status = 201;
  put_response.headers.set("Content-Type", "application/xml");
  std::string& out = put_response.body.bytes;
  out = protocol::xml::declaration;
  out += "<PostResponse>";
  protocol::xml::append_element(out, "Location", url);
  protocol::xml::append_element(out, "Bucket", bucket);
  protocol::xml::append_element(out, "Key", *find_field(fields, "key"));
  protocol::xml::append_element(out, "ETag", etag);
  out += "</PostResponse>";
  return put_response;
}

}  // namespace matinee::s3
