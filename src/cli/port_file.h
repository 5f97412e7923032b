// `--port-file`: where a server tells programs its port.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "runtime/runtime.h"

namespace matinee::cli {

/// A file with the port and a line end, for programs that have chosen port 0: either there as a
/// whole or not, and never of a server that ran before.
class PortFile {
 public:
  PortFile(const runtime::Runtime& runtime, const std::string& path) : disk_(runtime.disk) {
    if (path.empty()) return;
    path_ = (std::filesystem::path(runtime.environment.current_directory()) / path).string();
  }
  ~PortFile() {
    if (is_written_) (void)disk_.remove(path_);
  }
  PortFile(const PortFile&) = delete;
  PortFile& operator=(const PortFile&) = delete;

  runtime::DiskResult<> remove_old() {
    return path_.empty() ? runtime::DiskResult<>() : disk_.remove(path_);
  }
  /// It is true of the next server as well.
  void leave() { is_written_ = false; }
  runtime::DiskResult<> write(std::uint16_t port) {
    if (path_.empty()) return {};
    const std::string unfinished = path_ + ".new";
    auto file = disk_.create(unfinished);
    if (!file) return std::unexpected(file.error());
    runtime::DiskResult<> result = (*file)->write(fmt::format("{}\n", port));
    if (result) result = disk_.rename(unfinished, path_);
    is_written_ = result.has_value();
    return result;
  }

 private:
  runtime::Disk& disk_;
  std::string path_;
  bool is_written_ = false;
};

}  // namespace matinee::cli
