// Where the files of a table are: on this machine, in a bucket, or on standard output.
#pragma once

#include <cstdint>
#include <string>

namespace matinee::jobs::tables {

struct Place {
  enum class Kind : std::uint8_t { local, bucket, standard_output };
  Kind kind = Kind::local;
  std::string path;  // of a file or a folder
  std::string bucket;
  std::string prefix;  // without slashes at its ends

  /// As a user writes it.
  std::string name() const;
};

/// "s3://films/exports/1", "-", or a path. Throws JobError for a URL without a bucket.
Place read_place(const std::string& text);

/// Whether a name is that of one file, and not of a folder: "films.json", "films.json.gz".
bool is_file_name(const std::string& name);

}  // namespace matinee::jobs::tables
