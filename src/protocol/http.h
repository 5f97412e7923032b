// HTTP messages as data: what the gateway reads from a socket, what services' codecs read and
// write, and what the client sends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/body.h"

namespace matinee::protocol {

namespace sigv4 {
class ChunkSigner;
}

/// Header fields in the order they came. Names compare without regard to case. All of them lie in
/// one piece of memory, so what `find` and the iterators give is valid until the next change.
class Headers {
 public:
  using Field = std::pair<std::string_view, std::string_view>;

  void add(std::string_view name, std::string_view value);
  /// Replaces every field of this name.
  void set(std::string_view name, std::string_view value);
  /// The first value, without the white space around it; nothing where the field is missing.
  std::optional<std::string_view> find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name).has_value(); }
  void erase(std::string_view name);

 private:
  struct Place {
    std::uint32_t start = 0;  // in text_: the name, and then the value
    std::uint32_t name_size = 0;
    std::uint32_t value_size = 0;
    std::uint16_t kind = 0;  // of the name: names of different kinds differ
  };

 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;
    using value_type = Field;
    using difference_type = std::ptrdiff_t;
    using reference = Field;
    using pointer = void;

    Iterator() = default;
    Iterator(const Headers& headers, const Place* place) : headers_(&headers), place_(place) {}
    Field operator*() const { return headers_->at(*place_); }
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++place_;
      return before;
    }
    bool operator==(const Iterator& other) const { return place_ == other.place_; }

   private:
    const Headers* headers_ = nullptr;
    const Place* place_ = nullptr;
  };
  Iterator begin() const { return {*this, places_.data()}; }
  Iterator end() const { return {*this, places_.data() + places_.size()}; }
  bool empty() const { return places_.empty(); }

 private:
  std::string text_;
  std::vector<Place> places_;
  std::uint64_t kinds_ = 0;  // bits of the kinds that are there: most names that are asked for are
                             // not, which this tells at once

  Field at(const Place& place) const {
    const char* start = text_.data() + place.start;
    return {{start, place.name_size}, {start + place.name_size, place.value_size}};
  }
};

/// Compares header names: ASCII letters without regard to case.
bool same_header(std::string_view one, std::string_view other);

/// Parameters of a query string or a form, percent-decoded, in the order they came.
using Parameters = std::vector<std::pair<std::string, std::string>>;
const std::string* find_parameter(const Parameters& parameters, std::string_view name);

/// More than any request has: ten messages with ten attributes each take some 500.
inline constexpr std::size_t most_parameters = 10'000;
/// Splits and decodes `a=b&c`; '+' is a space. Nothing where an escape is malformed, or there are
/// more parameters than that.
std::optional<Parameters> parse_parameters(std::string_view text);
/// Decodes %XX; with `plus_is_space`, '+' too. Nothing where an escape is malformed.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
/// Encodes all but AWS's unreserved characters (A-Z a-z 0-9 - . _ ~); '/' stays if `keep_slash`.
std::string percent_encode(std::string_view text, bool keep_slash = false);

/// "localhost:4566" of "http://localhost:4566/bucket", as proxies send it; empty of "/bucket".
std::string_view authority_of_target(std::string_view target);
/// "/bucket/a%20b" of "/bucket/a%20b?list-type=2", also of a whole URL as proxies send it.
std::string_view path_of_target(std::string_view target);

struct HttpRequest {
  std::string method;  // "GET"
  std::string target;  // as sent: "/bucket/a%20b?list-type=2"
  /// Raw, still encoded, always in path style: "/bucket/a%20b". It differs from the target's path
  /// where the Host header named the bucket.
  std::string path;
  Parameters query;  // decoded
  Headers headers;
  Body body;
  /// Set where signatures are checked and the body is signed chunk by chunk (aws-chunked with
  /// STREAMING-AWS4-HMAC-SHA256-PAYLOAD): whoever takes the body apart compares with what it gives.
  std::shared_ptr<sigv4::ChunkSigner> chunk_signer;

  /// Sets target, path and query from the request line's target; false where it is malformed.
  bool set_target(std::string_view request_target);
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  Body body;
  /// A reply to HEAD has the length of the body it leaves out; nothing otherwise.
  std::optional<std::uint64_t> head_length;
};

}  // namespace matinee::protocol
