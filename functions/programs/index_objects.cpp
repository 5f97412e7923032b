#include "publish/index_objects.h"

int main() {
  return lambda::run(publishing::make_index_objects);
}
