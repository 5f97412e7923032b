// What is wrong with a template, and where.
#pragma once

#include <exception>
#include <string>

#include "templates/tree.h"

namespace matinee::templates {

/// What is wrong with a template, in CloudFormation's words: its code is ValidationError.
class TemplateError : public std::exception {
 public:
  explicit TemplateError(std::string message, Place place = {})
      : message(std::move(message)), place(place) {}
  const char* what() const noexcept override { return message.c_str(); }

  std::string message;
  Place place;  // of what is wrong, where that is known
};

}  // namespace matinee::templates
