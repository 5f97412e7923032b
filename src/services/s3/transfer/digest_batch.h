// The MD5 of small objects, which is what storing one costs most: of several at once, as they come
// in with one round of an I/O thread, each costs half or a third.
#pragma once

#include <memory>
#include <vector>

#include "protocol/body.h"

namespace matinee::s3 {

struct ReceivedContent;

class DigestBatch {
 public:
  /// Takes the content of a body that leaves its MD5 to be computed; others it lets be.
  void add(const protocol::Body& body);
  /// Computes what is missing. Before somebody else has the contents in hand.
  void finish();

 private:
  std::vector<std::shared_ptr<ReceivedContent>> waiting_;
};

}  // namespace matinee::s3
