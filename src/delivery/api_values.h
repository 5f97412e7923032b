// Requests and responses of any operation as trees, by the operation's own tables: what makes
// resources calls services so.
#pragma once

#include "protocol/operation.h"
#include "protocol/violation.h"
#include "templates/tree.h"

namespace matinee::delivery {

/// Fills a fresh request by `structure`. Members are found by their names, letters' case apart;
/// null ones are absent. Texts become numbers and truths; a map or list for which there is a text
/// becomes its JSON; {Key, Value} pairs a map, and a map such pairs. Missing members that are
/// required go to `violations`. Throws ServiceError "ValidationException" for a member that there
/// is not, and for a value that is none of the member's type.
void read_request(const protocol::Structure& structure, const templates::Value& tree, void* request,
                  protocol::Violations& violations);

/// All members that are there, in the order of the table. Blobs and streams are base64, timestamps
/// ISO 8601.
templates::Value response_tree(const protocol::Structure& structure, const void* response);

}  // namespace matinee::delivery
