#include "services/dynamodb/heavy_conditions.h"

#include "services/dynamodb/expressions/evaluate.h"
#include "services/dynamodb/values/size.h"
#include "services/endpoint.h"

namespace matinee::dynamodb {
namespace {

/// Bytes looked at, each by each operand: at worst some milliseconds.
constexpr std::size_t most_at_once = std::size_t{1} << 20;
/// Who changes an item all the time must not keep others from an answer for ever.
constexpr int most_questions = 5;

std::size_t count_operands(const expressions::Condition& condition) {
  std::size_t operands = 0;
  expressions::for_each_operand(condition, [&](const expressions::Operand&) { ++operands; });
  return operands;
}

}  // namespace

bool HeavyConditions::is_heavy(const expressions::Condition& condition, std::size_t bytes) {
  // Two operands are one comparison.
  return bytes > most_at_once / 1024 && count_operands(condition) / 2 * bytes > most_at_once;
}

bool HeavyConditions::matches(const void* request, const expressions::Condition& condition,
                              const Item& item) {
  if (!is_heavy(condition, max_item_bytes) || !is_heavy(condition, size_of(item)))
    return expressions::matches(condition, item);
  int asked_before = 0;
  if (const auto place = questions_.find(request); place != questions_.end()) {
    const std::shared_ptr<Question> known = place->second.lock();
    questions_.erase(place);
    if (known && known->item == item) return known->answer;
    if (known) asked_before = known->asked_before + 1;
  }
  if (asked_before == most_questions) return expressions::matches(condition, item);
  std::erase_if(questions_, [](const auto& entry) { return entry.second.expired(); });
  const auto question = std::make_shared<Question>(
      Question{.condition = condition, .item = item, .asked_before = asked_before});
  questions_[request] = question;
  throw services::Later{
      [question] { question->answer = expressions::matches(question->condition, question->item); }};
}

runtime::Task<bool> HeavyConditions::matches_elsewhere(const expressions::Condition& condition,
                                                       const Item& item) {
  const auto promised = std::make_shared<runtime::Promised<bool>>();
  workers_.post([&loop = loop_, promised, &condition, &item] {
    const bool answer = expressions::matches(condition, item);
    loop.post([promised, answer] { promised->set(answer); });
  });
  co_return co_await *promised;
}

}  // namespace matinee::dynamodb
