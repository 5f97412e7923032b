// Takes a multipart/form-data body apart while it comes in: the fields of a browser's form, and one
// file, whose bytes are passed on as they come.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace matinee::s3 {

/// In the order they came, names in lower case.
using FormFields = std::vector<std::pair<std::string, std::string>>;

/// The first field of this name, which is in lower case, or null.
const std::string* find_field(const FormFields& fields, std::string_view name);

/// The boundary that a Content-Type of multipart/form-data names.
std::optional<std::string> find_boundary(std::string_view content_type);

class MultipartForm {
 public:
  /// The most bytes that the fields before the file may have.
  static constexpr std::size_t max_field_bytes = 20 * 1024;

  explicit MultipartForm(const std::string& boundary)
      : delimiter_("\r\n--" + boundary), buffer_("\r\n") {}

  /// Called before the first byte of the file: all fields are known. Later ones do not count.
  std::function<void()> on_file;
  std::function<void(std::string_view)> on_bytes;

  /// Throws MalformedPOSTRequest where the body is no form, MaxPostPreDataLengthExceededError.
  void feed(std::string_view bytes);

  const FormFields& fields() const { return fields_; }
  /// As the browser named it, without directories.
  const std::string& file_name() const { return file_name_; }
  bool has_file() const { return has_file_; }
  /// Whether the last delimiter has come.
  bool complete() const { return state_ == State::end; }

 private:
  enum class State { before, delimiter, head, field, file, after_file, end };

  std::string delimiter_;
  std::string buffer_;
  State state_ = State::before;
  FormFields fields_;
  std::string field_name_;
  std::string file_name_;
  std::size_t field_bytes_ = 0;
  bool has_file_ = false;

  bool step();
  bool read_delimiter();
  bool read_head();
  void take_head(std::string_view head);
  bool read_field();
  bool read_file();
  bool skip();
};

}  // namespace matinee::s3
