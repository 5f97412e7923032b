// How much memory the processes of a cell have together.
#pragma once

#include <cstdint>
#include <vector>

namespace matinee::runtime {

struct MemoryUse {
  std::uint64_t now = 0;   // bytes, what processes share counted for each
  std::uint64_t most = 0;  // what one of them has had, or all have now, whichever is more
  std::size_t processes = 0;
};

/// The programs in a cell, by its first process as the machine knows it, or by a descriptor of its
/// own /proc where it has one.
class CellProcesses {
 public:
  CellProcesses() = default;
  CellProcesses(int first_process, int proc_folder)
      : first_process_(first_process), proc_folder_(proc_folder) {}

  MemoryUse memory() const;
  /// What they share counted once; for when much depends on it, because the system has to look at
  /// each page.
  std::uint64_t exact_memory() const;

 private:
  int first_process_ = 0;
  int proc_folder_ = -1;

  std::vector<int> list() const;
};

}  // namespace matinee::runtime
