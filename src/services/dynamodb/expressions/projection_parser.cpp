// Projection: paths, separated by commas.
#include "services/dynamodb/expressions/parser.h"
#include "services/dynamodb/expressions/path_parser.h"

namespace matinee::dynamodb::expressions {

Projection parse_projection(std::string_view text, Substitutions& substitutions) {
  TokenReader reader(text, "ProjectionExpression");
  Mistakes mistakes;
  PathParser paths(reader, substitutions, mistakes,
                   {Mistake::undefined_placeholder, Mistake::undefined_placeholder});
  Projection projection;
  do {
    projection.paths.push_back(paths.parse_path());
  } while (reader.take_if(TokenKind::comma));
  reader.require(TokenKind::end);

  std::vector<const DocumentPath*> all;
  for (const DocumentPath& path : projection.paths) all.push_back(&path);
  check_paths(all, mistakes);
  const std::string mistake =
      mistakes.first({Mistake::reserved_word, Mistake::undefined_placeholder, Mistake::overlap,
                      Mistake::conflict});
  if (!mistake.empty()) reader.fail(mistake);
  return projection;
}

}  // namespace matinee::dynamodb::expressions
