#include "services/sqs/digest.h"

#include <openssl/evp.h>

#include <memory>

#include "runtime/assertion.h"

namespace matinee::sqs {

namespace {

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeAlgorithm {
  void operator()(EVP_MD* algorithm) const { EVP_MD_free(algorithm); }
};

/// One algorithm, fetched once: fetching costs more than the digest of a small message.
class Digester {
 public:
  explicit Digester(const char* name)
      : algorithm_(EVP_MD_fetch(nullptr, name, nullptr)), context_(EVP_MD_CTX_new()) {
    runtime::expect(algorithm_ && context_, "OpenSSL has the digest algorithms");
  }

  template <std::size_t size>
  std::array<std::uint8_t, size> operator()(std::string_view bytes) {
    std::array<std::uint8_t, size> digest{};
    unsigned length = 0;
    const bool done = EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) == 1 &&
                      EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1 &&
                      EVP_DigestFinal_ex(context_.get(), digest.data(), &length) == 1;
    runtime::expect(done && length == size, "a digest is computed");
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD, FreeAlgorithm> algorithm_;
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

void append_with_length(std::string& out, std::string_view bytes) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(static_cast<unsigned char>(bytes.size() >> shift)));
  out.append(bytes);
}

template <class Attributes>
Md5 digest_attributes(const Attributes& attributes) {
  std::string text;
  for (const auto& [name, attribute] : attributes) {
    append_with_length(text, name);
    append_with_length(text, attribute.data_type);
    const bool binary = attribute.data_type.starts_with("Binary");
    text.push_back(binary ? '\2' : '\1');
    if (binary)
      append_with_length(text, attribute.binary_value ? attribute.binary_value->bytes : "");
    else
      append_with_length(text, attribute.string_value.value_or(""));
  }
  return md5(text);
}

}  // namespace

Md5 md5(std::string_view bytes) {
  thread_local Digester digester("MD5");
  return digester.operator()<16>(bytes);
}

std::string sha256_hex(std::string_view bytes) {
  thread_local Digester digester("SHA256");
  return hex(digester.operator()<32>(bytes));
}

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(bytes.size() * 2, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text[i * 2] = digits[bytes[i] >> 4];
    text[i * 2 + 1] = digits[bytes[i] & 15];
  }
  return text;
}

Md5 md5_of_attributes(const std::map<std::string, MessageAttributeValue>& attributes) {
  return digest_attributes(attributes);
}

Md5 md5_of_attributes(const std::map<std::string, MessageSystemAttributeValue>& attributes) {
  return digest_attributes(attributes);
}

}  // namespace matinee::sqs
