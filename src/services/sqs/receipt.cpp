#include "services/sqs/receipt.h"

#include <cstring>

#include "protocol/base64.h"

namespace matinee::sqs {

namespace {

constexpr std::size_t payload_size = 25;
constexpr std::size_t receipt_size = payload_size + 4;
constexpr char receipt_version = 1;

template <class T>
void append(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> (i * 8))));
}

template <class T>
T take(std::string_view& in) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<T>(static_cast<T>(static_cast<unsigned char>(in[i])) << (i * 8));
  in.remove_prefix(sizeof(T));
  return value;
}

/// A permutation of the 64-bit numbers.
std::uint64_t scramble(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31);
}

}  // namespace

std::string encode_receipt(const HashKey& key, const Receipt& receipt) {
  std::string bytes;
  bytes.reserve(receipt_size);
  bytes.push_back(receipt_version);
  append(bytes, receipt.queue);
  append(bytes, receipt.sequence);
  append(bytes, receipt.receive_count);
  append(bytes, receipt.slot);
  append(bytes, keyed_hash(key, bytes).words[0]);
  return protocol::base64_encode(bytes);
}

std::optional<Receipt> decode_receipt(const HashKey& key, std::string_view handle) {
  const std::optional<std::string> bytes = protocol::base64_decode(handle);
  if (!bytes || bytes->size() != receipt_size || bytes->front() != receipt_version)
    return std::nullopt;
  std::string_view in = *bytes;
  const std::uint32_t signature = keyed_hash(key, in.substr(0, payload_size)).words[0];
  in.remove_prefix(1);
  Receipt receipt;
  receipt.queue = take<std::uint64_t>(in);
  receipt.sequence = take<Sequence>(in);
  receipt.receive_count = take<std::uint32_t>(in);
  receipt.slot = take<Slot>(in);
  if (take<std::uint32_t>(in) != signature) return std::nullopt;
  return receipt;
}

MessageId message_id(const HashKey& key, Sequence sequence) {
  // 4 of the first 64 bits and 2 of the second are the UUID's; the others depend on the sequence in
  // two independent ways.
  std::uint64_t first = scramble(sequence ^ key[0]);
  std::uint64_t second = scramble(sequence * 0x9e3779b97f4a7c15U ^ key[1]);
  MessageId id;
  std::memcpy(id.data(), &first, 8);
  std::memcpy(id.data() + 8, &second, 8);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  return id;
}

std::string to_string(const MessageId& id) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    text[at++] = digits[id[i] >> 4];
    text[at++] = digits[id[i] & 15];
  }
  return text;
}

std::string sequence_number(Sequence sequence) {
  std::string text = std::to_string(sequence);
  // A leading 1 keeps the number at 20 digits, whose order as text is their order as numbers.
  if (text.size() < 20) text = "1" + std::string(19 - text.size(), '0') + text;
  return text;
}

}  // namespace matinee::sqs
