#include "services/kms/library.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#include <array>

#include "runtime/assertion.h"

namespace matinee::kms {

namespace {

thread_local runtime::Random* current_random = nullptr;

constexpr const char* generator_name = "MATINEE-RANDOM";
constexpr unsigned int strength_bits = 256;
constexpr std::size_t most_bytes = std::size_t{1} << 16;

/// The generator has no state: what OpenSSL calls one of its contexts is this, for all threads.
char the_generator = 0;

void* new_generator(void*, void*, const OSSL_DISPATCH*) {
  return &the_generator;
}
void free_generator(void*) {}

int uninstantiate(void*) {
  return 1;
}

int enable_locking(void*) {
  return 1;
}

int get_parameters(void*, OSSL_PARAM parameters[]) {
  OSSL_PARAM* state = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STATE);
  if (state != nullptr && OSSL_PARAM_set_int(state, EVP_RAND_STATE_READY) == 0) return 0;
  OSSL_PARAM* strength = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_STRENGTH);
  if (strength != nullptr && OSSL_PARAM_set_uint(strength, strength_bits) == 0) return 0;
  OSSL_PARAM* most = OSSL_PARAM_locate(parameters, OSSL_RAND_PARAM_MAX_REQUEST);
  return most == nullptr || OSSL_PARAM_set_size_t(most, most_bytes) != 0 ? 1 : 0;
}

/// Their signatures are OpenSSL's.
const auto instantiate = [](void*, unsigned int, int, const unsigned char*, std::size_t,
                            const OSSL_PARAM*) -> int { return 1; };
const auto generate = [](void*, unsigned char* out, std::size_t length, unsigned int, int,
                         const unsigned char*, std::size_t) -> int {
  if (current_random == nullptr) return 0;
  current_random->fill({out, length});
  return 1;
};
const auto reseed = [](void*, int, const unsigned char*, std::size_t, const unsigned char*,
                       std::size_t) -> int { return 1; };

template <class Function>
void (*as_entry(Function* function))() {
  return reinterpret_cast<void (*)()>(function);  // NOLINT: as OpenSSL wants its tables
}

const OSSL_ALGORITHM* query_operation(void*, int operation, int* no_cache) {
  static const std::array functions = {
      OSSL_DISPATCH{OSSL_FUNC_RAND_NEWCTX, as_entry(&new_generator)},
      OSSL_DISPATCH{OSSL_FUNC_RAND_FREECTX, as_entry(&free_generator)},
      OSSL_DISPATCH{OSSL_FUNC_RAND_INSTANTIATE, as_entry(+instantiate)},
      OSSL_DISPATCH{OSSL_FUNC_RAND_UNINSTANTIATE, as_entry(&uninstantiate)},
      OSSL_DISPATCH{OSSL_FUNC_RAND_GENERATE, as_entry(+generate)},
      OSSL_DISPATCH{OSSL_FUNC_RAND_RESEED, as_entry(+reseed)},
      OSSL_DISPATCH{OSSL_FUNC_RAND_ENABLE_LOCKING, as_entry(&enable_locking)},
      OSSL_DISPATCH{OSSL_FUNC_RAND_GET_CTX_PARAMS, as_entry(&get_parameters)},
      OSSL_DISPATCH{0, nullptr}};
  static const std::array algorithms = {
      OSSL_ALGORITHM{generator_name, "provider=matinee", functions.data(), "the runtime's Random"},
      OSSL_ALGORITHM{nullptr, nullptr, nullptr, nullptr}};
  *no_cache = 0;
  return operation == OSSL_OP_RAND ? algorithms.data() : nullptr;
}

int begin_provider(const OSSL_CORE_HANDLE* handle, const OSSL_DISPATCH*, const OSSL_DISPATCH** out,
                   void** context) {
  static const std::array functions = {
      OSSL_DISPATCH{OSSL_FUNC_PROVIDER_QUERY_OPERATION, as_entry(&query_operation)},
      OSSL_DISPATCH{0, nullptr}};
  *out = functions.data();
  *context = const_cast<OSSL_CORE_HANDLE*>(handle);  // NOLINT: it is not used
  return 1;
}

OSSL_LIB_CTX* make_library() {
  OSSL_LIB_CTX* library = OSSL_LIB_CTX_new();
  const bool ready = library != nullptr &&
                     OSSL_PROVIDER_add_builtin(library, "matinee", &begin_provider) == 1 &&
                     OSSL_PROVIDER_load(library, "default") != nullptr &&
                     OSSL_PROVIDER_load(library, "matinee") != nullptr &&
                     RAND_set_DRBG_type(library, generator_name, nullptr, nullptr, nullptr) == 1;
  runtime::expect(ready, "OpenSSL takes a generator of random numbers");
  return library;
}

}  // namespace

RandomScope::RandomScope(runtime::Random& random) : outer_(current_random) {
  current_random = &random;
}

RandomScope::~RandomScope() {
  current_random = outer_;
}

OSSL_LIB_CTX* library() {
  static OSSL_LIB_CTX* const made = make_library();
  return made;
}

}  // namespace matinee::kms
