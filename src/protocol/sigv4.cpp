// Signature Version 4. The hash algorithm is fetched once and every thread keeps one context and
// one set of buffers, so that checking a signature costs about a microsecond.
#include "protocol/sigv4.h"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <vector>

#include "runtime/assertion.h"

namespace matinee::protocol::sigv4 {

const std::string_view empty_sha256 =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

namespace {

constexpr std::string_view algorithm_name = "AWS4-HMAC-SHA256";
constexpr std::size_t block_size = 64;

std::string_view view_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

/// SHA-256 over several pieces, in the calling thread's context.
class Hash {
 public:
  Hash() : context_(thread_context()) {
    runtime::expect(EVP_DigestInit_ex2(context_, algorithm(), nullptr) == 1, "SHA-256 starts");
  }
  Hash& add(std::string_view bytes) {
    runtime::expect(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1, "SHA-256 goes on");
    return *this;
  }
  Digest finish() {
    Digest digest;
    runtime::expect(EVP_DigestFinal_ex(context_, digest.data(), nullptr) == 1, "SHA-256 ends");
    return digest;
  }

 private:
  EVP_MD_CTX* context_;

  static const EVP_MD* algorithm() {
    static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return fetched;
  }
  static EVP_MD_CTX* thread_context() {
    struct Free {
      void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    thread_local const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    return context.get();
  }
};

void append_hex(std::span<const std::uint8_t> bytes, std::string& out) {
  static constexpr std::string_view digits = "0123456789abcdef";
  for (const std::uint8_t byte : bytes) {
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
}

bool is_s3(std::string_view service) {
  return service == "s3";
}

bool needs_no_encoding(std::string_view path) {
  return std::ranges::all_of(path, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '-' || c == '.' || c == '_' || c == '~';
  });
}

/// Without empty, "." and ".." segments, as all services but S3 want it.
std::string normalized(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool ends_with_slash = path.ends_with('/') || path.ends_with("/.");
  for (std::size_t start = 0; start < path.size();) {
    const std::size_t slash = std::min(path.find('/', start), path.size());
    const std::string_view segment = path.substr(start, slash - start);
    if (segment == "..") {
      if (!segments.empty()) segments.pop_back();
    } else if (!segment.empty() && segment != ".") {
      segments.push_back(segment);
    }
    start = slash + 1;
  }
  std::string result;
  for (const std::string_view segment : segments) result.append("/").append(segment);
  if (ends_with_slash || result.empty()) result.push_back('/');
  return result;
}

/// S3 encodes the key once; every other service encodes what was sent once more.
void append_path(std::string_view raw, std::string_view service, std::string& out) {
  if (raw == "/") {
    out.push_back('/');
  } else if (is_s3(service)) {
    if (needs_no_encoding(raw)) {
      out.append(raw);
    } else {
      out.append(percent_encode(percent_decode(raw).value_or(std::string(raw)), true));
    }
  } else {
    out.append(percent_encode(normalized(raw), true));
  }
}

void append_query(const Parameters& query, std::string& out) {
  if (query.empty()) return;
  std::vector<std::pair<std::string, std::string>> encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query)
    if (name != "X-Amz-Signature")
      encoded.emplace_back(percent_encode(name), percent_encode(value));
  std::ranges::sort(encoded);
  const char* separator = "";
  for (const auto& [name, value] : encoded) {
    out.append(separator).append(name).append("=").append(value);
    separator = "&";
  }
}

/// Without outer white space, and with one space for several.
void append_header_value(std::string_view value, std::string& out) {
  const std::size_t start = value.find_first_not_of(" \t");
  if (start == std::string_view::npos) return;
  value = value.substr(start, value.find_last_not_of(" \t") - start + 1);
  for (std::size_t run = value.find("  "); run != std::string_view::npos; run = value.find("  ")) {
    out.append(value.substr(0, run + 1));
    value.remove_prefix(value.find_first_not_of(' ', run));
  }
  out.append(value);
}

void append_headers(const Headers& headers, std::string_view signed_headers, std::string& out) {
  while (!signed_headers.empty()) {
    const std::string_view name = signed_headers.substr(0, signed_headers.find(';'));
    signed_headers.remove_prefix(std::min(name.size() + 1, signed_headers.size()));
    out.append(name).append(":");
    bool is_first = true;
    for (const auto& [field, value] : headers) {
      if (!same_header(field, name)) continue;
      if (!is_first) out.push_back(',');
      is_first = false;
      append_header_value(value, out);
    }
    out.push_back('\n');
  }
}

/// The calling thread's buffers, which keep their memory from one request to the next.
Computed& workspace() {
  thread_local Computed buffers;
  return buffers;
}

void append_scope(const Claim& claim, std::string& out) {
  out.append(claim.date).append("/").append(claim.region).append("/").append(claim.service);
  out.append("/aws4_request");
}

const Computed& compute_in_workspace(const HttpRequest& request, const Claim& claim,
                                     std::string_view hash_of_payload, const Digest& key) {
  Computed& result = workspace();
  std::string& canonical = result.canonical_request;
  canonical.clear();
  canonical.append(request.method).append("\n");
  append_path(path_of_target(request.target), claim.service, canonical);
  canonical.push_back('\n');
  append_query(request.query, canonical);
  canonical.push_back('\n');
  append_headers(request.headers, claim.signed_headers, canonical);
  canonical.append("\n").append(claim.signed_headers).append("\n").append(hash_of_payload);

  std::string& to_sign = result.string_to_sign;
  to_sign.clear();
  to_sign.append(algorithm_name).append("\n").append(claim.timestamp).append("\n");
  append_scope(claim, to_sign);
  to_sign.push_back('\n');
  append_hex(sha256(canonical), to_sign);

  result.signature.clear();
  append_hex(hmac_sha256(view_of(key), to_sign), result.signature);
  return result;
}

}  // namespace

Digest sha256(std::string_view bytes) {
  return Hash().add(bytes).finish();
}

Digest hmac_sha256(std::string_view key, std::string_view message) {
  std::array<char, block_size> padded{};
  if (key.size() > block_size) {
    const Digest shortened = sha256(key);
    std::ranges::copy(view_of(shortened), padded.begin());
  } else {
    std::ranges::copy(key, padded.begin());
  }
  std::array<char, block_size> inner;
  std::array<char, block_size> outer;
  for (std::size_t i = 0; i < block_size; ++i) {
    inner[i] = static_cast<char>(padded[i] ^ 0x36);
    outer[i] = static_cast<char>(padded[i] ^ 0x5c);
  }
  const Digest digest = Hash().add({inner.data(), block_size}).add(message).finish();
  return Hash().add({outer.data(), block_size}).add(view_of(digest)).finish();
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  append_hex(bytes, text);
  return text;
}

std::string format_timestamp(runtime::Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::optional<runtime::Time> parse_timestamp(std::string_view text) {
  if (text.size() != 16 || text[8] != 'T' || text[15] != 'Z') return std::nullopt;
  std::array<int, 14> digits;
  for (std::size_t from = 0, to = 0; from < 15; ++from) {
    if (from == 8) continue;
    if (text[from] < '0' || text[from] > '9') return std::nullopt;
    digits[to++] = text[from] - '0';
  }
  const auto two = [&](std::size_t at) { return digits[at] * 10 + digits[at + 1]; };
  const std::chrono::year_month_day date(std::chrono::year(two(0) * 100 + two(2)),
                                         std::chrono::month(static_cast<unsigned>(two(4))),
                                         std::chrono::day(static_cast<unsigned>(two(6))));
  if (!date.ok() || two(8) > 23 || two(10) > 59 || two(12) > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(two(8)) + std::chrono::minutes(two(10)) +
         std::chrono::seconds(two(12));
}

std::string scope_text(const Claim& claim) {
  std::string text;
  append_scope(claim, text);
  return text;
}

Digest derive_key(std::string_view secret, std::string_view date, const Target& target) {
  Digest key = hmac_sha256(std::string("AWS4").append(secret), date);
  key = hmac_sha256(view_of(key), target.region);
  key = hmac_sha256(view_of(key), target.service);
  return hmac_sha256(view_of(key), "aws4_request");
}

Digest KeyCache::find_or_derive(std::string_view secret, const Claim& claim) {
  thread_local std::string name;
  name.clear();
  for (const std::string_view part : {claim.date, claim.region, claim.service, secret})
    name.append(part).push_back('\0');
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = keys_.find(name); found != keys_.end()) return found->second;
  }
  const Digest key =
      derive_key(secret, claim.date,
                 {.region = std::string(claim.region), .service = std::string(claim.service)});
  const std::lock_guard lock(mutex_);
  // Regions and days come from clients: whoever makes them up must not fill the memory.
  if (keys_.size() >= most_keys) keys_.clear();
  keys_.emplace(name, key);
  return key;
}

bool verify(const HttpRequest& request, const Claim& claim, std::string_view hash_of_payload,
            const Digest& key) {
  const Computed& computed = compute_in_workspace(request, claim, hash_of_payload, key);
  return same_signature(computed.signature, claim.signature);
}

Computed compute(const HttpRequest& request, const Claim& claim, std::string_view hash_of_payload,
                 const Digest& key) {
  return compute_in_workspace(request, claim, hash_of_payload, key);
}

bool same_signature(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string payload_hash(const HttpRequest& request, const Claim& claim) {
  if (is_s3(claim.service)) {
    if (const auto said = request.headers.find("x-amz-content-sha256")) return std::string(*said);
    if (claim.scheme == Scheme::v4_query) {
      const std::string* said = find_parameter(request.query, "X-Amz-Content-Sha256");
      return said ? *said : std::string(unsigned_payload);
    }
  }
  if (request.body.bytes.empty()) return std::string(empty_sha256);
  return to_hex(sha256(request.body.bytes));
}

const std::string& ChunkSigner::next(const Digest& chunk) {
  return advance("AWS4-HMAC-SHA256-PAYLOAD",
                 std::string(empty_sha256).append("\n").append(to_hex(chunk)));
}

const std::string& ChunkSigner::trailer(std::string_view trailer) {
  return advance("AWS4-HMAC-SHA256-TRAILER", to_hex(sha256(trailer)));
}

const std::string& ChunkSigner::advance(std::string_view algorithm, std::string_view content) {
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}\n{}", algorithm, timestamp_, scope_, previous_, content);
  previous_ = to_hex(hmac_sha256(view_of(key_), to_sign));
  return previous_;
}

}  // namespace matinee::protocol::sigv4
