#include "services/iam/managed_policies.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "protocol/sigv4.h"
#include "runtime/assertion.h"

// The file, as one object of the program's constants.
asm(".section .rodata\n"
    ".balign 16\n"
    ".global matinee_managed_policies\n"
    "matinee_managed_policies:\n"
    ".incbin \"" MATINEE_MANAGED_POLICIES
    "\"\n"
    ".global matinee_managed_policies_end\n"
    "matinee_managed_policies_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" const char matinee_managed_policies[];
extern "C" const char matinee_managed_policies_end[];

namespace matinee::iam {

namespace {

constexpr std::string_view prefix = "arn:aws:iam::aws:policy";
constexpr std::size_t magic_size = 8;

std::uint32_t number_at(std::size_t offset) {
  std::array<unsigned char, 4> bytes{};
  std::memcpy(bytes.data(), matinee_managed_policies + offset, bytes.size());
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

std::string unpack(std::size_t offset, std::size_t packed_size, std::size_t plain_size) {
  std::string plain(plain_size, '\0');
  const std::size_t size =
      ZSTD_decompress(plain.data(), plain.size(), matinee_managed_policies + offset, packed_size);
  runtime::expect(size == plain_size, "the program's own managed policies can be unpacked");
  return plain;
}

/// Takes the next part of a text up to a letter, which goes with it.
std::string_view take(std::string_view& text, char end) {
  const std::size_t size = std::min(text.find(end), text.size());
  const std::string_view part = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return part;
}

std::uint64_t take_number(std::string_view& text, char end) {
  const std::string_view part = take(text, end);
  std::uint64_t number = 0;
  std::from_chars(part.data(), part.data() + part.size(), number);
  return number;
}

runtime::Time take_time(std::string_view& text, char end) {
  return runtime::Time(std::chrono::seconds(take_number(text, end)));
}

/// The list of all policies: unpacked when somebody asks for the first.
class Index {
 public:
  Index() {
    constexpr std::size_t header = magic_size + 4 * 4;
    const std::size_t blocks = number_at(magic_size + 4);
    const std::size_t packed_size = number_at(magic_size + 8);
    sizes_ = header;
    const std::size_t start = header + blocks * 8;
    text_ = unpack(start, packed_size, number_at(magic_size + 12));
    std::size_t offset = start + packed_size;
    for (std::size_t block = 0; block < blocks; ++block) {
      blocks_.push_back(static_cast<std::uint32_t>(offset));
      offset += number_at(sizes_ + block * 8);
    }
    lines_.reserve(number_at(magic_size));
    for (std::size_t at = 0; at < text_.size(); at = text_.find('\n', at) + 1)
      lines_.push_back(static_cast<std::uint32_t>(at));
  }

  std::size_t size() const { return lines_.size(); }
  /// What follows the prefix that all ARNs have, and the rest.
  std::string_view line(std::size_t place) const {
    const std::string_view rest = std::string_view(text_).substr(lines_[place]);
    return rest.substr(0, rest.find('\n'));
  }
  std::string_view resource(std::size_t place) const {
    const std::string_view whole = line(place);
    return whole.substr(0, whole.find('\t'));
  }
  std::size_t place_of(std::string_view resource_name) const {
    std::size_t low = 0;
    std::size_t high = size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (resource(middle) < resource_name)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }
  /// The text at that place of a block.
  std::string text(std::size_t block, std::size_t place) const {
    const std::string plain =
        unpack(blocks_[block], number_at(sizes_ + block * 8), number_at(sizes_ + block * 8 + 4));
    return plain.substr(place, plain.find('\n', place) - place);
  }

 private:
  std::string text_;
  std::size_t sizes_ = 0;
  std::vector<std::uint32_t> lines_;
  std::vector<std::uint32_t> blocks_;
};

const Index& index() {
  static const Index all;
  return all;
}

/// AWS's policies have had the same ids for ever, which nobody has listed: here they follow from
/// the ARN.
std::string id_of(std::string_view arn) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::size_t size = 17;
  const protocol::sigv4::Digest digest = protocol::sigv4::hmac_sha256("matinee", std::string(arn));
  std::string id = "ANPA";
  for (std::size_t i = 0; i < size; ++i) id += letters[static_cast<unsigned char>(digest[i]) & 31U];
  return id;
}

/// The line of a policy without its ARN; empty for unknown ones.
std::string_view find_line(std::string_view arn) {
  if (!arn.starts_with(prefix)) return {};
  const std::string_view resource = arn.substr(prefix.size());
  const std::size_t place = index().place_of(resource);
  if (place == index().size() || index().resource(place) != resource) return {};
  std::string_view line = index().line(place);
  take(line, '\t');
  return line;
}

/// The part of a line that lists versions.
std::string_view versions_of(std::string_view line) {
  return line.substr(line.rfind('\t') + 1);
}

}  // namespace

std::size_t managed_policy_count() {
  return index().size();
}

std::size_t managed_policy_place(std::string_view arn) {
  if (arn <= prefix) return 0;
  if (!arn.starts_with(prefix)) return arn < prefix ? 0 : index().size();
  return index().place_of(arn.substr(prefix.size()));
}

ManagedPolicy managed_policy_at(std::size_t place) {
  std::string_view line = index().line(place);
  const std::string_view resource = take(line, '\t');
  const std::size_t slash = resource.rfind('/');
  ManagedPolicy policy;
  policy.arn = std::string(prefix) + std::string(resource);
  policy.name = resource.substr(slash + 1);
  policy.path = resource.substr(0, slash + 1);
  policy.id = id_of(policy.arn);
  policy.created = take_time(line, '\t');
  policy.updated = take_time(line, '\t');
  policy.default_version = static_cast<std::uint32_t>(take_number(line, '\t'));
  return policy;
}

std::optional<ManagedPolicy> find_managed_policy(std::string_view arn) {
  if (find_line(arn).empty()) return std::nullopt;
  return managed_policy_at(managed_policy_place(arn));
}

std::optional<std::string> find_managed_policy_arn(std::string_view name) {
  for (std::size_t place = 0; place < index().size(); ++place) {
    const std::string_view resource = index().resource(place);
    if (resource.substr(resource.rfind('/') + 1) == name)
      return std::string(prefix) + std::string(resource);
  }
  return std::nullopt;
}

std::vector<ManagedPolicyVersion> managed_policy_versions(std::string_view arn) {
  std::vector<ManagedPolicyVersion> versions;
  std::string_view rest = versions_of(find_line(arn));
  while (!rest.empty()) {
    std::string_view entry = take(rest, ',');
    ManagedPolicyVersion version;
    version.number = static_cast<std::uint32_t>(take_number(entry, ':'));
    version.created = take_time(entry, ':');
    versions.push_back(std::move(version));
  }
  return versions;
}

std::optional<ManagedPolicyVersion> find_managed_policy_version(std::string_view arn,
                                                                std::uint32_t number) {
  std::string_view rest = versions_of(find_line(arn));
  while (!rest.empty()) {
    std::string_view entry = take(rest, ',');
    if (take_number(entry, ':') != number) continue;
    ManagedPolicyVersion version{.number = number, .created = take_time(entry, ':')};
    const std::size_t block = take_number(entry, ':');
    version.text = index().text(block, take_number(entry, ':'));
    return version;
  }
  return std::nullopt;
}

}  // namespace matinee::iam
