// A cell is where the programs of one instance run: with a root, process numbers and a /tmp of
// their own where the machine allows it. The plan of one, as the server hands it to the launcher.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/real/sandbox/packets.h"

namespace matinee::runtime {

/// How cells are made on this machine.
enum class CellMethod : std::uint8_t {
  processes,        // plain processes: nothing is hidden from them
  user_namespace,   // everything, in a user namespace of its own
  root_namespaces,  // everything but that: the server is root, and machines may refuse it even then
};

struct CellPlan {
  std::uint64_t id = 0;
  bool is_locked_in = false;
  /// An empty folder over which the root is mounted.
  std::string root;
  /// What is seen read-only in the root: where it is on this machine, and where inside.
  std::vector<std::pair<std::string, std::string>> folders;
  /// The text of /etc/hosts; empty for the machine's own.
  std::string hosts;
  /// And of /etc/passwd.
  std::string users;
  std::uint64_t scratch_bytes = 0;
  /// Without a root of its own: the folder that serves as /tmp, and what has to be reachable for a
  /// server that is root to hand the program to another user.
  std::string scratch;
  std::vector<std::string> needed;
  /// Processes that programs must not send signals to, where they can see them.
  std::vector<int> guarded;

  void write(Packet& packet) const;
  static CellPlan read(PacketReader& packet);
};

/// A program to run in a cell. The main one has no name.
struct ProgramPlan {
  std::string name;
  std::vector<std::string> command;
  std::vector<std::string> environment;
  std::string working_directory;

  void write(Packet& packet) const;
  static ProgramPlan read(PacketReader& packet);
};

}  // namespace matinee::runtime
