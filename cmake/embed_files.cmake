# Writes a C++ unit with the text of files: cmake -D OUTPUT=x.cpp -D ROOT=dir -D "FILES=a;b" -P this.
# Each is an entry of `matinee::embedded_files`, named by its path below ROOT.
set(unit "// Generated from files of the tree. Do not edit.\n#include \"services/lambda/running/loaders.h\"\n\n")
string(APPEND unit "namespace matinee::lambda {\n\nconst std::vector<LoaderFile>& loader_files() {\n"
  "  static const std::vector<LoaderFile> files{\n")
string(REPLACE " " ";" FILES "${FILES}")
foreach(file ${FILES})
  file(READ ${ROOT}/${file} content)
  string(APPEND unit "      {\"${file}\", R\"~matinee~(${content})~matinee~\"},\n")
endforeach()
string(APPEND unit "  };\n  return files;\n}\n\n}  // namespace matinee::lambda\n")
file(WRITE ${OUTPUT} "${unit}")
