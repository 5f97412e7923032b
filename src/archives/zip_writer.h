// Makes a zip archive in memory, by Debian's minizip: the same files give the same bytes, whenever
// and by whomever they are packed.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace matinee::archives {

class ZipWriter {
 public:
  ZipWriter();
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  /// `name` is a path with slashes. Permissions are 755 for what can be executed, else 644; the
  /// time is the earliest that archives know, 1980-01-01.
  void add(const std::string& name, std::string_view content, bool executable);
  /// The archive. Nothing can be added to it any more.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace matinee::archives
