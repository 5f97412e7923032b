// The other Serverless types.
#pragma once

#include <string>

#include "templates/sam/translation.h"

namespace matinee::templates::sam {

// Each adds everything that is made of the resource, and throws SamFault.
void translate_table(Translation& translation, const std::string& id, const Value& source);
void translate_layer(Translation& translation, const std::string& id, const Value& source);
void translate_application(Translation& translation, const std::string& id, const Value& source);
/// After all others: it looks at what has been made of the two ends.
void translate_connector(Translation& translation, const std::string& id, const Value& source);

/// Connectors inside of other resources as connectors of their own, by their ids. Removes them
/// there.
std::vector<Member> take_embedded_connectors(Value& root);

}  // namespace matinee::templates::sam
