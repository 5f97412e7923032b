#include "services/s3/transfer/chunked.h"

#include <charconv>

namespace matinee::s3 {

namespace {

constexpr std::string_view signature_parameter = "chunk-signature=";
constexpr std::string_view signature_trailer = "x-amz-trailer-signature";
/// Larger sizes than any body can have; keeps the arithmetic far from its limits.
constexpr std::size_t max_size_digits = 12;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return lower;
}

std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.empty() || text.size() > max_size_digits) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

ChunkedDecoder::ChunkedDecoder(std::shared_ptr<protocol::sigv4::ChunkSigner> signer)
    : signer_(std::move(signer)) {}

ChunkedDecoder::Fault ChunkedDecoder::feed(std::string_view bytes, const Data& data) {
  while (!bytes.empty() && state_ != State::failed) {
    switch (state_) {
      case State::data:
        take_data(bytes, data);
        break;
      case State::done:
        fail(Fault::malformed);
        break;
      default:
        if (take_line(bytes)) on_line();
    }
  }
  return fault_;
}

void ChunkedDecoder::take_data(std::string_view& bytes, const Data& data) {
  const std::string_view piece = bytes.substr(0, left_);
  bytes.remove_prefix(piece.size());
  left_ -= piece.size();
  if (signer_) hasher_.update(piece);
  data(piece);
  if (left_ == 0) state_ = State::data_end;
}

bool ChunkedDecoder::take_line(std::string_view& bytes) {
  const std::size_t end = bytes.find('\n');
  const std::string_view piece = bytes.substr(0, end);
  if (line_.size() + piece.size() > max_line_bytes) {
    fail(state_ == State::trailer ? Fault::malformed_trailer : Fault::malformed);
    return false;
  }
  line_ += piece;
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  if (end == std::string_view::npos) return false;
  if (line_.ends_with('\r')) line_.pop_back();
  return true;
}

void ChunkedDecoder::on_line() {
  switch (state_) {
    case State::size:
      on_size_line();
      break;
    case State::data_end:
      on_data_end();
      break;
    default:
      on_trailer_line();
  }
  line_.clear();
}

void ChunkedDecoder::on_size_line() {
  const std::string_view line = line_;
  const std::size_t semicolon = line.find(';');
  const std::optional<std::uint64_t> size = parse_hex(trimmed(line.substr(0, semicolon)));
  if (!size) return fail(Fault::malformed);

  chunk_signature_.clear();
  if (semicolon != std::string_view::npos) {
    const std::string_view extension = trimmed(line.substr(semicolon + 1));
    if (extension.starts_with(signature_parameter))
      chunk_signature_ = trimmed(extension.substr(signature_parameter.size()));
  }
  if (signer_) hasher_ = Hasher(Algorithm::sha256);
  left_ = *size;
  if (left_ > 0) {
    state_ = State::data;
    return;
  }
  if (!signature_is_right()) return fail(Fault::wrong_signature);
  state_ = State::trailer;
}

bool ChunkedDecoder::signature_is_right() {
  if (!signer_) return true;
  const std::string bytes = hasher_.finish();
  protocol::sigv4::Digest sha256;
  std::ranges::copy(bytes, sha256.begin());
  return protocol::sigv4::same_signature(signer_->next(sha256), chunk_signature_);
}

void ChunkedDecoder::on_data_end() {
  if (!line_.empty()) return fail(Fault::malformed);
  if (!signature_is_right()) return fail(Fault::wrong_signature);
  state_ = State::size;
}

void ChunkedDecoder::on_trailer_line() {
  if (line_.empty()) return on_end();
  const std::string_view line = line_;
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos || trailers_.size() == max_trailers)
    return fail(Fault::malformed_trailer);
  std::string name = lower_case(trimmed(line.substr(0, colon)));
  std::string value(trimmed(line.substr(colon + 1)));
  if (name == signature_trailer)
    trailer_signature_ = std::move(value);
  else
    trailers_.emplace_back(std::move(name), std::move(value));
}

void ChunkedDecoder::on_end() {
  if (signer_ && !trailers_.empty()) {
    std::string canonical;
    for (const auto& [name, value] : trailers_) canonical += name + ":" + value + "\n";
    if (!protocol::sigv4::same_signature(signer_->trailer(canonical), trailer_signature_))
      return fail(Fault::wrong_signature);
  }
  state_ = State::done;
}

void ChunkedDecoder::fail(Fault fault) {
  state_ = State::failed;
  fault_ = fault;
}

}  // namespace matinee::s3
