#include "protocol/json_text.h"

#include <simdjson.h>

namespace matinee::protocol::json {

bool is_json(std::string_view text) {
  simdjson::dom::parser parser;
  return parser.parse(simdjson::padded_string(text)).error() == simdjson::SUCCESS;
}

bool is_object(std::string_view text) {
  simdjson::dom::parser parser;
  return parser.parse(simdjson::padded_string(text)).get_object().error() == simdjson::SUCCESS;
}

}  // namespace matinee::protocol::json
