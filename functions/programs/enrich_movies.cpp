#include "movies/enrich_movies.h"

int main() {
  return lambda::run(top_movies::make_enrich_movies);
}
