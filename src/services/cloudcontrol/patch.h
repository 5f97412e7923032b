// JSON Patch, RFC 6902.
#pragma once

#include <stdexcept>
#include <string>

#include "templates/tree.h"

namespace matinee::cloudcontrol {

/// Why a patch cannot be applied.
class PatchError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// All operations of the patch, or PatchError. Operations are add, remove, replace, move, copy and
/// test.
templates::Value apply_patch(templates::Value document, const templates::Value& patch);

}  // namespace matinee::cloudcontrol
