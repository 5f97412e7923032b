#include "runtime/real/sandbox/packets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace matinee::runtime {
namespace {

constexpr std::size_t most_descriptors = 4;

/// Room for the descriptors of a packet, aligned as the system wants it.
union ControlBytes {
  cmsghdr header;
  std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes;
};

}  // namespace

OwnedDescriptor& OwnedDescriptor::operator=(OwnedDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    number_ = other.release();
  }
  return *this;
}

void OwnedDescriptor::reset() {
  if (number_ >= 0) ::close(std::exchange(number_, -1));
}

std::optional<DescriptorPair> DescriptorPair::pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  return DescriptorPair{OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1])};
}

std::optional<DescriptorPair> DescriptorPair::packets() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return std::nullopt;
  return DescriptorPair{OwnedDescriptor(ends[0]), OwnedDescriptor(ends[1])};
}

Packet& Packet::add(std::uint64_t number) {
  std::array<char, sizeof(number)> bytes{};
  std::memcpy(bytes.data(), &number, sizeof(number));
  bytes_.append(bytes.data(), bytes.size());
  return *this;
}

Packet& Packet::add(std::string_view text) {
  add(text.size());
  bytes_.append(text);
  return *this;
}

Packet& Packet::add(const std::vector<std::string>& texts) {
  add(texts.size());
  for (const std::string& text : texts) add(std::string_view(text));
  return *this;
}

Packet& Packet::add_descriptor(int descriptor) {
  descriptors_.push_back(descriptor);
  return *this;
}

bool Packet::send(int socket, bool waits) const {
  iovec piece{.iov_base = const_cast<char*>(bytes_.data()), .iov_len = bytes_.size()};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  ControlBytes control{};
  if (!descriptors_.empty()) {
    const std::size_t size = descriptors_.size() * sizeof(int);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(size);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(size);
    std::memcpy(CMSG_DATA(&control.header), descriptors_.data(), size);
  }
  const int flags = MSG_NOSIGNAL | (waits ? 0 : MSG_DONTWAIT);
  for (;;) {
    const ssize_t sent = ::sendmsg(socket, &message, flags);
    if (sent >= 0) return true;
    if (errno != EINTR) return false;
  }
}

std::optional<PacketReader> PacketReader::receive(int socket, bool waits) {
  PacketReader reader;
  const int flags = waits ? 0 : MSG_DONTWAIT;
  // Truncation tells the whole length of the packet that is there.
  ssize_t size = -1;
  do {
    // Where the other end has left something unread, that is told first, once; what it has sent is
    // still there.
    size = ::recv(socket, nullptr, 0, flags | MSG_PEEK | MSG_TRUNC);
  } while (size < 0 && (errno == EINTR || errno == ECONNRESET));
  if (size <= 0) return std::nullopt;
  reader.bytes_.resize(static_cast<std::size_t>(size));
  iovec piece{.iov_base = reader.bytes_.data(), .iov_len = reader.bytes_.size()};
  ControlBytes control{};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = &control;
  message.msg_controllen = sizeof(control);
  do {
    size = ::recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return std::nullopt;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::array<int, most_descriptors> numbers{};
    std::memcpy(numbers.data(), CMSG_DATA(header), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i) reader.descriptors_.emplace_back(numbers[i]);
  }
  reader.kind_ = static_cast<PacketKind>(reader.bytes_.front());
  return reader;
}

std::uint64_t PacketReader::number() {
  std::uint64_t number = 0;
  if (bytes_.size() - position_ < sizeof(number)) return 0;
  std::memcpy(&number, bytes_.data() + position_, sizeof(number));
  position_ += sizeof(number);
  return number;
}

std::string PacketReader::text() {
  const std::size_t size = std::min<std::size_t>(number(), bytes_.size() - position_);
  std::string text = bytes_.substr(position_, size);
  position_ += size;
  return text;
}

std::vector<std::string> PacketReader::texts() {
  std::vector<std::string> texts;
  for (std::uint64_t left = number(); left > 0 && position_ < bytes_.size(); --left)
    texts.push_back(text());
  return texts;
}

OwnedDescriptor PacketReader::descriptor() {
  if (next_descriptor_ >= descriptors_.size()) return OwnedDescriptor();
  return std::move(descriptors_[next_descriptor_++]);
}

}  // namespace matinee::runtime
