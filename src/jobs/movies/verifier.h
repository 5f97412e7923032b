// Compares what a job has left with what it should have: nothing is believed, everything is read.
#pragma once

#include "jobs/movies/exporter.h"
#include "jobs/movies/queue.h"
#include "jobs/sha256.h"
#include "runtime/disk.h"

namespace matinee::jobs::movies {

/// The text that the object should have, made again from the seed and compared as it is read back.
class ExpectedObject {
 public:
  ExpectedObject(std::uint64_t seed, std::uint64_t count) : list_(seed), count_(count) {}

  /// Compares the next bytes.
  void compare(std::string_view bytes);
  /// After the last bytes. What differs as a sentence, or nothing.
  std::string finish();
  const std::string& sha256() const { return digest_text_; }
  /// Movies made so far.
  std::uint64_t movies() const { return next_; }

 private:
  MovieList list_;
  std::uint64_t count_;
  std::uint64_t next_ = 0;   // movie to be made
  std::uint64_t bytes_ = 0;  // compared and found equal
  ObjectText text_;
  bool finished_ = false;
  std::optional<std::uint64_t> first_difference_;  // movie
  bool goes_on_ = false;
  Sha256 digest_;
  std::string digest_text_;

  /// Makes at least `length` bytes, or all that are left.
  void make(std::size_t length);
};

struct VerifierParts {
  const MovieOptions& options;
  const s3::Client& s3;
  runtime::Disk& disk;
};

class Verifier {
 public:
  explicit Verifier(VerifierParts parts) : parts_(parts) {}

  /// Reads the object back, writes it to the download directory if there is one, and adds what
  /// differs to the summary, with the object's size and digest.
  runtime::Task<> check_object(MovieSummary& summary);

  /// About how many movies were read back and compared so far.
  std::uint64_t movies() const { return movies_; }
  /// Called after each piece of the object.
  std::move_only_function<void()> on_piece = [] {};

 private:
  VerifierParts parts_;
  std::uint64_t bytes_ = 0;
  std::uint64_t movies_ = 0;
  std::unique_ptr<runtime::WritableFile> file_;

  struct Piece {
    std::string bytes;
    bool last = false;
  };
  runtime::Task<Piece> read_piece(std::uint64_t offset);
  std::string download_path() const;
  void open_download();
  void finish_download(MovieSummary& summary);
};

}  // namespace matinee::jobs::movies
