// Conditions that take too long for the state thread: a hundred searches in an item of 400 KB. A
// worker looks at them, with a copy of the item, and what it has found counts for as long as the
// item is the same.
#pragma once

#include <memory>
#include <unordered_map>

#include "runtime/loop.h"
#include "runtime/task.h"
#include "runtime/workers.h"
#include "services/dynamodb/expressions/expression.h"

namespace matinee::dynamodb {

class HeavyConditions {
 public:
  HeavyConditions(runtime::Loop& loop, runtime::Workers& workers)
      : loop_(loop), workers_(workers) {}

  /// Whether the item meets the condition, for the operation of `request`. Throws services::Later
  /// where a worker has to find out first: the operation is called again then.
  bool matches(const void* request, const expressions::Condition& condition, const Item& item);

  /// Whether a worker should look at it; `bytes` is the size of the item.
  static bool is_heavy(const expressions::Condition& condition, std::size_t bytes);
  /// As expressions::matches, on a worker. Both must outlive the task.
  runtime::Task<bool> matches_elsewhere(const expressions::Condition& condition, const Item& item);

 private:
  /// What a worker has been asked.
  struct Question {
    expressions::Condition condition;
    Item item;
    bool answer = false;
    int asked_before = 0;  // about earlier contents of the item
  };

  runtime::Loop& loop_;
  runtime::Workers& workers_;
  /// By request. Whoever calls the operation again holds the question.
  std::unordered_map<const void*, std::weak_ptr<Question>> questions_;
};

}  // namespace matinee::dynamodb
