// OpenSSL with randomness of ours: making keys, signing and padding need random numbers, and the
// whole cloud takes them from its runtime, so that a simulation is the same run for a seed.
//
// The library has a context of its own, with a provider whose generator asks the runtime's Random
// of the scope that the thread is in. It is made at the first use, which costs a few milliseconds
// and some memory, and lives as long as the program: threads keep parts of it until they end.
#pragma once

#include <openssl/types.h>

#include "runtime/random.h"

namespace matinee::kms {

/// For as long as it lives, what OpenSSL does on this thread takes its random numbers from
/// `random`. Outside of a scope everything that needs some fails.
class RandomScope {
 public:
  explicit RandomScope(runtime::Random& random);
  ~RandomScope();
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

 private:
  runtime::Random* outer_;
};

/// The context to be given to all functions of OpenSSL that need random numbers. From any thread.
OSSL_LIB_CTX* library();

}  // namespace matinee::kms
