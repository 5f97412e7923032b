// Every operation of every service, to be chosen by a byte of the fuzzer's input.
#pragma once

#include <vector>

#include "cloudwatch/operations.h"
#include "dynamodb/operations.h"
#include "s3/operations.h"
#include "sqs/operations.h"
#include "sts/operations.h"

namespace matinee::fuzz {

/// Those that have shapes.
inline const std::vector<const protocol::Operation*>& operations() {
  static const std::vector<const protocol::Operation*> all = [] {
    std::vector<const protocol::Operation*> found;
    for (const auto* model :
         {&sqs::model, &dynamodb::model, &s3::model, &sts::model, &cloudwatch::model})
      for (const protocol::Operation* operation : model->operations)
        if (operation->input != nullptr) found.push_back(operation);
    return found;
  }();
  return all;
}

}  // namespace matinee::fuzz
