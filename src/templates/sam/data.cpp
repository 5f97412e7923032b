#include "templates/sam/data.h"

#include <fmt/format.h>

#include "templates/reader.h"

// The file, as one object of the program's constants.
asm(".section .rodata\n"
    ".global matinee_sam_policies\n"
    "matinee_sam_policies:\n"
    ".incbin \"" MATINEE_SAM_POLICIES
    "\"\n"
    ".global matinee_sam_policies_end\n"
    "matinee_sam_policies_end:\n"
    ".byte 0\n"
    ".text\n");

extern "C" const char matinee_sam_policies[];
extern "C" const char matinee_sam_policies_end[];

namespace matinee::templates::sam {

namespace {

/// The file has a line for each entry: its key, a tab, and JSON.
std::optional<Value> find_line(const std::string& key) {
  std::string_view rest(matinee_sam_policies,
                        static_cast<std::size_t>(matinee_sam_policies_end - matinee_sam_policies));
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == '\t')
      return read_value(line.substr(key.size() + 1));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> find_policy_template(std::string_view name) {
  return find_line(fmt::format("policy {}", name));
}

std::optional<Value> find_connector_profile(std::string_view source, std::string_view destination) {
  return find_line(fmt::format("connector {} {}", source, destination));
}

std::optional<Value> find_connectable(std::string_view type) {
  return find_line(fmt::format("connectable {}", type));
}

}  // namespace matinee::templates::sam
