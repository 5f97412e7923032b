// Processes of this machine.
#pragma once

#include "runtime/processes.h"

namespace matinee::runtime {

class RealProcesses final : public Processes {
 public:
  std::string own_executable() const override;
  std::expected<DetachedProcess, std::string> start_detached(
      const DetachedProgram& program) override;
  std::expected<void, std::string> end(int process_id, Duration limit) override;
  std::expected<int, std::string> run(const std::vector<std::string>& arguments,
                                      ProgramOutput output) override;
};

}  // namespace matinee::runtime
