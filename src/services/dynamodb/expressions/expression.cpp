#include "services/dynamodb/expressions/expression.h"

namespace matinee::dynamodb::expressions {

std::string DocumentPath::to_string() const {
  std::string text = "[";
  for (const PathElement& element : elements) {
    if (text.size() > 1) text += ", ";
    text += element.is_index ? "[" + std::to_string(element.index) + "]" : element.name;
  }
  return text + "]";
}

}  // namespace matinee::dynamodb::expressions
