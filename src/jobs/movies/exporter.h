// Writes the job's object: all movies of the table, in order, as a stream.
#pragma once

#include "jobs/movies/object_text.h"
#include "jobs/movies/summary.h"
#include "jobs/movies/table.h"
#include "runtime/task_group.h"
#include "s3/client.h"

namespace matinee::jobs::movies {

/// Of a multipart upload. S3 takes at most 10,000, so objects up to 78 GiB.
inline constexpr std::size_t upload_part_bytes = 8 * 1024 * 1024;

/// What an exporter works with; all must outlive it.
struct ExporterParts {
  const MovieOptions& options;
  const JobTable& table;
  const Layout& layout;
  const s3::Client& s3;
};

class Exporter {
 public:
  explicit Exporter(ExporterParts parts) : parts_(parts) {}

  /// Reads every part and writes the object, replacing one that an earlier run wrote. Uploads of
  /// the same key that a killed run left unfinished are removed.
  runtime::Task<> run();

  /// Counted while reading the table.
  std::uint64_t movies() const { return movies_; }
  std::uint64_t parts() const { return parts_found_; }
  std::uint64_t bytes() const { return bytes_; }
  /// Called after each part.
  std::move_only_function<void()> on_part = [] {};

 private:
  struct Reading;

  ExporterParts parts_;
  ObjectText text_;
  std::uint64_t movies_ = 0;
  std::uint64_t parts_found_ = 0;
  std::uint64_t bytes_ = 0;
  std::string upload_id_;  // empty while the object may still fit into one request
  std::map<int, std::string> etags_;

  runtime::Task<> write_all();
  runtime::Task<> write_parts(runtime::TaskGroup& uploads);
  runtime::Task<> upload_full_pieces(runtime::TaskGroup& uploads);
  runtime::Task<> upload(int number, std::string bytes);
  runtime::Task<> complete();
  runtime::Task<> abort(std::string upload_id);
  runtime::Task<> abort_unfinished();
};

}  // namespace matinee::jobs::movies
