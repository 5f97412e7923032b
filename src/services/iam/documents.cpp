#include "services/iam/documents.h"

#include <utility>

#include "iam/errors.h"

namespace matinee::iam {

namespace {

void require_policy(std::string_view text, policy::Kind kind) {
  const auto document = policy::parse(text, kind);
  if (!document) throw MalformedPolicyDocumentException(document.error().message);
}

std::shared_ptr<const policy::Document> read_policy(std::string_view text, policy::Kind kind) {
  auto document = policy::parse(text, kind);
  if (!document) return nullptr;
  return std::make_shared<const policy::Document>(*std::move(document));
}

}  // namespace

void require_identity_policy(std::string_view text) {
  require_policy(text, policy::Kind::identity);
}

void require_managed_policy(std::string_view text) {
  require_policy(text, policy::Kind::managed);
}

void require_trust_policy(std::string_view text) {
  require_policy(text, policy::Kind::trust);
}

std::shared_ptr<const policy::Document> read_identity_policy(std::string_view text) {
  return read_policy(text, policy::Kind::identity);
}

std::shared_ptr<const policy::Document> read_trust_policy(std::string_view text) {
  return read_policy(text, policy::Kind::trust);
}

std::size_t size_of_policy(std::string_view text) {
  std::size_t size = 0;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    const bool continues_a_character = (static_cast<unsigned char>(c) & 0xc0) == 0x80;
    if (!is_space && !continues_a_character) ++size;
  }
  return size;
}

std::string encode_document(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  encoded.reserve(text.size() * 3 / 2);
  for (const char c : text) {
    if (unreserved.contains(c)) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += '%';
    encoded += digits[byte >> 4];
    encoded += digits[byte & 15];
  }
  return encoded;
}

}  // namespace matinee::iam
