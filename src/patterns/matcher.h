// Whether an event has values for all clauses of a branch that can be seen together.
#pragma once

#include "patterns/rule.h"

namespace matinee::patterns {

bool matches_branch(const Rule& rule, const Branch& branch, const Event& event);

/// As above, for a branch of which the clause `known` was seen to hold for a value that is not
/// within an element of an array.
bool matches_rest(const Rule& rule, const Branch& branch, const Event& event, std::uint32_t known);

/// How many clauses, from the first on, hold together at most.
std::size_t longest_match(const Rule& rule, const Branch& branch, const Event& event);

}  // namespace matinee::patterns
