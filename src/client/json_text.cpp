#include "client/json_text.h"

#include "protocol/json_writer.h"

namespace matinee::client {

std::string to_json(const protocol::Structure& structure, const void* object) {
  std::string json;
  protocol::json::append_structure(json, structure, object);
  return json;
}

}  // namespace matinee::client
