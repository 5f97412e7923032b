// Whether an event has values for all clauses of a branch that can be seen together.
#pragma once

#include "patterns/rule.h"

namespace matinee::patterns {

bool matches_branch(const Rule& rule, const Branch& branch, const Event& event);

/// How many clauses, from the first on, hold together at most; with `limit` of them it is enough.
std::size_t longest_match(const Rule& rule, const Branch& branch, const Event& event);

}  // namespace matinee::patterns
