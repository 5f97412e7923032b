#include "services/s3/configurations/configurations.h"

#include <pugixml.hpp>

#include "protocol/error.h"
#include "protocol/xml.h"

namespace matinee::s3 {

namespace {

constexpr std::string_view root = "Configuration";

}  // namespace

Configurations::Configurations(storage::Store& store) : table_(store, storage::TableId{0x0310}) {}

void Configurations::scan(const std::string& bucket, ConfigurationKind kind,
                          const std::string& after, const Visit& visit) const {
  storage::KeyRange range = table_.prefix(bucket, kind);
  if (!after.empty()) range = table_.after(range, key(bucket, kind, after));
  table_.scan(range, visit);
}

std::string Configurations::write(const protocol::Structure& shape, const void* configuration) {
  std::string document;
  protocol::xml::append_document(
      document, {.name = root, .xml_namespace = "", .structure = shape, .object = configuration});
  return document;
}

void Configurations::read(const ConfigurationRecord& record, const protocol::Structure& shape,
                          void* object) {
  try {
    pugi::xml_document document;
    const pugi::xml_node node = protocol::xml::parse(document, record.document);
    if (shape.payload)
      protocol::xml::read_members(*shape.payload->type->structure, node,
                                  shape.payload->emplace(object));
    else
      protocol::xml::read_members(shape, node, object);
  } catch (const protocol::ServiceError&) {
    throw storage::DamagedRecord("a stored configuration is not well-formed");
  }
}

}  // namespace matinee::s3
