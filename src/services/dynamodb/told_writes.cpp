#include "services/dynamodb/told_writes.h"

#include "protocol/base64.h"
#include "protocol/json_writer.h"
#include "services/dynamodb/catalog.h"
#include "services/dynamodb/values/size.h"

namespace matinee::dynamodb {

namespace {

/// Of a part of a key; nobody reads more.
constexpr std::size_t longest_part = 200;

std::string part_text(const Item& item, const KeyAttribute& key) {
  const auto found = item.find(key.name);
  if (found == item.end()) return "";
  std::string text;
  if (const auto* string = found->second.find<std::string>())
    text = *string;
  else if (const auto* number = found->second.find<Number>())
    text = number->to_string();
  else if (const auto* binary = found->second.find<Binary>())
    text = protocol::base64_encode(binary->bytes);
  return text.substr(0, longest_part);
}

}  // namespace

std::string key_text(const KeySchema& keys, const Item& item) {
  std::string text = part_text(item, keys.partition);
  if (keys.sort) text += "/" + part_text(item, *keys.sort);
  return text;
}

namespace {

/// As the API writes it: {"id":{"S":"metropolis"}}.
std::string to_json(const Item& item) {
  std::string text = "{";
  for (const auto& [name, value] : item) {
    if (text.size() > 1) text += ',';
    protocol::json::append_string(text, name);
    text += ':';
    attribute_value_access.write_json(&value, text);
  }
  return text += '}';
}

}  // namespace

void ToldWrites::tell(const TableRecord& table) {
  tell(table, services::HopKind::wrote, written_);
  tell(table, services::HopKind::deleted, removed_);
  if (writes_.changes) writes_.changes->tell_journal(caller_);
}

void ToldWrites::tell(const TableRecord& table, services::HopKind kind,
                      std::vector<const Item*>& items) const {
  if (items.empty()) return;
  std::vector<std::string> keys;
  std::vector<std::string> bodies;
  keys.reserve(items.size());
  bodies.reserve(items.size());
  std::vector<services::HopMessage> what;
  for (const Item* item : items) {
    keys.push_back(key_text(table.keys, *item));
    if (kind == services::HopKind::wrote && table.sse_type)
      what.push_back({.id = keys.back(), .bytes = size_of(*item)});
    else if (kind == services::HopKind::wrote)
      what.push_back({.id = keys.back(),
                      .bytes = size_of(*item),
                      .body = bodies.emplace_back(to_json(*item))});
    else
      what.push_back({.id = keys.back()});
  }
  items.clear();
  const std::string arn = table_arn(table);
  writes_.items.tell(caller_, {.kind = kind,
                               .account = table.account,
                               .region = table.region,
                               .resource = arn,
                               .what = what});
}

}  // namespace matinee::dynamodb
