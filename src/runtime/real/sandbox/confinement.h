// What programs in a cell may not do, whatever they are.
#pragma once

#include <optional>
#include <string>

#include "runtime/real/sandbox/cell_plan.h"

namespace matinee::runtime {

/// As on AWS.
constexpr int inner_user = 993;
constexpr int inner_group = 990;
/// That user in /etc/passwd, by AWS's name: programs such as Node.js ask for its home.
constexpr const char* user_line = "sbx_user1051:x:993:990::/home/sbx_user1051:/sbin/nologin\n";

/// The user that a server which is root gives a cell, as the machine sees it: one of a range that
/// is handed out to nobody, so that cells are strangers to each other.
int outer_user(std::uint64_t cell);

/// Gives up all rights for this process and all that it starts: another user where it may be,
/// no capabilities, no privileges of programs, limits, a filter of system calls. Returns what the
/// machine has refused.
std::optional<std::string> confine(const CellPlan& plan, CellMethod method);

}  // namespace matinee::runtime
