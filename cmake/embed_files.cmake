# Writes a C++ unit with the text of files:
#   cmake -D OUTPUT=x.cpp -D ROOT=dir -D "FILES=a b" -D HEADER=x.h -D NAMESPACE=n -D TYPE=File
#     -D FUNCTION=files -P this
# It defines `const std::vector<File>& n::files()`, of which each has its path below ROOT and its text.
set(unit "// Generated from files of the tree. Do not edit.\n#include \"${HEADER}\"\n\n")
string(APPEND unit "namespace ${NAMESPACE} {\n\nconst std::vector<${TYPE}>& ${FUNCTION}() {\n"
  "  static const std::vector<${TYPE}> files{\n")
string(REPLACE " " ";" FILES "${FILES}")
foreach(file ${FILES})
  file(READ ${ROOT}/${file} content)
  string(APPEND unit "      {\"${file}\", R\"~matinee~(${content})~matinee~\"},\n")
endforeach()
string(APPEND unit "  };\n  return files;\n}\n\n}  // namespace ${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${unit}")
