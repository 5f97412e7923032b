#include "runtime/real/sandbox/cell_plan.h"

namespace matinee::runtime {

void CellPlan::write(Packet& packet) const {
  packet.add(id)
      .add(is_locked_in ? 1 : 0)
      .add(root)
      .add(hosts)
      .add(users)
      .add(scratch_bytes)
      .add(scratch);
  packet.add(needed);
  std::vector<std::string> pairs;
  for (const auto& [here, inside] : folders) {
    pairs.push_back(here);
    pairs.push_back(inside);
  }
  packet.add(pairs).add(guarded.size());
  for (const int process : guarded) packet.add(static_cast<std::uint64_t>(process));
}

CellPlan CellPlan::read(PacketReader& packet) {
  CellPlan plan;
  plan.id = packet.number();
  plan.is_locked_in = packet.number() != 0;
  plan.root = packet.text();
  plan.hosts = packet.text();
  plan.users = packet.text();
  plan.scratch_bytes = packet.number();
  plan.scratch = packet.text();
  plan.needed = packet.texts();
  const std::vector<std::string> pairs = packet.texts();
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2)
    plan.folders.emplace_back(pairs[i], pairs[i + 1]);
  for (std::uint64_t left = packet.number(); left > 0; --left)
    plan.guarded.push_back(static_cast<int>(packet.number()));
  return plan;
}

void ProgramPlan::write(Packet& packet) const {
  packet.add(name).add(command).add(environment).add(working_directory);
}

ProgramPlan ProgramPlan::read(PacketReader& packet) {
  ProgramPlan plan;
  plan.name = packet.text();
  plan.command = packet.texts();
  plan.environment = packet.texts();
  plan.working_directory = packet.text();
  return plan;
}

}  // namespace matinee::runtime
