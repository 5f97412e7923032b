// Reads the object back and compares it.
#include "jobs/movies/verifier.h"

#include <fmt/format.h>

#include <charconv>

#include "client/body_reader.h"

namespace matinee::jobs::movies {

namespace {

/// "bytes 0-99/1234" -> 1234; nothing for other text.
std::optional<std::uint64_t> find_total(std::string_view content_range) {
  const std::size_t slash = content_range.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  content_range.remove_prefix(slash + 1);
  std::uint64_t total = 0;
  const auto [end, error] =
      std::from_chars(content_range.data(), content_range.data() + content_range.size(), total);
  if (error != std::errc()) return std::nullopt;
  return total;
}

template <class Result>
void require_written(const Result& result) {
  if (!result) throw JobError(fmt::format("The download failed: {}.", result.error().message));
}

}  // namespace

void ExpectedObject::make(std::size_t length) {
  Movie movie;
  while (text_.size() < length && next_ < count_) {
    list_.make(next_++, movie);
    text_.add(movie);
  }
  if (next_ < count_ || finished_) return;
  text_.finish();
  finished_ = true;
}

void ExpectedObject::compare(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t wanted = std::min<std::size_t>(bytes.size(), 256 * 1024);
    make(wanted);
    const std::uint64_t made = next_;
    const std::string expected = text_.take(wanted);
    digest_.add(expected);
    if (expected.size() < wanted) goes_on_ = true;
    if (!first_difference_ && bytes.substr(0, expected.size()) != expected)
      first_difference_ = made;
    bytes_ += expected.size();
    bytes.remove_prefix(wanted);
  }
}

std::string ExpectedObject::finish() {
  bool ended_early = false;
  for (;;) {
    make(256 * 1024);
    const std::string rest = text_.take(256 * 1024);
    if (rest.empty()) break;
    ended_early = true;
    digest_.add(rest);
  }
  digest_text_ = digest_.finish();
  if (first_difference_)
    return fmt::format(
        "The object differs from what was generated, at or before movie {}; its "
        "SHA-256 should be {}.",
        *first_difference_, digest_text_);
  if (ended_early)
    return fmt::format(
        "The object ends after {} bytes, before all movies; its SHA-256 should be "
        "{}.",
        bytes_, digest_text_);
  if (goes_on_)
    return fmt::format("The object goes on after its {} movies; its SHA-256 should be {}.", count_,
                       digest_text_);
  return "";
}

std::string Verifier::download_path() const {
  return *parts_.options.download + "/" + parts_.options.object_key();
}

void Verifier::open_download() {
  if (!parts_.options.download) return;
  require_written(parts_.disk.create_directories(*parts_.options.download));
  auto file = parts_.disk.create(download_path() + ".part");
  require_written(file);
  file_ = std::move(*file);
}

void Verifier::finish_download(MovieSummary& summary) {
  if (!file_) return;
  require_written(file_->sync());
  file_.reset();
  require_written(parts_.disk.rename(download_path() + ".part", download_path()));
  summary.downloaded_to = download_path();
}

runtime::Task<Verifier::Piece> Verifier::read_piece(std::uint64_t offset) {
  s3::GetObjectRequest request{.bucket = parts_.options.bucket};
  request.key = parts_.options.object_key();
  request.range = fmt::format("bytes={}-{}", offset, offset + upload_part_bytes - 1);
  auto response = co_await parts_.s3.get_object(std::move(request));
  Piece piece{.bytes = client::read_body(std::move(response.body))};
  // A server that does not know ranges gives all of it.
  const std::optional<std::uint64_t> total =
      find_total(response.content_range ? std::string_view(*response.content_range) : "");
  piece.last = !total || offset + piece.bytes.size() >= *total || piece.bytes.empty();
  co_return piece;
}

runtime::Task<> Verifier::check_object(MovieSummary& summary) {
  open_download();
  ExpectedObject expected(parts_.options.seed, parts_.options.count);
  Sha256 digest;
  for (Piece piece; !piece.last;) {
    piece = co_await read_piece(bytes_);
    bytes_ += piece.bytes.size();
    digest.add(piece.bytes);
    expected.compare(piece.bytes);
    movies_ = expected.movies();
    if (file_) require_written(file_->write(piece.bytes));
    on_piece();
  }
  summary.object_bytes = bytes_;
  summary.object_sha256 = digest.finish();
  std::string difference = expected.finish();
  if (difference.empty() && expected.sha256() != summary.object_sha256)
    difference = fmt::format("The object's SHA-256 should be {}.", expected.sha256());
  if (!difference.empty()) summary.differences.push_back(std::move(difference));
  finish_download(summary);
}

}  // namespace matinee::jobs::movies
