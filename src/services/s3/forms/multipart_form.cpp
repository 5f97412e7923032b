#include "services/s3/forms/multipart_form.h"

#include <algorithm>

#include "policy/wildcard.h"
#include "s3/errors.h"

namespace matinee::s3 {

namespace {

[[noreturn]] void refuse_malformed() {
  throw MalformedPOSTRequest(
      "The body of your POST request is not well-formed multipart/form-data.");
}

/// A parameter of a header: name="value" or name=value.
std::optional<std::string> find_parameter(std::string_view header, std::string_view name) {
  for (std::size_t at = header.find(';'); at != std::string_view::npos;) {
    std::string_view rest = header.substr(at + 1);
    while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view found = rest.substr(0, equals);
    rest.remove_prefix(equals + 1);
    std::string value;
    std::size_t end = 0;
    if (rest.starts_with('"')) {
      for (end = 1; end < rest.size() && rest[end] != '"'; ++end) {
        if (rest[end] == '\\' && end + 1 < rest.size() && rest[end + 1] == '"') ++end;
        value += rest[end];
      }
    } else {
      end = std::min(rest.find(';'), rest.size());
      value = rest.substr(0, end);
    }
    if (policy::equals_ignoring_case(found, name)) return value;
    const std::size_t next = rest.find(';', end);
    if (next == std::string_view::npos) return std::nullopt;
    header = rest;
    at = next;
  }
  return std::nullopt;
}

}  // namespace

const std::string* find_field(const FormFields& fields, std::string_view name) {
  const auto found = std::ranges::find(fields, name, &FormFields::value_type::first);
  return found == fields.end() ? nullptr : &found->second;
}

std::optional<std::string> find_boundary(std::string_view content_type) {
  constexpr std::string_view type = "multipart/form-data";
  if (!policy::equals_ignoring_case(content_type.substr(0, type.size()), type)) return std::nullopt;
  std::optional<std::string> boundary = find_parameter(content_type, "boundary");
  if (boundary && (boundary->empty() || boundary->size() > 70)) return std::nullopt;
  return boundary;
}

void MultipartForm::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (step()) {
  }
}

/// Whether there may be more to do with what has come.
bool MultipartForm::step() {
  switch (state_) {
    case State::before:
    case State::after_file:
      return skip();
    case State::delimiter:
      return read_delimiter();
    case State::head:
      return read_head();
    case State::field:
      return read_field();
    case State::file:
      return read_file();
    case State::end:
      buffer_.clear();
      return false;
  }
  return false;
}

/// What stands before the first part, or after the file, does not count.
bool MultipartForm::skip() {
  const std::size_t found = buffer_.find(delimiter_);
  if (found == std::string::npos) {
    if (buffer_.size() > delimiter_.size()) buffer_.erase(0, buffer_.size() - delimiter_.size());
    return false;
  }
  buffer_.erase(0, found + delimiter_.size());
  state_ = State::delimiter;
  return true;
}

/// Two hyphens end the form; else a part follows on the next line.
bool MultipartForm::read_delimiter() {
  if (buffer_.size() < 2) return false;
  if (buffer_.starts_with("--")) {
    state_ = State::end;
    return true;
  }
  if (has_file_) {
    state_ = State::after_file;
    return true;
  }
  const std::size_t end = buffer_.find("\r\n");
  if (end == std::string::npos) {
    if (buffer_.size() > max_field_bytes) refuse_malformed();
    return false;
  }
  if (buffer_.find_first_not_of(" \t") < end) refuse_malformed();
  buffer_.erase(0, end);  // the line's end stays: it begins the head, which may be empty
  state_ = State::head;
  return true;
}

bool MultipartForm::read_head() {
  const std::size_t end = buffer_.find("\r\n\r\n");
  if (end == std::string::npos) {
    if (buffer_.size() > max_field_bytes) refuse_malformed();
    return false;
  }
  take_head(std::string_view(buffer_).substr(0, end));
  buffer_.erase(0, end + 4);
  return true;
}

void MultipartForm::take_head(std::string_view head) {
  std::optional<std::string> name;
  std::optional<std::string> file_name;
  while (!head.empty()) {
    head.remove_prefix(std::min<std::size_t>(2, head.size()));
    const std::string_view line = head.substr(0, head.find("\r\n"));
    head.remove_prefix(line.size());
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos ||
        !policy::equals_ignoring_case(line.substr(0, colon), "content-disposition"))
      continue;
    name = find_parameter(line, "name");
    file_name = find_parameter(line, "filename");
  }
  if (!name) refuse_malformed();
  field_name_ = policy::to_lower(*name);
  if (field_name_ != "file") {
    state_ = State::field;
    return;
  }
  has_file_ = true;
  file_name_ = file_name.value_or("");
  // Some browsers send the whole path.
  file_name_.erase(0, file_name_.find_last_of("/\\") + 1);
  state_ = State::file;
  on_file();
}

bool MultipartForm::read_field() {
  const std::size_t end = buffer_.find(delimiter_);
  if (field_bytes_ + std::min(end, buffer_.size()) > max_field_bytes + delimiter_.size())
    throw MaxPostPreDataLengthExceededError(
        "Your POST request fields preceding the upload file were too large.");
  if (end == std::string::npos) return false;
  fields_.emplace_back(field_name_, buffer_.substr(0, end));
  field_bytes_ += end;
  buffer_.erase(0, end + delimiter_.size());
  state_ = State::delimiter;
  return true;
}

/// All is passed on but what could be the beginning of the delimiter.
bool MultipartForm::read_file() {
  const std::size_t end = buffer_.find(delimiter_);
  if (end != std::string::npos) {
    on_bytes(std::string_view(buffer_).substr(0, end));
    buffer_.erase(0, end + delimiter_.size());
    state_ = State::delimiter;
    return true;
  }
  if (buffer_.size() < delimiter_.size()) return false;
  const std::size_t sure = buffer_.size() - delimiter_.size() + 1;
  on_bytes(std::string_view(buffer_).substr(0, sure));
  buffer_.erase(0, sure);
  return false;
}

}  // namespace matinee::s3
