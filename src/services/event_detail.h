// The detail of an event that a service sends: a flat JSON object of texts.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "protocol/json_writer.h"

namespace matinee::services {

class EventDetail {
 public:
  /// Without a text nothing is added: AWS leaves out what it does not know.
  EventDetail& add(std::string_view name, std::string_view text) {
    if (text.empty()) return *this;
    if (!text_.ends_with('{')) text_ += ',';
    protocol::json::append_string(text_, name);
    text_ += ':';
    protocol::json::append_string(text_, text);
    return *this;
  }
  std::string take() { return std::move(text_) + "}"; }

 private:
  std::string text_ = "{";
};

}  // namespace matinee::services
