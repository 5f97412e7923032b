#include "movies/get_top_movies.h"

int main() {
  return lambda::run(top_movies::make_get_top_movies);
}
