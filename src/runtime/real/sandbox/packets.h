// Packets between the server, the launcher of sandboxes, and the first process of each sandbox: a
// kind, fields, and descriptors, over a socket that keeps packets apart.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace matinee::runtime {

/// A descriptor that is closed with it.
class OwnedDescriptor {
 public:
  explicit OwnedDescriptor(int number = -1) : number_(number) {}
  OwnedDescriptor(OwnedDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  OwnedDescriptor& operator=(OwnedDescriptor&& other) noexcept;
  ~OwnedDescriptor() { reset(); }

  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }
  void reset();

 private:
  int number_;
};

/// Both ends of something; neither is inherited by programs.
struct DescriptorPair {
  OwnedDescriptor first;   // the reading end of a pipe
  OwnedDescriptor second;  // the writing one

  static std::optional<DescriptorPair> pipe();
  static std::optional<DescriptorPair> packets();
};

enum class PacketKind : std::uint8_t {
  // To the launcher.
  hello,  // where roots are mounted, and whether to lock in
  make,   // a cell; its end of the control socket, and its control group where it has one
  // From the launcher.
  able,    // what `hello` has found out
  made,    // a cell, its process and the descriptor of that
  unmade,  // a cell that could not be made: a sentence
  // To the first process of a cell.
  run,        // a program; its output, and where it writes records, if it does
  terminate,  // SIGTERM for the main program
  kill,       // SIGKILL for all programs
  // From the first process.
  up,      // its root is made; its view of /proc where it has one of its own
  failed,  // it could not be made: a sentence
  ended,   // a program: its name, how, or why it did not begin
  empty,   // nothing runs in it any more
};

/// Writes what PacketReader reads.
class Packet {
 public:
  explicit Packet(PacketKind kind) { bytes_.push_back(static_cast<char>(kind)); }

  Packet& add(std::uint64_t number);
  Packet& add(std::string_view text);
  Packet& add(const std::vector<std::string>& texts);
  /// The caller keeps it open until the packet was sent.
  Packet& add_descriptor(int descriptor);

  /// False, with errno, where it cannot be sent now (EAGAIN) or not at all. Never waits where
  /// `waits` is false.
  bool send(int socket, bool waits) const;

 private:
  std::string bytes_;
  std::vector<int> descriptors_;
};

/// What has arrived. Fields that are missing read as nothing: both ends are the same program.
class PacketReader {
 public:
  /// Nothing at the end of the socket, on errors, and (errno EAGAIN) where nothing is there.
  static std::optional<PacketReader> receive(int socket, bool waits);

  PacketKind kind() const { return kind_; }
  std::uint64_t number();
  std::string text();
  std::vector<std::string> texts();
  /// The next one; none where there are no more.
  OwnedDescriptor descriptor();

 private:
  PacketKind kind_ = PacketKind::empty;
  std::string bytes_;
  std::size_t position_ = 1;
  std::vector<OwnedDescriptor> descriptors_;
  std::size_t next_descriptor_ = 0;
};

}  // namespace matinee::runtime
